resource "terraform_data" "vpc" {
  input = "vpc"
}

module "service" {
  for_each = toset(["a"])
  source   = "./service"
  subnet   = terraform_data.vpc.id
}

resource "terraform_data" "new_name" {
  input = terraform_data.vpc.id
}

moved {
  from = terraform_data.old_name
  to   = terraform_data.new_name
}

resource "terraform_data" "user" {
  input = "${local.address}!"
}

locals {
  address = terraform_data.new_name.id
}
