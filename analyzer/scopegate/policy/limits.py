"""The limits: small frozen values, each saying what it counts and what an excess leads to."""

from datetime import date
from enum import Enum
from typing import Final

from msgspec import Struct

from scopegate.policy.kinds import LimitKind
from scopegate.policy.sign_off import Outcome
from scopegate.reach.model import How
from scopegate.signals.model import Category, Severity


def counted_from(weakest: How) -> frozenset[How]:
    """Return the touches that count where ``weakest`` does: it and the stronger ones.

    A limit on weak touches alone would let more through once one of them is changed directly as well.
    """
    strongest_first = tuple(How)
    return frozenset(strongest_first[: strongest_first.index(weakest) + 1])


DIRECT_AND_AFFECTED: Final = counted_from(How.AFFECTED)


class Terms(Struct, frozen=True):
    """What every limit has: its name in the policy, the touches it counts, what an excess leads to, and why."""

    name: str
    outcome: Outcome
    why: str
    counts: frozenset[How] = DIRECT_AND_AFFECTED


class AllowLimit(Struct, frozen=True):
    """Only values that match one of ``allow`` (globs) are agreed; an empty list agrees to nothing.

    ``global`` must be named, ``*`` does not mean it. An unknown value is beyond the limit unless ``unknown_allowed``.
    ``declared``: it is the change's own declared scope.
    """

    terms: Terms
    kind: LimitKind
    allow: tuple[str, ...]
    unknown_allowed: bool = False
    declared: bool = False


class StrictLimit(Struct, frozen=True):
    """Values that match one of ``strict`` (globs) always need their owner.

    An unknown value may be one of them, and is beyond the limit unless ``unknown_allowed``.
    """

    terms: Terms
    kind: LimitKind
    strict: tuple[str, ...]
    unknown_allowed: bool = False


class SpreadLimit(Struct, frozen=True):
    """At most so many different known values of one dimension at once; ``global`` is no region among others.

    An unknown value may be a further one, and is beyond the limit unless ``unknown_allowed``.
    """

    terms: Terms
    dimension: LimitKind
    at_most: int
    unknown_allowed: bool = False

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every spread limit."""
        return LimitKind.SPREAD


class Share(Struct, frozen=True):
    """A share of the managed resources with a place that stand today: what the change creates does not dilute it."""

    per_mille: int

    def __str__(self) -> str:
        """Return the share as a policy writes it: ``20%``."""
        return f"{self.per_mille / 10:g}%"


class CountLimit(Struct, frozen=True):
    """At most so many touches: ``direct_changes`` or ``destructive_changes``, or with the weaker ones besides.

    ``affected`` counts what is changed or affected, ``exposed`` every touch.
    """

    terms: Terms
    kind: LimitKind
    at_most: int | Share


class SignalLimit(Struct, frozen=True):
    """No signal of one of these severities, one of these categories and one of these rules (globs of their ids).

    An empty set means any.
    """

    terms: Terms
    severities: frozenset[Severity] = frozenset()
    categories: frozenset[Category] = frozenset()
    rules: tuple[str, ...] = ()

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every signal limit."""
        return LimitKind.SIGNALS


class UnknownLimit(Struct, frozen=True):
    """No touch whose value in one of these dimensions is unknown.

    ``types``: no touch of a type that is in no fact table. ``edges``: no change beside edges hidden behind locals.
    """

    terms: Terms
    dimensions: tuple[LimitKind, ...] = ()
    types: bool = False
    edges: bool = False

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every limit on unknowns."""
        return LimitKind.UNKNOWNS


class CrossingLimit(Struct, frozen=True):
    """No touch that links two places on different sides of a boundary: of ``jurisdictions`` or ``partitions``."""

    terms: Terms
    boundaries: tuple[LimitKind, ...]

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every limit on crossings."""
        return LimitKind.CROSSINGS


class GuardRail(Enum):
    """What keeps the gate a gate; the value is the word in policies."""

    POLICY = "policy"
    CLAIMS = "claims"
    CODEOWNERS = "codeowners"
    WORKFLOWS = "workflows"


class GuardRailLimit(Struct, frozen=True):
    """No change of these guard rails, nor of files that match ``paths`` (the plan's wrapper scripts, for one)."""

    terms: Terms
    rails: frozenset[GuardRail]
    paths: tuple[str, ...] = ()

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every limit on guard rails."""
        return LimitKind.GUARD_RAILS


DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As ``datetime.weekday`` counts them."""
MINUTES_A_DAY: Final = 24 * 60


class WeeklyFreeze(Struct, frozen=True):
    """From minute ``start`` of ``days`` (0 is Monday) to minute ``end``, past midnight where that is not later."""

    days: tuple[int, ...]
    start: int = 0
    end: int = MINUTES_A_DAY


class DatedFreeze(Struct, frozen=True):
    """From the beginning of the day ``first`` to the end of the day ``last``."""

    first: date
    last: date


Freeze = WeeklyFreeze | DatedFreeze


class TimeLimit(Struct, frozen=True):
    """No change while one of ``frozen`` holds in the time zone ``zone`` (a name of the tz database)."""

    terms: Terms
    zone: str
    frozen: tuple[Freeze, ...]

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every limit on time."""
        return LimitKind.TIME


Limit = (
    AllowLimit
    | StrictLimit
    | SpreadLimit
    | CountLimit
    | SignalLimit
    | UnknownLimit
    | CrossingLimit
    | GuardRailLimit
    | TimeLimit
)
