"""The dependency graph as a networkx graph, for whoever has questions of their own."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from scopegate.errors import UsageError
from scopegate.graph.edges import Edge
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.model import Instance

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(instances: Sequence[Instance], graph: DependencyGraph) -> "nx.MultiDiGraph[str]":
    """Return who depends on whom, an edge from each dependent to what it depends on.

    Nodes are full addresses (of deposed objects ``address (deposed key)``) with ``type``, ``mode``, ``action`` and
    ``stack``; edges have the fields of ``Link``, the kind and the match as words. An edge from all instances of a block
    to all of another is one for each pair: as many as the product of the two.

    Raises:
        UsageError: there are too many of them, as ``few_enough`` says.
    """
    import networkx as nx

    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    names = [name_of(instance) for instance in instances]
    for name, instance in zip(names, instances, strict=True):
        known = {"type": instance.type, "mode": instance.mode.value, "action": instance.action.value}
        made.add_node(name, **known, stack=instance.stack)
    edges = chain.from_iterable(map(graph.dependencies_of, range(min(graph.size, len(instances)))))
    for edge in few_enough(edges, len(instances)):
        link = edge.link
        said: dict[str, Any] = {"kind": link.kind.value, "match": link.match.value, "via": link.via}
        said |= {"attribute": link.attribute, "reference": link.reference, "reads": link.reads}
        made.add_edge(names[edge.dependent], names[edge.dependency], **said)
    return made


_MOST_EDGES: Final = 100_000
_MOST_EDGES_EACH: Final = 20


def few_enough(edges: Iterable[Edge], instances: int) -> tuple[Edge, ...]:
    """Return the edges between so many instances.

    Raises:
        UsageError: there are too many; of two blocks with a thousand instances each there may be a million.
    """
    most = max(_MOST_EDGES, _MOST_EDGES_EACH * instances)
    found = tuple(islice(edges, most + 1))
    if len(found) > most:
        raise UsageError(
            f"The graph has more than {most:,} edges, one for each pair of instances of which one depends on "
            "the other, so nothing could show it; ask what an address depends on with `scopegate explain`."
        )
    return found


def name_of(instance: Instance) -> str:
    """Return what tells an instance from all others: its full address, and which deposed object it is."""
    return f"{instance.full_address} (deposed {instance.deposed})" if instance.deposed else instance.full_address
