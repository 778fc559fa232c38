"""Everything one instance, its block and its provider say, collected before its neighbours are asked.

A plan has far fewer different cases than instances: a thousand queues say the same. So what is read is reduced to what
matters at once, and instances that say the same share one ``Case``, which is then settled once.
"""

from functools import cache
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.facts.model import EFFECTS, Condition, ResourceType, TypeScope
from scopegate.place.attributes import (
    UNMARKED,
    UNMARKED_STATE,
    Attributes,
    Mark,
    Marks,
    Values,
    read_mark,
    read_values,
    values_at,
)
from scopegate.place.evidence import NOTHING, Claim, Testimony, digest, testify, testify_identity
from scopegate.place.family import Family, family_of
from scopegate.place.location import Locations
from scopegate.place.placement import Cause
from scopegate.place.provider import Providers
from scopegate.place.provider_config import ProviderPlace
from scopegate.place.siblings import Siblings
from scopegate.place.subject import Subject, subject_of
from scopegate.plan.actions import Action
from scopegate.plan.address import ConfigAddress, Mode, module_path
from scopegate.plan.configuration import Block
from scopegate.plan.model import NULL, Instance, Plan

RUNS_PROGRAMS: Final = frozenset({"null_resource", "terraform_data"})
"""Helpers that are mostly there for the provisioners they carry."""
UNSEEN: Final = "unseen"
"""In place of the provisioners of a helper whose configuration did not come with the plan."""
_SELECTABLE: Final = "data.aws_region"
_SELECTORS: Final = ("name", "endpoint")


class Case(Struct, frozen=True, eq=False):
    """The evidence of one instance, or of several that say the same.

    ``planned`` is what the object says as it will be (of one that goes, as it is), ``prior`` as it is now.
    """

    subject: Subject
    provider: ProviderPlace
    siblings: tuple[Siblings, ...]
    planned: Testimony
    prior: Testimony
    existed: bool
    conditions: tuple[Condition, ...] = ()
    awaited: tuple[str, ...] = ()
    """The place attributes that the configuration sets and that are known only after apply."""
    runs: tuple[str, ...] = ()
    """The provisioners that run with the change."""
    lost: bool = False
    """Terraform did not find the object where its provider looks now, and makes it anew: ``prior`` is what it was."""

    @property
    def scope(self) -> TypeScope:
        """Where instances like this one live."""
        scopes = (condition.scope for condition in self.conditions if condition.scope is not None)
        return next(scopes, self.subject.scope)

    @property
    def accounts(self) -> tuple[Claim, ...]:
        """What the object says of its account: as planned, else as it is, for what is replaced has no ARN yet.

        What is lost was perhaps looked for in another account, so what it was proves nothing.
        """
        return self.planned.accounts or (() if self.lost else self.prior.accounts)

    @property
    def partitions(self) -> tuple[Claim, ...]:
        """What the object says of its partition: as planned, else as it is."""
        return self.planned.partitions or (() if self.lost else self.prior.partitions)

    @property
    def effect(self) -> str | None:
        """How far a change of it reaches beyond the object itself: the furthest of what holds."""
        own = self.subject.row.effect if self.subject.row else None
        found = [effect for effect in (own, *(condition.effect for condition in self.conditions)) if effect]
        return max(found, key=EFFECTS.index, default=None)

    @property
    def control_plane(self) -> str | None:
        """The key of the control plane that manages it."""
        own = self.subject.row.control_plane if self.subject.row else None
        return next((condition.control_plane for condition in self.conditions if condition.control_plane), own)


class _Kind(NamedTuple):
    """What instances of a block share; ``is_heard`` is whether their siblings may listen to them."""

    subject: Subject
    block: Block | None
    provider: ProviderPlace
    is_heard: bool


class CaseReader:
    """Reads the instances of one plan; what several of them share is worked out once."""

    def __init__(self, plan: Plan, facts: Facts, locations: Locations) -> None:
        self._plan = plan
        self._facts = facts
        self._locations = locations
        self._providers = Providers(plan, facts, locations)
        self._family = cache(self._find_family)
        self._subjects: dict[tuple[str, str, Mode], Subject] = {}
        self._kinds: dict[tuple[int, Mode, str, str, str], _Kind] = {}
        self._marked: dict[tuple[bool, bytes], Mark] = {}
        self._marks: dict[tuple[int, int], Marks] = {}
        self._written: dict[tuple[bytes, bytes, bool], Marks] = {}
        self._testimonies: dict[tuple[object, ...], Testimony] = {}
        self._siblings: dict[str, Siblings] = {}
        self._cases: dict[tuple[object, ...], Case] = {}
        self._lost = {drift.address: drift.before for drift in plan.drift if drift.action is Action.DELETE}

    def read(self, instance: Instance) -> tuple[Case, Values]:
        """Return the evidence of one instance and its place attributes; its siblings hear what it says."""
        subject, block, provider, is_heard = self._kind(instance)
        lost = instance.action is Action.CREATE and instance.address in self._lost
        before = read_values(self._lost[instance.address] if lost else instance.before, whole=subject.whole)
        after = before if _unchanged(instance) else read_values(instance.after, whole=subject.whole)
        prior = self._prior(instance, before, subject)
        planned = prior if after is None else self._planned(instance, before, after, prior, subject)
        conditions = _conditions(subject, after or before)
        awaited = _awaited(planned, subject, block)
        runs = _runs(instance, subject, block, self._plan.configuration.present)
        existed = before is not None
        key = (id(subject), id(provider), id(planned), id(prior), existed, conditions, awaited, runs, lost)
        case = self._cases.get(key)
        if case is None:
            siblings = self._siblings_of(provider, subject)
            case = Case(subject, provider, siblings, planned, prior, existed, conditions, awaited, runs, lost)
            self._cases[key] = case
        if is_heard and not lost:
            for group in case.siblings:
                group.hear(case.subject, prior if existed else planned, exists=existed)
        return case, after or before

    def _kind(self, instance: Instance) -> "_Kind":
        """Return what all instances of a block in one module instance have in common."""
        module = id(instance.module)  # the plan keeps its modules alive
        key = (module, instance.mode, instance.type, instance.name, instance.provider_name)
        kind = self._kinds.get(key)
        if kind is None:
            subject = self._subject(instance)
            block = self._block(instance)
            provider = self._providers.of(block, subject.family)
            is_heard = provider.certain and not _is_asked_for_one(subject, block)
            kind = self._kinds[key] = _Kind(subject, block, provider, is_heard)
        return kind

    def _subject(self, instance: Instance) -> Subject:
        key = (instance.provider_name, instance.type, instance.mode)
        subject = self._subjects.get(key)
        if subject is None:
            family = self._family(instance.provider_name or instance.type.partition("_")[0])
            subject = self._subjects[key] = subject_of(instance, family, self._row(instance, family))
        return subject

    def _find_family(self, name: str) -> Family:
        return family_of(name, self._facts)

    def _row(self, instance: Instance, family: Family) -> ResourceType | None:
        if family.facts is None:
            return None
        row = self._facts.resource_type(family.name, instance.type, data=instance.mode is not Mode.MANAGED)
        # The tables list the data sources of AWS only; elsewhere one of the same name reads an object of that type.
        return row or self._facts.resource_type(family.name, instance.type, data=False)

    def _block(self, instance: Instance) -> Block | None:
        address = ConfigAddress(module_path(instance.module), instance.mode, instance.type, instance.name)
        return self._plan.configuration.block_of(address)

    def _prior(self, instance: Instance, before: Values, subject: Subject) -> Testimony:
        marks = self._marks_of(NULL, instance.before_sensitive, subject)
        return self._testimony(instance.before_identity, before, marks, subject)

    def _planned(
        self, instance: Instance, before: Values, after: Values, prior: Testimony, subject: Subject
    ) -> Testimony:
        if after is before and bytes(instance.after_unknown) in UNMARKED and bytes(instance.after_identity) in UNMARKED:
            return prior
        marks = self._marks_of(instance.after_unknown, instance.after_sensitive, subject)
        return self._testimony(instance.after_identity, after, marks, subject)

    def _testimony(self, identity: msgspec.Raw, values: Values, marks: Marks, subject: Subject) -> Testimony:
        if values is None:
            return NOTHING
        if bytes(identity) not in UNMARKED:
            said = testify(values, marks, subject, self._locations)
            return testify_identity(identity, subject, self._locations).then(said)
        key = digest(values, subject) if values.__class__ is Attributes else None
        if key is None:
            return testify(values, marks, subject, self._locations)
        known = self._testimonies.get((id(subject), id(marks), key))
        if known is None:
            known = testify(values, marks, subject, self._locations)
            self._testimonies[id(subject), id(marks), key] = known
        return known

    def _marks_of(self, unknown: msgspec.Raw, sensitive: msgspec.Raw, subject: Subject) -> Marks:
        """Return the marks of a state; those that are written alike are one object."""
        key = (bytes(unknown), bytes(sensitive), subject.whole)
        known = self._written.get(key)
        if known is None:
            known = self._written[key] = self._read_marks(*key[:2], subject)
        return known

    def _read_marks(self, unknown: bytes, sensitive: bytes, subject: Subject) -> Marks:
        first, second = self._mark(unknown, subject), self._mark(sensitive, subject)
        if first is None and second is None:
            return UNMARKED_STATE
        return self._marks.setdefault((id(first), id(second)), Marks(first, second))

    def _mark(self, text: bytes, subject: Subject) -> Mark:
        if text in UNMARKED:
            return None
        key = (subject.whole, text)
        if key not in self._marked:
            self._marked[key] = read_mark(text, whole=subject.whole)
        return self._marked[key]

    def _siblings_of(self, provider: ProviderPlace, subject: Subject) -> tuple[Siblings, ...]:
        return tuple(self._siblings_under(key, subject.family.name) for key in provider.keys)

    def _siblings_under(self, key: str, family: str) -> Siblings:
        name = f"{family} {key}"
        if name not in self._siblings:
            self._siblings[name] = Siblings(f"provider {key}", self._facts)
        return self._siblings[name]


def _is_asked_for_one(subject: Subject, block: Block | None) -> bool:
    """Whether a data source answers about what its block names, and not about where its provider is.

    ``aws_region`` up to AWS provider 5 does with either argument (internal/service/meta/region_data_source.go).
    """
    if subject.type != _SELECTABLE:
        return False
    return block is None or any(block.at(path) is not None for path in _SELECTORS)


def _unchanged(instance: Instance) -> bool:
    before, after = memoryview(instance.before), memoryview(instance.after)
    return before.nbytes == after.nbytes and (instance.after is instance.before or bytes(before) == bytes(after))


def _conditions(subject: Subject, values: Values) -> tuple[Condition, ...]:
    """Return the conditions of the type that hold: the ACL is one for CloudFront, the trail covers all regions."""
    if subject.row is None or not subject.row.conditions or values is None:
        return ()
    return tuple(row for row in subject.row.conditions if _holds(row, values_at(values, row.attribute)))


def _holds(condition: Condition, values: tuple[object, ...]) -> bool:
    from fnmatch import fnmatchcase

    texts = (str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    return any(fnmatchcase(text, condition.value) for text in texts)


def _awaited(planned: Testimony, subject: Subject, block: Block | None) -> tuple[str, ...]:
    if block is None or planned.obstacle is None or planned.obstacle.cause is not Cause.AFTER_APPLY:
        return ()
    return tuple(path for path in subject.places if block.at(*path.split(".")) is not None)


def _runs(instance: Instance, subject: Subject, block: Block | None, configured: bool) -> tuple[str, ...]:
    if subject.scope is not TypeScope.NOWHERE or not instance.action.changes_something:
        return ()
    if block is None:
        return () if configured or instance.type not in RUNS_PROGRAMS else (UNSEEN,)
    return block.provisioners
