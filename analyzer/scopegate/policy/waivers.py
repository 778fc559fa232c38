"""Waivers: for a while, the touches of some addresses do not count for one limit, or the signals of one rule.

A waiver takes away touches, never limits: what it does not name counts as before.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from scopegate.plan.address import in_stack
from scopegate.policy.glob import matches
from scopegate.policy.limits import Limit
from scopegate.policy.model import Change, Covered, Waiver, WaiverUse
from scopegate.reach.footprint import footprint
from scopegate.reach.model import Reach


def without_waived_signals(change: Change, waivers: Sequence[Waiver]) -> Change:
    """Return ``change`` without the signals that a waiver of their rule covers."""
    kept = tuple(signal for signal in change.signals if not _covering(signal.rule, signal.address, waivers))
    return change if len(kept) == len(change.signals) else replace(change, signals=kept)


def without_waived_touches(change: Change, limit: Limit, waivers: Iterable[Waiver]) -> Change:
    """Return ``change`` as ``limit`` is to see it: without the touches that a waiver of this limit covers."""
    patterns = [p for waiver in waivers if waiver.limit == limit.terms.name for p in waiver.addresses]
    if not patterns:
        return change
    instances = change.plan.instances
    covered = {position for position in change.reach.touches if _any(patterns, instances[position].address)}
    if not covered:
        return change
    touches = {position: touch for position, touch in change.reach.touches.items() if position not in covered}
    reach = Reach(touches, change.reach.trail)
    kept = tuple(signal for signal in change.signals if signal.instance not in covered)
    return replace(change, reach=reach, footprint=footprint(reach, change.placements), signals=kept)


def uses_of(waivers: Iterable[Waiver], beyond: Iterable[Covered]) -> tuple[WaiverUse, ...]:
    """Return the waivers that were needed, each with what it covers of ``beyond``."""
    found = list(dict.fromkeys(beyond))
    uses = (
        WaiverUse(
            waiver,
            tuple(
                dict.fromkeys(in_stack(s, address) for name, s, address in found if _covering(name, address, (waiver,)))
            ),
        )
        for waiver in waivers
    )
    return tuple(use for use in uses if use.addresses)


def _covering(name: str, address: str, waivers: Iterable[Waiver]) -> bool:
    """Return whether one of ``waivers`` is of the limit or rule ``name`` and covers ``address``."""
    return any(name in (waiver.rule, waiver.limit) and _any(waiver.addresses, address) for waiver in waivers)


def _any(patterns: Iterable[str], address: str) -> bool:
    return any(matches(pattern, address) for pattern in patterns)
