"""What is to be agreed of each of several plans: what it reaches itself, in the names that it has alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scopegate.analyze import Options, Planned, analyze_together, knowledge_of
from scopegate.policy.kinds import AuthorKind
from scopegate.policy.model import Context
from scopegate.verdict.decision import Decision
from scopegate.verdict.scopes import is_about, scope_of_plan
from together.stacks import TWO_OWNERS, planned, queue

FRANKFURT = planned("eu/plan.json", queue("orders", "eu-central-1"))
VIRGINIA = planned("us/plan.json", queue("orders", "us-east-1", ("delete",)))
POLICY = "agents: {sign_off: team:sre}" + TWO_OWNERS


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY, encoding="utf-8")
    return file


def decided(policy: Path, *plans: Planned, changed: tuple[str, ...] | None = None) -> Decision:
    options = Options(Context(author=AuthorKind.AGENT, changed_files=changed))
    return analyze_together(plans, knowledge_of(str(policy)), options).decision


def test_the_scope_of_a_plan_is_what_it_reaches_itself(policy: Path) -> None:
    both = decided(policy, FRANKFURT, VIRGINIA)
    europe, america = (scope_of_plan(both, number, hides=False) for number in (0, 1))
    assert [(cell.region, cell.change) for cell in europe.cells] == [("eu-central-1", "update")]
    assert (europe.destructive, europe.beyond, europe.counts) == (frozenset(), frozenset(), {"few": 2})
    assert [(cell.region, cell.change) for cell in america.cells] == [("us-east-1", "delete")]
    assert america.destructive == {"aws_sqs_queue.orders"}
    assert america.beyond == {"home: us-east-1"}
    assert america.counts == {"few": 2}


def test_beside_others_a_plan_has_the_places_and_names_that_it_has_alone(policy: Path) -> None:
    both, alone = decided(policy, FRANKFURT, VIRGINIA), decided(policy, VIRGINIA)
    beside, own = scope_of_plan(both, 1, hides=False), scope_of_plan(alone, 0, hides=False)
    assert (beside.cells, beside.destructive, beside.beyond, beside.policy) == (
        own.cells,
        own.destructive,
        own.beyond,
        own.policy,
    )


def test_a_scope_with_hidden_values_is_for_one_plan_alone(policy: Path) -> None:
    both = decided(policy, FRANKFURT, VIRGINIA)
    hidden = scope_of_plan(both, 0, hides=True)
    assert hidden.beyond == {f"hidden values: signed for this plan only, sha256:{FRANKFURT.plan.sha256}"}


def test_each_requirement_is_about_the_plans_that_it_asks_for(policy: Path) -> None:
    both = decided(policy, FRANKFURT, VIRGINIA)
    about = {r.groups: [number for number in (0, 1) if is_about(both, r, number)] for r in both.requirements}
    assert about == {("team:platform",): [0, 1], ("team:america",): [1], ("team:sre",): [0, 1]}
    alone = decided(policy, VIRGINIA)
    assert [is_about(alone, r, 0) for r in alone.requirements] == [True, True]


def test_a_requirement_of_several_limits_is_about_the_plans_of_each(policy: Path) -> None:
    text = policy.read_text(encoding="utf-8").replace("team:europe", "team:america")
    policy.write_text(text.replace("[eu-central-1]", "[eu-west-1]"), encoding="utf-8")
    both = decided(policy, FRANKFURT, VIRGINIA)
    (owners,) = (r for r in both.requirements if r.groups == ("team:america",))
    assert owners.why == ("europe: home", "america: home")
    assert [is_about(both, owners, number) for number in (0, 1)] == [True, True]


ASIA = """
  asia:
    match: {paths: [ap]}
    owner: team:asia
    limits:
      home: {regions: {allow: [ap-northeast-1]}, sign_off: {owner-of: stack}, why: it lives in Tokyo}
"""


def test_a_stack_without_a_plan_is_in_the_scope_of_an_only_plan_and_of_none_of_several(policy: Path) -> None:
    policy.write_text(policy.read_text(encoding="utf-8").rstrip() + ASIA, encoding="utf-8")
    changed = ("eu/main.tf", "us/main.tf", "ap/main.tf")
    alone, both = (decided(policy, *some, changed=changed) for some in ((VIRGINIA,), (FRANKFURT, VIRGINIA)))
    assert scope_of_plan(alone, 0, hides=False).beyond == {
        "home: us-east-1",
        "stack-planned: asia",
        "stack-planned: europe",
    }
    assert "stack-planned" in {excess.limit.name for excess in both.excesses}
    assert scope_of_plan(both, 1, hides=False).beyond == {"home: us-east-1"}


COMMON = """
version: 1
limits:
  home:
    regions: {allow: [eu-central-1]}
    sign_off: {owner-of: stack}
    why: all else is elsewhere
  frozen:
    time: {zone: UTC, frozen: [{days: [thu]}]}
    sign_off: {owner-of: stack}
    why: nobody is there
stacks:
  europe: {match: {paths: [eu]}, owner: team:europe}
  america: {match: {paths: [us]}, owner: team:america}
"""


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        # Only Virginia is beyond the regions, so only its owner is asked, though the limit holds for both plans.
        (datetime(2026, 11, 25, tzinfo=UTC), {"team:america"}),
        # On a Thursday there is a freeze, which is about no resource: then the owners of all the plans are asked.
        (datetime(2026, 11, 26, tzinfo=UTC), {"team:america", "team:europe"}),
    ],
)
def test_the_owners_are_asked_whose_plans_are_beyond_a_limit(tmp_path: Path, now: datetime, asked: set[str]) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(COMMON, encoding="utf-8")
    report = analyze_together([FRANKFURT, VIRGINIA], knowledge_of(str(file)), Options(Context(now=now))).report
    assert {group for requirement in report.requirements for group in requirement.groups} == asked
