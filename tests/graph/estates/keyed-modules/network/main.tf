variable "region" {
  type = string
}

resource "terraform_data" "vpc" {
  input = var.region
}

resource "terraform_data" "subnet" {
  for_each = toset(["a", "b"])
  input    = "${terraform_data.vpc.id}-${each.key}"
}

resource "terraform_data" "route" {
  for_each = toset(["a", "b"])
  input    = terraform_data.subnet[each.key].id
}

output "vpc" {
  value = terraform_data.vpc.id
}

output "subnet" {
  value = terraform_data.subnet["a"].id
}
