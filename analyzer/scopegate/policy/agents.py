"""Who wrote a change: signs of an AI agent, as a ratchet. They may make an author an agent; none makes one human.

The signs are facts about public pull requests (``scopegate_rules/policies/agents.csv``). A change that shows none of
them may still be an agent's: of the pull requests by Claude Code and Codex in SAILResearch/AI_Teammates_in_SE3 none was
opened by a bot account, and of Codex's 4 % bear any sign but the branch's name.
"""

import csv
from collections.abc import Iterable, Iterator
from importlib.resources import files

from msgspec import Struct

from scopegate.policy.kinds import AuthorKind


class Authorship(Struct, frozen=True):
    """What the code host says about who made a change.

    ``account`` opened it; ``logins`` and ``names`` are those of its commits' authors and committers, ``emails`` theirs
    and those of the trailers; ``text`` is the pull request's own.
    """

    account: str
    logins: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    branch: str = ""
    text: str = ""


class Sign(Struct, frozen=True):
    """Something that shows an agent: of which kind, what, and which agent."""

    kind: str
    value: str
    agent: str


def known_signs() -> tuple[Sign, ...]:
    """Return the signs that ship with scopegate."""
    text = files("scopegate_rules").joinpath("policies", "agents.csv").read_text(encoding="utf-8")
    return tuple(Sign(row["kind"], row["value"], row["agent"]) for row in csv.DictReader(text.splitlines()))


def signs_of(authorship: Authorship, signs: Iterable[Sign]) -> tuple[Sign, ...]:
    """Return the ``signs`` that a change shows."""
    return tuple(sign for sign in signs if _shows(authorship, sign))


def author_kind(stated: AuthorKind, signs: Iterable[Sign]) -> AuthorKind:
    """Return what an author is held to be: an agent by any sign, whatever was stated; else what was stated."""
    return AuthorKind.AGENT if any(True for _ in signs) else stated


def _shows(authorship: Authorship, sign: Sign) -> bool:
    if sign.kind == "text":
        return sign.value in authorship.text
    if sign.kind == "branch_prefix":
        return authorship.branch.startswith(sign.value)
    return sign.value.casefold() in (value.casefold() for value in _said(authorship, sign.kind))


def _said(authorship: Authorship, kind: str) -> Iterator[str]:
    match kind:
        case "account":
            yield authorship.account
            yield from authorship.logins
        case "commit_login":
            yield from authorship.logins
        case "commit_name":
            yield from authorship.names
        case "email":
            yield from authorship.emails
        case _:
            raise AssertionError(f"agents.csv has a sign of an unknown kind: {kind}")
