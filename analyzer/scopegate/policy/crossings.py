"""Limits on boundaries: what links a place on one side with a place on another."""

from collections.abc import Iterable, Iterator

from scopegate.place.placement import GLOBAL, AlsoReaches, Known, Placement, Unknown
from scopegate.policy.beyond import UNKNOWN, Beyond, Rows, listed
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import CrossingLimit
from scopegate.policy.model import Change

Sides = frozenset[str]
"""The jurisdictions or partitions that something is in; empty where it is in none of its own (a global service)."""


def crossing(change: Change, limit: CrossingLimit) -> Beyond | None:
    """Return the boundaries that are crossed, as ``EU to CN``.

    A touch crosses when an attribute of it names a place on another side, or when it moves to another side.
    """
    rows = {boundary: _crossed(change, limit, boundary) for boundary in limit.boundaries}
    crossed = {boundary: found for boundary, found in rows.items() if found}
    if not crossed:
        return None
    words = [f"{boundary.singular} boundary ({listed(found)})" for boundary, found in crossed.items()]
    return Beyond(
        rows=crossed,
        agreed="none crossed",
        message=f"crosses a {' and a '.join(words)}",
        advice="keep what the change sends, copies or moves on one side, or let the owners of both sides read it",
    )


def _crossed(change: Change, limit: CrossingLimit, boundary: LimitKind) -> Rows:
    found: dict[str, list[int]] = {}
    for touch in change.reach.touches.values():
        placement = change.placements[touch.instance]
        if touch.how in limit.terms.counts and placement.located:
            for name in dict.fromkeys(_crossings_of(placement, boundary)):
                found.setdefault(name, []).append(touch.instance)
    return {name: tuple(instances) for name, instances in sorted(found.items())}


def _crossings_of(placement: Placement, boundary: LimitKind) -> Iterator[str]:
    own = _own(placement, boundary)
    for other in placement.also_reaches:
        yield from _between(own, _of_other(other, boundary))
    if boundary is LimitKind.PARTITIONS and placement.previous_partition:
        yield from _between(frozenset({placement.previous_partition.value}), own)


def _between(here: Sides, there: Sides) -> Iterable[str]:
    """Return the crossing from here to what is there and not here; a side of nowhere crosses nothing."""
    further = there - here
    return (f"{'+'.join(sorted(here))} to {'+'.join(sorted(further))}",) if here and further else ()


def _own(placement: Placement, boundary: LimitKind) -> Sides:
    if boundary is LimitKind.JURISDICTIONS:
        answer = placement.jurisdictions
        return frozenset({UNKNOWN}) if isinstance(answer, Unknown) else answer.value
    return frozenset({placement.partition.value if isinstance(placement.partition, Known) else UNKNOWN})


def _of_other(other: AlsoReaches, boundary: LimitKind) -> Sides:
    """Return the side of another place; a region of unknown law may be on any."""
    if boundary is LimitKind.PARTITIONS:
        return frozenset({other.partition}) if other.partition else frozenset()
    is_somewhere = other.in_region and other.region != GLOBAL
    return other.jurisdictions or (frozenset({UNKNOWN}) if is_somewhere else frozenset())
