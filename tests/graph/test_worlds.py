"""Random configurations mean what they mean, however they are ordered and whatever their parts are called."""

import json
import random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.worlds import Module, Names, address, meaning, worlds, write_plan
from scopegate.graph import resolve
from scopegate.graph.build import build_graph
from scopegate.graph.edges import Link
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan

OTHERWISE = Names(suffix="_x-y", resource_type="example_other_thing")


def _planned(text: bytes) -> tuple[Plan, DependencyGraph]:
    plan = decode_plan(text, "plan.json")
    return plan, build_graph(plan)


def _edges(plan: Plan, graph: DependencyGraph) -> set[tuple[str, str]]:
    return {(dependent, dependency) for dependent, dependency, _ in _linked(plan, graph)}


def _linked(plan: Plan, graph: DependencyGraph) -> set[tuple[str, str, Link]]:
    return {
        (plan.instances[edge.dependent].address, plan.instances[edge.dependency].address, edge.link)
        for position in range(graph.size)
        for edge in graph.dependencies_of(position)
    }


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_the_edges_are_what_each_reference_means_instance_by_instance(world: Module) -> None:
    plan, graph = _planned(write_plan(world))
    assert _edges(plan, graph) == {(address(one), address(other)) for one, other in meaning(world)}


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_what_several_blocks_read_alike_is_drawn_once_and_means_the_same(world: Module) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resolve, "_LONG", 1)
        plan, graph = _planned(write_plan(world))
    _, one_by_one = _planned(write_plan(world))
    assert _edges(plan, graph) == _edges(plan, one_by_one)
    # Where two references of an argument lead to one thing on two ways, both are told and not only the shorter one.
    assert _linked(plan, graph) >= _linked(plan, one_by_one)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_dependents_of_and_dependencies_of_tell_the_same_edges(world: Module) -> None:
    _, graph = _planned(write_plan(world))
    forth = {edge for position in range(graph.size) for edge in graph.dependents_of(position)}
    back = {edge for position in range(graph.size) for edge in graph.dependencies_of(position)}
    assert forth == back


@settings(max_examples=60, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_a_plan_decides_nothing(world: Module, chance: random.Random) -> None:
    text = write_plan(world)
    shuffled = json.loads(text)
    chance.shuffle(shuffled["resource_changes"])
    chance.shuffle(shuffled["configuration"]["root_module"]["resources"])
    assert _linked(*_planned(json.dumps(shuffled).encode())) == _linked(*_planned(text))


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_names_decide_nothing(world: Module) -> None:
    plan, graph = _planned(write_plan(world, OTHERWISE))
    assert _edges(plan, graph) == {
        (address(one, OTHERWISE), address(other, OTHERWISE)) for one, other in meaning(world)
    }


@settings(max_examples=60, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_a_search_reaches_what_networkx_reaches_and_tells_a_shortest_path(world: Module, chance: random.Random) -> None:
    plan, graph = _planned(write_plan(world))
    oracle: nx.DiGraph[str] = nx.DiGraph()
    oracle.add_nodes_from(instance.address for instance in plan.instances)
    oracle.add_edges_from((address(other), address(one)) for one, other in meaning(world))
    starts = chance.sample(range(graph.size), min(2, graph.size))
    search = graph.search_dependents(starts)
    distances = nx.multi_source_dijkstra_path_length(oracle, {plan.instances[start].address for start in starts})
    assert {plan.instances[reached].address for reached in search.order} == distances.keys()
    for reached in search.order:
        path = graph.path(search, reached)
        assert len(path) == distances[plan.instances[reached].address]
        assert all(edge in set(graph.dependencies_of(edge.dependent)) for edge in path)
        assert [edge.dependency for edge in path[1:]] == [edge.dependent for edge in path[:-1]]
