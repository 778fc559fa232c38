variable "vpc" {
  type = string
}

resource "terraform_data" "first" {
  input = var.vpc
}

resource "terraform_data" "second" {
  input = var.vpc
}

output "first" {
  value = terraform_data.first.id
}
