data "aws_region" "current" {}

locals {
  name = "reports-${data.aws_region.current.name}"
}

resource "aws_dynamodb_table" "reports" {
  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "account"

  attribute {
    name = "account"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_sqs_queue" "jobs" {
  name                       = "${local.name}-jobs"
  visibility_timeout_seconds = 900
}

resource "aws_ssm_parameter" "refresh_hours" {
  name  = "/reports/refresh-hours"
  type  = "String"
  value = tostring(var.refresh_hours)
}

resource "aws_cloudwatch_log_group" "collector" {
  name              = "/reports/collector"
  retention_in_days = var.log_retention_days
}
