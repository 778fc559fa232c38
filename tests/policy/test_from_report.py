"""A report holds all that a policy looks at: what it says of a plan, it says of the plan's report."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from handmade import instance, plan
from render.reports import AWS, moved
from scopegate.analyze import (
    Knowledge,
    Options,
    analyze,
    analyze_together,
    decide_file,
    default_knowledge,
    knowledge_of,
    see,
)
from scopegate.errors import PlanError
from scopegate.place.placement import Known, Placement
from scopegate.plan.actions import Action
from scopegate.plan.read import read_plan
from scopegate.policy.from_report import change_in_report
from scopegate.policy.kinds import AuthorKind
from scopegate.policy.load import parse_policy
from scopegate.policy.model import Context
from scopegate.render.json import render
from scopegate.verdict.decision import Decision, decision_on
from together.stacks import TWO_OWNERS, planned, queue

FIXTURES = Path(__file__).parents[2] / "fixtures"
PLANS = [
    *(FIXTURES / "kiro").glob("*/plan.json"),
    *(FIXTURES / "multicloud").glob("*/plan.json"),
    *(FIXTURES / "aliases").glob("*/plan.json"),
    FIXTURES / "real" / "for-each-200-digit-string-keys" / "plan.json",
    FIXTURES / "real" / "action-invocations-tf114-trimmed" / "plan.json",
    FIXTURES / "real" / "aws-mixed-actions-drift15" / "plan.json",
]
JUDGEABLE = [plan for plan in sorted(PLANS) if plan.parent.name != "targeted"]
CHINA = FIXTURES / "policies" / "china-estate" / "policy.yaml"
OPTIONS = Options(context=Context(author=AuthorKind.AGENT))


@pytest.fixture(scope="module", params=["default", "china-estate"])
def knowledge(request: pytest.FixtureRequest) -> Knowledge:
    return default_knowledge() if request.param == "default" else knowledge_of(str(CHINA))


def told(decision: Decision) -> object:
    """Return what a decision says, positions in the plan left out."""
    instances = decision.change.plan.instances
    beyond = [(e.limit.name, e.message, [instances[p].address for p in e.instances]) for e in decision.excesses]
    return decision.verdict, beyond, decision.requirements


@pytest.mark.parametrize("path", JUDGEABLE, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_a_policy_says_the_same_of_a_plan_and_of_its_report(path: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(render(analyze(read_plan(str(path)), knowledge, OPTIONS).report), encoding="utf-8")
    assert told(decide_file(str(report), knowledge, OPTIONS)) == told(decide_file(str(path), knowledge, OPTIONS))


def test_a_report_is_read_back_as_the_change_it_is_about() -> None:
    path = str(FIXTURES / "kiro" / "region-forgotten" / "plan.json")
    knowledge = default_knowledge()
    seen, _ = see(read_plan(path), knowledge, Options())
    text = render(analyze(read_plan(path), knowledge, Options()).report)
    read = change_in_report(text.encode(), "report.json")
    touched = tuple(seen.placements[position] for position in seen.reach.touches)
    assert [region_of(place) for place in read.placements] == [region_of(place) for place in touched]
    assert read.footprint.jurisdictions.keys() == seen.footprint.jurisdictions.keys()
    assert [(s.rule, s.address) for s in read.signals] == [(s.rule, s.address) for s in seen.signals]


def region_of(place: Placement) -> str:
    """Return the region, or why it is unknown: of the cause a report knows the sentence alone."""
    return place.region.value if isinstance(place.region, Known) else place.region.reason


def test_what_a_report_says_of_a_resource_is_read_back() -> None:
    values = {"region": "eu-central-1"}
    made = plan(
        moved("aws_sqs_queue.elsewhere", "eu-central-1", "cn-north-1"),
        instance("aws_sqs_queue.brought", Action.NO_OP, values, values, importing=True),
        instance("aws_sqs_queue.renamed", Action.NO_OP, values, values, previous_address="aws_sqs_queue.old"),
        instance("aws_brand_new.c", Action.UPDATE, values, {**values, "a": 1}, provider_name=AWS),
    )
    report = render(analyze(made, default_knowledge(), Options()).report)
    read = change_in_report(report.encode(), "report.json")
    said = zip(read.plan.instances, read.placements, strict=True)
    assert [(one.action, one.importing, one.previous_address is not None, place.mapped) for one, place in said] == [
        (Action.DELETE_THEN_CREATE, False, False, True),
        (Action.NO_OP, True, False, True),
        (Action.NO_OP, False, True, True),
        (Action.UPDATE, False, False, False),
    ]
    left = [(place.previous_region, place.previous_partition) for place in read.placements]
    assert left == [(Known("eu-central-1", "the report"), Known("aws", "the report")), *[(None, None)] * 3]


def test_a_policy_asks_the_owners_of_each_plan_of_a_report_on_several() -> None:
    knowledge = replace(default_knowledge(), policy=parse_policy(TWO_OWNERS, "policy.yaml"))
    plans = [planned(f"{stack}/plan.json", queue("q", "sa-east-1")) for stack in ("eu", "us")]
    analysis = analyze_together(plans, knowledge, Options())
    read = change_in_report(render(analysis.report).encode(), "report.json")
    assert [(part.stack, len(part.plan.instances), part.start) for part in read.parts] == [
        ("europe", 1, 0),
        ("america", 1, 1),
    ]
    decision = decision_on(read, knowledge.policy)
    assert told(decision) == told(analysis.decision)
    asked = {group for requirement in decision.requirements for group in requirement.groups}
    assert asked == {"team:europe", "team:america", "team:platform"}


def test_what_the_caller_says_of_a_stack_holds_for_a_report_as_for_its_plan() -> None:
    knowledge = replace(default_knowledge(), policy=parse_policy(TWO_OWNERS, "policy.yaml"))
    europe = Context(source="eu")
    one = planned("plan.json", queue("q", "sa-east-1"), source="eu")
    read = change_in_report(render(analyze_together([one], knowledge, Options(context=europe)).report).encode(), "r")
    asked = decision_on(read, knowledge.policy, europe).requirements
    assert [requirement.groups for requirement in asked] == [("team:europe",)]


EXPOSURE = """
version: 1
limits:
  exposure: {signals: {categories: [exposure]}, sign_off: 1, why: ours}
"""


def test_what_may_be_of_a_category_is_so_in_a_report_too() -> None:
    """A policy that is read only during apply lets everybody call this service: ``allUsers`` may invoke it."""
    plan = FIXTURES / "real" / "gcp-gke-helm-kubernetes-100-creates" / "plan.json"
    knowledge = replace(default_knowledge(), policy=parse_policy(EXPOSURE, "policy.yaml"))
    analysis = analyze(read_plan(str(plan)), knowledge, Options())
    read = change_in_report(render(analysis.report).encode(), "report.json")
    (beyond,) = decision_on(read, knowledge.policy).excesses
    assert "module.cr.google_cloud_run_service_iam_policy.noauth" in {
        read.plan.instances[position].address for position in beyond.instances
    }
    assert told(decision_on(read, knowledge.policy)) == told(analysis.decision)


NEWER = (
    b'{"schema_version": "2", "plans": [], "resources": [], "signals": [], "coverage":'
    b' {"standing": 0, "types_unmapped": [], "edges_incomplete": []}}'
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "r.json is no report"),
        (b"[]", "r.json is no report"),
        (b'{"schema_version": "1"}', "r.json is no report"),
        (NEWER, "r.json is a report of schema_version '2'"),
        (NEWER.replace(b'"2"', b'"1"'), "r.json is a report of no plan"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        change_in_report(data, "r.json")
