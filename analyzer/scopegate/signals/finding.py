"""What a predicate answers about one change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fires:
    """It holds. ``detail`` says more in a few words; of attribute values it holds numbers, places and our own words."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Undecidable:
    """It may hold: ``what`` (an attribute path) is known only after apply."""

    what: str


Finding = Fires | Undecidable | None
"""None: it does not hold."""
