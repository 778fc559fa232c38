resource "aws_kms_key" "payments" {
  description         = "Payments at rest"
  enable_key_rotation = true
}

resource "aws_dynamodb_table" "payments" {
  name                        = "payments"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.payments.arn
  }
}

resource "aws_sqs_queue" "settlements" {
  name                       = "payments-settlements"
  kms_master_key_id          = aws_kms_key.payments.arn
  visibility_timeout_seconds = 120
}
