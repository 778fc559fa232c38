resource "terraform_data" "audit" {
  input = "audit"
}

resource "terraform_data" "log" {
  input = "log"
}

module "inner" {
  source = "./inner"
}

output "ready" {
  value      = terraform_data.log.id
  depends_on = [terraform_data.audit]
}

output "constant" {
  value = "constant"
}
