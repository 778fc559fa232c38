"""A report holds all that a policy looks at: what it says of a plan, it says of the plan's report."""

from pathlib import Path

import pytest

from scopegate.analyze import Knowledge, Options, analyze, decide_file, default_knowledge, knowledge_of, see
from scopegate.errors import PlanError
from scopegate.place.placement import Known, Placement
from scopegate.plan.read import read_plan
from scopegate.policy.from_report import change_in_report
from scopegate.policy.kinds import AuthorKind
from scopegate.policy.model import Context
from scopegate.render.json import render
from scopegate.verdict.decision import Decision

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


@pytest.mark.parametrize("plan", JUDGEABLE, ids=lambda plan: f"{plan.parent.parent.name}/{plan.parent.name}")
def test_a_policy_says_the_same_of_a_plan_and_of_its_report(plan: Path, knowledge: Knowledge, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(render(analyze(read_plan(str(plan)), knowledge, OPTIONS).report), encoding="utf-8")
    assert told(decide_file(str(report), knowledge, OPTIONS)) == told(decide_file(str(plan), knowledge, OPTIONS))


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
