"""From a plan and the rules to signals: which named, explained facts hold for which change.

Linear in the plan: only direct instances are decoded, and the rules of a type are looked up once.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from scopegate.errors import FactsError, ScopegateError
from scopegate.facts.facts import Facts
from scopegate.graph.graph import DependencyGraph
from scopegate.place.placement import Placement
from scopegate.plan.address import ConfigAddress, Mode, module_path
from scopegate.plan.configuration import Block
from scopegate.plan.model import Instance, Plan, decode_values
from scopegate.signals.change import Change, events_of
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.model import Category, Severity, Signal
from scopegate.signals.predicates import holds
from scopegate.signals.rules import IfUnknown, Rule, RuleSet


def find_signals(
    plan: Plan,
    placements: Sequence[Placement],
    facts: Facts,
    rules: RuleSet,
    *,
    graph: DependencyGraph | None = None,  # noqa: ARG001 - rules about a whole plan look at it
) -> tuple[Signal, ...]:
    """Return the signals of ``plan``, in plan order, those of one change by rule id.

    ``placements`` has one item an instance, in the same order.

    Raises:
        FactsError: a rule crashed; the message names it.
    """
    rules_of = cache(rules.for_type)
    drift = {item.address: item for item in plan.drift}
    signals: list[Signal] = []
    for position, (instance, placement) in enumerate(zip(plan.instances, placements, strict=True)):
        if not instance.is_direct or instance.mode is not Mode.MANAGED:
            continue
        events = events_of(instance)
        candidates = [rule for rule in rules_of(instance.type) if not events.isdisjoint(rule.actions)]
        if candidates:
            change = Change(
                instance=instance,
                events=events,
                before=decode_values(instance.before),
                after=decode_values(instance.after),
                unknown=msgspec.json.decode(instance.after_unknown),
                placement=placement,
                stateful=facts.stateful(instance.type),
                block=_block_of(plan, instance),
                drift=drift.get(instance.address),
            )
            signals.extend(_signals_of(change, candidates, position))
    return tuple(signals)


def _block_of(plan: Plan, instance: Instance) -> Block | None:
    address = ConfigAddress(module_path(instance.module), instance.mode, instance.type, instance.name)
    return plan.configuration.block_of(address)


def _signals_of(change: Change, rules: Sequence[Rule], position: int) -> Iterator[Signal]:
    for rule in rules:
        signal = _signal(rule, change, _verdict(rule, change), position)
        if signal is not None:
            yield signal


def _verdict(rule: Rule, change: Change) -> Finding:
    try:
        return _all_hold(rule, change)
    except ScopegateError:
        raise
    except Exception as error:
        raise FactsError(
            f"The signal rule {rule.id!r} failed on {change.instance.address!r} ({type(error).__name__}), so what it "
            f"watches for may be there unseen; correct the rule ({rule.origin or 'built in'}) or report it."
        ) from error


def _all_hold(rule: Rule, change: Change) -> Finding:
    details: list[str] = []
    undecidable: Undecidable | None = None
    for predicate in rule.when:
        finding = holds(predicate, change)
        if finding is None:
            return None
        if isinstance(finding, Undecidable):
            undecidable = finding
        elif finding.detail:
            details.append(finding.detail)
    return undecidable or Fires("; ".join(details))


def _signal(rule: Rule, change: Change, finding: Finding, position: int) -> Signal | None:
    address = change.instance.address
    match finding:
        case None:
            return None
        case Fires(detail):
            message = f"{rule.message} ({detail})" if detail else rule.message
            return Signal(rule.id, rule.category, rule.severity, address, message, position)
        case Undecidable(what):
            if rule.if_unknown is IfUnknown.IGNORE:
                return None
            message = f"{what} is known only after apply, so it cannot be told whether this holds: {rule.title}"
            return Signal(rule.id, Category.UNKNOWN_SCOPE, Severity.MEDIUM, address, message, position)
