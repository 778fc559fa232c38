"""Several plans under one document: which limit holds for which of them, and what of the change it then sees.

What holds for all plans is held against the whole change; what holds for some, such as the limits of a stack, against
what is touched of these. So a change cannot be made to look smaller by cutting it into more plans.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from scopegate.graph.edges import HiddenEdges
from scopegate.policy.counts import standing_of
from scopegate.policy.in_force import own_limits
from scopegate.policy.kinds import LimitKind
from scopegate.policy.limits import Limit, Terms
from scopegate.policy.model import Change, Excess, Part, Policy
from scopegate.policy.sign_off import Block
from scopegate.reach.footprint import footprint
from scopegate.reach.model import Reach
from scopegate.signals.model import Signal


class Held(Struct, frozen=True):
    """A limit, the plans it holds for, by number, and the name that no other limit of the change has."""

    limit: Limit
    plans: tuple[int, ...]
    name: str


def held_limits(policies: Sequence[Policy], parts: Sequence[Part]) -> tuple[Held, ...]:
    """Return every limit that holds for one of the plans, in the policies' order.

    What stacks say of themselves stays each stack's own, also where two say the same; two limits of one name are told
    apart by the names of the plans.
    """
    if len(policies) == 1:
        return tuple(Held(limit, (0,), limit.terms.name) for limit in policies[0].limits)
    plans: dict[tuple[Limit, str], list[int]] = {}
    for number, policy in enumerate(policies):
        own = frozenset(own_limits(policy.stack)) if policy.stack else frozenset[Limit]()
        for limit in dict.fromkeys(policy.limits):
            whose = policy.stack.name if policy.stack and limit in own else ""
            plans.setdefault((limit, whose), []).append(number)
    times = Counter(limit.terms.name for limit, _ in plans)
    return tuple(
        Held(limit, tuple(some), _name(limit, [parts[number].stack for number in some], times))
        for (limit, _), some in plans.items()
    )


def _name(limit: Limit, stacks: Iterable[str], times: Mapping[str, int]) -> str:
    own = limit.terms.name
    return own if times[own] == 1 else f"{', '.join(stacks)}: {own}"


def merged(policies: Sequence[Policy], held: Iterable[Held]) -> Policy:
    """Return what was agreed for all of the plans; the policy of the only one as it is."""
    if len(policies) == 1:
        return policies[0]
    named = (replace(found.limit, terms=replace(found.limit.terms, name=found.name)) for found in held)
    return replace(policies[0], limits=tuple(named), stack=None)


class Views:
    """What of a change is in some of its plans, looked up by where these begin and end: linear in what is in them."""

    def __init__(self, change: Change) -> None:
        self._change = change
        starts = [part.start for part in change.parts]
        ends = [part.start + len(part.plan.instances) for part in change.parts]
        self._ranges = list(zip(starts, ends, strict=True))
        self._touched = list(change.reach.touches)
        self._signals = _by_stack(change.signals)
        self._hidden = _by_stack(change.hidden)
        self._known: dict[tuple[int, ...], Change] = {}

    def within(self, plans: tuple[int, ...]) -> Change:
        """Return what of the change is in these of its plans."""
        if len(plans) >= len(self._change.parts):
            return self._change
        found = self._known.get(plans)
        if found is None:
            found = self._known[plans] = self._within(plans)
        return found

    def _within(self, plans: tuple[int, ...]) -> Change:
        change = self._change
        ranges = [self._ranges[number] for number in plans]
        stacks = [change.parts[number].stack for number in plans]
        touches = {position: change.reach.touches[position] for position in self._touched_in(ranges)}
        reach = Reach(touches, change.reach.trail)
        here = list(chain.from_iterable(change.placements[start:end] for start, end in ranges))
        items = chain.from_iterable(change.plan.instances[start:end] for start, end in ranges)
        return replace(
            change,
            reach=reach,
            footprint=footprint(reach, change.placements, here),
            signals=tuple(chain.from_iterable(self._signals.get(stack, ()) for stack in stacks)),
            hidden=tuple(chain.from_iterable(self._hidden.get(stack, ()) for stack in stacks)),
            standing=standing_of(items, here),
        )

    def _touched_in(self, ranges: Iterable[tuple[int, int]]) -> Iterator[int]:
        from bisect import bisect_left

        for start, end in ranges:
            yield from self._touched[bisect_left(self._touched, start) : bisect_left(self._touched, end)]


OfAStack = TypeVar("OfAStack", Signal, HiddenEdges)


def _by_stack(items: Iterable[OfAStack]) -> Mapping[str, Sequence[OfAStack]]:
    found: dict[str, list[OfAStack]] = {}
    for item in items:
        found.setdefault(item.stack, []).append(item)
    return found


def concerned(excess: Excess, held: Held, change: Change) -> tuple[int, ...]:
    """Return the plans of which something is beyond a limit; where that is nothing in any, all it holds for."""
    if len(held.plans) == 1:
        return held.plans
    stacks = {change.plan.instances[position].stack for position in excess.instances}
    return tuple(number for number in held.plans if change.parts[number].stack in stacks) or held.plans


UNPLANNED = "stack-planned"
"""The name of the limit that every stack whose files change has a plan here."""


def unplanned(change: Change, policies: Iterable[Policy]) -> Excess | None:
    """Return the stacks that the change touches and that no plan is of: nobody can agree to what was not looked at."""
    planned = {policy.stack.name for policy in policies if policy.stack}
    missing = tuple(name for name in change.stacks if name not in planned)
    if not missing:
        return None
    rows: Mapping[LimitKind, tuple[str, ...]] = {LimitKind.STACKS: missing}
    return Excess(
        limit=Terms(UNPLANNED, Block(), "what is not planned cannot be judged"),
        kind=LimitKind.STACKS,
        beyond=rows,
        values=missing,
        instances=(),
        agreed="a plan of every stack whose files change",
        message=f"touches files of {', '.join(missing)}, and there is no plan of that",
        advice="plan every stack whose files change, and judge all the plans together",
        outcome=Block(),
    )
