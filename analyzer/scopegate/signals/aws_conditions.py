"""Conditions of AWS policy statements: does one hold wherever another does?

Grammar: AWS IAM User Guide, "IAM JSON policy elements: Condition operators". A condition with several values holds if
one of them matches; a negated one holds if none does. So a value more widens ``StringEquals``, but narrows
``StringNotEquals``: a denial of all regions but Frankfurt denies less when a second region is written beside it.
"""

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache

from msgspec import Struct

from scopegate.signals.globs import contains

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
        return all(any(_within(value, wide, theirs, globs=own.globs) for wide in strong[2]) for value in weak[2])
    return all(any(_within(value, wide, own, globs=theirs.globs) for wide in weak[2]) for value in strong[2])


def _within(value: str, wide: str, by: _Operator, *, globs: bool) -> bool:
    """Whether all that ``value`` matches is matched by ``wide`` as ``by`` reads it; ``globs``: ``value`` is one."""
    if by.globs:
        return contains(wide, value)
    if value == wide:
        return not (globs and set("*?").intersection(value))
    compare = _COMPARISONS.get(by.family)
    return compare is not None and compare(value, wide)


def _is_in_network(value: str, wide: str) -> bool:
    from ipaddress import ip_network

    try:
        inner, outer = (ip_network(text, strict=False) for text in (value, wide))
    except ValueError:
        return False
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _as_numbers(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compared(value: str, wide: str) -> bool:
        try:
            return compare(float(value), float(wide))
        except ValueError:
            return False

    return compared


_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "ipaddress": _is_in_network,
    "numericlessthan": _as_numbers(operator.le),
    "numericlessthanequals": _as_numbers(operator.le),
    "numericgreaterthan": _as_numbers(operator.ge),
    "numericgreaterthanequals": _as_numbers(operator.ge),
}
