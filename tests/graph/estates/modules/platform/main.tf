variable "key" {
  type = string
}

variable "unused" {
  type    = string
  default = ""
}

resource "terraform_data" "log" {
  input = var.key
}

module "network" {
  source = "./network"
  log    = { id = terraform_data.log.id, level = 3 }
  key    = var.key
}

resource "terraform_data" "gateway" {
  input = module.network.vpc
}

output "subnet" {
  value = module.network.subnet
}

output "name" {
  value = "platform"
}
