"""The report: everything that is said about one change, decided before anything is shown.

Renderers only choose what to show and how. Addresses and names in it are the words of whoever wrote the plan: every
renderer passes them through ``render.escape``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from scopegate.graph.edges import Edge, EdgeKind, HiddenEdges
from scopegate.place.placement import Known, Placement
from scopegate.plan.actions import Action
from scopegate.plan.address import format_resource, in_stack, module_path
from scopegate.plan.conceal import NOTHING, concealer_for
from scopegate.plan.marked import marked_values
from scopegate.plan.model import Instance, Plan
from scopegate.policy.counts import standing
from scopegate.policy.evaluate import agreed_in_words
from scopegate.policy.kinds import AuthorKind, LimitKind
from scopegate.policy.model import BreakGlass, Change, DeclaredScope, Excess, Part, Policy, WaiverUse
from scopegate.reach.footprint import Footprint, ProviderKey, RegionKey, Tally
from scopegate.reach.model import How, Reach
from scopegate.signals.model import Signal
from scopegate.signals.rollback import RollbackNote
from scopegate.source.model import Location
from scopegate.verdict.decide import Verdict
from scopegate.verdict.requirements import Requirement


class PlanSummary(Struct, frozen=True):
    """Which plan was judged; ``name`` is what a report on several calls it, empty for the only one."""

    path: str
    sha256: str
    terraform_version: str
    format_version: str
    stack: str | None = None
    name: str = ""


class Step(Struct, frozen=True):
    """One step of a path of cause: ``address`` and, but for the first, how it hangs on the one before."""

    address: str
    attribute: str = ""
    reads: str = ""
    kind: str = ""
    match: str = ""
    via: tuple[str, ...] = ()


class Resource(Struct, frozen=True):
    """One touched resource instance.

    ``change`` is None where nothing is planned for it, ``source`` where the files were not given or have no such block.
    ``stack`` names the plan it is of in a report on several; there every address begins with it.
    """

    address: str
    deposed: str | None
    type: str
    change: str | None
    how: How
    why: str
    destructive: bool
    placement: Placement
    path: tuple[Step, ...]
    source: Location | None = None
    stack: str = ""


class Dimension(Struct, frozen=True):
    """How many different known values of one dimension are reached, what was agreed, and which are beyond it."""

    kind: LimitKind
    agreed: str
    direct: int
    affected: int
    beyond: tuple[str, ...]


class BeyondLimit(Struct, frozen=True):
    """An excess with the addresses that cause it."""

    limit: str
    dimension: LimitKind
    values: tuple[str, ...]
    addresses: tuple[str, ...]
    agreed: str
    message: str
    why: str
    advice: str


class Circumstances(Struct, frozen=True):
    """What was said and known beside the plan.

    ``barred`` maps people who cannot sign to the reason; ``now`` is the time the policy was held against, None where
    nothing in it asks for the time.
    """

    author: AuthorKind = AuthorKind.UNKNOWN
    barred: Mapping[str, str] = field(default_factory=dict)
    declared: tuple[DeclaredScope, ...] = ()
    waived: tuple[WaiverUse, ...] = ()
    break_glass: BreakGlass | None = None
    now: datetime | None = None


NO_CIRCUMSTANCES: Final = Circumstances()


class Since(Struct, frozen=True):
    """What differs from an earlier report of the same change, such as that of the push before.

    Each difference is a word of ours and a name: ``("reaches region", "aws-cn: cn-north-1")``.
    """

    verdict: Verdict
    fingerprint: str
    wider: tuple[tuple[str, str], ...]
    narrower: tuple[tuple[str, str], ...]


class Coverage(Struct, frozen=True):
    """What could not be seen. ``notes`` are sentences; ``standing`` managed resources stand today."""

    resources: int
    standing: int
    placed: int
    region_unknown: int
    types_unmapped: tuple[str, ...]
    edges_incomplete: tuple[HiddenEdges, ...]
    notes: tuple[str, ...]


class Report(Struct, frozen=True):
    """One decision: what was seen, which limit was exceeded, who must agree, what was not known.

    ``limits`` are the names of all limits that held, exceeded or not.
    """

    tool_version: str
    facts_version: str
    verdict: Verdict
    fingerprint: str
    policy: str
    limits: tuple[str, ...]
    report_only: bool
    plans: tuple[PlanSummary, ...]
    footprint: Footprint
    dimensions: tuple[Dimension, ...]
    resources: tuple[Resource, ...]
    signals: tuple[Signal, ...]
    excesses: tuple[BeyondLimit, ...]
    requirements: tuple[Requirement, ...]
    coverage: Coverage
    rollback: tuple[RollbackNote, ...] = ()
    circumstances: Circumstances = NO_CIRCUMSTANCES
    since: Since | None = None

    def touched(self, how: How) -> int:
        """Return how many resource instances are touched in this way."""
        return sum(resource.how is how for resource in self.resources)


def summary_of(part: Part, policy: Policy) -> PlanSummary:
    """Return what a report says of a plan it judges, and of the stack it belongs to by its policy."""
    plan, stack = part.plan, policy.stack
    name = stack.name if stack else None
    return PlanSummary(plan.path, plan.sha256, plan.terraform_version, plan.format_version, name, part.stack)


def resources_of(change: Change) -> tuple[Resource, ...]:
    """Return the touched instances, in plan order, each with its path of cause and the place of its block."""
    plan, reach = change.plan, change.reach
    location_of = Locations(change) if any(part.sources for part in change.parts) else None
    found: list[Resource] = []
    for position, touch in reach.touches.items():
        instance = plan.instances[position]
        address = instance.full_address
        resource = Resource(
            address=address,
            deposed=instance.deposed,
            type=instance.type,
            change=change_of(instance) if touch.how is How.DIRECT else None,
            how=touch.how,
            why=touch.why,
            destructive=instance.action.takes_the_ground,
            placement=change.placements[position],
            path=path_of(plan, reach.path(position)) if touch.edge else (Step(address),),
            source=location_of(instance) if location_of else None,
            stack=instance.stack,
        )
        found.append(resource)
    return tuple(found)


class Locations:
    """Where the blocks of a change's instances begin, as far as the sources were read."""

    def __init__(self, change: Change) -> None:
        self._sources = {part.stack: part.sources for part in change.parts}

    def __call__(self, instance: Instance) -> Location | None:
        """Return where the block of an instance begins."""
        sources = self._sources.get(instance.stack)
        if sources is None:
            return None
        name = format_resource(instance.mode, instance.type, instance.name)
        return sources.location(module_path(instance.module), name)


def change_of(instance: Instance) -> str:
    """Return the word for what is planned: an action, or ``import`` and ``move`` where that is all."""
    action = instance.action
    if action.changes_something:
        return _WORDS[action]
    return "import" if instance.importing else "move"


_WORDS: Final[Mapping[Action, str]] = {action: action.value for action in Action}


def path_of(plan: Plan, edges: Sequence[Edge]) -> tuple[Step, ...]:
    """Return the steps that one or more ``edges`` lead along, the change first."""
    steps = [Step(plan.instances[edges[0].dependency].full_address)]
    for edge in edges:
        link = edge.link
        address = plan.instances[edge.dependent].full_address
        steps.append(Step(address, link.attribute, link.reads, link.kind.value, link.match.value, link.via))
    return tuple(steps)


def beyond_limit(excess: Excess, instances: Sequence[Instance]) -> BeyondLimit:
    """Return an excess with addresses in place of positions."""
    items = [instances[position] for position in excess.instances]
    return BeyondLimit(
        limit=excess.limit.name,
        dimension=excess.kind,
        values=excess.values,
        addresses=tuple(dict.fromkeys([item.full_address for item in items])),
        agreed=excess.agreed,
        message=excess.message,
        why=excess.limit.why,
        advice=excess.advice,
    )


def _outside(part: Part, linked: Set[int]) -> Iterator[str]:
    """Yield a sentence for each other stack whose outputs the plan reads: its changes are in no plan seen here."""
    if not any(instance.reads_state for instance in part.plan.instances):
        return
    from scopegate.graph.outside import outside_stacks

    stacks = outside_stacks(part.plan)
    unseen = tuple(dict.fromkeys(stack.name for stack in stacks if part.start + stack.instance not in linked))
    hidden = concealer_for(unseen, marked_values(part.plan)) if unseen else NOTHING
    where = "in none of these plans, as far as they tell" if part.stack else "not in this plan"
    for name in unseen:
        named = f" ({hidden.conceal(name)})" if name else ""
        yield f"It reads the outputs of another stack{named}, whose own changes are {where}."


def dimensions_of(footprint: Footprint, policy: Policy, excesses: Sequence[Excess]) -> tuple[Dimension, ...]:
    """Return the dimensions of place, each with what was agreed, what is reached, and what is beyond."""
    rows: tuple[tuple[LimitKind, Mapping[Any, Tally]], ...] = (
        (LimitKind.PARTITIONS, footprint.partitions),
        (LimitKind.REGIONS, footprint.regions),
        (LimitKind.ACCOUNTS, footprint.accounts),
        (LimitKind.JURISDICTIONS, footprint.jurisdictions),
        (LimitKind.SERVICES, footprint.services),
        (LimitKind.ENVIRONMENTS, footprint.environments),
    )
    return tuple(_dimension(kind, tallies, policy, excesses) for kind, tallies in rows)


def _dimension(kind: LimitKind, tallies: Mapping[Any, Tally], policy: Policy, excesses: Sequence[Excess]) -> Dimension:
    beyond = (value for excess in excesses for value in excess.beyond.get(kind, ()))
    direct = {_value(key) for key, tally in tallies.items() if tally.direct}
    affected = {_value(key) for key, tally in tallies.items() if tally.affected}
    return Dimension(
        kind=kind,
        agreed=agreed_in_words(policy, kind),
        direct=len(direct - {None}),
        affected=len(affected - {None}),
        beyond=tuple(dict.fromkeys(beyond)),
    )


def _value(key: RegionKey | ProviderKey | str | None) -> str | None:
    """Return the value a row is about, whichever provider reaches it: a chart in a cluster is where the cluster is."""
    match key:
        case RegionKey():
            return key.region
        case ProviderKey():
            return key.value
        case _:
            return key


def coverage_of(change: Change) -> Coverage:
    """Return what could not be seen in the plans of ``change``; helpers without a place are not counted."""
    plan = change.plan
    # Those in one place share it, so that there are few.
    kinds = {(id(place), item.type): place for item, place in zip(plan.instances, change.placements, strict=True)}
    places = {id(place): place for place in kinds.values() if place.located}
    counts = Counter(map(id, change.placements))
    located = sum(counts[key] for key in places)
    unmapped = {name for (_, name), place in kinds.items() if not place.mapped}
    placed = sum(counts[key] for key, place in places.items() if isinstance(place.region, Known))
    return Coverage(
        resources=located,
        standing=standing(plan, change.placements),
        placed=placed,
        region_unknown=located - placed,
        types_unmapped=tuple(sorted(unmapped)),
        edges_incomplete=tuple(map(_in_full, change.hidden)),
        notes=(
            *(in_stack(part.stack, note) for part in change.parts for note in _notes(part, change.linked)),
            *_known_by_the_state_alone(change.reach),
        ),
    )


def _notes(part: Part, linked: Set[int]) -> tuple[str, ...]:
    return (*part.plan.notes, *(part.sources.notes if part.sources else ()), *_outside(part, linked))


def _known_by_the_state_alone(reach: Reach) -> Iterator[str]:
    """Yield a sentence if something is called exposed for want of knowing what it reads of the change."""
    edges = (touch.edge for touch in reach.touches.values() if touch.how is How.EXPOSED)
    count = sum(edge is not None and edge.link.kind is EdgeKind.STATE for edge in edges)
    if count:
        yield (
            f"Only the prior state connects {count} of what is exposed with the change. Which values are read there is "
            "in no plan, so it may be affected; give the .tf files with --source."
        )


def _in_full(hidden: HiddenEdges) -> HiddenEdges:
    names = tuple(in_stack(hidden.stack, name) for name in hidden.locals)
    return replace(hidden, block=in_stack(hidden.stack, hidden.block), locals=names)


def in_full(signal: Signal) -> Signal:
    """Return a signal as a report on several plans names it: its address with the stack that it is in."""
    return replace(signal, address=signal.full_address, stack="")
