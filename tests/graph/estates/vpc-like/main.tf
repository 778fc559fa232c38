# The shape of a public network module: conditional gateways, subnets by count, route tables, associations, a flow log.
resource "terraform_data" "flow_log_role" {
  input = "role"
}

module "vpc" {
  source             = "./vpc"
  cidr               = "10.0.0.0/16"
  azs                = ["a", "b", "c"]
  single_nat_gateway = true
  flow_log_role      = terraform_data.flow_log_role.id
  tags               = { Name = "main" }
}

module "bastion" {
  source    = "./bastion"
  vpc_id    = module.vpc.vpc_id
  subnet_id = module.vpc.public_subnets[0]
}

resource "terraform_data" "endpoint" {
  input = {
    vpc_id          = module.vpc.vpc_id
    route_table_ids = flatten([module.vpc.private_route_table_ids, module.vpc.public_route_table_ids])
  }
}
