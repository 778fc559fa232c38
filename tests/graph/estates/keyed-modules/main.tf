# Modules with keys inside modules with keys; the same keys on both sides, literal keys, one side with fewer keys.
locals {
  regions = ["eu", "us"]
}

module "network" {
  for_each = toset(["eu", "us"])
  source   = "./network"
  region   = each.key
}

module "service" {
  for_each = toset(["eu", "us"])
  source   = "./service"
  region   = each.key
  subnet   = module.network[each.key].subnet
}

resource "terraform_data" "peering" {
  input = [module.network["eu"].vpc, module.network["us"].vpc]
}

resource "terraform_data" "europe" {
  input = module.network["eu"].vpc
}

resource "terraform_data" "america" {
  for_each = toset(["us"])
  input    = module.service[each.key].name
}

resource "terraform_data" "dashboard" {
  for_each = toset(["eu", "us"])
  input    = module.service[each.key].name
}

resource "terraform_data" "all" {
  input = [for service in module.service : service.name]
}
