variable "subnet" {
  type = string
}

variable "shard" {
  type = string
}

resource "terraform_data" "task" {
  count = 2
  input = "${var.subnet}-${var.shard}-${count.index}"
}

resource "terraform_data" "alarm" {
  count = 2
  input = terraform_data.task[count.index].id
}

output "id" {
  value = terraform_data.task[0].id
}
