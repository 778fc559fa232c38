"""Edges that only the prior state shows, each case worked out by hand from the lists that it holds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from graph.written import block, change, edges, links, plan_of, state
from scopegate.graph.build import build_graph
from scopegate.graph.edges import EdgeKind, HiddenEdges
from scopegate.source.read import read_sources

Pair = tuple[str, str]


def told(recorded: Mapping[str, Sequence[str]], root: Mapping[str, Any] | None = None) -> dict[Pair, set[EdgeKind]]:
    """Return by what each edge is told in a plan that leaves alone what the state recorded."""
    plan = plan_of(recorded, root or {}, prior_state=state(recorded))
    return {pair: {link.kind for link in some} for pair, some in links(plan).items()}


def by_state(recorded: Mapping[str, Sequence[str]], root: Mapping[str, Any] | None = None) -> set[Pair]:
    return {pair for pair, kinds in told(recorded, root).items() if EdgeKind.STATE in kinds}


def module(*blocks: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {"module": {"resources": list(blocks)}, **fields}


def test_what_a_reference_tells_is_not_told_again_by_the_state() -> None:
    net = {**module(block("aws_vpc.v"))}
    net["module"]["outputs"] = {"id": {"expression": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}}
    subnet = block("aws_subnet.s", {"vpc": ["module.net.id", "module.net"], "zone": ["aws_zone.z.id", "aws_zone.z"]})
    root = {"resources": [subnet, block("aws_zone.z")], "module_calls": {"net": net}}
    recorded = {"module.net.aws_vpc.v": [], "aws_zone.z": [], "aws_subnet.s": ["aws_zone.z", "module.net.aws_vpc.v"]}
    assert told(recorded, root) == {
        ("aws_subnet.s", "module.net.aws_vpc.v"): {EdgeKind.REFERENCE},
        ("aws_subnet.s", "aws_zone.z"): {EdgeKind.REFERENCE},
    }


def test_what_is_read_in_a_module_explains_nothing_of_what_has_the_same_name_outside() -> None:
    net = module(block("aws_vpc.v"))
    net["module"]["outputs"] = {"id": {"expression": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}}
    subnet = block("aws_subnet.s", {"vpc": ["module.net.id", "module.net"]})
    root = {"resources": [subnet, block("aws_vpc.v")], "module_calls": {"net": net}}
    recorded = {"module.net.aws_vpc.v": [], "aws_vpc.v": [], "aws_subnet.s": ["aws_vpc.v", "module.net.aws_vpc.v"]}
    assert told(recorded, root) == {
        ("aws_subnet.s", "module.net.aws_vpc.v"): {EdgeKind.REFERENCE},
        ("aws_subnet.s", "aws_vpc.v"): {EdgeKind.STATE},
    }


def test_what_a_long_local_tells_is_not_told_again_by_the_state(tmp_path: Path) -> None:
    many = [f"aws_a.a{number}" for number in range(30)]
    (tmp_path / "main.tf").write_text(f"locals {{\n  all = [{', '.join(f'{name}.id' for name in many)}]\n}}\n")
    root = {"resources": [*map(block, many), block("aws_b.b", {"in": ["local.all"]})]}
    recorded = {**{name: [] for name in many}, "aws_b.b": many}
    plan = plan_of(recorded, root, prior_state=state(recorded))
    found = links(plan, build_graph(plan, read_sources(str(tmp_path))))
    assert {pair: [link.kind for link in some] for pair, some in found.items()} == {
        ("aws_b.b", name): [EdgeKind.REFERENCE] for name in many
    }


WAITS = {
    "resources": [block("aws_a.a", depends_on=["module.net"]), block("aws_role.r")],
    "module_calls": {"net": module(block("aws_vpc.v"), block("aws_zone.z"))},
}


def test_what_is_behind_a_module_that_is_waited_for_is_explained_by_that() -> None:
    inside = {"module.net.aws_vpc.v": ["aws_role.r"], "module.net.aws_zone.z": [], "aws_role.r": []}
    assert by_state({**inside, "aws_a.a": ["aws_role.r", "module.net.aws_vpc.v", "module.net.aws_zone.z"]}, WAITS) == {
        ("module.net.aws_vpc.v", "aws_role.r")
    }


def test_a_record_that_knows_less_than_what_is_behind_it_is_of_another_time_and_explains_nothing() -> None:
    # a's record is of before the role was read in the module, and names the queue that the module's record does not
    inside = {"module.net.aws_vpc.v": ["aws_role.r"], "module.net.aws_zone.z": [], "aws_role.r": [], "aws_queue.q": []}
    found = by_state({**inside, "aws_a.a": ["aws_queue.q", "module.net.aws_vpc.v"]}, WAITS)
    assert ("aws_a.a", "aws_queue.q") in found


def test_what_a_call_around_a_block_waits_for_explains_what_is_recorded_of_it() -> None:
    root = {
        "resources": [block("aws_role.r")],
        "module_calls": {"net": module(block("aws_vpc.v"), depends_on=["aws_role.r"])},
    }
    recorded = {"aws_role.r": [], "module.net.aws_vpc.v": ["aws_role.r"]}
    assert told(recorded, root) == {("module.net.aws_vpc.v", "aws_role.r"): {EdgeKind.DEPENDS_ON}}


@pytest.mark.parametrize(
    ("dependent", "dependency", "expected"),
    [
        # the same instance of every module around the two
        ('module.m["*"].aws_a.a', 'module.m["*"].module.n.aws_b.b', "same"),
        ('module.m["*"].module.n.aws_a.a', 'module.m["*"].aws_b.b', "same"),
        ('module.m["*"].module.o.aws_a.a', 'module.m["*"].module.n.aws_b.b', "same"),
        # of modules that do not stand around both, all instances
        ('module.m["*"].aws_a.a', 'module.n["*"].aws_b.b', "all"),
        ('module.m["*"].module.n.aws_a.a', 'module.o["*"].module.n.aws_b.b', "all"),
        ('aws_a.a["*"]', 'aws_b.b["*"]', "all"),
        # a module that is called as another one is elsewhere
        ('module.m["*"].module.n.aws_a.a', 'module.n["*"].aws_b.b', "all"),
    ],
)
def test_a_record_without_keys_means_all_instances_in_the_module_instances_that_both_share(
    dependent: str, dependency: str, expected: str
) -> None:
    names = [dependency.replace('["*"]', "")]
    keyed = {key: (dependent.replace("*", key), dependency.replace("*", key)) for key in "xy"}
    recorded: dict[str, Sequence[str]] = {other: [] for _, other in keyed.values()}
    recorded |= {one: names for one, _ in keyed.values()}
    pairs = {(keyed[one][0], keyed[other][1]) for one in "xy" for other in "xy" if expected == "all" or one == other}
    assert told(recorded) == {pair: {EdgeKind.STATE} for pair in pairs}


def test_of_what_is_recorded_only_what_is_behind_nothing_else_of_it_is_an_edge() -> None:
    chain = {"aws_a.a": [], "aws_b.b": ["aws_a.a"], "aws_c.c": ["aws_a.a", "aws_b.b"], "aws_d.d": []}
    recorded = {**chain, "aws_e.e": ["aws_a.a", "aws_b.b", "aws_c.c", "aws_d.d"]}
    assert by_state(recorded) == {
        ("aws_b.b", "aws_a.a"),
        ("aws_c.c", "aws_b.b"),
        ("aws_e.e", "aws_c.c"),
        ("aws_e.e", "aws_d.d"),
    }


def test_an_entry_is_explained_by_no_record_that_holds_more() -> None:
    # b's record is younger and holds x, which c's does not: c depended on a when it was applied, be it through b or not
    recorded = {"aws_a.a": [], "aws_x.x": [], "aws_b.b": ["aws_a.a", "aws_x.x"], "aws_c.c": ["aws_a.a", "aws_b.b"]}
    assert by_state(recorded) >= {("aws_c.c", "aws_a.a"), ("aws_c.c", "aws_b.b")}
    # the same where the configuration tells of b
    root = {"resources": [block("aws_c.c", {"in": ["aws_b.b.id", "aws_b.b"]}), block("aws_b.b")]}
    assert told(recorded, root)["aws_c.c", "aws_a.a"] == {EdgeKind.STATE}
    assert told(recorded, root)["aws_c.c", "aws_b.b"] == {EdgeKind.REFERENCE}


def test_what_a_data_source_reads_explains_the_record_of_who_reads_that() -> None:
    root = {
        "resources": [
            block("aws_a.a", {"in": ["data.aws_d.d.id", "data.aws_d.d"]}),
            block("data.aws_d.d", {"in": ["data.aws_e.e.id", "data.aws_e.e"]}),
            block("data.aws_e.e", {"in": ["aws_b.b.id", "aws_b.b"]}),
            block("aws_b.b"),
            block("aws_c.c"),
            block("aws_x.x"),
        ]
    }
    recorded: dict[str, Sequence[str]] = {
        "aws_c.c": [],
        "aws_x.x": [],
        "aws_b.b": ["aws_c.c"],
        "data.aws_d.d": [],
        "data.aws_e.e": [],
    }
    names = ["aws_b.b", "aws_c.c", "aws_x.x", "data.aws_d.d", "data.aws_e.e"]
    assert by_state({**recorded, "aws_a.a": names}, root) == {("aws_b.b", "aws_c.c"), ("aws_a.a", "aws_x.x")}
    assert by_state({**recorded, "aws_a.a": ["aws_b.b", "aws_c.c", "data.aws_d.d", "data.aws_e.e"]}, root) == {
        ("aws_b.b", "aws_c.c")
    }


def test_data_sources_that_read_each_other_by_a_module_end_a_search() -> None:
    # a record of a data source that is gone from the configuration, beside one that is not
    root = {"resources": [block("aws_a.a", {"in": ["data.aws_d.d.id", "data.aws_d.d"]}), block("data.aws_d.d")]}
    recorded: dict[str, Sequence[str]] = {"aws_b.b": [], "data.aws_d.d": [], "data.aws_gone.g": []}
    found = told({**recorded, "aws_a.a": ["aws_b.b", "data.aws_d.d", "data.aws_gone.g"]}, root)
    assert found == {
        ("aws_a.a", "aws_b.b"): {EdgeKind.STATE},
        ("aws_a.a", "data.aws_d.d"): {EdgeKind.REFERENCE},
        ("aws_a.a", "data.aws_gone.g"): {EdgeKind.STATE},
    }


def test_instances_of_a_block_that_is_recorded_to_depend_on_itself_do_not_depend_on_each_other() -> None:
    recorded = {"aws_a.a[0]": ["aws_a.a", "aws_b.b"], "aws_a.a[1]": ["aws_a.a", "aws_b.b"], "aws_b.b": []}
    assert set(told(recorded)) == {("aws_a.a[0]", "aws_b.b"), ("aws_a.a[1]", "aws_b.b")}


def test_instances_that_were_applied_at_different_times_depend_on_what_any_was_recorded_to() -> None:
    recorded = {"aws_a.a[0]": ["aws_b.b"], "aws_a.a[1]": ["aws_c.c"], "aws_b.b": [], "aws_c.c": []}
    assert set(told(recorded)) == {
        (dependent, dependency) for dependent in ("aws_a.a[0]", "aws_a.a[1]") for dependency in ("aws_b.b", "aws_c.c")
    }


def test_a_record_of_what_is_not_there_any_more_is_left_aside() -> None:
    assert told({"aws_a.a": ["aws_gone.g", "aws_b.b"], "aws_b.b": []}) == {("aws_a.a", "aws_b.b"): {EdgeKind.STATE}}


def test_a_block_of_which_the_state_does_not_hold_every_instance_is_as_incomplete_as_without_it() -> None:
    root = {"resources": [block("aws_a.a", {"in": ["local.x"]}), block("aws_b.b")]}
    recorded = {"aws_a.a[0]": ["aws_b.b"], "aws_b.b": []}
    whole = plan_of(recorded, root, prior_state=state(recorded))
    assert build_graph(whole).hidden == ()
    more = plan_of([*recorded, change("aws_a.a[1]", ["create"])], root, prior_state=state(recorded))
    assert build_graph(more).hidden == (HiddenEdges("aws_a.a", ("local.x",)),)


def test_a_name_of_before_a_move_means_the_block_of_today_unless_another_has_that_name_now() -> None:
    moved = change("aws_b.new", previous_address="aws_b.old")
    recorded = {"aws_a.a": ["aws_b.old"], "aws_b.new": []}
    assert edges(plan_of(["aws_a.a", moved], {}, prior_state=state(recorded))) == {("aws_a.a", "aws_b.new")}
    taken = plan_of(["aws_a.a", moved, "aws_b.old"], {}, prior_state=state({**recorded, "aws_b.old": []}))
    assert edges(taken) == {("aws_a.a", "aws_b.old")}


def test_what_a_data_source_reads_of_a_block_without_instances_explains_nothing() -> None:
    """The record of a holds what it read through the data source, and the block with count = 0 is in no record."""
    root = {
        "resources": [
            block("aws_a.a", {"in": ["data.aws_d.d.id", "data.aws_d.d"]}),
            block("data.aws_d.d", {"of": ["aws_b.b.id", "aws_b.b", "aws_gone.g.id", "aws_gone.g"]}),
            block("aws_b.b"),
            block("aws_gone.g", count_expression={"constant_value": 0}),
        ]
    }
    plan = plan_of(
        ["aws_a.a", "data.aws_d.d", "aws_b.b"],
        root,
        prior_state=state({"aws_a.a": ["aws_b.b", "data.aws_d.d"], "aws_b.b": []}),
    )
    assert {pair: {link.kind for link in some} for pair, some in links(plan).items()} == {
        ("aws_a.a", "data.aws_d.d"): {EdgeKind.REFERENCE},
        ("data.aws_d.d", "aws_b.b"): {EdgeKind.REFERENCE},
    }
