# What plan JSON does not show at all: conditions, replace_triggered_by, connections, validations, conditions of outputs.
resource "terraform_data" "image" {
  input = "image"
}

resource "terraform_data" "quota" {
  input = "quota"
}

resource "terraform_data" "probe" {
  input = "probe"
}

resource "terraform_data" "bastion" {
  input = "bastion"
}

resource "terraform_data" "server" {
  input = "server"

  lifecycle {
    replace_triggered_by = [terraform_data.image.id]

    precondition {
      condition     = terraform_data.quota.output != ""
      error_message = "no quota"
    }

    postcondition {
      condition     = self.output != terraform_data.probe.output
      error_message = "probe"
    }
  }
}

resource "terraform_data" "files" {
  connection {
    type = "ssh"
    host = terraform_data.bastion.output
  }
}

module "checked" {
  source = "./checked"
  size   = 3
  limit  = terraform_data.quota.output
}

resource "terraform_data" "reader" {
  input = module.checked.size
}
