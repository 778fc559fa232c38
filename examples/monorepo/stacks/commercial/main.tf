provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["123456789012"]
}

provider "aws" {
  alias               = "virginia"
  region              = "us-east-1"
  allowed_account_ids = ["123456789012"]
}

module "frankfurt" {
  source = "../../modules/reports"
}

module "virginia" {
  source = "../../modules/reports"

  providers = {
    aws = aws.virginia
  }
}

output "queues" {
  value = {
    frankfurt = module.frankfurt.queue_url
    virginia  = module.virginia.queue_url
  }
}
