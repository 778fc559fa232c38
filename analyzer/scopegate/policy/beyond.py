"""What one limit finds beyond itself, and the words it says it with."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from scopegate.policy.kinds import LimitKind

UNKNOWN: Final = "unknown"
"""How an unknown value is written in an excess."""

Rows = Mapping[str, tuple[int, ...]]
"""Values, each with the instances that reach it; positions in ``Plan.instances``."""


class Beyond(Struct, frozen=True):
    """What is beyond one limit, by dimension; agreed, message and advice are without a full stop."""

    rows: Mapping[LimitKind, Rows]
    agreed: str
    message: str
    advice: str


def listed(values: Iterable[str]) -> str:
    """Return values as words."""
    return ", ".join(values)


def listed_with_and(values: Iterable[str]) -> str:
    """Return values as words, the last with an ``and``."""
    *first, last = values
    return f"{', '.join(first)} and {last}" if first else last


def number_of(count: int, singular: str) -> str:
    """Return a count with its noun: ``1 region``, ``3 regions``."""
    return f"{count} {singular}{'' if count == 1 else 's'}"
