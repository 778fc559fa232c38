# Whole resources and whole modules passed on as objects, and what is read of them further down.
resource "terraform_data" "vpc" {
  input = { id = "vpc", cidr = "10.0.0.0/16" }
}

resource "terraform_data" "zone" {
  for_each = toset(["a", "b"])
  input    = each.key
}

module "network" {
  source = "./network"
  vpc    = terraform_data.vpc
  zones  = terraform_data.zone
}

module "app" {
  source  = "./app"
  network = module.network
}

resource "terraform_data" "names" {
  input = { for name, zone in terraform_data.zone : name => zone.output }
}

resource "terraform_data" "nested" {
  input = {
    name = "n"
    inner = [
      { zone = terraform_data.zone["a"].id },
      { vpc = terraform_data.vpc.output.cidr },
    ]
  }
}
