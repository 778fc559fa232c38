# A cloud of its own: other accounts, another operator, another law. Nothing here works with credentials of the others.
provider "aws" {
  region              = "cn-north-1"
  allowed_account_ids = ["210987654321"]
}

module "beijing" {
  source = "../../modules/reports"

  log_retention_days = 180 # China Cybersecurity Law, article 21: network logs for six months
}
