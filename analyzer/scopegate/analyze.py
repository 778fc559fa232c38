"""The whole program in one place: plan bytes in, report out. Read this first.

No clock, network, environment or terminal stands between the plan's bytes and the report.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scopegate import __version__
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.graph.graph import DependencyGraph
from scopegate.place.place import place_all
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan
from scopegate.policy.default import default_policy
from scopegate.policy.evaluate import excesses_of
from scopegate.policy.model import Change, Policy
from scopegate.reach.compute import compute_reach
from scopegate.reach.footprint import footprint
from scopegate.signals.find import find_signals
from scopegate.signals.rules import RuleSet, builtin_rules
from scopegate.verdict.decide import AuthorKind, decide, requirements_of
from scopegate.verdict.fingerprint import fingerprint_of
from scopegate.verdict.report import Report, beyond_limit, coverage_of, dimensions_of, resources_of, summary_of


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller states beside the plan.

    ``default_regions`` maps a provider to the region it works in where the plan names none.
    """

    author: AuthorKind = AuthorKind.HUMAN
    default_regions: Mapping[str, str] = field(default_factory=dict)
    report_only: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The three kinds of knowledge a verdict rests on: facts, signals, limits."""

    facts: Facts
    rules: RuleSet
    policy: Policy


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


def analyze(plan: Plan, knowledge: Knowledge, options: Options) -> Analysis:
    """Return the report on ``plan``: graph, places, reach, signals, excess, verdict, in this order."""
    facts, policy = knowledge.facts, knowledge.policy
    graph = build_graph(plan)
    placements = place_all(plan, facts, graph, options.default_regions)
    reach = compute_reach(plan, graph)
    places = footprint(reach, placements)
    signals = find_signals(plan, placements, facts, knowledge.rules, graph=graph)
    change = Change(plan, placements, reach, places, signals)
    excesses = excesses_of(change, policy)
    requirements = requirements_of(excesses, policy, options.author)
    report = Report(
        tool_version=__version__,
        facts_version=facts.version,
        verdict=decide(excesses, requirements),
        fingerprint=fingerprint_of(change, policy),
        policy=policy.name,
        report_only=options.report_only,
        plans=(summary_of(plan),),
        footprint=places,
        dimensions=dimensions_of(places, policy, excesses),
        resources=resources_of(plan, reach, placements),
        signals=signals,
        excesses=tuple(beyond_limit(excess, plan.instances) for excess in excesses),
        requirements=requirements,
        coverage=coverage_of(plan, placements, graph.hidden),
    )
    return Analysis(change, graph, report)
