"""A policy: what may be reached without asking, and who must agree to more."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from scopegate.place.placement import Placement
from scopegate.plan.model import Plan
from scopegate.reach.footprint import Footprint
from scopegate.reach.model import How, Reach
from scopegate.signals.model import Category, Severity, Signal


class LimitKind(Enum):
    """The closed set of things a policy can limit; the value is the word in policies and reports."""

    PROVIDERS = "providers"
    PARTITIONS = "partitions"
    REGIONS = "regions"
    ACCOUNTS = "accounts"
    ENVIRONMENTS = "environments"
    SERVICES = "services"
    JURISDICTIONS = "jurisdictions"
    DIRECT_CHANGES = "direct_changes"
    AFFECTED = "affected"
    EXPOSED = "exposed"
    DESTRUCTIVE_CHANGES = "destructive_changes"
    SIGNALS = "signals"
    SPREAD = "spread"
    UNKNOWNS = "unknowns"


ANYONE = "anyone"
"""The group of every eligible human: somebody with write access who has no hand in the change."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """An excess is released by ``count`` different people out of ``groups``."""

    count: int
    groups: tuple[str, ...] = (ANYONE,)


@dataclass(frozen=True, slots=True)
class Block:
    """An excess that nobody can release."""


Outcome = SignOff | Block


@dataclass(frozen=True, slots=True)
class Terms:
    """What every limit has: its name in the policy, the touches it counts, what an excess leads to, and why."""

    name: str
    outcome: Outcome
    why: str
    counts: frozenset[How] = frozenset({How.DIRECT, How.AFFECTED})


@dataclass(frozen=True, slots=True)
class AllowLimit:
    """Only values that match one of ``allow`` (globs) are agreed; ``global`` must be named, ``*`` does not mean it."""

    terms: Terms
    kind: LimitKind
    allow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StrictLimit:
    """Values that match one of ``strict`` (globs) always need their owner."""

    terms: Terms
    kind: LimitKind
    strict: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpreadLimit:
    """At most so many different known values of one dimension at once; ``global`` is no region among others."""

    terms: Terms
    dimension: LimitKind
    at_most: int

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every spread limit."""
        return LimitKind.SPREAD


@dataclass(frozen=True, slots=True)
class CountLimit:
    """At most so many touches: ``direct_changes``, ``affected``, ``exposed`` or ``destructive_changes``."""

    terms: Terms
    kind: LimitKind
    at_most: int


@dataclass(frozen=True, slots=True)
class SignalLimit:
    """No signal of one of these severities and one of these categories; an empty set means any."""

    terms: Terms
    severities: frozenset[Severity] = frozenset()
    categories: frozenset[Category] = frozenset()

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every signal limit."""
        return LimitKind.SIGNALS


@dataclass(frozen=True, slots=True)
class UnknownLimit:
    """No touch whose value in one of these dimensions is unknown."""

    terms: Terms
    dimensions: tuple[LimitKind, ...]

    @property
    def kind(self) -> LimitKind:
        """The limit kind of every limit on unknowns."""
        return LimitKind.UNKNOWNS


Limit = AllowLimit | StrictLimit | SpreadLimit | CountLimit | SignalLimit | UnknownLimit


@dataclass(frozen=True, slots=True)
class Policy:
    """What was agreed. ``agent_count`` is how many people more an agent's excess needs."""

    name: str
    limits: tuple[Limit, ...]
    agent_count: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """Everything a limit may look at; ``placements`` are aligned with ``plan.instances``."""

    plan: Plan
    placements: tuple[Placement, ...]
    reach: Reach
    footprint: Footprint
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Excess:
    """What is reached beyond one limit.

    ``beyond`` maps each dimension concerned to its values beyond the limit (``unknown`` for an unknown one), ``values``
    names them once; ``instances`` are the touches that reach them; ``agreed`` says in words what the limit allows and
    ``message`` what exceeds it, each without a full stop.
    """

    limit: Terms
    kind: LimitKind
    beyond: Mapping[LimitKind, tuple[str, ...]]
    values: tuple[str, ...]
    instances: tuple[int, ...]
    agreed: str
    message: str
