"""From a JSON report back to the change it is about, so that another policy can be held against it.

A report names places, actions and signals and no attribute values: it can be kept, shown and tested with where a plan
cannot. What it does not hold (values, paths of cause, resources that nothing touches) no limit looks at.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from scopegate.errors import PlanError
from scopegate.graph.edges import HiddenEdges
from scopegate.place.placement import AlsoReaches, Known, Placement, Unknown
from scopegate.plan.actions import Action
from scopegate.plan.address import Mode, in_stack, parse_resource_address, told_apart
from scopegate.plan.configuration import Configuration, Module
from scopegate.plan.joined import join_plans, starts_of
from scopegate.plan.model import Instance, Plan
from scopegate.policy.model import Change, Part
from scopegate.reach.footprint import footprint
from scopegate.reach.model import How, Reach, Touch
from scopegate.signals.model import Category, Severity, Signal


class _Answer(msgspec.Struct):
    value: str | list[str] | None
    evidence: str = ""
    unknown: str = ""
    candidates: list[str] = []


class _Placement(msgspec.Struct):
    located: bool
    partition: _Answer
    region: _Answer
    account: _Answer
    service: _Answer
    environment: _Answer
    jurisdictions: _Answer
    effect: str | None
    home_region: str | None
    previous_region: str | None
    previous_partition: str | None


class _Also(msgspec.Struct):
    kind: str
    evidence: str
    partition: str | None
    region: str | None
    account: str | None
    jurisdictions: list[str]
    unknown: str = ""


class _Resource(msgspec.Struct):
    address: str
    deposed: str | None
    type: str
    provider: str
    change: str | None
    how: How
    placement: _Placement
    also_reaches: list[_Also]
    stack: str = ""


class _Signal(msgspec.Struct):
    rule: str
    category: Category
    severity: Severity
    address: str
    message: str
    in_doubt: Category | None = None


class _Plan(msgspec.Struct):
    path: str
    sha256: str
    name: str = ""


class _Hidden(msgspec.Struct):
    block: str
    locals: list[str]


class _Coverage(msgspec.Struct):
    standing: int
    types_unmapped: list[str]
    edges_incomplete: list[_Hidden]


class _Report(msgspec.Struct):
    schema_version: str
    plans: list[_Plan]
    resources: list[_Resource]
    signals: list[_Signal]
    coverage: _Coverage


_DECODER = msgspec.json.Decoder(_Report)


def change_in_report(data: bytes, path: str) -> Change:
    """Return the change that a JSON report is about, as no policy has seen it yet; ``path`` names it in messages.

    Raises:
        PlanError: it is no report of schema_version 1.
    """
    try:
        report = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PlanError(
            f"{path} is no report of `scopegate review --format json` ({error}), so no change can be read from it; "
            "make it again with this version."
        ) from error
    if report.schema_version != "1":
        raise PlanError(
            f"{path} is a report of schema_version {report.schema_version!r}, and only '1' is known here; make it "
            "again with this version."
        )
    if not report.plans:
        raise PlanError(f"{path} is a report of no plan, so there is no change to judge; make it again.")
    return _change(report)


def _change(report: _Report) -> Change:
    unmapped = frozenset(report.coverage.types_unmapped)
    parts = _parts(report)
    placements = tuple(_placement(resource, mapped=resource.type not in unmapped) for resource in report.resources)
    reach = Reach({p: Touch(p, resource.how) for p, resource in enumerate(report.resources)}, {})
    return Change(
        plan=join_plans([part.plan for part in parts], [part.stack for part in parts]),
        placements=placements,
        reach=reach,
        footprint=footprint(reach, placements),
        signals=_signals(report),
        hidden=tuple(_hidden(hidden, report) for hidden in report.coverage.edges_incomplete),
        standing=report.coverage.standing,
        parts=parts if len(parts) > 1 else (),
    )


def _parts(report: _Report) -> tuple[Part, ...]:
    """Return the plans of a report; its resources are in their order."""
    plans = [_plan(plan, (item for item in report.resources if item.stack == plan.name)) for plan in report.plans]
    starts = zip(plans, report.plans, starts_of(plans), strict=True)
    return tuple(Part(plan, stack=summary.name, start=start) for plan, summary, start in starts)


def _hidden(hidden: _Hidden, report: _Report) -> HiddenEdges:
    stack, block = told_apart(hidden.block, (plan.name for plan in report.plans))
    return HiddenEdges(block, tuple(name.removeprefix(in_stack(stack, "")) for name in hidden.locals), stack)


def _plan(plan: _Plan, resources: Iterable[_Resource]) -> Plan:
    return Plan(
        path=plan.path,
        sha256=plan.sha256,
        format_version="",
        terraform_version="",
        instances=tuple(map(_instance, resources)),
        configuration=Configuration({(): Module(())}, {}, {}, present=False),
    )


def _instance(resource: _Resource) -> Instance:
    text = resource.address.removeprefix(in_stack(resource.stack, ""))
    if resource.change == Action.INVOKE.value:
        return _invocation(resource, text)
    address = parse_resource_address(text)
    return Instance(
        address=text,
        module=address.module,
        mode=address.mode,
        type=address.type,
        name=address.name,
        key=address.key,
        action=_action(resource),
        deposed=resource.deposed,
        importing=resource.change == "import",
        previous_address=text if resource.change == "move" else None,
    )


def _invocation(resource: _Resource, address: str) -> Instance:
    """Return an action of a provider that is run: ``action.type.name`` is the address of no resource."""
    name = address.rpartition(f".{resource.type}.")[2]
    return Instance(
        address=address,
        module=(),
        mode=Mode.MANAGED,
        type=resource.type,
        name=name,
        key=None,
        action=Action.INVOKE,
    )


def _action(resource: _Resource) -> Action:
    if resource.change in (None, "import", "move"):
        return Action.NO_OP
    try:
        return Action(resource.change)
    except ValueError as error:
        raise PlanError(
            f"The report says {resource.change!r} of {resource.address}, which is no change known here, so it "
            "cannot be judged; make the report again with this version."
        ) from error


def _placement(resource: _Resource, *, mapped: bool) -> Placement:
    place = resource.placement
    return Placement(
        provider=resource.provider,
        located=place.located,
        partition=_text(place.partition),
        region=_text(place.region),
        account=_text(place.account),
        environment=_text(place.environment),
        service=_text(place.service),
        jurisdictions=_texts(place.jurisdictions),
        effect=place.effect,
        home_region=place.home_region,
        mapped=mapped,
        previous_region=Known(place.previous_region, "the report") if place.previous_region else None,
        previous_partition=Known(place.previous_partition, "the report") if place.previous_partition else None,
        also_reaches=tuple(map(_also, resource.also_reaches)),
    )


def _also(other: _Also) -> AlsoReaches:
    places: dict[str, Any] = {"region": other.region, "partition": other.partition, "account": other.account}
    laws = frozenset(other.jurisdictions)
    return AlsoReaches(other.kind, other.evidence, **places, jurisdictions=laws, unknown=other.unknown)


def _text(answer: _Answer) -> Known[str] | Unknown:
    if isinstance(answer.value, str):
        return Known(answer.value, answer.evidence)
    return Unknown(answer.unknown, tuple(answer.candidates))


def _texts(answer: _Answer) -> Known[frozenset[str]] | Unknown:
    if isinstance(answer.value, list):
        return Known(frozenset(answer.value), answer.evidence)
    return Unknown(answer.unknown, tuple(answer.candidates))


def _signals(report: _Report) -> tuple[Signal, ...]:
    numbered = reversed(list(enumerate(report.resources)))
    # That an action is run is a fact about the plan, which no resource of it raises.
    positions = {resource.address: p for p, resource in numbered if resource.change != Action.INVOKE.value}
    names = [plan.name for plan in report.plans]
    return tuple(_signal(signal, positions.get(signal.address), names) for signal in report.signals)


def _signal(signal: _Signal, position: int | None, names: Iterable[str]) -> Signal:
    stack, address = told_apart(signal.address, names)
    return Signal(
        signal.rule,
        signal.category,
        signal.severity,
        address,
        signal.message,
        position,
        stack,
        in_doubt=signal.in_doubt,
    )
