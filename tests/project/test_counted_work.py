"""The work of a review, counted and not timed: it grows with the plan, and what is shared is done once."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from benchmarks.estate import Shape
from benchmarks.generate import Writer
from benchmarks.trust.large_plans import block, bucket
from benchmarks.trust.large_plans import plan_of as plan_with

from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.graph import recorded, strings
from scopegate.graph.arguments import ArgumentReader
from scopegate.graph.build import build_graph
from scopegate.graph.resolve import Resolver
from scopegate.place import attributes, case
from scopegate.place.fanout import FanOut
from scopegate.place.place import place_all
from scopegate.plan import model
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan
from scopegate.signals import aws_grants, find, plan_wide, siblings
from scopegate.signals.sight import Sight

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL, LARGE = 400, 2_000


@cache
def text(resources: int) -> str:
    parts: list[str] = []
    Writer(Shape(resources), parts.append).plan()
    return "".join(parts)


def plan_of(folder: Path, resources: int) -> Plan:
    path = folder / f"{resources}.json"
    path.write_text(text(resources))
    return read_plan(str(path))


def edges(plan: Plan) -> int:
    return sum(len(some) // 2 for some in build_graph(plan).dependents)


def counting(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, calls: Counter[str]) -> None:
    function: Callable[..., Any] = getattr(owner, name)

    def counted(*arguments: Any, **named: Any) -> Any:
        calls[name] += 1
        return function(*arguments, **named)

    monkeypatch.setattr(owner, name, counted)


def test_edges_grow_with_the_plan(tmp_path: Path) -> None:
    small, large = (edges(plan_of(tmp_path, size)) for size in (SMALL, LARGE))
    assert large <= small * LARGE / SMALL * 1.1
    assert large <= 4 * LARGE


def test_instances_of_counted_blocks_are_joined_by_hubs(tmp_path: Path) -> None:
    parts: list[str] = []
    Writer(Shape(LARGE, copies=100), parts.append).plan()
    path = tmp_path / "plan.json"
    path.write_text("".join(parts))
    # One counted block reads another: instance by instance that were 10,000 edges for every pair of blocks.
    assert edges(read_plan(str(path))) <= 4 * LARGE


def read_whole(size: int, **read: Any) -> Plan:
    """Return the plan of a module of so many outputs that as many resources read as a whole, in a way."""
    inside = [block(f"x{n}") for n in range(size)]
    puts_out = {f"o{n}": {"expression": {"references": [f"aws_s3_bucket.x{n}.id"]}} for n in range(size)}
    module = {"source": "./m", "module": {"resources": inside, "outputs": puts_out}}
    readers = [block(f"r{n}") | read for n in range(size)]
    changes = [
        *(
            bucket(f"x{n}") | {"address": f"module.m.aws_s3_bucket.x{n}", "module_address": "module.m"}
            for n in range(size)
        ),
        *(bucket(f"r{n}") for n in range(size)),
    ]
    return decode_plan(plan_with(changes, {"module_calls": {"m": module}, "resources": readers}), "plan.json")


@pytest.mark.parametrize(
    "read",
    [
        {"expressions": {"policy": {"references": ["module.m"]}}},
        {"expressions": {"policy": {"references": ["module.m", "var.v"]}}},
        {"for_each_expression": {"references": ["module.m"]}},
        {"depends_on": ["module.m"]},
    ],
)
def test_a_module_that_many_read_as_a_whole_costs_a_sum_of_edges_and_not_a_product(read: dict[str, Any]) -> None:
    small, large = (edges(read_whole(size, **read)) for size in (50, 200))
    # Of each reader one to what they read together and one to all that is in the module; of each output one, and one
    # that gathers the module.
    assert large <= 4 * 200 + 10
    assert large <= 4 * small + 10


def test_a_reference_is_resolved_once_in_each_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(tmp_path, LARGE)
    asked: Counter[tuple[Any, ...]] = Counter()
    follow = Resolver._follow

    def counted(self: Resolver, *question: Any) -> Any:
        asked[question] += 1
        return follow(self, *question)

    monkeypatch.setattr(Resolver, "_follow", counted)
    build_graph(plan)
    assert len(asked) > LARGE / 4
    assert {times for question, times in asked.items() if str(question[2]) == "AnyKey()"} == {1}


def test_what_blocks_of_a_module_read_of_each_other_is_resolved_once_for_all_its_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(tmp_path, LARGE)
    asked: Counter[int] = Counter()
    resolved = ArgumentReader._resolved

    def counted(self: ArgumentReader, argument: Any, block: Any) -> Any:
        answer = resolved(self, argument, block)
        if answer.reads and not any(target.up for target, _ in answer.reads):
            asked[id(argument)] += 1
        return answer

    monkeypatch.setattr(ArgumentReader, "_resolved", counted)
    build_graph(plan)
    assert set(asked.values()) == {1}
    assert len(asked) * 5 < len(plan.configuration.blocks)


def test_each_different_module_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    counting(monkeypatch, msgspec, "convert", calls)
    plans = {size: plan_of(tmp_path, size) for size in (SMALL, LARGE)}
    texts = [json.loads(text(size))["configuration"]["root_module"]["module_calls"] for size in plans]
    modules = {json.dumps(call["module"]) for calls in texts for call in calls.values()}
    assert len(modules) < 40 < len(plans[LARGE].configuration.modules)
    # What is converted: the provider configurations, every call of the root, and the different modules and their calls.
    assert calls["convert"] <= len(plans) + sum(map(len, texts)) + 8 * len(modules)


def test_only_what_changes_is_decoded_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, knowledge = plan_of(tmp_path, LARGE), default_knowledge()
    calls: Counter[str] = Counter()
    for module in (model, aws_grants, plan_wide, siblings):
        counting(monkeypatch, module, "decode_values", calls)
    counting(monkeypatch, Sight, "of", calls)
    report = analyze(plan, knowledge, Options()).report
    direct = sum(resource.how.value == "direct" for resource in report.resources)
    assert 0 < direct < LARGE / 10
    # Before, after and what is unknown, each seen once; in full only what a few predicates compare with others.
    assert 0 < calls["of"] <= 3 * direct
    assert calls["decode_values"] <= direct


def test_rules_are_asked_of_what_is_new_once_for_all_that_looks_alike_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[int, int] = {}
    for size in (SMALL, LARGE):
        parts: list[str] = []
        Writer(Shape(size, create=True), parts.append).plan()
        path = tmp_path / "plan.json"
        path.write_text("".join(parts))
        calls: Counter[str] = Counter()
        with monkeypatch.context() as patch:
            counting(patch, find, "_finding", calls)
            analyze(read_plan(str(path)), default_knowledge(), Options())
        asked[size] = calls["_finding"]
    # One service more is a case more only where it is the first one in its region.
    assert 0 < asked[LARGE] <= 1.2 * asked[SMALL]


def test_each_different_case_is_placed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = default_knowledge().facts
    plans = {size: plan_of(tmp_path, size) for size in (SMALL, LARGE)}
    graphs = {size: build_graph(plan) for size, plan in plans.items()}
    read: dict[int, int] = {}
    for size, plan in plans.items():
        calls: Counter[str] = Counter()
        with monkeypatch.context() as patch:
            counting(patch, case, "testify", calls)
            placements = place_all(plan, facts, graphs[size], {})
        read[size] = calls["testify"]
        assert len({id(placement) for placement in placements}) <= read[size]
    # Of five times as many queues, tables and roles in the same regions nearly all say what another one said.
    assert 0 < read[LARGE] <= min(2 * read[SMALL], LARGE / 5)


def test_no_values_are_decoded_for_the_graph_and_once_more_for_the_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, knowledge = plan_of(tmp_path, LARGE), default_knowledge()
    again: list[int] = []
    read_values = attributes.read_values

    def counted(raw: msgspec.Raw, *, whole: bool) -> Any:
        again.append(raw != model.NULL and not whole)
        return read_values(raw, whole=whole)

    monkeypatch.setattr(case, "read_values", counted)
    placed = analyze(plan, knowledge, Options()).change.placements
    assert sum(again) == 0 < len(again)
    assert placed == place_all(plan, knowledge.facts, build_graph(plan), {})
    assert sum(again) > LARGE


def test_what_the_plan_acts_on_is_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, knowledge = plan_of(tmp_path, LARGE), default_knowledge()
    asked: list[str] = []
    is_direct = model.Instance.is_direct.fget  # type: ignore[attr-defined]  # a property has it

    def counted(instance: model.Instance) -> bool:
        asked.append(instance.address)
        return bool(is_direct(instance))

    monkeypatch.setattr(model.Instance, "is_direct", property(counted))
    analyze(plan, knowledge, Options())
    # Once for the plan, and once more for the vertices of its graph.
    assert len(plan.direct) < len(asked) <= 2.5 * len(plan.instances)


def test_a_document_that_many_changes_share_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}}]})
    change = {"actions": ["create"], "before": None, "after": {"assume_role_policy": policy}, "after_unknown": {}}
    created = [
        {"address": f"aws_iam_role.r[{n}]", "mode": "managed", "type": "aws_iam_role", "name": "r", "index": n}
        | {"provider_name": "registry.terraform.io/hashicorp/aws", "change": change}
        for n in range(100)
    ]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"format_version": "1.2", "resource_changes": created}))
    plan = read_plan(str(path))
    calls: Counter[str] = Counter()
    counting(monkeypatch, FanOut, "_document", calls)
    placements = place_all(plan, default_knowledge().facts, build_graph(plan), {})
    assert {also.account for placement in placements for also in placement.also_reaches} == {"999999999999"}
    assert calls["_document"] == 1


def test_the_values_of_an_instance_are_read_once_for_what_they_share_with_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(tmp_path, LARGE)
    read: list[int] = []
    decode_all = strings._decode_all

    def counted(decoder: Any, raws: Any) -> Any:
        read.append(len(raws))
        return decode_all(decoder, raws)

    monkeypatch.setattr(strings, "_decode_all", counted)
    build_graph(plan)
    changing = sum(instance.action.changes_something for instance in plan.instances)
    assert sum(read) == len(plan.instances) + changing
    assert len(read) < 80  # once for each type and what is written in its blocks, not for each block


def test_what_the_state_recorded_is_read_once_for_each_different_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(tmp_path, LARGE)
    lists = {id(instance.prior_dependencies) for instance in plan.instances if instance.prior_dependencies}
    made: list[int] = []
    numbers = recorded._Recorded._numbers

    def counted(self: Any, listed: Any) -> Any:
        before = len(self._read)
        found = numbers(self, listed)
        made.append(len(self._read) - before)
        return found

    monkeypatch.setattr(recorded._Recorded, "_numbers", counted)
    build_graph(plan)
    assert sum(made) == len(lists) < len(made)
