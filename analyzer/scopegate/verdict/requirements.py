"""Who must agree, and who has: from what the excesses ask to the smallest set of people that opens the gate.

Limits that ask the same groups are met by the same people, so the largest count holds. Different groups are met by
different people, unless the policy says otherwise. ``anyone`` counts everybody who agrees, owners included: it says how
many people at least. What an agent's change asks besides comes on top.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.errors import PolicyError
from scopegate.policy.model import Excess, Policy
from scopegate.policy.people import Approval, Voices, people_named
from scopegate.policy.sign_off import ANYONE, Block, Way, ways

AGENT_AUTHOR: Final = "agent-author"
"""Why people are asked on top of what the excess asks for."""
_MOST_WAYS: Final = 4096
_MOST_PEOPLE: Final = 500
_ANYONE: Final = (ANYONE,)


class Rejected(Struct, frozen=True):
    """A sign-off that does not count, and why."""

    who: str
    why: str


class SignOffs(Struct, frozen=True):
    """What people said: those who agreed, and those whose agreement the code host already found not to count."""

    given: tuple[Approval, ...] = ()
    rejected: tuple[Rejected, ...] = ()


NOBODY: Final = SignOffs()


class Requirement(Struct, frozen=True):
    """``count`` different people out of ``groups`` must agree; ``why`` names the limits that ask for them.

    ``suggested`` are people named in the policy who could give what is missing.
    """

    groups: tuple[str, ...]
    count: int
    why: tuple[str, ...]
    satisfied_by: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    suggested: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether enough people have agreed."""
        return len(self.satisfied_by) >= self.count

    @property
    def missing(self) -> int:
        """How many people more must agree."""
        return max(0, self.count - len(self.satisfied_by))


def requirements_of(
    excesses: Iterable[Excess], policy: Policy, sign_offs: SignOffs = NOBODY, barred: Mapping[str, str] | None = None
) -> tuple[Requirement, ...]:
    """Return what is to be agreed by whom, filled with who agreed; of several ways the one nearest to its end.

    Together the requirements are the smallest set of people that opens the gate. None are needed where no excess asks.
    ``barred`` maps logins, in small letters, that can never sign to the reason.

    Raises:
        PolicyError: the excesses together can be met in too many ways to choose one.
    """
    asked = {excess.limit.name: ways(excess.outcome) for excess in excesses if not isinstance(excess.outcome, Block)}
    if not asked:
        return ()
    if nobody := [limit for limit, choices in asked.items() if () in choices]:
        raise PolicyError(
            f"{policy.name}: what is beyond the limit {nobody[0]!r} asks nobody, so nobody could agree; name a group "
            "in its `sign_off`."
        )
    further = ways(policy.further) if policy.further else ((),)
    if prod(len(choices) for choices in (*asked.values(), further)) > _MOST_WAYS:
        raise PolicyError(
            f"{policy.name}: what this change asks for can be met in more than {_MOST_WAYS} ways, so nobody could say "
            "who has to sign; use fewer `any_of` and `at_least`."
        )
    out = barred or {}
    eligible = Voices((approval for approval in sign_offs.given if approval.who.lower() not in out), policy.teams)
    chosen = [
        _filled(_needed(dict(zip(asked, choice, strict=True)), more, policy), policy, eligible)
        for choice in product(*asked.values())
        for more in further
    ]
    best = min(chosen, key=_distance)
    rejected = (*sign_offs.rejected, *_rejected(sign_offs, out))
    return tuple(_with_suggestions([replace(r, rejected=rejected) for r in best], policy, eligible, out))


class _Need(Struct, frozen=True):
    """How many people out of each named group, how many ``more`` of any, and which limits ask for them."""

    named: Mapping[tuple[str, ...], int]
    more: int
    why: Mapping[tuple[str, ...], tuple[str, ...]]


def _needed(asked: Mapping[str, Way], further: Way, policy: Policy) -> _Need:
    named: dict[tuple[str, ...], int] = {}
    why: dict[tuple[str, ...], list[str]] = {}
    for limit, way in asked.items():
        for groups, count in way:
            why.setdefault(groups, []).append(limit)
            if groups != _ANYONE:
                named[groups] = max(named.get(groups, 0), count)
    people = max([_people(dict(way), policy) for way in asked.values()] + [_people(named, policy)])
    more = people - _people(named, policy)
    for groups, count in further:
        why.setdefault(groups, []).append(AGENT_AUTHOR)
        if groups == _ANYONE:
            more += count
        else:
            named[groups] = named.get(groups, 0) + count
    return _Need(named, more, {groups: tuple(names) for groups, names in why.items()})


def _people(counts: Mapping[tuple[str, ...], int], policy: Policy) -> int:
    """Return how many people meet all of ``counts``."""
    return (sum if policy.distinct_people else _largest)(counts.values())


def _largest(counts: Iterable[int]) -> int:
    return max(counts, default=0)


def _filled(need: _Need, policy: Policy, voices: Voices) -> tuple[Requirement, ...]:
    """Return the requirements of ``need`` with the people who meet them, as many as can be."""
    filled = _assigned(need.named, policy, voices)
    used = dict.fromkeys(who for people in filled.values() for who in people)
    others = [who for who in voices.people if who not in used]
    # Where one person may stand for several groups, fewer people than slots are bound; the rest count as anyone.
    bound = min(len(used), _people(need.named, policy))
    free = dict.fromkeys([*used, *others][bound:])
    requirements = [
        Requirement(groups, count, need.why[groups], filled[groups][:count]) for groups, count in need.named.items()
    ]
    whoever = need.why.get(_ANYONE, ())
    if need.more:
        requirements.append(Requirement(_ANYONE, need.more, whoever, tuple(free)[: need.more]))
    elif whoever:
        requirements[0] = replace(requirements[0], why=(*requirements[0].why, *whoever))
    return tuple(requirements)


def _assigned(
    named: Mapping[tuple[str, ...], int], policy: Policy, voices: Voices
) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return for each group the people who fill its places; each fills one, where people must be distinct."""
    if not policy.distinct_people:
        return {groups: voices.of(groups) for groups in named}
    places = [groups for groups, count in named.items() for _ in range(count)]
    if len(places) > _MOST_PEOPLE:
        raise PolicyError(
            f"{policy.name}: what this change asks for takes more than {_MOST_PEOPLE} people, each out of another "
            "group, and so many will never come together; ask fewer groups, or make the change smaller."
        )
    fits = [voices.of(groups) for groups in places]
    taken: dict[str, int] = {}
    for place in range(len(places)):
        _take(place, fits, taken, set())
    filled: dict[tuple[str, ...], tuple[str, ...]] = dict.fromkeys(named, ())
    for who, place in taken.items():
        filled[places[place]] = (*filled[places[place]], who)
    return filled


def _take(place: int, fits: Sequence[Sequence[str]], taken: dict[str, int], tried: set[str]) -> bool:
    """Give ``place`` to somebody, if need be by moving others (Kuhn's augmenting path); places are few."""
    for who in fits[place]:
        if who not in tried:
            tried.add(who)
            if who not in taken or _take(taken[who], fits, taken, tried):
                taken[who] = place
                return True
    return False


def _distance(requirements: Sequence[Requirement]) -> tuple[int, int]:
    return sum(item.missing for item in requirements), sum(item.count for item in requirements)


def _rejected(sign_offs: SignOffs, barred: Mapping[str, str]) -> tuple[Rejected, ...]:
    found = dict.fromkeys(approval.who for approval in sign_offs.given if approval.who.lower() in barred)
    return tuple(Rejected(who, barred[who.lower()]) for who in found)


def _with_suggestions(
    requirements: Sequence[Requirement], policy: Policy, voices: Voices, barred: Mapping[str, str]
) -> Iterable[Requirement]:
    """Yield the requirements with people named in the policy who, besides those who agreed, would meet them."""
    missing = {r.groups: r.missing for r in requirements if r.groups != _ANYONE}
    known = dict.fromkeys(who for groups in missing for who in people_named(groups, policy.teams))
    agreed = {who.lower() for who in voices.people}
    possible = (Approval(who) for who in known if who not in barred and who not in agreed)
    filled = _assigned(missing, policy, Voices(possible, policy.teams))
    for r in requirements:
        yield replace(r, suggested=filled.get(r.groups, ())[: r.missing])
