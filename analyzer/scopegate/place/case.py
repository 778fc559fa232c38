"""Everything one instance, its block and its provider say, collected before its neighbours are asked.

A plan has far fewer different cases than instances: a thousand queues say the same. So what is read is reduced to what
matters at once, and instances that say the same share one ``Case``, which is then settled once. Cost: for each
instance its few place attributes are decoded and looked up; all else is done once for each different case.
"""

from collections import Counter
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.facts.model import EFFECTS, Condition, ResourceType, TypeScope
from scopegate.place.attributes import (
    UNMARKED,
    UNMARKED_STATE,
    Mark,
    Marks,
    Values,
    is_marked,
    read_mark,
    read_values,
    values_at,
)
from scopegate.place.evidence import (
    ATTRIBUTE,
    IDENTITY,
    Claim,
    Digest,
    Testimony,
    digest_of,
    testify,
    testify_identity,
)
from scopegate.place.family import Family, family_of
from scopegate.place.location import Locations
from scopegate.place.placement import Cause
from scopegate.place.provider import Providers
from scopegate.place.provider_config import ProviderPlace
from scopegate.place.siblings import Siblings
from scopegate.place.subject import Subject, subject_of
from scopegate.place.values import Missing
from scopegate.plan.actions import Action
from scopegate.plan.address import ConfigAddress, Mode, ModulePath, format_resource, module_path
from scopegate.plan.configuration import Block
from scopegate.plan.model import NO_SECTIONS, NULL, Instance, Plan, Sections
from scopegate.source.model import Sources

RUNS_PROGRAMS: Final = frozenset({"null_resource", "terraform_data"})
"""Helpers that are mostly there for the provisioners they carry."""
UNSEEN: Final = "unseen"
"""In place of the provisioners of a helper whose configuration did not come with the plan."""
_SELECTABLE: Final = "data.aws_region"
_SELECTORS: Final = ("name", "endpoint")
_NOTHING: Final = len(b"false")
"""No identity with anything in it is as short as that."""
_ALL_KNOWN: Final = msgspec.Raw(b"{}")


class OwnerArgument(Struct, frozen=True):
    """The argument that says whose an object is, where its block sets it and it is known only after apply.

    ``origin`` is the block and the attribute whose value it is, where the plan tells.
    """

    argument: str
    origin: tuple[ConfigAddress, str] | None


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
    is_heard: bool = True
    """Whether its siblings may listen to it."""
    owner: OwnerArgument | None = None

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


class _Kind(Struct, frozen=True):
    """What instances of one type under one provider configuration share, and the cases among them so far.

    ``is_heard`` is whether their siblings may listen to them; ``cases`` are by all that tells them apart.
    """

    subject: Subject
    provider: ProviderPlace
    is_heard: bool
    is_helper: bool
    digest: Digest | None
    cases: dict[object, Case]


class _KindsOfModule(Struct, frozen=True):
    path: ModulePath
    kinds: dict[tuple[str, str, Mode, str], _Kind]


class CaseReader:
    """Reads the instances of one plan; what several of them share is worked out once."""

    def __init__(
        self,
        plan: Plan,
        facts: Facts,
        locations: Locations,
        sources: Sources | None = None,
        sections: Sections = NO_SECTIONS,
    ) -> None:
        self._plan = plan
        self._sections = sections
        self._facts = facts
        self._locations = locations
        self._providers = Providers(plan, facts, locations, sources)
        self._family = cache(lambda name: family_of(name, facts))
        self._subjects: dict[tuple[str, str, Mode], tuple[Subject, Digest | None]] = {}
        self._kinds: dict[tuple[int, int, bool], _Kind] = {}
        self._modules: dict[int, _KindsOfModule] = {}
        self._modules_at: dict[ModulePath, _KindsOfModule] = {}
        self._marked: dict[tuple[bool, bytes], Mark] = {}
        self._marks: dict[tuple[int, int], Marks] = {}
        self._written: dict[tuple[bytes, bytes, bool], Marks] = {}
        self._pending: dict[tuple[int, bytes], bool] = {}
        self._unsaid: dict[tuple[int, bytes], tuple[str, ...]] = {}
        self._owners: dict[tuple[int, tuple[str, ...]], OwnerArgument | None] = {}
        self._testimonies: dict[Testimony, Testimony] = {}
        self._siblings: dict[str, Siblings] = {}
        self._cases: dict[tuple[object, ...], Case] = {}
        # What is made anew has drifted in one way only: it was not found.
        self._lost = {drift.address: drift.before for drift in plan.drift}

    def read_all(self) -> tuple[list[Case], list[Values]]:
        """Return the evidence of each instance and its place attributes; its siblings have heard what it says."""
        cases: list[Case] = []
        said: list[Values] = []
        for position, instance in enumerate(self._plan.instances):
            case, values = self._read_one(position, instance)
            cases.append(case)
            said.append(values)
        for case, times in Counter(cases).items():
            for group in case.siblings if case.is_heard else ():
                group.hear(case.subject, case.prior if case.existed else case.planned, times, exists=case.existed)
        return cases, said

    def _read_one(self, position: int, instance: Instance) -> tuple[Case, Values]:
        """Return the evidence of one instance and its place attributes: what was said before is looked up."""
        kind = self._kind(instance)
        whole, digest = kind.subject.whole, kind.digest
        lost = bool(self._lost) and instance.action is Action.CREATE and instance.address in self._lost
        decoded = NO_SECTIONS if whole else self._sections
        unchanged = instance.before == instance.after
        before: Values = decoded.get(2 * position + unchanged)
        if before is None:
            before = read_values(self._lost[instance.address] if lost else instance.before, whole=whole)
        after = before
        if not unchanged:
            after = decoded.get(2 * position + 1) or read_values(instance.after, whole=whole)
        runs = self._runs(instance) if kind.is_helper else ()
        if digest is None or len(instance.before_identity) > _NOTHING or len(instance.after_identity) > _NOTHING:
            return self._case(instance, kind, before, after, runs, lost=lost), after or before
        key: object
        if unchanged and instance.after_unknown == _ALL_KNOWN:  # so is most of a plan
            key = (before and digest(before), bytes(instance.before_sensitive), runs)
        else:
            states = (before and digest(before), unchanged or (after and digest(after)))
            unknown, marked = bytes(instance.after_unknown), bytes(instance.after_sensitive)
            set_later = self._set_later(instance, unknown, kind.subject), self._owner(instance, kind.subject)
            key = (states, unknown, bytes(instance.before_sensitive), marked, set_later, runs, lost)
        try:
            case = kind.cases.get(key)
        except TypeError:  # a list stands where mostly a text does
            key = repr(key)
            case = kind.cases.get(key)
        if case is None:
            case = kind.cases[key] = self._case(instance, kind, before, after, runs, lost=lost)
        return case, after or before

    def _case(
        self, instance: Instance, kind: _Kind, before: Values, after: Values, runs: tuple[str, ...], *, lost: bool
    ) -> Case:
        """Return the evidence of one instance, the same object where another one said the same."""
        subject, provider = kind.subject, kind.provider
        prior = self._prior(instance, before, subject)
        planned = prior if after is None else self._planned(instance, before, after, prior, subject)
        conditions = _conditions(subject, after or before)
        awaited, owner = self._awaited(instance, planned, subject), self._owner(instance, subject)
        if owner is not None and _is_outranked(owner, planned, subject):
            owner = None
        existed, is_heard = before is not None, kind.is_heard and not lost
        said = (id(subject), id(provider), id(planned), id(prior), existed, conditions)
        key = (*said, awaited, runs, lost, is_heard, owner)
        case = self._cases.get(key)
        if case is None:
            siblings = self._siblings_of(provider, subject)
            case = self._cases[key] = Case(
                subject, provider, siblings, planned, prior, existed, conditions, awaited, runs, lost, is_heard, owner
            )
        return case

    def _awaited(self, instance: Instance, planned: Testimony, subject: Subject) -> tuple[str, ...]:
        if planned.obstacle is None or planned.obstacle.cause is not Cause.AFTER_APPLY:
            return ()
        return self._set_in(instance, subject)

    def _set_in(self, instance: Instance, subject: Subject) -> tuple[str, ...]:
        """Return the place attributes that the block of an instance sets."""
        block = self._block(instance, module_path(instance.module))
        return tuple(path for path in subject.places if block and block.at(*path.split(".")) is not None)

    def _set_later(self, instance: Instance, unknown: bytes, subject: Subject) -> tuple[str, ...]:
        """Return the place attributes that the block sets, where one of them is known only after apply."""
        key = (id(subject), unknown)
        pending = self._pending.get(key)
        if pending is None:
            mark = self._mark(unknown, subject)
            pending = self._pending[key] = any(is_marked(mark, path) for path in subject.places)
        return self._set_in(instance, subject) if pending else ()

    def _owner(self, instance: Instance, subject: Subject) -> OwnerArgument | None:
        """Return the argument that says whose an instance is, where it is set and known only after apply.

        One that the block does not set is computed: ``project`` of the provider, by older Google providers on apply.
        """
        key = (id(subject), bytes(instance.after_unknown))
        unsaid = self._unsaid.get(key)
        if unsaid is None:
            mark = self._mark(key[1], subject)
            unsaid = self._unsaid[key] = tuple(path for path in subject.owners if is_marked(mark, path))
        block = self._block(instance, module_path(instance.module)) if unsaid else None
        if block is None:
            return None
        known = (id(block), unsaid)
        if known not in self._owners:
            self._owners[known] = next((self._set_by(block, path) for path in unsaid if block.at(path)), None)
        return self._owners[known]

    def _set_by(self, block: Block, argument: str) -> OwnerArgument:
        expression, address = block.at(argument), block.address
        name = format_resource(address.mode, address.type, address.name)
        found = self._providers.values.of(expression, address.module, name) if expression else None
        return OwnerArgument(argument, found.origin if isinstance(found, Missing) else None)

    def _runs(self, instance: Instance) -> tuple[str, ...]:
        """Return the provisioners that a helper runs with its change."""
        if not instance.action.changes_something:
            return ()
        block = self._block(instance, module_path(instance.module))
        if block is None:
            unseen = instance.type in RUNS_PROGRAMS and not self._plan.configuration.present
            return (UNSEEN,) if unseen else ()
        return block.provisioners

    def _kind(self, instance: Instance) -> _Kind:
        module = self._modules.get(id(instance.module))  # the plan keeps it alive
        if module is None:
            path = module_path(instance.module)
            module = self._modules[id(instance.module)] = self._modules_at.setdefault(path, _KindsOfModule(path, {}))
        key = (instance.type, instance.name, instance.mode, instance.provider_name)
        kind = module.kinds.get(key)
        if kind is None:
            kind = module.kinds[key] = self._kind_of_block(instance, module.path)
        return kind

    def _kind_of_block(self, instance: Instance, path: ModulePath) -> _Kind:
        """Return the kind of all instances of a block: those of every instance of its module are of one."""
        subject, digest = self._subject(instance)
        block = self._block(instance, path)
        provider = self._providers.of(block, subject.family)
        is_heard = provider.certain and not _is_asked_for_one(subject, block)
        key = (id(subject), id(provider), is_heard)
        kind = self._kinds.get(key)
        if kind is None:
            is_helper = subject.scope is TypeScope.NOWHERE
            kind = self._kinds[key] = _Kind(subject, provider, is_heard, is_helper, digest, {})
        return kind

    def _subject(self, instance: Instance) -> tuple[Subject, Digest | None]:
        key = (instance.provider_name, instance.type, instance.mode)
        known = self._subjects.get(key)
        if known is None:
            family = self._family(instance.provider_name or instance.type.partition("_")[0])
            subject = subject_of(instance, family, self._row(instance, family))
            # What its conditions read is in no digest; such types are few.
            digest = None if subject.row and subject.row.conditions else digest_of(subject)
            known = self._subjects[key] = subject, digest
        return known

    def _row(self, instance: Instance, family: Family) -> ResourceType | None:
        row = self._facts.resource_type(family.name, instance.type, data=instance.mode is not Mode.MANAGED)
        # The tables list the data sources of AWS only; elsewhere one of the same name reads an object of that type.
        return row or self._facts.resource_type(family.name, instance.type, data=False)

    def _block(self, instance: Instance, path: ModulePath) -> Block | None:
        return self._plan.configuration.block_of(ConfigAddress(path, instance.mode, instance.type, instance.name))

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
        said = testify(values, marks, subject, self._locations)
        if bytes(identity) not in UNMARKED:
            said = testify_identity(identity, subject, self._locations).then(said)
        return self._testimonies.setdefault(said, said)

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


def _is_outranked(owner: OwnerArgument, planned: Testimony, subject: Subject) -> bool:
    """Return whether an object says whose it is by something else that counts before the argument does."""
    said = {claim.evidence for claim in planned.accounts}
    if subject.family.cloud == "azure":
        return bool(said)
    ahead = subject.owners[: subject.owners.index(owner.argument)]
    return IDENTITY in said or any(f"{ATTRIBUTE}{path}" in said for path in ahead)


def _conditions(subject: Subject, values: Values) -> tuple[Condition, ...]:
    """Return the conditions of the type that hold: the ACL is one for CloudFront, the trail covers all regions."""
    if subject.row is None or not subject.row.conditions or values is None:
        return ()
    return tuple(row for row in subject.row.conditions if _holds(row, values_at(values, row.attribute)))


def _holds(condition: Condition, values: tuple[object, ...]) -> bool:
    from fnmatch import fnmatchcase

    texts = (str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    return any(fnmatchcase(text, condition.value) for text in texts)
