variable "zone" {
  type = string
}

resource "terraform_data" "tenant" {
  input = var.zone
}

resource "terraform_data" "module" {
  input = terraform_data.tenant.id
}

output "id" {
  value = terraform_data.module.id
}
