terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.copy]
    }
  }
}

resource "aws_sns_topic" "own" {
  name = "own"
}

resource "aws_sns_topic" "copy" {
  provider = aws.copy
  name     = "copy"
}

module "inner_own" {
  source = "../inner"
}

module "inner_copy" {
  for_each = toset(["a", "b.c"])
  source   = "../inner"

  providers = {
    aws = aws.copy
  }
}
