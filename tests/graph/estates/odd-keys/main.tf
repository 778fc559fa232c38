# Keys that hold every character an address is made of.
locals {
  empty = {}
}

resource "terraform_data" "zone" {
  for_each = toset(["a.b", "a/b:c", "with \"quotes\"", "[0]", "$${x}", "line\nbreak", "0", "ümlaut"])
  input    = each.key
}

resource "terraform_data" "record" {
  for_each = toset(["a.b", "a/b:c", "with \"quotes\"", "[0]", "$${x}", "line\nbreak", "0", "ümlaut"])
  input    = terraform_data.zone[each.key].id
}

resource "terraform_data" "named" {
  input = [terraform_data.zone["a.b"].id, terraform_data.zone["with \"quotes\""].id, terraform_data.zone["[0]"].id]
}

module "tenant" {
  for_each = toset(["x.y", "module.tenant", "[\"z\"]"])
  source   = "./tenant"
  zone     = terraform_data.zone["a/b:c"].id
}

resource "terraform_data" "invoice" {
  input = module.tenant["[\"z\"]"].id
}
