"""News that come to nobody are not followed, and that changes nothing of what is found."""

import io
from typing import NoReturn

import pytest
from benchmarks.estate import Shape
from benchmarks.generate import Writer
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from handmade import FACTS, graph, instance, link, plan
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.actions import Action
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Instance, Plan
from scopegate.reach import flow as flowing
from scopegate.reach.audience import audience_of, everybody
from scopegate.reach.compute import compute_reach
from scopegate.reach.flow import FlowFacts, Step, flow
from scopegate.reach.model import How


def _no_part(_: str) -> bool:
    return False


def _direct(instances: list[Instance]) -> list[int]:
    return [position for position, one in enumerate(instances) if one.is_direct]


def _heard(instances: list[Instance], edges: list[tuple[int, int]], named: tuple[int, ...] = ()) -> list[int]:
    whole = graph(len(instances), edges)
    return list(audience_of(instances, whole, _direct(instances), named, lambda kind: kind == "aws_route"))


def _created(*addresses: str) -> list[Instance]:
    return [instance(address, Action.CREATE, None, {"id": "x"}) for address in addresses]


def test_only_changes_that_something_left_as_it_is_depends_on_are_heard() -> None:
    instances = [*_created("aws_vpc.a", "aws_subnet.a", "aws_vpc.b", "aws_subnet.b"), instance("aws_instance.a")]
    assert _heard(instances, [(1, 0), (4, 1), (3, 2)]) == [1, 1, 0, 0, 1]


def test_a_part_is_heard_by_what_it_is_a_part_of() -> None:
    instances = [instance("aws_route_table.a"), *_created("aws_route.a", "aws_instance.a", "aws_vpc.a")]
    assert _heard(instances, [(1, 0), (2, 0)]) == [1, 1, 0, 0]


def test_who_tells_somebody_beside_its_dependents_is_heard() -> None:
    assert _heard(_created("aws_vpc.a", "aws_subnet.a", "aws_vpc.b"), [(1, 0)], named=(1,)) == [1, 1, 0]


def test_a_hub_is_heard_through() -> None:
    instances = [*_created("aws_vpc.a", "aws_vpc.b", "aws_instance.a"), instance("aws_subnet.a")]
    hubbed = DependencyGraph(4, [link()], [[4, -1], [4, -1], [], [], [3, 0]], [[], [], [], [4, 0], [0, -1, 1, -1]])
    assert list(audience_of(instances, hubbed, _direct(instances), (), _no_part)) == [1, 1, 0, 1, 1]


def test_where_half_is_left_as_it_is_everybody_is_heard() -> None:
    instances = [*_created("aws_vpc.a", "aws_vpc.b"), instance("aws_subnet.a"), instance("aws_subnet.b")]
    assert _heard(instances, []) == [1, 1, 1, 1]
    assert _heard(instances[:3], []) == [0, 0, 1]


_LINKS = st.builds(
    Link,
    kind=st.sampled_from([kind for kind in EdgeKind if kind is not EdgeKind.SATELLITE]),
    attribute=st.sampled_from(["security_group_id", "subnet_id", "vpc_id", ""]),
    reference=st.sampled_from(["r", "module.m"]),
    reads=st.sampled_from(["id", "name", ""]),
    match=st.sampled_from(list(Match)),
)
_CHANGES = st.sampled_from([Action.UPDATE, Action.CREATE, Action.DELETE, Action.DELETE_THEN_CREATE, Action.FORGET])
_BLOCKS = (
    'aws_security_group.a["{}"]',
    "aws_vpc_security_group_ingress_rule.v{}",
    'aws_subnet.a["{}"]',
    "data.aws_subnets.v{}",
    "aws_instance.v{}",
)


def _to_everybody(instances: list[Instance], edges: DependencyGraph, facts: FlowFacts) -> dict[int, Step]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flowing, "audience_of", lambda _instances, whole, *_: everybody(whole))
        return flow(instances, edges, facts)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), _LINKS), max_size=24),
    st.lists(st.tuples(_CHANGES, st.sampled_from(["name", "tags", "id"])), min_size=10, max_size=10),
    st.sets(st.integers(0, 9), max_size=4),
)
def test_what_is_found_is_the_same_in_the_same_order_as_if_all_news_were_followed(
    edges: list[tuple[int, int, Link]], changes: list[tuple[Action, str]], left: set[int]
) -> None:
    instances = [
        instance(
            _BLOCKS[n % 5].format(n),
            Action.NO_OP if n in left else Action.READ if n % 5 == 3 else changes[n][0],
            {changes[n][1]: 1},
            {"x": 1},
        )
        for n in range(10)
    ]
    whole = graph(10, edges)
    assert list(flow(instances, whole, FACTS).items()) == list(_to_everybody(instances, whole, FACTS).items())


def _generated(shape: Shape) -> Plan:
    text = io.StringIO()
    Writer(shape, text.write).plan()
    return decode_plan(text.getvalue().encode(), "plan.json")


@pytest.mark.parametrize("shape", [Shape(600), Shape(600, copies=20)], ids=["mixed", "counted"])
def test_the_same_holds_where_news_pass_through_hubs(shape: Shape) -> None:
    judged, facts = _generated(shape), load_facts()
    whole = build_graph(judged)
    instances = [
        replace(one, action=Action.DELETE_THEN_CREATE if number % 10 < 7 else Action.NO_OP)
        for number, one in enumerate(judged.instances)
    ]
    assert len(whole.dependents) > whole.size
    found = flow(instances, whole, facts)
    assert len(found) > 10
    assert list(found.items()) == list(_to_everybody(instances, whole, facts).items())


def test_nothing_is_compared_where_everything_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: Instance) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(flowing, "changed_paths", never)
    changed = [instance(f"aws_vpc.a[{n}]", Action.UPDATE, {"id": "a"}, {"id": "b"}) for n in range(3)]
    reach = compute_reach(plan(*changed), graph(3, [(1, 0), (2, 1)]), FACTS)
    assert [touch.how for touch in reach.touches.values()] == [How.DIRECT] * 3
