"""Reading of limits: one limit has exactly one kind, what happens beyond it, and why."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from scopegate.policy.kinds import COUNTS, PLACES, LimitKind
from scopegate.policy.limits import (
    DAYS,
    DIRECT_AND_AFFECTED,
    MINUTES_A_DAY,
    AllowLimit,
    CountLimit,
    CrossingLimit,
    DatedFreeze,
    Freeze,
    GuardRail,
    GuardRailLimit,
    Limit,
    Share,
    SignalLimit,
    SpreadLimit,
    StrictLimit,
    Terms,
    TimeLimit,
    UnknownLimit,
    WeeklyFreeze,
    counted_from,
)
from scopegate.policy.read_sign_off import read_outcome
from scopegate.policy.reading import Node
from scopegate.reach.model import How
from scopegate.signals.model import Category, Severity

KINDS: Final = tuple(kind for kind in LimitKind if kind is not LimitKind.STACKS)
"""The kinds a limit can have."""
COMMON: Final = ("sign_off", "block", "why", "counts")
RESERVED: Final = ("declared-", "stack-", "agent-")
"""Beginnings of the names of limits that come from elsewhere."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z|24:00\Z")
_SHARE = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9])?%\Z")
_BOUNDARIES = (LimitKind.JURISDICTIONS, LimitKind.PARTITIONS)
_SPREADS = (*PLACES, LimitKind.STACKS)
_COUNTED = frozenset({*PLACES, LimitKind.SPREAD, LimitKind.UNKNOWNS, LimitKind.CROSSINGS, LimitKind.TIME})
"""The kinds of which a policy can say which touches they count; the others are about one kind of touch, or none."""


def read_limit(name: str, node: Node) -> Limit:
    """Return the limit that ``node`` describes under ``name``."""
    if not _NAME.match(name) or name.startswith(RESERVED):
        raise node.refusal(
            f"{name[:60]!r} cannot name a limit; use small letters, digits and hyphens, and none of the beginnings "
            f"{', '.join(RESERVED)}"
        )
    words = [kind.value for kind in KINDS]
    keys = node.keyed((*words, *COMMON))
    found = [kind for kind in KINDS if kind.value in keys]
    if len(found) != 1:
        said = "several kinds" if found else "no kind"
        raise node.refusal(f"the limit {name!r} has {said}; give it exactly one of {', '.join(words)}")
    kind = found[0]
    if "why" not in keys:
        raise node.refusal(f"the limit {name!r} lacks `why`: one line for whoever is stopped by it")
    terms = Terms(name, read_outcome(keys, node), keys["why"].text(), _counts(keys, kind))
    return _READERS[kind](terms, kind, keys[kind.value])


def _counts(keys: Mapping[str, Node], kind: LimitKind) -> frozenset[How]:
    if "counts" not in keys:
        return DIRECT_AND_AFFECTED
    if kind not in _COUNTED:
        raise keys["counts"].refusal(f"`counts` means nothing for `{kind.value}`, which says itself what it counts")
    return counted_from(keys["counts"].member(How))


def _place(terms: Terms, kind: LimitKind, node: Node) -> AllowLimit | StrictLimit:
    keys = node.keyed(("allow", "strict", "unknown"))
    if ("allow" in keys) == ("strict" in keys):
        raise node.refusal(
            f"`{kind.value}` has either `allow` (what may be reached without asking) or `strict` (what always asks)"
        )
    unknown_allowed = _unknown_allowed(keys)
    if "strict" in keys:
        return StrictLimit(terms, kind, keys["strict"].texts(), unknown_allowed)
    return AllowLimit(terms, kind, keys["allow"].texts(empty=True), unknown_allowed)


def _spread(terms: Terms, _: LimitKind, node: Node) -> SpreadLimit:
    keys = node.keyed(("of", "at_most", "unknown"), ("of", "at_most"))
    return SpreadLimit(terms, keys["of"].member(_SPREADS), keys["at_most"].integer(0), _unknown_allowed(keys))


def _unknown_allowed(keys: Mapping[str, Node]) -> bool:
    return "unknown" in keys and keys["unknown"].word(("allowed", "beyond")) == "allowed"


def _count(terms: Terms, kind: LimitKind, node: Node) -> CountLimit:
    at_most = node.keyed(("at_most",))["at_most"]
    if isinstance(at_most.value, str) and _SHARE.match(at_most.value):
        whole, _, tenth = at_most.value.removesuffix("%").partition(".")
        share = Share(int(whole) * 10 + int(tenth or 0))
        if share.per_mille > 1000:
            raise at_most.refusal("a share is of the resources that stand today, so it is at most 100%")
        return CountLimit(terms, kind, share)
    if isinstance(at_most.value, str):
        raise at_most.refusal(f"`at_most` must be a whole number or a share such as 20%, not {at_most.value[:60]!r}")
    return CountLimit(terms, kind, at_most.integer(0))


def _signals(terms: Terms, _: LimitKind, node: Node) -> SignalLimit:
    keys = node.keyed(("severities", "categories", "rules"))
    return SignalLimit(
        terms,
        frozenset(item.member(Severity) for item in keys["severities"].sequence())
        if "severities" in keys
        else frozenset(),
        frozenset(item.member(Category) for item in keys["categories"].sequence())
        if "categories" in keys
        else frozenset(),
        keys["rules"].texts() if "rules" in keys else (),
    )


def _unknowns(terms: Terms, _: LimitKind, node: Node) -> UnknownLimit:
    words = (*(kind.value for kind in PLACES), "types", "edges")
    said = tuple(item.word(words) for item in node.sequence())
    return UnknownLimit(
        terms,
        tuple(kind for kind in PLACES if kind.value in said),
        types="types" in said,
        edges="edges" in said,
    )


def _crossings(terms: Terms, _: LimitKind, node: Node) -> CrossingLimit:
    said = frozenset(item.member(_BOUNDARIES) for item in node.sequence())
    return CrossingLimit(terms, tuple(kind for kind in _BOUNDARIES if kind in said))


def _guard_rails(terms: Terms, _: LimitKind, node: Node) -> GuardRailLimit:
    keys = node.keyed(("rails", "paths"))
    rails = frozenset(item.member(GuardRail) for item in keys["rails"].sequence()) if "rails" in keys else frozenset()
    return GuardRailLimit(terms, rails, keys["paths"].texts() if "paths" in keys else ())


def _time(terms: Terms, _: LimitKind, node: Node) -> TimeLimit:
    keys = node.keyed(("zone", "frozen"), ("zone", "frozen"))
    return TimeLimit(terms, _zone(keys["zone"]), tuple(_freeze(item) for item in keys["frozen"].sequence()))


def _zone(node: Node) -> str:
    from zoneinfo import ZoneInfo

    name = node.text()
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise node.refusal(
            f"{name[:60]!r} is no time zone known here; write one such as Europe/Berlin, or install the package tzdata"
        ) from error
    return name


def _freeze(node: Node) -> Freeze:
    keys = node.keyed(("days", "from", "to", "dates"))
    if ("days" in keys) == ("dates" in keys):
        raise node.refusal("a window has either `days` (every week) or `dates` (from one day to another)")
    if "dates" in keys:
        return _dates(keys)
    days = sorted({DAYS.index(item.word(DAYS)) for item in keys["days"].sequence()})
    start = _clock(keys["from"]) if "from" in keys else 0
    end = _clock(keys["to"]) if "to" in keys else MINUTES_A_DAY
    if start in (end, MINUTES_A_DAY):
        raise node.refusal(
            "this window is empty; its `to` must be later than its `from`, or the time of the next morning"
        )
    return WeeklyFreeze(tuple(days), start, end)


def _dates(keys: Mapping[str, Node]) -> DatedFreeze:
    for key in ("from", "to"):
        if key in keys:
            raise keys[key].refusal(f"`{key}` is for a window of `days`; `dates` has its own first and last day")
    dates = keys["dates"].keyed(("from", "to"), ("from", "to"))
    first, last = read_date(dates["from"]), read_date(dates["to"])
    if last < first:
        raise keys["dates"].refusal("this window ends before it begins")
    return DatedFreeze(first, last)


def read_date(node: Node) -> date:
    """Return a day written as ``2026-12-24``."""
    text = node.text()
    try:
        if len(text) != len("2026-12-24"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError as error:
        raise node.refusal(f"{text[:60]!r} is no day; write it as 2026-12-24") from error


def _clock(node: Node) -> int:
    text = node.text()
    if not _CLOCK.match(text):
        raise node.refusal(f"{text[:60]!r} is no time of day; write it as 09:30, or 24:00 for the end of the day")
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


_READERS: dict[LimitKind, Callable[[Terms, LimitKind, Node], Limit]] = {
    **dict.fromkeys(PLACES, _place),
    **dict.fromkeys(COUNTS, _count),
    LimitKind.SPREAD: _spread,
    LimitKind.SIGNALS: _signals,
    LimitKind.UNKNOWNS: _unknowns,
    LimitKind.CROSSINGS: _crossings,
    LimitKind.GUARD_RAILS: _guard_rails,
    LimitKind.TIME: _time,
}
