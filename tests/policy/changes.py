"""Changes made by hand, as limits see them."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from handmade import FACTS, graph, instance, placement, plan
from scopegate.graph.edges import HiddenEdges
from scopegate.place.placement import Known, Placement
from scopegate.plan.actions import Action
from scopegate.policy.model import NOTHING_KNOWN, Change, Context
from scopegate.reach.compute import compute_reach
from scopegate.reach.footprint import footprint
from scopegate.signals.model import Signal

FRANKFURT = placement("eu-central-1", account="111111111111", jurisdictions=["EU"])
VIRGINIA = placement("us-east-1", account="111111111111", jurisdictions=["US"])
BEIJING = placement("cn-north-1", partition="aws-cn", account="222222222222", jurisdictions=["CN"])
GLOBAL = placement("global", account="111111111111", jurisdictions=[], service="Amazon Route 53")
NOWHERE_KNOWN = placement(None, partition=None, jurisdictions=None)


class Made(Struct, frozen=True):
    """One resource of a made change: its address, what is planned, where it is, what it stands on."""

    address: str
    place: Placement = FRANKFURT
    action: Action = Action.UPDATE
    on: str | None = None


def change(
    *resources: Made,
    context: Context = NOTHING_KNOWN,
    signals: Sequence[Signal] = (),
    hidden: Sequence[HiddenEdges] = (),
    stacks: tuple[str, ...] = (),
    files: Mapping[str, str] | None = None,
) -> Change:
    """Return the change that these resources make."""
    positions = {made.address: position for position, made in enumerate(resources)}
    edges = [(positions[made.address], positions[made.on]) for made in resources if made.on]
    judged = plan(*(instance(made.address, made.action, {"a": 1}, {"a": 2}) for made in resources))
    placements = tuple(made.place for made in resources)
    reach = compute_reach(judged, graph(len(resources), edges), FACTS)
    found = tuple(replace(s, instance=positions.get(s.address)) for s in signals)
    return Change(
        judged,
        placements,
        reach,
        footprint(reach, placements),
        found,
        tuple(hidden),
        context,
        stacks,
        files=files or {},
    )


def updates(*places: Placement) -> Change:
    """Return a change that updates one resource in each of these places."""
    return change(*(Made(f"aws_vpc.n{number}", place) for number, place in enumerate(places)))


def in_environment(place: Placement, environment: str) -> Placement:
    """Return ``place`` in a known environment."""
    return replace(place, environment=Known(environment, "accounts table"))


def addresses(change: Change, instances: Iterable[int]) -> list[str]:
    """Return the addresses of instances."""
    return [change.plan.instances[position].address for position in instances]
