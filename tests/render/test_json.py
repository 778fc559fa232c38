"""The JSON report is written piece by piece: it must be what a plain writer makes of the same values."""

import json
from pathlib import Path

import msgspec
import pytest

from handmade import instance
from render.hostile import STRINGS, poisoned
from render.reports import destroyed_in_china, queues, report
from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.plan.actions import Action
from scopegate.plan.read import read_plan
from scopegate.render.json import document, pieces, render
from scopegate.verdict.report import Report

FIXTURES = Path(__file__).parents[2] / "fixtures"


def plainly(said: Report) -> str:
    return msgspec.json.format(msgspec.json.encode(document(said)), indent=2).decode() + "\n"


def test_a_report_is_written_as_a_plain_writer_would() -> None:
    for said in (report(), report(*queues(70)), destroyed_in_china()):
        assert render(said) == plainly(said)
        assert b"".join(pieces(said)) == render(said).encode()


def without_commands(text: str) -> str:
    return text.replace("##[", "##\\u005b").replace("##vso[", "##vso\\u005b")


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS.keys())
def test_a_hostile_name_is_written_as_a_plain_writer_would_but_for_commands(text: str) -> None:
    said = poisoned(destroyed_in_china(), text)
    written = render(said)
    assert json.loads(written) == json.loads(json.dumps(document(said)))
    try:
        assert written == without_commands(plainly(said))
    except UnicodeEncodeError:
        assert written == without_commands(json.dumps(document(said), indent=2)) + "\n"


def test_names_that_look_like_the_report_itself_stay_names() -> None:
    key = '\n  "resources": []\n  "rollback": []\n      "why": null'
    address = f"aws_sqs_queue.q[{json.dumps(key)}]"
    said = report(instance(address, Action.CREATE, None, {"region": "eu-central-1"}))
    assert render(said) == plainly(said)
    assert [resource["address"] for resource in json.loads(render(said))["resources"]] == [address]


@pytest.mark.parametrize("folder", ["kiro", "flow"])
def test_reports_on_real_plans_are_written_as_a_plain_writer_would(folder: str) -> None:
    for path in sorted((FIXTURES / folder).glob("*/plan.json"))[:12]:
        said = analyze(read_plan(str(path)), default_knowledge(), Options()).report
        assert render(said) == plainly(said)
