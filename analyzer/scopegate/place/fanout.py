"""Which further regions, accounts and partitions the attributes of a change name.

The fact table ``cross_region`` says which attributes do, in what form, and what happens there. Before and after are
both read: a replica that is taken away is reached as much as one that is added. Only what differs from the resource's
own place is said. Paths leave list indexes out.

What an update leaves as it is there is judged by what the update does there. Tags and the like reach nothing. Backups
and a copy in the paired region follow on their own, what is read elsewhere is not touched, and who is named in a policy
was let in before: these count where they are set anew.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, cached_property
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scopegate.facts.facts import Facts
from scopegate.facts.model import CrossRegion
from scopegate.place import forms
from scopegate.place.attributes import Values, is_marked, read_mark, values_at
from scopegate.place.evidence import ATTRIBUTE, Claim
from scopegate.place.hosts import Hosts
from scopegate.place.identifiers import (
    arns_in,
    aws_account,
    azure_subscription,
    google_place,
    google_project,
    google_project_id,
    google_project_of_account,
    google_project_of_image,
    parse_arn,
)
from scopegate.place.jurisdiction import law_of_region
from scopegate.place.lineage import Members, Sources
from scopegate.place.location import Locations
from scopegate.place.named import FORMS, Owner, ids_anew, owner_of, owners_anew, texts_of
from scopegate.place.placement import BY_REFERENCE, GLOBAL, AlsoReaches, Known, Placement, value_of
from scopegate.place.subject import Subject
from scopegate.place.wanted import State, Wanted, wanted_by
from scopegate.plan.actions import Action
from scopegate.plan.address import ConfigAddress, Mode, module_path
from scopegate.plan.model import Instance, Plan


class Target(Struct, frozen=True):
    """What one text names: a place in a cloud, an account, or a partition."""

    cloud: str
    region: str | None = None
    account: str | None = None
    partition: str | None = None


_ONLY_LOOKED_AT: Final = "selects"
_READ: Final = "reads"
_NAMES: Final = "names"
"""The relation of what no row is about: the plan says that something of the other place is used, and not how."""
_COPIES: Final = frozenset({"replicates", "creates", "deploys"})
"""The relations by which something comes to be at the object that is named."""
_REGISTRY: Final = ".dkr.ecr"
_NO_REGION: Final = "names no region; a data source of it would say it"
_NO_MEMBERS: Final = "names no region, and the plan does not say in which the members are"
_SAME_REGION_BY_ID: Final = "arn when cross-region, else id"
_REGION_KEYS: Final = frozenset({"location", "aws:requestedregion", "listofallowedlocations", "allowedlocations"})
_PRINCIPALS: Final = frozenset({"aws", "aws:sourceaccount", "aws:principalaccount"})
_IMAGE: Final = "image"
_TELLING: Final = frozenset({*_REGION_KEYS, *_PRINCIPALS, _IMAGE})
"""The keys of documents under which a place may stand."""


class _Change(Struct, frozen=True):
    """One change; ``named`` and ``reads`` are the instances that it names or reads, each after the argument."""

    cloud: str
    own: Placement
    states: Sequence[State]
    named: Sequence[tuple[str, int]]
    reads: Sequence[tuple[str, int]]
    awaited: frozenset[str]
    """The paths that the configuration sets and whose values are known only after apply."""
    is_update: bool
    copies: tuple["_Copy", ...] = ()
    """Where the copies are of what the object is kept in."""

    @property
    def others(self) -> tuple[tuple[str, int], ...]:
        """The instances that it reads or names."""
        return (*self.reads, *self.named)

    def texts_anew(self, path: str) -> set[str]:
        """Return the texts at a path that are planned and not there yet."""
        planned = {text for state in self.states for text in state.texts(path)}
        return planned.difference(*(state.texts(path) for state in self.states if state.is_before))

    def keeps(self, path: str) -> bool:
        """Return whether the plan shows that the same texts stand at a path before and after."""
        if path in self.awaited or any(state.hides(path) for state in self.states):
            return False
        texts = [frozenset(state.texts(path)) for state in self.states]
        return len(texts) > 1 and len(set(texts)) == 1


_Copy = tuple[Target, str]
"""The place of a copy, and the evidence for it."""


class _Spot(Struct, frozen=True):
    """What the changes that share a placement have in common: what it reaches without any attribute of theirs.

    ``known`` is what they reach with them, by what they say and read.
    """

    wanted: Wanted | None
    also: tuple[AlsoReaches, ...]
    known: dict[tuple[object, ...], tuple[AlsoReaches, ...]]


class FanOut:
    """Reads the attributes of changed instances that name another place."""

    def __init__(
        self,
        facts: Facts,
        locations: Locations,
        subjects: Sequence[Subject],
        values: Sequence[Values],
        sources: Sources,
        plan: Plan,
    ) -> None:
        self._facts = facts
        self._instances = plan.instances
        self._configuration = plan.configuration
        self._locations = locations
        self._hosts = Hosts(facts, locations)
        self._subjects = subjects
        self._values = values
        self._sources = sources
        self._apart: dict[Members, tuple[int, ...]] = {}
        self._wanted: dict[str, Wanted | None] = {}
        self._spots: dict[int, _Spot] = {}
        self._copies: dict[int, tuple[_Copy, ...]] = {}
        self._copied = cache(lambda resource_type: _copied(facts.cross_region(resource_type)))
        self._unknown: dict[tuple[int, bytes], frozenset[str]] = {}

    def of(
        self,
        position: int,
        instance: Instance,
        own: Placement,
        more: Sequence[Claim],
        placements: Sequence[Placement],
    ) -> tuple[AlsoReaches, ...]:
        """Return what the instance at ``position`` reaches beyond its own place, in the order of the fact table.

        What it names in an argument that no row of the table is about comes last.
        """
        spot = self._spots.get(id(own))
        if spot is None:
            spot = self._spots[id(own)] = self._spot(position, instance, own, more)
        also = self._by_table(position, instance, spot, own, placements)
        named = tuple(self._by_mention(position, instance, spot, own, placements))
        return _first_of_each((*also, *named)) if named else also

    def _by_mention(
        self, position: int, instance: Instance, spot: _Spot, own: Placement, placements: Sequence[Placement]
    ) -> Iterator[AlsoReaches]:
        """Yield where that is which the change begins to name, and of which no row says anything."""
        cloud = self._subjects[position].family.cloud
        if cloud not in FORMS or instance.mode is not Mode.MANAGED:
            return
        owners = {owner for owner in owners_anew(instance, cloud) if not _is_here(FORMS[cloud].parts, owner, own)}
        regions = self._regions_of_ids(instance, own, placements) if cloud == "azure" else {}
        if not owners and not regions:
            return
        in_table = {row.path for row in spot.wanted.rows} if spot.wanted else set[str]()
        skipped = self._facts.inert(instance.type) | self._facts.mentions(instance.type) | in_table
        for path, text in texts_of(instance, skipped):
            if owner_of(text, cloud) in owners:
                for target in self._host(text) if _REGISTRY in text else self._name(cloud, text, "id"):
                    region = None if target.region in (GLOBAL, _home(own)) else target.region
                    yield from self._beyond(replace(target, region=region), _NAMES, path, own)
            if region := regions.get(text.lower()):
                yield from self._beyond(Target(cloud, region), _NAMES, path, own)

    def _regions_of_ids(self, instance: Instance, own: Placement, placements: Sequence[Placement]) -> Mapping[str, str]:
        """Return the other regions that things are in whose ids the change begins to name, by id.

        What a resource group holds may be anywhere, and its own region is that of its description
        (learn.microsoft.com/azure/azure-resource-manager/management/overview).
        """
        found: dict[str, str] = {}
        for identifier in ids_anew(instance):
            other = self._ids.get(identifier)
            if other is not None and self._subjects[other].type != "azurerm_resource_group":
                region = value_of(placements[other].region)
                if region not in (None, GLOBAL, value_of(own.region)):
                    found[identifier] = str(region)
        return found

    def _by_table(
        self, position: int, instance: Instance, spot: _Spot, own: Placement, placements: Sequence[Placement]
    ) -> tuple[AlsoReaches, ...]:
        """Return what the rows of the fact table find.

        Instances of one place that say the same and read what is in the same places are read once.
        """
        wanted = spot.wanted
        if wanted is None:
            return spot.also
        said, awaited = wanted.said(instance), self._awaited(instance, wanted)
        reads = self._read_by(position, wanted.by_name, placements) if wanted.by_name else []
        is_update = instance.action is Action.UPDATE
        copies = tuple(
            copy for path, other in reads if path in wanted.kept_in for copy in self._copies_of(other, placements)
        )
        key = (
            said,
            awaited,
            is_update,
            copies,
            *[(path, id(placements[other]), id(self._subjects[other])) for path, other in reads],
        )
        also = spot.known.get(key)
        if also is None:
            states = tuple(wanted.states(said))
            named = [pair for path in wanted.by_name for pair in self._named_in(states, path)]
            cloud = self._subjects[position].family.cloud
            change = _Change(cloud, own, states, named, reads, awaited, is_update, copies)
            also = spot.known[key] = _first_of_each((*spot.also, *self._of_rows(wanted.rows, change, placements)))
        return spot.also if len(also) > len(spot.also) and self._is_quiet(instance) else also

    def _is_quiet(self, instance: Instance) -> bool:
        """Return whether an update changes only what carries nothing to anybody: tags, descriptions, timeouts."""
        if instance.action is not Action.UPDATE:
            return False
        try:
            before, after, unknown = (
                msgspec.json.decode(state, type=dict[str, msgspec.Raw])
                for state in (instance.before, instance.after, instance.after_unknown)
            )
        except msgspec.ValidationError:  # an object is expected and something else stands there
            return False
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        awaited = {name for name, marks in unknown.items() if b"true" in bytes(marks)}
        return bool(changed) and not (changed | awaited) - self._facts.inert(instance.type)

    def deploys(self, resource_type: str) -> bool:
        """Return whether instances of a type put copies of something into other places and keep them up to date.

        An update of a stack set updates all its stack instances, which are unchanged in the plan
        (docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStackSet.html, read 2026-11-26).
        """
        return any(row.kind == "deploys" for row in self._facts.cross_region(resource_type))

    def _spot(self, position: int, instance: Instance, own: Placement, more: Sequence[Claim]) -> "_Spot":
        subject = self._subjects[position]
        cloud = subject.family.cloud
        found = [*_moved(own, subject, self._facts), *self._unfolded(own, subject)]
        for claim in more:
            path = claim.evidence.removeprefix(ATTRIBUTE)
            found.extend(self._beyond(Target(cloud, claim.value), "replicates", path, own))
        return _Spot(self._wanted_of(instance), _first_of_each(found), {})

    def _of_rows(
        self, rows: Iterable[CrossRegion], change: _Change, placements: Sequence[Placement]
    ) -> Iterator[AlsoReaches]:
        for row in rows:
            counts_anew = row.kind == _READ or row.value in (*forms.POLICIES, forms.BACKUPS)
            targets = () if counts_anew and change.keeps(row.path) else tuple(self._targets(row, change, placements))
            if counts_anew and len(change.states) > 1:
                targets = _told_once(targets)  # also of what is replaced: each deployment replaces a task definition
            for target, evidence in targets:
                yield from self._beyond(target, row.kind, evidence, change.own)
            if why := self._untold(row, change, placements):
                partition = self._facts.partition(change.cloud, value_of(change.own.partition) or "")
                law = partition.jurisdiction if partition else None
                yield AlsoReaches(row.kind, row.path, jurisdictions=frozenset({law} if law else ()), unknown=why)

    def _untold(self, row: CrossRegion, change: _Change, placements: Sequence[Placement]) -> str:
        """Return why the plan does not say to which region an attribute leads; empty where it does, or leads to none.

        That a name names no region counts where the change writes that name, and not with every edit of what has it:
        providers fill such arguments in with a source that is long gone (``creation_source_database_id``).
        """
        if row.value == forms.MEMBERS:
            return _NO_MEMBERS if any(state.is_before for state in change.states) else ""
        is_object = row.value in forms.OBJECTS and row.kind in _COPIES
        if not is_object and not forms.writes_out(row.value, row.kind):
            return ""
        others = {other for path, other in change.others if path == row.path} if is_object else set[int]()
        placed = {other for other in others if isinstance(placements[other].region, Known)}
        if row.path in change.awaited and not placed:
            return "is known only after apply"
        if any(state.hides(row.path) for state in change.states) and not placed:
            return "is marked sensitive"
        own = value_of(change.own.region)
        if row.value.endswith(forms.PAIRED) and own and self._facts.region("azure", own) is None:
            return "leads to the pair of a region that no fact table has" if _switches(row, change) else ""
        if not is_object or row.kind != "replicates" or row.value == _SAME_REGION_BY_ID:
            return ""
        by_name = {text: self._named(text) for text in change.texts_anew(row.path)}
        read = placed.difference(by_name.values())
        untold = [text for text, other in by_name.items() if other not in placed and not self._tells(change, row, text)]
        return _NO_REGION if len(untold) > len(read) else ""

    def _tells(self, change: _Change, row: CrossRegion, text: str) -> bool:
        """Return whether the name of an object says in which region it is."""
        return any(target.region for target in self._name(change.cloud, text, row.value))

    def _awaited(self, instance: Instance, wanted: Wanted) -> frozenset[str]:
        """Return the wanted paths that the configuration sets and that are known only after apply."""
        unknown = bytes(instance.after_unknown)
        paths = self._unknown.get((id(wanted), unknown))
        if paths is None:
            mark = read_mark(unknown, whole=True)
            paths = frozenset(row.path for row in wanted.rows if is_marked(mark, row.path))
            self._unknown[id(wanted), unknown] = paths
        if not paths:
            return paths
        address = ConfigAddress(module_path(instance.module), instance.mode, instance.type, instance.name)
        block = self._configuration.block_of(address)
        return frozenset(path for path in paths if block and block.at(*path.split(".")) is not None)

    def _wanted_of(self, instance: Instance) -> Wanted | None:
        if instance.mode is not Mode.MANAGED:
            return None
        if instance.type not in self._wanted:
            rows = self._facts.cross_region(instance.type)
            self._wanted[instance.type] = wanted_by(rows) if rows else None
        return self._wanted[instance.type]

    def _read_by(self, position: int, paths: Set[str], placements: Sequence[Placement]) -> list[tuple[str, int]]:
        """Return what an instance reads through one of some arguments, each with the argument."""
        return [
            (link.attribute, other)
            for members, link in self._sources.of(position)
            if link.attribute in paths
            for other in self._different(members, placements)
        ]

    def _different(self, members: Members, placements: Sequence[Placement]) -> tuple[int, ...]:
        """Return one instance for each different place of a group: the last there, since what is last is said last."""
        if len(members.instances) == 1:
            return members.instances
        known = self._apart.get(members)
        if known is None:
            last: dict[tuple[int, int], int] = {}
            for other in reversed(members.instances):
                last.setdefault((id(placements[other]), id(self._subjects[other])), other)
            known = self._apart[members] = tuple(reversed(last.values()))
        return known

    def _named_in(self, states: Sequence[State], path: str) -> Iterator[tuple[str, int]]:
        """Yield whom the values at a path name, each with the path."""
        for state in states:
            for text in state.texts(path):
                other = self._named(text)
                if other is not None:
                    yield path, other

    def _targets(
        self, row: CrossRegion, change: _Change, placements: Sequence[Placement]
    ) -> Iterator[tuple[Target, str]]:
        for state in change.states:
            evidence = f"{row.path} (before)" if state.is_before else row.path
            for target in self._read(row, state, change):
                yield target, evidence
        if row.value in forms.NAMES:
            others = change.named if self._is_told(row, change) else change.others
            for path, other in others:
                if path == row.path:
                    yield from self._of_instance(other, path, placements)
        elif row.value == forms.KEPT_IN:
            yield from change.copies

    def _is_told(self, row: CrossRegion, change: _Change) -> bool:
        """Return whether the values of an attribute say where they lead; what they are computed from may be more.

        ``endpoint = each.value`` reads all that the map of the block's ``for_each`` is made of.
        """
        if row.path in change.awaited or any(state.hides(row.path) for state in change.states):
            return False
        texts = {text for state in change.states for text in state.texts(row.path)}
        return bool(texts) and all(self._tells(change, row, text) or self._named(text) is not None for text in texts)

    def _copies_of(self, position: int, placements: Sequence[Placement]) -> tuple[_Copy, ...]:
        """Return where the copies of an object are, changed or not: a part of it that changes is copied there.

        So are the value of a secret (docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html) and an
        item of a table (docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html).
        """
        known = self._copies.get(position)
        if known is None:
            known = self._copies[position] = tuple(dict.fromkeys(self._read_copies(position, placements)))
        return known

    def _read_copies(self, position: int, placements: Sequence[Placement]) -> Iterator[_Copy]:
        instance, cloud = self._instances[position], self._subjects[position].family.cloud
        wanted = self._copied(instance.type)
        if wanted is None:
            return
        states = tuple(wanted.states(wanted.said(instance)))
        named = [pair for path in wanted.by_name for pair in self._named_in(states, path)]
        change = _Change(cloud, placements[position], states, named, (), frozenset(), is_update=True)
        for row in wanted.rows:
            for target, _ in self._targets(row, change, placements):
                yield target, f"{row.path} of {instance.address}"

    def _of_instance(self, other: int, path: str, placements: Sequence[Placement]) -> Iterator[tuple[Target, str]]:
        """Yield where an instance is, and whose: a private DNS zone of Azure is in a subscription, and in no region."""
        placement = placements[other]
        cloud, region = self._subjects[other].family.cloud, value_of(placement.region)
        if placement.located and region is not None and (region != GLOBAL or cloud == "azure"):
            target = Target(cloud, region if region != GLOBAL else None, value_of(placement.account))
            yield target, f"{path}{BY_REFERENCE}"

    def _named(self, text: str) -> int | None:
        name = text.rsplit(":", 1)[-1].removeprefix("gs://").partition("/")[0].lower()
        other = self._buckets.get(name)
        return self._ids.get(text.lower()) if other is None else other

    @cached_property
    def _buckets(self) -> dict[str, int]:
        return self._by_value(lambda subject: _BUCKET_NAMES.get(subject.type, ()))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return self._by_value(lambda subject: ("id",) if subject.family.cloud == "azure" else ())

    def _by_value(self, paths_of: Callable[[Subject], Sequence[str]]) -> dict[str, int]:
        """Return the first instance of each value, in lower case, of the attributes that ``paths_of`` says."""
        different = {id(subject): subject for subject in self._subjects}
        paths = {key: found for key, subject in different.items() if (found := paths_of(subject))}
        values: dict[str, int] = {}
        for position, subject in enumerate(self._subjects) if paths else ():
            for path in paths.get(id(subject), ()):
                for text in values_at(self._values[position], path):
                    values.setdefault(str(text).lower(), position)
        return values

    def _read(self, row: CrossRegion, state: State, change: _Change) -> Iterator[Target]:
        """Yield what the values of one attribute name."""
        cloud = change.cloud
        if row.value in forms.PLACES and row.kind != _ONLY_LOOKED_AT:
            for text in state.texts(row.path):
                yield from self._place(cloud, text, value_of(change.own.service))
        elif row.value in forms.OTHER_CLOUDS:
            for text in state.texts(row.path):
                yield from self._place(forms.OTHER_CLOUDS[row.value], text)
        elif row.value in forms.KEYED:
            for value in state.values(row.path):
                for key in value if isinstance(value, Mapping) else ():
                    yield from self._place(cloud, key)
        elif row.value in forms.NAMES and row.kind != _ONLY_LOOKED_AT:
            for text in state.texts(row.path):
                yield from self._name(cloud, text, row.value)
        elif row.value in forms.HOSTS:
            for text in state.texts(row.path):
                yield from self._host(text)
        elif row.value in forms.POLICIES:
            for text in state.texts(row.path):
                yield from self._document(cloud, text, row.value)
        elif row.value.endswith(forms.PAIRED):
            yield from self._pair(row, state, change)
        elif row.value in forms.ALL_REGIONS and _switched(state.values(row.path), forms.ALL_REGIONS[row.value]):
            yield Target(cloud, GLOBAL)

    def _place(self, cloud: str, text: str, service: str | None = None) -> Iterator[Target]:
        place = self._locations.read(cloud, text)
        if place is None:
            return
        yield Target(cloud, place.region)
        multi = self._facts.multi_region(cloud, place.region, service) if cloud == "google" else None
        for member in multi.members if multi else ():
            yield Target(cloud, member)

    def _name(self, cloud: str, text: str, form: str) -> Iterator[Target]:
        if cloud == "aws":
            if arn := parse_arn(text):
                yield self._of_arn(arn.region if form != forms.OF_GLOBAL else "", arn.account, arn.partition)
            elif account := aws_account(text.partition("/sg-")[0]):  # a security group of another account
                yield Target(cloud, account=account)
        elif cloud == "azure":
            if subscription := azure_subscription(text):
                yield Target(cloud, account=subscription)
        elif cloud == "google":
            name = google_place(text)
            place = self._locations.read(cloud, name) if name else None
            project = google_project(text) or google_project_of_account(text) or google_project_of_image(text)
            if project is None and form in forms.PROJECTS:
                project = google_project_id(text)
            yield Target(cloud, place.region if place else None, project)

    def _of_arn(self, region: str, account: str, partition: str) -> Target:
        place = self._locations.read("aws", region) if region else None
        return Target("aws", place.region if place else None, account or None, partition)

    def _host(self, text: str) -> Iterator[Target]:
        if place := self._hosts.place_of(text):
            yield Target(place.cloud, place.region, place.account)

    def _document(self, cloud: str, text: str, form: str) -> Iterator[Target]:
        """Yield what a JSON document names: owners of ARNs, regions it allows, images it runs."""
        for arn in arns_in(text):
            yield self._of_arn(arn.region if form == forms.RUN else "", arn.account, arn.partition)
        try:
            document = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            return
        for key, value in _told(document):
            if key in _REGION_KEYS:
                yield from self._place(cloud, value)
            elif key in _PRINCIPALS and (account := aws_account(value)):
                yield Target("aws", account=account)
            elif key == _IMAGE:
                yield from self._host(value)

    def _pair(self, row: CrossRegion, state: State, change: _Change) -> Iterator[Target]:
        own = change.own.region
        if isinstance(own, Known) and _switches(row, change) and _is_paired(row, state):
            region = self._facts.region("azure", own.value)
            if region is not None and region.paired_region:
                yield Target("azure", region.paired_region)

    def _beyond(self, target: Target, kind: str, evidence: str, own: Placement) -> Iterator[AlsoReaches]:
        """Yield what of a target differs from the resource's own place."""
        region = target.region if target.region != value_of(own.region) else None
        account = target.account if target.account != value_of(own.account) else None
        found = self._facts.partition_of_region(target.cloud, region) if region else None
        partition = found.id if found else target.partition
        if region is None and partition == value_of(own.partition):
            partition = None
        if region or account or partition:
            laws = law_of_region(target.cloud, region, self._facts) if region else frozenset[str]()
            law = self._facts.partition(target.cloud, partition) if partition else None
            if law is not None and law.jurisdiction:
                laws |= {law.jurisdiction}
            yield AlsoReaches(kind, evidence, region, partition, account, laws)

    def _unfolded(self, own: Placement, subject: Subject) -> Iterator[AlsoReaches]:
        """Yield the regions that the resource's own multi-region stands for, and those of the one that it leaves."""
        answers = (own.region, own.previous_region) if subject.family.cloud == "google" else ()
        for answer, kind in zip(answers, ("creates", "moves"), strict=False):
            if isinstance(answer, Known):
                multi = self._facts.multi_region("google", answer.value, value_of(own.service))
                for member in multi.members if multi else ():
                    yield from self._beyond(Target("google", member), kind, answer.evidence, own)


def _copied(every: Sequence[CrossRegion]) -> Wanted | None:
    """Return those of the rows of a type that say where copies of it are; None where none does."""
    rows = tuple(row for row in every if row.kind in _COPIES and row.value in forms.PLACES | forms.OBJECTS)
    return wanted_by(rows) if rows else None


def _is_paired(row: CrossRegion, state: State) -> bool:
    """Return whether a setting keeps a copy in the paired region."""
    return _switched(state.values(row.path), frozenset(row.value.removesuffix(forms.PAIRED).split(" / ")))


def _switches(row: CrossRegion, change: _Change) -> bool:
    """Return whether a change begins or ends a copy in the paired region, or makes or takes away what has one."""
    paired = [_is_paired(row, state) for state in change.states]
    return any(paired) and not (change.is_update and all(paired))


def _told_once(targets: Sequence[tuple[Target, str]]) -> tuple[tuple[Target, str], ...]:
    """Return those that only one state of an object names."""
    times = Counter(target for target, _ in dict.fromkeys(targets))
    return tuple((target, evidence) for target, evidence in targets if times[target] == 1)


def _first_of_each(found: Sequence[AlsoReaches]) -> tuple[AlsoReaches, ...]:
    """Return the first of those that name the same, where the last of them stands."""
    by_place = {(item.region, item.partition, item.account, item.unknown): item for item in reversed(found)}
    return tuple(by_place.values())[::-1]


_BUCKET_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_s3_bucket": ("bucket", "id"),
    "google_storage_bucket": ("name",),
}


def _moved(own: Placement, subject: Subject, facts: Facts) -> Iterator[AlsoReaches]:
    """Yield the place an object is moved away from, with the law it was under."""
    if own.previous_region is not None:
        cloud, region = subject.family.cloud, own.previous_region.value
        partition = own.previous_partition.value if own.previous_partition else None
        laws = law_of_region(cloud, region, facts)
        yield AlsoReaches("moves", own.previous_region.evidence, region, partition, None, laws)


def _is_here(parts: Sequence[str], owner: Owner, own: Placement) -> bool:
    """Return whether what a name says of its owner is known of the own place."""
    here = {
        "partition": (value_of(own.partition),),
        "region": (value_of(own.region), _home(own)),
        "account": (value_of(own.account),),
    }
    return all(not part or part.decode().lower() in here[name] for name, part in zip(parts, owner, strict=True))


def _home(own: Placement) -> str | None:
    """Return the region that parts of a global service say they are in: the web ACLs of CloudFront, in us-east-1.

    docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
    """
    return own.home_region if value_of(own.region) == GLOBAL else None


def _switched(values: Sequence[object], settings: frozenset[str]) -> bool:
    return any((str(value).lower() if isinstance(value, bool) else str(value)) in settings for value in values)


def _told(document: object) -> Iterator[tuple[str, str]]:
    """Yield every string in a document that stands under a telling key, with the key in lower case."""
    waiting: list[tuple[str, object]] = [("", document)]
    while waiting:
        name, item = waiting.pop()
        if isinstance(item, str):
            yield name, item
        elif isinstance(item, list):
            waiting += [(name, element) for element in item if name in _TELLING or not isinstance(element, str)]
        elif isinstance(item, dict):
            transparent = item.keys() == {"value"}
            for step, element in item.items():
                key = name if transparent else step.lower()
                if key in _TELLING or not isinstance(element, str):
                    waiting.append((key, element))
