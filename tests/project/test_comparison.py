"""The comparison with other tools: what it counts, and that its page is what it printed."""

import re
from datetime import date
from pathlib import Path

import pytest
from benchmarks.compare.__main__ import CASES, DECLARED, Case, Result, Row, Said, page, read_case, said_by, summary
from benchmarks.compare.peers import PEERS, SCOPEGATE, Peer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/comparison.md").read_text()

PEER = Peer("a tool", "a-tool", ("a-tool", "{plan}"), "its defaults", frozenset({2}), error="ERROR")
HARMLESS = Case("kiro/harmless", Path("plan.json"), must_stop=False, regions=frozenset({"eu-central-1"}))
FATAL = Case("kiro/fatal", Path("plan.json"), must_stop=True, regions=frozenset({"cn-north-1", "us-east-1"}))


def result(said: Said, *regions: str, seconds: float = 1.0, mebibytes: float = 20.0) -> Result:
    return Result(said, frozenset(regions), seconds, mebibytes)


@pytest.mark.parametrize(
    ("code", "output", "said"),
    [
        (0, "", Said.PASSES),
        (2, "risky", Said.STOPS),
        (1, "", Said.FAILS),
        (2, "ERROR: no JSON", Said.FAILS),
        (0, "ERROR: ignored", Said.PASSES),  # a pipeline sees the code and nothing else
    ],
)
def test_what_a_tool_says_is_what_a_pipeline_sees(code: int, output: str, said: Said) -> None:
    assert said_by(PEER, code, output) is said


def test_a_tool_is_counted_by_what_it_stops_and_what_it_lets_through() -> None:
    row = Row(
        PEER,
        "1.0",
        {
            HARMLESS.name: result(Said.STOPS, "eu-central-1", seconds=1.0),
            FATAL.name: result(Said.FAILS, "cn-north-1", seconds=3.0, mebibytes=40.0),
        },
    )
    assert summary(row, [HARMLESS, FATAL]) == ["a tool", "1 of 1", "0 of 1", "2 of 3", "2.0", "30"]


def test_a_tool_that_does_not_install_is_said_not_to_have_run() -> None:
    row = Row(PEER, "1.0", {HARMLESS.name: result(Said.PASSES)})
    gone = Peer("gone", "gone-from-the-index", ("gone",), "none")
    assert "gone was not run: `gone-from-the-index` did not install." in page([HARMLESS], [row], [gone])


def test_a_case_is_judged_by_a_human() -> None:
    case = read_case("kiro/setting-for-one-region-changed-everywhere")
    assert case.must_stop
    assert case.regions == {"eu-central-1", "us-east-1", "cn-north-1"}
    assert not read_case("kiro/unchanged").must_stop
    assert read_case("kiro/targeted").must_stop  # no plan to judge is nothing to let through


def test_only_a_case_that_is_run_is_declared() -> None:
    assert DECLARED.keys() <= set(CASES)


def test_the_page_is_dated_and_names_every_tool() -> None:
    (day,) = re.findall(r"`python -m benchmarks\.compare` on (\S+):", PAGE)
    assert date.fromisoformat(day) >= date(2026, 11, 26)
    assert [peer.name for peer in (*SCOPEGATE, *PEERS) if f"| {peer.name} |" not in PAGE] == []


def test_the_page_shows_every_plan() -> None:
    assert [name for name in CASES if f"| `fixtures/{name}` |" not in PAGE] == []


def table(text: str, columns: str) -> dict[str, list[str]]:
    """The rows under the heading that begins with ``columns``, by their first cell, as far as those columns go."""
    width = columns.count("|")
    lines = text[text.index(f"\n{columns}") :].split("\n\n", maxsplit=1)[0].strip().splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:width] for row in rows}


def test_the_readme_says_what_the_page_says() -> None:
    heading = "| tool | stops what must be | lets through what may | regions named "
    said = table((ROOT / "README.md").read_text(), heading)
    found = table(PAGE, heading)
    assert {name for name in found if not name.endswith("scope declared")} == said.keys()
    assert {name: found[name] for name in said} == said
