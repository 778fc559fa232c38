# The shape of a public cluster module: node groups by for_each as a module, roles, add-ons that wait, an access map.
resource "terraform_data" "vpc" {
  input = "vpc"
}

resource "terraform_data" "subnet" {
  count = 2
  input = [terraform_data.vpc.id, count.index]
}

locals {
  cluster_name = "main"
  subnet_ids   = terraform_data.subnet[*].id
}

module "cluster" {
  source     = "./cluster"
  name       = local.cluster_name
  subnet_ids = local.subnet_ids
  node_groups = {
    general = { size = 2 }
    gpu     = { size = 1 }
  }
  addons = {
    dns     = { before_compute = true }
    storage = {}
  }
}

resource "terraform_data" "release" {
  input = module.cluster.endpoint
}

resource "terraform_data" "namespace" {
  for_each   = toset(["web", "jobs"])
  input      = [each.key, module.cluster.endpoint]
  depends_on = [module.cluster]
}
