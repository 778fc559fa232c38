# depends_on of modules, on modules, of outputs; modules that hold nothing, or nothing yet; a data source in one.
resource "terraform_data" "account" {
  input = "a"
}

module "base" {
  source     = "./base"
  depends_on = [terraform_data.account]
}

module "app" {
  source     = "./app"
  depends_on = [module.base]
}

resource "terraform_data" "after" {
  depends_on = [module.app]
}

resource "terraform_data" "ready" {
  input = module.base.ready
}

resource "terraform_data" "constant" {
  input = module.base.constant
}

resource "terraform_data" "switch" {
  input = "off"
}

module "maybe" {
  count  = terraform_data.switch.input == "on" ? 1 : 0
  source = "./app"
}

resource "terraform_data" "user" {
  input = one(module.maybe[*].name)
}

module "hollow" {
  source = "./hollow"
  switch = terraform_data.switch.input
}

resource "terraform_data" "behind" {
  depends_on = [module.hollow]
}
