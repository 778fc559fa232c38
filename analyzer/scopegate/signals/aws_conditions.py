"""Conditions of AWS policy statements: does one hold wherever another does?

Grammar: AWS IAM User Guide, "IAM JSON policy elements: Condition operators". A condition with several values holds if
one of them matches; a negated one holds if none does. So a value more widens ``StringEquals``, but narrows
``StringNotEquals``: a denial of all regions but Frankfurt denies less when a second region is written beside it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import lru_cache
from itertools import chain
from math import isnan

from msgspec import Struct

from scopegate.signals.globs import Globs, contains
from scopegate.signals.networks import Network, network_of, outside

Condition = tuple[str, str, frozenset[str]]
"""Operator, key and values, operator and key in small letters."""


class _Operator(Struct, frozen=True):
    """An operator taken apart; those of one ``family`` compare alike, whether or not their values are ``globs``."""

    quantifier: str
    family: str
    negated: bool
    globs: bool
    if_exists: bool

    @property
    def holds_without_key(self) -> bool:
        """Whether it holds where the request lacks the key; ``ForAnyValue`` has no value then, and is false."""
        return self.if_exists or (self.negated and self.quantifier != "foranyvalue")


_FAMILIES: Mapping[str, tuple[str, bool]] = {
    "stringequals": ("text", False),
    "stringlike": ("text", True),
    "arnequals": ("arn", True),
    "arnlike": ("arn", True),
}
"""The family of an operator, and whether its values are globs: those of ``ArnEquals`` are, as those of ``ArnLike``."""


@lru_cache(maxsize=256)
def _operator(text: str) -> _Operator:
    quantifier, _, rest = text.rpartition(":")
    base = rest.removesuffix("ifexists")
    positive = base.replace("not", "", 1)
    family, globs = _FAMILIES.get(positive, (positive, False))
    return _Operator(quantifier, family, positive != base, globs, if_exists=base != rest)


def implies(strong: Condition, weak: Condition) -> bool:
    """Return whether ``weak`` holds wherever ``strong`` does; False where it is not proven."""
    theirs, own = _operator(strong[0]), _operator(weak[0])
    comparable = (theirs.quantifier, theirs.family, theirs.negated) == (own.quantifier, own.family, own.negated)
    if strong[1] != weak[1] or not comparable or (theirs.holds_without_key and not own.holds_without_key):
        return False
    if own.negated:
        return _are_within(weak[2], strong[2], theirs, globs=own.globs)
    return _are_within(strong[2], weak[2], own, globs=theirs.globs)


def _are_within(values: frozenset[str], wide: frozenset[str], by: _Operator, *, globs: bool) -> bool:
    """Whether one of ``wide``, as ``by`` reads it, matches all that each value matches; ``globs``: values are such."""
    left = {value for value in values if value not in wide or (globs and not by.globs and _is_wild(value))}
    if by.globs:
        patterns = _patterns(wide)
        return all(any(contains(glob, value) for glob in patterns.that_may_match(value)) for value in left)
    compare = _COMPARISONS.get(by.family)
    return not left or (compare is not None and compare(left, wide))


@lru_cache(maxsize=1024)
def _patterns(globs: frozenset[str]) -> Globs:
    return Globs(globs)


def _is_wild(value: str) -> bool:
    return "*" in value or "?" in value


def _are_in_networks(values: Set[str], wide: frozenset[str]) -> bool:
    networks = [network_of(text) for text in values]
    return all(networks) and not any(outside(chain.from_iterable(networks), _networks(wide)))


@lru_cache(maxsize=1024)
def _networks(texts: frozenset[str]) -> frozenset[Network]:
    return frozenset(network for text in texts for network in network_of(text))


def _at_most(values: Set[str], wide: frozenset[str]) -> bool:
    largest = max(_numbers(wide), default=None)
    numbers = list(_numbers(values))
    return largest is not None and len(numbers) == len(values) and all(number <= largest for number in numbers)


def _at_least(values: Set[str], wide: frozenset[str]) -> bool:
    smallest = min(_numbers(wide), default=None)
    numbers = list(_numbers(values))
    return smallest is not None and len(numbers) == len(values) and all(number >= smallest for number in numbers)


def _numbers(texts: Iterable[str]) -> Iterator[float]:
    for text in texts:
        try:
            number = float(text)
        except ValueError:
            continue
        if not isnan(number):
            yield number


_COMPARISONS: Mapping[str, Callable[[Set[str], frozenset[str]], bool]] = {
    "ipaddress": _are_in_networks,
    "numericlessthan": _at_most,
    "numericlessthanequals": _at_most,
    "numericgreaterthan": _at_least,
    "numericgreaterthanequals": _at_least,
}
