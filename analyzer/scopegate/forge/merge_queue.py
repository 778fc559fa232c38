"""Merge queues: a group is green where every pull request in it is, and where its own plan is within what they signed.

A group can hold several pull requests, and its commit is none of theirs. Its branch is named
``gh-readonly-queue/BASE/pr-NUMBER-SHA`` after the last of them (octokit/webhooks, merge_group examples); the others
are told by the commits between base and group, and by the ``(#NUMBER)`` that GitHub puts into titles. A title can name
a pull request that is not in the group; that can only ask for more, except where the queue rebases: then titles are the
authors' own words, and such a queue is refused.

Two changes that were each within their scope need not be together, and the base has moved since they were signed. So
where the group has plans of its own, they are held against what its pull requests published, all taken together.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.analyze import Analysis
from scopegate.errors import PlanError
from scopegate.forge import wire
from scopegate.forge.github import GitHub
from scopegate.forge.integrity import paths_of
from scopegate.forge.model import State, Status
from scopegate.forge.published import Published, published_by, published_of
from scopegate.forge.rest import part
from scopegate.policy.model import PolicyDocument
from scopegate.policy.together import Held, held_limits
from scopegate.verdict.claim import in_words
from scopegate.verdict.fingerprint import SignedScope, together, wider_than

_BRANCH = re.compile(r"(?:refs/heads/)?gh-readonly-queue/(.+)/pr-(\d{1,9})-[0-9a-f]{40}\Z")
_TITLE = re.compile(r"\(#(\d{1,9})\)|^Merge pull request #(\d{1,9}) ")
MOST_COMMITS: Final = 100
"""How many commits are asked for; a longer group is not seen whole, and refused."""


class Group(Struct, frozen=True):
    """A merge group: its commit, what it is built on (nothing for its branch's base as it is now), and its branch."""

    sha: str
    base: str
    branch: str


class Member(Struct, frozen=True):
    """A pull request of a group, with the newest of our verdicts on its head, None where there is none."""

    number: int
    status: Status | None

    @property
    def is_green(self) -> bool:
        """Whether the newest verdict opens the gate."""
        return self.status is not None and self.status.state is State.SUCCESS


def members_of(host: GitHub, group: Group) -> tuple[Member, ...]:
    """Return the pull requests of a group.

    Raises:
        PlanError: it cannot be told which pull requests are in it.
    """
    if (named := _BRANCH.match(group.branch)) and host.rules(named[1]).queue_rebases:
        raise PlanError(
            f"The queue of {named[1][:80]!r} rebases, so its commits bear only what their authors wrote, and it cannot "
            "be told which pull requests they are of; let it merge or squash."
        )
    numbers = tuple(dict.fromkeys(_numbers(host, group)))
    if not numbers:
        raise PlanError(f"It cannot be told which pull requests are in {group.branch[:80]!r}, so none can be checked.")
    return tuple(_member(host, number) for number in numbers)


def files_of(host: GitHub, members: Iterable[Member]) -> tuple[str, ...] | None:
    """Return the files that the pull requests of a group touch, None where not all are listed."""
    each = [replace(host, number=member.number) for member in members]
    listings = [own.files(own.pull_request()) for own in each]
    if any(listing.gap for listing in listings):
        return None
    return paths_of(file for listing in listings for file in listing.items)


def verdict_on(members: Iterable[Member], unsigned: Sequence[str] = ()) -> tuple[State, str]:
    """Return the status of a group and why; ``unsigned`` is what its own plans reach beyond what was signed."""
    each = tuple(members)
    if red := [member for member in each if not member.is_green]:
        return State.FAILURE, f"not signed off: {_names(red)}"
    if unsigned:
        more = f" and {len(unsigned) - 1} more" if len(unsigned) > 1 else ""
        return State.FAILURE, f"wider than {_names(each)} together: {unsigned[0]}{more}"
    return State.SUCCESS, f"signed off: {_names(each)}"


def unsigned_in(host: GitHub, members: Iterable[Member], analysis: Analysis, policy: PolicyDocument) -> tuple[str, ...]:
    """Return in words what a group's own plans reach beyond what its pull requests published; nothing if within.

    Each plan is held against what was published of that plan, and what is beyond limits on several of them against what
    was published of the whole changes.

    Raises:
        PlanError: what one of them published is not known any more, or it was judged under another policy.
    """
    reached = published_of(analysis, policy)
    signed = [_signed(host, member, reached.policy) for member in members]
    several = [held for held in _held(analysis) if len(held.plans) > 1]
    whole = _at_limits(analysis.scope, [held.name for held in several])
    each = (
        f"{path}: {fact}"
        for number, (path, scope) in enumerate(reached.scopes.items())
        for fact in _wider(
            _but_at_limits(scope, [held.limit.terms.name for held in several if number in held.plans]),
            [found.scopes[path] for found in signed if path in found.scopes],
        )
    )
    return (*_wider(whole, [found.scope for found in signed]), *each)


def _wider(scope: SignedScope, signed: Iterable[SignedScope]) -> tuple[str, ...]:
    # The policy in a scope holds its author's own words and rails; whether the file is the same was compared.
    delta = wider_than(replace(scope, policy=""), together(signed))
    return in_words(delta) if delta else ()


def _held(analysis: Analysis) -> tuple[Held, ...]:
    return held_limits(analysis.shown.policies, analysis.shown.change.parts)


def _at_limits(scope: SignedScope, names: Collection[str]) -> SignedScope:
    """Return what of ``scope`` is beyond the limits of these names."""
    beyond = frozenset(value for value in scope.beyond if any(value.startswith(f"{name}: ") for name in names))
    return SignedScope(beyond=beyond, counts={name: count for name, count in scope.counts.items() if name in names})


def _but_at_limits(scope: SignedScope, names: Collection[str]) -> SignedScope:
    """Return ``scope`` without what is beyond the limits of these names."""
    taken = _at_limits(scope, names)
    counts = {name: count for name, count in scope.counts.items() if name not in names}
    return replace(scope, beyond=scope.beyond - taken.beyond, counts=counts)


def _signed(host: GitHub, member: Member, policy: str) -> Published:
    published = published_by(host, member.status) if member.status else None
    if published is None:
        raise PlanError(
            f"What #{member.number} published is not kept any more, so the plans of the group cannot be held against "
            "it; let its gate run again."
        )
    if published.policy != policy:
        raise PlanError(
            f"The policy has changed since #{member.number} was judged, so nobody agreed to it under this one; let its "
            "gate run again."
        )
    return published


def _numbers(host: GitHub, group: Group) -> Iterator[int]:
    named = _BRANCH.match(group.branch)
    if named:
        yield int(named[2])
    if not (base := group.base or (named[1] if named else "")):
        return
    path = f"/repos/{host.repository}/compare/{part(base)}...{group.sha}"
    compared = host.api.read(path, wire.Comparison, {"per_page": MOST_COMMITS})
    if compared.total_commits > len(compared.commits):
        raise PlanError(f"The merge group has {compared.total_commits} commits, more than are listed; queue fewer.")
    for commit in compared.commits:
        yield from _requests_of(host, commit)


def _requests_of(host: GitHub, commit: wire.Commit) -> tuple[int, ...]:
    """Return the pull requests that a commit of a group may be of: by its title, and by the host's record.

    Of one that is none's nobody could say whether it was signed off: a queue that rebases makes such commits.
    """
    title = commit.commit.message.partition("\n")[0]
    numbers = [int(first or second) for first, second in _TITLE.findall(title)]
    if found := (*host.open_requests_of(commit.sha), *numbers):
        return found
    raise PlanError(
        f"It cannot be told which pull request the commit {commit.sha[:12]} of the merge group is of; let the queue "
        "merge or squash, which names it in the title."
    )


def _member(host: GitHub, number: int) -> Member:
    own = replace(host, number=number)
    statuses = own.statuses(own.pull_request().head_sha)
    return Member(number, statuses[-1] if statuses else None)


def _names(members: Iterable[Member]) -> str:
    return ", ".join(f"#{member.number}" for member in members)
