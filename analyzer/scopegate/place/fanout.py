"""Which further regions, accounts and partitions the attributes of a change name.

The fact table ``cross_region`` says which attributes do, in what form, and what happens there. Before and after are
both read: a replica that is taken away is reached as much as one that is added. Only what differs from the resource's
own place is said. Paths leave list indexes out.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec
from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.facts.model import CrossRegion
from scopegate.pattern import Pattern
from scopegate.place import forms
from scopegate.place.attributes import Marks, Values, is_marked, leaves, values_at
from scopegate.place.evidence import Claim
from scopegate.place.hosts import Hosts
from scopegate.place.identifiers import (
    aws_account,
    azure_subscription,
    google_place,
    google_project,
    google_project_id,
    parse_arn,
)
from scopegate.place.jurisdiction import law_of_region
from scopegate.place.lineage import Lineage
from scopegate.place.location import Locations
from scopegate.place.placement import GLOBAL, AlsoReaches, Known, Placement, Unknown
from scopegate.place.subject import Subject
from scopegate.plan.address import Mode
from scopegate.plan.model import Instance, decode_values


class Target(Struct, frozen=True):
    """What one text names: a place in a cloud, an account, or a partition."""

    cloud: str
    region: str | None = None
    account: str | None = None
    partition: str | None = None


_ONLY_LOOKED_AT: Final = "selects"
_ARN_IN_TEXT: Final = Pattern(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:[a-z0-9-]*:[^\s\"'\\,]+")
_REGION_KEYS: Final = frozenset({"location", "aws:requestedregion", "listofallowedlocations", "allowedlocations"})
_PRINCIPALS: Final = frozenset({"aws", "aws:sourceaccount", "aws:principalaccount"})
_IMAGE: Final = "image"


class FanOut:
    """Reads the attributes of changed instances that name another place."""

    def __init__(
        self,
        facts: Facts,
        locations: Locations,
        subjects: Sequence[Subject],
        values: Sequence[Values],
        lineage: Lineage,
    ) -> None:
        self._facts = facts
        self._locations = locations
        self._hosts = Hosts(facts, locations)
        self._subjects = subjects
        self._values = values
        self._lineage = lineage

    def of(
        self,
        position: int,
        instance: Instance,
        own: Placement,
        more: Sequence[Claim],
        placements: Sequence[Placement],
    ) -> tuple[AlsoReaches, ...]:
        """Return what the instance at ``position`` reaches beyond its own place, in the order of the fact table."""
        subject = self._subjects[position]
        found = [*_moved(own, subject, self._facts), *self._unfolded(own, subject)]
        for claim in more:
            found.extend(self._beyond(Target(subject.family.cloud, claim.value), "replicates", claim.evidence, own))
        if rows := self._facts.cross_region(instance.type) if instance.mode is Mode.MANAGED else ():
            change = _Change(position, subject.family.cloud, own, tuple(_states(instance)), self._read_by(position))
            for row in rows:
                for target, evidence in self._targets(row, change, placements):
                    found.extend(self._beyond(target, row.kind, evidence, own))
        return tuple({(item.region, item.partition, item.account): item for item in reversed(found)}.values())[::-1]

    def _read_by(self, position: int) -> Mapping[str, list[int]]:
        """Return what each argument of an instance reads."""
        found: dict[str, list[int]] = {}
        for edge in self._lineage.dependencies_of(position):
            found.setdefault(edge.link.attribute, []).append(edge.dependency)
        return found

    def _targets(
        self, row: CrossRegion, change: "_Change", placements: Sequence[Placement]
    ) -> Iterator[tuple[Target, str]]:
        for state in change.states:
            evidence = f"{row.path} (before)" if state.is_before else row.path
            for target in self._read(row, state, change):
                yield target, evidence
        if row.value in forms.NAMES:
            literal = (self._named(text, change.position) for state in change.states for text in state.texts(row.path))
            for other in (*change.reads.get(row.path, ()), *literal):
                if other is not None:
                    yield from self._of_instance(other, row.path, placements)

    def _of_instance(self, other: int, path: str, placements: Sequence[Placement]) -> Iterator[tuple[Target, str]]:
        placement = placements[other]
        if placement.located and isinstance(placement.region, Known) and placement.region.value != GLOBAL:
            account = placement.account.value if isinstance(placement.account, Known) else None
            yield Target(self._subjects[other].family.cloud, placement.region.value, account), f"{path} by reference"

    def _named(self, text: str, position: int) -> int | None:
        name = text.rsplit(":", 1)[-1].removeprefix("gs://").partition("/")[0].lower()
        other = self._buckets.get(name)
        if other is None:
            other = self._ids.get(text.lower())
        return None if other == position else other

    @cached_property
    def _buckets(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for position, subject in enumerate(self._subjects):
            for path in _BUCKET_NAMES.get(subject.type, ()):
                for text in values_at(self._values[position], path):
                    found.setdefault(str(text).lower(), position)
        return found

    @cached_property
    def _ids(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for position, subject in enumerate(self._subjects):
            if subject.family.cloud == "azure":
                for text in values_at(self._values[position], "id"):
                    found.setdefault(str(text).lower(), position)
        return found

    def _read(self, row: CrossRegion, state: "_State", change: "_Change") -> Iterator[Target]:
        """Yield what the values of one attribute name."""
        cloud = change.cloud
        if row.value in forms.PLACES and row.kind != _ONLY_LOOKED_AT:
            for text in state.texts(row.path):
                yield from self._place(cloud, text)
        elif row.value in forms.OTHER_CLOUDS:
            for text in state.texts(row.path):
                yield from self._place(forms.OTHER_CLOUDS[row.value], text)
        elif row.value in forms.KEYED:
            for value in state.values(row.path):
                for key in value if isinstance(value, Mapping) else ():
                    yield from self._place(cloud, key)
        elif row.value in forms.NAMES and row.kind != _ONLY_LOOKED_AT:
            for text in state.texts(row.path):
                yield from self._name(cloud, text)
        elif row.value in forms.HOSTS:
            for text in state.texts(row.path):
                yield from self._host(text)
        elif row.value in forms.POLICIES:
            for text in state.texts(row.path):
                yield from self._document(cloud, text)
        elif row.value.endswith(forms.PAIRED):
            yield from self._pair(row, state, change.own)
        elif row.value in forms.ALL_REGIONS and _switched(state.values(row.path), forms.ALL_REGIONS[row.value]):
            yield Target(cloud, GLOBAL)

    def _place(self, cloud: str, text: str) -> Iterator[Target]:
        place = self._locations.read(cloud, text)
        if place is None:
            return
        yield Target(cloud, place.region)
        multi = self._facts.multi_region(cloud, place.region) if cloud == "google" else None
        for member in multi.members if multi else ():
            yield Target(cloud, member)

    def _name(self, cloud: str, text: str) -> Iterator[Target]:
        if cloud == "aws":
            if arn := parse_arn(text):
                yield self._of_arn(arn.region, arn.account, arn.partition)
            elif account := aws_account(text):
                yield Target(cloud, account=account)
        elif cloud == "azure":
            if subscription := azure_subscription(text):
                yield Target(cloud, account=subscription)
        elif cloud == "google":
            name = google_place(text)
            place = self._locations.read(cloud, name) if name else None
            project = google_project(text) or (google_project_id(text) if "/" not in text else None)
            yield Target(cloud, place.region if place else None, project if "project" in text else None)

    def _of_arn(self, region: str, account: str, partition: str) -> Target:
        place = self._locations.read("aws", region) if region else None
        return Target("aws", place.region if place else None, account or None, partition)

    def _host(self, text: str) -> Iterator[Target]:
        if place := self._hosts.place_of(text):
            yield Target(place.cloud, place.region, place.account)

    def _document(self, cloud: str, text: str) -> Iterator[Target]:
        """Yield what a JSON document names: accounts and partitions of ARNs, regions it allows, images it runs."""
        for match in _ARN_IN_TEXT.finditer(text):
            if arn := parse_arn(match.group()):
                yield Target("aws", None, arn.account or None, arn.partition)
        try:
            document = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return
        for key, value in _entries(document):
            if key in _REGION_KEYS:
                yield from self._place(cloud, value)
            elif key in _PRINCIPALS and (account := aws_account(value)):
                yield Target("aws", account=account)
            elif key == _IMAGE:
                yield from self._host(value)

    def _pair(self, row: CrossRegion, state: "_State", own: Placement) -> Iterator[Target]:
        settings = frozenset(row.value.removesuffix(forms.PAIRED).split(" / "))
        if not _switched(state.values(row.path), settings) or isinstance(own.region, Unknown):
            return
        region = self._facts.region("azure", own.region.value)
        if region is not None and region.paired_region:
            yield Target("azure", region.paired_region)

    def _beyond(self, target: Target, kind: str, evidence: str, own: Placement) -> Iterator[AlsoReaches]:
        """Yield what of a target differs from the resource's own place."""
        region = target.region if target.region != _value(own.region) else None
        account = target.account if target.account != _value(own.account) else None
        found = self._facts.partition_of_region(target.cloud, region) if region else None
        partition = found.id if found else target.partition
        if region is None and partition == _value(own.partition):
            partition = None
        if region or account or partition:
            laws = law_of_region(target.cloud, region, self._facts) if region else frozenset[str]()
            law = self._facts.partition(target.cloud, partition) if partition else None
            if law is not None and law.jurisdiction:
                laws |= {law.jurisdiction}
            yield AlsoReaches(kind, evidence, region, partition, account, laws)

    def _unfolded(self, own: Placement, subject: Subject) -> Iterator[AlsoReaches]:
        """Yield the regions that the resource's own multi-region stands for."""
        if subject.family.cloud != "google" or isinstance(own.region, Unknown):
            return
        service = own.service.value if isinstance(own.service, Known) else None
        multi = self._facts.multi_region("google", own.region.value, service)
        for member in multi.members if multi else ():
            yield from self._beyond(Target("google", member), "creates", own.region.evidence, own)


_BUCKET_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_s3_bucket": ("bucket", "id"),
    "google_storage_bucket": ("name",),
}


def _moved(own: Placement, subject: Subject, facts: Facts) -> Iterator[AlsoReaches]:
    """Yield the place an object is moved away from, with the law it was under."""
    if own.previous_region is not None:
        cloud, region = subject.family.cloud, own.previous_region.value
        partition = own.previous_partition.value if own.previous_partition else None
        laws = law_of_region(cloud, region, facts) if region != GLOBAL else frozenset[str]()
        yield AlsoReaches("moves", own.previous_region.evidence, region, partition, None, laws)


def _value(answer: Known[str] | Unknown) -> str | None:
    return answer.value if isinstance(answer, Known) else None


def _switched(values: Sequence[object], settings: frozenset[str]) -> bool:
    return any((str(value).lower() if isinstance(value, bool) else str(value)) in settings for value in values)


def _entries(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string in a document with the lower-case name of the object member it stands under."""
    waiting: list[tuple[str, object]] = [(key, value)]
    while waiting:
        name, item = waiting.pop()
        if isinstance(item, str):
            yield name, item
        elif isinstance(item, list):
            waiting.extend((name, element) for element in item)
        elif isinstance(item, dict):
            transparent = item.keys() <= {"value"}
            waiting.extend((name if transparent else str(step).lower(), element) for step, element in item.items())


class _Change(Struct, frozen=True):
    position: int
    cloud: str
    own: Placement
    states: Sequence["_State"]
    reads: Mapping[str, list[int]]


class _State(Struct, frozen=True):
    attributes: Mapping[str, object]
    marks: Marks
    is_before: bool

    def values(self, path: str) -> tuple[object, ...]:
        if is_marked(self.marks.sensitive, path):
            return ()
        return tuple(leaves(self.attributes, tuple(path.split("."))))

    def texts(self, path: str) -> Iterator[str]:
        for value in self.values(path):
            if isinstance(value, str) and value:
                yield value


def _states(instance: Instance) -> Iterator[_State]:
    """Yield the object as planned, then as it is now."""
    for values, sensitive, is_before in (
        (instance.after, instance.after_sensitive, False),
        (instance.before, instance.before_sensitive, True),
    ):
        attributes = decode_values(values)
        marks = msgspec.json.decode(sensitive)
        if attributes:
            yield _State(attributes, Marks(sensitive=marks if isinstance(marks, dict | bool) else None), is_before)
