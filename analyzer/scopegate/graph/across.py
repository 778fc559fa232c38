"""Edges between the plans of several stacks: who reads another stack's outputs, and who holds an identifier of its own.

An output that is read through ``terraform_remote_state`` is passed through, as that of a module is: its reader depends
on what the output reads. Two stacks may read each other. Linear in the edges of the readers × what an output reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from msgspec.structs import replace

from scopegate.graph.build import Drawn
from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.elsewhere import Identifiers, held_elsewhere
from scopegate.graph.graph import NO_LINK, DependencyGraph
from scopegate.graph.joined import join_graphs, shifts
from scopegate.pattern import Pattern
from scopegate.plan.address import in_stack

StatesRead = Mapping[int, Sequence[int]]
"""The numbers of the plans whose state each data source reads; positions are among the instances of all."""

_OUTPUT: Final = Pattern(r'outputs(?:\.([\w-]+)|\["((?:[^"\\]|\\.)*)"\])')


class _Edge(NamedTuple):
    dependent: int
    dependency: int
    link: Link


def join_drawn(
    drawn: Sequence[Drawn], instances: Sequence[int], stacks: Sequence[str], read: StatesRead
) -> DependencyGraph:
    """Return the graphs of several plans as one, with the edges between them; the only graph as it is.

    ``instances`` are how many each plan has, ``stacks`` the names of the plans.
    """
    graph = join_graphs([one.graph for one in drawn], instances, stacks)
    if len(drawn) == 1:
        return graph
    moved = shifts([one.graph for one in drawn], instances)
    outputs = [
        {name: shift.of_hub(one.graph, hub) for name, hub in one.outputs.items()}
        for one, shift in zip(drawn, moved, strict=True)
    ]
    through = list(_Outputs(graph, outputs, stacks, read).edges())
    held = _held(
        graph,
        [one.identifiers for one in drawn if one.identifiers is not None],
        [shift.first for shift in moved],
        stacks,
        through,
    )
    return _with_edges(graph, [*through, *held])


class _Outputs(NamedTuple):
    """The outputs of each plan, as vertices that depend on what they read, and who reads which plan's."""

    graph: DependencyGraph
    outputs: Sequence[Mapping[str, int]]
    stacks: Sequence[str]
    read: StatesRead

    def edges(self) -> Iterator[_Edge]:
        """Yield the edges from each reader of another stack's output to what that reads, through any chain of them."""
        waiting = [(reader, *found) for reader in self.read for found in _read_by(self.graph, reader)]
        seen = {(reader, vertex, link.reads) for reader, vertex, link in waiting}
        while waiting:
            reader, vertex, link = waiting.pop()
            for edge in self._behind(reader, vertex, link):
                if edge.dependent != edge.dependency:
                    yield edge
                for further in _gathered(self.graph, edge.dependency):
                    if further in self.read and (further, vertex, edge.link.reads) not in seen:
                        seen.add((further, vertex, edge.link.reads))
                        waiting.append((further, vertex, edge.link))

    def _behind(self, reader: int, vertex: int, link: Link) -> Iterator[_Edge]:
        for number in self.read[reader]:
            stack = self.stacks[number]
            for name in _names_read(link.reads, self.outputs[number]):
                for other, own in self.graph.hops(self.outputs[number][name], outward=False):
                    if own != NO_LINK:
                        yield _Edge(vertex, other, _through(link, self.graph.links[own], name, stack))


def _through(link: Link, output: Link, name: str, stack: str) -> Link:
    """Return the link of who reads an output by ``link``, to what the output reads."""
    by = (*link.via, link.reference, in_stack(stack, f"output.{name}"), *output.via)
    kind = link.kind if output.kind is EdgeKind.REFERENCE else output.kind
    match = Match.ALL if Match.ALL in (link.match, output.match) else link.match
    return Link(kind, link.attribute, in_stack(stack, output.reference), output.reads, match, by)


def _names_read(reads: str, outputs: Mapping[str, int]) -> Iterable[str]:
    """Return the outputs that an attribute path of the data source reads: one, or all where it reads the whole."""
    match = _OUTPUT.match(reads)
    if match:
        name = match[1] or match[2]
        return (name,) if name in outputs else ()
    return outputs if not reads or reads.startswith("outputs") else ()


def _read_by(graph: DependencyGraph, vertex: int) -> Iterator[tuple[int, Link]]:
    """Return who depends on a vertex by a link, through hubs that only gather."""
    return ((other, graph.links[link]) for other, link in graph.linked(vertex, outward=True))


def _gathered(graph: DependencyGraph, vertex: int) -> Iterator[int]:
    """Yield the instances that a vertex stands for: itself, or those that a hub gathers."""
    waiting, seen = [vertex], {vertex}
    while waiting:
        around = waiting.pop()
        if around < graph.size:
            yield around
            continue
        for other, link in graph.hops(around, outward=False):
            if link == NO_LINK and other not in seen:
                seen.add(other)
                waiting.append(other)


def _held(
    graph: DependencyGraph,
    identifiers: Sequence[Identifiers],
    starts: Sequence[int],
    stacks: Sequence[str],
    through: Iterable[_Edge],
) -> Iterator[_Edge]:
    """Yield the edges that values alone show, where no output that is read explains them."""
    explained: defaultdict[int, set[int]] = defaultdict(set)
    for dependent, dependency, _ in through:
        explained[dependent].add(dependency)
    gathered = cache(lambda vertex: frozenset(_gathered(graph, vertex)))
    for held in held_elsewhere(identifiers):
        holder, owner = starts[held.holder] + held.position, starts[held.plan] + held.owner
        read = (vertex for sharing in graph.sharing(holder, outward=False) for vertex in explained.get(sharing, ()))
        if not any(owner in gathered(vertex) for vertex in read):
            reference = in_stack(stacks[held.plan], held.reference)
            link = Link(EdgeKind.VALUE, ".".join(held.path), reference, held.attribute, Match.ONE)
            yield _Edge(holder, owner, link)


def _with_edges(graph: DependencyGraph, edges: Iterable[_Edge]) -> DependencyGraph:
    """Return the graph with more edges; equal links are one."""
    links = list(graph.links)
    numbers: dict[Link, int] = {}
    outward: defaultdict[int, list[int]] = defaultdict(list)
    inward: defaultdict[int, list[int]] = defaultdict(list)
    for dependent, dependency, link in dict.fromkeys(edges):
        number = numbers.setdefault(link, len(links))
        if number == len(links):
            links.append(link)
        outward[dependency] += (dependent, number)
        inward[dependent] += (dependency, number)
    dependents, dependencies = _with_more(graph.dependents, outward), _with_more(graph.dependencies, inward)
    return replace(graph, links=links, dependents=dependents, dependencies=dependencies)


def _with_more(neighbours: Sequence[Sequence[int]], more: Mapping[int, Sequence[int]]) -> Sequence[Sequence[int]]:
    found = list(neighbours)
    for vertex, added in more.items():
        found[vertex] = [*found[vertex], *added]
    return found
