resource "terraform_data" "service" {
  input = "service"
}

data "terraform_remote_state" "shared" {
  backend  = "local"
  config   = { path = "nowhere.tfstate" }
  defaults = { x = 1 }
}

output "name" {
  value = terraform_data.service.id
}
