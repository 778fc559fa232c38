terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "name" { type = string }
variable "retention_days" { type = number }
variable "tags" { type = map(string) }

resource "aws_kms_key" "store" {
  description             = "Key of ${var.name}"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  tags                    = var.tags
}

resource "aws_dynamodb_table" "items" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  tags         = var.tags

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = min(var.retention_days, 35)
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.store.arn
  }
}

output "table_name" {
  value = aws_dynamodb_table.items.name
}

output "table_arn" {
  value = aws_dynamodb_table.items.arn
}
