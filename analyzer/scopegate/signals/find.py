"""From a plan and the rules to signals: which named, explained facts hold for which change.

Linear in the plan: only direct instances are decoded, of these only what the rules look at, and changes of which the
rules see the same are judged once. The rules of a type are looked up once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial

from msgspec import Struct
from msgspec.structs import replace

from scopegate.errors import FactsError
from scopegate.facts.facts import Facts
from scopegate.graph.graph import DependencyGraph
from scopegate.place.placement import Placement
from scopegate.plan.actions import Action
from scopegate.plan.address import without_keys
from scopegate.plan.model import NULL, Plan
from scopegate.signals.change import (
    Change,
    Event,
    Surroundings,
    change_seen,
    events_of,
    explained,
    is_marked,
    seen_of,
    steps,
)
from scopegate.signals.finding import Finding, Fires, Undecidable, first_that_fires
from scopegate.signals.model import Category, Severity, Signal
from scopegate.signals.plan_wide import Hit
from scopegate.signals.rules import IfUnknown, Rule, RuleSet, covers
from scopegate.signals.sight import BLIND, WHOLE, Sight, sight_of


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


class _Watch(Struct, frozen=True):
    """A rule and the arguments that it looks at: of what stood before, and of what is new."""

    rule: Rule
    stood: frozenset[str]
    new: frozenset[str]
    touched: frozenset[str]
    """Those of which one must be touched for the rule to hold; none: it may hold in any case."""


class _Kind(Struct, frozen=True):
    """Changes of one type and action in one place; ``cases`` are the signals for what the rules see of one.

    Those for which it matters what their arguments read are in ``by_reads``, and their cases have that beside them.
    """

    watches: Sequence[_Watch]
    sight: Sight
    cases: dict[object, tuple[Signal, ...]]
    by_reads: set[object]


def _about_changes(around: Surroundings, rules: RuleSet) -> Iterator[Signal]:
    watches_for = cache(partial(_watches_for, cache(rules.for_type)))
    kinds: dict[object, _Kind] = {}
    instances, placements, drift = around.plan.instances, around.placements, around.drift
    for position in around.plan.direct:
        instance = instances[position]
        key = (
            instance.type,
            instance.action,
            bool(instance.deposed),
            instance.importing,
            instance.previous_address is None,
            instance.address in drift,
            len(instance.before) > len(NULL),
            id(placements[position]),
        )
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = _kind(position, around, watches_for(instance.type, events_of(instance)))
        if kind.watches:
            yield from _signals_of(position, around, kind)


def _watches_for(
    for_type: Callable[[str], Sequence[Rule]], resource_type: str, events: frozenset[Event]
) -> Sequence[_Watch]:
    return [_watch(rule) for rule in for_type(resource_type) if not events.isdisjoint(rule.actions)]


def _watch(rule: Rule) -> _Watch:
    predicates = (*rule.when, *rule.any, *rule.unless)
    new = frozenset(name for predicate in predicates for name in predicate.arguments())
    stood = new.union(name for predicate in predicates for name in predicate.compared())
    deciding = next(((one,) for one in rule.when if one.about_difference), rule.any)
    if not all(predicate.about_difference for predicate in deciding):
        deciding = ()
    touched = frozenset(name for predicate in deciding for name in (*predicate.arguments(), *predicate.compared()))
    return _Watch(rule, stood, new, touched)


def _kind(position: int, around: Surroundings, watches: Sequence[_Watch]) -> _Kind:
    """Return the kind of the change at ``position``, with those of ``watches`` whose rule may hold for one of it."""
    instance = around.plan.instances[position]
    # The values of what stays as it is were not tried when the plan was read, so they are decoded in full.
    if instance.address in around.drift or instance.action is Action.NO_OP:
        return _Kind(watches, WHOLE, {}, set())
    change = change_seen(position, around, BLIND, ((), (), ()))
    possible = [watch for watch in watches if not _is_ruled_out(watch.rule, change)]
    stood = instance.before != NULL
    beyond = (steps(other.evidence)[0] for other in change.placement.also_reaches)
    names = frozenset(beyond).union(*(watch.stood if stood else watch.new for watch in possible))
    return _Kind(possible, sight_of(names), {}, set())


def _is_ruled_out(rule: Rule, change: Change) -> bool:
    try:
        return any(predicate.is_ruled_out(change) for predicate in rule.when)
    except Exception as error:
        raise _crashed(rule, change.instance.address, error) from error


def _signals_of(position: int, around: Surroundings, kind: _Kind) -> Iterable[Signal]:
    instance = around.plan.instances[position]
    seen = seen_of(instance, kind.sight)
    written = around.written(instance, unknown=any(seen[2]))
    seen_case = (seen, instance.replace_paths, instance.action_reason, written, is_marked(instance))
    by_reads = seen_case in kind.by_reads
    case = (seen_case, around.reads_of(position, around.block_of(instance)) if by_reads else None)
    found = kind.cases.get(case)
    if found is not None:
        return [replace(signal, address=instance.address, instance=position) for signal in found] if found else ()
    change = change_seen(position, around, kind.sight, seen)
    touched = change.touched
    possible = (watch.rule for watch in kind.watches if not (watch.touched and watch.touched.isdisjoint(touched)))
    found = tuple(signal for rule in possible if (signal := _signal(rule, change)) is not None)
    if change.is_typical:
        if change.rests_on_reads and not by_reads:
            kind.by_reads.add(seen_case)
        else:
            kind.cases[case] = found
    return found


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
        case Undecidable(what, of_new=of_new):
            if of_new and rule.if_unknown is IfUnknown.IGNORE:
                return None
            message = f"{what} is known only after apply, so it cannot be told whether this holds: {rule.title}"
            # Every new policy that names the ARN of a new bucket in `jsonencode` would be high otherwise.
            severity = Severity.HIGH if rule.severity is Severity.HIGH and not of_new else Severity.MEDIUM
            said = _said(rule, Category.UNKNOWN_SCOPE, severity, address, message, change.position)
            return replace(said, in_doubt=rule.category)


def _said(
    rule: Rule, category: Category, severity: Severity, address: str, message: str, instance: int | None
) -> Signal:
    return Signal(rule.id, category, severity, address, message, instance, title=rule.title, why=rule.why, do=rule.do)


def _finding(rule: Rule, change: Change) -> Finding:
    findings: list[Fires | Undecidable] = []
    for predicate in rule.when:
        finding = explained(change, predicate.holds(change))
        if finding is None:
            return None
        findings.append(finding)
    if rule.any:
        finding = first_that_fires(explained(change, predicate.holds(change)) for predicate in rule.any)
        if finding is None:
            return None
        findings.append(finding)
    if rule.unless and any(isinstance(predicate.holds(change), Fires) for predicate in rule.unless):
        return None
    return _together(findings)


def _together(findings: Sequence[Fires | Undecidable]) -> Finding:
    """Return what holds when all of ``findings`` must: it cannot be told where one of them cannot."""
    undecidable = first_that_fires(finding for finding in findings if isinstance(finding, Undecidable))
    details = [finding.detail for finding in findings if isinstance(finding, Fires) and finding.detail]
    return undecidable or Fires("; ".join(details))


def _about_the_plan(around: Surroundings, rules: RuleSet) -> Iterator[Signal]:
    for rule, predicate in rules.of_plan():
        try:
            hits = list(predicate.hits(around, cache(lambda resource_type, rule=rule: covers(rule, resource_type))))
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
