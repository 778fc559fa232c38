"""Where every resource instance of a plan is, and whose, in one fixed order of evidence.

The region of an instance is, first of what applies:

1. its type: helpers live nowhere, global types are ``global``;
2. what the object says itself: identity, region, location or zone attribute, ARN, id, self link. All has to agree;
3. the configuration of its provider, where its cloud is entered by region (AWS, Google); what takes it out of the id of
   another resource has the place of that one first (``google_container_node_pool.cluster``);
4. the place of the resource it belongs to, or of its cluster;
5. what other resources under the same provider configuration prove;
6. what the caller states (``--default-region``).

Nothing else is tried, and nothing is taken for granted: what is left is ``Unknown``, with the reason of the step that
should have known. An object that exists in one region while its provider now says another is a switch of region: it is
placed in the new one and keeps the old one as ``previous_region``.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.errors import UsageError
from scopegate.facts.facts import Facts
from scopegate.facts.model import TypeScope
from scopegate.place.account import account_of, environment_of
from scopegate.place.case import Case, CaseReader, OwnerArgument
from scopegate.place.evidence import Claim, Testimony
from scopegate.place.fanout import FanOut
from scopegate.place.jurisdiction import jurisdictions_of
from scopegate.place.lineage import Lineage, Members, Sources
from scopegate.place.location import Locations
from scopegate.place.partition import partition_of, partition_of_region
from scopegate.place.placement import GLOBAL, Cause, Known, Placement, Unknown, value_of
from scopegate.place.provider_config import way_out
from scopegate.place.siblings import together
from scopegate.place.subject import Subject
from scopegate.place.unknowns import contradiction, not_said, orphan, provisioned, unmapped, unsaid
from scopegate.plan.address import ConfigAddress, Mode, module_path
from scopegate.plan.model import NO_SECTIONS, Plan, Sections
from scopegate.source.model import Sources as ConfigurationFiles

if TYPE_CHECKING:
    from scopegate.place.inherit import Parent, Parents

_ENTERED_BY_REGION: Final = frozenset({TypeScope.REGIONAL, TypeScope.ZONAL, TypeScope.LOCATION})
_WHOLLY_UNKNOWN: Final = frozenset({Cause.NO_PLACE, Cause.PROVISIONER})
"""Where nothing else can be known either: helpers, and programs that may reach anything."""
_PROJECT: Final = "google_project"
_NAMES_OF_PROJECT: Final = frozenset({"project_id", "number", "id"})
_SUBSCRIPTION: Final = "azurerm_subscription"
_MOST_HOPS: Final = 32
"""Ids nest a few deep in real plans; a longer line is one somebody wrote by hand."""
_NO_PLACE: Final = Unknown("a helper that lives nowhere", cause=Cause.NO_PLACE)


def place_all(
    plan: Plan,
    facts: Facts,
    lineage: Lineage,
    stated: Mapping[str, str],
    sources: ConfigurationFiles | None = None,
    sections: Sections = NO_SECTIONS,
) -> tuple[Placement, ...]:
    """Return the placement of every instance, aligned with ``plan.instances``.

    ``stated`` maps a provider to the region the caller says it works in; ``sources`` tell a name that a provider block
    passes on from one that it computes with. ``sections`` need not be decoded again. Linear in instances and edges.

    Raises:
        UsageError: a stated region is none of its provider's cloud.
    """
    placer = _Placer(plan, facts, lineage, read_stated(stated, facts), sources, sections)
    return placer.with_fan_out(placer.placements(), plan)


def read_stated(stated: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the stated regions by provider family, checked and in canonical spelling.

    Raises:
        UsageError: a stated region is none of its provider's cloud.
    """
    locations = Locations(facts)
    read: dict[str, str] = {}
    for name, region in stated.items():
        family = facts.provider(name)
        place = locations.read(family.cloud if family else name, region)
        if place is None:
            raise UsageError(
                f"--default-region {name}={region}: that does not look like a region of {name}, so nothing can be "
                "placed by it; give a region id such as eu-central-1, westeurope or europe-west1."
            )
        read[family.name if family else name] = place.region
    return read


class _Answer(Struct, frozen=True):
    """Where an instance is. ``cluster`` is the instance whose partition and account are then its own.

    ``account`` is whose it is where neither the object itself nor its provider decides that.
    """

    region: Known[str] | Unknown
    previous: Known[str] | None = None
    zone: Known[str] | None = None
    cluster: int | None = None
    account: Known[str] | Unknown | None = None
    origin: str = ""
    """The evidence of the one it inherits from in the end, so that a long line of parents has a short evidence."""


class _Placer:
    """Places the instances of one plan; each case is settled once, parents before children."""

    def __init__(
        self,
        plan: Plan,
        facts: Facts,
        lineage: Lineage,
        stated: Mapping[str, str],
        sources: ConfigurationFiles | None,
        sections: Sections,
    ) -> None:
        self.facts = facts
        self.locations = Locations(facts)
        self.stated = stated
        self.cases, self.values = CaseReader(plan, facts, self.locations, sources, sections).read_all()
        self.subjects = [case.subject for case in self.cases]
        self.sources = Sources(lineage)
        self.settled: dict[Members, _Places] = {}
        self.accounts: dict[Members, Known[str] | Unknown] = {}
        self.owners: dict[int, Known[str] | Unknown] = {}
        self.hops = 0
        self.instances = plan.instances
        self.alone = {case: self._alone(case) for case in dict.fromkeys(self.cases)}
        self.answers = [self.alone[case] for case in self.cases]
        self.known: dict[tuple[Case, _Answer], Placement] = {}

    @cached_property
    def parents(self) -> "Parents":
        """Says what instances take their place from; in many plans each has its own, or its provider's."""
        from scopegate.place.inherit import Parents

        return Parents(self.subjects, self.values, [case.existed for case in self.cases], self.sources)

    def placements(self) -> tuple[Placement, ...]:
        """Return the placements without what they also reach."""
        orphans = [position for position, answer in enumerate(self.answers) if answer is None]
        for position in orphans:
            self._settle(position)
        alone = ((case, answer) for case, answer in self.alone.items() if answer is not None and case.owner is None)
        settled = {case: self.assembled(case, answer) for case, answer in alone}
        found = [settled.get(case) for case in self.cases]
        return tuple(own or self._placement(position) for position, own in enumerate(found))

    def with_fan_out(self, placements: Sequence[Placement], plan: Plan) -> tuple[Placement, ...]:
        """Return the placements with what changed instances reach beyond them.

        So do unchanged ones that deploy: a change of what they deploy is made where they deploy it.
        """
        fan_out = FanOut(self.facts, self.locations, self.subjects, self.values, self.sources, plan)
        found = list(placements)
        widened: dict[tuple[int, int], Placement] = {}
        for position in self._reaching_out(plan, fan_out):
            own = placements[position]
            if own.located:
                more = self.cases[position].planned.more
                if also := fan_out.of(position, plan.instances[position], own, more, placements):
                    shared = widened.get((id(own), id(also)))
                    if shared is None:
                        shared = widened[id(own), id(also)] = replace(own, also_reaches=also)
                    found[position] = shared
        return tuple(found)

    def _reaching_out(self, plan: Plan, fan_out: FanOut) -> Sequence[int]:
        """Return the positions of what changes, and of what deploys, in plan order."""
        deploying = set(filter(fan_out.deploys, {subject.type for subject in self.subjects}))
        if not deploying:
            return plan.direct
        deployers = [position for position, instance in enumerate(plan.instances) if instance.type in deploying]
        return sorted({*plan.direct, *deployers})

    def _settle(self, position: int) -> None:
        """Settle one instance, and first the ones it takes its place from; a ring of parents settles nothing."""
        waiting = [position]
        entered: set[int] = set()
        while waiting:
            current = waiting[-1]
            if self.answers[current] is not None:
                waiting.pop()
                continue
            parents = self.parents.of(current, self.cases[current].awaited)
            open_ones = [other for parent in parents for other in self._open(parent.members)]
            ahead = [other for other in open_ones if other not in entered]
            if ahead:
                entered.add(current)
                waiting.extend(ahead)
                continue
            self.answers[current] = self._from_parents(self.cases[current], parents)
            waiting.pop()

    def _alone(self, case: Case) -> _Answer | None:
        """Return where an instance is by its type, words and provider; None where its parents have to say."""
        scope = case.scope
        if scope is TypeScope.NOWHERE:
            return _Answer(provisioned(case) if case.runs else _NO_PLACE)
        if scope is TypeScope.GLOBAL:
            return None if _is_held(case) else _Answer(Known(GLOBAL, _why_global(case)))
        own = _agreed(case.planned)
        if isinstance(own, Unknown):
            return _Answer(own)
        if case.subject.family.cloud == "aws" and scope is TypeScope.REGIONAL and not case.planned.decided:
            return self._entered(case, own)
        if own is not None:
            return _Answer(own, _previous(case, own), _zone(case))
        if scope in _ENTERED_BY_REGION and not case.awaited and not case.subject.parents:
            return self._named_by_provider(case)
        if scope is TypeScope.UNKNOWN:
            return self._stated_or(case, unmapped(case))
        return None

    def _entered(self, case: Case, own: Known[str] | None) -> _Answer:
        """Return the region of an AWS object whose attributes do not decide it: the one its provider enters."""
        provider, before = case.provider.region, _before(case)
        if case.awaited and case.planned.obstacle:
            return self._stated_or(case, case.planned.obstacle)
        entered = provider if isinstance(provider, Known) and case.provider.certain else None
        if own is None:
            if before is not None and entered is None and not case.lost:
                return _Answer(before)
            return _switched(self._named_by_provider(case), before)
        if entered is None or entered.value.region == own.value:
            return _switched(_Answer(own, zone=_zone(case)), before)
        now = Known(entered.value.region, entered.evidence)
        if case.existed:
            return _Answer(now, own)
        return _Answer(contradiction((Claim(own.value, own.evidence), Claim(now.value, now.evidence))))

    def _named_by_provider(self, case: Case) -> _Answer:
        """Return the place that the provider's configuration, else its other resources, else the caller, names."""
        obstacle = case.planned.obstacle
        if obstacle is not None and obstacle.cause is not Cause.AFTER_APPLY:
            return _Answer(obstacle)
        cloud, provider = case.subject.family.cloud, case.provider.region
        if cloud == "azure":
            return self._stated_or(case, obstacle or not_said(case))
        if case.scope is TypeScope.ZONAL:
            return self._zonal(case)
        if isinstance(provider, Known):
            return _Answer(Known(provider.value.region, provider.evidence))
        siblings = together([siblings.region for siblings in case.siblings]) if cloud == "aws" else None
        if isinstance(siblings, Known):
            return _Answer(siblings)
        candidates = provider.candidates or (siblings.candidates if siblings else ())
        return self._stated_or(case, replace(provider, candidates=candidates))

    def _zonal(self, case: Case) -> _Answer:
        """Return the place of a Google object in its provider's zone, which the provider's region does not say."""
        zone, region = case.provider.zone, case.provider.region
        if zone is not None:
            named = Known(zone.value.zone, zone.evidence) if zone.value.zone else None
            return _Answer(Known(zone.value.region, zone.evidence), zone=named)
        if isinstance(region, Unknown):
            return self._stated_or(case, region)
        reason = f"its provider names no zone, so it comes from the environment{way_out(case.subject.family, 'zone')}"
        return self._stated_or(case, Unknown(reason, (region.value.region,), Cause.ENVIRONMENT))

    def _stated_or(self, case: Case, why: Unknown) -> _Answer:
        region = self.stated.get(case.subject.family.name)
        return _Answer(why if region is None else Known(region, "stated by the caller"))

    def _open(self, members: Members) -> Sequence[int]:
        """Return the parents that are not settled yet."""
        if members in self.settled:
            return ()
        return [other for other in members.instances if self.answers[other] is None]

    def _places_of(self, members: Members) -> "_Places":
        """Return where some parents are; of several together, this is asked once for all their children."""
        known = self.settled.get(members)
        if known is None:
            answers = [self.answers[other] for other in members.instances]
            regions = [
                answer.region.value if answer and isinstance(answer.region, Known) else None for answer in answers
            ]
            first = min(members.instances, key=lambda other: self.instances[other].address)
            named = frozenset(region for region in regions if region is not None)
            known = _Places(named, None not in regions, first)
            if len(answers) > 1:
                self.settled[members] = known
        return known

    def _from_parents(self, case: Case, parents: "Sequence[Parent]") -> _Answer:
        """Return the one place that all the parents of an instance are in."""
        if case.scope is TypeScope.GLOBAL:
            return _Answer(Known(GLOBAL, _why_global(case)), account=self._held_by(case, parents))
        places = [self._places_of(parent.members) for parent in parents]
        regions = tuple(sorted({region for place in places for region in place.regions}))
        in_cluster = case.scope is TypeScope.CLUSTER
        if (
            len(regions) == 1
            and all(place.all_known for place in places)
            and not _is_metadata(case, self.subjects[parents[0].members.instances[0]].type)
        ):
            found = ((place.first, parent.argument) for place, parent in zip(places, parents, strict=True))
            first, argument = min(found, key=lambda pair: self.instances[pair[0]].address)
            inherited = self._inherited(regions[0], first, argument, in_cluster)
            return replace(inherited, account=self._held_by(case, parents))
        if in_cluster and isinstance(endpoint := case.provider.region, Known):
            return _Answer(Known(endpoint.value.region, endpoint.evidence))
        if not parents and case.scope in _ENTERED_BY_REGION and not case.awaited:
            return self._named_by_provider(case)
        return self._stated_or(case, orphan(case, len(parents), regions))

    def _inherited(self, region: str, parent: int, argument: str, in_cluster: bool) -> _Answer:
        above = self.answers[parent]
        origin = above.origin or _evidence(above.region) if above else ""
        evidence = f"{argument} is {self.instances[parent].address}: {origin}"
        host = above.cluster if above and above.cluster is not None else parent
        return _Answer(Known(region, evidence), cluster=host if in_cluster else None, origin=origin)

    def _held_by(self, case: Case, parents: "Sequence[Parent]") -> Known[str] | Unknown | None:
        """Return the account of what holds an instance; None where that has no say in it."""
        groups = [parent.members for parent in parents] if _is_held(case) else []
        return self._account_of_all(groups) if groups else None

    def _account_of_all(self, groups: Sequence[Members]) -> Known[str] | Unknown:
        """Return the one account that all of some groups are of."""
        found = [self._account_of(members) for members in groups]
        return found[0] if len({value_of(account) for account in found}) == 1 else _apart(found)

    def _account_of(self, members: Members) -> Known[str] | Unknown:
        """Return the one account that some instances are of; of several together, this is asked once."""
        known = self.accounts.get(members)
        if known is None:
            for other in self._open(members):
                self._settle(other)
            found = dict.fromkeys(self._whose(other) for other in members.instances)
            first = min(self.instances[other].address for other in members.instances)
            alike = len({value_of(account) for account in found}) == 1
            known = next(iter(found)) if alike else _apart(found)
            if isinstance(known, Known):
                known = Known(known.value, f"that of {first}")
            self.accounts[members] = known
        return known

    def _whose(self, position: int) -> Known[str] | Unknown:
        """Return the account of an instance; that of a data source which is nowhere but says it, its provider's.

        A subscription that is yet to be made is none that its provider could name.
        """
        if self.subjects[position].type == _SUBSCRIPTION and not self.cases[position].accounts:
            return unsaid("id")
        if self.subjects[position].speaks_for_provider:
            return self._ownership(self.cases[position], _Answer(_NO_PLACE)).account
        return self._placement(position).account

    def _owned(self, position: int, owner: OwnerArgument) -> Known[str] | Unknown:
        """Return whose an instance is by an argument that is known only after apply."""
        known = self.owners.get(position)
        if known is None:
            known = self.owners[position] = unsaid(owner.argument)  # holds for what leads back to itself
            groups = self._owning(position, owner) if self.hops < _MOST_HOPS else ()
            self.hops += 1
            found = self._account_of_all(groups) if groups else known
            self.hops -= 1
            if isinstance(found, Known):
                found = Known(found.value, f"{owner.argument} is {found.evidence}")
            known = self.owners[position] = found
        return known

    def _owning(self, position: int, owner: OwnerArgument) -> Sequence[Members]:
        """Return the instances whose account is that which an argument names.

        An id begins with the subscription of what it is of. Anything else names the account that it stands for only
        where it is an attribute that does so in the other one, as ``google_project.p.number`` does.
        """
        if self.subjects[position].family.cloud == "azure":
            return self.parents.through(position, owner.argument)
        if owner.origin is None:
            return ()
        address, attribute = owner.origin
        members = self.blocks[address]
        return [members] if attribute in _names_of_account(self.subjects[members.instances[0]]) else ()

    @cached_property
    def blocks(self) -> Mapping[ConfigAddress, Members]:
        """The instances by the block that they are made from."""
        found: dict[ConfigAddress, list[int]] = {}
        for position, instance in enumerate(self.instances):
            address = ConfigAddress(module_path(instance.module), instance.mode, instance.type, instance.name)
            found.setdefault(address, []).append(position)
        return {address: Members(tuple(positions)) for address, positions in found.items()}

    def _placement(self, position: int) -> Placement:
        case, answer = self.cases[position], self.answers[position] or _Answer(_NO_PLACE)
        if case.owner is not None:
            answer = replace(answer, account=self._owned(position, case.owner))
        return self.assembled(case, answer)

    def assembled(self, case: Case, answer: _Answer) -> Placement:
        """Return the placement of a case that was settled so, which is put together once."""
        known = self.known.get((case, answer))
        if known is None:
            known = self.known[case, answer] = self._assembled(case, answer)
        return known

    def _assembled(self, case: Case, answer: _Answer) -> Placement:
        family, row = case.subject.family, case.subject.row
        service = _service(case, self.facts)
        if isinstance(nowhere := answer.region, Unknown) and nowhere.cause in _WHOLLY_UNKNOWN:
            located = nowhere.cause is not Cause.NO_PLACE
            return Placement(family.name, located, nowhere, nowhere, nowhere, nowhere, service, nowhere)
        own = self._ownership(case, answer)
        law_of = row.service if row else None
        return Placement(
            provider=family.name,
            located=True,
            partition=own.partition,
            region=answer.region,
            account=own.account,
            environment=environment_of(own.account, self.facts),
            service=service,
            jurisdictions=jurisdictions_of(own.cloud, own.partition, answer.region, self.facts, law_of),
            zone=answer.zone,
            effect=case.effect,
            home_region=self._home(case, own, answer.region),
            mapped=row is not None,
            previous_region=answer.previous,
            previous_partition=own.previous,
        )

    def _ownership(self, case: Case, answer: _Answer) -> "_Ownership":
        """Return the partition and account: the cluster's for what is in a cluster, else by their own evidence."""
        if answer.cluster is not None:
            host = self._placement(answer.cluster)
            return _Ownership(self.subjects[answer.cluster].family.cloud, host.partition, host.account)
        family = case.subject.family
        cloud = case.provider.cloud or family.cloud
        stated = self.stated.get(family.name)
        partition, previous = partition_of(case, cloud, answer.region, stated, self.facts)
        if previous is None and answer.previous is not None:
            before = partition_of_region(cloud, answer.previous.value, self.facts)
            if before and isinstance(partition, Known) and before != partition.value:
                previous = Known(before, answer.previous.evidence)
        strict = cloud == "aws" and case.provider.certain and case.subject.mode is Mode.MANAGED
        siblings = together([siblings.account for siblings in case.siblings])
        account = account_of(cloud, case.accounts, case.provider.account, siblings, strict=strict)
        named = answer.account
        if isinstance(named, Unknown):
            account = named
        elif named is not None and (case.owner is None or named.value != value_of(account)):
            own = (Claim(named.value, named.evidence),)
            account = account_of(cloud, own, case.provider.account, siblings, strict=strict)
        return _Ownership(cloud, partition, account, previous)

    def _home(self, case: Case, own: "_Ownership", region: Known[str] | Unknown) -> str | None:
        """Return the region that a global service's control plane runs in."""
        if not isinstance(region, Known) or region.value != GLOBAL or not isinstance(own.partition, Known):
            return None
        partition = self.facts.partition(own.cloud, own.partition.value)
        named = case.control_plane and self.facts.control_plane(case.control_plane, own.partition.value)
        return named or (partition.home_region if partition else None)


class _Places(Struct, frozen=True):
    """Where several parents are: the regions that are known, and the parent whose address is the first."""

    regions: frozenset[str]
    all_known: bool
    first: int


class _Ownership(Struct, frozen=True):
    cloud: str
    partition: Known[str] | Unknown
    account: Known[str] | Unknown
    previous: Known[str] | None = None


def _evidence(answer: Known[str] | Unknown) -> str:
    return answer.evidence if isinstance(answer, Known) else ""


def _apart(found: Iterable[Known[str] | Unknown]) -> Unknown:
    named = tuple(sorted({account.value for account in found if isinstance(account, Known)}))
    return Unknown("what it belongs to is of different accounts, or it cannot be told whose", named, Cause.PARENT)


def _names_of_account(subject: Subject) -> Set[str]:
    """Return the attributes of a type that say whose its objects are; the folder a project is in is not that."""
    return _NAMES_OF_PROJECT if subject.type.removeprefix("data.") == _PROJECT else set(subject.accounts)


def _agreed(testimony: Testimony) -> Known[str] | Unknown | None:
    """Return the one region that everything an object says agrees on."""
    if not testimony.regions:
        return None
    first = testimony.regions[0]
    if any(claim.value != first.value for claim in testimony.regions):
        return contradiction(testimony.regions)
    return Known(first.value, first.evidence)


def _previous(case: Case, now: Known[str]) -> Known[str] | None:
    """Return where the object was before, where that is elsewhere."""
    other = next((claim for claim in case.prior.regions if claim.value != now.value), None)
    return Known(other.value, f"{other.evidence} (before)") if other else None


def _before(case: Case) -> Known[str] | None:
    """Return where an AWS object is now that says nothing of where it will be: what is replaced has no ARN yet."""
    now = _agreed(case.prior)
    return Known(now.value, f"{now.evidence} (before)") if isinstance(now, Known) else None


def _switched(answer: _Answer, before: Known[str] | None) -> _Answer:
    """Return an answer with the region that an object is in now, where that is another."""
    if before is None or isinstance(answer.region, Unknown) or answer.region.value == before.value:
        return answer
    return replace(answer, previous=before)


def _zone(case: Case) -> Known[str] | None:
    zone = case.planned.zone
    return Known(zone.value, zone.evidence) if zone else None


def _why_global(case: Case) -> str:
    attribute = next((row.attribute for row in case.conditions if row.scope is TypeScope.GLOBAL), None)
    return f"attribute {attribute}" if attribute else f"{case.subject.type} is a global type"


def _service(case: Case, facts: Facts) -> Known[str]:
    family, row = case.subject.family, case.subject.row
    if row is not None:
        return Known(row.service, f"type {case.subject.type}")
    kind = case.subject.type.removeprefix("data.")
    inferred = facts.infer_service(family.name, kind) if family.facts else None
    return Known(inferred or family.name, f"inferred from the name of the type {case.subject.type}")


def _is_held(case: Case) -> bool:
    """Return whether an object is in the project of what it belongs to, whatever its provider's project is.

    A member of a bucket has no argument ``project``, and one that is left out is "parsed from the identifier of the
    parent resource" first (docs of google_pubsub_topic_iam).
    """
    return case.subject.family.cloud == "google" and bool(case.subject.parents) and not case.accounts


def _is_metadata(case: Case, parent: str) -> bool:
    # A resource group's location is where its metadata is kept, not where its members are.
    return parent.endswith("azurerm_resource_group") and not case.awaited
