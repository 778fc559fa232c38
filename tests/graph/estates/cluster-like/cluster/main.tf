variable "name" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "node_groups" {
  type = any
}

variable "addons" {
  type = any
}

locals {
  oidc = terraform_data.cluster.output
}

resource "terraform_data" "role" {
  input = "${var.name}-role"
}

resource "terraform_data" "key" {
  input = var.name
}

resource "terraform_data" "cluster" {
  input = [var.name, var.subnet_ids, terraform_data.role.id, terraform_data.key.id]
}

resource "terraform_data" "oidc" {
  input = local.oidc
}

module "group" {
  source       = "./group"
  for_each     = { for name, group in var.node_groups : name => group }
  cluster_name = terraform_data.cluster.id
  size         = each.value.size
  subnets      = var.subnet_ids
}

resource "terraform_data" "early_addon" {
  for_each = { for name, addon in var.addons : name => addon if try(addon.before_compute, false) }
  input    = [terraform_data.cluster.id, each.key]
}

resource "terraform_data" "addon" {
  for_each   = { for name, addon in var.addons : name => addon if !try(addon.before_compute, false) }
  input      = [terraform_data.cluster.id, each.key]
  depends_on = [module.group]
}

resource "terraform_data" "access" {
  for_each = module.group
  input    = each.value.role
}

output "endpoint" {
  value      = terraform_data.cluster.id
  depends_on = [terraform_data.access]
}

output "roles" {
  value = { for name, group in module.group : name => group.role }
}
