"""Where a provider action acts that Terraform 1.14 and newer run beside the resource changes.

An action is no resource and in no type table, so only its own words place it: the ``region`` it is given, and the ARNs
it names, which are what it acts on. The region of the resource that triggers it is a candidate and no more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from scopegate.facts.facts import Facts
from scopegate.place.attributes import is_marked, read_mark
from scopegate.place.identifiers import parse_arn
from scopegate.place.lineage import Link
from scopegate.place.place import place_all
from scopegate.place.placement import Known, Placement, Unknown
from scopegate.plan.actions import Action
from scopegate.plan.address import Mode
from scopegate.plan.model import ActionInvocation, Instance, Plan, decode_values
from scopegate.source.model import Sources


class _NoEdges:
    """The graph of actions, which are in none."""

    size = 0
    links: Sequence[Link] = ()

    def hops(self, vertex: int, link: int = -1, *, outward: bool) -> Iterable[tuple[int, int]]:  # noqa: ARG002
        return ()


def place_invocations(
    plan: Plan,
    facts: Facts,
    placements: Sequence[Placement],
    stated: Mapping[str, str],
    sources: Sources | None = None,
) -> tuple[Placement, ...]:
    """Return the placement of every action invocation, aligned with ``plan.action_invocations``.

    ``placements`` are those of ``plan.instances``.
    """
    actions = tuple(as_instance(invocation) for invocation in plan.action_invocations)
    found = place_all(replace(plan, instances=actions), facts, _NoEdges(), stated, sources)
    triggers = {instance.address: own for instance, own in zip(plan.instances, placements, strict=True)}
    return tuple(
        _with_candidate(own, triggers.get(invocation.triggering_resource or ""))
        for invocation, own in zip(plan.action_invocations, found, strict=True)
    )


def with_invocations(
    plan: Plan,
    facts: Facts,
    placements: Sequence[Placement],
    stated: Mapping[str, str],
    sources: Sources | None = None,
) -> tuple[Plan, tuple[Placement, ...]]:
    """Return the plan with its action invocations behind its instances, and the placements of all of them.

    Behind the instances of the graph nothing depends on them: what an action does is in no plan.
    """
    if not plan.action_invocations:
        return plan, tuple(placements)
    actions = tuple(as_instance(invocation) for invocation in plan.action_invocations)
    invoked = place_invocations(plan, facts, placements, stated, sources)
    return replace(plan, instances=(*plan.instances, *actions)), (*placements, *invoked)


def as_instance(invocation: ActionInvocation) -> Instance:
    """Return an action as the object its evidence can be read of."""
    values = {**decode_values(invocation.config_values)}
    values.setdefault("arn", next(_arns(invocation, values), None))
    return Instance(
        address=invocation.address,
        module=(),
        mode=Mode.MANAGED,
        type=invocation.type,
        name=invocation.name,
        key=None,
        action=Action.INVOKE,
        provider_name=invocation.provider_name,
        after=msgspec.Raw(msgspec.json.encode(values)),
        after_sensitive=invocation.config_sensitive,
    )


def _arns(invocation: ActionInvocation, values: Mapping[str, object]) -> Iterator[str]:
    marks = read_mark(bytes(invocation.config_sensitive), whole=True)
    for name, value in values.items():
        if isinstance(value, str) and parse_arn(value) and not is_marked(marks, name):
            yield value


def _with_candidate(own: Placement, trigger: Placement | None) -> Placement:
    if not isinstance(own.region, Unknown) or trigger is None or not isinstance(trigger.region, Known):
        return own
    candidates = tuple(sorted({*own.region.candidates, trigger.region.value}))
    return replace(own, region=replace(own.region, candidates=candidates))
