# count: the own index, a literal index, splats, element(), a count that is computed, a count of none.
variable "enabled" {
  type    = bool
  default = false
}

resource "terraform_data" "zone" {
  count = 3
  input = count.index
}

resource "terraform_data" "subnet" {
  count = 3
  input = terraform_data.zone[count.index].output
}

resource "terraform_data" "first" {
  input = terraform_data.subnet[0].id
}

resource "terraform_data" "balancer" {
  input = terraform_data.subnet[*].id
}

resource "terraform_data" "node" {
  count = 2
  input = element(terraform_data.subnet[*].id, count.index)
}

resource "terraform_data" "ring" {
  count = length(terraform_data.zone)
  input = count.index
}

resource "terraform_data" "switch" {
  input = "off"
}

resource "terraform_data" "optional" {
  count = terraform_data.switch.input == "on" ? 1 : 0
  input = terraform_data.balancer.id
}

resource "terraform_data" "follower" {
  input = one(terraform_data.optional[*].id)
}

resource "terraform_data" "chosen" {
  input = var.enabled ? terraform_data.first.id : terraform_data.balancer.id
}
