data "aws_caller_identity" "current" {}

resource "aws_cloudwatch_log_group" "mailer" {
  name              = "/newsletter/mailer"
  retention_in_days = 30
}

resource "aws_lambda_function" "mailer" {
  function_name = "newsletter-mailer"
  role          = aws_iam_role.mailer.arn
  package_type  = "Image"
  image_uri     = "${data.aws_caller_identity.current.account_id}.dkr.ecr.eu-central-1.amazonaws.com/newsletter:2.3.0"
  timeout       = 30
  memory_size   = 512

  environment {
    variables = {
      SUBSCRIBERS = aws_dynamodb_table.subscribers.name
      OUTGOING    = aws_sqs_queue.outgoing.url
    }
  }

  image_config {
    command = ["mailer.handle"]
  }

  depends_on = [aws_cloudwatch_log_group.mailer]
}

resource "aws_lambda_function_url" "sign_up" {
  function_name      = aws_lambda_function.mailer.function_name
  authorization_type = "AWS_IAM"
}
