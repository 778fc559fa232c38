"""What the files tell of the region of a provider that plan JSON leaves out: the function around a variable."""

from pathlib import Path

import pytest

from place.documents import Json, change, config, document, is_unknown, placements, reference, unknown, value
from scopegate.place.placement import Placement
from scopegate.place.written import Written
from scopegate.source.read import read_sources

QUEUE = "aws_sqs_queue.q"
VARIABLE: Json = {"region": {"value": "eu-central-1"}}


def _placed(folder: Path, text: str) -> Placement:
    """Return where a queue is whose provider's region is, by the plan, ``var.region``."""
    (folder / "main.tf").write_text(text, encoding="utf-8")
    plan = document(change(QUEUE, {}), providers=config("aws", region=reference("var.region")), variables=VARIABLE)
    return placements(plan, sources=read_sources(str(folder)))[QUEUE]


@pytest.mark.parametrize(
    "expression",
    [
        "var.region",
        '"${var.region}"',
        "(var.region)",
        'coalesce(var.region, "us-east-1")',
        "lower(trimspace(var.region))",
        'try(var.region, "us-east-1")',
    ],
)
def test_a_variable_that_is_passed_on_is_the_region(tmp_path: Path, expression: str) -> None:
    found = _placed(tmp_path, f'provider "aws" {{\n  region = {expression}\n}}\n')
    assert value(found.region) == "eu-central-1"


@pytest.mark.parametrize(
    "expression",
    [
        # the other side of a pair: terraform itself plans it with us-east-1 and lists var.region
        'var.region == "eu-central-1" ? "us-east-1" : "eu-central-1"',
        'replace(var.region, "eu-central-1", "us-east-1")',
        'coalesce(null, lookup({ eu-central-1 = "us-east-1" }, var.region))',
        '"${replace(var.region, "eu", "us")}"',
        '{ eu-central-1 = "us-east-1" }[var.region]',
    ],
)
def test_a_variable_that_something_else_is_made_of_is_not(tmp_path: Path, expression: str) -> None:
    found = _placed(tmp_path, f'provider "aws" {{\n  region = {expression}\n}}\n')
    assert unknown(found.region).reason.startswith("provider aws: region is computed from var.region")


def test_so_it_is_on_the_way_through_a_module_and_out_of_one(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "main.tf").write_text(
        'variable "home" {}\noutput "peer" { value = var.home }\n', encoding="utf-8"
    )
    root = 'provider "aws" { region = module.net.peer }\nmodule "net" {\n  source = "./net"\n  home = HOME\n}\n'
    plan = document(
        change(QUEUE, {}),
        providers=config("aws", region=reference("module.net.peer", "module.net")),
        calls={"net": {"home": reference("var.region")}},
        variables=VARIABLE,
    )
    module = plan["configuration"]["root_module"]["module_calls"]["net"]["module"]
    module["outputs"] = {"peer": {"expression": reference("var.home")}}

    def region(home: str, output: str) -> object:
        (tmp_path / "main.tf").write_text(root.replace("HOME", home), encoding="utf-8")
        text = f'variable "home" {{}}\noutput "peer" {{\n  value = {output}\n}}\n'
        (tmp_path / "net" / "main.tf").write_text(text, encoding="utf-8")
        found = placements(plan, sources=read_sources(str(tmp_path)))[QUEUE].region
        return None if is_unknown(found) else value(found)

    assert region("var.region", "var.home") == "eu-central-1"
    assert region('replace(var.region, "eu", "us")', "var.home") is None
    assert region("var.region", 'replace(var.home, "eu", "us")') is None


def test_of_two_providers_each_is_read_in_its_own_block(tmp_path: Path) -> None:
    own, other = "region = var.region", 'alias = "dr"\n  region = upper(var.region)'
    text = f'provider "aws" {{\n  {own}\n}}\nprovider "aws" {{\n  {other}\n}}\n'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    both = config("aws", region=reference("var.region")) | config("aws.dr", region=reference("var.region"))
    plan = document(change(QUEUE, {}), change("aws_sns_topic.t", {}, key="aws.dr"), providers=both, variables=VARIABLE)
    found = placements(plan, sources=read_sources(str(tmp_path)))
    assert value(found[QUEUE].region) == "eu-central-1"
    assert is_unknown(found["aws_sns_topic.t"].region)


def test_an_account_beside_another_is_not_the_only_one_that_is_allowed(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "eu-central-1"\n  allowed_account_ids = [var.account, "210987654321"]\n}\n'
    aws = config("aws", region="eu-central-1", allowed_account_ids=reference("var.account"))
    plan = document(change(QUEUE, {}), providers=aws, variables={"account": {"value": "123456789012"}})
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    assert is_unknown(placements(plan, sources=read_sources(str(tmp_path)))[QUEUE].account)
    (tmp_path / "main.tf").write_text(text.replace(', "210987654321"', ""), encoding="utf-8")
    assert value(placements(plan, sources=read_sources(str(tmp_path)))[QUEUE].account) == "123456789012"


def test_files_that_are_no_configuration_say_nothing(tmp_path: Path) -> None:
    assert value(_placed(tmp_path, 'provider "aws" {\n  region = ((\n}\n').region) == "eu-central-1"


def test_an_argument_of_another_nested_block_says_nothing(tmp_path: Path) -> None:
    nested = "assume_role {\n    role_arn = var.role\n  }\n  other {\n    role_arn = upper(var.role)\n  }"
    (tmp_path / "main.tf").write_text(f'provider "aws" {{\n  {nested}\n}}\n', encoding="utf-8")
    written = Written(read_sources(str(tmp_path)))
    assert not written.is_computed((), "provider.aws", ("assume_role", "role_arn"))
    assert written.is_computed((), "provider.aws", ("other", "role_arn"))
