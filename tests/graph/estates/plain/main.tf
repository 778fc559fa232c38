# Arguments, depends_on, a data source that joins a chain, and provisioners.
resource "terraform_data" "network" {
  input = "10.0.0.0/16"
}

resource "terraform_data" "subnet" {
  input            = [terraform_data.network.output, "a"]
  triggers_replace = terraform_data.network.id
}

resource "terraform_data" "policy" {
  input = "allow"
}

resource "terraform_data" "server" {
  input      = terraform_data.subnet.output[0]
  depends_on = [terraform_data.policy]

  provisioner "local-exec" {
    command     = "echo ${terraform_data.banner.output}"
    environment = { POLICY = terraform_data.policy.id }
  }
}

resource "terraform_data" "banner" {
  input = "hello"
}

data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = "${path.module}/other-${terraform_data.stage.input}.tfstate" }
  defaults = {
    zone = "none"
  }
}

resource "terraform_data" "stage" {
  input = "test"
}

resource "terraform_data" "record" {
  input = data.terraform_remote_state.other.outputs.zone
}

resource "terraform_data" "alone" {
}
