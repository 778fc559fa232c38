"""The beginning of each form answers a stranger: is it stopped, why, who can open it, what is at risk, how to undo."""

import json
import unicodedata
from collections.abc import Callable, Mapping

import pytest

from handmade import plan
from render.hostile import CASES, poisoned
from render.reports import destroyed_in_china, knowledge, queue
from render.runner import commands_in
from scopegate.analyze import Options, analyze
from scopegate.plan.actions import Action
from scopegate.plan.address import format_key
from scopegate.render import explain, github, html, junit, markdown, sarif, terminal
from scopegate.verdict.report import Report

each_hostile_string = pytest.mark.parametrize(
    "text", [text for _, text, _ in CASES], ids=[kind for kind, _, _ in CASES]
)

BEGINNINGS: Mapping[str, Callable[[Report], str]] = {
    "terminal": lambda said: "\n".join(terminal.render(said).splitlines()[:14]),
    "markdown": lambda said: markdown.render(said).partition("###")[0],
    "html": lambda said: html.render(said).partition("<main>")[0],
    "annotations": lambda said: github.render(said).splitlines()[0],
    "junit": lambda said: junit.render(said).partition("<testcase")[0],
    "sarif": lambda said: json.dumps(json.loads(sarif.render(said))["runs"][0]["properties"]),
}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_the_beginning_of_every_form_answers_the_five_questions(beginning: Callable[[Report], str]) -> None:
    told = " ".join(beginning(destroyed_in_china()).split()).replace("<code>", "").replace("</code>", "")
    assert "NEEDS SIGN-OFF" in told or "needs-sign-off" in told
    assert "strict-jurisdictions" in told
    assert "2 people who have no hand in the change" in told
    assert "1 resource destroyed, replaced or let go of" in told
    assert "1 only with a backup taken before" in told


@each_hostile_string
@pytest.mark.parametrize("verbose", [False, True])
def test_no_word_of_others_steers_the_terminal(text: str, verbose: bool) -> None:
    _shows_only_itself(terminal.render(poisoned(destroyed_in_china(), text), verbose=verbose))


@each_hostile_string
def test_no_word_of_others_steers_the_terminal_in_an_explanation(text: str) -> None:
    address = f"aws_sqs_queue.a{format_key(text.encode('utf-8', 'replace').decode())}"
    analysis = analyze(plan(queue(address, "cn-north-1", Action.DELETE)), knowledge(), Options())
    _shows_only_itself(explain.render(analysis.shown.change, analysis.graph, 0))


def _shows_only_itself(text: str) -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert {c for c in text if unicodedata.category(c) in hidden} <= {"\n"}
    assert commands_in(text) == []
