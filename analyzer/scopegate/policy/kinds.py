"""The closed set of things that a policy can limit."""

from enum import Enum
from typing import Final


class LimitKind(Enum):
    """What a policy can limit; the value is the word in policies and reports."""

    PROVIDERS = "providers"
    PARTITIONS = "partitions"
    REGIONS = "regions"
    ACCOUNTS = "accounts"
    ENVIRONMENTS = "environments"
    SERVICES = "services"
    JURISDICTIONS = "jurisdictions"
    STACKS = "stacks"
    """Counted by ``spread`` alone."""
    DIRECT_CHANGES = "direct_changes"
    AFFECTED = "affected"
    EXPOSED = "exposed"
    DESTRUCTIVE_CHANGES = "destructive_changes"
    SIGNALS = "signals"
    SPREAD = "spread"
    UNKNOWNS = "unknowns"
    CROSSINGS = "crossings"
    GUARD_RAILS = "guard_rails"
    TIME = "time"

    @property
    def singular(self) -> str:
        """The word for one of them (``region``)."""
        return self.value.removesuffix("s").replace("_", " ")


PLACES: Final = (
    LimitKind.PROVIDERS,
    LimitKind.PARTITIONS,
    LimitKind.REGIONS,
    LimitKind.ACCOUNTS,
    LimitKind.ENVIRONMENTS,
    LimitKind.SERVICES,
    LimitKind.JURISDICTIONS,
)
"""The kinds that have values: where, and whose."""

COUNTS: Final = (LimitKind.DIRECT_CHANGES, LimitKind.AFFECTED, LimitKind.EXPOSED, LimitKind.DESTRUCTIVE_CHANGES)
"""The kinds that count touches."""


class AuthorKind(Enum):
    """Who wrote the change, as far as is known; the value is the word in reports."""

    HUMAN = "human"
    AGENT = "agent"
    UNKNOWN = "unknown"
