"""The page of threats names tests: each must be there."""

import re

import pytest

from gate.running import ROOT
from gate.test_scenarios import SCENARIOS

PAGE = (ROOT / "docs/explanation/threats.md").read_text()
ROWS = [line.split(" | ") for line in PAGE.splitlines() if re.match(r"\| T\d+ ", line)]
NAME = re.compile(r"`([a-z][a-z0-9_]+_[a-z0-9_]+)`")


def written() -> set[str]:
    texts = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"^def (test_\w+)\(", text, re.MULTILINE)}


def test_every_threat_has_a_row() -> None:
    assert [row[0].removeprefix("| ") for row in ROWS] == [f"T{number}" for number in range(1, 22)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]).removeprefix("| "))
def test_every_threat_is_tried_by_tests_that_are_there(row: list[str]) -> None:
    names = NAME.findall(row[-1])
    assert names
    assert set(names) <= SCENARIOS.keys() | written()


def test_every_test_that_the_page_names_is_there() -> None:
    assert set(NAME.findall(PAGE)) <= SCENARIOS.keys() | written()


def test_there_are_the_stories_that_the_issue_asks_for() -> None:
    assert len(SCENARIOS) >= 45
    assert all(says for _, says, _ in SCENARIOS.values())
