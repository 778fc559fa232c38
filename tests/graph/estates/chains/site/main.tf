variable "vpc" {
  type = string
}

resource "terraform_data" "page" {
  input = var.vpc
}

resource "terraform_data" "log" {
  input = "log"
}

output "page" {
  value = terraform_data.page.id
}
