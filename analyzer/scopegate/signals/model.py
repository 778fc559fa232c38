"""What a signal is."""

from enum import Enum

from msgspec import Struct

from scopegate.plan.address import in_stack


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
    ``stack`` names the plan it is about where several are judged as one change.
    ``in_doubt`` is the category that it is of if it holds, where that is known only after apply.
    ``title``, ``why`` and ``do`` are the rule's own words to a reader.
    """

    rule: str
    category: Category
    severity: Severity
    address: str
    message: str
    instance: int | None = None
    stack: str = ""
    title: str = ""
    why: str = ""
    do: str = ""
    in_doubt: Category | None = None

    @property
    def full_address(self) -> str:
        """The address with the stack that it is in: two plans may hold the same one."""
        return in_stack(self.stack, self.address)
