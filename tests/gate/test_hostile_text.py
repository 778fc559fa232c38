"""Every string that an attacker may put into a plan, through everything the gate itself writes."""

import json
import re
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from scopegate.render.comment import no_verdict
from scopegate.render.log import harmless_in_log

DATA = Path(__file__).parents[1] / "forge/data/hostile-strings.json"
HOSTILE = [text for _, text, _ in json.loads(DATA.read_text())["cases"]]


def commands_in(log: str) -> list[str]:
    """What the runner would take for a command: ``::name::`` at the start of a line, ``##[name]`` anywhere in one.

    After actions/runner, src/Runner.Common/ActionCommand.cs (TryParseV2 trims the line, TryParse looks anywhere).
    """
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        if re.match(r"::[^:]+.*::", line.strip()):
            found.append(line)
        if re.search(r"##\[[^\]]+\]", line):
            found.append(line)
    return found


def test_the_simulation_knows_a_command_when_it_sees_one() -> None:
    assert commands_in("a\n  ::add-mask::x\n") == ["  ::add-mask::x"]
    assert commands_in('x["##[error]y"]') == ['x["##[error]y"]']


@pytest.mark.parametrize("text", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_nothing_in_a_log_is_a_command(text: str) -> None:
    assert commands_in(harmless_in_log(text)) == []
    assert commands_in(harmless_in_log(f"a {text}\n{text}")) == []


@pytest.mark.parametrize("text", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_nothing_in_a_comment_without_a_verdict_is_markup(text: str) -> None:
    page = no_verdict(f"plan.json: {text} cannot be read")
    page.encode()
    shown = cmarkgfm.github_flavored_markdown_to_html(page, options=Options.CMARK_OPT_UNSAFE)
    assert set(re.findall(r"</?([a-z0-9]+)", shown)) <= {"h2", "p", "strong", "ul", "li", "code"}
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", page, flags=re.DOTALL)
    assert not re.search(r"@\w|#\d|https?://|<!--", outside)
