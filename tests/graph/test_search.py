"""Searching graphs with hubs, drawn by hand."""

from collections.abc import Sequence

from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.graph import NO_LINK, DependencyGraph

READS = Link(EdgeKind.REFERENCE, "subnet", "a.b.id", "id", Match.ALL)
WAITS = Link(EdgeKind.DEPENDS_ON, "", "module.m", "", Match.ALL)


def _graph(size: int, vertices: int, edges: Sequence[tuple[int, int, int]]) -> DependencyGraph:
    """Return a graph from (dependency, dependent, link) triples; links are 0 for READS and 1 for WAITS."""
    dependents: list[list[int]] = [[] for _ in range(vertices)]
    dependencies: list[list[int]] = [[] for _ in range(vertices)]
    for dependency, dependent, link in edges:
        dependents[dependency] += (dependent, link)
        dependencies[dependent] += (dependency, link)
    return DependencyGraph(size, [READS, WAITS], dependents, dependencies)


TWO_BY_TWO = _graph(4, 6, [(0, 4, NO_LINK), (1, 4, NO_LINK), (4, 5, 0), (5, 2, NO_LINK), (5, 3, NO_LINK)])
"""0 and 1 gather in hub 4, hub 5 hands on to 2 and 3; the link is between the hubs."""


def test_an_edge_through_hubs_is_told_with_the_link_between_them_from_either_end() -> None:
    assert {(edge.dependent, edge.link) for edge in TWO_BY_TWO.dependents_of(0)} == {(2, READS), (3, READS)}
    assert {(edge.dependency, edge.link) for edge in TWO_BY_TWO.dependencies_of(3)} == {(0, READS), (1, READS)}


def test_a_path_through_hubs_is_one_edge_with_its_link() -> None:
    search = TWO_BY_TWO.search_dependents([1])
    (edge,) = TWO_BY_TWO.path(search, 3)
    assert (edge.dependent, edge.dependency, edge.link) == (3, 1, READS)
    assert set(search.order) == {1, 2, 3}


def test_hubs_are_no_distance() -> None:
    # 0 reaches 2 through three hubs, and 1 straight; 1 reaches 2 straight: the direct edge is the shorter path.
    graph = _graph(3, 6, [(0, 1, 0), (1, 2, 0), (0, 3, NO_LINK), (3, 4, NO_LINK), (4, 5, 1), (5, 2, NO_LINK)])
    path = graph.path(graph.search_dependents([0]), 2)
    assert [(edge.dependency, edge.dependent, edge.link) for edge in path] == [(0, 2, WAITS)]


def test_of_two_links_on_the_way_the_one_nearest_to_the_dependent_holds() -> None:
    # module waits for 0 (READS at its call); 1 waits for the module as a whole (WAITS)
    graph = _graph(2, 4, [(0, 2, 0), (2, 3, NO_LINK), (3, 1, 1)])
    assert [edge.link for edge in graph.dependents_of(0)] == [WAITS]
    assert [edge.link for edge in graph.dependencies_of(1)] == [WAITS]
    assert [edge.link for edge in graph.path(graph.search_dependents([0]), 1)] == [WAITS]


def test_a_search_goes_on_only_where_it_is_told_to_but_always_through_hubs_and_from_starts() -> None:
    chain = _graph(4, 6, [(0, 4, NO_LINK), (4, 1, 0), (1, 5, NO_LINK), (5, 2, 0), (2, 3, 0)])
    assert list(chain.search_dependents([0], lambda _: False).order) == [0, 1]
    assert list(chain.search_dependents([0], lambda position: position == 1).order) == [0, 1, 2]


def test_a_start_has_no_step_and_an_empty_path_and_neither_has_what_was_not_reached() -> None:
    search = TWO_BY_TWO.search_dependents([0])
    assert TWO_BY_TWO.step(search, 0) is None
    assert TWO_BY_TWO.step(search, 1) is None
    assert TWO_BY_TWO.path(search, 0) == ()


def test_a_circle_ends() -> None:
    graph = _graph(2, 3, [(0, 2, 0), (2, 1, NO_LINK), (1, 0, 0)])
    assert set(graph.search_dependents([0]).order) == {0, 1}
    assert {edge.dependency for edge in graph.dependencies_of(1)} == {0}
