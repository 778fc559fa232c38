"""The dependency graph of plans as DOT, Mermaid or JSON: whole, or only what a change reaches.

An arrow points from whoever depends to what it depends on, as those of ``terraform graph`` do.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, assert_never

from msgspec import Struct

from scopegate.graph.as_networkx import few_enough, name_of
from scopegate.graph.edges import Edge, EdgeKind, Link
from scopegate.graph.graph import DependencyGraph
from scopegate.place.placement import value_of
from scopegate.plan.model import Instance
from scopegate.policy.model import Change
from scopegate.reach.model import How
from scopegate.render.encode import as_json
from scopegate.render.escape import in_dot, in_mermaid
from scopegate.verdict.report import change_of

SCHEMA_VERSION: Final = "1"


class Drawing(Struct, frozen=True):
    """What is drawn: ``instances`` are positions in the plan, ``edges`` are between these."""

    change: Change
    instances: tuple[int, ...]
    edges: tuple[Edge, ...]

    def how(self, position: int) -> str | None:
        """Return how an instance is touched, None where it is not."""
        touch = self.change.reach.touches.get(position)
        return touch.how.value if touch else None

    def planned(self, position: int) -> str | None:
        """Return what is planned for an instance, None where nothing is."""
        return change_of(self.instance(position)) if self.how(position) == How.DIRECT.value else None

    def instance(self, position: int) -> Instance:
        """Return an instance."""
        return self.change.plan.instances[position]


def drawing_of(change: Change, graph: DependencyGraph, *, reach_only: bool) -> Drawing:
    """Return all of the graph, or what ``change`` reaches: its touches, and the data sources passed on the way.

    Raises:
        UsageError: it has too many edges; of two blocks with a thousand instances each there may be a million.
    """
    if not reach_only:
        everything = range(len(change.plan.instances))
        return Drawing(change, tuple(everything), few_enough(_edges(graph, everything), len(everything)))
    reach = change.reach
    passed = {position for edge in reach.trail.values() for position in (edge.dependent, edge.dependency)}
    reached = dict.fromkeys(sorted(passed.union(reach.touches)))
    # That somebody has a part is in no graph: it is the part that depends.
    parts = (edge for edge in reach.trail.values() if edge.link.kind is EdgeKind.SATELLITE)
    return Drawing(change, tuple(reached), (*few_enough(_edges(graph, reached), len(reached)), *parts))


def _edges(graph: DependencyGraph, among: "range | dict[int, None]") -> Iterator[Edge]:
    for position in among:
        if position < graph.size:  # a provider action stands behind the instances of the graph
            edges = {edge: None for edge in graph.dependencies_of(position) if edge.dependency in among}
            yield from sorted(edges, key=_order)


def _order(edge: Edge) -> tuple[int, str, str, str]:
    return edge.dependency, edge.link.kind.value, edge.link.attribute, edge.link.reference


def as_dot(drawing: Drawing) -> str:
    """Return the source of a graph for Graphviz, with a line break at the end; node names are numbers."""
    return "\n".join(("digraph scopegate {", *_dot_lines(drawing), "}")) + "\n"


def _dot_lines(drawing: Drawing) -> Iterator[str]:
    yield "  rankdir = LR;"
    yield '  node [shape = box, fontname = "sans-serif"];'
    for position in drawing.instances:
        instance, how, planned = drawing.instance(position), drawing.how(position), drawing.planned(position)
        said = {"label": _node_label(drawing, position, "\n"), "type": instance.type}
        said |= {"how": how} if how else {}
        said |= {"change": planned} if planned else {}
        said |= _LOOKS[how]
        yield f"  {position} [{_dot_attributes(said)}];"
    for edge in drawing.edges:
        link = edge.link
        said = {"label": _edge_label(link), "kind": link.kind.value, "reads": link.reads, "match": link.match.value}
        said |= {"via": " ".join(link.via)} if link.via else {}
        said["style"] = _STYLES[link.kind]
        yield f"  {edge.dependent} -> {edge.dependency} [{_dot_attributes(said)}];"


_LOOKS: Final[Mapping[str | None, Mapping[str, str]]] = {
    How.DIRECT.value: {"style": "filled,bold", "fillcolor": "#fff8c5"},
    How.AFFECTED.value: {"style": "filled", "fillcolor": "#ddf4ff"},
    How.EXPOSED.value: {"style": "filled,dashed", "fillcolor": "#f6f8fa"},
    None: {},
}
_STYLES: Final[Mapping[EdgeKind, str]] = {
    EdgeKind.REFERENCE: "solid",
    EdgeKind.REPETITION: "solid",
    EdgeKind.PROVIDER: "solid",
    EdgeKind.DEPENDS_ON: "dashed",
    EdgeKind.SATELLITE: "bold",
    EdgeKind.STATE: "dotted",
    EdgeKind.VALUE: "dotted",
}


_ARROWS: Final[Mapping[str, str]] = {"solid": "-->", "bold": "==>"}


def _dot_attributes(said: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {in_dot(text)}" for name, text in said.items())


def as_mermaid(drawing: Drawing) -> str:
    """Return the source of a Mermaid flowchart, with a line break at the end; node ids are numbers."""
    return "\n".join(_mermaid_lines(drawing)) + "\n"


def _mermaid_lines(drawing: Drawing) -> Iterator[str]:
    yield "flowchart LR"
    for position in drawing.instances:
        how = drawing.how(position)
        of_class = f":::{how}" if how else ""
        yield f'  n{position}["{in_mermaid(_node_label(drawing, position, " - "))}"]{of_class}'
    for edge in drawing.edges:
        yield f'  n{edge.dependent} {_arrow(edge.link)}|"{in_mermaid(_edge_label(edge.link))}"| n{edge.dependency}'
    yield "  classDef direct fill:#fff8c5,stroke:#9a6700,stroke-width:2px,color:#1f2328"
    yield "  classDef affected fill:#ddf4ff,stroke:#0969da,color:#1f2328"
    yield "  classDef exposed fill:#f6f8fa,stroke:#6e7781,stroke-dasharray:4 3,color:#1f2328"


def _arrow(link: Link) -> str:
    return _ARROWS.get(_STYLES[link.kind], "-.->")


def _node_label(drawing: Drawing, position: int, between: str) -> str:
    """Return the name of an instance, and what happens to it: a second cue beside the colour."""
    happens = drawing.planned(position) or drawing.how(position)
    return between.join(filter(None, (name_of(drawing.instance(position)), happens)))


def _edge_label(link: Link) -> str:
    """Return the argument that reads, and how the edge is known where that is not by a reference."""
    kind: str = link.kind.value
    match link.kind:
        case EdgeKind.REFERENCE:
            return link.attribute or kind
        case EdgeKind.DEPENDS_ON | EdgeKind.STATE | EdgeKind.SATELLITE:
            return kind
        case EdgeKind.REPETITION | EdgeKind.PROVIDER | EdgeKind.VALUE:
            return f"{link.attribute} ({kind})" if link.attribute else kind
        case _:
            assert_never(link.kind)


def as_document(drawing: Drawing) -> str:
    """Return the graph as JSON: nodes by number, edges between them, with all that is known of each."""
    nodes = [_node(drawing, position) for position in drawing.instances]
    return as_json({"schema_version": SCHEMA_VERSION, "nodes": nodes, "edges": [_edge(edge) for edge in drawing.edges]})


def _node(drawing: Drawing, position: int) -> dict[str, Any]:
    instance, place = drawing.instance(position), drawing.change.placements[position]
    return {
        "id": position,
        "address": instance.full_address,
        "deposed": instance.deposed,
        "type": instance.type,
        "mode": instance.mode.value,
        "stack": instance.stack or None,
        "how": drawing.how(position),
        "change": drawing.planned(position),
        "region": value_of(place.region),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    link = edge.link
    return {
        "dependent": edge.dependent,
        "dependency": edge.dependency,
        "kind": link.kind.value,
        "attribute": link.attribute,
        "reference": link.reference,
        "reads": link.reads,
        "match": link.match.value,
        "via": list(link.via),
    }


FORMS: Final[Mapping[str, Callable[[Drawing], str]]] = {"dot": as_dot, "mermaid": as_mermaid, "json": as_document}
