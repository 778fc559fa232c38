"""The forms that other programs read, each held to its own schema."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest
import xmlschema
from msgspec.structs import replace

from render.hostile import CASES, poisoned
from render.reports import destroyed_in_china, queue, queues, report
from render.runner import commands_in
from scopegate.analyze import Options, analyze_together, default_knowledge
from scopegate.plan.actions import Action
from scopegate.policy.model import BreakGlass, Waiver, WaiverUse
from scopegate.policy.people import Approval
from scopegate.render import conftest, github, gitlab, junit, sarif, terminal
from scopegate.render import json as json_form
from scopegate.render.findings import findings_of, relative_path, relative_uri
from scopegate.source.model import Location
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Report
from scopegate.verdict.requirements import SignOffs
from together import stacks as together

DATA = Path(__file__).parent / "data"
SARIF = jsonschema.Draft4Validator(json.loads((DATA / "sarif-2.1.0.json").read_text()))
CODE_QUALITY = jsonschema.Draft4Validator(json.loads((DATA / "codeclimate.json").read_text()))
JUNIT = xmlschema.XMLSchema10(DATA / "junit-10.xsd")

each_hostile_string = pytest.mark.parametrize(
    "text", [text for _, text, _ in CASES], ids=[kind for kind, _, _ in CASES]
)


def signed() -> Report:
    approvals = SignOffs((Approval("ann"), Approval("bob")))
    return report(queue("aws_sqs_queue.a", "cn-north-1"), sign_offs=approvals)


def with_sources(said: Report) -> Report:
    """Return the report as it is when the .tf files were given: the first resource's block is on line 7."""
    first, *others = said.resources
    return replace(said, resources=(replace(first, source=Location("infra/main queue.tf", 7)), *others))


def waived() -> Report:
    said = report(queue("aws_sqs_queue.a", "eu-central-1"))
    until = datetime(2027, 1, 1, tzinfo=UTC)
    waiver = Waiver(("aws_sqs_queue.a",), "moving", "ann", until, "policy.yaml:3", limit="one-region")
    return replace(said, circumstances=replace(said.circumstances, waived=(WaiverUse(waiver, ("aws_sqs_queue.a",)),)))


def broken_glass() -> Report:
    said = report(queue("aws_sqs_queue.a", "cn-north-1"))
    glass = BreakGlass((Approval("ann"),), "the site is down", "INC-1", datetime(2027, 1, 1, tzinfo=UTC))
    return replace(said, verdict=Verdict.PASS, circumstances=replace(said.circumstances, break_glass=glass))


EVERY_KIND: dict[str, Callable[[], Report]] = {
    "destroyed": destroyed_in_china,
    "pass": lambda: report(queue("aws_sqs_queue.a", "eu-central-1")),
    "signed": signed,
    "waived": waived,
    "break-glass": broken_glass,
    "with sources": lambda: with_sources(destroyed_in_china()),
}
each_kind = pytest.mark.parametrize("said", EVERY_KIND.values(), ids=EVERY_KIND)


@each_kind
def test_sarif_follows_the_schema_of_its_standard(said: Callable[[], Report]) -> None:
    assert list(SARIF.iter_errors(json.loads(sarif.render(said())))) == []


@each_kind
def test_junit_follows_the_schema_of_jenkins(said: Callable[[], Report]) -> None:
    JUNIT.validate(junit.render(said()))


@each_kind
def test_gitlab_finds_the_fields_that_it_asks_for_and_no_fingerprint_twice(said: Callable[[], Report]) -> None:
    issues = json.loads(gitlab.render(said()))
    for issue in issues:
        CODE_QUALITY.validate(issue)
        # What its schema leaves open, its documentation does not (docs.gitlab.com/ci/testing/code_quality).
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert issue["check_name"]
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


@each_hostile_string
def test_every_form_stays_what_it_is_whatever_a_plan_says(text: str) -> None:
    said = poisoned(destroyed_in_china(), text)
    assert list(SARIF.iter_errors(json.loads(sarif.render(said)))) == []
    JUNIT.validate(junit.render(said))
    assert len(json.loads(gitlab.render(said))) == len(findings_of(said))
    json.loads(conftest.render(said))


@each_hostile_string
def test_no_form_printed_into_a_log_makes_the_runner_do_anything(text: str) -> None:
    said = poisoned(destroyed_in_china(), text)
    printed = [form.render(said) for form in (terminal, json_form, sarif, junit, gitlab, conftest)]
    assert [command for log in printed for command in commands_in(log)] == []


@each_hostile_string
def test_annotations_are_the_only_commands_and_hold_only_what_they_should(text: str) -> None:
    found = commands_in(github.render(poisoned(destroyed_in_china(), text)))
    assert {command.name for command in found} <= {"error", "warning", "notice"}
    assert {name for command in found for name in command.properties} <= {"file", "line", "title"}
    assert len(found) == len(github.render(poisoned(destroyed_in_china(), text)).splitlines())
    assert all("\n" not in command.data for command in found)


def test_the_runner_parsers_do_find_commands_in_careless_text() -> None:
    assert [command.name for command in commands_in('x\n  ::add-mask::pass\nq["##[error]x"]')] == ["add-mask", "error"]


def test_no_name_sets_a_variable_of_azure_pipelines() -> None:
    """The stage that asks people runs where ``code`` is 10; a key said that it is 0, for good."""
    for vso in ("##vso", "##VSO"):
        key = f"{vso}[task.setvariable variable=code;isOutput=true;isReadOnly=true]0"
        assert [command.properties["variable"] for command in commands_in(f'  ~ update  a.b["{key}"]')] == ["code"]
        said = poisoned(destroyed_in_china(), key)
        printed = [form.render(said) for form in (terminal, json_form, sarif, junit, gitlab, conftest, github)]
        assert not any("task.setvariable" in command.name for log in printed for command in commands_in(log))


def test_annotations_point_at_the_block_and_say_the_verdict_first() -> None:
    first, second, *_ = commands_in(github.render(with_sources(destroyed_in_china())))
    assert first.name == "notice"
    assert first.properties["title"] == "scopegate: NEEDS SIGN-OFF"
    assert first.data.startswith("0 of 2 signed (anyone eligible). Reaches ")
    assert (second.name, second.properties["file"], second.properties["line"]) == ("error", "infra/main queue.tf", "7")
    assert second.properties["title"] == "scopegate: limit/strict-jurisdictions"


def test_no_more_than_ten_annotations_of_a_kind_are_given_and_the_rest_is_counted() -> None:
    said = report(*(queue(f"aws_sqs_queue.q{n}", "cn-north-1", Action.DELETE) for n in range(60)))
    found = commands_in(github.render(said))
    counts = {kind: sum(command.name == kind for command in found) for kind in ("error", "warning", "notice")}
    assert max(counts.values()) <= 10
    left_out = len(findings_of(said)) - (len(found) - 2)
    assert found[-1].data == f"{left_out} more findings in the other forms of the report."


def test_a_result_stands_at_the_line_of_its_block_and_otherwise_at_the_plan() -> None:
    results = json.loads(sarif.render(with_sources(destroyed_in_china())))["runs"][0]["results"]
    places = {result["ruleId"]: result["locations"][0]["physicalLocation"] for result in results}
    strict = places["limit/strict-jurisdictions"]
    assert strict["artifactLocation"]["uri"] == "infra/main%20queue.tf"
    assert strict["region"] == {"startLine": 7}
    (plain_run,) = json.loads(sarif.render(destroyed_in_china()))["runs"]
    assert {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in plain_run["results"]} == {
        "plan.json"
    }


def test_of_several_plans_each_finding_stands_at_its_own() -> None:
    gone = ("cn/plan.json", together.queue("orders", "cn-north-1", ("delete",)))
    plans = [together.planned("eu/plan.json", together.queue("orders", "eu-central-1")), together.planned(*gone)]
    issues = json.loads(gitlab.render(analyze_together(plans, default_knowledge(), Options()).report))
    places = {(issue["check_name"], issue["location"]["path"]) for issue in issues}
    assert ("signal/any-data-loss-destroy", "cn/plan.json") in places
    assert ("limit/strict-jurisdictions", "cn/plan.json") in places
    assert ("limit/one-region", "eu/plan.json") in places


def test_fingerprints_are_the_same_for_the_same_finding_of_another_plan() -> None:
    def fingerprints(said: Report) -> set[str]:
        results = json.loads(sarif.render(said))["runs"][0]["results"]
        return {result["partialFingerprints"]["primaryLocationLineHash"] for result in results}

    one = report(queue("aws_sqs_queue.a", "cn-north-1"))
    with_another = report(queue("aws_sqs_queue.a", "cn-north-1"), queue("aws_sqs_queue.b", "cn-north-1"))
    assert fingerprints(one) <= fingerprints(with_another)
    assert fingerprints(one) == fingerprints(with_sources(one))


def _of_plans(said: Report, path: str, stack: str | None) -> Report:
    return replace(said, plans=tuple(replace(plan, path=path, stack=stack) for plan in said.plans))


def _told_apart_by(said: Report) -> tuple[str, list[str]]:
    (run,) = json.loads(sarif.render(said))["runs"]
    return run["automationDetails"]["id"], [result["fingerprints"]["scopegate/v1"] for result in run["results"]]


def test_no_alert_comes_back_because_a_runner_gave_the_plan_another_path() -> None:
    said = destroyed_in_china()
    here, there = (_of_plans(said, path, None) for path in ("plan.json", "/runner/_temp/8f3a/plan.json"))
    assert _told_apart_by(here) == _told_apart_by(there)
    assert _told_apart_by(here)[0] == "scopegate/"


def test_the_same_finding_of_another_stack_is_another_one() -> None:
    said = destroyed_in_china()
    names, prints = zip(*(_told_apart_by(_of_plans(said, "plan.json", stack)) for stack in ("eu", "a/us")), strict=True)
    assert names == ("scopegate/eu/", "scopegate/a%2Fus/")
    assert set(prints[0]) & set(prints[1]) == set()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (signed, "signed by ann, bob"),
        (waived, "waived by ann: moving"),
        (broken_glass, "break-glass by ann: the site is down (INC-1)"),
    ],
    ids=["signed", "waived", "break-glass"],
)
def test_what_people_released_is_suppressed_with_who_and_why(said: Callable[[], Report], why: str) -> None:
    results = json.loads(sarif.render(said()))["runs"][0]["results"]
    suppressions = [result["suppressions"] for result in results if result["ruleId"].startswith("limit/")]
    assert suppressions == [[{"kind": "external", "status": "accepted", "justification": why}]]


def test_what_nobody_signed_is_not_suppressed() -> None:
    results = json.loads(sarif.render(destroyed_in_china()))["runs"][0]["results"]
    assert [result for result in results if "suppressions" in result] == []


def test_results_beyond_what_github_takes_are_counted_and_the_gravest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    said = destroyed_in_china()
    (run,) = json.loads(sarif.render(said))["runs"]
    assert [result["level"] for result in run["results"]] == ["error"] * 3
    left_out = len(findings_of(said)) - 3
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith(f"{left_out} more")


def _suite(said: Report) -> ET.Element:
    return ET.fromstring(junit.render(said))[0]  # noqa: S314 - our own


def test_junit_has_one_case_for_each_limit_and_fails_those_that_are_exceeded() -> None:
    said = destroyed_in_china()
    suite = _suite(said)
    failed = {case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None}
    assert {case.get("name") for case in suite.iter("testcase")} == set(said.limits)
    assert failed == {excess.limit for excess in said.excesses}
    assert suite.get("failures") == str(len(failed))


def test_what_was_signed_is_no_failure_of_junit_and_says_by_whom() -> None:
    suite = _suite(signed())
    assert suite.get("failures") == "0"
    (told,) = suite.iter("system-out")
    assert told.text is not None
    assert told.text.endswith("signed by ann, bob")


def test_what_was_signed_is_only_information_for_gitlab() -> None:
    assert {issue["severity"] for issue in json.loads(gitlab.render(signed()))} == {"info"}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("plans/plan.json", "plans/plan.json"),
        ("./plan.json", "plan.json"),
        ("-", "stdin"),
        ("/srv/checkout/plan.json", "plan.json"),
        ("../../../../etc/passwd", "passwd"),
        ("a/../../b", "b"),
        ("..", "plan.json"),
    ],
)
def test_no_path_leaves_the_repository(path: str, shown: str) -> None:
    assert relative_path(path) == shown
    assert relative_uri(path) == shown


def test_a_rule_says_in_words_what_it_is_why_it_matters_and_what_to_do() -> None:
    (run,) = json.loads(sarif.render(destroyed_in_china()))["runs"]
    (rule,) = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "signal/any-data-loss-destroy"]
    said = next(signal for signal in destroyed_in_china().signals if signal.rule == "any-data-loss-destroy")
    assert (rule["shortDescription"]["text"], rule["help"]["text"]) == (said.title, f"{said.why} {said.do}")
    assert min(len(said.title), len(said.why), len(said.do)) > 10


def test_conftest_results_are_what_conftest_itself_reads() -> None:
    for said in EVERY_KIND.values():
        (result,) = msgspec.json.decode(conftest.render(said()), type=list[_CheckResult])
        assert result.namespace == "scopegate"
        assert result.successes + len(result.failures) + len(result.warnings) == len(said().limits)


class _Result(msgspec.Struct, forbid_unknown_fields=True):
    """``Result`` of open-policy-agent/conftest, output/result.go."""

    msg: str
    metadata: dict[str, object] = {}


class _CheckResult(msgspec.Struct, forbid_unknown_fields=True):
    """``CheckResult`` of open-policy-agent/conftest, output/result.go, without the traces."""

    filename: str
    namespace: str
    successes: int
    warnings: list[_Result] = []
    failures: list[_Result] = []
    exceptions: list[_Result] = []


def test_many_resources_are_one_result_for_each_limit() -> None:
    results = json.loads(sarif.render(report(*queues(300))))["runs"][0]["results"]
    assert sum(result["ruleId"] == "limit/one-region" for result in results) == 1
