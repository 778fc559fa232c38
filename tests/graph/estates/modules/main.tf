# Variables in and outputs out through three levels, outputs of outputs, an input that is never used.
resource "terraform_data" "key" {
  input = "k"
}

resource "terraform_data" "unused" {
  input = "u"
}

module "platform" {
  source = "./platform"
  key    = terraform_data.key.id
  unused = terraform_data.unused.id
}

resource "terraform_data" "app" {
  input = module.platform.subnet
}

resource "terraform_data" "label" {
  input = module.platform.name
}

output "subnet" {
  value = module.platform.subnet
}
