"""The graphs of several plans as one: all instances first, plan after plan, then all hubs. Linear in their edges."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from scopegate.graph.graph import NO_LINK, DependencyGraph


def join_graphs(graphs: Sequence[DependencyGraph], instances: Sequence[int], stacks: Sequence[str]) -> DependencyGraph:
    """Return ``graphs`` as one in which nothing of one depends on another yet; the only graph as it is.

    ``instances`` are how many each plan has: what stands behind the instances of a graph (provider actions) gets
    vertices without edges. ``stacks`` are the names of the plans.
    """
    if len(graphs) == 1:
        return graphs[0]
    parts = list(zip(graphs, shifts(graphs, instances), strict=True))
    dependents: list[Sequence[int]] = [()] * sum(instances)
    dependencies: list[Sequence[int]] = [()] * sum(instances)
    for graph, shift in parts:
        dependents[shift.first : shift.first + graph.size] = shift.moved(graph, graph.dependents[: graph.size])
        dependencies[shift.first : shift.first + graph.size] = shift.moved(graph, graph.dependencies[: graph.size])
    for graph, shift in parts:
        dependents += shift.moved(graph, graph.dependents[graph.size :])
        dependencies += shift.moved(graph, graph.dependencies[graph.size :])
    hidden = (
        replace(block, stack=stack) for graph, stack in zip(graphs, stacks, strict=True) for block in graph.hidden
    )
    links = [link for graph in graphs for link in graph.links]
    return DependencyGraph(sum(instances), links, dependents, dependencies, tuple(hidden))


class Shift(Struct, frozen=True):
    """Where the vertices and links of one graph are among those of all: from where its instances, hubs, links begin."""

    first: int
    hub: int
    link: int

    def of_hub(self, graph: DependencyGraph, hub: int) -> int:
        """Return the number that a hub of ``graph`` has among all."""
        return hub - graph.size + self.hub

    def moved(self, graph: DependencyGraph, neighbours: Iterable[Sequence[int]]) -> list[Sequence[int]]:
        """Return flat lists of vertices and links with the numbers they have among all."""
        hubs = len(graph.dependents) - graph.size
        vertices = (*range(self.first, self.first + graph.size), *range(self.hub, self.hub + hubs))
        links = (*range(self.link, self.link + len(graph.links)), NO_LINK)  # which is -1, and so the last
        return [_looked_up(some, vertices, links) if some else () for some in neighbours]


def _looked_up(some: Sequence[int], vertices: Sequence[int], links: Sequence[int]) -> list[int]:
    found = [vertices[vertex] for vertex in some[::2] for _ in (0, 1)]
    found[1::2] = [links[link] for link in some[1::2]]
    return found


def shifts(graphs: Sequence[DependencyGraph], instances: Sequence[int]) -> list[Shift]:
    """Return for each graph where it begins among all; ``instances`` are how many each plan has."""
    first, hub, link = 0, sum(instances), 0
    found: list[Shift] = []
    for graph, count in zip(graphs, instances, strict=True):
        found.append(Shift(first, hub, link))
        first += count
        hub += len(graph.dependents) - graph.size
        link += len(graph.links)
    return found
