"""Which blocks are said to have edges that nobody can see, each case worked out by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.written import block, change, plan_of, state
from scopegate.graph.build import build_graph


def hidden(
    changes: Sequence[str | dict[str, Any]], root: Mapping[str, Any], **sections: Any
) -> dict[str, tuple[str, ...]]:
    """Return the locals that hide edges, by the block whose edges they hide."""
    return {one.block: one.locals for one in build_graph(plan_of(changes, root, **sections)).hidden}


def created(*addresses: str) -> list[dict[str, Any]]:
    return [change(address, ["read" if ".data." in f".{address}" else "create"]) for address in addresses]


def test_all_the_locals_that_hide_edges_are_named() -> None:
    root = {"resources": [block("aws_a.a", {"one": ["local.b"], "two": ["local.a"]})]}
    assert hidden(["aws_a.a"], root) == {"aws_a.a": ("local.a", "local.b")}


def test_a_local_that_a_call_repeats_over_hides_edges_of_all_that_is_in_the_module() -> None:
    inner = {"module": {"resources": [block("aws_b.b")]}}
    outer = {
        "count_expression": {"references": ["local.n"]},
        "module": {"resources": [block("aws_a.a")], "module_calls": {"inner": inner}},
    }
    root = {"resources": [block("aws_c.c")], "module_calls": {"outer": outer}}
    changes = ["aws_c.c", "module.outer[0].aws_a.a", "module.outer[0].module.inner.aws_b.b"]
    assert hidden(changes, root) == {
        "module.outer.aws_a.a": ("local.n",),
        "module.outer.module.inner.aws_b.b": ("local.n",),
    }


def test_what_is_left_of_a_module_that_is_gone_is_hidden_where_no_state_knows_it() -> None:
    gone = change("module.gone.aws_a.a", ["delete"])
    assert hidden([gone], {}) == {"module.gone.aws_a.a": ()}
    assert hidden([gone], {}, prior_state=state({"module.gone.aws_a.a": []})) == {}


def test_a_local_of_a_provider_configuration_hides_edges_of_all_that_uses_it() -> None:
    root = {
        "resources": [
            block("helm_release.app", {"name": ["local.name"]}, provider_config_key="helm"),
            block("helm_release.other", provider_config_key="helm"),
            block("aws_a.a"),
        ]
    }
    providers = {
        "aws": {"name": "aws"},
        "helm": {"name": "helm", "expressions": {"host": {"references": ["local.host"]}}},
    }
    assert hidden(["helm_release.app", "helm_release.other", "aws_a.a"], root, providers=providers) == {
        "helm_release.app": ("local.host", "local.name"),
        "helm_release.other": ("local.host",),
    }


def test_a_data_source_is_incomplete_where_what_is_new_reads_it_through_another_one_or_all_of_several() -> None:
    root = {
        "resources": [
            block("data.aws_d.d", {"in": ["local.x"]}),
            block("data.aws_e.e", {"in": ["data.aws_d.d"]}),
            block("aws_a.a", {"in": ["data.aws_e.e.id", "data.aws_e.e"]}),
        ]
    }
    both = created("data.aws_d.d[0]", "data.aws_d.d[1]", "data.aws_e.e", "aws_a.a")
    assert hidden(both, root) == {"data.aws_d.d": ("local.x",)}
    known = [*created("data.aws_d.d[0]", "data.aws_d.d[1]", "data.aws_e.e"), change("aws_a.a")]
    assert hidden(known, root, prior_state=state({"aws_a.a": []})) == {}


def test_a_data_source_that_only_what_is_recorded_reads_is_complete_though_something_new_reads_that() -> None:
    root = {
        "resources": [
            block("data.aws_d.d", {"in": ["local.x"]}),
            block("aws_a.a", {"in": ["data.aws_d.d.id", "data.aws_d.d"]}),
            block("aws_b.b", {"in": ["aws_a.a.id", "aws_a.a"]}),
        ]
    }
    changes = [*created("data.aws_d.d", "aws_b.b"), change("aws_a.a")]
    assert hidden(changes, root, prior_state=state({"aws_a.a": []})) == {}


def test_a_local_behind_a_block_that_is_not_there_hides_edges_of_who_would_read_it() -> None:
    root = {
        "resources": [
            block("aws_optional.o", count_expression={"references": ["local.on"]}),
            block("aws_a.a", {"in": ["aws_optional.o"]}),
            block("aws_b.b"),
        ]
    }
    assert hidden(["aws_a.a", "aws_b.b"], root) == {"aws_a.a": ("local.on",)}
