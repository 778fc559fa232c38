variable "switch" {
  type = string
}

resource "terraform_data" "nothing" {
  count = var.switch == "on" ? 1 : 0
}
