"""The answer of the placement step: each dimension is known, with its evidence, or openly unknown, with the reason."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")

GLOBAL: Final = "global"
"""The region of a global service: wider than any single region."""


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A value and how we know it (``"attribute region"``, ``"provider aws.cn: region"``)."""

    value: T
    evidence: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No value, and why: a sentence without a full stop, with the way out where there is one.

    ``candidates`` are the values it may have (contradicting evidence, "one of n" providers).
    """

    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlsoReaches:
    """Another region, account or jurisdiction that an attribute of the resource names.

    ``kind`` is the relation of the fact table (``replicates``, ``creates``, ``sends``, ``routes``, ``peers``, …);
    ``evidence`` the attribute path. Exactly the dimensions that are known are filled.
    """

    kind: str
    evidence: str
    region: str | None = None
    partition: str | None = None
    account: str | None = None
    jurisdictions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and whose one resource instance is.

    ``provider`` is the family by the provider's own type name (``aws``, ``azurerm``, ``google``); google-beta counts as
    google. ``region`` is a region id, a multi-region id, or ``GLOBAL``. ``located`` is False for helpers that have no
    place at all (random, tls, null, time, local, terraform_data): they are in no dimension and widen nothing.
    ``effect`` is the scope the change has beyond the object itself: ``region``, ``account``, ``organization``, ``edge``.
    ``previous_region`` and ``previous_partition`` are set only where before and after name different ones.
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
