terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    azurerm    = { source = "hashicorp/azurerm" }
    google     = { source = "hashicorp/google" }
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}

# AWS 6: every resource may name its region.
provider "aws" {
  region = "us-gov-west-1"
}

provider "aws" {
  alias = "china"

  assume_role {
    role_arn = "arn:aws-cn:iam::210987654321:role/deploy"
  }

  region = "cn-north-1"
}

provider "azurerm" {
  environment     = "china"
  subscription_id = "00000000-0000-4000-8000-00000000000c"

  features {}
}

provider "azurerm" {
  alias           = "gov"
  environment     = "usgovernment"
  subscription_id = "00000000-0000-4000-8000-00000000000d"

  features {}
}

provider "google" {
  project = "zonal-project"
  zone    = "asia-east2-b"
}

provider "kubernetes" {
  host                   = aws_eks_cluster.china.endpoint
  cluster_ca_certificate = base64decode(aws_eks_cluster.china.certificate_authority[0].data)
}

resource "aws_sqs_queue" "west" {
  name = "west"
}

resource "aws_sqs_queue" "east" {
  region = "us-gov-east-1"
  name   = "east"
}

resource "aws_iam_role" "gov" {
  name               = "gov"
  assume_role_policy = "{}"
}

resource "aws_cloudtrail" "all" {
  name                  = "all"
  s3_bucket_name        = "trail"
  is_multi_region_trail = true
}

resource "aws_eks_cluster" "china" {
  provider = aws.china
  name     = "china"
  role_arn = aws_iam_role.china.arn

  vpc_config {
    subnet_ids = ["subnet-1", "subnet-2"]
  }
}

resource "aws_iam_role" "china" {
  provider           = aws.china
  name               = "eks"
  assume_role_policy = "{}"
}

resource "aws_dynamodb_table" "china" {
  provider         = aws.china
  name             = "t"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "id"
    type = "S"
  }

  replica {
    region_name = "cn-northwest-1"
  }
}

resource "aws_secretsmanager_secret" "china" {
  provider = aws.china
  region   = "cn-northwest-1"
  name     = "s"
}

resource "kubernetes_namespace_v1" "app" {
  metadata {
    name = "app"
  }
}

resource "azurerm_resource_group" "shanghai" {
  name     = "shanghai"
  location = "China East 2"
}

resource "azurerm_virtual_network" "shanghai" {
  name                = "shanghai"
  location            = azurerm_resource_group.shanghai.location
  resource_group_name = azurerm_resource_group.shanghai.name
  address_space       = ["10.0.0.0/16"]
}

resource "azurerm_subnet" "shanghai" {
  count                = 2
  name                 = "s${count.index}"
  resource_group_name  = azurerm_resource_group.shanghai.name
  virtual_network_name = azurerm_virtual_network.shanghai.name
  address_prefixes     = ["10.0.${count.index}.0/24"]
}

resource "azurerm_dns_zone" "china" {
  name                = "example.cn"
  resource_group_name = azurerm_resource_group.shanghai.name
}

resource "azurerm_storage_account" "shanghai" {
  name                     = "shanghai"
  location                 = "chinaeast2"
  resource_group_name      = azurerm_resource_group.shanghai.name
  account_tier             = "Standard"
  account_replication_type = "GRS"
}

resource "azurerm_key_vault" "virginia" {
  provider            = azurerm.gov
  name                = "virginia"
  location            = "usgovvirginia"
  resource_group_name = "virginia"
  tenant_id           = "00000000-0000-4000-8000-00000000000e"
  sku_name            = "standard"
}

resource "azurerm_key_vault_secret" "virginia" {
  provider     = azurerm.gov
  name         = "s"
  value        = "x"
  key_vault_id = azurerm_key_vault.virginia.id
}

# Its network is not in this plan.
resource "azurerm_subnet" "elsewhere" {
  provider             = azurerm.gov
  name                 = "elsewhere"
  resource_group_name  = "virginia"
  virtual_network_name = "other-team"
  address_prefixes     = ["10.9.0.0/24"]
}

resource "google_compute_disk" "zonal" {
  name = "zonal"
}

resource "google_compute_disk" "other" {
  name = "other"
  zone = "europe-west6-a"
}

resource "google_compute_network" "net" {
  name = "net"
}

resource "google_bigquery_dataset" "us" {
  dataset_id = "us"
  location   = "US"
}

resource "google_kms_key_ring" "eur4" {
  name     = "ring"
  location = "eur4"
}

resource "google_kms_crypto_key" "key" {
  name     = "key"
  key_ring = google_kms_key_ring.eur4.id
}

resource "google_spanner_instance" "wide" {
  name         = "wide"
  display_name = "wide"
  config       = "nam-eur-asia1"
  num_nodes    = 1
}

resource "google_organization_iam_member" "auditor" {
  org_id = "123456789012"
  role   = "roles/viewer"
  member = "user:a@example.com"
}

resource "google_project_iam_member" "other" {
  project = "other-project"
  role    = "roles/viewer"
  member  = "user:a@example.com"
}

resource "google_secret_manager_secret" "auto" {
  secret_id = "auto"

  replication {
    auto {}
  }
}
