"""The rows of the fact tables, typed. One class a table; the tables are in ``scopegate_rules/facts/*.csv``."""

from enum import Enum
from typing import Final

from msgspec import Struct

EFFECTS: Final = ("region", "account", "organization", "network", "edge")
"""How far a change reaches beyond the object itself: the account in one region, the whole account, …"""


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


class Region(Struct, frozen=True):
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
    code: str | None = None
    """The short code in zone ids and host names: ``use1`` of ``use1-az4``."""
    note: str | None = None
    source: str = ""


class Partition(Struct, frozen=True):
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
    home_region: str | None = None
    """Where global services without a row of their own are managed from."""
    source: str = ""


class Jurisdiction(Struct, frozen=True):
    """A body of law. ``strict`` marks those that are a separate cloud with separate accounts.

    ``countries`` (ISO 3166-1) are empty where only a partition leads here: US-GOV is a cloud, not a country.
    """

    id: str
    name: str
    countries: frozenset[str]
    strict: bool
    regimes: tuple[str, ...]
    transfer: str
    source: str = ""


class Condition(Struct, frozen=True):
    """A resource type's scope or effect under a condition on one of its attributes.

    ``value`` is compared with the attribute's value as Terraform prints it (``true``, ``CLOUDFRONT``); a ``*`` in it
    stands for any text. ``control_plane`` is the key into the control planes under that condition.
    """

    attribute: str
    value: str
    scope: TypeScope | None
    effect: str | None
    note: str | None
    control_plane: str | None = None


class ResourceType(Struct, frozen=True):
    """What is known about one resource type or data source.

    ``region_attributes`` in order of use; ``parents`` are ``(attribute, parent type)``: all that ``INHERITS`` has, and
    what a ``LOCATION`` or ``REGIONAL`` type looks at before its provider where it names no place itself;
    ``control_plane`` the key for ``Facts.control_plane`` of global services; ``effect`` one of ``EFFECTS``.
    A data source has its name as Terraform writes it in addresses: ``data.aws_vpc``.
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
    note: str | None = None
    source: str = ""


class ProviderFacts(Struct, frozen=True):
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
    aliases: tuple[str, ...] = ()
    """Other provider type names of the family: ``google-beta``."""
    types_table: str | None = None
    version: str | None = None
    """The release the type table was read from; None where no type of it is known by name."""
    note: str | None = None


class ProviderArgument(Struct, frozen=True):
    """An argument of a provider block that decides where its changes go or what a destroy does.

    ``environment`` are the variables that are read without it; ``otherwise`` says where it comes from without both.
    """

    provider: str
    argument: str
    carries: str
    environment: tuple[str, ...]
    default: str | None
    otherwise: str | None
    source: str = ""


class CrossRegion(Struct, frozen=True):
    """An attribute that names another region, account or the like. ``path`` leaves list indexes out."""

    type: str
    path: str
    value: str
    kind: str
    note: str | None
    source: str = ""


class Stateful(Struct, frozen=True):
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
    source: str = ""


class HostPattern(Struct, frozen=True):
    """A host name that names a region or an account (an ECR registry, an S3 endpoint)."""

    cloud: str
    pattern: str
    means: str
    source: str = ""


class Account(Struct, frozen=True):
    """An account, subscription or project of the user's own: what it is called and which environment it is."""

    id: str
    name: str
    environment: str | None
    provider: str | None = None
    partition: str | None = None


class Source(Struct, frozen=True):
    """Where rows come from; ``key`` is the word in the tables' source columns."""

    key: str
    name: str
    version: str
    url: str
    licence: str
    read_on: str


class Satellite(Struct, frozen=True):
    """A type that is really a part of another: a rule of a group, an attachment of a role, a record of a zone.

    ``parents`` and ``quiet_parents`` are ``(argument, parent type)`` pairs; the other holders of a quiet parent do not
    notice: one more record, or one more principal that is let in, changes a zone or a secret but not those who use it.
    ``bears`` are the arguments whose carrier's content becomes content of the parent (the policy of an attachment, the
    route table of an association).
    """

    type: str
    parents: tuple[tuple[str, str], ...]
    bears: frozenset[str]
    source: str = ""
    quiet_parents: tuple[tuple[str, str], ...] = ()

    def belongs_to(self, argument: str, parent_type: str) -> bool:
        """Return whether an instance is a part of what it names in ``argument``; ``""`` is an argument not known."""
        return _names(self.parents + self.quiet_parents, argument, parent_type)

    def is_noticed_through(self, argument: str, parent_type: str) -> bool:
        """Return whether a change of an instance reaches the holders of the parent it names in ``argument``."""
        return _names(self.parents, argument, parent_type)

    def argument_naming(self, parent_type: str) -> str:
        """Return the argument in which an instance names such a parent, ``""`` where it may be one of several."""
        named = [argument for argument, parent in self.parents + self.quiet_parents if parent == parent_type]
        return named[0] if len(named) == 1 else ""


def _names(parents: tuple[tuple[str, str], ...], argument: str, parent_type: str) -> bool:
    if not argument:
        return any(parent == parent_type for _, parent in parents)
    return (argument, parent_type) in parents


class Carrier(Struct, frozen=True):
    """A type whose content is read at run time by whoever holds a reference to it; ``content`` says what that is."""

    type: str
    content: str
    source: str = ""
