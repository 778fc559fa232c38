"""From a plan and the rules to signals: which named, explained facts hold for which change.

Linear in the plan: only direct instances are decoded, and the rules of a type are looked up once.
"""

from collections.abc import Iterator, Sequence
from functools import cache, partial

from scopegate.errors import FactsError
from scopegate.facts.facts import Facts
from scopegate.graph.graph import DependencyGraph
from scopegate.place.placement import Placement
from scopegate.plan.address import Mode, without_keys
from scopegate.plan.model import Plan
from scopegate.signals.change import Change, Event, Surroundings, change_at, events_of
from scopegate.signals.finding import Finding, Fires, Undecidable, first_that_fires
from scopegate.signals.model import Category, Severity, Signal
from scopegate.signals.plan_wide import Hit
from scopegate.signals.rules import IfUnknown, Rule, RuleSet, covers


def find_signals(
    plan: Plan,
    placements: Sequence[Placement],
    facts: Facts,
    rules: RuleSet,
    *,
    graph: DependencyGraph | None = None,
) -> tuple[Signal, ...]:
    """Return the signals of ``plan``, in plan order, those of one change by rule id; facts about the plan come last.

    ``placements`` has one item an instance, in the same order.

    Raises:
        FactsError: a rule crashed; the message names it.
    """
    around = Surroundings(plan, placements, facts, graph)
    found = [*_about_changes(around, rules), *_about_the_plan(around, rules)]
    return tuple(sorted(found, key=lambda signal: _order(signal, len(plan.instances))))


def _order(signal: Signal, last: int) -> tuple[int, str, str]:
    return (last if signal.instance is None else signal.instance, signal.rule, signal.address)


def _about_changes(around: Surroundings, rules: RuleSet) -> Iterator[Signal]:
    rules_of = cache(partial(_rules_for, rules))
    for position, instance in enumerate(around.plan.instances):
        if not instance.is_direct or instance.mode is not Mode.MANAGED:
            continue
        events = events_of(instance)
        candidates = rules_of(instance.type, events)
        if candidates:
            change = change_at(position, around)
            yield from (signal for rule in candidates if (signal := _signal(rule, change)) is not None)


def _rules_for(rules: RuleSet, resource_type: str, events: frozenset[Event]) -> Sequence[Rule]:
    return [rule for rule in rules.for_type(resource_type) if not events.isdisjoint(rule.actions)]


def _signal(rule: Rule, change: Change) -> Signal | None:
    try:
        finding = _finding(rule, change)
    except Exception as error:
        raise _crashed(rule, change.instance.address, error) from error
    address = change.instance.address
    match finding:
        case None:
            return None
        case Fires(detail):
            message = f"{rule.message} ({detail})" if detail else rule.message
            return _said(rule, rule.category, rule.severity, address, message, change.position)
        case Undecidable(what):
            if rule.if_unknown is IfUnknown.IGNORE:
                return None
            message = f"{what} is known only after apply, so it cannot be told whether this holds: {rule.title}"
            return _said(rule, Category.UNKNOWN_SCOPE, Severity.MEDIUM, address, message, change.position)


def _said(
    rule: Rule, category: Category, severity: Severity, address: str, message: str, instance: int | None
) -> Signal:
    return Signal(rule.id, category, severity, address, message, instance, title=rule.title, why=rule.why, do=rule.do)


def _finding(rule: Rule, change: Change) -> Finding:
    findings: list[Fires | Undecidable] = []
    for predicate in rule.when:
        finding = predicate.holds(change)
        if finding is None:
            return None
        findings.append(finding)
    if rule.any:
        finding = first_that_fires(predicate.holds(change) for predicate in rule.any)
        if finding is None:
            return None
        findings.append(finding)
    if rule.unless and any(isinstance(predicate.holds(change), Fires) for predicate in rule.unless):
        return None
    return _together(findings)


def _together(findings: Sequence[Fires | Undecidable]) -> Fires | Undecidable:
    """Return what holds when all of ``findings`` must: it cannot be told where one of them cannot."""
    undecidable = next((finding for finding in findings if isinstance(finding, Undecidable)), None)
    details = [finding.detail for finding in findings if isinstance(finding, Fires) and finding.detail]
    return undecidable or Fires("; ".join(details))


def _about_the_plan(around: Surroundings, rules: RuleSet) -> Iterator[Signal]:
    for rule in rules.rules:
        if rule.plan is None:
            continue
        try:
            hits = list(rule.plan.hits(around, cache(lambda resource_type, rule=rule: covers(rule, resource_type))))
        except Exception as error:
            raise _crashed(rule, around.plan.path, error) from error
        yield from (_plan_signal(rule, hit) for hit in hits)


def _plan_signal(rule: Rule, hit: Hit) -> Signal:
    message = f"{rule.message} ({hit.detail})" if hit.detail else rule.message
    return _said(rule, rule.category, rule.severity, hit.address, message, hit.instance)


def _crashed(rule: Rule, where: str, error: Exception) -> FactsError:
    return FactsError(
        f"The signal rule {rule.id!r} failed on {without_keys(where)!r} ({type(error).__name__}), so what it watches "
        f"for may be there unseen; correct the rule ({rule.origin or 'built in'}) or report it."
    )
