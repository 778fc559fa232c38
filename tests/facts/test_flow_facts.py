"""What passes a change on, held against the pages of the providers' documentation (registry.terraform.io).

The expected values were read there by hand: which arguments "force new resource", and what a type belongs to.
"""

import pytest

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts()


# hashicorp/aws, azurerm, google, kubernetes: "Argument Reference" of each page
@pytest.mark.parametrize(
    ("name", "replaced_by", "kept_by"),
    [
        ("aws_vpc", {"cidr_block", "ipv4_ipam_pool_id"}, {"enable_dns_support", "tags"}),
        ("aws_subnet", {"vpc_id", "cidr_block", "availability_zone"}, {"map_public_ip_on_launch"}),
        ("aws_security_group", {"vpc_id", "name", "description"}, {"ingress", "egress"}),
        ("aws_instance", {"ami", "subnet_id", "key_name"}, {"instance_type", "vpc_security_group_ids"}),
        ("aws_lb", {"name", "internal", "load_balancer_type"}, {"security_groups", "idle_timeout"}),
        ("aws_db_instance", {"username", "storage_encrypted"}, {"instance_class", "allocated_storage"}),
        ("aws_iam_role", {"name", "path"}, {"assume_role_policy", "description"}),
        ("aws_s3_bucket", {"bucket", "bucket_prefix"}, {"force_destroy"}),
        ("aws_lambda_function", {"function_name"}, {"handler", "role", "environment"}),
        ("azurerm_resource_group", {"name", "location"}, {"tags"}),
        ("azurerm_subnet", {"name", "virtual_network_name"}, {"address_prefixes"}),
        ("azurerm_storage_account", {"name", "location"}, {"min_tls_version"}),
        ("azurerm_key_vault", {"name", "location"}, {"network_acls"}),
        ("google_compute_network", {"name"}, {"routing_mode"}),
        ("google_compute_subnetwork", {"name", "network", "region"}, {"private_ip_google_access"}),
        ("google_compute_instance", {"name", "zone"}, {"machine_type", "labels"}),
        ("google_project_iam_member", {"project", "role", "member"}, set()),
        ("google_project_iam_binding", {"project", "role"}, {"members"}),
        ("kubernetes_config_map_v1", {"metadata"}, {"data"}),
        ("null_resource", {"triggers"}, set()),
    ],
)
def test_arguments_that_replace_an_instance_are_known_from_those_that_do_not(
    facts: Facts, name: str, replaced_by: set[str], kept_by: set[str]
) -> None:
    found = facts.force_new(name)
    assert found is not None
    outermost = {path[0] for path in found}
    assert outermost >= replaced_by
    assert not outermost & kept_by


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        # in all cases but from dedicated to default: hashicorp/terraform-provider-aws, issue 1955
        ("aws_vpc", "instance_tenancy"),
        ("aws_acm_certificate", "domain_name"),
        ("aws_secretsmanager_secret_version", "secret_string"),
    ],
)
def test_what_a_provider_decides_to_replace_while_it_plans_is_known_too(facts: Facts, name: str, argument: str) -> None:
    assert (argument,) in (facts.force_new(name) or ())


def test_a_nested_argument_is_known_by_its_path(facts: Facts) -> None:
    """hashicorp/aws, aws_instance: root_block_device.encrypted forces a new resource, volume_size does not."""
    paths = facts.force_new_paths("aws_instance")
    assert paths is not None
    assert "root_block_device.encrypted" in paths
    assert "root_block_device.volume_size" not in paths
    assert ("root_block_device", "encrypted") in (facts.force_new("aws_instance") or ())


def test_another_subnet_updates_an_instance_of_google_in_place_and_another_card_replaces_it(facts: Facts) -> None:
    """hashicorp/google, google_compute_instance: the provider stops the instance to move it, and keeps it."""
    paths = facts.force_new("google_compute_instance") or frozenset()
    assert ("network_interface", "nic_type") in paths
    assert not paths & {("network_interface",), ("network_interface", "subnetwork")}


@pytest.mark.parametrize("name", ["terraform_data", "time_offset", "time_rotating", "aws_zork", "zork_thing"])
def test_what_replaces_an_instance_may_not_be_known(facts: Facts, name: str) -> None:
    """terraform_data.input changes output in place; time_offset and time_rotating compute all again from an offset."""
    assert facts.force_new(name) is None


# argument, parent: "Argument Reference" of each page; the others are arguments that name what it is no part of
@pytest.mark.parametrize(
    ("name", "argument", "parent", "other"),
    [
        (
            "aws_vpc_security_group_ingress_rule",
            "security_group_id",
            "aws_security_group",
            "referenced_security_group_id",
        ),
        ("aws_security_group_rule", "security_group_id", "aws_security_group", "source_security_group_id"),
        ("aws_route", "route_table_id", "aws_route_table", "nat_gateway_id"),
        ("aws_route_table_association", "subnet_id", "aws_subnet", "route_table_id"),
        ("aws_iam_role_policy_attachment", "role", "aws_iam_role", "policy_arn"),
        ("aws_lb_listener_rule", "listener_arn", "aws_lb_listener", "action.target_group_arn"),
        ("aws_lb_target_group_attachment", "target_group_arn", "aws_lb_target_group", "target_id"),
        ("aws_s3_bucket_policy", "bucket", "aws_s3_bucket", "policy"),
        ("aws_secretsmanager_secret_version", "secret_id", "aws_secretsmanager_secret", "secret_string"),
        ("aws_wafv2_web_acl_association", "resource_arn", "aws_lb", "web_acl_arn"),
        ("azurerm_network_security_rule", "network_security_group_name", "azurerm_network_security_group", "name"),
        ("azurerm_subnet_route_table_association", "subnet_id", "azurerm_subnet", "route_table_id"),
        ("azurerm_route", "route_table_name", "azurerm_route_table", "next_hop_in_ip_address"),
        ("azurerm_role_assignment", "principal_id", "azurerm_user_assigned_identity", "role_definition_id"),
        ("google_compute_firewall", "network", "google_compute_network", "target_service_accounts"),
        ("google_compute_route", "network", "google_compute_network", "next_hop_ilb"),
        ("google_secret_manager_secret_version", "secret", "google_secret_manager_secret", "secret_data"),
        ("google_project_iam_member", "member", "google_service_account", "role"),
        ("kubernetes_role_binding_v1", "subject.name", "kubernetes_service_account_v1", "role_ref.name"),
    ],
)
def test_a_satellite_is_a_part_of_what_one_of_its_arguments_names(
    facts: Facts, name: str, argument: str, parent: str, other: str
) -> None:
    satellite = facts.satellite(name)
    assert satellite is not None
    assert satellite.belongs_to(argument, parent)
    assert satellite.belongs_to("", parent)
    assert satellite.is_noticed_through(argument, parent)
    assert not satellite.belongs_to(other, parent)


@pytest.mark.parametrize(
    ("name", "argument", "parent"),
    [
        ("aws_route53_record", "zone_id", "aws_route53_zone"),
        ("azurerm_private_dns_a_record", "private_dns_zone_id", "azurerm_private_dns_zone"),
        ("azurerm_key_vault_access_policy", "key_vault_id", "azurerm_key_vault"),
        ("azurerm_role_assignment", "scope", "azurerm_storage_account"),
        ("google_storage_bucket_iam_member", "bucket", "google_storage_bucket"),
        ("google_project_service", "project", "google_project"),
    ],
)
def test_one_more_record_or_principal_is_not_noticed_by_the_others(
    facts: Facts, name: str, argument: str, parent: str
) -> None:
    satellite = facts.satellite(name)
    assert satellite is not None
    assert satellite.belongs_to(argument, parent)
    assert not satellite.is_noticed_through(argument, parent)


@pytest.mark.parametrize(
    ("name", "bears"),
    [
        ("aws_iam_role_policy_attachment", {"policy_arn"}),
        ("aws_route_table_association", {"route_table_id"}),
        ("aws_network_interface_sg_attachment", {"security_group_id"}),
        ("aws_wafv2_web_acl_association", {"web_acl_arn"}),
        ("aws_vpc_security_group_ingress_rule", {"prefix_list_id"}),
        ("azurerm_subnet_network_security_group_association", {"network_security_group_id"}),
        ("azurerm_network_interface_security_group_association", {"network_security_group_id"}),
        ("google_compute_network_firewall_policy_association", {"firewall_policy"}),
        ("google_project_iam_member", {"role"}),
        ("aws_s3_bucket_policy", set()),
    ],
)
def test_a_satellite_hands_on_the_content_of_what_it_brings_in(facts: Facts, name: str, bears: set[str]) -> None:
    satellite = facts.satellite(name)
    assert satellite is not None
    assert satellite.bears == bears


@pytest.mark.parametrize(
    "name",
    [
        "aws_subnet",
        "aws_db_instance",
        "aws_iam_role",
        "azurerm_subnet",
        "azurerm_mssql_database",
        "azurerm_storage_container",
        "google_compute_subnetwork",
        "google_sql_database",
        "kubernetes_deployment",
    ],
)
def test_a_child_that_exists_in_its_own_right_is_no_satellite(facts: Facts, name: str) -> None:
    assert facts.satellite(name) is None


def test_carriers_are_read_at_run_time(facts: Facts) -> None:
    carriers = {
        "aws_ssm_parameter",
        "aws_secretsmanager_secret",
        "aws_iam_role",
        "aws_security_group",
        "aws_route_table",
        "aws_kms_key",
        "aws_launch_template",
        "aws_lb_target_group",
        "aws_route53_zone",
        "azurerm_network_security_group",
        "azurerm_route_table",
        "azurerm_key_vault_secret",
        "azurerm_user_assigned_identity",
        "google_compute_network",
        "google_service_account",
        "google_secret_manager_secret",
        "kubernetes_config_map",
        "kubernetes_secret_v1",
    }
    assert {name for name in carriers if not facts.is_carrier(name)} == set()
    found = facts.carrier("aws_security_group")
    assert found is not None
    assert found.content == "rules"


@pytest.mark.parametrize("name", ["aws_instance", "aws_lb", "aws_db_instance", "azurerm_resource_group", "zork_thing"])
def test_what_only_serves_is_no_carrier(facts: Facts, name: str) -> None:
    assert not facts.is_carrier(name)
    assert facts.carrier(name) is None


@pytest.mark.parametrize(
    ("name", "inert", "telling"),
    [
        ("aws_vpc", {"tags", "tags_all", "timeouts"}, {"cidr_block", "policy"}),
        ("azurerm_subnet", {"tags", "description"}, {"address_prefixes"}),
        ("google_compute_instance", {"labels", "terraform_labels", "effective_labels"}, {"tags", "metadata"}),
        ("kubernetes_deployment", {"timeouts", "wait_for_rollout"}, {"metadata", "spec"}),
        ("zork_thing", set(), {"tags"}),
    ],
)
def test_tags_and_descriptions_carry_nothing_but_network_tags_do(
    facts: Facts, name: str, inert: set[str], telling: set[str]
) -> None:
    """google_compute_instance.tags are what firewalls select by; the labels of Kubernetes what its selectors do."""
    assert facts.inert(name) >= inert
    assert not facts.inert(name) & telling


def test_a_policy_mentions_without_reading(facts: Facts) -> None:
    """A role whose policy names a secret does not change with it; the task that reads the secret does."""
    assert {"policy", "assume_role_policy"} <= facts.mentions("aws_iam_role")
    assert facts.mentions("zork_thing") == frozenset()


def test_no_carrier_hands_its_content_to_a_part_of_itself(facts: Facts) -> None:
    """Else one more attachment of a policy would change the policy, and with it all the other attachments."""
    satellites = (facts.satellite(row.text("type")) for row in facts.table("satellites").all_rows())
    rings = {
        satellite.type
        for satellite in satellites
        if satellite and any(argument.partition(".")[0] in satellite.bears for argument, _ in satellite.parents)
    }
    assert rings == set()


def test_a_plan_of_aws_types_reads_no_other_clouds_replacements() -> None:
    facts = load_facts()
    facts.force_new("aws_instance")
    assert set(facts._tables) == {"force_new_aws"}


@pytest.mark.parametrize(
    ("name", "anew", "kept"),
    [
        # registry.terraform.io, aws_lambda_function: "version: latest published version" of every publishing update
        ("aws_lambda_function", {"version", "qualified_arn"}, {"arn", "invoke_arn"}),
        ("aws_launch_template", {"latest_version"}, {"id", "default_version"}),
        # an instance that is stopped to change its type comes back with another public address
        ("aws_instance", {"public_ip", "public_dns"}, {"private_ip", "id"}),
        ("aws_security_group", set(), {"id"}),
    ],
)
def test_what_an_update_in_place_computes_anew_is_known(
    facts: Facts, name: str, anew: set[str], kept: set[str]
) -> None:
    assert facts.recomputed(name) >= anew
    assert not facts.recomputed(name) & kept
