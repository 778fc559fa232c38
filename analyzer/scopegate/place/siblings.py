"""What resources under one and the same provider configuration say for each other.

A provider configuration has one region (AWS provider 5 and older), one account and one partition. So where the
configuration does not name them, an ARN of a neighbour does, and best of all the data sources that exist to ask.
Resources that name their own place (``decided``) prove nothing about the provider's.
"""

from collections import Counter
from dataclasses import dataclass, field

from scopegate.facts.facts import Facts
from scopegate.facts.model import TypeScope
from scopegate.place.evidence import Subject, Testimony
from scopegate.place.placement import Cause, Known, Unknown
from scopegate.plan.address import Mode


@dataclass(slots=True)
class Siblings:
    """Everything resources under one provider configuration say about it; filled while the plan is walked."""

    label: str
    facts: Facts
    regions: Counter[str] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    callers: set[str] = field(default_factory=set)
    partitions: Counter[str] = field(default_factory=Counter)

    def add(self, subject: Subject, testimony: Testimony, *, existed: bool) -> None:
        """Take in what one instance says.

        An object that does not exist yet has no ARN but one that was written by hand, which proves nothing for others.
        """
        anywhere = subject.row is not None and subject.row.scope is TypeScope.GLOBAL
        if not testimony.decided and not anywhere:
            self.regions.update({claim.value for claim in testimony.regions})
        self.partitions.update(
            {claim.value for claim in testimony.partitions} or self._partitions_of(subject, testimony)
        )
        if subject.speaks_for_provider:
            self.callers.update(claim.value for claim in testimony.accounts)
        elif existed and subject.mode is Mode.MANAGED and (cloud := subject.family.cloud) != "google":
            # A role assignment's id begins with the scope it is made at, which may be another subscription.
            self.accounts.update(
                {claim.value for claim in testimony.accounts} if not anywhere or cloud == "aws" else ()
            )

    def _partitions_of(self, subject: Subject, testimony: Testimony) -> set[str]:
        cloud = subject.family.cloud
        found = (self.facts.partition_of_region(cloud, claim.value) for claim in testimony.regions)
        return {partition.id for partition in found if partition}

    @property
    def region(self) -> Known[str] | Unknown | None:
        """The one region they are in."""
        return self._agreed(self.regions, "are in different regions")

    @property
    def account(self) -> Known[str] | Unknown | None:
        """The one account they belong to."""
        if len(self.callers) == 1:
            return Known(next(iter(self.callers)), f"the caller identity of {self.label}")
        return self._agreed(self.accounts, "belong to different accounts")

    @property
    def partition(self) -> Known[str] | Unknown | None:
        """The one partition they are in."""
        return self._agreed(self.partitions, "are in different partitions")

    def _agreed(self, found: Counter[str], differ: str) -> Known[str] | Unknown | None:
        if not found:
            return None
        if len(found) > 1:
            return Unknown(f"other resources of {self.label} {differ}", tuple(sorted(found)), Cause.CONTRADICTION)
        value, count = next(iter(found.items()))
        return Known(value, f"{count} other resource{'s' if count > 1 else ''} of {self.label}")
