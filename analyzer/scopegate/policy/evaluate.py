"""Excess = reach - scope: each limit held against the change, by itself and in the policy's order.

A limit never looks at another one, so a tighter limit or a further change can only add excess: the verdict is monotone.
"""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import assert_never

from scopegate.place.placement import GLOBAL
from scopegate.policy.model import (
    AllowLimit,
    Change,
    CountLimit,
    Excess,
    Limit,
    LimitKind,
    Policy,
    SignalLimit,
    SpreadLimit,
    StrictLimit,
    Terms,
    UnknownLimit,
)
from scopegate.reach.footprint import Tally
from scopegate.reach.model import How

UNKNOWN = "unknown"
"""How an unknown value is written in an excess."""

_NONE_STRICT = "none strict"
_NONE_UNKNOWN = "none unknown"
_SINGULAR = {
    LimitKind.PROVIDERS: "provider",
    LimitKind.PARTITIONS: "partition",
    LimitKind.REGIONS: "region",
    LimitKind.ACCOUNTS: "account",
    LimitKind.ENVIRONMENTS: "environment",
    LimitKind.SERVICES: "service",
    LimitKind.JURISDICTIONS: "jurisdiction",
}


def excesses_of(change: Change, policy: Policy) -> tuple[Excess, ...]:
    """Return what ``change`` reaches beyond each limit of ``policy``, in the policy's order."""
    return tuple(excess for limit in policy.limits for excess in _beyond(change, limit))


def agreed_in_words(policy: Policy, kind: LimitKind) -> str:
    """Return what ``policy`` allows in one dimension, or for one count; ``no limit`` where it says nothing."""
    words = [word for limit in policy.limits if (word := _agreed(limit, kind))]
    return ", ".join(dict.fromkeys(words)) or "no limit"


def _agreed(limit: Limit, kind: LimitKind) -> str:
    match limit:
        case AllowLimit() if limit.kind is kind:
            return _allowed_in_words(limit.allow)
        case StrictLimit() if limit.kind is kind:
            return _NONE_STRICT
        case SpreadLimit() if limit.dimension is kind:
            return f"at most {limit.at_most}"
        case CountLimit() if limit.kind is kind:
            return f"at most {limit.at_most}"
        case UnknownLimit() if kind in limit.dimensions:
            return _NONE_UNKNOWN
        case _:
            return ""


def _beyond(change: Change, limit: Limit) -> Iterator[Excess]:
    match limit:
        case AllowLimit():
            return _not_allowed(change, limit)
        case StrictLimit():
            return _strict(change, limit)
        case SpreadLimit():
            return _spread(change, limit)
        case CountLimit():
            return _too_many(change, limit)
        case SignalLimit():
            return _signalled(change, limit)
        case UnknownLimit():
            return _unknown(change, limit)
        case _:
            assert_never(limit)


def _not_allowed(change: Change, limit: AllowLimit) -> Iterator[Excess]:
    rows = _rows(change, limit.kind, limit.terms)
    beyond = {value: found for value, found in rows.items() if value != UNKNOWN and not _matches(value, limit.allow)}
    if beyond:
        agreed = _allowed_in_words(limit.allow)
        message = f"reaches {_list(beyond)}; agreed is {agreed}"
        yield _excess(limit, {limit.kind: beyond}, agreed, message)


def _strict(change: Change, limit: StrictLimit) -> Iterator[Excess]:
    rows = _rows(change, limit.kind, limit.terms)
    beyond = {value: found for value, found in rows.items() if _matches(value, limit.strict)}
    if beyond:
        noun = _SINGULAR[limit.kind]
        message = f"reaches the strict {noun if len(beyond) == 1 else noun + 's'} {_list(beyond)}"
        yield _excess(limit, {limit.kind: beyond}, _NONE_STRICT, message)


def _spread(change: Change, limit: SpreadLimit) -> Iterator[Excess]:
    rows = _rows(change, limit.dimension, limit.terms)
    places = {value: found for value, found in rows.items() if value not in (UNKNOWN, GLOBAL)}
    if len(places) > limit.at_most:
        agreed = f"at most {limit.at_most}"
        message = f"reaches {len(places)} {limit.dimension.value} at once ({_list(places)}); agreed is {agreed}"
        yield _excess(limit, {limit.dimension: places}, agreed, message)


def _too_many(change: Change, limit: CountLimit) -> Iterator[Excess]:
    instances = _counted(change, limit.kind)
    if len(instances) > limit.at_most:
        agreed = f"at most {limit.at_most}"
        message = f"makes {len(instances)} {limit.kind.value.replace('_', ' ')}; agreed is {agreed}"
        yield _excess(limit, {limit.kind: {str(len(instances)): instances}}, agreed, message)


def _counted(change: Change, kind: LimitKind) -> tuple[int, ...]:
    touches = change.reach.touches.values()
    instances = change.plan.instances
    if kind is LimitKind.DESTRUCTIVE_CHANGES:
        found = (t.instance for t in touches if t.how is How.DIRECT and instances[t.instance].action.takes_the_ground)
    else:
        how = {LimitKind.AFFECTED: How.AFFECTED, LimitKind.EXPOSED: How.EXPOSED}.get(kind, How.DIRECT)
        found = (touch.instance for touch in touches if touch.how is how)
    return tuple(found)


def _signalled(change: Change, limit: SignalLimit) -> Iterator[Excess]:
    found: dict[str, list[int]] = {}
    for signal in change.signals:
        severe = not limit.severities or signal.severity in limit.severities
        if severe and (not limit.categories or signal.category in limit.categories):
            found.setdefault(signal.category.value, []).extend(() if signal.instance is None else (signal.instance,))
    if found:
        beyond = {category: tuple(dict.fromkeys(instances)) for category, instances in found.items()}
        yield _excess(limit, {limit.kind: beyond}, "none of these signals", f"raises {_list(beyond)}")


def _unknown(change: Change, limit: UnknownLimit) -> Iterator[Excess]:
    found = {dimension: _rows(change, dimension, limit.terms).get(UNKNOWN, ()) for dimension in limit.dimensions}
    beyond = {dimension: {UNKNOWN: instances} for dimension, instances in found.items() if instances}
    if beyond:
        count = len({position for instances in found.values() for position in instances})
        names = " and ".join(_SINGULAR[dimension] for dimension in beyond)
        message = f"{names} unknown for {count} resource{'s' if count != 1 else ''}"
        yield _excess(limit, beyond, _NONE_UNKNOWN, message)


def _rows(change: Change, kind: LimitKind, terms: Terms) -> dict[str, tuple[int, ...]]:
    """Return the values of one dimension that are reached in a way the limit counts, each with its instances."""
    merged: dict[str, list[int]] = {}
    for value, tally in _tallies(change, kind):
        if found := tally.of(terms.counts):
            merged.setdefault(UNKNOWN if value is None else value, []).extend(found)
    return {value: tuple(sorted(set(found))) for value, found in sorted(merged.items())}


def _tallies(change: Change, kind: LimitKind) -> Iterable[tuple[str | None, Tally]]:
    places = change.footprint
    match kind:
        case LimitKind.PROVIDERS:
            return ((key.provider, tally) for key, tally in places.partitions.items())
        case LimitKind.PARTITIONS:
            return ((key.value, tally) for key, tally in places.partitions.items())
        case LimitKind.REGIONS:
            return ((key.region, tally) for key, tally in places.regions.items())
        case LimitKind.ACCOUNTS:
            return ((key.value, tally) for key, tally in places.accounts.items())
        case LimitKind.SERVICES:
            return ((key.value, tally) for key, tally in places.services.items())
        case LimitKind.ENVIRONMENTS:
            return places.environments.items()
        case LimitKind.JURISDICTIONS:
            return places.jurisdictions.items()
        case _:
            raise AssertionError(f"{kind} has no values")


def _matches(value: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the globs matches; ``global`` only by its own name, since it is wider than any region."""
    return any(value == pattern if value == GLOBAL else fnmatchcase(value, pattern) for pattern in patterns)


def _excess(
    limit: Limit, beyond: Mapping[LimitKind, Mapping[str, tuple[int, ...]]], agreed: str, message: str
) -> Excess:
    instances = {position for rows in beyond.values() for found in rows.values() for position in found}
    return Excess(
        limit=limit.terms,
        kind=limit.kind,
        beyond={dimension: tuple(rows) for dimension, rows in beyond.items()},
        values=tuple(dict.fromkeys(value for rows in beyond.values() for value in rows)),
        instances=tuple(sorted(instances)),
        agreed=agreed,
        message=message,
    )


def _allowed_in_words(allow: tuple[str, ...]) -> str:
    if allow == ("*",):
        return "not global"
    return ", ".join(allow) if allow else "nothing"


def _list(values: Iterable[str]) -> str:
    return ", ".join(values)
