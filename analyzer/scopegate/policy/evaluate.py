"""Excess = reach - scope: each limit held against the change, by itself and in the policy's order.

A limit never looks at another one, so a tighter limit or a further change can only add excess: the verdict is monotone.
"""

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from scopegate.policy.beyond import Beyond
from scopegate.policy.counts import is_meant, signalled, too_many
from scopegate.policy.crossings import crossing
from scopegate.policy.freeze import frozen, in_words
from scopegate.policy.guard_rails import guarded
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import (
    AllowLimit,
    CountLimit,
    CrossingLimit,
    GuardRailLimit,
    Limit,
    SignalLimit,
    SpreadLimit,
    StrictLimit,
    TimeLimit,
    UnknownLimit,
)
from scopegate.policy.model import Change, Excess, Policy
from scopegate.policy.owners import looked_up
from scopegate.policy.places import (
    NONE_STRICT,
    NONE_UNKNOWN,
    allowed_in_words,
    not_allowed,
    spread,
    strict,
    unknown,
)
from scopegate.policy.sign_off import Block
from scopegate.policy.waivers import WaiverUse, uses_of, without_waived_signals, without_waived_touches


class Judgement(Struct, frozen=True):
    """What is beyond the policy, and which waivers kept more from being so."""

    excesses: tuple[Excess, ...]
    waived: tuple[WaiverUse, ...] = ()


def judge(change: Change, policy: Policy) -> Judgement:
    """Return what ``change`` reaches beyond each limit of ``policy``, in the policy's order.

    Raises:
        PolicyError: a limit asks owners, and nobody is known who could agree.
    """
    heard = without_waived_signals(change, policy.waivers)
    excesses: list[Excess] = []
    waived: list[tuple[str, str]] = []
    for limit in policy.limits:
        excess = excess_of(without_waived_touches(heard, limit, policy.waivers), limit)
        if policy.waivers:
            waived += _kept_within(change, limit, excess)
        if excess is not None:
            excesses.append(replace(excess, outcome=looked_up(excess.limit.outcome, excess, change, policy)))
    return Judgement(tuple(excesses), uses_of(policy.waivers, waived))


def excesses_of(change: Change, policy: Policy) -> tuple[Excess, ...]:
    """Return the excesses of ``judge`` alone."""
    return judge(change, policy).excesses


def _kept_within(change: Change, limit: Limit, excess: Excess | None) -> list[tuple[str, str]]:
    """Return what would be beyond ``limit`` but for waivers: its name and the rules of its signals, with addresses."""
    unwaived = excess_of(change, limit)
    if unwaived is None:
        return []
    still_beyond = frozenset(excess.instances) if excess else frozenset[int]()
    instances = change.plan.instances
    found = [(limit.terms.name, instances[p].address) for p in unwaived.instances if p not in still_beyond]
    if isinstance(limit, SignalLimit):
        found += [(signal.rule, signal.address) for signal in change.signals if is_meant(signal, limit)]
    return found


def excess_of(change: Change, limit: Limit) -> Excess | None:
    """Return what ``change`` reaches beyond one limit, owners not looked up; None where it stays within."""
    beyond = beyond_limit(change, limit)
    if beyond is None:
        return None
    return Excess(
        limit=limit.terms,
        kind=limit.kind,
        beyond={dimension: tuple(rows) for dimension, rows in beyond.rows.items()},
        values=tuple(dict.fromkeys(value for rows in beyond.rows.values() for value in rows)),
        instances=tuple(sorted({p for rows in beyond.rows.values() for found in rows.values() for p in found})),
        agreed=beyond.agreed,
        message=beyond.message,
        advice=beyond.advice,
        outcome=Block(),
    )


def beyond_limit(change: Change, limit: Limit) -> Beyond | None:
    """Return what is beyond ``limit``; None where the change stays within it."""
    match limit:
        case AllowLimit():
            return not_allowed(change, limit)
        case StrictLimit():
            return strict(change, limit)
        case SpreadLimit():
            return spread(change, limit)
        case CountLimit():
            return too_many(change, limit)
        case SignalLimit():
            return signalled(change, limit)
        case UnknownLimit():
            return unknown(change, limit)
        case CrossingLimit():
            return crossing(change, limit)
        case GuardRailLimit():
            return guarded(change, limit)
        case TimeLimit():
            return frozen(change, limit)
        case _:
            assert_never(limit)


def agreed_in_words(policy: Policy, kind: LimitKind) -> str:
    """Return what ``policy`` allows in one dimension, or for one count; ``no limit`` where it says nothing."""
    words = [words for limit in policy.limits for about, words in agreements(limit) if about is kind]
    return ", ".join(dict.fromkeys(words)) or "no limit"


def agreements(limit: Limit) -> tuple[tuple[LimitKind, str], ...]:
    """Return what a limit allows in each dimension that it is about, in words."""
    match limit:
        case AllowLimit():
            return ((limit.kind, f"{'declared ' if limit.declared else ''}{allowed_in_words(limit.allow)}"),)
        case StrictLimit():
            return ((limit.kind, NONE_STRICT),)
        case SpreadLimit():
            return ((limit.dimension, f"at most {limit.at_most}"),)
        case CountLimit():
            return ((limit.kind, f"at most {limit.at_most}"),)
        case SignalLimit():
            return ((limit.kind, "none of these signals"),)
        case UnknownLimit():
            return (
                *((dimension, NONE_UNKNOWN) for dimension in limit.dimensions),
                *([(limit.kind, "no type outside the fact tables")] if limit.types else []),
                *([(limit.kind, "no hidden edges")] if limit.edges else []),
            )
        case CrossingLimit():
            return ((limit.kind, f"no {' and no '.join(kind.singular for kind in limit.boundaries)} boundary crossed"),)
        case GuardRailLimit():
            return ((limit.kind, "no guard rail touched"),)
        case TimeLimit():
            return ((limit.kind, f"not {', '.join(in_words(window) for window in limit.frozen)} ({limit.zone})"),)
        case _:
            assert_never(limit)
