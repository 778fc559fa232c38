resource "terraform_data" "data" {
  for_each = toset(["0", "[0]"])
}
