"""The dependency graph as a compact integer graph behind methods that are questions.

Vertices below ``size`` are positions in ``Plan.instances``. Vertices from ``size`` up are hubs: an edge from every
instance of one block to every instance of another goes through one hub, so that 100 × 100 instances cost 200 edges
and not 10,000. A hub is never shown: ``dependents_of``, ``dependencies_of`` and paths pass through it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scopegate.graph.edges import Edge, HiddenEdges, Link


@dataclass(frozen=True, slots=True)
class Search:
    """What one search reached: for every vertex the vertex it was first reached from.

    ``parent[v]`` is -1 for what was not reached and ``v`` itself for a start; ``link[v]`` the position in
    ``DependencyGraph.links`` of the edge it was reached by.
    """

    parent: Sequence[int]
    link: Sequence[int]
    order: Sequence[int]
    """Reached instances in the order of distance, starts included, hubs left out."""


@dataclass(frozen=True, slots=True)
class DependencyGraph:
    """Who depends on whom.

    ``dependents[v]`` and ``dependencies[v]`` are flat lists ``[vertex, link, vertex, link, …]``.
    """

    size: int
    links: Sequence[Link]
    dependents: Sequence[Sequence[int]]
    dependencies: Sequence[Sequence[int]]
    hidden: tuple[HiddenEdges, ...] = ()

    def dependents_of(self, instance: int) -> Iterator[Edge]:
        """Yield the edges whose dependency is ``instance``."""
        for other, link in self._neighbours(instance, self.dependents):
            yield Edge(other, instance, self.links[link])

    def dependencies_of(self, instance: int) -> Iterator[Edge]:
        """Yield the edges whose dependent is ``instance``."""
        for other, link in self._neighbours(instance, self.dependencies):
            yield Edge(instance, other, self.links[link])

    def search_dependents(self, starts: Iterable[int], onward: Callable[[int], bool] = lambda _: True) -> Search:
        """Search breadth first from ``starts`` to everything that depends on them, through any chain.

        The search goes on from a reached instance only where ``onward`` says so; starts always go on.
        Linear in vertices and edges.
        """
        vertices = len(self.dependents)
        parent = [-1] * vertices
        via = [-1] * vertices
        queue = list(dict.fromkeys(starts))
        order: list[int] = []
        for start in queue:
            parent[start] = start
        first_reached = len(queue)
        for position, vertex in enumerate(queue):  # grows while it is walked
            if vertex < self.size:
                order.append(vertex)
                if position >= first_reached and not onward(vertex):
                    continue
            neighbours = self.dependents[vertex]
            for i in range(0, len(neighbours), 2):
                other = neighbours[i]
                if parent[other] < 0:
                    parent[other] = vertex
                    via[other] = neighbours[i + 1]
                    queue.append(other)
        return Search(parent, via, order)

    def step(self, search: Search, instance: int) -> Edge | None:
        """Return the edge by which ``search`` first reached ``instance``; None for a start and for what it missed."""
        source = search.parent[instance]
        if source in (-1, instance):
            return None
        while source >= self.size:
            source = search.parent[source]
        return Edge(dependent=instance, dependency=source, link=self.links[search.link[instance]])

    def path(self, search: Search, instance: int) -> tuple[Edge, ...]:
        """Return the edges from the start that first reached ``instance`` to it; empty for a start itself."""
        edges: list[Edge] = []
        while (edge := self.step(search, instance)) is not None:
            edges.append(edge)
            instance = edge.dependency
        return tuple(reversed(edges))

    def _neighbours(self, instance: int, lists: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
        seen: set[tuple[int, int]] = set()
        waiting = [instance]
        while waiting:
            neighbours = lists[waiting.pop()]
            for i in range(0, len(neighbours), 2):
                other, link = neighbours[i], neighbours[i + 1]
                if other >= self.size:
                    waiting.append(other)
                elif (other, link) not in seen:
                    seen.add((other, link))
                    yield other, link
