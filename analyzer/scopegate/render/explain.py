"""One resource instance explained: how it is touched, by which path, where it is, and how we know."""

from collections.abc import Iterator

from scopegate.graph.edges import Edge, EdgeKind, Match
from scopegate.graph.graph import DependencyGraph
from scopegate.place.placement import Known, Placement, Unknown
from scopegate.policy.model import Change
from scopegate.reach.model import How
from scopegate.render.escape import plain
from scopegate.verdict.report import Locations, change_of


def render(change: Change, graph: DependencyGraph, instance: int) -> str:
    """Return what is known of the instance at position ``instance``, with a line break at the end."""
    lines = [*_head(change, instance), *_path(change, instance), *_place(change.placements[instance])]
    lines += _signals(change, instance)
    lines += _neighbours(change, graph, instance)
    return "\n".join(lines) + "\n"


def _head(change: Change, instance: int) -> Iterator[str]:
    subject = change.plan.instances[instance]
    deposed = f" (deposed {plain(subject.deposed)})" if subject.deposed else ""
    yield f"{plain(subject.full_address)}{deposed}{_location(change, instance)}"
    touch = change.reach.touches.get(instance)
    if touch is None:
        yield "  not reached: nothing that changes stands before it"
    elif touch.how is How.DIRECT:
        reason = f" ({plain(subject.action_reason)})" if subject.action_reason else ""
        yield f"  direct: the plan will {change_of(subject)} it{reason}"
    elif touch.how is How.AFFECTED:
        yield f"  affected: it {plain(touch.why)}"
    else:
        yield "  exposed: it depends on a change, but nothing it stands on is taken away"


def _path(change: Change, instance: int) -> Iterator[str]:
    edges = change.reach.path(instance)
    if edges:
        yield "Path of cause"
        yield f"  {_place_in_path(change, edges[0].dependency)}  {_cause(change, edges[0].dependency)}"
        for edge in edges:
            yield f"  -> {_place_in_path(change, edge.dependent)}"
            yield f"     {_evidence(edge)}"


def _cause(change: Change, instance: int) -> str:
    touch = change.reach.touches.get(instance)
    if touch and touch.how is How.DIRECT:
        return f"will be changed: {change_of(change.plan.instances[instance])}"
    return "reads outputs of another stack, which change"


def _place_in_path(change: Change, instance: int) -> str:
    return f"{plain(change.plan.instances[instance].full_address)}{_location(change, instance)}"


def _location(change: Change, instance: int) -> str:
    location = Locations(change)(change.plan.instances[instance])
    return f"  {plain(str(location))}" if location else ""


def _evidence(edge: Edge) -> str:
    link = edge.link
    through = f" through {plain(' then '.join(link.via))}" if link.via else ""
    pairing = "" if link.match is Match.ONE else f"; instances paired by {link.match.value}"
    match link.kind:
        case EdgeKind.SATELLITE:  # the argument is the part's, on the other side of the edge
            return f"which it is a part of{f', by its {plain(link.attribute)}' if link.attribute else ''}"
        case EdgeKind.DEPENDS_ON if link.attribute:
            return f"its {plain(link.attribute)} may read any output of {plain(link.reference)}{through}{pairing}"
        case EdgeKind.DEPENDS_ON:
            return f"says depends_on {plain(link.reference)}{through}{pairing}"
        case EdgeKind.STATE:
            return f"depended on it at the last apply, by the prior state{pairing}"
        case EdgeKind.VALUE:
            holder = plain(link.attribute) or "an argument"
            return f"its {holder} holds the value of {plain(link.reference)}, with no reference between them"
        case _:
            argument = plain(link.attribute) or "an argument"
            return f"its {argument} reads {plain(link.reference)}{through}{pairing}"


def _place(placement: Placement) -> Iterator[str]:
    yield "Place"
    if not placement.located:
        yield "  none: a helper of the configuration, in no region and no account"
        return
    for name, answer in (
        ("partition", placement.partition),
        ("region", placement.region),
        ("account", placement.account),
        ("environment", placement.environment),
        ("service", placement.service),
    ):
        yield f"  {name:<13} {_answer(answer)}"
    yield f"  {'jurisdictions':<13} {_jurisdictions(placement.jurisdictions)}"
    if placement.effect:
        yield f"  {'effect':<13} {plain(placement.effect)}"
    for other in placement.also_reaches:
        region = f"an unknown region, since it {other.unknown}" if other.unknown else other.region
        named = ", ".join(plain(part) for part in (region, other.partition, other.account) if part)
        yield f"  also {plain(other.kind)} {named}  [{plain(other.evidence)}]"


def _answer(answer: Known[str] | Unknown) -> str:
    if isinstance(answer, Known):
        return f"{plain(answer.value)}  [{plain(answer.evidence)}]"
    candidates = f" (may be {plain(', '.join(answer.candidates))})" if answer.candidates else ""
    return f"unknown: {plain(answer.reason)}{candidates}"


def _jurisdictions(answer: Known[frozenset[str]] | Unknown) -> str:
    if isinstance(answer, Unknown):
        return _answer(answer)
    return _answer(Known(", ".join(sorted(answer.value)) or "none of its own", answer.evidence))


def _signals(change: Change, instance: int) -> Iterator[str]:
    found = [signal for signal in change.signals if signal.instance == instance]
    if found:
        yield "Signals"
    for signal in found:
        yield f"  {signal.severity.value}: {plain(signal.message)} [{plain(signal.rule)}]"


def _neighbours(change: Change, graph: DependencyGraph, instance: int) -> Iterator[str]:
    instances = change.plan.instances
    if instance >= graph.size:  # a provider action stands behind the instances of the graph, and has no edges
        return
    for heading, edges, other in (
        ("Depends on", graph.dependencies_of(instance), "dependency"),
        ("Read by", graph.dependents_of(instance), "dependent"),
    ):
        lines = sorted(
            f"  {plain(instances[getattr(edge, other)].full_address)}  [{_evidence(edge)}]" for edge in edges
        )
        if lines:
            yield f"{heading} ({len(lines)})"
            yield from lines[:_NEIGHBOURS_SHOWN]
            if len(lines) > _NEIGHBOURS_SHOWN:
                yield f"  and {len(lines) - _NEIGHBOURS_SHOWN} more"


_NEIGHBOURS_SHOWN = 20
