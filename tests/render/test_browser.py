"""What a real browser makes of the page and of the flowchart.

Needs Chromium (Debian: ``apt-get install chromium``, or the one that ``CHROMIUM`` names) and what ``make browser``
installs with npm; without them it is skipped.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from render.hostile import CASES, poisoned
from render.reports import destroyed_in_china, queues, report, table
from scopegate.reach.model import How
from scopegate.render import html, markdown
from scopegate.verdict.report import Report, Step

BROWSER = Path(__file__).parent / "browser"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

pytestmark = pytest.mark.skipif(
    not (Path(CHROMIUM).exists() and shutil.which("node") and (BROWSER / "node_modules").is_dir()),
    reason="no Chromium, no Node, or `make browser` was not run: the page was not opened in a browser",
)


def _run(script: str, *arguments: str | Path) -> Any:
    done = subprocess.run(["node", str(BROWSER / script), *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _used(said: Report, folder: Path) -> Any:
    page = folder / "report.html"
    page.write_text(html.render(said), encoding="utf-8")
    return _run("check.mjs", page, folder)


def _chains(count: int) -> Report:
    """A report of ``count`` resources, each but the first of ten hanging on the one before."""
    said = report(*queues(count))
    resources = []
    for number, resource in enumerate(said.resources):
        before = said.resources[number - 1].address if number % 10 else ""
        path = (Step(before), Step(resource.address, "name", "id", "reference")) if before else resource.path
        how = How.AFFECTED if before else How.DIRECT
        resources.append(replace(resource, how=how, path=path))
    return replace(said, resources=tuple(resources))


WORKS = {"errors": [], "requests": [], "dialogs": 0, "violations": [], "foreign": 0, "scripts": 3, "sideways": 0}


def _about(found: Any, expected: dict[str, object]) -> dict[str, object]:
    return {name: found[name] for name in expected}


@pytest.mark.parametrize(
    "said",
    [destroyed_in_china, lambda: report(table("aws_dynamodb_table.t", "eu-central-1", "ap-south-1"))],
    ids=["destroyed", "replicated"],
)
def test_the_page_opens_draws_filters_and_lets_everybody_use_it(said: Callable[[], Report], tmp_path: Path) -> None:
    found = _used(said(), tmp_path)
    assert _about(found, WORKS) == WORKS
    assert found["drawn"]
    assert found["heading"] == "! NEEDS SIGN-OFF"
    assert found["details"] == found["first"]
    assert (found["searched"], found["clicked"], found["pressed"], found["theme"]) == (1, True, "true", "dark")
    assert found["unfiltered"] == found["count"]


def test_ten_thousand_resources_are_all_there(tmp_path: Path) -> None:
    found = _used(_chains(10_000), tmp_path)
    assert _about(found, WORKS) == WORKS
    assert found["count"] == "10000 of 10000 resources, the first 100 listed"
    assert "too many to draw one by one" in found["grouped"]
    assert (found["searched"], found["clicked"]) == (1, True)


def test_ten_thousand_resources_can_be_used_within_three_seconds(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(html.render(_chains(10_000)), encoding="utf-8")
    assert page.stat().st_size < 10_000_000
    # The best of five, since what else the machine does only ever adds to it.
    assert min(_run("check.mjs", "--time", *[page] * 5)) < 3_000


def test_no_hostile_word_runs_loads_or_breaks_anything(tmp_path: Path) -> None:
    pages = []
    for number, (_, text, _) in enumerate(CASES):
        pages.append(tmp_path / f"{number}.html")
        pages[-1].write_text(html.render(poisoned(destroyed_in_china(), text)), encoding="utf-8")
    expected = {name: value for name, value in WORKS.items() if name != "sideways"}
    for (kind, _, _), found in zip(CASES, _run("check.mjs", "--only-open", *pages), strict=True):
        assert _about(found, expected) == expected, kind
        assert found["details"].startswith('aws_sqs_queue.a["')


def _chart(said: Report) -> str:
    (chart,) = re.findall(r"```mermaid\n(.*?)\n```", markdown.render(said), re.DOTALL)
    assert isinstance(chart, str)
    return chart


def test_mermaid_itself_draws_the_flowchart_and_shows_names_as_they_are(tmp_path: Path) -> None:
    reports = [
        destroyed_in_china(),
        report(*queues(90)),
        *(poisoned(destroyed_in_china(), text) for _, text, _ in CASES),
    ]
    charts = tmp_path / "charts.json"
    charts.write_text(json.dumps([_chart(said) for said in reports]))
    drawn = _run("mermaid.mjs", charts)
    assert [chart for chart in drawn if "error" in chart or chart["foreign"]] == []
    assert "! aws_sqs_queue.gone - delete" in drawn[0]["labels"]
    assert drawn[0]["nodes"] == 5
    assert drawn[1]["nodes"] <= 40
    hostile = dict(zip([kind for kind, _, _ in CASES], drawn[2:], strict=True))
    assert any('["a|b|c"]' in label for label in hostile["table break-out"]["labels"])
