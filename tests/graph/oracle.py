"""Terraform's own graph as the oracle: what ``terraform graph`` draws, against what scopegate found, block by block."""

import re
from dataclasses import dataclass

import networkx as nx

from scopegate.graph.graph import DependencyGraph
from scopegate.plan.address import ResourceAddress
from scopegate.plan.model import Plan

Pair = tuple[str, str]
"""A dependent block and one it depends on, directly or not; configuration addresses."""

_EDGE = re.compile(r'^\s*"((?:[^"\\]|\\.)*)" -> "((?:[^"\\]|\\.)*)"', re.MULTILINE)


@dataclass(frozen=True)
class Comparison:
    """What the two graphs agree on, pair by pair of blocks that have instances, through any chain.

    ``missed`` are Terraform's pairs that scopegate lacks. ``hidden`` are those of them that stand behind a block it
    names as incomplete; ``unseen`` are the rest. ``extra`` are pairs that Terraform does not know.
    """

    agreed: frozenset[Pair]
    missed: frozenset[Pair]
    hidden: frozenset[Pair]
    extra: frozenset[Pair]

    @property
    def unseen(self) -> frozenset[Pair]:
        """Terraform's pairs that scopegate neither found nor warned of."""
        return self.missed - self.hidden

    @property
    def recall(self) -> float:
        """The share of Terraform's pairs that scopegate found."""
        return _share(len(self.agreed), len(self.missed))

    @property
    def precision(self) -> float:
        """The share of scopegate's pairs that Terraform knows."""
        return _share(len(self.agreed), len(self.extra))


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else 1.0


def compare(plan: Plan, graph: DependencyGraph, dot: str) -> Comparison:
    """Return how ``graph`` compares with ``dot``, the output of ``terraform graph`` for the same configuration.

    Terraform draws blocks that have no instance too. What they read flows nowhere: a managed block that does not exist
    joins no chain. So a pair that holds only through such a block need not be found, but it is not extra either.
    """
    drawn = drawn_graph(dot)
    blocks = {name for name in (_block(plan, position) for position in range(graph.size)) if name in drawn}
    existing = nx.subgraph_view(drawn, filter_node=lambda name: name in blocks or name.split(".")[-3:-2] == ["data"])
    found = _pairs(block_graph(plan, graph), blocks)
    stated, possible = _pairs(existing, blocks), _pairs(drawn, blocks)
    incomplete = {hidden.block for hidden in graph.hidden}
    missed = stated - found
    behind = {
        pair for pair in missed if any((name, pair[1]) in missed for name in _reached(found, pair[0]) & incomplete)
    }
    return Comparison(frozenset(found & stated), frozenset(missed), frozenset(behind), frozenset(found - possible))


def drawn_graph(dot: str) -> "nx.DiGraph[str]":
    """Return the graph that ``terraform graph`` draws: resource blocks, each with an edge to what it depends on."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(re.findall(r'^\s*"((?:[^"\\]|\\.)*)" \[label', dot, re.MULTILINE))
    graph.add_edges_from(_EDGE.findall(dot))
    return graph


def block_graph(plan: Plan, graph: DependencyGraph) -> "nx.DiGraph[str]":
    """Return the dependency graph between blocks, its instances taken together."""
    blocks: nx.DiGraph[str] = nx.DiGraph()
    for position in range(graph.size):
        blocks.add_node(_block(plan, position))
        for edge in graph.dependencies_of(position):
            blocks.add_edge(_block(plan, edge.dependent), _block(plan, edge.dependency))
    return blocks


def _block(plan: Plan, position: int) -> str:
    instance = plan.instances[position]
    return str(ResourceAddress(instance.module, instance.mode, instance.type, instance.name).config)


def _pairs(graph: "nx.DiGraph[str]", blocks: set[str]) -> set[Pair]:
    return {
        (dependent, dependency)
        for dependent in blocks & set(graph)
        for dependency in nx.descendants(graph, dependent) & blocks
    }


def _reached(pairs: set[Pair], start: str) -> set[str]:
    return {start} | {dependency for dependent, dependency in pairs if dependent == start}
