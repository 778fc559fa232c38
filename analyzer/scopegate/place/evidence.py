"""What one resource instance says about its own place: identity, attributes, ARN, ids, zones.

Most instances of a plan do not change, and most attributes say nothing about a place. So only the few that do are
decoded, into a small struct; the whole object only for types whose place stands in an uncommon attribute.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import msgspec

from scopegate.facts.model import ResourceType, TypeScope
from scopegate.place.family import Family
from scopegate.place.identifiers import (
    Arn,
    aws_account,
    azure_subscription,
    google_place,
    google_project,
    google_project_id,
    owner_id,
    parse_arn,
)
from scopegate.place.location import Location, Locations
from scopegate.place.placement import Cause, Unknown
from scopegate.plan.address import Mode
from scopegate.plan.model import Instance


class Attributes(msgspec.Struct, gc=False):
    """The attributes that most often say where and whose an object is."""

    region: object = None
    location: object = None
    zone: object = None
    availability_zone: object = None
    availability_zones: object = None
    arn: object = None
    id: object = None
    self_link: object = None
    project: object = None
    owner_id: object = None
    name: object = None
    bucket: object = None
    resource_group_name: object = None


_COMMON: Final = frozenset(Attributes.__struct_fields__)
_ATTRIBUTES: Final = msgspec.json.Decoder(Attributes | None)
_MARKS: Final = msgspec.json.Decoder(Attributes | bool | None)
UNMARKED: Final = frozenset({b"{}", b"null", b"false", b""})
"""The raw forms of a section that marks nothing."""
_NULL: Final = frozenset({b"null", b""})

Values = Attributes | Mapping[str, object] | None
"""The decoded attributes of an object, None where there is no object."""

_ZONES: Final = {"aws": ("availability_zone", "availability_zones"), "google": ("zone",)}
_FOREIGN_ARN: Final = frozenset(
    {
        "aws_cloudwatch_event_target",
        "aws_lakeformation_resource",
        "aws_notifications_channel_association",
        "data.aws_arn",
        "data.aws_iam_session_context",
        "data.aws_lakeformation_resource",
    }
)
"""Types whose ``arn`` is an argument that names something else (schemas of hashicorp/aws 6.25)."""
_HOLDS_FOR_ALL: Final = frozenset({TypeScope.NOWHERE, TypeScope.CLUSTER, TypeScope.GLOBAL})
_SPEAKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "data.aws_caller_identity": ("account_id",),
    "data.azurerm_client_config": ("subscription_id",),
    "data.google_client_config": ("project",),
}
"""The data sources that say whose the credentials of their provider are, and the attribute that does."""
_ASKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "data.aws_region": ("id", "name"),
    "data.aws_availability_zones": ("id",),
}
"""The data sources of AWS provider 5 and older that say which region their provider is in."""
_OWN_OWNER: Final = "owner_id"
_GOOGLE_OWNERS: Final = {"org_id": "organizations", "folder": "folders", "billing_account": "billingAccounts"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of evidence for a value."""

    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Testimony:
    """All that one state of an object (before or after) says about its own place.

    ``decided`` is set where an attribute names the place itself, so that the provider's configuration has no say.
    ``obstacle`` is why an attribute that should name it does not: sensitive, known after apply, not a place.
    """

    regions: tuple[Claim, ...] = ()
    zone: Claim | None = None
    accounts: tuple[Claim, ...] = ()
    partitions: tuple[Claim, ...] = ()
    decided: bool = False
    obstacle: Unknown | None = None
    more: tuple[Claim, ...] = ()
    """Further regions the same attribute names: the other replicas of a secret."""

    def then(self, other: "Testimony") -> "Testimony":
        """Return both, this one's claims first."""
        return replace(
            other,
            regions=(*self.regions, *other.regions),
            accounts=(*self.accounts, *other.accounts),
            partitions=(*self.partitions, *other.partitions),
        )


NOTHING: Final = Testimony()


@dataclass(frozen=True, slots=True)
class Marks:
    """What is unknown until apply and what is sensitive in one state of an object; None where nothing is."""

    unknown: Attributes | Mapping[str, object] | bool | None = None
    sensitive: Attributes | Mapping[str, object] | bool | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What the evidence is read of: an instance's type, and the attributes that carry a place for that type."""

    type: str
    family: Family
    row: ResourceType | None
    mode: Mode
    places: tuple[str, ...] = ()
    """The attributes that name the place itself, in order of use."""
    zones: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    whole: bool = False
    """Whether the whole object has to be decoded for it."""

    @property
    def speaks_for_provider(self) -> bool:
        """Whether it is a data source that exists to say who and where its provider is."""
        return self.type in _SPEAKERS

    @property
    def scope(self) -> TypeScope:
        """Where instances of the type live; for a type in no table only what holds for its whole provider."""
        if self.row is not None:
            return self.row.scope
        whole = self.family.facts.default_scope if self.family.facts else TypeScope.UNKNOWN
        return whole if whole in _HOLDS_FOR_ALL else TypeScope.UNKNOWN


def subject_of(instance: Instance, family: Family, row: ResourceType | None) -> Subject:
    """Return what to look at in instances of a type."""
    facts = family.facts
    regions = _place_attributes(family, row)
    zones = tuple(dict.fromkeys((*(row.zone_attributes if row else ()), *_ZONES.get(family.cloud, ()))))
    accounts = (row.account_attributes if row else ()) or (facts.account_attributes if facts else ())
    parents = tuple(attribute for attribute, _ in row.parents) if row else ()
    conditions = row.conditions if row else ()
    kind = instance.type if instance.mode is Mode.MANAGED else f"data.{instance.type}"
    accounts = _SPEAKERS.get(kind, accounts)
    named = {*regions, *zones, *accounts, *parents, *(condition.attribute for condition in conditions)}
    return Subject(
        type=kind,
        family=family,
        row=row,
        mode=instance.mode,
        places=(*regions, *(zones if family.cloud == "google" else ())),
        zones=zones,
        accounts=accounts,
        parents=parents,
        whole=not named <= _COMMON,
    )


def _place_attributes(family: Family, row: ResourceType | None) -> tuple[str, ...]:
    """Return the attributes that name the place of a type.

    Types that inherit theirs have one in some provider versions: ``azurerm_app_service.location`` is gone in azurerm 5.
    """
    if row is not None and (row.region_attributes or row.scope is not TypeScope.INHERITS):
        return row.region_attributes
    return family.facts.region_attributes if family.facts else ("region",)


def read_values(raw: msgspec.Raw, subject: Subject) -> Values:
    """Return the attributes of a state of an object that its place may stand in."""
    text = bytes(raw)
    if text in _NULL:
        return None
    if subject.whole:
        value = msgspec.json.decode(text)
        return value if isinstance(value, dict) else None
    try:
        attributes: Attributes | None = _ATTRIBUTES.decode(text)
    except msgspec.ValidationError:  # an object is expected and something else stands there
        return None
    return attributes


def read_marks(unknown: msgspec.Raw, sensitive: msgspec.Raw, subject: Subject) -> Marks:
    """Return which attributes are known after apply and which are sensitive."""
    return Marks(_marks(unknown, subject), _marks(sensitive, subject))


def _marks(raw: msgspec.Raw, subject: Subject) -> Attributes | Mapping[str, object] | bool | None:
    text = bytes(raw)
    if text in UNMARKED:
        return None
    if subject.whole:
        value = msgspec.json.decode(text)
        return value if isinstance(value, dict) else True
    try:
        marks: Attributes | bool | None = _MARKS.decode(text)
    except msgspec.ValidationError:  # not the form that marks have: then everything may be meant
        return True
    return marks


def leaves(value: object, path: tuple[str, ...]) -> Iterator[object]:
    """Yield the values at ``path``; lists on the way are passed through, nulls are left out."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from leaves(value[path[0]], path[1:])


def values_at(values: Values, path: str) -> tuple[object, ...]:
    """Return the values at a dotted path of an object."""
    if isinstance(values, Attributes):
        value = getattr(values, path, None)
        if isinstance(value, str):
            return (value,)
        return tuple(leaves(value, ()))
    return tuple(leaves(values, tuple(path.split("."))))


def is_marked(marks: Attributes | Mapping[str, object] | bool | None, path: str) -> bool:
    """Whether the value at a dotted path, or something it stands in, is marked."""
    if marks is None or isinstance(marks, bool):
        return bool(marks)
    if isinstance(marks, Attributes):
        return _holds_true(getattr(marks, path, None), ())
    return _holds_true(marks, tuple(path.split(".")))


def _holds_true(marks: object, path: tuple[str, ...]) -> bool:
    if marks is True:
        return True
    if isinstance(marks, list):
        return any(_holds_true(item, path) for item in marks)
    if isinstance(marks, Mapping):
        return any(_holds_true(marks[step], path[1:]) for step in path[:1] if step in marks)
    return False


def testify(values: Values, marks: Marks, subject: Subject, locations: Locations) -> Testimony:
    """Return what one state of an object says about its own place."""
    if values is None:
        return NOTHING
    reader = _Reader(values, marks, subject, locations)
    attribute = reader.attribute()
    arns = tuple(reader.arns())
    places = (
        reader.regions_of_arns(arns),
        reader.regions_of_zones(),
        reader.regions_of_links(),
        reader.regions_asked(),
    )
    regions = (*attribute.regions, *chain.from_iterable(places))
    return Testimony(
        regions=regions,
        zone=attribute.zone or reader.zone(),
        accounts=tuple(reader.accounts(arns)),
        partitions=tuple(Claim(arn.partition, evidence) for arn, evidence in arns),
        decided=attribute.decided or subject.family.cloud != "aws",
        obstacle=attribute.obstacle,
        more=attribute.more,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    values: Values
    marks: Marks
    subject: Subject
    locations: Locations

    def texts(self, path: str) -> Iterator[str]:
        """Yield the strings at ``path`` that may be read."""
        if is_marked(self.marks.unknown, path) or is_marked(self.marks.sensitive, path):
            return
        for value in values_at(self.values, path):
            if isinstance(value, str) and value:
                yield value

    def location(self, text: str) -> Location | None:
        return self.locations.read(self.subject.family.cloud, text)

    def attribute(self) -> Testimony:
        """Return what the attributes made for it say; the first one that is set decides."""
        obstacle: Unknown | None = None
        for path in self.subject.places:
            if is_marked(self.marks.sensitive, path):
                obstacle = Unknown(f"attribute {path} is marked sensitive, so it is not read", cause=Cause.SENSITIVE)
            elif is_marked(self.marks.unknown, path):
                obstacle = obstacle or Unknown(f"attribute {path} is known only after apply", cause=Cause.AFTER_APPLY)
            elif texts := tuple(self.texts(path)):
                places = tuple(dict.fromkeys(place for text in texts if (place := self.location(text))))
                if places:
                    return self._decided(places, path)
                obstacle = Unknown(f"attribute {path} does not look like a place", cause=Cause.SHAPE)
        return Testimony(obstacle=obstacle)

    def _decided(self, places: tuple[Location, ...], path: str) -> Testimony:
        evidence = f"attribute {path}"
        regions = tuple(Claim(region, evidence) for region in dict.fromkeys(place.region for place in places))
        zone = places[0].zone if len(places) == 1 else None
        # A secret is in each place it names; a regional disk with zones of two regions is a contradiction.
        several = self.subject.scope is TypeScope.LOCATION
        return Testimony(
            regions=regions[:1] if several else regions,
            zone=Claim(zone, evidence) if zone else None,
            decided=True,
            more=regions[1:] if several else (),
        )

    def arns(self) -> Iterator[tuple[Arn, str]]:
        if self.subject.family.cloud != "aws" or self.subject.type in _FOREIGN_ARN:
            return
        for path in ("arn", "id"):
            for text in self.texts(path):
                if arn := parse_arn(text):
                    yield arn, path

    def regions_of_arns(self, arns: tuple[tuple[Arn, str], ...]) -> Iterator[Claim]:
        for arn, evidence in arns:
            # Lightsail writes "global" there, and others may write what is no region: then it proves no region.
            if arn.region and (place := self.location(arn.region)):
                yield Claim(place.region, evidence)

    def regions_of_zones(self) -> Iterator[Claim]:
        if self.subject.family.cloud == "aws":
            for path in self.subject.zones:
                for text in self.texts(path):
                    if (place := self.location(text)) and place.zone:
                        yield Claim(place.region, f"attribute {path}")

    def regions_asked(self) -> Iterator[Claim]:
        for path in _ASKERS.get(self.subject.type, ()):
            for text in self.texts(path):
                if place := self.location(text):
                    yield Claim(place.region, f"attribute {path}")

    def regions_of_links(self) -> Iterator[Claim]:
        if self.subject.family.cloud != "google":
            return
        for path in ("self_link", "id", *self.subject.parents):
            for text in self.texts(path):
                if (name := google_place(text)) and (place := self.location(name)):
                    yield Claim(place.region, f"attribute {path}")

    def zone(self) -> Claim | None:
        named = (
            Claim(place.zone, f"attribute {path}")
            for path in self.subject.zones
            for text in self.texts(path)
            if (place := self.location(text)) and place.zone
        )
        zones = tuple(dict.fromkeys(named))
        return zones[0] if len(zones) == 1 else None

    def accounts(self, arns: tuple[tuple[Arn, str], ...]) -> Iterator[Claim]:
        cloud = self.subject.family.cloud
        if cloud == "aws":
            yield from (Claim(arn.account, evidence) for arn, evidence in arns if arn.account)
            own = (_OWN_OWNER,) if self.subject.mode is Mode.MANAGED else ()
            yield from self._named((*own, *self.subject.accounts), aws_account)
        elif cloud == "azure":
            yield from self._named(("id", *self.subject.parents, *self.subject.accounts), azure_subscription)
        elif cloud == "google":
            yield from self._google_accounts()
        else:
            yield from self._named(self.subject.accounts, owner_id)

    def _google_accounts(self) -> Iterator[Claim]:
        for path in self.subject.accounts:
            for text in self.texts(path):
                if owner := google_project(text) or _google_owner(path, text):
                    yield Claim(owner, f"attribute {path}")
        yield from self._named(("self_link", "id", *self.subject.parents), google_project)

    def _named(self, paths: tuple[str, ...], read: Callable[[object], str | None]) -> Iterator[Claim]:
        for path in paths:
            for text in self.texts(path):
                if account := read(text):
                    yield Claim(account, f"attribute {path}")


def _google_owner(path: str, text: str) -> str | None:
    collection = _GOOGLE_OWNERS.get(path)
    if collection is None:
        return google_project_id(text) if path == "project" else owner_id(text)
    return owner_id(f"{collection}/{text.removeprefix(f'{collection}/')}")


def testify_identity(raw: msgspec.Raw, subject: Subject, locations: Locations) -> Testimony:
    """Return what a resource identity (Terraform and OpenTofu 1.12 and newer) says about the place of its object.

    AWS identities hold ``account_id`` and ``region``, or an ``arn``; those of other providers the names in their ids.
    """
    if bytes(raw) in _NULL:
        return NOTHING
    identity = msgspec.json.decode(raw)
    if not isinstance(identity, dict):
        return NOTHING
    arn = parse_arn(identity.get("arn"))
    places = (identity.get("region"), identity.get("location"), identity.get("zone"), arn and arn.region)
    regions = (locations.read(subject.family.cloud, text) for text in places if isinstance(text, str) and text)
    accounts = (aws_account(identity.get("account_id")), arn and arn.account, _identity_account(identity, subject))
    return Testimony(
        regions=tuple(Claim(place.region, "identity") for place in regions if place),
        accounts=tuple(Claim(account, "identity") for account in accounts if account),
        partitions=(Claim(arn.partition, "identity"),) if arn else (),
    )


def _identity_account(identity: Mapping[str, object], subject: Subject) -> str | None:
    match subject.family.cloud:
        case "azure":
            return azure_subscription(identity.get("subscription_id")) or azure_subscription(identity.get("id"))
        case "google":
            return google_project_id(identity.get("project"))
        case _:
            return None
