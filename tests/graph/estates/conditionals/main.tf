# A module that makes a thing or takes an existing one, as public modules do; half of its blocks have no instance.
variable "create" {
  type    = bool
  default = true
}

resource "terraform_data" "key" {
  input = "key"
}

module "made" {
  source = "./bucket"
  create = var.create
  key    = terraform_data.key.id
}

module "taken" {
  source = "./bucket"
  create = false
  key    = terraform_data.key.id
  name   = module.made.name
}

resource "terraform_data" "reader" {
  input = module.taken.name
}
