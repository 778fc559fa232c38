"""Limits on how much: counts and shares of touches, and signals."""

from collections.abc import Iterable, Sequence

from scopegate.place.placement import Placement
from scopegate.plan.actions import Action
from scopegate.plan.address import Mode
from scopegate.plan.model import Instance, Plan
from scopegate.policy.beyond import Beyond, listed, number_of
from scopegate.policy.glob import matches
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import CountLimit, Share, SignalLimit, counted_from
from scopegate.policy.model import Change
from scopegate.reach.model import How
from scopegate.signals.model import Signal

# Whatever is counted as affected still counts when the plan changes it as well: one change more lowers no count.
_HOW = {
    LimitKind.DIRECT_CHANGES: counted_from(How.DIRECT),
    LimitKind.DESTRUCTIVE_CHANGES: counted_from(How.DIRECT),
    LimitKind.AFFECTED: counted_from(How.AFFECTED),
    LimitKind.EXPOSED: counted_from(How.EXPOSED),
}
_WORDS = {
    LimitKind.DIRECT_CHANGES: ("makes", "direct change"),
    LimitKind.DESTRUCTIVE_CHANGES: ("makes", "destructive change"),
    LimitKind.AFFECTED: ("changes or affects", "resource"),
    LimitKind.EXPOSED: ("changes, affects or exposes", "resource"),
}
_ADVICE = {
    LimitKind.DIRECT_CHANGES: "split the change into parts that can be read",
    LimitKind.DESTRUCTIVE_CHANGES: "destroy or replace less at once, or use `moved` blocks where nothing need go",
    LimitKind.AFFECTED: "change what fewer others stand on, or split the change",
    LimitKind.EXPOSED: "change what fewer others depend on, or split the change",
}


def too_many(change: Change, limit: CountLimit) -> Beyond | None:
    """Return the touches where they are more than agreed."""
    instances = _counted(change, limit.kind)
    if not _exceeds(change, len(instances), limit.at_most):
        return None
    agreed = f"at most {limit.at_most}"
    verb, noun = _WORDS[limit.kind]
    words = f"{verb} {number_of(len(instances), noun)}"
    share = f" ({_share_in_words(change, len(instances))})" if isinstance(limit.at_most, Share) else ""
    return Beyond(
        rows={limit.kind: {str(len(instances)): instances}},
        agreed=agreed,
        message=f"{words}{share}; agreed is {agreed}",
        advice=_ADVICE[limit.kind],
    )


def signalled(change: Change, limit: SignalLimit) -> Beyond | None:
    """Return the categories of the signals that the limit does not agree to."""
    found: dict[str, list[int]] = {}
    for signal in change.signals:
        if is_meant(signal, limit):
            found.setdefault(signal.category.value, []).extend(() if signal.instance is None else (signal.instance,))
    if not found:
        return None
    return Beyond(
        rows={limit.kind: {category: tuple(dict.fromkeys(instances)) for category, instances in found.items()}},
        agreed="none of these signals",
        message=f"raises {listed(found)}",
        advice="read each of these signals, and leave out what raises them where it is not meant",
    )


def _counted(change: Change, kind: LimitKind) -> tuple[int, ...]:
    """Return what counts: helpers without a place (random, null, time) widen nothing."""
    how, places = _HOW[kind], change.placements
    found = (t.instance for t in change.reach.touches.values() if t.how in how and places[t.instance].located)
    if kind is LimitKind.DESTRUCTIVE_CHANGES:
        instances = change.plan.instances
        return tuple(position for position in found if instances[position].action.takes_the_ground)
    return tuple(found)


def _exceeds(change: Change, count: int, at_most: int | Share) -> bool:
    if isinstance(at_most, int):
        return count > at_most
    # Where nothing stands today every change is more than any share.
    return count * 1000 > at_most.per_mille * _standing(change)


def standing(plan: Plan, placements: Sequence[Placement]) -> int:
    """Return how many managed resources with a place stand today."""
    return standing_of(plan.instances, placements)


def standing_of(items: Iterable[Instance], placements: Iterable[Placement]) -> int:
    """Return how many of these managed resources stand today and have a place."""
    return sum(
        place.located and item.mode is Mode.MANAGED and item.action is not Action.CREATE
        for item, place in zip(items, placements, strict=True)
    )


def _standing(change: Change) -> int:
    return standing(change.plan, change.placements) if change.standing is None else change.standing


def _share_in_words(change: Change, count: int) -> str:
    whole = _standing(change)
    if not whole:
        return "nothing stands today that they could be a share of"
    return f"{count * 100 / whole:.1f}% of the {number_of(whole, 'resource')} that stand today"


def is_meant(signal: Signal, limit: SignalLimit) -> bool:
    """Return whether ``signal`` is one that ``limit`` does not agree to."""
    return (
        (not limit.severities or signal.severity in limit.severities)
        and (not limit.categories or not limit.categories.isdisjoint((signal.category, signal.in_doubt)))
        and (not limit.rules or any(matches(rule, signal.rule) for rule in limit.rules))
    )
