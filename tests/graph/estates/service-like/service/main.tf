variable "name" {
  type = string
}

variable "group" {
  type = string
}

variable "port" {
  type = number
}

variable "queue_url" {
  type = string
}

variable "dead" {
  type = string
}

locals {
  environment = { QUEUE = var.queue_url, DEAD = var.dead }
  image       = terraform_data.repository.id
}

resource "terraform_data" "repository" {
  input = var.name
}

resource "terraform_data" "definition" {
  input = { image = local.image, environment = local.environment }
}

resource "terraform_data" "service" {
  input = { definition = terraform_data.definition.id, group = var.group, port = var.port }
}

output "arn" {
  value = terraform_data.service.id
}
