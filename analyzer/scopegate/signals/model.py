"""What a signal is."""

from enum import Enum

from msgspec import Struct


class Category(Enum):
    """The closed set of signal categories; the value is the word in reports, rules and policies."""

    DATA_LOSS = "data-loss"
    DESTROY = "destroy"
    REPLACE = "replace"
    FORGET = "forget"
    IMPORT = "import"
    IDENTITY = "identity"
    ORGANIZATION = "organization"
    NETWORK = "network"
    EXPOSURE = "exposure"
    ENCRYPTION = "encryption"
    PROTECTION_REMOVED = "protection-removed"
    CAPACITY = "capacity"
    DNS = "dns"
    GLOBAL = "global"
    MULTI_REGION = "multi-region"
    STRICT_JURISDICTION = "strict-jurisdiction"
    CROSS_JURISDICTION = "cross-jurisdiction"
    UNKNOWN_SCOPE = "unknown-scope"
    DRIFT = "drift"
    GUARD_RAILS = "guard-rails"


class Severity(Enum):
    """How much a signal asks of the reviewer; only ``HIGH`` keeps a change shut under the default policy."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Signal(Struct, frozen=True):
    """One fact about one change. ``instance`` is the position in ``Plan.instances``, None for a fact about the plan.

    ``message`` is one sentence that says what happens to what and why it matters; it holds no attribute values.
    """

    rule: str
    category: Category
    severity: Severity
    address: str
    message: str
    instance: int | None = None
