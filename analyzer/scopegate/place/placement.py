"""The answer of the placement step: each dimension is known, with its evidence, or openly unknown, with the reason."""

from enum import Enum
from typing import Final, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

GLOBAL: Final = "global"
"""The region of a global service: wider than any single region."""
BY_REFERENCE: Final = " by reference"
"""Behind the path of an attribute: the place is that of the instance which the attribute reads or names."""


class Cause(Enum):
    """Why something is unknown, as a closed set beside the sentence; the value is the word in tables and tests."""

    NO_EVIDENCE = "no evidence"
    """Nothing in the plan says it."""
    NO_PLACE = "no place"
    """A helper that lives nowhere (random, tls, null, time, local)."""
    ENVIRONMENT = "environment"
    """The provider takes it from the environment of whoever runs it, which is not in the plan."""
    NO_CONFIGURATION = "no configuration"
    """The plan came without its configuration, so absence proves nothing."""
    SEVERAL_PROVIDERS = "several providers"
    """More than one provider configuration may be meant, and they differ."""
    COMPUTED = "computed"
    """The configuration computes it in a way the plan does not show: a local, a function, ``each.value``."""
    AFTER_APPLY = "after apply"
    """Known only after apply."""
    SENSITIVE = "sensitive"
    """Marked sensitive, so it is not read."""
    SHAPE = "shape"
    """What stands there does not look like one."""
    CONTRADICTION = "contradiction"
    """The evidence contradicts itself."""
    PARENT = "parent"
    """The type has no location of its own and its parent's is not known."""
    CLUSTER = "cluster"
    """The cluster that the provider talks to cannot be told."""
    UNMAPPED = "unmapped"
    """The type or provider is in no fact table."""
    PROVISIONER = "provisioner"
    """A provisioner or program runs, which can reach anything."""
    NEWER = "newer"
    """The region is in no fact table."""


class Known(Struct, Generic[T], frozen=True):
    """A value and how we know it (``"attribute region"``, ``"provider aws.cn: region"``)."""

    value: T
    evidence: str


class Unknown(Struct, frozen=True):
    """No value, and why: a sentence without a full stop, with the way out where there is one.

    ``candidates`` are the values it may have (contradicting evidence, "one of n" providers).
    """

    reason: str
    candidates: tuple[str, ...] = ()
    cause: Cause = Cause.NO_EVIDENCE


def value_of(answer: Known[T] | Unknown) -> T | None:
    """Return the value where it is known."""
    return answer.value if isinstance(answer, Known) else None


class AlsoReaches(Struct, frozen=True):
    """Another region, account or jurisdiction that an attribute of the resource names.

    ``kind`` is the relation of the fact table (``replicates``, ``creates``, ``sends``, ``routes``, ``peers``, …);
    ``evidence`` the attribute path, with ``BY_REFERENCE`` or without. Exactly the dimensions that are known are filled.
    ``unknown`` is why the plan does not say which region the attribute leads to; it may be any of the partition.
    """

    kind: str
    evidence: str
    region: str | None = None
    partition: str | None = None
    account: str | None = None
    jurisdictions: frozenset[str] = frozenset()
    unknown: str = ""

    @property
    def in_region(self) -> bool:
        """Whether it is about a region, be it one that is not known."""
        return self.region is not None or bool(self.unknown)


class Placement(Struct, frozen=True):
    """Where and whose one resource instance is.

    ``provider`` is the family by the provider's own type name (``aws``, ``azurerm``, ``google``); google-beta counts as
    google. ``region`` is a region id, a multi-region id, or ``GLOBAL``. ``located`` is False for helpers that have no
    place at all (random, tls, null, time, local, terraform_data): they are in no dimension and widen nothing.
    ``effect`` is the scope the change has beyond the object itself: ``region``, ``account``, ``organization``,
    ``network``, ``edge``. ``previous_region`` and ``previous_partition`` are set only where before and after name
    different ones.

    The jurisdictions of a global service are those of its partition (CN in ``aws-cn``); in a partition without one the
    set is known to be empty: its data plane is everywhere, so it is its region, ``GLOBAL``, that has to be allowed.
    """

    provider: str
    located: bool
    partition: Known[str] | Unknown
    region: Known[str] | Unknown
    account: Known[str] | Unknown
    environment: Known[str] | Unknown
    service: Known[str] | Unknown
    jurisdictions: Known[frozenset[str]] | Unknown
    zone: Known[str] | Unknown | None = None
    effect: str | None = None
    home_region: str | None = None
    """Of a global service: the region its control plane runs in."""
    mapped: bool = True
    """False where the type is in no fact table and the service was inferred from its name."""
    previous_region: Known[str] | None = None
    previous_partition: Known[str] | None = None
    also_reaches: tuple[AlsoReaches, ...] = ()
