"""How resource instances are touched by a change."""

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from scopegate.graph.edges import Edge


class How(Enum):
    """How an instance is touched, strongest first; the value is the word in reports."""

    DIRECT = "direct"
    """The plan itself acts on it."""
    AFFECTED = "affected"
    """What it reads changes or becomes unknown, or what it stands on is destroyed, replaced or forgotten."""
    EXPOSED = "exposed"
    """It depends, through any chain, on something direct, but nothing it reads changes."""

    __hash__ = object.__hash__


class Touch(Struct, frozen=True):
    """One touched instance, a position in ``Plan.instances``.

    ``edge`` is the last step of the path from a change to this instance, None where the instance is a change itself.
    ``why`` is the reason in words for what is affected, empty otherwise.
    """

    instance: int
    how: How
    edge: Edge | None = None
    why: str = ""


class Reach(Struct, frozen=True):
    """All touches of a change, by instance, in plan order.

    ``trail`` holds the step to every instance that was passed on the way, data sources included, which are no touches
    of their own.
    """

    touches: Mapping[int, Touch]
    trail: Mapping[int, Edge]

    def path(self, instance: int) -> tuple[Edge, ...]:
        """Return the edges from the nearest change to ``instance``, cause first; empty for a change itself."""
        edges: list[Edge] = []
        touch = self.touches.get(instance)
        edge = touch.edge if touch else self.trail.get(instance)
        while edge is not None:
            edges.append(edge)
            before = self.touches.get(edge.dependency)
            edge = None if before and before.how is How.DIRECT else self.trail.get(edge.dependency)
        return tuple(reversed(edges))
