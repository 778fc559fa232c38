"""The whole program in one place: plan bytes in, report out. Read this first.

No clock, network, environment or terminal stands between the plan's bytes and the report.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from scopegate import __version__
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import Drawn, draw_graph
from scopegate.graph.graph import DependencyGraph
from scopegate.place.place import place_all
from scopegate.place.placement import Placement
from scopegate.plan.address import in_stack
from scopegate.plan.joined import join_plans, refuse_twice, starts_of
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan
from scopegate.policy.default import default_policy
from scopegate.policy.model import NOTHING_KNOWN, Change, Context, Part, PolicyDocument
from scopegate.policy.stacks import folder_of, names_of, state_of
from scopegate.reach.changes import Path as Changed
from scopegate.reach.changes import changed_outputs
from scopegate.reach.compute import compute_reach
from scopegate.reach.footprint import footprint
from scopegate.signals.find import find_signals
from scopegate.signals.model import Signal
from scopegate.signals.rollback import rollback_notes
from scopegate.signals.rules import RuleSet, builtin_rules
from scopegate.source.model import Sources
from scopegate.verdict.decision import Decision, decision_on
from scopegate.verdict.fingerprint import SignedScope, for_one_plan, signed_scope
from scopegate.verdict.report import (
    Circumstances,
    Report,
    beyond_limit,
    coverage_of,
    dimensions_of,
    in_full,
    resources_of,
    summary_of,
)
from scopegate.verdict.requirements import NOBODY, SignOffs
from scopegate.verdict.shown import as_shown

if TYPE_CHECKING:
    import networkx as nx

    from scopegate.graph.outside import State


class Options(Struct, frozen=True):
    """What the caller states beside the plan.

    ``default_regions`` maps a provider to the region it works in where the plan names none. ``sign_offs`` is what
    people said to exactly this change.
    """

    context: Context = NOTHING_KNOWN
    sign_offs: SignOffs = NOBODY
    default_regions: Mapping[str, str] = field(default_factory=dict)
    report_only: bool = False
    sources: Sources | None = None


class Knowledge(Struct, frozen=True):
    """The three kinds of knowledge a verdict rests on: facts, signals, limits."""

    facts: Facts
    rules: RuleSet
    policy: PolicyDocument


class Analysis(Struct, frozen=True):
    """A report with what it was made from, and the scope that people sign.

    ``shown`` is the decision that may be shown: sensitive values are hidden in it, as they are in ``report``.
    """

    change: Change
    graph: DependencyGraph
    report: Report
    scope: SignedScope
    decision: Decision
    shown: Decision

    def to_networkx(self) -> "nx.MultiDiGraph[str]":
        """Return who depends on whom, as ``graph.as_networkx`` does; what the report hides is hidden in it too."""
        from scopegate.graph.as_networkx import to_networkx

        return to_networkx(self.shown.change.plan.instances, self.graph)


def review(path: str | Sequence[str], options: Options | None = None, *, policy: str | None = None) -> Report:
    """Return the report on the plan in the file ``path`` (``-`` for standard input), or on several as one change.

    Judged under the policy in the file ``policy``, or without one under the default policy.

    Raises:
        ScopegateError: there is no verdict; the message says why and what to do.
    """
    knowledge = default_knowledge() if policy is None else knowledge_of(policy)
    given = options or Options()
    paths = (path,) if isinstance(path, str) else tuple(path)
    laid_out = [
        lay_out(Planned(read_plan(one), given.context, given.sources), knowledge, given, alone=len(paths) == 1)
        for one in paths
    ]
    return analyze_together(laid_out, knowledge, given).report


def default_knowledge() -> Knowledge:
    """Return the facts, signals and policy that come with scopegate."""
    facts = load_facts()
    return Knowledge(facts, builtin_rules(), default_policy(facts))


def knowledge_of(policy_path: str) -> Knowledge:
    """Return the knowledge under the policy in a file, with the facts and signal rules that it names.

    Raises:
        ScopegateError: the policy or what it names cannot be read.
    """
    from pathlib import Path

    from scopegate.policy.load import load_policy
    from scopegate.signals.rule_file import load_rules

    policy = load_policy(policy_path)
    folder = Path(policy_path).parent
    facts = load_facts([folder / path for path in policy.facts])
    rules = load_rules([str(folder / path) for path in policy.rules]) if policy.rules else builtin_rules()
    return Knowledge(facts, rules, policy)


def decide_file(path: str, knowledge: Knowledge, options: Options) -> Decision:
    """Return the decision on a plan, or on the change that a JSON report is about, as it may be shown.

    Raises:
        ScopegateError: there is no decision; the message says why and what to do.
    """
    change = seen_in_file(path, knowledge, options)
    decision = decision_on(change, knowledge.policy, options.context, options.sign_offs)
    return as_shown(decision, knowledge.facts)[0]


def seen_in_file(path: str, knowledge: Knowledge, options: Options) -> Change:
    """Return the change that a plan makes, or that a JSON report is about, as no policy has seen it yet."""
    if is_report(path):
        from pathlib import Path

        from scopegate.policy.from_report import change_in_report

        return change_in_report(Path(path).read_bytes(), path)
    return see(read_plan(path), knowledge, options)[0]


def is_report(path: str) -> bool:
    """Return whether a file is a report and no plan: its first key says so."""
    from scopegate.regular_file import beginning_of

    return path != "-" and beginning_of(path, 64).split()[:2] == [b"{", b'"schema_version":']


class Planned(Struct, frozen=True):
    """One plan of a change, and what is said of it alone: its files, and what tells its stack in ``context``."""

    plan: Plan
    context: Context = NOTHING_KNOWN
    sources: Sources | None = None


def see(plan: Plan, knowledge: Knowledge, options: Options) -> tuple[Change, DependencyGraph]:
    """Return the change that one plan makes, as no policy has seen it yet, and the graph it travels along."""
    return see_together((Planned(plan, options.context, options.sources),), knowledge, options)


class LaidOut(Struct, frozen=True):
    """One plan of a change, and what is known of it by itself; its graph ends before its provider actions."""

    plan: Plan
    drawn: Drawn
    placements: tuple[Placement, ...]
    signals: tuple[Signal, ...]
    context: Context = NOTHING_KNOWN
    sources: Sources | None = None


def see_together(
    plans: Sequence[Planned | LaidOut], knowledge: Knowledge, options: Options
) -> tuple[Change, DependencyGraph]:
    """Return the change that ``plans`` make together, as no policy has seen it yet, and the graph it travels along.

    Graph and places of each plan; then the plans as one: reach, signals, in this order.

    Raises:
        ScopegateError: there is no plan, or two of one name, or one of them cannot be judged.
    """
    refuse_twice([one.plan.path for one in plans])
    laid_out = [
        one if isinstance(one, LaidOut) else _laid_out(one, knowledge, options, alone=len(plans) == 1) for one in plans
    ]
    parts = _parts(laid_out, knowledge.policy)
    stacks = [part.stack for part in parts]
    plan = join_plans([part.plan for part in parts], stacks)
    read = _read_by(parts, knowledge.policy)
    graph = _joined([one.drawn for one in laid_out], parts, read)
    placements = tuple(chain.from_iterable(one.placements for one in laid_out))
    reach = compute_reach(plan, graph, knowledge.facts, _changed_elsewhere(parts, read))
    signals = tuple(chain.from_iterable(map(_signals_of, laid_out, parts)))
    files = {in_stack(part.stack, block): file for part in parts for block, file in _files_of(part.sources).items()}
    change = Change(
        plan=plan,
        placements=placements,
        reach=reach,
        footprint=footprint(reach, placements),
        signals=signals,
        hidden=graph.hidden,
        files=files,
        parts=parts,
        linked=frozenset(read),
    )
    return change, graph


def _joined(drawn: Sequence[Drawn], parts: Sequence[Part], read: Mapping[int, Sequence[int]]) -> DependencyGraph:
    if len(drawn) == 1:
        return drawn[0].graph
    from scopegate.graph.across import join_drawn

    return join_drawn(drawn, [len(part.plan.instances) for part in parts], [part.stack for part in parts], read)


def lay_out(planned: Planned, knowledge: Knowledge, options: Options, *, alone: bool) -> LaidOut:
    """Return what is known of one plan by itself: its graph, its places, its signals.

    Unless it is ``alone``, the only plan of its change, of its values only those are kept that it is judged by together
    with others.

    Raises:
        ScopegateError: it cannot be judged.
    """
    found = _laid_out(planned, knowledge, options, alone=alone)
    if alone:
        return found
    from scopegate.plan.kept import kept

    return replace(found, plan=kept(found.plan))


def _laid_out(planned: Planned, knowledge: Knowledge, options: Options, *, alone: bool) -> LaidOut:
    drawn = draw_graph(planned.plan, planned.sources, outputs=not alone)
    graph = drawn.graph
    stated = options.default_regions
    placements = place_all(planned.plan, knowledge.facts, graph, stated, planned.sources, drawn.sections)
    drawn = replace(drawn, sections={})
    plan = planned.plan
    if plan.action_invocations:
        from scopegate.place.invocation import with_invocations

        plan, placements = with_invocations(plan, knowledge.facts, placements, stated, planned.sources)
    signals = find_signals(plan, placements, knowledge.facts, knowledge.rules, graph=graph)
    return LaidOut(plan, drawn, placements, signals, planned.context, planned.sources)


def _parts(plans: Sequence[LaidOut], policy: PolicyDocument) -> tuple[Part, ...]:
    stacks = names_of(policy.stacks, [(one.plan.path, one.context) for one in plans], policy.name)
    starts = starts_of([one.plan for one in plans])
    return tuple(
        Part(one.plan, one.context, one.sources, stack, start)
        for one, stack, start in zip(plans, stacks, starts, strict=True)
    )


def _read_by(parts: Sequence[Part], policy: PolicyDocument) -> Mapping[int, tuple[int, ...]]:
    """Return which of the plans each data source reads the state of; its position is among the instances of all."""
    if len(parts) == 1:
        return {}
    from scopegate.graph.outside import outside_stacks, readers

    states = [_state_of(part, policy) for part in parts]
    reading = {
        part.start + stack.instance: stack.state
        for part in parts
        for stack in outside_stacks(part.plan, folder_of(part.plan.path, part.context))
    }
    return readers(states, reading)


def _state_of(part: Part, policy: PolicyDocument) -> "State | None":
    """Return the state that a plan is of: as the caller says, or else the policy, or else the files."""
    from scopegate.graph.outside import own_state

    said, path = part.context, part.plan.path
    named = said.backend or state_of(policy, path, said)
    return own_state(part.sources, named, said.workspace, folder_of(path, said))


def _changed_elsewhere(parts: Sequence[Part], read: Mapping[int, Sequence[int]]) -> Mapping[int, frozenset[Changed]]:
    """Return what changes of each data source because the plans whose state it reads change their outputs."""
    changed = [changed_outputs(part.plan) if read else frozenset[Changed]() for part in parts]
    return {
        reader: frozenset[Changed]().union(*(changed[number] for number in plans)) for reader, plans in read.items()
    }


def _signals_of(one: LaidOut, part: Part) -> tuple[Signal, ...]:
    """Return the signals of one plan, at their positions among the instances of all."""
    if not part.stack:
        return one.signals
    return tuple(
        replace(signal, stack=part.stack, instance=None if signal.instance is None else signal.instance + part.start)
        for signal in one.signals
    )


def _files_of(sources: Sources | None) -> dict[str, str]:
    """Return the file that each block stands in, by the address of the block."""
    modules = sources.modules.items() if sources else ()
    named = {"".join(f"module.{name}." for name in path): blocks for path, blocks in modules}
    return {prefix + name: block.location.file for prefix, blocks in named.items() for name, block in blocks.items()}


def analyze(plan: Plan, knowledge: Knowledge, options: Options) -> Analysis:
    """Return the report on ``plan``: what it is seen to change, what the policy decides, and what is said of both."""
    return judge_seen(*see(plan, knowledge, options), knowledge, options)


def analyze_together(plans: Sequence[Planned | LaidOut], knowledge: Knowledge, options: Options) -> Analysis:
    """Return the report on several plans as one change, and the same as ``analyze`` on one."""
    return judge_seen(*see_together(plans, knowledge, options), knowledge, options)


def judge_seen(seen: Change, graph: DependencyGraph, knowledge: Knowledge, options: Options) -> Analysis:
    """Return the report on a change that was seen before, so that it can be asked again with more sign-offs."""
    context = options.context
    decision = decision_on(seen, knowledge.policy, context, options.sign_offs, all_planned=True)
    shown, graph = as_shown(decision, knowledge.facts, graph)
    # What is signed is published, so it is of what may be shown: a digest over a secret could be guessed.
    scope = signed_scope(shown.change, decision.policies, shown.excesses)
    if shown is not decision:
        scope = for_one_plan(scope, seen.plan.sha256)
    change, policy = shown.change, shown.policy
    plan = change.plan
    report = Report(
        tool_version=__version__,
        facts_version=knowledge.facts.version,
        verdict=shown.verdict,
        fingerprint=scope.fingerprint,
        policy=policy.name,
        limits=tuple(limit.terms.name for limit in policy.limits),
        report_only=options.report_only,
        plans=tuple(map(summary_of, change.parts, shown.policies)),
        footprint=change.footprint,
        dimensions=dimensions_of(change.footprint, policy, shown.excesses),
        resources=resources_of(change),
        signals=tuple(map(in_full, change.signals)),
        excesses=tuple(beyond_limit(excess, plan.instances) for excess in shown.excesses),
        requirements=shown.requirements,
        coverage=coverage_of(change),
        rollback=rollback_notes(plan, change.placements, knowledge.facts, knowledge.rules, change.signals, graph=graph),
        circumstances=Circumstances(
            context.author, context.barred, context.declared, shown.waived, shown.break_glass, context.now
        ),
    )
    return Analysis(decision.change, graph, report, scope, decision, shown)
