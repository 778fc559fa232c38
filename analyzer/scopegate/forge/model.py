"""What a code host knows of one pull request, in words of our own: nothing here is a judgement yet."""

import re
from datetime import datetime
from enum import Enum
from typing import Final, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

_DIGEST: Final = re.compile(r" - ([0-9a-f]{64})\Z")
"""The whole digest, at the end: two scopes of one author's making that share twelve digits take seconds to find."""


class Answer(Enum):
    """An answer of the code host; ``UNKNOWN`` is never taken for ``NO`` or ``YES``."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Account(Struct, frozen=True):
    """An account of the code host. ``is_user`` is what the host itself says: a person's account, not a bot's."""

    id: int
    login: str
    is_user: bool = True

    @property
    def is_bot(self) -> bool:
        """Whether the account is a program's by the host's word, or by its name."""
        return not self.is_user or self.login.endswith("[bot]")


class Listing(Struct, Generic[T], frozen=True):
    """What the host lists. ``gap`` says in words what it does not list; it is empty where the list is whole."""

    items: tuple[T, ...] = ()
    gap: str = ""


class PullRequest(Struct, frozen=True):
    """A proposed change. ``head_repository`` is None where the fork it came from is gone."""

    number: int
    author: Account
    head_sha: str
    head_branch: str
    head_repository: str | None
    head_owner: Account | None
    base_sha: str
    base_branch: str
    base_repository: str
    default_branch: str = "main"
    draft: bool = False
    is_open: bool = True
    text: str = ""
    assignees: tuple[Account, ...] = ()
    requested: frozenset[str] = frozenset()
    """Logins, and ``team:slug`` for teams, that are asked for a review already; in small letters."""

    @property
    def is_fork(self) -> bool:
        """Whether the head lies in another repository than the base."""
        return self.head_repository != self.base_repository


class ChangedFile(Struct, frozen=True):
    """A file of the change.

    ``patch`` is its diff, None where the host does not show it (too large, binary); ``changes`` how many lines were
    added and deleted, None where it is not told.
    """

    path: str
    previous_path: str | None = None
    patch: str | None = None
    changes: int | None = None


class Commit(Struct, frozen=True):
    """A commit of the change: accounts that the host tells, and the names and e-mails that anybody can write."""

    sha: str
    accounts: tuple[Account, ...] = ()
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    message: str = ""


class Push(Struct, frozen=True):
    """A push to the branch of the change, as the host's server recorded it; ``after`` is the commit it left there."""

    actor: Account | None
    at: datetime
    after: str = ""


class ReviewState(Enum):
    """What a review says; the value is the host's word in small letters."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    DISMISSED = "dismissed"
    COMMENTED = "commented"
    PENDING = "pending"


class Review(Struct, frozen=True):
    """One review. ``account`` is None where the account is gone; ``at`` is the server's time of submission."""

    id: int
    account: Account | None
    state: ReviewState
    at: datetime | None
    commit: str | None
    email: str | None = None
    """The e-mail in the account's public profile."""


class State(Enum):
    """The state of a commit status; the value is GitHub's word."""

    SUCCESS = "success"
    PENDING = "pending"
    FAILURE = "failure"
    ERROR = "error"


class Status(Struct, frozen=True):
    """A verdict that we published on a commit. ``at`` is the server's time; ``run`` the run that wrote it, or 0."""

    state: State
    description: str
    at: datetime
    run: int = 0

    @property
    def fingerprint(self) -> str:
        """The fingerprint that the status carries, nothing where it says that there is no verdict.

        Why there is none can be told in the author's own words, such as the name of an artifact that ends in the digest
        of a scope to come.
        """
        found = None if self.state is State.ERROR else _DIGEST.search(self.description)
        return f"sha256:{found[1]}" if found else ""


class Rules(Struct, frozen=True):
    """The rules that hold for a branch, as far as anybody with read access can see them.

    ``sources`` maps each required status check to the app it must come from, None where any will do.
    ``reviewed_paths`` maps a file pattern to how many of a team must approve changes of it (native required reviewers).
    """

    sources: dict[str, int | None]
    up_to_date: bool = False
    merge_queue: bool = False
    queue_rebases: bool = False
    dismisses_stale: bool = False
    code_owners: bool = False
    last_push: bool = False
    approvals: int = 0
    reviewed_paths: tuple[tuple[str, int], ...] = ()
