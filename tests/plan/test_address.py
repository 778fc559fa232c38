"""Addresses: what Terraform prints is read back to the same thing, whatever the key holds."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scopegate.errors import PlanError
from scopegate.plan.address import (
    ConfigAddress,
    Mode,
    ModuleAddress,
    ModuleStep,
    ResourceAddress,
    format_key,
    in_stack,
    module_path,
    parse_module_address,
    parse_resource_address,
    string_keys,
    told_apart,
)

# data/odd_keys/main.tf, planned and shown by terraform 1.11.4: what it printed, beside the keys themselves.
RECORDED = json.loads((Path(__file__).parent / "data/odd_keys/addresses.json").read_text())

# One of each form in published plans; where they are from is in fixtures/real/SOURCES.md.
PUBLISHED = [
    "aws_autoscaling_group.example",
    "azurerm_linux_virtual_machine.invalid-alvm",
    "azurerm_network_interface.ani[0]",
    "data.null_data_source.baz",
    "ephemeral.random_password.db",
    'local_file.test["0"]',
    'aws_instance.instance_named["test.1"]',
    "module.mine.aws_sqs_queue.sqs_withTags",
    "module.eks.aws_iam_role_policy_attachment.example-AmazonEKSFargatePodExecutionRolePolicy",
    "module.db.module.db_1.module.db_instance.aws_db_instance.this[0]",
    'module.server["North Europe"].module.data_disks[0].azurerm_managed_disk.disks[0]',
    'module.iam.google_project_iam_binding.bastion_human_access["roles/compute.osAdminLogin"]',
    'module.project-services.google_project_service.project_services["sql-component.googleapis.com"]',
]


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: ascii(row["address"]))
def test_what_terraform_prints_for_an_odd_key_is_read_back_to_that_key(row: dict[str, str]) -> None:
    address = parse_resource_address(row["address"])
    assert address.key == row["index"]
    assert str(address) == row["address"]
    assert parse_module_address(row["module_address"]) == address.module
    assert ".".join(map(str, address.module)) == row["module_address"]


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_addresses_round_trip(text: str) -> None:
    assert str(parse_resource_address(text)) == text


def test_a_number_and_the_same_digits_in_quotes_are_two_instances() -> None:
    assert parse_resource_address("x.y[0]").key == 0
    assert parse_resource_address('x.y["0"]').key == "0"
    assert parse_resource_address("x.y[0]") != parse_resource_address('x.y["0"]')


def test_dots_and_brackets_in_a_module_key_do_not_end_it() -> None:
    address = parse_resource_address('module.net["eu.central-1].x"].module.az["a"].aws_subnet.this[2]')
    assert address.module == (ModuleStep("net", "eu.central-1].x"), ModuleStep("az", "a"))
    assert (address.type, address.name, address.key) == ("aws_subnet", "this", 2)
    assert address.config == ConfigAddress(("net", "az"), Mode.MANAGED, "aws_subnet", "this")
    assert str(address.config) == "module.net.module.az.aws_subnet.this"


def test_a_resource_may_be_called_module() -> None:
    address = parse_resource_address("module.a.aws_vpc.module")
    assert (address.module, address.name) == ((ModuleStep("a"),), "module")


def test_names_may_hold_dashes_and_letters_of_any_script() -> None:
    address = parse_resource_address("module.संसाधन.aws_vpc.क्षेत्र-१")
    assert (address.module, address.name) == ((ModuleStep("संसाधन"),), "क्षेत्र-१")


def test_the_root_module_is_empty() -> None:
    assert parse_module_address("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "aws_vpc",
        "aws_vpc.",
        ".main",
        "aws_vpc.main.id",
        "aws_vpc.main[",
        "aws_vpc.main[each.key]",
        "aws_vpc.main[-1]",  # Terraform: "Index brackets must contain either a literal number or a literal string"
        "aws_vpc.main[9223372036854775808]",  # Terraform: "must be a whole number, between ..."
        "aws_vpc.main[" + "9" * 5000 + "]",
        "aws_vpc.main[01]",
        'aws_vpc.main["a]',
        r'aws_vpc.main["\x"]',  # Terraform: "not a valid escape sequence selector"
        "1aws.main",
        "-aws.main",
        "aws vpc.main",
        "module.a",
        "module.a.module.b",
        "module.a[0]aws_vpc.main",
    ],
)
def test_what_terraform_would_not_take_is_no_resource_address(text: str) -> None:
    with pytest.raises(PlanError, match="is not a Terraform address"):
        parse_resource_address(text)


@pytest.mark.parametrize("text", ["module", "module.", "aws_vpc.main", "module.a.aws_vpc.main", 'module.a["b'])
def test_what_is_no_module_is_no_module_address(text: str) -> None:
    with pytest.raises(PlanError, match="is not a Terraform address"):
        parse_module_address(text)


def test_the_largest_key_of_terraform_is_read() -> None:
    assert parse_resource_address("x.y[9223372036854775807]").key == 2**63 - 1


def test_half_a_surrogate_pair_becomes_the_replacement_character_as_in_terraform() -> None:
    assert parse_resource_address(r'x.y["\ud800"]').key == "\ufffd"


def test_what_cannot_be_printed_is_written_by_its_number_as_terraform_does() -> None:
    # hashicorp/terraform, internal/addrs/instance_key.go, toHCLQuotedString: \\u below 65536, else \\U.
    assert format_key("\x01\uffff\U0010ffff") == r'["\u0001\uffff\U0010ffff"]'
    assert parse_resource_address(r'x.y["\uffff\U0010ffff\U00110000"]').key == "\uffff\U0010ffff\ufffd"


def test_an_address_of_a_report_on_several_plans_is_told_from_its_stack() -> None:
    assert in_stack("network", "aws_vpc.a") == "network: aws_vpc.a"
    assert in_stack("", "aws_vpc.a") == "aws_vpc.a"
    assert told_apart("network: aws_vpc.a", ["app", "network"]) == ("network", "aws_vpc.a")
    assert told_apart("a: b: aws_vpc.a", ["", "a", "a: b", "b"]) == ("a: b", "aws_vpc.a")
    assert told_apart("aws_vpc.a", ["", "aws_vpc"]) == ("", "aws_vpc.a")


NAMES = st.from_regex(r"[^\W\d][\w-]{0,8}", fullmatch=True).filter(lambda name: name.replace("-", "_").isidentifier())
TEXT_KEYS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from('"\\$%{}[].\n\r\t`')), max_size=8
)
KEYS = st.one_of(st.none(), st.integers(0, 2**63 - 1), TEXT_KEYS)
MODULES = st.lists(st.builds(ModuleStep, NAMES, KEYS), max_size=3).map(tuple)
TYPES = NAMES.filter(lambda name: name not in {"module", *Mode})
ADDRESSES = st.builds(ResourceAddress, MODULES, st.sampled_from(Mode), TYPES, NAMES, KEYS)


@given(ADDRESSES)
@example(ResourceAddress((), Mode.MANAGED, "x", "y", "$${"))
@example(ResourceAddress((), Mode.MANAGED, "x", "y", "\\${"))
@example(ResourceAddress((ModuleStep("module", "module.x"),), Mode.DATA, "data", "data", "\\"))
@settings(max_examples=300)
def test_every_address_is_read_back_from_how_it_is_written(address: ResourceAddress) -> None:
    assert parse_resource_address(str(address)) == address


@given(MODULES)
@settings(max_examples=100)
def test_every_module_address_is_read_back_from_how_it_is_written(module: ModuleAddress) -> None:
    assert parse_module_address(".".join(map(str, module))) == module
    assert module_path(module) == tuple(step.name for step in module)


@given(st.tuples(KEYS, KEYS))
@settings(max_examples=100)
def test_two_keys_are_written_alike_only_if_they_are_the_same(keys: tuple[int | str | None, int | str | None]) -> None:
    one, other = keys
    assert (format_key(one) == format_key(other)) is (one == other)


def test_the_keys_of_an_address_are_told_as_they_were_before_terraform_escaped_them() -> None:
    assert string_keys('module.m["a"].aws_vpc.v["b"]') == ["a", "b"]
    assert string_keys(r'module.m["a\"b"].aws_vpc.v["c"]') == ['a"b', "c"]
    assert string_keys('aws_vpc.v["$${a}"]') == ["${a}"]
