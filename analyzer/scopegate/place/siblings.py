"""What resources under one and the same provider configuration say for each other.

A provider configuration has one region (AWS provider 5 and older), one account and one partition. So where the
configuration does not name them, an ARN of a neighbour does, and best of all the data sources that exist to ask.
Resources that name their own place (``decided``) prove nothing about the provider's. Only what exists proves anything:
what is yet to be created are words of whoever wrote the change, and would let them say where their other changes are.
Those words are candidates for the reader, and no more.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from scopegate.facts.facts import Facts
from scopegate.facts.model import TypeScope
from scopegate.place.evidence import Testimony
from scopegate.place.placement import Cause, Known, Unknown
from scopegate.place.subject import Subject
from scopegate.plan.address import Mode


class Siblings:
    """The resources under one provider configuration: first they are heard, then they are asked."""

    def __init__(self, label: str, facts: Facts) -> None:
        self.label = label
        self._facts = facts
        self._heard: dict[tuple[int, int, bool], int] = {}
        self._said: dict[tuple[int, int, bool], tuple[Subject, Testimony]] = {}

    def hear(self, subject: Subject, testimony: Testimony, times: int, *, exists: bool) -> None:
        """Take in what so many instances say; ``exists`` is whether their objects are there already."""
        key = (id(subject), id(testimony), exists)
        self._heard[key] = self._heard.get(key, 0) + times
        self._said[key] = (subject, testimony)

    @cached_property
    def region(self) -> Known[str] | Unknown | None:
        """The one region they are in."""
        found = _Heard()
        for key, (subject, testimony) in self._said.items():
            if not testimony.decided and subject.scope is not TypeScope.GLOBAL:
                found.count({claim.value for claim in testimony.regions}, self._heard[key], exists=key[2])
        return self._agreed(found, "are in different regions")

    @cached_property
    def account(self) -> Known[str] | Unknown | None:
        """The one account they belong to."""
        speakers = (testimony for subject, testimony in self._said.values() if subject.speaks_for_provider)
        callers = {claim.value for testimony in speakers for claim in testimony.accounts}
        if len(callers) == 1:
            return Known(next(iter(callers)), f"the caller identity of {self.label}")
        found = _Heard()
        for key, (subject, testimony) in self._said.items():
            # What does not exist yet has no ARN but one written by hand, mostly of something else: no candidate either.
            if key[2] and _is_of_its_providers_account(subject):
                found.count({claim.value for claim in testimony.accounts}, self._heard[key], exists=True)
        return self._agreed(found, "belong to different accounts")

    @cached_property
    def partition(self) -> Known[str] | Unknown | None:
        """The one partition they are in."""
        found = _Heard()
        for key, (subject, testimony) in self._said.items():
            if testimony.decided and subject.mode is not Mode.MANAGED:
                continue  # it may be asked about any partition: data.aws_elb_service_account takes a region
            named = {claim.value for claim in testimony.partitions} or self._partitions_of(subject, testimony)
            found.count(named, self._heard[key], exists=key[2])
        return self._agreed(found, "are in different partitions")

    def _partitions_of(self, subject: Subject, testimony: Testimony) -> set[str]:
        cloud = subject.family.cloud
        found = (self._facts.partition_of_region(cloud, claim.value) for claim in testimony.regions)
        return {partition.id for partition in found if partition}

    def _agreed(self, found: "_Heard", differ: str) -> Known[str] | Unknown | None:
        if len(found.of_existing) > 1:
            candidates = tuple(sorted(found.of_existing))
            return Unknown(f"other resources of {self.label} {differ}", candidates, Cause.CONTRADICTION)
        for value, count in found.of_existing.items():
            return Known(value, f"{count} other resource{'s' if count > 1 else ''} of {self.label}")
        if found.of_planned:
            reason = f"only resources of {self.label} that do not exist yet name it"
            return Unknown(reason, tuple(sorted(found.of_planned)), Cause.ENVIRONMENT)
        return None


class _Heard:
    """How many resources name each value: of those that exist, and the values that others name."""

    def __init__(self) -> None:
        self.of_existing: Counter[str] = Counter()
        self.of_planned: set[str] = set()

    def count(self, values: set[str], times: int, *, exists: bool) -> None:
        if not exists:
            self.of_planned |= values
            return
        for value in values:
            self.of_existing[value] += times


def together(answers: Sequence[Known[str] | Unknown | None]) -> Known[str] | Unknown | None:
    """Return what the siblings under each of several configurations say alike; None where some say nothing."""
    known = [answer for answer in answers if isinstance(answer, Known)]
    named = sorted({answer.value for answer in known})
    if not known or (len(named) == 1 and len(known) < len(answers)):
        return next((answer for answer in answers if isinstance(answer, Unknown)), None)
    if len(named) > 1:
        reason = "resources under the provider configurations that may be meant differ"
        return Unknown(reason, tuple(named), Cause.SEVERAL_PROVIDERS)
    return known[0]


def _is_of_its_providers_account(subject: Subject) -> bool:
    """Whether an object belongs to the account its provider acts in.

    Not a data source; not in Google, where every resource may name a project; and not what is global in Azure: the id
    of a role assignment begins with the scope it is made at, which may be another subscription.
    """
    if subject.mode is not Mode.MANAGED:
        return False
    cloud = subject.family.cloud
    return cloud == "aws" or (cloud != "google" and subject.scope is not TypeScope.GLOBAL)
