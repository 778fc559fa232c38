variable "network" {
  type = any
}

resource "terraform_data" "task" {
  for_each = var.network.subnets
  input    = each.value.id
}

resource "terraform_data" "audit" {
  input = var.network.acl
}
