"""What got wider and what got narrower since the push before."""

import json

import jsonschema
import pytest

from render.hostile import CASES, poisoned
from render.reports import destroyed_in_china, queue, report
from render.runner import commands_in
from render.test_machine_forms import JUNIT, SARIF
from scopegate.errors import UsageError
from scopegate.plan.actions import Action
from scopegate.render import conftest, github, gitlab, html, junit, markdown, sarif, terminal
from scopegate.render import json as json_form
from scopegate.render.since import with_since
from scopegate.verdict.report import Report


def _since(after: Report, before: Report) -> Report:
    return with_since(after, json_form.render(before).encode(), "before.json")


SMALL = report(queue("aws_sqs_queue.a", "eu-central-1"))
LARGE = report(queue("aws_sqs_queue.a", "eu-central-1"), queue("aws_sqs_queue.b", "cn-north-1", Action.DELETE))


def test_a_second_region_is_wider_and_leaving_it_out_again_is_narrower() -> None:
    grown = _since(LARGE, SMALL).since
    assert grown is not None
    assert ("reaches region", "aws-cn: cn-north-1") in grown.wider
    assert ("reaches jurisdiction", "CN") in grown.wider
    assert ("goes beyond", "strict-jurisdictions") in grown.wider
    assert ("destroys", "aws_sqs_queue.b") in grown.wider
    assert ("reaches region", "aws: eu-central-1") not in grown.wider
    assert grown.narrower == ()
    shrunk = _since(SMALL, LARGE).since
    assert shrunk is not None
    assert (shrunk.wider, set(shrunk.narrower)) == ((), set(grown.wider))


def test_the_same_report_again_differs_in_nothing() -> None:
    assert "Since the report before: nothing got wider or narrower; it was PASS" in terminal.render(
        _since(SMALL, SMALL)
    )


def test_every_form_begins_with_what_got_wider() -> None:
    said = _since(LARGE, SMALL)
    words = "wider, 0 narrower; it was PASS"
    assert words in terminal.render(said).split("\n\n")[1]
    assert words in markdown.render(said).split("\n\n")[3]
    assert words in html.render(said).split("<main>")[0]
    assert json.loads(json_form.render(said))["since"]["wider"][0].startswith("goes beyond ")
    assert words in json.loads(sarif.render(said))["runs"][0]["results"][0]["message"]["text"]
    assert words in json.loads(gitlab.render(said))[0]["description"]
    assert words in commands_in(github.render(said))[1].data
    assert words in junit.render(said).split("<testcase")[0]
    assert words in json.loads(conftest.render(said))[0]["warnings"][0]["msg"]


def test_the_forms_keep_to_their_schemas() -> None:
    from importlib.resources import files

    said = _since(LARGE, SMALL)
    schema = json.loads((files("scopegate_rules") / "schemas" / "report.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(json_form.render(said)))
    SARIF.validate(json.loads(sarif.render(said)))
    JUNIT.validate(junit.render(said))


@pytest.mark.parametrize("text", [text for _, text, _ in CASES], ids=[kind for kind, _, _ in CASES])
def test_names_of_the_earlier_report_are_as_harmless_as_those_of_this_one(text: str) -> None:
    said = _since(SMALL, poisoned(destroyed_in_china(), text.encode("utf-8", "replace").decode()))
    printed = [form.render(said) for form in (terminal, junit, gitlab, sarif, conftest, json_form)]
    assert [command for log in printed for command in commands_in(log)] == []
    assert "<script>" not in html.render(said).split("<main>")[0]
    assert "<img" not in html.render(said).split("<main>")[0]


@pytest.mark.parametrize("earlier", [b"", b"{}", b"[]", b'{"verdict": "maybe"}'])
def test_what_is_no_report_is_refused(earlier: bytes) -> None:
    with pytest.raises(UsageError, match=r"before\.json is no report"):
        with_since(SMALL, earlier, "before.json")
