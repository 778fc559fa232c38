terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }
}

variable "home_region" {
  type    = string
  default = "eu-central-1"
}

variable "environment" {
  type = string
}

variable "services" {
  type = map(object({ port = number }))
}

variable "copies" {
  description = "How many queues each service has."
  type        = number
}

locals {
  tags = {
    environment = var.environment
    managed_by  = "terraform"
  }
}

provider "aws" {
  region = var.home_region
}

provider "aws" {
  alias  = "eu_north_1"
  region = "eu-north-1"
}

module "network_eu_north_1" {
  source    = "./modules/network"
  providers = { aws = aws.eu_north_1 }

  name = "eu-north-1"
  cidr = "10.42.0.0/16"
  tags = local.tags
}

module "team_first" {
  source    = "./modules/team"
  for_each  = var.services
  providers = { aws = aws.eu_north_1 }

  name         = "team-first-${each.key}"
  port         = each.value.port
  copies       = var.copies
  vpc_id       = module.network_eu_north_1.vpc_id
  subnet_ids   = module.network_eu_north_1.subnet_ids
  cluster_arn  = module.network_eu_north_1.cluster_arn
  topic_arn    = module.network_eu_north_1.topic_arn
  upstream_url = "https://upstream.example.com"
  tags         = local.tags
}

module "team_second" {
  source    = "./modules/team"
  for_each  = var.services
  providers = { aws = aws.eu_north_1 }

  name         = "team-second-${each.key}"
  port         = each.value.port
  copies       = var.copies
  vpc_id       = module.network_eu_north_1.vpc_id
  subnet_ids   = module.network_eu_north_1.subnet_ids
  cluster_arn  = module.network_eu_north_1.cluster_arn
  topic_arn    = module.network_eu_north_1.topic_arn
  upstream_url = module.team_first["orders"].url
  tags         = local.tags
}

resource "aws_cloudwatch_log_group" "audit" {
  count = 1

  name              = "/audit/${count.index}"
  retention_in_days = 90
  tags              = local.tags
}

output "vpc_ids" {
  value = { eu-north-1 = module.network_eu_north_1.vpc_id }
}
