Feature: China has owners of its own

  Scenario: Nothing of a China partition is in the plan
    Given I have any resource defined
    When it has arn
    Then it must have arn
    And its value must not match the "^arn:aws-cn:.*" regex
