"""Files in Terraform's own syntax: blocks with their lines, and what plan JSON does not say about them."""

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegate.source.contents import Contents
from scopegate.source.model import Reading, SourceBlock
from scopegate.source.native import read_native


def _read(text: str) -> Contents:
    return read_native(dedent(text), "main.tf")


def _block(text: str, name: str) -> SourceBlock:
    (block,) = (block for block in _read(text).blocks if block.name == name)
    return block


def _value(expression: str) -> Reading:
    """Return what a local of this value reads."""
    return _block(f"locals {{\n  x = {expression}\n}}\n", "local.x").readings[0]


def test_every_block_that_something_can_refer_to_has_its_name_and_line() -> None:
    read = _read(
        """
        # a comment with a { brace
        terraform {
          required_version = ">= 1.5"
        }

        provider "aws" {
          region = "eu-central-1"
        }

        provider "aws" {
          alias = "china"
        }

        resource "aws_vpc" "main" {
          tags = { Name = "}" }
        }

        data "aws_ami" "this" {}
        ephemeral "random_password" "db" { length = 12 }
        module "net" { source = "./net" }
        variable "region" {}
        output "id" { value = aws_vpc.main.id }

        locals {
          one = 1

          two = "2"
        }

        moved {
          from = aws_vpc.old
          to   = aws_vpc.main
        }
        """
    )
    assert {block.name: block.location.line for block in read.blocks} == {
        "provider.aws": 7,
        "provider.aws.china": 11,
        "aws_vpc.main": 15,
        "data.aws_ami.this": 19,
        "ephemeral.random_password.db": 20,
        "module.net": 21,
        "var.region": 22,
        "output.id": 23,
        "local.one": 26,
        "local.two": 28,
    }
    assert read.calls == {"net": "./net"}
    assert read.unread == []


@pytest.mark.parametrize(
    ("expression", "references"),
    [
        ("aws_vpc.main.id", ("aws_vpc.main.id",)),
        ('aws_vpc.main["a.b"].tags["Name"]', ('aws_vpc.main["a.b"].tags["Name"]',)),
        ("aws_vpc.main[0].id", ("aws_vpc.main[0].id",)),
        ("aws_vpc.main.0.id", ("aws_vpc.main[0].id",)),
        ("aws_vpc.main[*].id", ("aws_vpc.main.id",)),
        ("aws_vpc.main.*.id", ("aws_vpc.main.id",)),
        ("aws_vpc.main[var.n].id", ("aws_vpc.main.id", "var.n")),
        ('aws_vpc.main["x-${local.k}"].id', ("aws_vpc.main.id", "local.k")),
        ("module.net.vpc_id", ("module.net.vpc_id",)),
        ("data.aws_ami.this.id", ("data.aws_ami.this.id",)),
        ('"a-${aws_vpc.main.id}-b"', ("aws_vpc.main.id",)),
        ('"$${aws_vpc.main.id}"', ()),
        ('"%{ if var.x == "}" }${aws_a.a.id}%{ endif }"', ("aws_a.a.id", "var.x")),
        ("[for v in aws_vpc.main : v.id if v.ok]", ("aws_vpc.main",)),
        ("{ for k, v in var.m : k => aws_vpc.main[k].id }", ("aws_vpc.main.id", "var.m")),
        ("[for aws_vpc in aws_vpc.main : aws_vpc.id]", ("aws_vpc.main",)),
        ("[for v in [for w in aws_a.a : w.id] : [v.x, w.y]]", ("aws_a.a", "w.y")),
        ("lookup(aws_a.a, var.k).z", ("aws_a.a", "var.k")),
        ("(aws_a.a).z", ("aws_a.a",)),
        ("var.c ? aws_a.a.id : try(aws_b.b[0].id, null)", ("aws_a.a.id", "aws_b.b[0].id", "var.c")),
        ("{ name = 1, (var.k) = 2, \"${local.q}\" = 3 }", ("local.q", "var.k")),
        ("!var.a && -var.b > 3", ("var.a", "var.b")),
        ("provider::aws::arn_parse(aws_a.a.arn)", ("aws_a.a.arn",)),
        ("null", ()),
    ],
)  # fmt: skip
def test_the_references_of_an_expression(expression: str, references: tuple[str, ...]) -> None:
    assert _value(expression).references == references


def test_a_heredoc_is_a_template() -> None:
    read = _value(
        '<<-EOT\n    "quoted { ${aws_a.a.id}\n    %{ for x in aws_q.q ~}\n    ${x.id}\n    %{ endfor }\n  EOT'
    )
    assert read.references == ("aws_a.a.id", "aws_q.q")


def test_an_own_key_is_told_from_another_computed_one() -> None:
    block = _block(
        """
        resource "aws_a" "a" {
          for_each = var.names
          lifecycle {
            replace_triggered_by = [
              aws_b.b[each.key].id, aws_c.c[each.value.peer], data.aws_d.d[each.value], module.m[each.key].out,
              aws_e.e[0],
            ]
          }
        }
        """,
        "aws_a.a",
    )
    (reading,) = block.readings
    assert reading.by_own_key == ("aws_b.b.id", "data.aws_d.d", "module.m.out")
    assert {"aws_c.c", "aws_e.e[0]"} <= set(reading.references)


def test_what_plan_json_leaves_out_of_a_resource_is_read_and_the_rest_is_not() -> None:
    block = _block(
        """
        resource "aws_security_group" "a" {
          vpc_id = aws_vpc.main.id

          dynamic "ingress" {
            for_each = var.rules
            iterator = rule
            content {
              port   = rule.value.port
              groups = [aws_security_group.b.id, ingress.x]
              dynamic "inner" {
                for_each = rule.value.inner
                content {
                  name = inner.key
                  zone = aws_zone.z.id
                }
              }
            }
          }

          timeouts {
            dynamic "deep" {
              for_each = local.deep
              content {}
            }
          }

          provisioner "remote-exec" {
            inline = [aws_not.read.id]
            connection {
              host = aws_eip.a.public_ip
            }
          }

          lifecycle {
            prevent_destroy = true
            ignore_changes  = [tags["x"], network_interface.a]
            precondition {
              condition     = data.aws_quota.q.value > 3
              error_message = "too few"
            }
          }
        }
        """,
        "aws_security_group.a",
    )
    assert {reading.path: reading.references for reading in block.readings} == {
        ("ingress",): ("var.rules",),
        ("ingress", "groups"): ("aws_security_group.b.id", "ingress.x"),
        ("ingress", "inner"): (),
        ("ingress", "inner", "zone"): ("aws_zone.z.id",),
        ("timeouts", "deep"): ("local.deep",),
        ("provisioner", "remote-exec", "connection", "host"): ("aws_eip.a.public_ip",),
        ("lifecycle", "precondition", "condition"): ("data.aws_quota.q.value",),
    }
    assert block.prevent_destroy


def test_the_conditions_of_variables_and_outputs_are_read() -> None:
    text = """
    variable "size" {
      validation {
        condition     = var.size < aws_quota.q.value
        error_message = "too large"
      }
    }

    output "id" {
      value = aws_vpc.main.id
      precondition {
        condition     = aws_gate.g.open
        error_message = "shut"
      }
    }
    """
    assert [reading.references for reading in _block(text, "var.size").readings] == [("aws_quota.q.value", "var.size")]
    assert [reading.references for reading in _block(text, "output.id").readings] == [("aws_gate.g.open",)]


def test_a_source_is_found_beside_an_argument_of_that_name_in_an_object() -> None:
    text = 'module "m" {\n  files = {\n    source = "elsewhere"\n  }\n  source = "./here"\n}\n'
    assert _read(text).calls == {"m": "./here"}


def test_a_block_that_the_parser_cannot_read_keeps_its_line_and_is_named() -> None:
    read = _read(
        """
        resource "aws_a" "a" {
          lifecycle {
            ignore_changes = = broken
          }
        }

        locals {
          x = aws_b.b.id
        }
        """
    )
    assert {block.name: block.location.line for block in read.blocks} == {"aws_a.a": 2, "local.x": 9}
    assert read.unread == [2]


def test_a_file_that_breaks_off_keeps_what_stands_before() -> None:
    read = _read('resource "aws_a" "a" {}\n\nresource "aws_b" "b" {\n  x = "\n}\n')
    assert [block.name for block in read.blocks] == ["aws_a.a"]
    assert read.unread == [3]


def test_windows_line_ends_change_nothing() -> None:
    text = "locals {\r\n  a = <<EOT\r\n${aws_a.a.id}\r\nEOT\r\n\r\n  b = aws_b.b.id\r\n}\r\n"
    read = read_native(text, "main.tf")
    assert {block.name: (block.location.line, block.readings[0].references) for block in read.blocks} == {
        "local.a": (2, ("aws_a.a.id",)),
        "local.b": (6, ("aws_b.b.id",)),
    }


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab{}"$%\\\n#/*<-E= .[]()', max_size=60))
def test_no_text_is_too_strange_to_read(text: str) -> None:
    assert all(line >= 1 for line in read_native(text, "main.tf").unread)
    read_native(f'locals {{\n  x = "{text}"\n}}\n', "main.tf")


def test_a_long_file_is_split_in_time_linear_in_its_length() -> None:
    long = 'resource "aws_a" "a' + "a" * 200_000 + '" {\n' + "  x = 1 # y\n" * 20_000 + "}\n"
    assert _read(long).unread == []
    assert _read("a" * 200_000).unread == [1]
    assert _read('x "' + '" "' * 50_000).unread == [1]


@pytest.mark.parametrize(
    "text", ['module "m" {\n  source = "./a" source = "./b" %{ if\n}\n', 'module {\n  source = "./a"\n}\n']
)
def test_a_call_that_cannot_be_parsed_calls_nothing(text: str) -> None:
    # The first made a crash of a whole review; found by fuzzing.
    assert read_native(text, "main.tf").calls == {}


def test_a_call_that_cannot_be_parsed_is_said_to_be_unread() -> None:
    read = read_native('module "m" {\n  source = "./a"\n  x = {\n    source = "./b" %{ if\n  }\n}\n', "main.tf")
    assert (read.calls, read.unread) == ({}, [1])


DEEP = 1_500
"""Terms, steps or brackets: more than Python's own stack has room for."""


@pytest.mark.parametrize(
    "expression",
    [
        "a.b + " * DEEP + "1",
        "[" * DEEP + "a.b" + "]" * DEEP,
        "a" + ".b" * DEEP,
        'a.b["${' * DEEP + "1" + '}"]' * DEEP,
        "var.v ? 1 : " * DEEP + "2",
    ],
    ids=["sum", "brackets", "steps", "keys", "conditions"],
)
@pytest.mark.parametrize(
    "text",
    [
        "locals {\n  x = %s\n}\n",
        'terraform {\n  backend "s3" {\n    key = %s\n  }\n}\n',
        'module "m" {\n  x = {\n    source = "a"\n  }\n  source = "./m"\n  y = %s\n}\n',
        'resource "a" "b" {\n  lifecycle {\n    prevent_destroy = %s\n  }\n}\n',
        'resource "a" "b" {\n  dynamic "x" {\n    iterator = %s\n    content {}\n  }\n}\n',
    ],
    ids=["local", "backend", "call", "lifecycle", "dynamic"],
)
def test_what_is_very_deep_is_read(text: str, expression: str) -> None:
    assert not _read(text % expression).unread


def test_very_many_loops_in_each_other_are_not_read() -> None:
    names = range(1_100)
    loops = "".join(f"[for x{name} in a.b : " for name in names) + "1" + "]" * len(names)
    assert _read(f"locals {{\n  x = {loops}\n}}\n").unread == [1]


def test_the_steps_of_a_reference_stand_in_their_order() -> None:
    assert _value('a.b[0].c["d"].e').references == ('a.b[0].c["d"].e',)
    assert _value('a.b["${c.d}"].e').references == ("a.b.e", "c.d")
