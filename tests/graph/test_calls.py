"""A module that is called more than once: its blocks read the same of each other, and what each call hands in."""

from collections.abc import Mapping
from typing import Any

import pytest

from graph.test_keys import BOTH, call, keyed, over
from graph.written import block, edges, links, plan_of
from scopegate.graph import resolve
from scopegate.graph.edges import EdgeKind

KINDS = {"one": "aws_vpc.one", "two": "aws_vpc.two"}


def told(*blocks: Mapping[str, Any]) -> Mapping[str, set[tuple[str, str]]]:
    """Return for each of three calls of a module of these blocks which of them depends on what, inside it and outside.

    One call hands in ``aws_vpc.one`` and the other ``aws_vpc.two``; the third nothing.
    """
    calls = {name: call(*blocks, passes={"vpc": [f"{vpc}.id", vpc]}) for name, vpc in KINDS.items()}
    calls["none"] = call(*blocks)
    root = {"resources": [block("aws_vpc.one"), block("aws_vpc.two")], "module_calls": calls}
    inside = [f"module.{name}.{some['address']}" for name in calls for some in blocks]
    plan = plan_of(["aws_vpc.one", "aws_vpc.two", *inside], root)
    found = edges(plan)
    return {
        name: {
            (one.removeprefix(f"module.{name}."), other.removeprefix(f"module.{name}."))
            for one, other in found
            if one.startswith(f"module.{name}.")
        }
        for name in calls
    }


def test_each_call_of_a_module_depends_on_what_it_hands_in() -> None:
    subnet = block("aws_subnet.s", {"vpc": ["var.vpc"]})
    route = block("aws_route.r", {"subnet": ["aws_subnet.s.id", "aws_subnet.s"]})
    mixed = block("aws_mixed.m", {"vpc": ["var.vpc"], "route": ["aws_route.r.id", "aws_route.r"]})
    inside = {("aws_route.r", "aws_subnet.s"), ("aws_mixed.m", "aws_route.r")}
    assert told(subnet, route, mixed) == {
        "one": {("aws_subnet.s", "aws_vpc.one"), ("aws_mixed.m", "aws_vpc.one"), *inside},
        "two": {("aws_subnet.s", "aws_vpc.two"), ("aws_mixed.m", "aws_vpc.two"), *inside},
        "none": inside,
    }


def test_what_a_block_reads_of_each_value_is_what_its_call_hands_in() -> None:
    root = {
        "resources": [block("aws_vpc.one"), block("aws_vpc.two")],
        "module_calls": {
            name: call(
                block("aws_subnet.s", {"in": ["each.value.id", "each.value", "var.name"]}, **over("var.vpcs")),
                passes={"vpcs": [f"{vpc}.subnets", vpc]},
            )
            for name, vpc in KINDS.items()
        },
    }
    plan = plan_of(["aws_vpc.one", "aws_vpc.two", *keyed("module.one.aws_subnet.s*", "module.two.aws_subnet.s*")], root)
    found = {pair: {(link.kind, link.attribute) for link in some} for pair, some in links(plan).items()}
    both = {(EdgeKind.REFERENCE, "in"), (EdgeKind.REPETITION, "for_each")}
    assert found == {(f'module.{name}.aws_subnet.s["{key}"]', vpc): both for name, vpc in KINDS.items() for key in "ab"}


def test_what_a_call_repeats_over_is_read_by_what_it_hands_in_of_each_value() -> None:
    # module "net" { for_each = aws_vpc.main, id = each.value.id }
    net = call(block("aws_subnet.s", {"in": ["var.id"]}), passes={"id": ["each.value.id", "each.value"]})
    root = {"resources": [block("aws_vpc.main", **BOTH)], "module_calls": {"net": {**net, **over("aws_vpc.main")}}}
    plan = plan_of([*keyed("aws_vpc.main*", "module.net*.aws_subnet.s")], root)
    found = {pair: {(link.kind, link.attribute) for link in some} for pair, some in links(plan).items()}
    both = {(EdgeKind.REFERENCE, "in"), (EdgeKind.REPETITION, "")}
    assert found == {(f'module.net["{key}"].aws_subnet.s', f'aws_vpc.main["{key}"]'): both for key in "ab"}


@pytest.mark.parametrize("key", ["module.one:helm", "one:helm"])
def test_a_provider_configuration_of_another_module_is_nobodys(key: str) -> None:
    # no Terraform writes so: the key names a provider configuration of a module that the block does not stand in
    root = {
        "resources": [block("aws_vpc.main"), block("helm_release.r", provider_config_key=key)],
        "module_calls": {"one": call(block("aws_a.a"))},
    }
    host = {"host": {"references": ["var.host"]}}
    providers = {key: {"name": "helm", "module_address": "module.one", "expressions": host}}
    assert edges(plan_of(["aws_vpc.main", "helm_release.r"], root, providers=providers)) == set()


LONG = 250
"""A chain so long that no walk by recursion gets to its end."""


def test_a_chain_of_modules_that_wait_for_each_other_is_followed_to_its_end() -> None:
    calls = {
        f"m{n}": call(outputs={"out": []}, depends_on=[f"module.m{n - 1}" if n else "aws_vpc.one"]) for n in range(LONG)
    }
    last = [f"module.m{LONG - 1}.out", f"module.m{LONG - 1}"]
    root = {"resources": [block("aws_vpc.one"), block("aws_a.a", {"in": last})], "module_calls": calls}
    assert edges(plan_of(["aws_vpc.one", "aws_a.a"], root)) == {("aws_a.a", "aws_vpc.one")}


def test_a_chain_of_modules_that_repeat_over_each_other_is_followed_to_its_end() -> None:
    def link(over_what: list[str]) -> dict[str, Any]:
        value = {"vpc": ["each.value.id", "each.value"]}
        return call(passes=value, outputs={"out": ["var.vpc"]}, **over(*over_what))

    calls = {f"m{n}": link([f"module.m{n - 1}.out", f"module.m{n - 1}"] if n else ["aws_vpc.one"]) for n in range(LONG)}
    last = [f"module.m{LONG - 1}.out", f"module.m{LONG - 1}"]
    root = {"resources": [block("aws_vpc.one"), block("aws_a.a", {"in": last})], "module_calls": calls}
    assert edges(plan_of(["aws_vpc.one", "aws_a.a"], root)) == {("aws_a.a", "aws_vpc.one")}


def test_a_chain_of_modules_that_are_not_there_is_followed_to_its_end() -> None:
    # module "m1" { count = length(module.m0) }, and so on; the first decides by a switch that none of them is there
    def counted(*references: str) -> dict[str, Any]:
        return call(block("aws_b.b"), count_expression={"references": list(references)})

    calls = {f"m{n}": counted(f"module.m{n - 1}" if n else "aws_switch.s") for n in range(LONG)}
    last = block("aws_a.a", depends_on=[f"module.m{LONG - 1}"])
    root = {"resources": [block("aws_switch.s"), last], "module_calls": calls}
    assert edges(plan_of(["aws_switch.s", "aws_a.a"], root)) == {("aws_a.a", "aws_switch.s")}


def test_a_chain_of_blocks_that_are_no_instances_is_followed_to_its_end() -> None:
    def value(n: int) -> dict[str, Any]:
        return block(f"ephemeral.aws_v.v{n}", {"in": [f"ephemeral.aws_v.v{n - 1}" if n else "aws_secret.s"]})

    last = block("aws_a.a", {"in": [f"ephemeral.aws_v.v{LONG - 1}"]})
    root = {"resources": [block("aws_secret.s"), *map(value, range(LONG)), last]}
    assert edges(plan_of(["aws_secret.s", "aws_a.a"], root)) == {("aws_a.a", "aws_secret.s")}


def test_an_argument_of_a_call_hands_in_all_that_any_part_of_it_refers_to() -> None:
    net = call(block("aws_subnet.s", {"vpc": ["var.vpc"]}), passes={"vpc": []})
    net["expressions"]["vpc"] = [
        {"name": {"constant_value": "x"}, "id": {"references": ["aws_vpc.one.id", "aws_vpc.one"]}}
    ]
    root = {"resources": [block("aws_vpc.one")], "module_calls": {"net": net}}
    assert edges(plan_of(["aws_vpc.one", "module.net.aws_subnet.s"], root)) == {
        ("module.net.aws_subnet.s", "aws_vpc.one")
    }


def test_what_a_module_is_waited_for_with_is_worked_out_once_for_all_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a module with 1,000 outputs that 1,000 resources wait for there were a million steps."""
    waited: list[str] = []
    wait = resolve._waited_for

    def counted(resolved: resolve.Resolved, scope: tuple[str, ...]) -> resolve.Resolved:
        waited.append(".".join(scope))
        return wait(resolved, scope)

    monkeypatch.setattr(resolve, "_waited_for", counted)
    calls = {"m": call(block("aws_a.a"), outputs={f"o{n}": ["aws_a.a.id", "aws_a.a"] for n in range(9)})}
    waiting = [block(f"aws_b.b{n}", depends_on=["module.m"]) for n in range(9)]
    names = [f"aws_b.b{n}" for n in range(9)]
    plan = plan_of(["module.m.aws_a.a", *names], {"resources": waiting, "module_calls": calls})
    assert edges(plan) == {(name, "module.m.aws_a.a") for name in names}
    assert waited.count("") == 1


def test_an_argument_with_a_long_list_and_more_depends_once_on_each_of_both() -> None:
    # in = concat(module.m.all, [aws_vpc.v.id, var.name])
    many = [f"aws_a.a{number}" for number in range(30)]
    module = call(*map(block, many), outputs={"all": [text for name in many for text in (f"{name}.id", name)]})
    read = ["module.m.all", "module.m", "aws_vpc.v.id", "aws_vpc.v", "var.name"]
    root = {"resources": [block("aws_vpc.v"), block("aws_b.b", {"in": read})], "module_calls": {"m": module}}
    plan = plan_of(["aws_vpc.v", "aws_b.b", *(f"module.m.{name}" for name in many)], root)
    assert {pair: len(some) for pair, some in links(plan).items()} == {
        ("aws_b.b", other): 1 for other in ("aws_vpc.v", *(f"module.m.{name}" for name in many))
    }
