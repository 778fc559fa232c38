"""The columns of each fact table, and how one of its rows becomes a typed fact."""

from collections.abc import Callable
from typing import Final

from scopegate.facts.model import (
    EFFECTS,
    Account,
    Carrier,
    Condition,
    CrossRegion,
    HostPattern,
    Jurisdiction,
    Partition,
    ProviderArgument,
    ProviderFacts,
    Region,
    ResourceType,
    Satellite,
    Source,
    Stateful,
    TypeScope,
)
from scopegate.facts.table import Row

LAYERS: Final = ("cloud", "edge", "cluster", "saas", "identity", "local")
RELATIONS: Final = ("creates", "replicates", "sends", "reads", "routes", "peers", "deploys", "controls", "selects")
WAYS_BACK: Final = ("none", "window", "backup", "recreate", "partial")
HOLDINGS: Final = ("data", "identity", "config", "compute", "address", "network", "key", "log", "secret")
TYPE_TABLES: Final = ("types_aws", "types_azurerm", "types_azuread", "types_google", "types_local", "types_other")

FORCE_NEW_TABLES: Final = ("force_new_aws", "force_new_azurerm", "force_new_google", "force_new_other")

_FORCE_NEW = "type,arguments,source"
_TYPES = "type,service,scope,region,zone,account,parents,effect,control_plane,note,source"

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(columns.split(","))
    for name, columns in {
        "accounts": "id,name,environment,provider,partition",
        "arn_services": "name,service,region,source",
        "carriers": "type,content,source",
        "conditions": "type,attribute,value,scope,effect,control_plane,note,source",
        "control_planes": "key,partition,region,source",
        "cross_region": "type,path,value,kind,note,source",
        "force_new": _FORCE_NEW,
        **dict.fromkeys(FORCE_NEW_TABLES, _FORCE_NEW),
        "hosts": "cloud,pattern,means,source",
        "inert": "provider,attributes,mentions,source",
        "jurisdictions": "id,name,countries,strict,regimes,transfer,source",
        "multi_regions": "cloud,id,name,service,members,note,source",
        "partitions": "cloud,id,name,regex,dns,jurisdiction,operator,home,source",
        "provider_arguments": "provider,argument,carries,environment,default,otherwise,source",
        "providers": (
            "name,aliases,cloud,service,layer,scope,region,account,config_region,config_account,types,version,note,source"
        ),
        "recomputed": "type,attributes,source",
        "regions": "cloud,id,name,partition,country,pair,operator,code,note,source",
        "satellites": "type,parents,quiet,bears,source",
        "sources": "key,name,version,url,licence,read_on",
        "stateful": "type,holds,lost,protected_by,dangerous,way_back,way_back_note,source",
        "types": _TYPES,
        **dict.fromkeys(TYPE_TABLES, _TYPES),
    }.items()
}

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "accounts": ("id",),
    "arn_services": ("name",),
    "carriers": ("type",),
    "conditions": ("type", "attribute", "value"),
    "control_planes": ("key", "partition"),
    "cross_region": ("type", "path"),
    "force_new": ("type",),
    **dict.fromkeys(FORCE_NEW_TABLES, ("type",)),
    "hosts": ("cloud", "pattern"),
    "inert": ("provider",),
    "jurisdictions": ("id",),
    "multi_regions": ("cloud", "id", "service"),
    "partitions": ("cloud", "id"),
    "provider_arguments": ("provider", "argument"),
    "providers": ("name",),
    "recomputed": ("type",),
    "regions": ("cloud", "id"),
    "satellites": ("type",),
    "sources": ("key",),
    "stateful": ("type",),
    "types": ("type",),
    **dict.fromkeys(TYPE_TABLES, ("type",)),
}
"""What no two rows of a table may share."""

OWN_NAMES: Final = dict.fromkeys(TYPE_TABLES, "types") | dict.fromkeys(FORCE_NEW_TABLES, "force_new")
"""Tables that are split by provider, by the name that the user's own rows of them go under."""

OWN_ONLY: Final = frozenset({"accounts", *OWN_NAMES.values()})
"""Tables that only a user has a file of."""


def resource_type(row: Row, conditions: tuple[Condition, ...]) -> ResourceType:
    """Return the resource type of a row of a types table."""
    return ResourceType(
        type=row.text("type"),
        service=row.text("service"),
        scope=row.member("scope", TypeScope),
        region_attributes=row.words("region"),
        zone_attributes=row.words("zone"),
        account_attributes=row.words("account"),
        parents=row.pairs("parents"),
        effect=row.optional_of("effect", EFFECTS),
        control_plane=row.optional("control_plane"),
        conditions=conditions,
        note=row.optional("note"),
        source=row.text("source"),
    )


def condition(row: Row) -> Condition:
    """Return the condition of a row of conditions.csv."""
    return Condition(
        attribute=row.text("attribute"),
        value=row.text("value"),
        scope=row.member("scope", TypeScope) if row.optional("scope") else None,
        effect=row.optional_of("effect", EFFECTS),
        note=row.optional("note"),
        control_plane=row.optional("control_plane"),
    )


def provider(row: Row) -> ProviderFacts:
    """Return the provider family of a row of providers.csv."""
    return ProviderFacts(
        name=row.text("name"),
        cloud=row.text("cloud"),
        service=row.text("service"),
        layer=row.one_of("layer", LAYERS),
        default_scope=row.member("scope", TypeScope),
        region_attributes=row.words("region"),
        account_attributes=row.words("account"),
        config_region=row.words("config_region"),
        config_account=row.words("config_account"),
        source=row.text("source"),
        aliases=row.words("aliases"),
        types_table=row.optional_of("types", TYPE_TABLES),
        version=row.optional("version"),
        note=row.optional("note"),
    )


def provider_argument(row: Row) -> ProviderArgument:
    """Return the argument of a row of provider_arguments.csv."""
    return ProviderArgument(
        provider=row.text("provider"),
        argument=row.text("argument"),
        carries=row.text("carries"),
        environment=row.words("environment"),
        default=row.optional("default"),
        otherwise=row.optional("otherwise"),
        source=row.text("source"),
    )


def region(row: Row, jurisdiction_of: Callable[[Row], str]) -> Region:
    """Return the region of a row of regions.csv."""
    return Region(
        cloud=row.text("cloud"),
        id=row.text("id"),
        name=row.text("name"),
        partition=row.text("partition"),
        country=row.text("country"),
        jurisdictions=frozenset({jurisdiction_of(row)}),
        paired_region=row.optional("pair"),
        operator=row.optional("operator"),
        code=row.optional("code"),
        note=row.optional("note"),
        source=row.text("source"),
    )


def partition(row: Row) -> Partition:
    """Return the partition of a row of partitions.csv."""
    return Partition(
        cloud=row.text("cloud"),
        id=row.text("id"),
        name=row.text("name"),
        region_regex=row.optional("regex"),
        dns_suffixes=row.words("dns"),
        jurisdiction=row.optional("jurisdiction"),
        operator=row.optional("operator"),
        home_region=row.optional("home"),
        source=row.text("source"),
    )


def jurisdiction(row: Row) -> Jurisdiction:
    """Return the jurisdiction of a row of jurisdictions.csv."""
    return Jurisdiction(
        id=row.text("id"),
        name=row.text("name"),
        countries=frozenset(row.words("countries")),
        strict=row.flag("strict"),
        regimes=row.words("regimes"),
        transfer=row.text("transfer"),
        source=row.text("source"),
    )


def cross_region(row: Row) -> CrossRegion:
    """Return the attribute of a row of cross_region.csv."""
    return CrossRegion(
        type=row.text("type"),
        path=row.text("path"),
        value=row.text("value"),
        kind=row.one_of("kind", RELATIONS),
        note=row.optional("note"),
        source=row.text("source"),
    )


def stateful(row: Row) -> Stateful:
    """Return what a row of stateful.csv says is lost."""
    return Stateful(
        type=row.text("type"),
        holds=row.one_of("holds", HOLDINGS),
        lost=row.text("lost"),
        protected_by=row.words("protected_by"),
        dangerous=row.words("dangerous"),
        way_back=row.one_of("way_back", WAYS_BACK),
        way_back_note=row.optional("way_back_note"),
        source=row.text("source"),
    )


def carrier(row: Row) -> Carrier:
    """Return the carrier of a row of carriers.csv."""
    return Carrier(row.text("type"), row.text("content"), row.text("source"))


def satellite(row: Row) -> Satellite:
    """Return the satellite of a row of satellites.csv."""
    return Satellite(
        type=row.text("type"),
        parents=row.pairs("parents"),
        bears=frozenset(row.words("bears")),
        source=row.text("source"),
        quiet_parents=row.pairs("quiet"),
    )


def host_pattern(row: Row) -> HostPattern:
    """Return the host name pattern of a row of hosts.csv."""
    return HostPattern(row.text("cloud"), row.text("pattern"), row.text("means"), row.text("source"))


def account(row: Row) -> Account:
    """Return the account of a row of the user's accounts.csv."""
    return Account(
        id=row.text("id"),
        name=row.text("name"),
        environment=row.optional("environment"),
        provider=row.optional("provider"),
        partition=row.optional("partition"),
    )


def source(row: Row) -> Source:
    """Return the source of a row of sources.csv."""
    return Source(
        key=row.text("key"),
        name=row.text("name"),
        version=row.cells["version"],
        url=row.cells["url"],
        licence=row.text("licence"),
        read_on=row.text("read_on"),
    )
