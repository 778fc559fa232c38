# The shape of a container platform: one definition module under two names, a map of services, security groups that
# refer to each other, a queue that is read through a local.
locals {
  services = {
    api = { port = 8080, public = true }
    job = { port = 0, public = false }
  }
  queue_url = module.queue.url
}

module "queue" {
  source = "./queue"
  name   = "orders"
}

module "dead_letters" {
  source = "./queue"
  name   = "dead"
}

resource "terraform_data" "balancer_group" {
  input = "balancer"
}

resource "terraform_data" "service_group" {
  for_each = local.services
  input    = each.key
}

resource "terraform_data" "from_balancer" {
  for_each = { for name, service in local.services : name => service if service.public }
  input    = [terraform_data.service_group[each.key].id, terraform_data.balancer_group.id, each.value.port]
}

module "service" {
  for_each  = local.services
  source    = "./service"
  name      = each.key
  group     = terraform_data.service_group[each.key].id
  port      = each.value.port
  queue_url = local.queue_url
  dead      = module.dead_letters.url
}

resource "terraform_data" "alarm" {
  for_each = local.services
  input    = module.service[each.key].arn
}
