"""Questions to the facts, answered from the shipped tables."""

import pytest

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.facts.model import TypeScope


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts()


# Partition and country: docs.aws.amazon.com/global-infrastructure (regions by partition), botocore partitions.json;
# learn.microsoft.com/azure/azure-government and docs.azure.cn (regions of the sovereign clouds);
# cloud.google.com/about/locations; documentation.s3ns.fr ("runs in one region, u-france-east1").
@pytest.mark.parametrize(
    ("cloud", "region", "partition", "country", "jurisdiction"),
    [
        ("aws", "cn-north-1", "aws-cn", "CN", "CN"),
        ("aws", "cn-northwest-1", "aws-cn", "CN", "CN"),
        ("aws", "eusc-de-east-1", "aws-eusc", "DE", "EU-SOVEREIGN"),
        ("aws", "us-gov-west-1", "aws-us-gov", "US", "US-GOV"),
        ("aws", "us-iso-east-1", "aws-iso", "US", "US-CLASSIFIED"),
        ("aws", "us-isob-east-1", "aws-iso-b", "US", "US-CLASSIFIED"),
        ("aws", "eu-isoe-west-1", "aws-iso-e", "GB", "UK-CLASSIFIED"),
        ("aws", "eu-central-1", "aws", "DE", "EU"),
        ("aws", "eu-central-2", "aws", "CH", "CH"),
        ("aws", "eu-west-2", "aws", "GB", "UK"),
        ("aws", "ap-east-1", "aws", "HK", "HK"),
        ("aws", "ap-east-2", "aws", "TW", "TW"),
        ("azure", "chinaeast2", "china", "CN", "CN"),
        ("azure", "usgovvirginia", "usgovernment", "US", "US-GOV"),
        ("azure", "usdodeast", "usgovernment", "US", "US-GOV"),
        ("azure", "norwayeast", "public", "NO", "EEA"),
        ("azure", "switzerlandnorth", "public", "CH", "CH"),
        ("azure", "westeurope", "public", "NL", "EU"),
        ("google", "europe-west9", "googleapis.com", "FR", "EU"),
        ("google", "europe-west2", "googleapis.com", "GB", "UK"),
        ("google", "u-france-east1", "s3nsapis.fr", "FR", "EU-SOVEREIGN"),
        ("alicloud", "cn-hangzhou", "alicloud", "CN", "CN"),
        ("alicloud", "cn-hongkong", "alicloud", "HK", "HK"),
        ("oci", "eu-frankfurt-2", "oc19", "DE", "EU-SOVEREIGN"),
        ("oci", "us-gov-ashburn-1", "oc3", "US", "US-GOV"),
    ],
)
def test_a_region_has_its_partition_country_and_law(
    facts: Facts, cloud: str, region: str, partition: str, country: str, jurisdiction: str
) -> None:
    found = facts.region(cloud, region)
    assert found is not None
    assert (found.partition, found.country, found.jurisdictions) == (partition, country, frozenset({jurisdiction}))


def test_the_chinese_regions_of_aws_are_run_by_their_operators(facts: Facts) -> None:
    """amazonaws.cn/en/about-aws/china: Sinnet runs Beijing, NWCD runs Ningxia."""
    assert [facts.regions("aws")[name].operator for name in ("cn-north-1", "cn-northwest-1")] == [
        "Beijing Sinnet Technology (Sinnet)",
        "Ningxia Western Cloud Data Technology (NWCD)",
    ]


@pytest.mark.parametrize(
    ("cloud", "region", "partition"),
    [
        ("aws", "eu-north-9", "aws"),
        ("aws", "cn-south-1", "aws-cn"),
        ("aws", "us-gov-north-1", "aws-us-gov"),
        ("aws", "eusc-de-west-7", "aws-eusc"),
        ("azure", "chinanorth9", "china"),
        ("google", "europe-west99", "googleapis.com"),
    ],
)
def test_a_region_newer_than_the_table_has_its_partition_by_name_and_no_law(
    facts: Facts, cloud: str, region: str, partition: str
) -> None:
    assert facts.region(cloud, region) is None
    found = facts.partition_of_region(cloud, region)
    assert found is not None
    assert found.id == partition


@pytest.mark.parametrize(
    ("cloud", "region"), [("aws", "moon-1"), ("azure", "finlandcentral"), ("nowhere", "eu-west-1")]
)
def test_a_name_that_fits_no_pattern_has_no_partition(facts: Facts, cloud: str, region: str) -> None:
    assert facts.partition_of_region(cloud, region) is None


def test_the_short_code_of_a_zone_id_leads_to_its_region(facts: Facts) -> None:
    """docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html."""
    codes = {
        "use1": "us-east-1",
        "apse6": "ap-southeast-6",
        "caw1": "ca-west-1",
        "mxc1": "mx-central-1",
        "ilc1": "il-central-1",
    }
    assert {code: getattr(facts.region_of_code("aws", code), "id", None) for code in codes} == codes
    assert facts.region_of_code("aws", "zz9") is None


def test_an_azure_display_name_without_blanks_is_the_region(facts: Facts) -> None:
    names = {region.id: region.name.lower().replace(" ", "") for region in facts.regions("azure").values()}
    assert names == {name: name for name in names}


def test_paired_regions_may_lie_under_another_law(facts: Facts) -> None:
    """learn.microsoft.com/azure/reliability/regions-list: Brazil South is paired with South Central US."""
    pairs = {name: facts.regions("azure")[name].paired_region for name in ("brazilsouth", "eastasia", "northeurope")}
    assert pairs == {"brazilsouth": "southcentralus", "eastasia": "southeastasia", "northeurope": "westeurope"}


# cloud.google.com/spanner/docs/instance-configurations, cloud.google.com/firestore/docs/locations,
# cloud.google.com/storage/docs/locations
@pytest.mark.parametrize(
    ("name", "service", "members"),
    [
        ("nam4", None, {"us-central1", "us-east1"}),
        ("eur3", None, {"europe-west1", "europe-west4", "europe-north1"}),
        ("asia1", "Cloud Storage", {"asia-northeast1", "asia-northeast2"}),
        ("asia1", None, {"asia-northeast1", "asia-northeast2", "asia-northeast3"}),
        ("nam5", "Firestore", {"us-central1", "us-central2", "us-east1"}),
        ("eur7", "Cloud Storage", {"europe-west2", "europe-west3"}),
        ("eur7", "Cloud Spanner", {"europe-west8", "europe-west3", "europe-west12"}),
        ("eur7", "BigQuery", {"europe-west2", "europe-west3", "europe-west8", "europe-west12"}),
        ("NAM6", None, {"us-central1", "us-east1", "us-west1", "us-west2", "us-central2"}),
    ],
)
def test_a_multi_region_unfolds_to_its_regions(facts: Facts, name: str, service: str | None, members: set[str]) -> None:
    found = facts.multi_region("google", name, service)
    assert found is not None
    assert set(found.members) == members


def test_the_multi_region_of_the_union_leaves_london_and_zurich_out(facts: Facts) -> None:
    """cloud.google.com/storage/docs/locations: EU is not stored in europe-west2 nor europe-west6."""
    found = facts.multi_region("google", "EU")
    assert found is not None
    assert found.jurisdictions == {"EU"}
    assert {"europe-west1", "europe-north1", "europe-southwest1"} <= set(found.members)
    assert not {"europe-west2", "europe-west6"} & set(found.members)


def test_a_multi_region_has_the_laws_of_all_its_members(facts: Facts) -> None:
    laws = {
        name: getattr(facts.multi_region("google", name), "jurisdictions", None)
        for name in ("nam14", "nam-eur-asia3", "us")
    }
    assert laws == {"nam14": {"US", "CA"}, "nam-eur-asia3": {"US", "EU", "TW"}, "us": {"US"}}
    assert facts.multi_region("google", "us-central1") is None


def test_the_strict_laws_are_those_of_separate_clouds(facts: Facts) -> None:
    strict = {name for name, found in facts.jurisdictions.items() if found.strict}
    assert strict == {"CN", "US-GOV", "EU-SOVEREIGN", "US-CLASSIFIED", "UK-CLASSIFIED"}


# botocore endpoint rule sets; the China documentation lists IAM in Beijing, CloudFront in Ningxia
@pytest.mark.parametrize(
    ("service", "partition", "region"),
    [
        ("iam", "aws", "us-east-1"),
        ("iam", "aws-cn", "cn-north-1"),
        ("route53", "aws-cn", "cn-northwest-1"),
        ("organizations", "aws-cn", "cn-northwest-1"),
        ("iam", "aws-us-gov", "us-gov-west-1"),
        ("globalaccelerator", "aws", "us-west-2"),
        ("globalaccelerator", "aws-cn", None),
        ("ec2", "aws", None),
    ],
)
def test_a_global_service_is_managed_from_its_partitions_home(
    facts: Facts, service: str, partition: str, region: str | None
) -> None:
    assert facts.control_plane(service, partition) == region


# registry.terraform.io/providers/hashicorp/{aws,azurerm,google}: the pages of these types
@pytest.mark.parametrize(
    ("provider", "name", "data", "service", "scope", "region"),
    [
        ("aws", "aws_instance", False, "Amazon EC2", TypeScope.REGIONAL, ("region",)),
        ("aws", "aws_iam_role", False, "AWS IAM", TypeScope.GLOBAL, ()),
        ("aws", "aws_route53_record", False, "Amazon Route 53", TypeScope.GLOBAL, ()),
        ("aws", "aws_route53_resolver_rule", False, "Amazon Route 53 Resolver", TypeScope.REGIONAL, ("region",)),
        ("aws", "aws_rolesanywhere_profile", False, "AWS IAM Roles Anywhere", TypeScope.REGIONAL, ()),
        ("aws", "aws_iam_policy_document", True, "AWS IAM", TypeScope.NOWHERE, ()),
        ("aws", "aws_vpc_endpoint_service", True, "Amazon VPC", TypeScope.REGIONAL, ("region",)),
        ("azurerm", "azurerm_subnet", False, "Azure Virtual Network", TypeScope.INHERITS, ()),
        ("azurerm", "azurerm_storage_account", False, "Azure Storage", TypeScope.REGIONAL, ("location",)),
        ("azurerm", "azurerm_client_config", True, "Azure", TypeScope.NOWHERE, ()),
        ("azuread", "azuread_group", False, "Microsoft Entra ID", TypeScope.GLOBAL, ()),
        ("google", "google_compute_instance", False, "Compute Engine", TypeScope.ZONAL, ()),
        ("google-beta", "google_compute_subnetwork", False, "Google Cloud VPC", TypeScope.REGIONAL, ("region",)),
        (
            "google",
            "google_storage_bucket",
            False,
            "Cloud Storage",
            TypeScope.LOCATION,
            ("custom_placement_config.data_locations", "location"),
        ),
        ("google", "google_compute_instance_template", False, "Compute Engine", TypeScope.GLOBAL, ()),
        ("kubernetes", "kubernetes_deployment_v1", False, "Kubernetes", TypeScope.CLUSTER, ()),
        ("random", "random_password", False, "(no cloud)", TypeScope.NOWHERE, ()),
        ("null", "null_resource", False, "(no cloud)", TypeScope.NOWHERE, ()),
        ("external", "external", True, "(no cloud)", TypeScope.UNKNOWN, ()),
    ],
)
def test_a_type_has_its_service_scope_and_region_attribute(
    facts: Facts, provider: str, name: str, data: bool, service: str, scope: TypeScope, region: tuple[str, ...]
) -> None:
    found = facts.resource_type(provider, name, data=data)
    assert found is not None
    assert (found.service, found.scope, found.region_attributes) == (service, scope, region)


def test_a_type_takes_its_place_from_the_parents_it_names(facts: Facts) -> None:
    subnet = facts.resource_type("azurerm", "azurerm_subnet", data=False)
    policy = facts.resource_type("google", "google_bigquery_table_iam_member", data=False)
    assert subnet is not None
    assert policy is not None
    assert subnet.parents == (("virtual_network_name", "azurerm_virtual_network"),)
    assert policy.parents == (("dataset_id", "google_bigquery_dataset"),)


def test_a_condition_makes_a_regional_type_global(facts: Facts) -> None:
    """docs.aws.amazon.com/waf/latest/APIReference: scope CLOUDFRONT is made in us-east-1."""
    acl = facts.resource_type("aws", "aws_wafv2_web_acl", data=False)
    assert acl is not None
    (condition,) = acl.conditions
    assert (condition.attribute, condition.value, condition.scope, condition.effect) == (
        "scope",
        "CLOUDFRONT",
        TypeScope.GLOBAL,
        "edge",
    )
    assert facts.control_plane(condition.control_plane or "", "aws") == "us-east-1"


def test_an_unknown_type_gets_the_service_of_its_nearest_relatives(facts: Facts) -> None:
    inferred = {
        name: facts.infer_service("aws", name)
        for name in ("aws_s3_new_thing", "aws_dynamodb_new", "aws_zork", "aws_ec2_new")
    }
    assert inferred == {
        "aws_s3_new_thing": "Amazon S3",
        "aws_dynamodb_new": "Amazon DynamoDB",
        "aws_zork": "AWS",
        "aws_ec2_new": "AWS",
    }
    assert facts.resource_type("aws", "aws_s3_new_thing", data=False) is None
    assert facts.infer_service("zork", "zork_thing") is None


def test_a_cloud_control_type_has_the_service_of_its_name(facts: Facts) -> None:
    inferred = {
        name: facts.infer_service("awscc", name) for name in ("awscc_s3_bucket", "awscc_ec2_vpc", "awscc_zork_x")
    }
    assert inferred == {
        "awscc_s3_bucket": "Amazon S3",
        "awscc_ec2_vpc": "Amazon EC2",
        "awscc_zork_x": "AWS (Cloud Control)",
    }


def test_provider_families_have_one_row(facts: Facts) -> None:
    assert facts.provider("google-beta") is facts.provider("google")
    assert facts.provider("zork") is None
    assert facts.resource_type("zork", "aws_instance", data=False) is None
    assert facts.resource_type("aws", "aws_instance", data=False) is not None


def test_a_provider_without_a_region_reads_the_environment(facts: Facts) -> None:
    """registry.terraform.io/providers/hashicorp/aws: environment variables; hashicorp/azurerm: features block."""
    arguments = {
        found.argument: found for found in (*facts.provider_arguments("aws"), *facts.provider_arguments("azurerm"))
    }
    assert arguments["region"].environment == ("AWS_REGION", "AWS_DEFAULT_REGION")
    assert arguments["features.key_vault.purge_soft_delete_on_destroy"].default == "true"
    assert facts.provider_arguments("google-beta") == facts.provider_arguments("google")


def test_a_plan_of_aws_types_reads_no_other_clouds_types() -> None:
    facts = load_facts()
    facts.resource_type("aws", "aws_instance", data=False)
    facts.region("aws", "eu-central-1")
    facts.cross_region("aws_instance")
    assert {name for name in facts._tables if name.startswith("types")} == {"types_aws"}


def test_a_table_that_loses_data_says_what_brings_it_back(facts: Facts) -> None:
    found = facts.stateful("aws_dynamodb_table")
    assert found is not None
    assert (found.holds, found.way_back) == ("data", "backup")
    assert "deletion_protection_enabled=true" in found.protected_by
    assert facts.stateful("aws_iam_role_policy_attachment") is None


def test_a_replica_of_a_table_is_another_region(facts: Facts) -> None:
    """registry.terraform.io/providers/hashicorp/aws: aws_dynamodb_table, block replica."""
    assert ("replica.region_name", "region", "replicates") in {
        (found.path, found.value, found.kind) for found in facts.cross_region("aws_dynamodb_table")
    }


def test_arns_of_some_services_have_no_region(facts: Facts) -> None:
    assert {"iam", "s3", "route53", "cloudfront"} <= facts.arn_without_region
    assert "ec2" not in facts.arn_without_region
    assert facts.arn_service("elasticloadbalancing") == "Elastic Load Balancing"
    assert facts.arn_service("zork") is None


def test_the_version_names_the_day_and_the_releases(facts: Facts) -> None:
    releases = {name: getattr(facts.provider(name), "version", None) for name in ("aws", "azurerm", "google")}
    day, *stamps = facts.version.split(" ", 1)
    assert day == max(source.read_on for source in facts.sources.values())
    assert stamps == [" ".join(f"{name} {version}" for name, version in releases.items())]
