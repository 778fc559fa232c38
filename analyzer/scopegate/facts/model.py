"""The rows of the fact tables, typed. One class a table; the tables are in ``scopegate_rules/facts/*.csv``."""

from dataclasses import dataclass
from enum import Enum


class TypeScope(Enum):
    """Where instances of a resource type live; the value is the word in the table."""

    REGIONAL = "regional"
    ZONAL = "zonal"
    LOCATION = "location"
    """Google: the location attribute may name a zone, a region, a multi-region or ``global``."""
    GLOBAL = "global"
    INHERITS = "inherits"
    """No location of its own: that of the parent it names."""
    CLUSTER = "cluster"
    """Inside a cluster its provider is configured for."""
    NOWHERE = "nowhere"
    """A helper without a place (random, tls, null, time, local, terraform_data)."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a cloud (``aws``, ``azure``, ``google`` or another provider family)."""

    cloud: str
    id: str
    name: str
    partition: str
    country: str
    jurisdictions: frozenset[str]
    paired_region: str | None = None
    operator: str | None = None
    members: tuple[str, ...] = ()
    """Of a multi-region: the regions it unfolds to, as far as the provider publishes them."""


@dataclass(frozen=True, slots=True)
class Partition:
    """A separate instance of a cloud: own accounts, own endpoints, often own operator.

    ``region_regex`` recognises its region names, new ones included; ``jurisdiction`` holds for everything in it, or is
    None where the region decides.
    """

    cloud: str
    id: str
    name: str
    region_regex: str | None
    dns_suffixes: tuple[str, ...]
    jurisdiction: str | None
    operator: str | None


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A body of law. ``strict`` marks those that are a separate cloud with separate accounts."""

    id: str
    name: str
    countries: frozenset[str]
    strict: bool
    regimes: tuple[str, ...]
    transfer: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A resource type's scope or effect under a condition on one of its attributes."""

    attribute: str
    value: str
    scope: TypeScope | None
    effect: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ResourceType:
    """What is known about one resource type or data source.

    ``region_attributes`` in order of use; ``parents`` are ``(attribute, parent type)`` for ``INHERITS``;
    ``control_plane`` the key into ``Facts.control_planes`` for global services.
    """

    type: str
    service: str
    scope: TypeScope
    region_attributes: tuple[str, ...] = ()
    zone_attributes: tuple[str, ...] = ()
    account_attributes: tuple[str, ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    effect: str | None = None
    control_plane: str | None = None
    conditions: tuple[Condition, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What is known about one provider family.

    ``cloud`` is the key of its regions and partitions; ``layer`` one of cloud, edge, cluster, saas, identity, local.
    ``config_region`` and ``config_account`` name the arguments of its provider block.
    """

    name: str
    cloud: str
    service: str
    layer: str
    default_scope: TypeScope
    region_attributes: tuple[str, ...]
    account_attributes: tuple[str, ...]
    config_region: tuple[str, ...]
    config_account: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CrossRegion:
    """An attribute that names another region, account or the like. ``path`` leaves list indexes out."""

    type: str
    path: str
    value: str
    kind: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Stateful:
    """What is lost when an instance of a type is destroyed or replaced.

    ``way_back`` is one of none, window, backup, recreate, partial.
    """

    type: str
    holds: str
    lost: str
    protected_by: tuple[str, ...]
    dangerous: tuple[str, ...]
    way_back: str
    way_back_note: str | None
    replaced_when_changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A host name that names a region or an account (an ECR registry, an S3 endpoint)."""

    cloud: str
    pattern: str
    means: str
