"""References, as plan JSON lists them: what they refer to, and which of a list were written."""

import pytest

from scopegate.plan.address import Mode
from scopegate.plan.reference import (
    LocalReference,
    ModuleReference,
    OtherReference,
    Reference,
    ResourceReference,
    VariableReference,
    by_own_key,
    longest,
    parse_reference,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("aws_vpc.main", ResourceReference(Mode.MANAGED, "aws_vpc", "main", None, "")),
        ("aws_vpc.main[0].id", ResourceReference(Mode.MANAGED, "aws_vpc", "main", 0, "id")),
        ('aws_vpc.main["a.b"].tags["x"]', ResourceReference(Mode.MANAGED, "aws_vpc", "main", "a.b", 'tags["x"]')),
        ("data.aws_ami.a.id", ResourceReference(Mode.DATA, "aws_ami", "a", None, "id")),
        ("ephemeral.random_password.p[1]", ResourceReference(Mode.EPHEMERAL, "random_password", "p", 1, "")),
        ('module.net["a"].vpc.id', ModuleReference("net", "a", "vpc", "id")),
        ("module.net[0]", ModuleReference("net", 0, "", "")),
        ("module.net", ModuleReference("net", None, "", "")),
        ("var.network.vpc_id", VariableReference("network", "vpc_id")),
        ("local.tags", LocalReference("tags", "")),
    ],
)
def test_a_reference_says_what_is_read_of_what(text: str, meant: Reference) -> None:
    assert parse_reference(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        *("each.key", "count.index", "path.module", "terraform.workspace", "self.id", "action.aws_lambda_invoke.a"),
        *("", "aws_vpc", "var", "module", "data", "data.aws_ami", "ephemeral.random_password", "[0]", "aws_vpc.[0]"),
    ],
)
def test_what_names_no_block_refers_to_nothing_in_the_graph(text: str) -> None:
    assert parse_reference(text) == OtherReference(text)


def test_the_prefixes_that_are_listed_after_a_reference_were_not_written() -> None:
    assert longest(["aws_vpc.a.id", "aws_vpc.a", "var.v"]) == ("aws_vpc.a.id", "var.v")
    assert longest(["aws_vpc.a.id", "aws_vpc.a", "aws_vpc.ab"]) == ("aws_vpc.a.id", "aws_vpc.ab")
    assert longest(["aws_vpc.a[0].id", "aws_vpc.a[0]", "aws_vpc.a"]) == ("aws_vpc.a[0].id",)


def test_a_whole_module_that_was_written_after_one_of_its_outputs_is_kept() -> None:
    # hashicorp/terraform, internal/command/jsonconfig/expression.go: after an output, its call with its key ends it.
    listed = ['module.net["a"].vpc', 'module.net["a"]', "module.net"]
    assert longest(listed) == ("module.net", 'module.net["a"].vpc')


def test_what_is_read_of_an_output_comes_before_it_and_is_one_with_it() -> None:
    assert longest(["module.net.vpc.id", "module.net.vpc", "module.net"]) == ("module.net.vpc.id",)


def test_only_what_always_stands_before_the_own_key_is_by_it() -> None:
    assert by_own_key(["aws_subnet.a", "each.key", "aws_vpc.a.id", "aws_vpc.a"]) == ("aws_subnet.a",)
    assert by_own_key(["aws_subnet.a", "count.index", "aws_subnet.a", "var.n"]) == ()
    assert by_own_key(["aws_subnet.a", "each.value", "aws_subnet.b"]) == ("aws_subnet.a",)
    assert by_own_key(["aws_subnet.a", "each.value.peer"]) == ()
