"""What a predicate answers about one change."""

from collections.abc import Iterable

from msgspec import Struct


class Fires(Struct, frozen=True):
    """It holds. ``detail`` says more in a few words; of attribute values it holds numbers, places and our own words."""

    detail: str = ""


class Undecidable(Struct, frozen=True):
    """It may hold: ``what`` (an attribute path) is known only after apply."""

    what: str


Finding = Fires | Undecidable | None
"""None: it does not hold."""


def first_that_fires(findings: Iterable[Finding]) -> Finding:
    """Return the first of ``findings`` that fires; else one that cannot be told, if there is one."""
    undecidable: Finding = None
    for finding in findings:
        if isinstance(finding, Fires):
            return finding
        undecidable = undecidable or finding
    return undecidable
