"""The whole program in one place: plan bytes in, report out. Read this first.

No clock, network, environment or terminal stands between the plan's bytes and the report.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scopegate import __version__
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.graph.graph import DependencyGraph
from scopegate.place.place import place_all
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan
from scopegate.policy.default import default_policy
from scopegate.policy.model import NOTHING_KNOWN, Change, Context, PolicyDocument
from scopegate.reach.compute import compute_reach
from scopegate.reach.footprint import footprint
from scopegate.signals.find import find_signals
from scopegate.signals.rules import RuleSet, builtin_rules
from scopegate.verdict.decision import decision_on
from scopegate.verdict.fingerprint import fingerprint_of
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


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller states beside the plan.

    ``default_regions`` maps a provider to the region it works in where the plan names none. ``sign_offs`` is what
    people said to exactly this change.
    """

    context: Context = NOTHING_KNOWN
    sign_offs: SignOffs = NOBODY
    default_regions: Mapping[str, str] = field(default_factory=dict)
    report_only: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The three kinds of knowledge a verdict rests on: facts, signals, limits."""

    facts: Facts
    rules: RuleSet
    policy: PolicyDocument


@dataclass(frozen=True, slots=True)
class Analysis:
    """A report with what it was made from."""

    change: Change
    graph: DependencyGraph
    report: Report


def review(path: str, options: Options | None = None) -> Report:
    """Return the report on the plan in the file ``path`` (``-`` for standard input) under the default policy.

    Raises:
        ScopegateError: there is no verdict; the message says why and what to do.
    """
    return analyze(read_plan(path), default_knowledge(), options or Options()).report


def default_knowledge() -> Knowledge:
    """Return the facts, signals and policy that come with scopegate."""
    facts = load_facts()
    return Knowledge(facts, builtin_rules(), default_policy(facts))


def knowledge_of(policy_path: str) -> Knowledge:
    """Return the knowledge under the policy in a file, with the facts and signal rules that it names.

    Raises:
        ScopegateError: the policy or what it names cannot be read.
    """
    from scopegate.policy.load import load_policy
    from scopegate.signals.rules import load_rules

    policy = load_policy(policy_path)
    folder = Path(policy_path).parent
    facts = load_facts([folder / path for path in policy.facts])
    rules = load_rules([str(folder / path) for path in policy.rules]) if policy.rules else builtin_rules()
    return Knowledge(facts, rules, policy)


def analyze(plan: Plan, knowledge: Knowledge, options: Options) -> Analysis:
    """Return the report on ``plan``: graph, places, reach, signals, excess, verdict, in this order."""
    facts, context = knowledge.facts, options.context
    graph = build_graph(plan)
    placements = place_all(plan, facts, graph, options.default_regions)
    reach = compute_reach(plan, graph)
    signals = find_signals(plan, placements, facts, knowledge.rules, graph=graph)
    seen = Change(plan, placements, reach, footprint(reach, placements), signals, graph.hidden)
    decision = decision_on(seen, knowledge.policy, context, options.sign_offs)
    change, policy = decision.change, decision.policy
    report = Report(
        tool_version=__version__,
        facts_version=facts.version,
        verdict=decision.verdict,
        fingerprint=fingerprint_of(change, policy),
        policy=policy.name,
        report_only=options.report_only,
        plans=(summary_of(plan, policy.stack),),
        footprint=change.footprint,
        dimensions=dimensions_of(change.footprint, policy, decision.excesses),
        resources=resources_of(plan, reach, change.placements),
        signals=signals,
        excesses=tuple(beyond_limit(excess, plan.instances) for excess in decision.excesses),
        requirements=decision.requirements,
        coverage=coverage_of(plan, change.placements, graph.hidden),
        circumstances=Circumstances(
            context.author, context.barred, context.declared, decision.waived, decision.break_glass, context.now
        ),
    )
    return Analysis(change, graph, report)
