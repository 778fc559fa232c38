"""Who had a hand in a change, and so cannot agree to it.

Commit authors, committers and trailers are words that anybody can write, also onto others: they can only take a voice
away. Who pushed is the server's own record (REST "List repository activities", docs.github.com, read 2026-11-22).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.forge.model import Account, Commit, Listing, PullRequest, Push
from scopegate.policy.agents import Authorship

MACHINE: Final = "listed as the account of a program"
"""Why nobody signs with an account that the policy or the caller lists under ``machines``."""
_TRAILERS: Final = frozenset({"co-authored-by", "signed-off-by", "on-behalf-of"})
_BEHALF = re.compile(r"\bon behalf of @([a-z0-9][a-z0-9-]{0,38})", re.IGNORECASE)
_NOREPLY: Final = re.compile(r"(?:\d+\+)?([a-z0-9-]+(?:\[bot\])?)@users\.noreply\.[a-z0-9.-]+\Z", re.IGNORECASE)


class Hands(Struct, frozen=True):
    """Who had a hand in a change: accounts by id, logins and e-mails in small letters, each with the reason.

    ``gap`` says in words why somebody may be missing; then nobody's agreement can be told from the author's own.
    """

    ids: dict[int, str]
    logins: dict[str, str]
    emails: dict[str, str]
    gap: str = ""

    def why(self, account: Account, email: str | None) -> str:
        """Return why this account cannot agree, or nothing."""
        return (
            self.ids.get(account.id, "")
            or self.logins.get(account.login.lower(), "")
            or (self.emails.get(email.lower(), "") if email else "")
        )

    def and_programs(self, machines: Iterable[str]) -> "Hands":
        """Return the same with the accounts of programs, of which the author may hold the keys."""
        return replace(self, logins={**dict.fromkeys(machines, MACHINE), **self.logins})


NO_HANDS: Final = Hands({}, {}, {})
"""Of a change that nobody is asked about, such as a merge group."""


def hands_in(
    request: PullRequest, commits: Listing[Commit], pushes: Listing[Push], *, by_agent: bool, barred: dict[str, str]
) -> Hands:
    """Return who had a hand in a change; ``barred`` are logins that the caller takes out, with the reason.

    The person an agent works for is held to be whoever it is assigned to or says it works for: GitHub itself does not
    count the approval of the person who asked Copilot for a pull request (docs.github.com, "Reviewing a pull request
    created by GitHub Copilot").
    """
    accounts = (*_accounts(request, commits, pushes), *_operators(request, by_agent=by_agent))
    ids = {account.id: why for account, why in reversed(accounts)}
    logins = dict(barred)
    for account, why in accounts:
        logins.setdefault(account.login.lower(), why)
    emails: dict[str, str] = {}
    for email, why in _written(commits):
        emails.setdefault(email, why)
        if login := _NOREPLY.match(email):
            logins.setdefault(login[1].lower(), why)
    if by_agent:
        for login_named in _on_behalf(request, commits):
            logins.setdefault(login_named, "the AI agent worked for them")
    return Hands(ids, logins, emails, "; ".join(filter(None, (commits.gap, pushes.gap))))


def authorship_of(request: PullRequest, commits: Iterable[Commit]) -> Authorship:
    """Return what the code host says about who made a change, for the signs of an AI agent."""
    made = tuple(commits)
    return Authorship(
        account=request.author.login,
        logins=tuple(account.login for commit in made for account in commit.accounts),
        names=tuple(name for commit in made for name in commit.names),
        emails=tuple(email for commit in made for email in (*commit.emails, *_trailers(commit.message))),
        branch=request.head_branch,
        text=request.text,
    )


def _accounts(request: PullRequest, commits: Listing[Commit], pushes: Listing[Push]) -> Iterator[tuple[Account, str]]:
    yield request.author, "the author of the change"
    if request.is_fork and request.head_owner:
        yield request.head_owner, "owns the fork that the change comes from"
    for push in pushes.items:
        if push.actor:
            yield push.actor, "pushed to this branch"
    for commit in commits.items:
        for account in commit.accounts:
            yield account, f"author or committer of {commit.sha[:12]}"


def _operators(request: PullRequest, *, by_agent: bool) -> Iterator[tuple[Account, str]]:
    if by_agent:
        for account in request.assignees:
            yield account, "the AI agent worked for them"


def _written(commits: Listing[Commit]) -> Iterator[tuple[str, str]]:
    """Yield the e-mails that a commit bears, in small letters."""
    for commit in commits.items:
        for email in commit.emails:
            yield email.lower(), f"author or committer of {commit.sha[:12]}"
        for email in _trailers(commit.message):
            yield email, f"co-author of {commit.sha[:12]}"


def _trailers(message: str) -> Iterator[str]:
    """Yield the e-mails of the trailers, in small letters; split by hand, for the text is hostile and may be long."""
    for line in message.splitlines():
        word, _, rest = line.partition(":")
        if word.strip().lower() in _TRAILERS and "<" in rest:
            yield rest.rpartition("<")[2].partition(">")[0].strip().lower()


def _on_behalf(request: PullRequest, commits: Listing[Commit]) -> Iterator[str]:
    for text in (request.text, *(commit.message for commit in commits.items)):
        yield from (login.lower() for login in _BEHALF.findall(text))
