# for_each over another resource and over a module, each.value in the body, a chain of three, and a swap of keys.
resource "terraform_data" "vpc" {
  for_each = { a = "10.0.0.0/16", b = "10.1.0.0/16" }
  input    = each.value
}

resource "terraform_data" "gateway" {
  for_each = terraform_data.vpc
  input    = each.value.id
}

resource "terraform_data" "route" {
  for_each = terraform_data.gateway
  input    = [each.key, each.value.output]
}

resource "terraform_data" "peer" {
  for_each = { a = "b", b = "a" }
  input    = terraform_data.vpc[each.value].id
}

module "site" {
  for_each = terraform_data.vpc
  source   = "./site"
  vpc      = each.value.id
}

resource "terraform_data" "check" {
  for_each = module.site
  input    = each.value.page
}

resource "terraform_data" "cidr" {
  for_each = { for name, vpc in terraform_data.vpc : name => vpc.input }
  input    = each.value
}
