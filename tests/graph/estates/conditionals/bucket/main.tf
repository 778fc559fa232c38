variable "create" {
  type = bool
}

variable "key" {
  type = string
}

variable "name" {
  type    = string
  default = null
}

resource "terraform_data" "bucket" {
  count = var.create ? 1 : 0
  input = var.key
}

resource "terraform_data" "policy" {
  count = var.create ? 1 : 0
  input = terraform_data.bucket[0].id
}

data "terraform_remote_state" "existing" {
  count    = var.create ? 0 : 1
  backend  = "local"
  config   = { path = "none.tfstate" }
  defaults = { name = coalesce(var.name, "none") }
}

output "name" {
  value = try(terraform_data.bucket[0].id, data.terraform_remote_state.existing[0].outputs.name, var.name)
}
