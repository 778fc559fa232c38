variable "vpc_id" {
  type = string
}

variable "subnet_id" {
  type = string
}

resource "terraform_data" "group" {
  input = var.vpc_id
}

resource "terraform_data" "rule" {
  for_each = { ssh = 22, https = 443 }
  input    = [terraform_data.group.id, each.value]
}

resource "terraform_data" "host" {
  input      = [var.subnet_id, terraform_data.group.id]
  depends_on = [terraform_data.rule]
}
