"""Everything one instance, its block and its provider say, collected before its neighbours are asked."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

import msgspec

from scopegate.facts.facts import Facts
from scopegate.facts.model import EFFECTS, Condition, ResourceType, TypeScope
from scopegate.place.evidence import (
    UNMARKED,
    Marks,
    Subject,
    Testimony,
    Values,
    read_marks,
    read_values,
    subject_of,
    testify,
    testify_identity,
    values_at,
)
from scopegate.place.family import Family, family_of
from scopegate.place.location import Locations
from scopegate.place.placement import Cause
from scopegate.place.provider import ProviderPlace, Providers
from scopegate.place.siblings import Siblings
from scopegate.plan.address import ConfigAddress, Mode, ModuleAddress, ModulePath, module_path
from scopegate.plan.configuration import Block
from scopegate.plan.model import NULL, Instance, Plan


@dataclass(frozen=True, slots=True)
class Case:
    """One instance with its evidence.

    ``planned`` is what the object says as it will be (of one that goes, as it is), ``prior`` as it is now.
    """

    subject: Subject
    provider: ProviderPlace
    siblings: Siblings | None
    planned: Testimony
    prior: Testimony
    existed: bool
    conditions: tuple[Condition, ...] = ()
    awaited: tuple[str, ...] = ()
    """The place attributes that the configuration sets and that are known only after apply."""
    runs: tuple[str, ...] = ()
    """The provisioners that run with the change."""

    @property
    def scope(self) -> TypeScope:
        """Where instances like this one live."""
        scopes = (condition.scope for condition in self.conditions if condition.scope is not None)
        return next(scopes, self.subject.scope)

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


class CaseReader:
    """Reads the instances of one plan; what instances of one type or module share is worked out once."""

    def __init__(self, plan: Plan, facts: Facts, locations: Locations) -> None:
        self._plan = plan
        self._facts = facts
        self._locations = locations
        self._providers = Providers(plan, facts, locations)
        self._families: dict[str, Family] = {}
        self._subjects: dict[tuple[str, str, Mode], Subject] = {}
        self._modules: dict[ModuleAddress, ModulePath] = {}
        self._siblings: dict[str, Siblings] = {}

    def read(self, instance: Instance) -> tuple[Case, Values]:
        """Return the evidence of one instance and its place attributes; its siblings hear what it says."""
        subject = self._subject(instance)
        block = self._block(instance)
        provider = self._providers.of(block, subject.family)
        before = read_values(instance.before, subject)
        after = before if _unchanged(instance) else read_values(instance.after, subject)
        prior = self._testimony(instance.before_identity, before, _marks(instance, subject, before=True), subject)
        planned = prior
        if after is not None and not (after is before and bytes(instance.after_unknown) in UNMARKED):
            planned = self._testimony(instance.after_identity, after, _marks(instance, subject, before=False), subject)
        case = Case(
            subject=subject,
            provider=provider,
            siblings=self._siblings_of(provider, subject),
            planned=planned,
            prior=prior,
            existed=before is not None,
            conditions=_conditions(subject, after or before),
            awaited=_awaited(planned, subject, block),
            runs=_runs(instance, subject, block),
        )
        if case.siblings is not None and provider.certain:
            case.siblings.add(subject, planned, existed=case.existed)
        return case, after or before

    def _subject(self, instance: Instance) -> Subject:
        key = (instance.provider_name, instance.type, instance.mode)
        subject = self._subjects.get(key)
        if subject is None:
            family = self._family(instance)
            subject = self._subjects[key] = subject_of(instance, family, self._row(instance, family))
        return subject

    def _family(self, instance: Instance) -> Family:
        name = instance.provider_name or instance.type.partition("_")[0]
        if name not in self._families:
            self._families[name] = family_of(name, self._facts)
        return self._families[name]

    def _row(self, instance: Instance, family: Family) -> ResourceType | None:
        if family.facts is None:
            return None
        row = self._facts.resource_type(family.name, instance.type, data=instance.mode is not Mode.MANAGED)
        # The tables list the data sources of AWS only; elsewhere one of the same name reads an object of that type.
        return row or self._facts.resource_type(family.name, instance.type, data=False)

    def _block(self, instance: Instance) -> Block | None:
        path = self._modules.get(instance.module)
        if path is None:
            path = self._modules[instance.module] = module_path(instance.module)
        return self._plan.configuration.block_of(ConfigAddress(path, instance.mode, instance.type, instance.name))

    def _testimony(self, identity: msgspec.Raw, values: Values, marks: Marks, subject: Subject) -> Testimony:
        said = testify(values, marks, subject, self._locations)
        return said if bytes(identity) in UNMARKED else testify_identity(identity, subject, self._locations).then(said)

    def _siblings_of(self, provider: ProviderPlace, subject: Subject) -> Siblings | None:
        if provider.key is None:
            return None
        key = f"{subject.family.name} {provider.key}"
        if key not in self._siblings:
            self._siblings[key] = Siblings(f"provider {provider.key}", self._facts)
        return self._siblings[key]


def _unchanged(instance: Instance) -> bool:
    return instance.after is instance.before or bytes(instance.after) == bytes(instance.before)


def _marks(instance: Instance, subject: Subject, *, before: bool) -> Marks:
    if before:
        return read_marks(NULL, instance.before_sensitive, subject)
    return read_marks(instance.after_unknown, instance.after_sensitive, subject)


def _conditions(subject: Subject, values: Values) -> tuple[Condition, ...]:
    """Return the conditions of the type that hold: the ACL is one for CloudFront, the trail covers all regions."""
    if subject.row is None or not subject.row.conditions or values is None:
        return ()
    return tuple(row for row in subject.row.conditions if _holds(row, values_at(values, row.attribute)))


def _holds(condition: Condition, values: tuple[object, ...]) -> bool:
    texts = (str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    return any(fnmatchcase(text, condition.value) for text in texts)


def _awaited(planned: Testimony, subject: Subject, block: Block | None) -> tuple[str, ...]:
    if block is None or planned.obstacle is None or planned.obstacle.cause is not Cause.AFTER_APPLY:
        return ()
    return tuple(path for path in subject.places if block.at(*path.split(".")) is not None)


def _runs(instance: Instance, subject: Subject, block: Block | None) -> tuple[str, ...]:
    if block is None or subject.scope is not TypeScope.NOWHERE or not instance.action.changes_something:
        return ()
    return block.provisioners
