"""The comment on a change: what to know of it, then the report, in the room a comment has."""

from collections.abc import Iterator, Sequence
from typing import Final

from scopegate.render.escape import prose
from scopegate.render.markdown import COMMENT, render
from scopegate.verdict.report import Report

NOTES_SHOWN: Final = 6
_LONGEST_SENTENCE: Final = 2000
_HEAD: Final = 8000
"""Room for everything but the report, marker included."""


def comment(report: Report, notes: Sequence[str], *, blob: str = "") -> str:
    """Return the comment on a change; the verdict and what is beyond are never left out.

    ``blob`` is as in ``render.markdown.render``.
    """
    head = "\n".join(_notes(notes))
    return "\n\n".join(filter(None, (head, render(report, budget=COMMENT - _HEAD, blob=blob))))


def no_verdict(message: str) -> str:
    """Return the comment where there is no verdict: why, and that the gate stays shut."""
    sentences = "\n".join(f"- {prose(line[:_LONGEST_SENTENCE])}" for line in message.splitlines()[:20])
    return f"## ⛔ NO VERDICT\n\n**The gate stays shut.**\n\n{sentences}\n"


def _notes(notes: Sequence[str]) -> Iterator[str]:
    yield from (f"> {prose(note[:_LONGEST_SENTENCE])}" for note in notes[:NOTES_SHOWN])
    if len(notes) > NOTES_SHOWN:
        yield f"> And {len(notes) - NOTES_SHOWN} more notes."
