"""The dependency graph as a compact integer graph behind methods that are questions.

Vertices below ``size`` are positions in ``Plan.instances``. Vertices from ``size`` up are hubs: an edge from every
instance of one block to every instance of another goes through hubs, so that 100 × 100 instances cost 200 edges and not
10,000. A hub is never shown: ``dependents_of``, ``dependencies_of`` and paths pass through it. Most edges of a hub have
no link, since they only gather or hand on; of the links between two instances the one nearest to the dependent holds.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from scopegate.graph.edges import Edge, HiddenEdges, Link

NO_LINK: Final = -1
"""In place of a link: the edge only gathers instances in a hub or hands on from one."""


class Search(Struct, frozen=True):
    """What one search reached: for every vertex the vertex it was first reached from.

    ``parent[v]`` is -1 for what was not reached and ``v`` itself for a start; ``link[v]`` the position in
    ``DependencyGraph.links`` of the edge it was reached by.
    """

    parent: Sequence[int]
    link: Sequence[int]
    order: Sequence[int]
    """Reached instances in the order of distance, starts included, hubs left out."""


class DependencyGraph(Struct, frozen=True):
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
        for other, link in self._neighbours(instance, outward=True):
            yield Edge(other, instance, self.links[link])

    def dependencies_of(self, instance: int) -> Iterator[Edge]:
        """Yield the edges whose dependent is ``instance``."""
        for other, link in self._neighbours(instance, outward=False):
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
        for start in queue:
            parent[start] = start
        first_reached = len(queue)
        for position, vertex in enumerate(queue):  # grows while it is walked
            if position >= first_reached and not onward(vertex):
                continue
            waiting = [vertex]
            while waiting:  # the vertex, and the hubs behind it, which are no distance
                around = waiting.pop()
                neighbours = self.dependents[around]
                for i in range(0, len(neighbours), 2):
                    other, link = neighbours[i], neighbours[i + 1]
                    if parent[other] < 0:
                        parent[other] = around
                        via[other] = via[around] if link == NO_LINK else link
                        (queue if other < self.size else waiting).append(other)
        return Search(parent, via, queue)

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

    def hops(self, vertex: int, link: int = NO_LINK, *, outward: bool) -> Iterator[tuple[int, int]]:
        """Yield the vertices next to ``vertex``, hubs too, outward to dependents or inward to dependencies.

        ``link`` is the position of the link met on the way to ``vertex`` from an instance, through hubs; each neighbour
        comes with the one that holds there: of two links on the way the one nearest to the dependent.
        """
        neighbours = (self.dependents if outward else self.dependencies)[vertex]
        for i in range(0, len(neighbours), 2):
            own = neighbours[i + 1]
            yield neighbours[i], link if own == NO_LINK or (link != NO_LINK and not outward) else own

    def sharing(self, vertex: int, *, outward: bool) -> Iterator[int]:
        """Yield the vertices whose edges are those of ``vertex``: itself, and the hubs behind it without a link."""
        waiting, seen = [vertex], {vertex}
        while waiting:
            around = waiting.pop()
            yield around
            for other, link in self.hops(around, outward=outward):
                if link == NO_LINK and other >= self.size and other not in seen:
                    seen.add(other)
                    waiting.append(other)

    def linked(self, vertex: int, *, outward: bool) -> Iterator[tuple[int, int]]:
        """Yield what is next to ``vertex``, instances and hubs, and by which link; hubs that it shares have none."""
        for around in self.sharing(vertex, outward=outward):
            yield from (hop for hop in self.hops(around, outward=outward) if hop[1] != NO_LINK)

    def _neighbours(self, instance: int, *, outward: bool) -> Iterator[tuple[int, int]]:
        """Yield the instances next to this one, each with the link of the edge."""
        seen: set[tuple[int, int]] = set()
        waiting = [(instance, NO_LINK)]
        while waiting:
            for hop in self.hops(*waiting.pop(), outward=outward):
                if hop in seen:
                    continue
                seen.add(hop)
                if hop[0] >= self.size:
                    waiting.append(hop)
                else:
                    yield hop
