"""Predicates on where a change lands and what else it reaches, by its placement."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from scopegate.place.placement import BY_REFERENCE, GLOBAL, AlsoReaches, Known
from scopegate.signals.change import Change, steps
from scopegate.signals.finding import Finding, Fires

Beyond = Literal["region", "partition", "account", "jurisdiction"]
"""The dimension in which something else is reached."""


def effect_is(change: Change, one_of: Sequence[str]) -> Finding:
    """Return whether the change has one of the effects ``one_of`` beyond the object itself."""
    return Fires() if change.placement.effect in one_of else None


def moves_region(change: Change) -> Finding:
    """Return whether the object leaves one region for another."""
    previous, region = change.placement.previous_region, change.placement.region
    if previous is None or not isinstance(region, Known) or region.value == previous.value:
        return None
    return Fires(f"from {previous.value} to {region.value}")


def reaches_beyond(change: Change, dimension: Beyond, kinds: Sequence[str]) -> Finding:
    """Return whether an attribute that this change sets anew names another region, partition, account or jurisdiction.

    ``kinds`` are relations of the fact table (``replicates``, ``creates``, ``sends`` …); none stands for all.
    """
    found = [
        other
        for other in change.placement.also_reaches
        if (not kinds or other.kind in kinds) and _is_fresh(change, other) and _differs(change, other, dimension)
    ]
    if not found:
        return None
    places = sorted({_NAMES[dimension](other) for other in found} - {""})
    return Fires(f"{', '.join(places[:5])} by {found[0].evidence}" if places else f"by {found[0].evidence}")


def _is_fresh(change: Change, other: AlsoReaches) -> bool:
    """Return whether what names ``other`` differs: hundreds of replicas, each in a block, are named by one path."""
    where = steps(other.evidence.removesuffix(BY_REFERENCE))
    return change.once(
        ("fresh", where),
        lambda: change.values_before(where) != change.values_after(where) or change.is_unknown(where),
    )


def _differs(change: Change, other: AlsoReaches, dimension: Beyond) -> bool:
    """Return whether ``other`` is elsewhere: what is global, such as a topic, reaches no further by naming a region."""
    own = change.placement
    match dimension:
        case "region":
            return other.region is not None and not any(_same(own.region, region) for region in (GLOBAL, other.region))
        case "partition":
            return other.partition is not None and not _same(own.partition, other.partition)
        case "account":
            return other.account is not None and not _same(own.account, other.account)
        case "jurisdiction":
            known = own.jurisdictions
            return bool(other.jurisdictions) and not (isinstance(known, Known) and other.jurisdictions <= known.value)


def _same(own: object, other: str) -> bool:
    return isinstance(own, Known) and own.value == other


_NAMES: Mapping[Beyond, Callable[[AlsoReaches], str]] = {
    "region": lambda other: other.region or "",
    "partition": lambda other: other.partition or "",
    "account": lambda _: "",  # an account id is not ours to print
    "jurisdiction": lambda other: ", ".join(sorted(other.jurisdictions)),
}
