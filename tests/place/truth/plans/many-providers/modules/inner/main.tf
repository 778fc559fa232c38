terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_kms_key" "this" {
  description = "inner"
}

resource "aws_cloudwatch_log_group" "this" {
  name = "inner"
}

resource "aws_iam_policy" "this" {
  name   = "inner"
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_s3_bucket" "this" {
  bucket_prefix = "inner-"
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}
