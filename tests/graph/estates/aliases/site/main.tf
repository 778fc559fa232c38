terraform {
  required_providers {
    terraform = {
      source                = "terraform.io/builtin/terraform"
      configuration_aliases = [terraform.local, terraform.central]
    }
  }
}

variable "hub" {
  type = string
}

resource "terraform_data" "site" {
  provider = terraform.local
  input    = var.hub
}

resource "terraform_data" "report" {
  provider = terraform.central
  input    = terraform_data.site.id
}

output "id" {
  value = terraform_data.site.id
}
