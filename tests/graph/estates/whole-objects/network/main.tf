variable "vpc" {
  type = any
}

variable "zones" {
  type = any
}

resource "terraform_data" "subnet" {
  for_each = var.zones
  input    = [var.vpc.output.cidr, each.value.output]
}

resource "terraform_data" "acl" {
  input = var.vpc.id
}

output "subnets" {
  value = terraform_data.subnet
}

output "acl" {
  value = terraform_data.acl.id
}
