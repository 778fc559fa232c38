"""The report as workflow commands of GitHub Actions, which become annotations of files and lines.

A step shows ten errors, ten warnings and ten notices; what is more is counted in a notice. Data and properties are
escaped as the runner reads them (actions/toolkit, packages/core/src/command.ts), so that no name ends its line.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from scopegate.render.escape import LONGEST_SENTENCE, plain, visible
from scopegate.render.findings import Finding, findings_of, relative_path
from scopegate.render.wording import VERDICT_WORDS, Wording, plural
from scopegate.signals.model import Severity
from scopegate.verdict.report import Report

SHOWN_OF_EACH: Final = 10
_COMMANDS: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}
_WORDS: Final = Wording(plain, plain)


def render(report: Report) -> str:
    """Return workflow commands, one a line, the verdict first."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    title = f"scopegate: {VERDICT_WORDS[report.verdict]}"
    short = " ".join(f"{heading}: {text}." for heading, text in _WORDS.in_short(report))
    told = f"{_WORDS.standing(report)}. {_WORDS.reach(report)} {short}".strip()
    yield f"::notice title={_property(title)}::{_data(told)}"
    given: Counter[str] = Counter(notice=1)
    left_out = 0
    for finding in findings_of(report):
        command = "notice" if finding.released else _COMMANDS[finding.severity]
        # The last notice is for what was left out.
        if given[command] < SHOWN_OF_EACH - (command == "notice"):
            given[command] += 1
            yield _annotation(command, finding)
        else:
            left_out += 1
    if left_out:
        yield f"::notice title=scopegate::{plural(left_out, 'more finding')} in the other forms of the report."


def _annotation(command: str, finding: Finding) -> str:
    place = finding.places[0]
    where = f"file={_property(relative_path(place.file))},line={place.line}"
    title = _property(f"scopegate: {finding.rule.id}")
    released = f" ({finding.released})" if finding.released else ""
    return f"::{command} {where},title={title}::{_data(f'{finding.message}{released}')}"


def _data(text: str) -> str:
    return visible(text, LONGEST_SENTENCE).replace("%", "%25")


def _property(text: str) -> str:
    return visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
