"""Which instances are meant where keys are handed through variables, outputs and what is not there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from graph.written import block, change, edges, links, plan_of
from scopegate.graph.build import build_graph
from scopegate.graph.edges import EdgeKind, Match

BY_KEY = ["aws_vpc.main", "each.key"]
"""``aws_vpc.main[each.key].id``, as plan JSON lists it."""

BOTH: dict[str, Any] = {"for_each_expression": {"constant_value": {"a": "1", "b": "2"}}}
"""A ``for_each`` over a and b."""


def over(*references: str) -> dict[str, Any]:
    return {"for_each_expression": {"references": list(references)}}


def call(
    *blocks: Mapping[str, Any],
    passes: Mapping[str, Sequence[str]] | None = None,
    outputs: Mapping[str, Sequence[str]] | None = None,
    calls: Mapping[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Return a module call; ``passes`` and ``outputs`` map names to the references listed for them."""
    passed = {name: {"references": list(references)} for name, references in (passes or {}).items()}
    given = {name: {"expression": {"references": list(some)}} for name, some in (outputs or {}).items()}
    module = {
        "resources": list(blocks),
        "variables": {name: {} for name in passed},
        "outputs": given,
        "module_calls": dict(calls or {}),
    }
    return {"expressions": passed, "module": module, **fields}


def keyed(*addresses: str, keys: str = "ab") -> Iterable[str]:
    """Yield addresses with each of the keys in place of ``*``."""
    return (address.replace("*", f'["{key}"]') for address in addresses for key in keys)


def same_key(dependent: str, dependency: str) -> set[tuple[str, str]]:
    return {(dependent.replace("*", f'["{key}"]'), dependency.replace("*", f'["{key}"]')) for key in "ab"}


def every_key(dependent: str, dependency: str) -> set[tuple[str, str]]:
    return {(one, other) for one in keyed(dependent) for other in keyed(dependency)}


# module "net" { for_each = {a, b}, vpc = aws_vpc.main[each.key].id }, with an output that hands var.vpc on
HANDED_ON = call(block("aws_other.x"), passes={"vpc": BY_KEY}, outputs={"vpc": ["var.vpc"]}, **BOTH)


def test_the_key_of_a_call_comes_out_again_with_what_its_output_hands_on() -> None:
    root = {
        "resources": [
            block("aws_vpc.main", **BOTH),
            block("aws_own.x", {"in": ["module.net", "each.key"]}, **BOTH),
            block("aws_literal.x", {"in": ['module.net["a"].vpc', 'module.net["a"]']}),
            block("aws_whole.x", {"in": ["module.net"]}, **BOTH),
        ],
        "module_calls": {"net": HANDED_ON},
    }
    instances = [*keyed("aws_vpc.main*", "aws_own.x*", "aws_whole.x*"), "aws_literal.x"]
    found = links(plan_of([*instances, *keyed("module.net*.aws_other.x")], root))
    assert set(found) == {
        *same_key("aws_own.x*", "aws_vpc.main*"),
        ("aws_literal.x", 'aws_vpc.main["a"]'),
        *every_key("aws_whole.x*", "aws_vpc.main*"),
        *same_key("aws_own.x*", "module.net*.aws_other.x"),
        *every_key("aws_whole.x*", "module.net*.aws_other.x"),
    }


def test_two_keys_on_the_way_are_each_handed_through() -> None:
    # module "net" { for_each = {a, b}, vpc = module.base[each.key].id }
    base = call(block("aws_vpc.main"), outputs={"id": ["aws_vpc.main.id", "aws_vpc.main"]}, **BOTH)
    net = call(block("aws_other.x"), passes={"vpc": ["module.base", "each.key"]}, outputs={"vpc": ["var.vpc"]}, **BOTH)
    root = {
        "resources": [block("aws_literal.x", {"in": ['module.net["a"].vpc', 'module.net["a"]']})],
        "module_calls": {"base": base, "net": net},
    }
    instances = [*keyed("module.base*.aws_vpc.main", "module.net*.aws_other.x"), "aws_literal.x"]
    assert edges(plan_of(instances, root)) == {("aws_literal.x", 'module.base["a"].aws_vpc.main')}


def test_what_a_keyed_block_without_instances_reads_is_read_by_whom_reads_all_of_it() -> None:
    value = block("ephemeral.aws_value.v", {"secret": ["aws_secret.s", "each.key"]}, **BOTH)
    root = {
        "resources": [
            block("aws_secret.s", **BOTH),
            value,
            block("aws_all.x", {"in": ["ephemeral.aws_value.v"]}, **BOTH),
            block("aws_one.x", {"in": ['ephemeral.aws_value.v["a"].value', 'ephemeral.aws_value.v["a"]']}),
        ]
    }
    found = edges(plan_of([*keyed("aws_secret.s*", "aws_all.x*"), "aws_one.x"], root))
    assert found >= every_key("aws_all.x*", "aws_secret.s*")
    assert ("aws_one.x", 'aws_secret.s["a"]') in found


def repeated(handed: Sequence[str], references: Sequence[str], keys: str = "ab") -> set[tuple[str, str]]:
    """Return what the instances of a block in a module depend on whose for_each reads what the call hands in."""
    net = call(block("aws_route.r", **over(*references)), passes={"vpcs": handed})
    root = {"resources": [block("aws_vpc.main", **BOTH)], "module_calls": {"net": net}}
    found = links(plan_of([*keyed("aws_vpc.main*"), *keyed("module.net.aws_route.r*", keys=keys)], root))
    assert {link.kind for some in found.values() for link in some} <= {EdgeKind.REPETITION}
    return set(found)


def test_a_for_each_over_a_block_that_a_variable_hands_in_chains_instance_to_instance() -> None:
    assert repeated(["aws_vpc.main"], ["var.vpcs"]) == same_key("module.net.aws_route.r*", "aws_vpc.main*")


def test_an_argument_that_does_not_read_each_value_does_not_read_what_is_repeated_over() -> None:
    subnet = block("aws_subnet.s", {"zone": ["aws_zone.z.id", "aws_zone.z"]}, **over("aws_vpc.main"))
    root = {"resources": [block("aws_vpc.main", **BOTH), block("aws_zone.z"), subnet]}
    found = links(plan_of([*keyed("aws_vpc.main*", "aws_subnet.s*"), "aws_zone.z"], root))
    said = {pair: {(link.kind, link.attribute) for link in some} for pair, some in found.items()}
    assert said == {
        **{pair: {(EdgeKind.REPETITION, "for_each")} for pair in same_key("aws_subnet.s*", "aws_vpc.main*")},
        **{(one, "aws_zone.z"): {(EdgeKind.REFERENCE, "zone")} for one in keyed("aws_subnet.s*")},
    }


def test_a_for_each_over_one_instance_that_a_variable_hands_in_depends_on_that_one() -> None:
    one = ['aws_vpc.main["a"].subnets', 'aws_vpc.main["a"]']
    for keys in ("ab", "cd"):
        expected = {(route, 'aws_vpc.main["a"]') for route in keyed("module.net.aws_route.r*", keys=keys)}
        assert repeated(one, ["var.vpcs"], keys) == expected
        assert repeated(['aws_vpc.main["a"]'], ["var.vpcs"], keys) == expected


def test_a_for_each_over_a_module_without_outputs_is_over_what_is_in_each_instance() -> None:
    root = {
        "resources": [block("aws_route.r", **over("module.net"))],
        "module_calls": {"net": call(block("aws_vpc.main"), **BOTH)},
    }
    instances = [*keyed("module.net*.aws_vpc.main", "aws_route.r*")]
    assert edges(plan_of(instances, root)) == same_key("aws_route.r*", "module.net*.aws_vpc.main")


def test_who_waits_for_a_module_that_is_not_there_waits_for_what_decides_so() -> None:
    # module "gone" { count = aws_switch.s.on ? 1 : 0 }, without outputs
    gone = call(block("aws_vpc.main"), count_expression={"references": ["aws_switch.s.on", "aws_switch.s"]})
    root = {
        "resources": [block("aws_switch.s"), block("aws_route.r", depends_on=["module.gone"])],
        "module_calls": {"gone": gone},
    }
    assert edges(plan_of(["aws_switch.s", "aws_route.r"], root)) == {("aws_route.r", "aws_switch.s")}


def test_who_waits_for_a_module_waits_for_what_that_waits_for_only_where_nothing_is_in_it() -> None:
    # module "full" and module "empty" both wait for the switch; what waits for full waits for what is in it
    waits: dict[str, Any] = {"depends_on": ["aws_switch.s"]}
    root = {
        "resources": [
            block("aws_switch.s"),
            block("aws_full.x", depends_on=["module.full"]),
            block("aws_read.x", {"in": ["module.full.id", "module.full"]}),
            block("aws_empty.x", depends_on=["module.empty"]),
            block("aws_idle.x", depends_on=["module.idle"]),
        ],
        "module_calls": {
            "full": call(block("aws_vpc.v"), outputs={"id": ["aws_vpc.v.id", "aws_vpc.v"]}, **waits),
            "empty": call(**waits),
            "idle": call(),
        },
    }
    assert edges(
        plan_of(
            ["aws_switch.s", "aws_full.x", "aws_read.x", "aws_empty.x", "aws_idle.x", "module.full.aws_vpc.v"], root
        )
    ) == {
        ("aws_full.x", "module.full.aws_vpc.v"),
        ("aws_read.x", "module.full.aws_vpc.v"),
        ("module.full.aws_vpc.v", "aws_switch.s"),
        ("aws_empty.x", "aws_switch.s"),
    }


def test_what_decides_that_a_block_is_not_there_is_told_apart_by_call() -> None:
    # the same module called twice, its block switched off by another switch in each
    def follower(switch: str) -> dict[str, Any]:
        optional = block("aws_optional.o", count_expression={"references": ["var.on"]})
        reader = block("aws_reader.r", {"in": ["aws_optional.o"]})
        return call(optional, reader, passes={"on": [f"{switch}.on", switch]})

    root = {
        "resources": [block("aws_switch.one"), block("aws_switch.two")],
        "module_calls": {"one": follower("aws_switch.one"), "two": follower("aws_switch.two")},
    }
    instances = [f"{module}aws_{name}" for module, name in [("", "switch.one"), ("", "switch.two")]]
    instances += ["module.one.aws_reader.r", "module.two.aws_reader.r"]
    assert edges(plan_of(instances, root)) == {
        ("module.one.aws_reader.r", "aws_switch.one"),
        ("module.two.aws_reader.r", "aws_switch.two"),
    }


def test_a_module_in_which_nothing_is_passes_on_what_decides_so() -> None:
    # inner is called in both instances of m, and what is in it is there in one of them alone
    vpc = block("aws_vpc.v", count_expression={"references": ["var.on"]})
    inner = call(vpc, passes={"on": ["var.on"]}, outputs={"id": ["aws_vpc.v"]})
    reader = block("aws_reader.r", {"in": ["module.inner.id", "module.inner"]})
    outer = call(reader, passes={"on": ["aws_switch.s.on", "aws_switch.s"]}, calls={"inner": inner}, **BOTH)
    root = {"resources": [block("aws_switch.s")], "module_calls": {"m": outer}}
    instances = ["aws_switch.s", 'module.m["a"].module.inner.aws_vpc.v[0]', *keyed("module.m*.aws_reader.r")]
    found = edges(plan_of(instances, root))
    assert ('module.m["b"].aws_reader.r', "aws_switch.s") in found
    assert ('module.m["b"].aws_reader.r', 'module.m["a"].module.inner.aws_vpc.v[0]') not in found


def test_a_reference_to_a_module_that_the_plan_does_not_hold_is_no_edge() -> None:
    root = {"resources": [block("aws_a.a", {"in": ["module.gone.id", "module.gone"], "all": ["module.gone"]})]}
    assert edges(plan_of(["aws_a.a"], root)) == set()


@pytest.mark.parametrize(
    ("read", "dependencies"),
    [
        (["aws_vpc.v"], ["aws_vpc.v[0]", "aws_vpc.v[1]"]),
        (['module.n["a"].ids', 'module.n["a"]'], ['module.n["a"].aws_vpc.v[0]', 'module.n["a"].aws_vpc.v[1]']),
    ],
)
def test_an_edge_to_all_instances_says_so(read: list[str], dependencies: list[str]) -> None:
    net = call(block("aws_vpc.v"), outputs={"ids": ["aws_vpc.v"]}, **BOTH)
    root = {"resources": [block("aws_vpc.v"), block("aws_a.a", {"in": read})], "module_calls": {"n": net}}
    others = [name.replace('"a"', '"b"') for name in dependencies if '"a"' in name]
    found = links(plan_of(["aws_a.a", *dependencies, *others], root))
    assert {pair: [link.match for link in some] for pair, some in found.items()} == {
        ("aws_a.a", dependency): [Match.ALL] for dependency in dependencies
    }


def test_a_key_that_is_named_on_the_way_holds_though_none_is_named_before_it() -> None:
    inner = call(block("aws_vpc.v"), outputs={"id": ["aws_vpc.v.id", "aws_vpc.v"]}, **BOTH)
    outer = call(outputs={"id": ['module.inner["a"].id', 'module.inner["a"]']}, calls={"inner": inner})
    root = {
        "resources": [block("aws_a.a", {"in": ["module.outer.id", "module.outer"]})],
        "module_calls": {"outer": outer},
    }
    instances = ["aws_a.a", *keyed("module.outer.module.inner*.aws_vpc.v")]
    assert edges(plan_of(instances, root)) == {("aws_a.a", 'module.outer.module.inner["a"].aws_vpc.v')}


def test_a_literal_key_means_that_instance_where_both_repeat_over_the_same_keys() -> None:
    literal = ['aws_vpc.main["a"].id', 'aws_vpc.main["a"]']
    root = {"resources": [block("aws_vpc.main", **BOTH), block("aws_a.a", {"in": literal}, **BOTH)]}
    plan = plan_of([*keyed("aws_vpc.main*", "aws_a.a*")], root)
    assert edges(plan) == {(one, 'aws_vpc.main["a"]') for one in keyed("aws_a.a*")}


def test_an_own_key_of_a_block_without_instances_means_nothing_and_one_of_a_deposed_object_its_key() -> None:
    none: dict[str, Any] = {"for_each_expression": {"constant_value": {}}}
    reads = {"in": ["aws_vpc.main", "each.key"], "none": ["aws_none.n", "each.key"]}
    root = {
        "resources": [block("aws_vpc.main", **BOTH), block("aws_none.n", **none), block("aws_subnet.s", reads, **BOTH)]
    }
    deposed = change('aws_subnet.s["a"]', ["delete"], deposed="0a1b2c3d")
    plan = plan_of([*keyed("aws_vpc.main*", "aws_subnet.s*"), deposed], root)
    graph = build_graph(plan)
    found = [(edge.dependent, edge.dependency) for place in (2, 3, 4) for edge in graph.dependencies_of(place)]
    assert found == [(2, 0), (3, 1), (4, 0)]


OTHERS: dict[str, Any] = {"for_each_expression": {"constant_value": {"x": "1", "y": "2"}}}
"""A ``for_each`` over x and y, of which something makes a or b: ``each.key == "x" ? "a" : "b"``."""

ALL = {(f'aws_subnet.s["{one}"]', f'aws_vpc.main["{other}"]') for one in "xy" for other in "ab"}


def test_what_is_read_whole_beside_what_is_read_by_key_is_read_whole() -> None:
    both = block("aws_subnet.s", {"vpc": [*BY_KEY, "aws_zone.z"]}, **BOTH)
    root = {"resources": [both, block("aws_vpc.main", **BOTH), block("aws_zone.z", **BOTH)]}
    plan = plan_of(keyed("aws_subnet.s*", "aws_vpc.main*", "aws_zone.z*"), root)
    assert edges(plan) == same_key("aws_subnet.s*", "aws_vpc.main*") | every_key("aws_subnet.s*", "aws_zone.z*")


def test_a_value_of_the_map_that_is_not_its_key_may_mean_any_instance() -> None:
    """Of {a = "a", b = "c"} the first is its own key, the second another."""
    repeated: dict[str, Any] = {"for_each_expression": {"constant_value": {"a": "a", "b": "c"}}}
    reader = block("aws_subnet.s", {"vpc": ["aws_vpc.main", "each.value"]}, **repeated)
    plan = plan_of(keyed("aws_subnet.s*", "aws_vpc.main*"), {"resources": [reader, block("aws_vpc.main", **BOTH)]})
    assert edges(plan) == every_key("aws_subnet.s*", "aws_vpc.main*")


def test_what_is_in_a_module_that_is_waited_for_is_not_waited_for_again() -> None:
    net = call(block("aws_vpc.v"), outputs={"id": ["aws_vpc.v.id", "aws_vpc.v"]})
    root = {"resources": [block("aws_a.a", depends_on=["module.net"])], "module_calls": {"net": net}}
    (found,) = links(plan_of(["aws_a.a", "module.net.aws_vpc.v"], root)).values()
    assert [(link.kind, link.reference) for link in found] == [(EdgeKind.DEPENDS_ON, "module.net")]


def test_keys_that_are_not_those_of_the_call_mean_any_instance() -> None:
    net = call(block("aws_subnet.s", {"vpc": ["var.vpc"]}), passes={"vpc": BY_KEY}, **OTHERS)
    root = {"resources": [block("aws_vpc.main", **BOTH)], "module_calls": {"net": net}}
    plan = plan_of([*keyed("aws_vpc.main*"), *keyed("module.net*.aws_subnet.s", keys="xy")], root)
    assert edges(plan) == {
        (f'module.net["{one}"].aws_subnet.s', f'aws_vpc.main["{other}"]') for one in "xy" for other in "ab"
    }


def test_keys_of_a_reader_that_are_not_those_on_the_way_mean_any_instance() -> None:
    reader = block("aws_subnet.s", {"vpc": ["module.net", "each.key"]}, **OTHERS)
    root = {"resources": [block("aws_vpc.main", **BOTH), reader], "module_calls": {"net": HANDED_ON}}
    plan = plan_of([*keyed("aws_vpc.main*", "module.net*.aws_other.x"), *keyed("aws_subnet.s*", keys="xy")], root)
    assert {pair for pair in edges(plan) if pair[1].startswith("aws_vpc")} == ALL


def test_a_literal_key_of_a_call_whose_keys_are_not_those_of_what_it_reads_means_any_instance() -> None:
    net = call(block("aws_other.x"), passes={"vpc": BY_KEY}, outputs={"vpc": ["var.vpc"]}, **OTHERS)
    reader = block("aws_subnet.s", {"vpc": ['module.net["x"].vpc', 'module.net["x"]']})
    root = {"resources": [block("aws_vpc.main", **BOTH), reader], "module_calls": {"net": net}}
    plan = plan_of([*keyed("aws_vpc.main*"), *keyed("module.net*.aws_other.x", keys="xy"), "aws_subnet.s"], root)
    assert edges(plan) == {("aws_subnet.s", f'aws_vpc.main["{key}"]') for key in "ab"}


def test_what_repeats_over_a_block_in_a_module_depends_on_the_same_key_in_it() -> None:
    net = call(block("aws_vpc.main", **BOTH), outputs={"all": ["aws_vpc.main"]})
    root = {"resources": [block("aws_subnet.s", **over("module.net.all", "module.net"))], "module_calls": {"net": net}}
    plan = plan_of(keyed("aws_subnet.s*", "module.net.aws_vpc.main*"), root)
    assert edges(plan) == same_key("aws_subnet.s*", "module.net.aws_vpc.main*")


def test_where_a_block_repeats_over_other_keys_in_another_instance_of_its_module_any_key_may_be_meant() -> None:
    calls: dict[str, Any] = {"for_each_expression": {"constant_value": {"p": "1", "q": "2"}}}
    net = call(block("aws_vpc.main", **over("var.keys")), outputs={"all": ["aws_vpc.main"]}, **calls)
    reader = block("aws_subnet.s", **over('module.net["p"].all', 'module.net["p"]'))
    there = [*keyed('module.net["q"].aws_vpc.main*', keys="ac"), *keyed('module.net["p"].aws_vpc.main*')]
    plan = plan_of([*keyed("aws_subnet.s*"), *there], {"resources": [reader], "module_calls": {"net": net}})
    assert edges(plan) == every_key("aws_subnet.s*", 'module.net["p"].aws_vpc.main*')


@pytest.mark.parametrize(
    ("references", "way"),
    [
        (["module.m.vpc", "module.m", "aws_vpc.v.id", "aws_vpc.v"], ()),
        (["module.n.vpc", "module.n", "module.m.vpc", "module.m"], "module.m.vpc"),
    ],
)
def test_of_the_ways_to_what_is_read_the_shortest_is_told_and_of_two_as_long_the_first_by_name(
    references: list[str], way: str | tuple[()]
) -> None:
    handed_on = call(block("aws_other.x"), passes={"vpc": ["aws_vpc.v.id", "aws_vpc.v"]}, outputs={"vpc": ["var.vpc"]})
    root = {
        "resources": [block("aws_subnet.s", {"in": references}), block("aws_vpc.v")],
        "module_calls": {"m": handed_on, "n": handed_on},
    }
    plan = plan_of(["aws_subnet.s", "aws_vpc.v", "module.m.aws_other.x", "module.n.aws_other.x"], root)
    (found,) = links(plan)["aws_subnet.s", "aws_vpc.v"]
    assert (found.via[0] if found.via else ()) == way


def test_of_the_ways_that_an_output_has_to_one_block_the_shortest_is_told() -> None:
    handed_on = call(passes={"vpc": ["terraform_data.v.id", "terraform_data.v"]}, outputs={"vpc": ["var.vpc"]})
    ways = ["module.inner.vpc", "module.inner", "terraform_data.v.id", "terraform_data.v"]
    outer = call(block("terraform_data.v"), outputs={"vpc": ways}, calls={"inner": handed_on})
    reader = block("aws_subnet.s", {"vpc_id": ["module.outer.vpc", "module.outer"]})
    root = {"resources": [reader], "module_calls": {"outer": outer}}
    (found,) = links(plan_of(["aws_subnet.s", "module.outer.terraform_data.v"], root))[
        "aws_subnet.s", "module.outer.terraform_data.v"
    ]
    assert found.via == ("module.outer.vpc",)
