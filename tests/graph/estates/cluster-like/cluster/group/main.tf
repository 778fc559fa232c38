variable "cluster_name" {
  type = string
}

variable "size" {
  type = number
}

variable "subnets" {
  type = list(string)
}

resource "terraform_data" "role" {
  input = "role"
}

resource "terraform_data" "template" {
  input = var.size
}

resource "terraform_data" "group" {
  input = [var.cluster_name, var.subnets, terraform_data.role.id, terraform_data.template.id]
}

output "role" {
  value = terraform_data.role.id
}
