variable "cidr" {
  type = string
}

variable "azs" {
  type = list(string)
}

variable "single_nat_gateway" {
  type = bool
}

variable "create_igw" {
  type    = bool
  default = true
}

variable "secondary_cidrs" {
  type    = list(string)
  default = []
}

variable "flow_log_role" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  nat_gateway_count = var.single_nat_gateway ? 1 : length(var.azs)
  vpc_id            = try(terraform_data.secondary[0].input.vpc, terraform_data.vpc.id)
  nat_ips           = terraform_data.eip[*].id
}

resource "terraform_data" "vpc" {
  input = { cidr = var.cidr, tags = var.tags }
}

resource "terraform_data" "secondary" {
  count = length(var.secondary_cidrs)
  input = { vpc = terraform_data.vpc.id, cidr = var.secondary_cidrs[count.index] }
}

resource "terraform_data" "igw" {
  count = var.create_igw ? 1 : 0
  input = local.vpc_id
}

resource "terraform_data" "public" {
  count = length(var.azs)
  input = { vpc = local.vpc_id, zone = var.azs[count.index] }
}

resource "terraform_data" "private" {
  count = length(var.azs)
  input = { vpc = local.vpc_id, zone = element(var.azs, count.index) }
}

resource "terraform_data" "public_table" {
  input = local.vpc_id
}

resource "terraform_data" "public_route" {
  count = var.create_igw ? 1 : 0
  input = [terraform_data.public_table.id, terraform_data.igw[0].id]
}

resource "terraform_data" "public_association" {
  count = length(var.azs)
  input = [element(terraform_data.public[*].id, count.index), terraform_data.public_table.id]
}

resource "terraform_data" "eip" {
  count      = local.nat_gateway_count
  depends_on = [terraform_data.igw]
}

resource "terraform_data" "nat" {
  count      = local.nat_gateway_count
  input      = [element(local.nat_ips, var.single_nat_gateway ? 0 : count.index), element(terraform_data.public[*].id, count.index)]
  depends_on = [terraform_data.igw]
}

resource "terraform_data" "private_table" {
  count = local.nat_gateway_count
  input = local.vpc_id
}

resource "terraform_data" "private_route" {
  count = local.nat_gateway_count
  input = [element(terraform_data.private_table[*].id, count.index), element(terraform_data.nat[*].id, count.index)]
}

resource "terraform_data" "private_association" {
  count = length(var.azs)
  input = [
    element(terraform_data.private[*].id, count.index),
    element(terraform_data.private_table[*].id, var.single_nat_gateway ? 0 : count.index),
  ]
}

resource "terraform_data" "flow_log" {
  count = var.flow_log_role == null ? 0 : 1
  input = [local.vpc_id, var.flow_log_role]
}

output "vpc_id" {
  value = try(terraform_data.vpc.id, null)
}

output "public_subnets" {
  value = terraform_data.public[*].id
}

output "private_subnets" {
  value = terraform_data.private[*].id
}

output "private_route_table_ids" {
  value = terraform_data.private_table[*].id
}

output "public_route_table_ids" {
  value = terraform_data.public_table[*].id
}
