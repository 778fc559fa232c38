"""Merge queues: a group is green where every pull request in it is, at the head that it was queued with.

A group can hold several pull requests, and its commit is none of theirs. Its branch is named
``gh-readonly-queue/BASE/pr-NUMBER-SHA`` after the last of them (octokit/webhooks, merge_group examples); the others
are told by the commits between base and group, and by the ``(#NUMBER)`` that GitHub puts into titles. A title can name
a pull request that is not in the group; that can only ask for more.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.errors import PlanError
from scopegate.forge import wire
from scopegate.forge.github import GitHub
from scopegate.forge.model import State

_BRANCH = re.compile(r"(?:refs/heads/)?gh-readonly-queue/.+/pr-(\d{1,9})-[0-9a-f]{40}\Z")
_TITLE = re.compile(r"\(#(\d{1,9})\)|^Merge pull request #(\d{1,9}) ")
MOST_COMMITS: Final = 100
"""How many commits are asked for; a longer group is not seen whole, and refused."""


class Group(Struct, frozen=True):
    """A merge group: its commit, what it is built on, and its branch."""

    sha: str
    base: str
    branch: str


def judge_group(host: GitHub, group: Group) -> tuple[State, str]:
    """Return the status of a group and why.

    Raises:
        PlanError: it cannot be told which pull requests are in it.
    """
    numbers = tuple(dict.fromkeys(_numbers(host, group)))
    if not numbers:
        raise PlanError(f"It cannot be told which pull requests are in {group.branch[:80]!r}, so none can be checked.")
    red = [number for number in numbers if not _is_green(replace(host, number=number))]
    names = ", ".join(f"#{number}" for number in (red or numbers))
    return (State.FAILURE, f"not signed off: {names}") if red else (State.SUCCESS, f"signed off: {names}")


def _numbers(host: GitHub, group: Group) -> Iterator[int]:
    if named := _BRANCH.match(group.branch):
        yield int(named[1])
    path = f"/repos/{host.repository}/compare/{group.base}...{group.sha}"
    compared = host.api.read(path, wire.Comparison, {"per_page": MOST_COMMITS})
    if compared.total_commits > len(compared.commits):
        raise PlanError(f"The merge group has {compared.total_commits} commits, more than are listed; queue fewer.")
    for commit in compared.commits:
        yield from host.open_requests_of(commit.sha)
        title = commit.commit.message.partition("\n")[0]
        yield from (int(first or second) for first, second in _TITLE.findall(title))


def _is_green(host: GitHub) -> bool:
    statuses = host.statuses(host.pull_request().head_sha)
    return bool(statuses) and statuses[-1].state is State.SUCCESS
