variable "name" {
  type = string
}

resource "terraform_data" "queue" {
  input = var.name
}

resource "terraform_data" "policy" {
  input = terraform_data.queue.id
}

output "url" {
  value      = terraform_data.queue.id
  depends_on = [terraform_data.policy]
}
