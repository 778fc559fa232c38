"""The whole program in one place: plan bytes in, report out. Read this first.

No clock, network, environment or terminal stands between the plan's bytes and the report.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from scopegate import __version__
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.graph.graph import DependencyGraph
from scopegate.place.invocation import with_invocations
from scopegate.place.place import place_all
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan
from scopegate.policy.default import default_policy
from scopegate.policy.model import NOTHING_KNOWN, Change, Context, PolicyDocument
from scopegate.reach.compute import compute_reach
from scopegate.reach.footprint import footprint
from scopegate.signals.find import find_signals
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
    resources_of,
    summary_of,
)
from scopegate.verdict.requirements import NOBODY, SignOffs
from scopegate.verdict.shown import as_shown


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


def review(path: str, options: Options | None = None, *, policy: str | None = None) -> Report:
    """Return the report on the plan in the file ``path`` (``-`` for standard input).

    Judged under the policy in the file ``policy``, or without one under the default policy.

    Raises:
        ScopegateError: there is no verdict; the message says why and what to do.
    """
    knowledge = default_knowledge() if policy is None else knowledge_of(policy)
    return analyze(read_plan(path), knowledge, options or Options()).report


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
    from pathlib import Path

    if path == "-" or not Path(path).is_file():
        return False
    with Path(path).open("rb") as file:
        return file.read(64).split()[:2] == [b"{", b'"schema_version":']


def see(plan: Plan, knowledge: Knowledge, options: Options) -> tuple[Change, DependencyGraph]:
    """Return the change that ``plan`` makes, as no policy has seen it yet, and the graph it travels along.

    Graph, places, reach, signals, in this order.
    """
    graph = build_graph(plan, options.sources)
    stated = options.default_regions
    placements = place_all(plan, knowledge.facts, graph, stated)
    plan, placements = with_invocations(plan, knowledge.facts, placements, stated)
    reach = compute_reach(plan, graph, knowledge.facts)
    signals = find_signals(plan, placements, knowledge.facts, knowledge.rules, graph=graph)
    places = footprint(reach, placements)
    files = _files_of(options.sources) if options.sources else {}
    return Change(plan, placements, reach, places, signals, graph.hidden, files=files), graph


def _files_of(sources: Sources) -> dict[str, str]:
    """Return the file that each block stands in, by the address of the block."""
    modules = {"".join(f"module.{name}." for name in path): blocks for path, blocks in sources.modules.items()}
    return {prefix + name: block.location.file for prefix, blocks in modules.items() for name, block in blocks.items()}


def analyze(plan: Plan, knowledge: Knowledge, options: Options) -> Analysis:
    """Return the report on ``plan``: what it is seen to change, what the policy decides, and what is said of both."""
    return judge_seen(*see(plan, knowledge, options), knowledge, options)


def judge_seen(seen: Change, graph: DependencyGraph, knowledge: Knowledge, options: Options) -> Analysis:
    """Return the report on a change that was seen before, so that it can be asked again with more sign-offs."""
    context = options.context
    decision = decision_on(seen, knowledge.policy, context, options.sign_offs)
    shown, graph = as_shown(decision, knowledge.facts, graph)
    # What is signed is published, so it is of what may be shown: a digest over a secret could be guessed.
    scope = signed_scope(shown.change, decision.policy, shown.excesses)
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
        plans=(summary_of(plan, policy.stack),),
        footprint=change.footprint,
        dimensions=dimensions_of(change.footprint, policy, shown.excesses),
        resources=resources_of(plan, change.reach, change.placements, options.sources),
        signals=change.signals,
        excesses=tuple(beyond_limit(excess, plan.instances) for excess in shown.excesses),
        requirements=shown.requirements,
        coverage=coverage_of(plan, change.placements, graph.hidden, options.sources),
        rollback=rollback_notes(plan, change.placements, knowledge.facts, knowledge.rules, change.signals, graph=graph),
        circumstances=Circumstances(
            context.author, context.barred, context.declared, shown.waived, shown.break_glass, context.now
        ),
    )
    return Analysis(decision.change, graph, report, scope, decision, shown)
