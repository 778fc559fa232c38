"""Predicates on one attribute: what its value was, what it becomes. Each is about the difference, never the state.

A ``default`` is the value that an absent attribute stands for. Where a value is known only after apply the answer is
``Undecidable``, unless what is known already decides.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from scopegate.pattern import Pattern
from scopegate.signals.change import Change, Event, Path, json_in, leaves, steps
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.globs import Globs
from scopegate.signals.globs import matches as matches_glob

Scalar = bool | int | float | str

Beside = Mapping[str, Sequence[Scalar]]
"""Paths inside of a block with what must stand at one of them for the block to be looked at; nothing: anything."""


def became(change: Change, path: str, to: Sequence[Scalar], default: Scalar | None, beside: Beside) -> Finding:
    """Return whether more values at ``path`` are one of ``to`` than before; strings of ``to`` are globs."""
    where = steps(path)
    before, after = _sides(change, where, beside)
    if _count(_or_default(after, default, change, where), to) > _count(before or _listed(default), to):
        return Fires()
    return _if_choice_unknown(change, path)


def is_one_of(change: Change, path: str, one_of: Sequence[Scalar], default: Scalar | None) -> Finding:
    """Return whether a value at ``path`` is one of ``one_of``, in the object as it will be, or was if it goes."""
    where = steps(path)
    gone = not change.events.isdisjoint({Event.DESTROY, Event.DEPOSED, Event.FORGET})
    values = change.values_before(where) if gone else change.values_after(where)
    if _count(_or_default(values, default, change, where), one_of):
        return Fires()
    return _if_unknown(change, path)


def was_one_of(change: Change, path: str, one_of: Sequence[Scalar], default: Scalar | None) -> Finding:
    """Return whether a value at ``path`` is one of ``one_of`` in the object as it is now."""
    return Fires() if _count(change.values_before(steps(path)) or _listed(default), one_of) else None


def added(change: Change, path: str) -> Finding:
    """Return whether more values stand at ``path`` than before."""
    where = steps(path)
    more = len(change.values_after(where)) > len(change.values_before(where))
    return Fires() if more else _if_unknown(change, path)


def removed(change: Change, path: str) -> Finding:
    """Return whether fewer values stand at ``path`` than before."""
    where = steps(path)
    if change.is_left_to_provider(where):
        return None
    if change.is_unknown(where):
        return Undecidable(path)
    return Fires() if len(change.values_after(where)) < len(change.values_before(where)) else None


def emptied(change: Change, path: str) -> Finding:
    """Return whether something stood at ``path`` and nothing does any more."""
    where = steps(path)
    if not change.values_before(where) or change.values_after(where) or change.is_left_to_provider(where):
        return None
    return _if_unknown(change, path) or Fires()


def gained(change: Change, path: str, matching: Sequence[Scalar], beside: Beside, *, globs: bool) -> Finding:
    """Return whether a value stands at ``path`` that did not, and that one of ``matching`` matches if there are any.

    With ``globs`` the values are patterns themselves: what an old one covers is not new.
    """
    where = steps(path)
    before, after = _sides(change, where, beside)
    fresh = _fresh(after, before, globs=globs)
    if any(not matching or matches(value, matching) for value in fresh):
        return Fires()
    return _if_unknown(change, path)


def lost(change: Change, path: str, matching: Sequence[Scalar], beside: Beside, *, globs: bool) -> Finding:
    """Return whether a value stood at ``path`` that no longer does, and that one of ``matching`` matches if any."""
    where = steps(path)
    if change.is_left_to_provider(where):
        return None
    if change.is_unknown(where):
        return Undecidable(path)
    before, after = _sides(change, where, beside)
    gone = _fresh(before, after, globs=globs)
    return Fires() if any(not matching or matches(value, matching) for value in gone) else None


def changed(change: Change, path: str) -> Finding:
    """Return whether the values at ``path`` differ, both being there; JSON in strings is compared as JSON."""
    where = steps(path)
    before, after = _canonical(change.values_before(where)), _canonical(change.values_after(where))
    if before and after and before != after:
        return Fires()
    return _if_unknown(change, path) if before else None


def decreased(
    change: Change,
    path: str,
    share: float,
    unlimited: Sequence[Scalar],
    default: Scalar | None,
    to_at_most: float | None,
    beside: Beside,
) -> Finding:
    """Return whether a number at ``path`` falls by at least ``share`` of it (0: at all).

    Values of ``unlimited`` count as without bound; with ``to_at_most`` the new number is at most that.
    """
    for before, after in _numbers(change, path, unlimited, default, beside):
        enough = after < before and after <= before * (1 - share)
        if enough and (to_at_most is None or after <= to_at_most):
            return Fires(_from_to(change, path, before, after))
    return _if_number_unknown(change, path)


def increased(change: Change, path: str, share: float, unlimited: Sequence[Scalar], default: Scalar | None) -> Finding:
    """Return whether a number at ``path`` rises by at least ``share`` of it (0: at all)."""
    for before, after in _numbers(change, path, unlimited, default, {}):
        if after > before and after >= before * (1 + share):
            return Fires(_from_to(change, path, before, after))
    return _if_number_unknown(change, path)


def _if_number_unknown(change: Change, path: str) -> Finding:
    """Undecidable where a number there was will be known only after apply, and nothing known stands in its place."""
    where = steps(path)
    gone = change.values_before(where) and not change.values_after(where)
    return _if_choice_unknown(change, path) if gone else None


def lowered(change: Change, path: str, order: Sequence[str], default: Scalar | None) -> Finding:
    """Return whether the weakest value at ``path`` is further up in ``order`` (globs, weakest first) than before."""
    where = steps(path)
    was = _weakest(change.values_before(where) or _listed(default), order)
    planned = _weakest(_or_default(change.values_after(where), default, change, where), order)
    if was is not None and planned is not None:
        return Fires() if planned < was else None
    return _if_choice_unknown(change, path) if was is not None else None


def _if_unknown(change: Change, path: str) -> Finding:
    return Undecidable(path) if change.is_unknown(steps(path)) else None


def _if_choice_unknown(change: Change, path: str) -> Finding:
    return Undecidable(path, is_choice=True) if change.is_choice_unknown(steps(path)) else None


def _listed(default: Scalar | None) -> list[object]:
    return [] if default is None else [default]


def _or_default(values: list[object], default: Scalar | None, change: Change, where: Path) -> list[object]:
    """Return ``values``; an absent value stands for ``default``, but an unknown one for nothing."""
    return values or ([] if change.is_unknown(where) else _listed(default))


def _count(values: Iterable[object], wanted: Sequence[Scalar]) -> int:
    return sum(matches(value, wanted) for value in values)


def matches(value: object, wanted: Sequence[object]) -> bool:
    """Return whether ``value`` is one of ``wanted``; strings of ``wanted`` are globs, capitals no difference."""
    return any(_is(value, one) for one in wanted)


def _is(value: object, wanted: object) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return matches_glob(value.casefold(), wanted.casefold())
    return type(value) is type(wanted) and value == wanted


def _fresh(values: Iterable[object], others: Sequence[object], *, globs: bool) -> list[object]:
    known = set(_canonical(others))
    fresh = [value for value in values if _canonical([value])[0] not in known]
    return _beyond(fresh, others) if globs and fresh else fresh


def _beyond(values: Iterable[object], others: Iterable[object]) -> list[object]:
    """Return the values that none of ``others``, which are globs, matches; capitals are no difference."""
    same = {other.casefold() for other in others if isinstance(other, str)}
    globs = Globs(glob for glob in same if not _WILD.isdisjoint(glob))
    return [
        value
        for value in values
        if not (isinstance(value, str) and (value.casefold() in same or _is_matched(value.casefold(), globs)))
    ]


_WILD: Final = frozenset("*?[")


def _is_matched(text: str, globs: Globs) -> bool:
    return any(matches_glob(text, glob) for glob in globs.that_may_match(text))


def _canonical(values: Iterable[object]) -> list[str]:
    import json

    return sorted(json.dumps(_parsed(value), sort_keys=True) for value in values)


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = json_in(value)
    return value if found is None else found


def _weakest(values: Iterable[object], order: Sequence[str]) -> int | None:
    return min((rank for value in values if (rank := _rank(value, order)) is not None), default=None)


def _rank(value: object, order: Sequence[str]) -> int | None:
    return next((rank for rank, glob in enumerate(order) if _is(str(value), glob)), None)


def _numbers(
    change: Change, path: str, unlimited: Sequence[Scalar], default: Scalar | None, beside: Beside
) -> Sequence[tuple[float, float]]:
    """Return each number before with the one in its place after.

    Where several stand at ``path``, in a list of rules or pools, those that stay are set aside and the rest are paired
    by size: 1 and 365 days that become 1 and 30 are a fall of the one that was 365.
    """
    where = steps(path)
    old, new = _sides(change, where, beside)
    before = Counter(_measured(old or _listed(default), unlimited))
    after = Counter(_measured(_or_default(new, default, change, where), unlimited))
    gone, fresh = sorted((before - after).elements()), sorted((after - before).elements())
    if len(gone) == len(fresh):
        return list(zip(gone, fresh, strict=True))
    return [(gone[0], fresh[0])] if gone and fresh else ()


def _sides(change: Change, where: Path, beside: Beside) -> tuple[list[object], list[object]]:
    """Return the values at ``where`` before and after, from the blocks that ``beside`` tells to look at."""
    if not beside:
        return change.values_before(where), change.values_after(where)
    before, after = (
        [leaf for block in leaves(side, where[:1]) if _stands_in(block, beside) for leaf in leaves(block, where[1:])]
        for side in (change.before, change.after)
    )
    return before, after


def _stands_in(block: object, beside: Beside) -> bool:
    return any(
        any(not wanted or matches(leaf, wanted) for leaf in leaves(block, steps(path)))
        for path, wanted in beside.items()
    )


def _measured(values: Iterable[object], unlimited: Sequence[Scalar]) -> Iterator[float]:
    for value in values:
        number = math.inf if matches(value, unlimited) else number_of(value)
        if number is not None:
            yield number


_NUMBER = Pattern(r"-?\d{1,18}(\.\d{1,9})?\Z")
_ISO_DURATION = Pattern(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?\Z"
)
_ISO_SECONDS = (365 * 86400, 30 * 86400, 7 * 86400, 86400, 3600, 60, 1)
_GO_DURATION = Pattern(r"(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h|d|w)")
_GO_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def number_of(value: object) -> float | None:
    """Return a number, a number in a string, or the seconds of a duration (``1h30m``, ``86400s``, ``P7D``)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    return float(value) if _NUMBER.match(value) else _seconds(value)


def _seconds(text: str) -> float | None:
    if (match := _ISO_DURATION.match(text)) and any(match.groups()):
        return float(sum(int(amount or 0) * unit for amount, unit in zip(match.groups(), _ISO_SECONDS, strict=True)))
    parts = _GO_DURATION.findall(text)
    if not parts or "".join(amount + unit for amount, unit in parts) != text:
        return None
    return float(sum(float(amount) * _GO_SECONDS[unit] for amount, unit in parts))


def _from_to(change: Change, path: str, before: float, after: float) -> str:
    """Return the two numbers in words; nothing where one is marked sensitive."""
    return "" if change.is_sensitive(steps(path)) else f"from {_shown(before)} to {_shown(after)}"


def _shown(number: float) -> str:
    return "unlimited" if math.isinf(number) else f"{number:g}" if number < 1e6 else f"{number:.0f}"
