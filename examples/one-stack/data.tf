resource "aws_dynamodb_table" "subscribers" {
  name         = "newsletter-subscribers"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "address"

  attribute {
    name = "address"
    type = "S"
  }

  server_side_encryption {
    enabled = true
  }
}

resource "aws_sqs_queue" "outgoing" {
  name                       = "newsletter-outgoing"
  visibility_timeout_seconds = 60
  message_retention_seconds  = 345600
}
