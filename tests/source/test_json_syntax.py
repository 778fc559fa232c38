"""Files in JSON syntax."""

import json
from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st

from scopegate.source.json_syntax import read_json

TEXT = dedent(
    """
    {
      "//": "a comment",
      "locals": {
        "vpc": "${aws_vpc.main.id}",
        "nested": {"list": ["a", {"${var.key}": "${module.net.out}-x"}], "n": 3}
      },
      "resource": {
        "aws_vpc": {
          "main": {"cidr": "10.0.0.0/16"},
          "other": [
            {
              "dynamic": {
                "rule": {"for_each": "${var.rules}", "content": {"g": "${rule.value}", "h": "${aws_h.h.id}"}}
              },
              "lifecycle": {
                "prevent_destroy": true,
                "replace_triggered_by": ["aws_a.a.id"],
                "precondition": {"condition": "${aws_p.p.ok}", "error_message": "no"}
              }
            }
          ]
        }
      },
      "data": [{"aws_ami": {"this": {}}}],
      "module": {"net": {"source": "./net"}},
      "provider": {"aws": [{"region": "x"}, {"alias": "china"}]},
      "variable": {"size": {"validation": [{"condition": "${var.size < aws_q.q.n}", "error_message": "no"}]}},
      "terraform": {"required_version": "1"}
    }
    """
).lstrip()


def test_blocks_have_their_names_and_the_lines_of_their_labels() -> None:
    read = read_json(TEXT, "main.tf.json")
    lines = TEXT.splitlines()
    assert {block.name for block in read.blocks} == {
        "local.vpc", "local.nested", "aws_vpc.main", "aws_vpc.other", "data.aws_ami.this", "module.net",
        "provider.aws.china", "var.size",
    }  # fmt: skip
    for block in read.blocks:
        if not block.name.startswith("provider"):
            assert f'"{block.name.rpartition(".")[2]}"' in lines[block.location.line - 1]
    assert read.calls == {"net": "./net"}
    assert read.unread == []


def test_every_string_is_a_template_and_some_lists_are_plain_references() -> None:
    read = {block.name: block for block in read_json(TEXT, "main.tf.json").blocks}
    assert read["local.vpc"].readings[0].references == ("aws_vpc.main.id",)
    assert read["local.nested"].readings[0].references == ("module.net.out", "var.key")
    assert {reading.path: reading.references for reading in read["aws_vpc.other"].readings} == {
        ("rule",): ("var.rules",),
        ("rule", "h"): ("aws_h.h.id",),
        ("lifecycle", "replace_triggered_by"): ("aws_a.a.id",),
        ("lifecycle", "precondition"): ("aws_p.p.ok",),
    }
    assert read["aws_vpc.other"].prevent_destroy
    assert not read["aws_vpc.main"].prevent_destroy
    assert read["var.size"].readings[0].references == ("aws_q.q.n", "var.size")


def test_a_file_that_is_no_json_is_named_with_its_line() -> None:
    assert read_json('{\n  "locals": {\n', "main.tf.json").unread == [3]
    assert read_json("", "main.tf.json").unread == [1]


def test_a_template_that_cannot_be_read_costs_its_own_block() -> None:
    read = read_json('{"locals": {\n"a": "${",\n"b": "${aws_b.b.id}"}}', "main.tf.json")
    assert [block.name for block in read.blocks] == ["local.b"]
    assert read.unread == [2]


KINDS = ["resource", "data", "locals", "module", "provider", "variable", "output", "x"]
NESTED = ["resource", "locals", "dynamic", "lifecycle", "content", "x"]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NESTED), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KINDS), values, max_size=4))
def test_no_document_is_too_strange_to_read(document: dict[str, object]) -> None:
    assert all(block.location.line >= 1 for block in read_json(json.dumps(document, indent=1), "main.tf.json").blocks)
