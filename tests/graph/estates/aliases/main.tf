# Provider configurations with aliases, passed to modules under other names.
terraform {
  required_providers {
    terraform = {
      source = "terraform.io/builtin/terraform"
    }
  }
}

provider "terraform" {
  alias = "china"
}

provider "terraform" {
  alias = "europe"
}

resource "terraform_data" "hub" {
  provider = terraform.europe
  input    = "hub"
}

module "china" {
  source    = "./site"
  providers = { terraform.local = terraform.china, terraform.central = terraform.europe }
  hub       = terraform_data.hub.id
}

module "europe" {
  source    = "./site"
  providers = { terraform.local = terraform.europe, terraform.central = terraform.europe }
  hub       = module.china.id
}
