resource "terraform_data" "module" {
  for_each = toset(["module.in", "q\"q"])
}
module "inner" {
  source = "./inner"
  for_each = toset(["deep.est"])
}
