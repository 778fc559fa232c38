"""What to look at in the instances of one type."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from scopegate.facts.model import ResourceType, TypeScope
from scopegate.place.attributes import COMMON, NAMES
from scopegate.place.family import Family
from scopegate.plan.address import Mode
from scopegate.plan.model import Instance

_ZONES: Final = {"aws": ("availability_zone", "availability_zones"), "google": ("zone",)}
_HOLDS_FOR_ALL: Final = frozenset({TypeScope.NOWHERE, TypeScope.CLUSTER, TypeScope.GLOBAL})
_SCOPED: Final = ("role_assignment", "role_definition", "management_lock", "_policy_", "_budget_", "cost_management")
_SCOPES: Final = ("scope", "subscription_id", "resource_group_id", "resource_id")
"""The arguments that say at what in Azure a role, a lock, a policy or a budget is made."""
_SPEAKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "data.aws_caller_identity": ("account_id",),
    "data.azurerm_client_config": ("subscription_id",),
    "data.google_client_config": ("project",),
}
"""The data sources that say whose the credentials of their provider are, and the attribute that does."""


class Subject(Struct, frozen=True):
    """What the evidence is read of: an instance's type, and the attributes that carry a place for that type."""

    type: str
    family: Family
    row: ResourceType | None
    mode: Mode
    places: tuple[str, ...] = ()
    """The attributes that name the place itself, in order of use."""
    zones: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    """The arguments that say whose it is: a provider's account is that of what is given none."""
    parents: tuple[str, ...] = ()
    whole: bool = False
    """Whether the whole object has to be decoded for it."""
    scope: TypeScope = TypeScope.UNKNOWN
    """Where instances of the type live; for a type in no table only what holds for its whole provider."""

    @property
    def speaks_for_provider(self) -> bool:
        """Whether it is a data source that exists to say who and where its provider is."""
        return self.type in _SPEAKERS


def subject_of(instance: Instance, family: Family, row: ResourceType | None) -> Subject:
    """Return what to look at in instances of a type."""
    facts = family.facts
    regions = _place_attributes(family, row)
    # Azure numbers its zones in every region, so there they say nothing.
    named_zones = row.zone_attributes if row and family.cloud in _ZONES else ()
    zones = tuple(dict.fromkeys((*named_zones, *_ZONES.get(family.cloud, ()))))
    accounts = (row.account_attributes if row else ()) or (facts.account_attributes if facts else ())
    parents = tuple(attribute for attribute, _ in row.parents) if row else ()
    conditions = row.conditions if row else ()
    kind = instance.type if instance.mode is Mode.MANAGED else f"data.{instance.type}"
    accounts = _SPEAKERS.get(kind, accounts)
    owners = (*accounts, *_ids(instance.type, parents)) if family.cloud == "azure" else accounts
    named = {*regions, *zones, *owners, *parents, *(condition.attribute for condition in conditions)}
    return Subject(
        type=kind,
        family=family,
        row=row,
        mode=instance.mode,
        places=(*regions, *(zones if family.cloud == "google" else ())),
        zones=zones,
        accounts=accounts,
        owners=owners,
        parents=parents,
        whole=bool(named - (COMMON - NAMES)),
        scope=_scope(family, row),
    )


def _ids(kind: str, parents: tuple[str, ...]) -> tuple[str, ...]:
    """Return the arguments that take an id, which begins with a subscription; a name is one in the provider's own."""
    scopes = _SCOPES if any(word in kind for word in _SCOPED) else ()
    return (*(path for path in parents if path.endswith("_id")), *scopes)


def _scope(family: Family, row: ResourceType | None) -> TypeScope:
    if row is not None:
        return row.scope
    whole = family.facts.default_scope if family.facts else TypeScope.UNKNOWN
    return whole if whole in _HOLDS_FOR_ALL else TypeScope.UNKNOWN


def _place_attributes(family: Family, row: ResourceType | None) -> tuple[str, ...]:
    """Return the attributes that name the place of a type.

    Types that inherit theirs have one in some provider versions: ``azurerm_app_service.location`` is gone in azurerm 5.
    """
    if row is not None and (row.region_attributes or row.scope is not TypeScope.INHERITS):
        return row.region_attributes
    return family.facts.region_attributes if family.facts else ("region",)
