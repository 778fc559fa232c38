variable "limit" {
  type = string
}

variable "size" {
  type = number

  validation {
    condition     = var.size < length(var.limit)
    error_message = "too large"
  }
}

resource "terraform_data" "gate" {
  input = "gate"
}

resource "terraform_data" "sized" {
  input = var.size
}

output "size" {
  value = 3

  precondition {
    condition     = terraform_data.gate.output != ""
    error_message = "gate"
  }
}
