variable "log" {
  type = object({ id = string, level = number })
}

variable "key" {
  type = string
}

resource "terraform_data" "vpc" {
  input = [var.log.id, var.key]
}

module "subnets" {
  source = "./subnets"
  vpc    = terraform_data.vpc.output[0]
}

output "vpc" {
  value = terraform_data.vpc.id
}

output "subnet" {
  value = module.subnets.first
}
