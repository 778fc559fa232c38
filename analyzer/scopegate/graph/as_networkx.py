"""The dependency graph as a networkx graph, for whoever has questions of their own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scopegate.graph.graph import DependencyGraph
from scopegate.plan.model import Instance

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(instances: Sequence[Instance], graph: DependencyGraph) -> "nx.MultiDiGraph[str]":
    """Return who depends on whom, an edge from each dependent to what it depends on.

    Nodes are full addresses (of deposed objects ``address (deposed key)``) with ``type``, ``mode``, ``action`` and
    ``stack``; edges have the fields of ``Link``, the kind and the match as words. An edge from all instances of a block
    to all of another is one for each pair: as many as the product of the two.
    """
    import networkx as nx

    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    names = [name_of(instance) for instance in instances]
    for name, instance in zip(names, instances, strict=True):
        known = {"type": instance.type, "mode": instance.mode.value, "action": instance.action.value}
        made.add_node(name, **known, stack=instance.stack)
    for position in range(min(graph.size, len(instances))):
        for edge in graph.dependencies_of(position):
            link = edge.link
            said: dict[str, Any] = {"kind": link.kind.value, "match": link.match.value, "via": link.via}
            said |= {"attribute": link.attribute, "reference": link.reference, "reads": link.reads}
            made.add_edge(names[edge.dependent], names[edge.dependency], **said)
    return made


def name_of(instance: Instance) -> str:
    """Return what tells an instance from all others: its full address, and which deposed object it is."""
    return f"{instance.full_address} (deposed {instance.deposed})" if instance.deposed else instance.full_address
