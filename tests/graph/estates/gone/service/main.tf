variable "subnet" {
  type = string
}

resource "terraform_data" "group" {
  input = var.subnet
}

resource "terraform_data" "task" {
  input = terraform_data.group.id
}
