# What locals hide: one, a chain of them, one that reads a module, one inside a module, one passed in, one in for_each.
resource "terraform_data" "bucket" {
  input = "b"
}

resource "terraform_data" "role" {
  input = "r"
}

locals {
  bucket = terraform_data.bucket.id
  names  = { role = local.role, bucket = local.bucket }
  role   = terraform_data.role.id
  store  = module.store.table
  keys   = { x = terraform_data.role.input }
  plain  = "constant"
}

module "store" {
  source = "./store"
  owner  = local.names
}

resource "terraform_data" "direct" {
  input = local.bucket
}

resource "terraform_data" "chain" {
  input = local.names["role"]
}

resource "terraform_data" "reader" {
  input = local.store
}

resource "terraform_data" "keyed" {
  for_each = local.keys
  input    = each.value
}

resource "terraform_data" "harmless" {
  input = local.plain
}

resource "terraform_data" "beside" {
  input = terraform_data.direct.id
}
