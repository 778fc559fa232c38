"""One comment for all plans of a change: the verdict over all, then each report, in the room a comment has."""

from collections.abc import Iterator, Sequence
from typing import Final

from scopegate.render.escape import code, prose, visible
from scopegate.render.markdown import COMMENT, render
from scopegate.render.wording import VERDICT_WORDS, plural
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Report

NOTES_SHOWN: Final = 6
_LONGEST_SENTENCE: Final = 2000
_HEAD: Final = 8000
"""Room for everything but the reports, marker included."""


def comment(
    reports: Sequence[Report], verdict: Verdict, fingerprint: str, notes: Sequence[str], *, blob: str = ""
) -> str:
    """Return the comment on the reports of a change; the verdict and what is beyond are never left out.

    ``blob`` is as in ``render.markdown.render``.

    Where not even the shortest forms have room, whole reports are left out and named.
    """
    head = "\n".join(_head(reports, verdict, fingerprint, notes))
    left = COMMENT - _HEAD
    parts: list[str] = []
    for position, report in enumerate(reports):
        text = render(report, budget=left // (len(reports) - position), blob=blob)
        if len(text.encode()) > left:
            break
        left -= len(text.encode())
        parts.append(text)
    return "\n\n".join(filter(None, (head, *parts, "\n".join(_left_out(reports[len(parts) :])))))


def no_verdict(message: str) -> str:
    """Return the comment where there is no verdict: why, and that the gate stays shut."""
    sentences = "\n".join(f"- {prose(line[:_LONGEST_SENTENCE])}" for line in message.splitlines()[:20])
    return f"## ⛔ NO VERDICT\n\n**The gate stays shut.**\n\n{sentences}\n"


def _head(reports: Sequence[Report], verdict: Verdict, fingerprint: str, notes: Sequence[str]) -> Iterator[str]:
    if len(reports) > 1:
        yield f"# {VERDICT_WORDS[verdict]}: {plural(len(reports), 'plan')}"
        yield ""
        yield f"Agree to all of them at once: `{visible(fingerprint)}`"
        yield ""
    yield from (f"> {prose(note[:_LONGEST_SENTENCE])}" for note in notes[:NOTES_SHOWN])
    if len(notes) > NOTES_SHOWN:
        yield f"> And {len(notes) - NOTES_SHOWN} more notes."


def _left_out(reports: Sequence[Report]) -> Iterator[str]:
    if reports:
        yield f"{plural(len(reports), 'plan')} not shown for want of room:"
        yield ""
        for report in reports[:40]:
            name = code(report.plans[0].path)
            yield f"- {VERDICT_WORDS[report.verdict]}: {name}"
        if len(reports) > 40:
            yield f"- and {len(reports) - 40} more"
