"""Who must agree: people out of groups, owners, and combinations of them."""

from collections.abc import Iterator
from itertools import combinations, product
from math import prod
from typing import Final, assert_never

from msgspec import Struct

from scopegate.policy.kinds import LimitKind

ANYONE: Final = "anyone"
"""The group of every eligible human: somebody with write access who has no hand in the change."""

CHANGED_FILES: Final = "changed-files"
"""Code owners are asked for the files that the change touches."""
RESOURCES: Final = "resources"
"""Code owners are asked for the files that the resources beyond the limit stand in."""

MOST_WAYS: Final = 64
"""A rule that can be met in more ways than this is refused: nobody could say who has to sign."""


class SignOff(Struct, frozen=True):
    """``count`` different people out of ``groups`` (``anyone``, ``user:NAME``, ``team:NAME``, ``email:ADDRESS``)."""

    count: int
    groups: tuple[str, ...] = (ANYONE,)


ONE_HUMAN: Final = SignOff(1)


class OwnerSignOff(Struct, frozen=True):
    """``count`` people out of the owners, by the policy's owners table, of every place that is beyond the limit."""

    of: LimitKind
    count: int = 1


class CodeOwnerSignOff(Struct, frozen=True):
    """``count`` people out of the code owners of every file in question.

    ``paths`` are paths of the repository, or one of ``CHANGED_FILES`` and ``RESOURCES``.
    """

    paths: tuple[str, ...]
    count: int = 1


class Combined(Struct, frozen=True):
    """At least ``needed`` of ``rules`` must be met, each by people of its own."""

    needed: int
    rules: tuple["Rule", ...]


class Block(Struct, frozen=True):
    """An excess that nobody can release."""


Rule = SignOff | OwnerSignOff | CodeOwnerSignOff | Combined
Outcome = Rule | Block

Ask = tuple[tuple[str, ...], int]
"""Groups, and how many people out of them."""
Way = tuple[Ask, ...]
"""One way to meet a rule: all of these asks, by different people."""


def ways(rule: Rule) -> tuple[Way, ...]:
    """Return every way to meet ``rule``, those the policy names first first; owners must be looked up before."""
    return tuple(dict.fromkeys(_added_up(way) for way in _ways(rule)))


def in_words(rule: Rule) -> str:
    """Return ``rule`` in words: ``2 of team:cn-owners, and 1 of anyone``."""
    match rule:
        case SignOff(count, groups):
            return f"{count} of {' or '.join(groups)}"
        case OwnerSignOff(LimitKind.STACKS, count):
            return f"{count} of the stack's owners"
        case OwnerSignOff(of, count):
            return f"{count} of the owners of each {of.singular}"
        case CodeOwnerSignOff(paths, count):
            return f"{count} of the code owners of {', '.join(paths)}"
        case Combined(needed, rules):
            parts = [f"({in_words(part)})" if isinstance(part, Combined) else in_words(part) for part in rules]
            if needed == len(rules):
                return ", and ".join(parts)
            return ", or ".join(parts) if needed == 1 else f"{needed} of these: {'; '.join(parts)}"
        case _:
            assert_never(rule)


def _ways(rule: Rule) -> Iterator[Way]:
    match rule:
        case SignOff(count, groups):
            yield ((groups, count),)
        case Combined(needed, rules):
            for chosen in combinations(rules, needed):
                for parts in product(*(tuple(_ways(part)) for part in chosen)):
                    yield tuple(ask for part in parts for ask in part)
        case OwnerSignOff() | CodeOwnerSignOff():
            raise AssertionError("owners are looked up before anybody is asked")
        case _:
            assert_never(rule)


def _added_up(way: Way) -> Way:
    """Return a way in which each group is asked once: twice one of the same group means two of it."""
    counts: dict[tuple[str, ...], int] = {}
    for groups, count in way:
        counts[groups] = counts.get(groups, 0) + count
    return tuple(counts.items())


def count_ways(rule: Rule) -> int:
    """Return in how many ways ``rule`` can be met, without listing them; owners count as one.

    Of some of more than ``MOST_WAYS`` rules there are more ways than that, and it is not counted how many.
    """
    if not isinstance(rule, Combined):
        return 1
    if rule.needed == len(rule.rules):
        return prod(map(count_ways, rule.rules))
    if len(rule.rules) > MOST_WAYS:
        return len(rule.rules)
    # ways[n]: the ways to choose n of the rules seen so far and meet each of them.
    found = [1] + [0] * len(rule.rules)
    for part in rule.rules:
        count = count_ways(part)
        for chosen in range(len(rule.rules), 0, -1):
            found[chosen] += found[chosen - 1] * count
    return found[rule.needed]
