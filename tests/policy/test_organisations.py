"""Four organisations, each held to its own policy tests; together they show every kind of limit, kept and exceeded."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scopegate.analyze import Knowledge, Options, decide_file, knowledge_of
from scopegate.errors import PolicyError
from scopegate.policy.kinds import LimitKind
from scopegate.verdict.cases import Case, CaseFile, beside, differences, parse_cases
from scopegate.verdict.decide import Verdict
from scopegate.verdict.decision import Decision

POLICIES = Path(__file__).parents[2] / "fixtures" / "policies"
FILES = sorted(POLICIES.glob("*/policy.test.yaml"))


@cache
def case_file(file: Path) -> CaseFile:
    return parse_cases(file.read_text(encoding="utf-8"), str(file))


@cache
def knowledge(file: Path) -> Knowledge:
    return knowledge_of(beside(str(file), case_file(file).policy))


_decided: dict[str, Decision | PolicyError] = {}


def decided(file: Path, case: Case) -> Decision | PolicyError:
    if case.origin not in _decided:
        options = Options(context=case.context, default_regions=case.default_regions, sign_offs=case.sign_offs)
        try:
            _decided[case.origin] = decide_file(beside(str(file), case.path), knowledge(file), options)
        except PolicyError as error:
            _decided[case.origin] = error
    return _decided[case.origin]


CASES = [
    pytest.param(file, case, id=f"{file.parent.name}: {case.name}") for file in FILES for case in case_file(file).cases
]


@pytest.mark.parametrize(("file", "case"), CASES)
def test_a_policy_says_what_its_tests_expect(file: Path, case: Case) -> None:
    assert differences(case.expected, decided(file, case)) == ()


def decisions(file: Path) -> Iterator[Decision]:
    for case in case_file(file).cases:
        outcome = decided(file, case)
        if isinstance(outcome, Decision):
            yield outcome


def test_there_are_four_organisations() -> None:
    assert [file.parent.name for file in FILES] == ["bank", "china-estate", "platform", "start-up"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_every_limit_of_an_organisation_is_kept_once_and_exceeded_once(file: Path) -> None:
    exceeded, kept = set(), set()
    for decision in decisions(file):
        beyond = {excess.limit.name for excess in decision.excesses}
        exceeded |= beyond
        kept |= {limit.terms.name for limit in decision.policy.limits} - beyond
    document = knowledge(file).policy
    names = {limit.terms.name for limit in (*document.limits, *document.defaults, *document.agents.limits)}
    assert names - exceeded == set()
    assert names - kept == set()


def test_every_kind_of_limit_is_kept_and_exceeded_somewhere() -> None:
    exceeded, kept = set(), set()
    for file in FILES:
        for decision in decisions(file):
            beyond = {excess.limit.name for excess in decision.excesses}
            exceeded |= {excess.kind for excess in decision.excesses}
            kept |= {limit.kind for limit in decision.policy.limits if limit.terms.name not in beyond}
    every = set(LimitKind) - {LimitKind.STACKS}
    assert every - exceeded == set()
    assert every - kept == set()


def test_the_incident_asks_two_china_owners_and_one_human_more_and_never_the_agents_operator() -> None:
    file = POLICIES / "china-estate" / "policy.test.yaml"
    case = next(
        case for case in case_file(file).cases if case.name.startswith("the incident: two China owners and the")
    )
    outcome = decided(file, case)
    assert isinstance(outcome, Decision)
    assert outcome.verdict is Verdict.NEEDS_SIGN_OFF
    owners, anyone = outcome.requirements
    assert (owners.groups, owners.count, owners.satisfied_by) == (("team:cn-owners",), 2, ("li", "wang"))
    assert (anyone.groups, anyone.count, anyone.satisfied_by) == (("anyone",), 1, ())
    assert [(rejected.who, rejected.why) for rejected in anyone.rejected] == [("dana", "the AI agent worked for them")]
    declared = next(excess for excess in outcome.excesses if excess.limit.name == "declared-regions")
    assert declared.message == "you said cn-north-1; this also reaches eu-central-1, us-east-1"


def test_the_three_hundred_stacks_are_what_their_script_writes(tmp_path: Path) -> None:
    for name in ("stacks.py", "policy.head.yaml"):
        (tmp_path / name).write_bytes((POLICIES / "platform" / name).read_bytes())
    subprocess.run([sys.executable, str(tmp_path / "stacks.py")], check=True)
    written = (tmp_path / "policy.yaml").read_text(encoding="utf-8")
    assert written == (POLICIES / "platform" / "policy.yaml").read_text(encoding="utf-8")
    assert len(knowledge(POLICIES / "platform" / "policy.test.yaml").policy.stacks) == 300
