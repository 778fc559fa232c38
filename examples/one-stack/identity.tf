data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "mailer" {
  name               = "newsletter-mailer"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

# Written out rather than read from a data source: Terraform reads those anew whenever something they name changes, and
# until then nobody knows what the policy will say.
resource "aws_iam_role_policy" "mailer" {
  name = "data"
  role = aws_iam_role.mailer.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
        Resource = aws_dynamodb_table.subscribers.arn
      },
      {
        Effect   = "Allow"
        Action   = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"]
        Resource = aws_sqs_queue.outgoing.arn
      },
    ]
  })
}
