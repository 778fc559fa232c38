"""What a predicate answers about one change."""

from collections.abc import Iterable

from msgspec import Struct


class Fires(Struct, frozen=True):
    """It holds. ``detail`` says more in a few words; of attribute values it holds numbers, places and our own words."""

    detail: str = ""


class Undecidable(Struct, frozen=True):
    """It may hold: ``what`` (an attribute path) is known only after apply.

    ``is_choice``: a switch, a number or a word stands there, which no cloud makes up. ``of_new``: what stands there is
    of objects that the plan makes, such as the ARN of a new policy.
    """

    what: str
    is_choice: bool = False
    of_new: bool = False


Finding = Fires | Undecidable | None
"""None: it does not hold."""


def first_that_fires(findings: Iterable[Finding]) -> Finding:
    """Return the first that fires; else one that cannot be told, rather one that no new object explains."""
    undecidable: Undecidable | None = None
    for finding in findings:
        if isinstance(finding, Fires):
            return finding
        if finding is not None and (undecidable is None or undecidable.of_new):
            undecidable = finding
    return undecidable
