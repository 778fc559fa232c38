"""What scopegate asks of a code host, in sixteen verbs. Everything that is judged from the answers is pure."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from scopegate.forge.model import (
    Account,
    Answer,
    ChangedFile,
    Commit,
    Listing,
    PullRequest,
    Push,
    Review,
    Rules,
    State,
    Status,
)


class Forge(Protocol):
    """A code host, seen from one pull request. Every verb raises ``ForgeError`` where the host does not answer."""

    def pull_request(self) -> PullRequest:
        """Return the pull request as it is now."""
        ...

    def files(self, request: PullRequest) -> Listing[ChangedFile]:
        """Return the files that the change touches."""
        ...

    def commits(self) -> Listing[Commit]:
        """Return the commits of the change."""
        ...

    def pushes(self) -> Listing[Push]:
        """Return the pushes to the branch of the change, by the server's own record."""
        ...

    def reviews(self) -> tuple[Review, ...]:
        """Return all reviews, oldest first."""
        ...

    def can_write(self, account: Account) -> Answer:
        """Return whether an account may write to the repository."""
        ...

    def is_member(self, account: Account, team: str) -> Answer:
        """Return whether an account is an active member of ``team`` (``slug`` or ``organisation/slug``)."""
        ...

    def file_at(self, path: str, ref: str) -> bytes | None:
        """Return a file of the repository at a commit, None where there is none."""
        ...

    def statuses(self, sha: str) -> tuple[Status, ...]:
        """Return the verdicts that we, and nobody else, published on a commit; oldest first."""
        ...

    def publish(self, sha: str, state: State, description: str) -> datetime:
        """Publish a verdict on a commit and return the server's time of it."""
        ...

    def keep(self, fingerprint: str, document: bytes) -> None:
        """Keep the scopes behind a fingerprint for later runs."""
        ...

    def kept(self, status: Status) -> bytes | None:
        """Return what was kept of the scopes behind one of our statuses, None where nothing is (any more)."""
        ...

    def comment(self, body: str) -> bool:
        """Say ``body`` in our one comment; return whether anything was written."""
        ...

    def request_reviews(self, logins: Collection[str], teams: Collection[str]) -> str:
        """Ask people for a review; return in words why some could not be asked, or nothing."""
        ...

    def code_owners_errors(self, ref: str) -> tuple[str, ...]:
        """Return what the host finds wrong with CODEOWNERS, a line for each."""
        ...

    def rules(self, branch: str) -> Rules:
        """Return the rules that hold for a branch."""
        ...
