variable "region" {
  type = string
}

variable "subnet" {
  type = string
}

module "shard" {
  for_each = toset(["blue", "green"])
  source   = "./shard"
  subnet   = var.subnet
  shard    = each.key
}

resource "terraform_data" "switch" {
  input = module.shard["blue"].id
}

output "name" {
  value = terraform_data.switch.id
}
