"""The reach as a Mermaid flowchart: what changes on the left, what it affects on the right, a box for each region."""

from collections.abc import Iterator
from typing import Final

from scopegate.reach.footprint import RegionKey
from scopegate.reach.model import How
from scopegate.render.escape import in_mermaid, visible
from scopegate.render.picture import Grouping, Node, Picture
from scopegate.render.wording import Wording, plural

LONGEST_LABEL: Final = 60
_WORDS: Final = Wording(visible, visible)
_CLASSES: Final = {How.DIRECT: "direct", How.AFFECTED: "affected", How.EXPOSED: "exposed"}
_STYLES: Final = (
    "classDef destroyed fill:#ffebe9,stroke:#cf222e,stroke-width:3px,color:#1f2328",
    "classDef direct fill:#fff8c5,stroke:#9a6700,stroke-width:2px,color:#1f2328",
    "classDef affected fill:#ddf4ff,stroke:#0969da,color:#1f2328",
    "classDef exposed fill:#f6f8fa,stroke:#6e7781,stroke-dasharray:4 3,color:#1f2328",
    "classDef place fill:#f6f8fa,stroke:#8250df,stroke-dasharray:2 2,color:#1f2328",
)


def flowchart(picture: Picture) -> str:
    """Return the source of a flowchart, without a line break at the end; node ids are numbers, never names."""
    return "\n".join(_lines(picture))


def _lines(picture: Picture) -> Iterator[str]:
    yield "flowchart LR"
    for number, (place, members) in enumerate(picture.by_place().items()):
        yield f'  subgraph r{number}["{in_mermaid(place_in_words(place))}"]'
        for position in members:
            yield f"    n{position}{_shape(picture.nodes[position], picture.grouping)}"
        yield "  end"
    for line in picture.lines:
        arrow = f"-. {in_mermaid(line.named)} .->" if line.named else "-->"
        yield f"  n{line.start} {arrow} n{line.end}"
    yield from (f"  {style}" for style in _STYLES)


def place_in_words(place: RegionKey | None) -> str:
    """Return the title of a region's box."""
    return _WORDS.region(place) if place else "no place"


def _shape(node: Node, grouping: Grouping) -> str:
    if not node.count:
        return f'(["{in_mermaid(node.name)}"]):::place'
    words = node_in_words(node, grouping)
    if node.destroyed:
        return f'{{{{"{in_mermaid(words)}"}}}}:::destroyed'
    return f'["{in_mermaid(words)}"]:::{_CLASSES[node.how]}'


def node_in_words(node: Node, grouping: Grouping) -> str:
    """Return what a node says: its name, how many it stands for, and how they are touched; a mark beside the colour."""
    if not node.count:
        return node.name
    mark = "! " if node.destroyed else ""
    if grouping is Grouping.RESOURCE:
        return f"{mark}{_shortened(node.name)} - {node.change or node.how.value}"
    name = _shortened(node.name)
    destroyed = f", {node.destroyed} destroyed" if node.destroyed else ""
    return f"{mark}{name}{': ' if name else ''}{plural(node.count, 'resource')}, {node.how.value}{destroyed}"


def _shortened(name: str) -> str:
    """Return the end of a long name: what tells resources apart stands there."""
    return visible(name if len(name) <= LONGEST_LABEL else f"...{name[-LONGEST_LABEL:]}")
