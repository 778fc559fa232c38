# What the configuration no longer says after after/ is laid over it: deleted blocks, a deleted module, a moved block.
resource "terraform_data" "vpc" {
  input = "vpc"
}

resource "terraform_data" "subnet" {
  input = terraform_data.vpc.id
}

resource "terraform_data" "server" {
  input = terraform_data.subnet.id
}

module "service" {
  for_each = toset(["a", "b"])
  source   = "./service"
  subnet   = terraform_data.subnet.id
}

resource "terraform_data" "old_name" {
  input = terraform_data.vpc.id
}

resource "terraform_data" "user" {
  input = "${local.address}!"
}

locals {
  address = terraform_data.old_name.id
}
