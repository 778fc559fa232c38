"""Whatever stands in a policy, a scope, a test or a CODEOWNERS file: it is read, or refused in a sentence."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.test_load import FULL
from scopegate.errors import PolicyError
from scopegate.policy.codeowners import parse_code_owners, pattern_matches
from scopegate.policy.declared import declared_in_file, declared_in_text
from scopegate.policy.load import decoded, parse_policy
from scopegate.policy.read_break_glass import parse_break_glass
from scopegate.verdict.cases import parse_cases

CASES = settings(max_examples=150, deadline=None)
READERS: list[Callable[[str, str], object]] = [
    parse_policy,
    declared_in_file,
    declared_in_text,
    parse_break_glass,
    parse_cases,
    parse_code_owners,
]


def refusal(read: Callable[[str, str], object], text: str) -> str:
    """Return what ``read`` says where it refuses ``text``; empty where it reads it."""
    try:
        read(text, "f.yaml")
    except PolicyError as error:
        return str(error)
    return ""


yaml_like = st.text(alphabet="ab1:-[]{},'\"#&*!|>\n  \t%@`?~\\éй\u2028\x85", max_size=80)


@CASES
@given(st.sampled_from(READERS), yaml_like)
def test_any_text_is_read_or_refused(read: Callable[[str, str], object], text: str) -> None:
    said = refusal(read, text)
    assert not said or said.startswith("f.yaml:")


@CASES
@given(st.data())
def test_a_damaged_policy_is_read_or_refused_with_its_line(data: st.DataObject) -> None:
    lines = FULL.splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    change = data.draw(st.sampled_from(["drop", "twice", "cut", "word"]))
    line = lines[number]
    lines[number : number + 1] = {
        "drop": [],
        "twice": [line, line],
        "cut": [line[: data.draw(st.integers(0, len(line)))]],
        "word": [
            line.replace(line.strip().split(":")[0] or "x", data.draw(st.sampled_from(["x", "limits", "~", "[]"])))
        ],
    }[change]
    problems = refusal(parse_policy, "\n".join(lines)).splitlines()
    assert [problem for problem in problems if not problem.startswith("f.yaml:")] == []


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nlimits: " + "{a: " * 60 + "1" + "}" * 60,
        "version: " + "9" * 5000,
        "version: 1\nlimits: {x: {direct_changes: {at_most: " + "9" * 400 + "}, sign_off: 1, why: w}}",
        "version: 1\nlimits: {x: {direct_changes: {at_most: 1e999}, sign_off: 1, why: w}}",
        "version: 1\nlimits: {x: {direct_changes: {at_most: .nan}, sign_off: 1, why: w}}",
        "version: 1\nteams: {a: [\ud800]}",
        "version: 1\na: &a [x, x]\nb: *a",
        "version: 1\n<<: {a: b}",
        "version: 1\n--- \nversion: 1",
    ],
)
def test_absurd_values_are_refused(text: str) -> None:
    with pytest.raises(PolicyError, match=r"\Ap\.yaml:"):
        parse_policy(text, "p.yaml")


def test_a_file_that_no_policy_is_as_large_as_is_refused() -> None:
    with pytest.raises(PolicyError, match="larger than 1 MB"):
        decoded(b" " * 1_000_001, "p.yaml")


@given(st.text(alphabet="ab/*?\\.", max_size=30), st.text(alphabet="ab/.", max_size=30))
def test_any_pattern_of_codeowners_answers(pattern: str, path: str) -> None:
    assert pattern_matches(pattern, path) in (True, False)


def test_a_hostile_pattern_of_codeowners_is_done_at_once() -> None:
    assert not pattern_matches("/" + "**/a/" * 200 + "b", "a/" * 400 + "c")
