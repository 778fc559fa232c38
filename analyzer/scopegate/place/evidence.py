"""What one resource instance says about its own place: identity, attributes, ARN, ids, zones."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scopegate.facts.model import TypeScope
from scopegate.place.attributes import UNMARKED_STATE, Marks, Values, is_marked, values_at
from scopegate.place.identifiers import (
    Arn,
    aws_account,
    azure_subscription,
    beginning_of_arn,
    google_location,
    google_place,
    google_project,
    google_project_id,
    owner_id,
    parse_arn,
)
from scopegate.place.location import Location, Locations
from scopegate.place.placement import GLOBAL, Cause, Unknown
from scopegate.place.subject import Subject
from scopegate.plan.address import Mode
from scopegate.plan.model import Attributes

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
_ASKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "data.aws_region": ("id", "name"),
    "data.aws_availability_zones": ("id",),
}
"""The data sources of AWS provider 5 and older that say which region their provider is in."""
_OWN_OWNER: Final = "owner_id"
_GOOGLE_OWNERS: Final = {"org_id": "organizations", "folder": "folders", "billing_account": "billingAccounts"}

Digest = Callable[[Any], Hashable]
"""Takes ``Values`` that are an object; what it returns may hold a list that stood where mostly a text does."""


class Claim(Struct, frozen=True):
    """One piece of evidence for a value."""

    value: str
    evidence: str


class Testimony(Struct, frozen=True):
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
ATTRIBUTE: Final = "attribute "
"""Before the path of the attribute that names a place."""
IDENTITY: Final = "identity"
"""The evidence of what a resource identity says."""


def testify(values: Values, marks: Marks, subject: Subject, locations: Locations) -> Testimony:
    """Return what one state of an object says about its own place."""
    reader = _Reader(values, marks, subject, locations)
    attribute = reader.attribute()
    arns, zones = tuple(reader.arns()), tuple(reader.zones())
    places = (
        reader.regions_of_arns(arns),
        reader.regions_of_zones(zones),
        reader.regions_of_links(),
        reader.regions_asked(),
    )
    regions = _narrowest((*attribute.regions, *chain.from_iterable(places)))
    return Testimony(
        regions=regions,
        zone=attribute.zone or _only_zone(zones),
        accounts=tuple(reader.accounts(arns)),
        partitions=tuple(Claim(arn.partition, evidence) for arn, evidence in arns),
        decided=attribute.decided or subject.family.cloud != "aws",
        obstacle=attribute.obstacle,
        more=attribute.more,
    )


def _narrowest(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Return the claims without ``global`` where a region is named too: a link may be global, its object not."""
    located = tuple(claim for claim in claims if claim.value != GLOBAL)
    return located or claims


def _only_zone(zones: Iterable[tuple[str, Claim]]) -> Claim | None:
    claims = tuple(dict.fromkeys(claim for _, claim in zones))
    return claims[0] if len(claims) == 1 else None


class _Reader(Struct, frozen=True):
    values: Values
    marks: Marks
    subject: Subject
    locations: Locations

    def texts(self, path: str) -> Sequence[str]:
        """Return the strings at ``path`` that may be read."""
        values = values_at(self.values, path)
        if not values or self._is_marked(path):
            return ()
        return [value for value in values if isinstance(value, str) and value]

    def _is_marked(self, path: str) -> bool:
        marks = self.marks
        return marks is not UNMARKED_STATE and (is_marked(marks.unknown, path) or is_marked(marks.sensitive, path))

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
            elif texts := self.texts(path):
                places = tuple(dict.fromkeys(place for text in texts if (place := self.location(text))))
                if places:
                    return self._decided(places, path)
                obstacle = Unknown(f"attribute {path} does not look like a place", cause=Cause.SHAPE)
        return Testimony(obstacle=obstacle)

    def _decided(self, places: tuple[Location, ...], path: str) -> Testimony:
        evidence = f"{ATTRIBUTE}{path}"
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

    def zones(self) -> Iterator[tuple[str, Claim]]:
        """Yield the zones that are named, each behind its region."""
        for path in self.subject.zones:
            for text in self.texts(path):
                if (place := self.location(text)) and place.zone:
                    yield place.region, Claim(place.zone, f"attribute {path}")

    def regions_of_zones(self, zones: tuple[tuple[str, Claim], ...]) -> Iterator[Claim]:
        if self.subject.family.cloud == "aws":
            yield from (Claim(region, zone.evidence) for region, zone in zones)

    def regions_asked(self) -> Iterator[Claim]:
        for path in _ASKERS.get(self.subject.type, ()):
            for text in self.texts(path):
                if place := self.location(text):
                    yield Claim(place.region, f"attribute {path}")

    def regions_of_links(self) -> Iterator[Claim]:
        if self.subject.family.cloud != "google":
            return
        # projects/p/global/… is where the API keeps an object; what inherits its place has that of its parent.
        read = google_location if self.subject.scope is TypeScope.INHERITS else google_place
        for path in ("self_link", "id", *self.subject.parents):
            for text in self.texts(path):
                if (name := read(text)) and (place := self.location(name)):
                    yield Claim(place.region, f"attribute {path}")

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


def digest_of(subject: Subject) -> Digest:
    """Return what reduces an object to all that ``testify`` reads of it, so that those that say the same are read once.

    Identifiers differ from object to object, so of these only what places them is kept.
    """
    asked = _ASKERS.get(subject.type, ())
    paths = tuple(dict.fromkeys(("region", _OWN_OWNER, *subject.places, *subject.zones, *subject.accounts, *asked)))
    names, key = _IDENTIFIERS.get(subject.family.cloud, _NO_IDENTIFIERS)
    if subject.whole or subject.parents:
        named = tuple(dict.fromkeys((*names, *subject.parents)))
        return lambda values: (
            tuple([values_at(values, path) for path in paths]),
            tuple([tuple(map(key, values_at(values, path))) for path in named]),
        )
    read, identifiers = attrgetter(*paths), attrgetter(*names)

    def digest(values: Attributes) -> Hashable:
        first, second = identifiers(values)
        return read(values), key(first), key(second)

    return digest


def _arn_key(text: object) -> object:
    if not isinstance(text, str):
        return text
    return beginning_of_arn(text) if text.startswith("arn:") else None  # most ids are none, which takes no pattern


def _azure_key(text: object) -> object:
    return azure_subscription(text) if isinstance(text, str) else text


def _google_key(text: object) -> object:
    return (google_location(text), google_place(text), google_project(text)) if isinstance(text, str) else text


def _no_key(_: object) -> None:
    return None


_IDENTIFIERS: Final[Mapping[str, tuple[tuple[str, str], Callable[[object], object]]]] = {
    "aws": (("arn", "id"), _arn_key),
    "azure": (("id", "self_link"), _azure_key),
    "google": (("self_link", "id"), _google_key),
}
"""The attributes that identify an object of a cloud, and what keeps of an identifier what places the object."""
_NO_IDENTIFIERS: Final = (("arn", "id"), _no_key)


def testify_identity(raw: msgspec.Raw, subject: Subject, locations: Locations) -> Testimony:
    """Return what a resource identity (Terraform and OpenTofu 1.12 and newer) says about the place of its object.

    AWS identities hold ``account_id`` and ``region``, or an ``arn``; those of other providers the names in their ids.
    """
    identity = msgspec.json.decode(raw)
    if not isinstance(identity, dict):
        return NOTHING
    arn = parse_arn(identity.get("arn"))
    places = (identity.get("region"), identity.get("location"), identity.get("zone"), arn and arn.region)
    regions = (locations.read(subject.family.cloud, text) for text in places if isinstance(text, str))
    accounts = (aws_account(identity.get("account_id")), arn and arn.account, _identity_account(identity, subject))
    return Testimony(
        regions=tuple(Claim(place.region, IDENTITY) for place in regions if place),
        accounts=tuple(Claim(account, IDENTITY) for account in accounts if account),
        partitions=(Claim(arn.partition, IDENTITY),) if arn else (),
    )


def _identity_account(identity: Mapping[str, object], subject: Subject) -> str | None:
    match subject.family.cloud:
        case "azure":
            return azure_subscription(identity.get("subscription_id")) or azure_subscription(identity.get("id"))
        case "google":
            return google_project_id(identity.get("project"))
        case _:
            return None
