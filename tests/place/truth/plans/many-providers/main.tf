terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "site" {
  type    = object({ region = string, name = string })
  default = { region = "eu-west-2", name = "london" }
}

locals {
  asia = "ap-northeast-1"
}

provider "aws" {
  region                      = var.site.region
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

provider "aws" {
  alias                       = "gov"
  region                      = "us-gov-east-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

provider "aws" {
  alias                       = "beijing"
  region                      = "cn-north-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

# A local is not in the plan.
provider "aws" {
  alias                       = "asia"
  region                      = local.asia
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

resource "aws_sqs_queue" "home" {
  name = "home"
}

resource "aws_sqs_queue" "asia" {
  provider = aws.asia
  name     = "asia"
}

resource "aws_ebs_volume" "asia" {
  provider          = aws.asia
  availability_zone = "ap-northeast-1c"
  size              = 8
}

resource "aws_iam_role" "home" {
  name               = "home"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::444455556666:root" } }] })
}

resource "aws_iam_role" "gov" {
  provider           = aws.gov
  name               = "gov"
  assume_role_policy = "{}"
}

resource "aws_route53_zone" "beijing" {
  provider = aws.beijing
  name     = "example.cn"
}

resource "aws_dynamodb_table" "orders" {
  name             = "orders"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "id"
    type = "S"
  }

  replica {
    region_name = "us-east-1"
  }
}

module "outer" {
  source = "./modules/outer"

  providers = {
    aws      = aws.gov
    aws.copy = aws.beijing
  }
}
