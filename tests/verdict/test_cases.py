"""What a file of policy tests says: every key reaches the test, and no test expects nothing."""

from datetime import UTC, datetime

import pytest

from policy.changes import Made, change
from scopegate.errors import PolicyError
from scopegate.policy.kinds import AuthorKind, LimitKind
from scopegate.policy.load import parse_policy
from scopegate.policy.model import BreakGlass, CodeOwnersRule, Context, DeclaredScope
from scopegate.policy.people import Approval
from scopegate.verdict.cases import Case, Expected, differences, parse_cases
from scopegate.verdict.decide import Verdict
from scopegate.verdict.decision import decision_on
from scopegate.verdict.requirements import SignOffs

FULL = """policy: p.yaml
cases:
  all of it:
    plan: plan.json
    default_regions: {aws: eu-central-1}
    author_kind: agent
    author: [Ann]
    operator: [Bob]
    now: '2026-11-26T12:00:00Z'
    source: infra
    workspace: prod
    backend: s3
    changed_files: [main.tf]
    codeowners: '*.tf @cleo'
    declare: {regions: [eu-west-1]}
    break_glass: {by: [dora], reason: fire, ticket: T-1, expires: '2026-11-26T14:00:00Z'}
    sign_offs: [emil]
    expect: {verdict: blocked, beyond: [few], waived: [many], requirements: [{from: ['team:e', 'user:f'], count: 2}]}
"""


def only_case(text: str) -> Case:
    (case,) = parse_cases(text, "p.test.yaml").cases
    return case


def case_of(line: str) -> Case:
    return only_case(f"policy: p.yaml\ncases:\n  one: {line}\n")


def test_every_key_of_a_policy_test_reaches_it() -> None:
    case = only_case(FULL)
    assert (case.path, case.is_report, case.default_regions) == ("plan.json", False, {"aws": "eu-central-1"})
    assert case.sign_offs == SignOffs((Approval("emil"),))
    assert case.context == Context(
        author=AuthorKind.AGENT,
        now=datetime(2026, 11, 26, 12, tzinfo=UTC),
        source="infra",
        workspace="prod",
        backend="s3",
        changed_files=("main.tf",),
        declared=(DeclaredScope("declare", {LimitKind.REGIONS: ("eu-west-1",)}),),
        code_owners=(CodeOwnersRule("*.tf", ("user:cleo",)),),
        barred={"ann": "the author of the change", "bob": "the AI agent worked for them"},
        break_glass=BreakGlass((Approval("dora"),), "fire", "T-1", datetime(2026, 11, 26, 14, tzinfo=UTC)),
    )
    assert case.expected == Expected(
        Verdict.BLOCKED, ("few",), ("many",), requirements=((("team:e", "user:f"), 2),), error=None
    )


def test_a_policy_test_of_a_report_is_one() -> None:
    assert case_of("{report: r.json, expect: {error: is empty}}").is_report


def test_what_a_policy_test_does_not_name_is_not_known() -> None:
    case = case_of("{plan: plan.json, expect: {error: is empty}}")
    assert case.context == Context()
    assert (case.sign_offs, case.default_regions) == (SignOffs(), {})
    assert case.expected == Expected(error="is empty")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{expect: {verdict: pass}}", "has either a `plan` or a `report`"),
        ("{plan: a, report: b, expect: {verdict: pass}}", "has either a `plan` or a `report`"),
        ("{plan: a, expect: {beyond: [few]}}", "expects a `verdict` or an `error`"),
        ("{plan: a, expect: {error: is empty, verdict: pass}}", "there is nothing else to expect"),
    ],
)
def test_a_policy_test_that_could_not_fail_is_refused(line: str, why: str) -> None:
    with pytest.raises(PolicyError, match=why):
        case_of(line)


def test_an_error_is_the_one_that_was_expected_or_a_difference() -> None:
    error = PolicyError("the policy is empty")
    assert differences(Expected(error="is empty"), error) == ()
    assert differences(Expected(error="is full"), error) == (
        "expected an error with 'is full', got the error: the policy is empty",
    )
    assert differences(Expected(verdict=Verdict.BLOCKED), error) == (
        "expected blocked, got the error: the policy is empty",
    )


FEW = "version: 1\nlimits: {few: {direct_changes: {at_most: 1}, sign_off: 2, why: w}}\n"


def test_every_difference_from_what_was_expected_is_told() -> None:
    outcome = decision_on(change(Made("aws_vpc.a"), Made("aws_vpc.b")), parse_policy(FEW, "p.yaml"))
    right = Expected(Verdict.NEEDS_SIGN_OFF, ("few",), (), ((("anyone",), 2),))
    assert differences(right, outcome) == ()
    wrong = Expected(Verdict.PASS, ("many",), ("few",), ((("team:a",), 1),))
    assert differences(wrong, outcome) == (
        "expected the verdict pass, got needs-sign-off (makes 2 direct changes; agreed is at most 1)",
        "expected beyond: many; got few",
        "expected waived: few; got nothing",
        "expected requirements: 1 of team:a; got 2 of anyone",
    )
    assert differences(Expected(error="is empty"), outcome) == (
        "expected an error with 'is empty', got the verdict needs-sign-off",
    )
