"""Excess = reach - scope: each limit held against the change, by itself and in the policy's order.

A limit never looks at another one, so a tighter limit or a further change can only add excess: the verdict is monotone.
The modules of what few policies have (waivers, owners, freezes, …) are imported where a policy has it.
"""

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from scopegate.policy.beyond import Beyond
from scopegate.policy.counts import is_meant, signalled, too_many
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
from scopegate.policy.model import Change, Covered, Excess, Policy, Waiver, WaiverUse
from scopegate.policy.places import (
    NONE_STRICT,
    NONE_UNKNOWN,
    allowed_in_words,
    not_allowed,
    spread,
    strict,
    unknown,
)
from scopegate.policy.sign_off import Block, Combined, Outcome, SignOff
from scopegate.policy.together import Held, Views, concerned, held_limits


class Judgement(Struct, frozen=True):
    """What is beyond the policy, and which waivers kept more from being so."""

    excesses: tuple[Excess, ...]
    waived: tuple[WaiverUse, ...] = ()


def judge(change: Change, policy: Policy) -> Judgement:
    """Return what ``change`` reaches beyond each limit of ``policy``, in the policy's order.

    Raises:
        PolicyError: a limit asks owners, and nobody is known who could agree.
    """
    return judge_together(change, (policy,))


def judge_together(change: Change, policies: Sequence[Policy]) -> Judgement:
    """Return what a change of several plans reaches beyond each limit of their ``policies``, one for each plan.

    Raises:
        PolicyError: a limit asks owners, and nobody is known who could agree.
    """
    waivers = policies[0].waivers
    views = Views(change)
    excesses: list[Excess] = []
    waived: list[Covered] = []
    for held in held_limits(policies, change.parts):
        seen = views.within(held.plans)
        if waivers:
            excess = excess_of(_without_waived(seen, held.limit, waivers), held.limit)
            waived += _kept_within(seen, held.limit, excess)
        else:
            excess = excess_of(seen, held.limit)
        if excess is not None:
            excesses.append(_asking(excess, held, change, policies))
    return Judgement(tuple(excesses), _uses_of(waivers, waived) if waivers else ())


def _without_waived(change: Change, limit: Limit, waivers: Sequence[Waiver]) -> Change:
    from scopegate.policy.waivers import without_waived_signals, without_waived_touches

    return without_waived_touches(without_waived_signals(change, waivers), limit, waivers)


def _uses_of(waivers: Sequence[Waiver], waived: Sequence[Covered]) -> tuple[WaiverUse, ...]:
    from scopegate.policy.waivers import uses_of

    return uses_of(waivers, waived)


def _asking(excess: Excess, held: Held, change: Change, policies: Sequence[Policy]) -> Excess:
    """Return an excess with the owners it asks looked up, those of each plan concerned, under its limit's full name."""
    asked = (policies[number] for number in concerned(excess, held, change))
    outcomes = tuple(dict.fromkeys(_looked_up(excess.limit.outcome, excess, change, policy) for policy in asked))
    rules = tuple(outcome for outcome in outcomes if not isinstance(outcome, Block))
    outcome = outcomes[0] if len(outcomes) == 1 else Combined(len(rules), rules)
    return replace(excess, limit=replace(excess.limit, name=held.name), outcome=outcome)


def _looked_up(outcome: Outcome, excess: Excess, change: Change, policy: Policy) -> SignOff | Combined | Block:
    if isinstance(outcome, SignOff | Block):
        return outcome
    from scopegate.policy.owners import looked_up

    return looked_up(outcome, excess, change, policy)


def excesses_of(change: Change, policy: Policy) -> tuple[Excess, ...]:
    """Return the excesses of ``judge`` alone."""
    return judge(change, policy).excesses


def _kept_within(change: Change, limit: Limit, excess: Excess | None) -> list[Covered]:
    """Return what would be beyond ``limit`` but for waivers: its touches, and its signals by rule."""
    unwaived = excess_of(change, limit)
    if unwaived is None:
        return []
    still_beyond = frozenset(excess.instances) if excess else frozenset[int]()
    instances = change.plan.instances
    covered = (instances[p] for p in unwaived.instances if p not in still_beyond)
    found = [(limit.terms.name, item.stack, item.address) for item in covered]
    if isinstance(limit, SignalLimit):
        found += [(signal.rule, signal.stack, signal.address) for signal in change.signals if is_meant(signal, limit)]
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
            from scopegate.policy.crossings import crossing

            return crossing(change, limit)
        case GuardRailLimit():
            from scopegate.policy.guard_rails import guarded

            return guarded(change, limit)
        case TimeLimit():
            from scopegate.policy.freeze import frozen

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
            from scopegate.policy.freeze import in_words

            return ((limit.kind, f"not {', '.join(in_words(window) for window in limit.frozen)} ({limit.zone})"),)
        case _:
            assert_never(limit)
