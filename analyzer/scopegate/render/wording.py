"""The sentences that every form of the report says in the same words; a form only says how names are made safe."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from scopegate.place.placement import GLOBAL, Known, Placement, Unknown, value_of
from scopegate.policy.kinds import AuthorKind
from scopegate.policy.sign_off import ANYONE
from scopegate.reach.footprint import RegionKey, Tally
from scopegate.reach.model import How
from scopegate.signals.model import Category, Severity, Signal
from scopegate.signals.recipes import Undoing
from scopegate.signals.rollback import RollbackNote
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Report, Resource, Since, Step
from scopegate.verdict.requirements import Requirement

VERDICT_WORDS = {Verdict.PASS: "PASS", Verdict.NEEDS_SIGN_OFF: "NEEDS SIGN-OFF", Verdict.BLOCKED: "BLOCKED"}
UNDOING_WORDS = {
    Undoing.REVERT: "by applying the old commit",
    Undoing.REVERT_WITH_LOSS: "with loss",
    Undoing.IRREVERSIBLE: "only with a backup taken before",
}
_STEPS_SHOWN = 4


class Wording(Struct, frozen=True):
    """Sentences about a report; ``name`` makes a name safe to show, ``sentence`` a sentence that holds names."""

    name: Callable[[str], str]
    sentence: Callable[[str], str]

    def standing(self, report: Report) -> str:
        """Return what the verdict means and who has signed."""
        match report.verdict:
            case Verdict.PASS if report.circumstances.break_glass:
                return "BY BREAK-GLASS: nobody had to agree to what is beyond"
            case Verdict.PASS:
                return "nothing beyond what was agreed" if not report.excesses else "everything beyond was signed off"
            case Verdict.BLOCKED:
                return "nobody can release this under the policy; change the plan or the policy"
            case Verdict.NEEDS_SIGN_OFF:
                return "; ".join(
                    self._signed(requirement) for requirement in report.requirements if not requirement.met
                )

    def _signed(self, requirement: Requirement) -> str:
        groups = " or ".join("anyone eligible" if group == ANYONE else self.name(group) for group in requirement.groups)
        return f"{len(requirement.satisfied_by)} of {requirement.count} signed ({groups})"

    def people(self, requirements: Iterable[Requirement]) -> str:
        """Return the smallest set of people that opens the gate."""
        missing = [requirement for requirement in requirements if not requirement.met]
        people = sum(requirement.missing for requirement in missing)
        if len(missing) > 1:
            return f"{_people(people)}: {', and '.join(map(self._missing, missing))}"
        return "".join(
            f"{_people(people)} {_NO_HAND[people == 1]}" if _anyone(r) else self._missing(r) for r in missing
        )

    def _missing(self, requirement: Requirement) -> str:
        if _anyone(requirement):
            return f"{requirement.missing} {_NO_HAND[requirement.missing == 1]}"
        such = f" (such as {', '.join(map(self.name, requirement.suggested))})" if requirement.suggested else ""
        return f"{requirement.missing} of {' or '.join(map(self.name, requirement.groups))}{such}"

    def circumstances(self, report: Report) -> Iterator[str]:
        """Yield which plans were judged as one, and what was said beside the plan, where somebody said something."""
        beside = report.circumstances
        if len(report.plans) > 1:
            stacks = some((self.name(plan.name) for plan in report.plans), 12)
            yield f"{plural(len(report.plans), 'plan')} judged as one change: {stacks}."
        if beside.author is AuthorKind.AGENT:
            yield "Written by an AI agent: what the policy asks of agents comes on top."
        for scope in beside.declared:
            said = "; ".join(f"{kind.value} {some(map(self.name, values), 6)}" for kind, values in scope.allow.items())
            yield f"Declared to reach only ({self.name(scope.source)}): {said}."
        if beside.barred:
            barred = (f"{self.name(who)} ({self.sentence(why)})" for who, why in beside.barred.items())
            yield f"Cannot sign: {'; '.join(barred)}."
        for use in beside.waived:
            waiver = use.waiver
            what = f"{self.name(waiver.limit or waiver.rule)} for {some(map(self.name, use.addresses), 3)}"
            reason = f"{self.sentence(waiver.reason)} ({self.name(waiver.origin)})"
            yield f"Waived until {waiver.expires.isoformat()} by {self.name(waiver.by)}, {what}: {reason}"
        if broken := beside.break_glass:
            by = ", ".join(self.name(person.who) for person in broken.by)
            ticket, reason = self.name(broken.ticket), self.sentence(broken.reason)
            yield f"Break-glass by {by} until {broken.expires.isoformat()}, {ticket}: {reason}"

    def reach(self, report: Report) -> str:
        """Return in one sentence where the change reaches and how many resources it touches."""
        regions = [key for key, tally in report.footprint.regions.items() if tally.direct or tally.affected]
        named = list(dict.fromkeys(self.name(key.region) if key.region else "an unknown region" for key in regions))
        by_partition = {(key.partition is None, key.partition or key.provider): key for key in regions}
        partitions = [self._partition_reached(by_partition[which]) for which in sorted(by_partition)]
        counts = ", ".join(f"{report.touched(how)} {how.value}" for how in How)
        if not report.resources:
            return "Changes nothing."
        if not named:
            return f"Reaches no place: {counts}."
        return f"Reaches {some(named, 6)} in {some(partitions, 4)} ({self._law_reached(report)}): {counts}."

    def _partition_reached(self, key: RegionKey) -> str:
        if key.partition is None:
            return f"an unknown partition of {self.name(key.provider)}"
        return self.partition(key.provider, key.partition)

    def _law_reached(self, report: Report) -> str:
        rows = report.footprint.jurisdictions.items()
        found = sorted(
            (value or "" for value, tally in rows if tally.direct or tally.affected), key=lambda law: not law
        )
        reached = [self.name(value) if value else "unknown" for value in found]
        if reached == ["unknown"]:
            return "law unknown"
        return f"law of {some(reached, 6)}" if reached else "no jurisdiction of its own"

    def in_short(self, report: Report) -> Iterator[tuple[str, str]]:
        """Yield what a reader wants to know first, each with its heading: why, who, what is at risk, how to undo."""
        if report.verdict is not Verdict.PASS:
            yield "Stopped by", some((self.name(excess.limit) for excess in report.excesses), 6)
        if report.verdict is Verdict.NEEDS_SIGN_OFF:
            yield "Opened by", self.people(report.requirements)
        if everywhere := self._everywhere(report):
            yield "Global is", everywhere
        if report.resources:
            yield "At risk", self._risk(report)
        if report.rollback:
            yield "To undo", undoing_in_words(report)

    def _risk(self, report: Report) -> str:
        destroyed = sum(map(is_destroyed, report.resources))
        severe = (signal for signal in report.signals if signal.severity is Severity.HIGH)
        high = Counter(map(_titled, severe))
        affected = (resource.placement for resource in report.resources if resource.how is How.AFFECTED)
        services = Counter(value_of(place.service) or "helpers" for place in affected)
        facts = (
            f"{plural(destroyed, 'resource')} destroyed, replaced or let go of"
            if destroyed
            else "nothing is destroyed",
            f"high signals: {some(_counted(high, self.sentence), 3)}" if high else "no high signal",
            f"affected: {some(_counted(services, self.sentence), 4)}" if services else "",
        )
        return "; ".join(filter(None, facts))

    def _everywhere(self, report: Report) -> str:
        """Return what a touched global service means: every region of its partition, and those this plan stands in."""
        places = report.footprint
        reached = (key for key, tally in places.regions.items() if tally.direct or tally.affected)
        touched = {key.partition for key in reached if key.region == GLOBAL}
        return "; ".join(
            f"every region of {self.name(partition)}, of which this plan stands in {some(map(self.name, regions), 6)}"
            for partition, regions in places.estate.items()
            if partition in touched
        )

    def since(self, since: Since) -> str:
        """Return in one sentence how a change differs from the earlier report."""
        before = f"it was {VERDICT_WORDS[since.verdict]}"
        if not since.wider and not since.narrower:
            return f"nothing got wider or narrower; {before}"
        return f"{len(since.wider)} wider, {len(since.narrower)} narrower; {before}"

    def differences(self, differences: Iterable[tuple[str, str]], shown: int) -> Iterator[str]:
        """Yield differences in words, the rest counted."""
        every = list(differences)
        yield from (f"{word} {self.name(name)}" for word, name in every[:shown])
        if len(every) > shown:
            yield f"and {len(every) - shown} more"

    def places(self, resources: Iterable[Resource]) -> Iterator[tuple[str, ...]]:
        """Yield where each of ``resources`` is, in parts; why several in a row are unknown is said of the first."""
        said = ""
        for resource in resources:
            region = resource.placement.region
            why = region.reason if isinstance(region, Unknown) else ""
            yield tuple(self._place(resource.placement, is_said=bool(why) and why == said))
            said = why or said

    def _place(self, placement: Placement, *, is_said: bool) -> Iterator[str]:
        """Yield region with partition and law, service, account, effect."""
        if not placement.located:
            yield "no place (a helper of the configuration)"
            return
        yield "region unknown, for the same reason" if is_said else self._region_and_law(placement)
        if isinstance(placement.service, Known):
            yield self.sentence(placement.service.value)
        if isinstance(placement.account, Known):
            yield f"account {self.name(placement.account.value)}"
        if placement.effect:
            yield f"effect: {placement.effect}"

    def _region_and_law(self, placement: Placement) -> str:
        if isinstance(placement.region, Unknown):
            return f"region unknown: {self.sentence(placement.region.reason)}"
        region = self.name(placement.region.value)
        if placement.home_region:
            region += f", run from {self.name(placement.home_region)}"
        if placement.previous_region:
            region += f", moved away from {self.name(placement.previous_region.value)}"
        law = placement.jurisdictions
        codes = "/".join(sorted(law.value)) or "no law of its own" if isinstance(law, Known) else "law unknown"
        partition = placement.partition.value if isinstance(placement.partition, Known) else None
        return f"{region} ({self.partition(placement.provider, partition)}, {self.sentence(codes)})"

    def also(self, placement: Placement) -> Iterator[str]:
        """Yield the other places that attributes name; a move is said with the region itself."""
        for other in placement.also_reaches:
            if other.kind != "moves":
                place = ", ".join(self.name(part) for part in (other.region, other.account) if part)
                why = f", which {self.sentence(other.unknown)}" if other.unknown else ""
                yield f"also {other.kind} {place or 'an unknown region'} (by {self.name(other.evidence)}{why})"

    def partition(self, provider: str, partition: str | None) -> str:
        """Return a partition, those of Azure (``public``, ``china``) with the word their own name lacks."""
        if partition is None:
            return f"{self.name(provider)}, partition unknown"
        return self.name(f"azure {partition}" if provider.startswith("az") else partition)

    def region(self, key: RegionKey) -> str:
        """Return a region with its partition."""
        return f"{self.partition(key.provider, key.partition)}: {self.name(key.region or 'region unknown')}"

    def cause(self, resource: Resource) -> Iterator[str]:
        """Yield why a resource that the plan does not change is touched: the reason, and the path that says more."""
        first, last = resource.path[0], resource.path[-1]
        told = len(resource.path) == 2 and first.address in resource.why
        if resource.why:
            yield self.sentence(resource.why) + (f" (by {self._argument(last)})" if told else "")
        if len(resource.path) > 1 and not told:
            yield f"because {self.path(resource.path)}"

    def path(self, steps: Sequence[Step]) -> str:
        """Return a path of cause, the change first: ``a -> b (subnet_id) -> this``; a long one loses its middle."""
        named = [self.name(step.address) for step in steps[:-1]] + ["this"]
        shown = [
            f"{name} ({self._argument(step)})" if step.kind else name for name, step in zip(named, steps, strict=True)
        ]
        if len(shown) > _STEPS_SHOWN:
            shown = [*shown[:2], f"({len(shown) - _STEPS_SHOWN} more)", *shown[-2:]]
        return " -> ".join(shown)

    def _argument(self, step: Step) -> str:
        return self.name(step.attribute or step.kind)

    def gaps(self, report: Report) -> Iterator[str]:
        """Yield what could not be seen, a clause for each gap."""
        coverage = report.coverage
        if coverage.region_unknown:
            yield f"the region of {coverage.region_unknown} of {plural(coverage.resources, 'resource')} in the plan"
        if accounts := sum(len(tally.direct) for key, tally in report.footprint.accounts.items() if key.value is None):
            yield f"the account of {plural(accounts, 'direct change')}"
        if coverage.edges_incomplete:
            hidden = [
                f"{self.name(item.block)} (by {some(map(self.name, item.locals), 2) or 'what is not in the plan'})"
                for item in coverage.edges_incomplete
            ]
            advice = "" if any(resource.source for resource in report.resources) else _NAME_THE_FILES
            yield f"edges may be incomplete, hidden behind locals: {some(hidden, 3)}{advice}"
        if coverage.types_unmapped:
            yield f"types in no fact table: {some(map(self.name, coverage.types_unmapped), 5)}"
        yield from (self.sentence(note) for note in coverage.notes)


_NO_HAND = {True: "who has no hand in the change", False: "who have no hand in the change"}
_NAME_THE_FILES = "; --source with the folder of the .tf files lets them be seen"


def _people(count: int) -> str:
    return f"{count} {'person' if count == 1 else 'people'}"


def _anyone(requirement: Requirement) -> bool:
    return requirement.groups == (ANYONE,)


def _titled(signal: Signal) -> str:
    title = signal.title or signal.category.value
    return f"Perhaps: {title}" if signal.in_doubt else title


def _counted(counts: Counter[str], shown: Callable[[str], str]) -> Iterator[str]:
    yield from (f"{shown(name)} ({count})" for name, count in counts.most_common())


def undoing_in_words(report: Report) -> str:
    """Return how many changes can be undone in which way, the hardest first."""
    counts = Counter(note.undoing for note in report.rollback)
    every = plural(len(report.rollback), "change")
    ways = [kind for kind in reversed(Undoing) if counts[kind]]
    if len(ways) == 1:
        return f"{every} {UNDOING_WORDS[ways[0]]}"
    return f"{every}: {', '.join(f'{counts[kind]} {UNDOING_WORDS[kind]}' for kind in ways)}"


def hardest_first(notes: Iterable[RollbackNote]) -> list[RollbackNote]:
    """Return rollback notes, first those of what cannot be undone; otherwise in the order in which to undo them."""
    return sorted(notes, key=lambda note: -list(Undoing).index(note.undoing))


class Undo(Struct, frozen=True):
    """One way to undo with all the changes that it holds for."""

    addresses: tuple[str, ...]
    undoing: Undoing
    steps: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> str:
        """What the steps do not say themselves."""
        return "" if self.undoing is Undoing.REVERT and self.steps else UNDOING_WORDS[self.undoing]


def undos(notes: Iterable[RollbackNote]) -> list[Undo]:
    """Return the ways to undo, the hardest first; a step is when (``before``, ``to undo``) and what."""
    found: dict[tuple[Undoing, tuple[tuple[str, str], ...]], list[str]] = {}
    for note in hardest_first(notes):
        steps = *(("before", step) for step in note.before_apply), *(("to undo", step) for step in note.undo)
        found.setdefault((note.undoing, steps), []).append(note.address)
    return [Undo(tuple(addresses), undoing, steps) for (undoing, steps), addresses in found.items()]


def ranked_resources(report: Report) -> list[Resource]:
    """Return the touched resources, first what must be read: high signals, lost data, what is destroyed or direct.

    Of those alike what is beyond more limits comes first, then what stands in a region with few others: one bucket in
    Virginia among forty in Frankfurt.
    """
    beyond = Counter(address for excess in report.excesses for address in excess.addresses)
    high = [signal for signal in report.signals if signal.severity is Severity.HIGH]
    severe = {signal.address for signal in high}
    lost = {signal.address for signal in high if signal.category is Category.DATA_LOSS}
    order = list(How)
    neighbours = Counter(map(_standing_in, report.resources))

    def rank(resource: Resource) -> tuple[bool, bool, bool, int, int, int]:
        return (
            resource.address not in severe,
            resource.address not in lost,
            not is_destroyed(resource),
            order.index(resource.how),
            -beyond[resource.address],
            neighbours[_standing_in(resource)],
        )

    return sorted(report.resources, key=rank)


def _standing_in(resource: Resource) -> tuple[str, str | None]:
    placement = resource.placement
    return placement.provider, value_of(placement.region)


def is_destroyed(resource: Resource) -> bool:
    """Return whether the plan itself destroys, replaces or lets go of it."""
    return resource.destructive and resource.how is How.DIRECT


def signals_by_address(signals: Iterable[Signal]) -> dict[str, tuple[Signal, ...]]:
    """Return the signals of each address, the gravest first; what is said of several deposed objects there, once."""
    found: dict[str, dict[tuple[str, str], Signal]] = {}
    for signal in sorted(signals, key=lambda signal: list(Severity).index(signal.severity)):
        found.setdefault(signal.address, {}).setdefault((signal.rule, signal.message), signal)
    return {address: tuple(each.values()) for address, each in found.items()}


def explained_at(shown: Iterable[Resource], signals: Mapping[str, Sequence[Signal]]) -> frozenset[tuple[str, str]]:
    """Return where the rule of each high signal is explained: ``(address, rule)``, at the first that is shown of it."""
    first: dict[str, str] = {}
    for resource in shown:
        for signal in signals.get(resource.address, ()):
            if signal.severity is Severity.HIGH and signal.do:
                first.setdefault(signal.rule, resource.address)
    return frozenset((address, rule) for rule, address in first.items())


def by_how(tally: Tally) -> tuple[tuple[How, tuple[int, ...]], ...]:
    """Return the instances of a place, by how they are touched."""
    return ((How.DIRECT, tally.direct), (How.AFFECTED, tally.affected), (How.EXPOSED, tally.exposed))


def counts_in_words(tally: Tally) -> str:
    """Return how many are touched in each way: ``1 direct, 2 exposed``."""
    return ", ".join(f"{len(found)} {how.value}" for how, found in by_how(tally) if found)


def some(values: Iterable[str], shown: int) -> str:
    """Return the first values in words, the rest counted."""
    every = list(values)
    if len(every) <= shown:
        return ", ".join(every)
    return f"{', '.join(every[:shown])} and {len(every) - shown} more"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
