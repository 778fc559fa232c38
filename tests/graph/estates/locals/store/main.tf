variable "owner" {
  type = map(string)
}

locals {
  prefix = "${var.owner["role"]}-${terraform_data.key.id}"
}

resource "terraform_data" "key" {
  input = "key"
}

resource "terraform_data" "table" {
  input = local.prefix
}

output "table" {
  value = local.table
}

locals {
  table = terraform_data.table.id
}
