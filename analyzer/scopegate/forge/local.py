"""Git and a file of sign-offs in place of a code host, so that a local gate takes the same way as the real one.

It proves nothing about people: whoever can write the file can sign. It is for trying a policy, and for the tests.
"""

import json
import subprocess
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from scopegate.errors import ForgeError, PolicyError
from scopegate.forge.model import (
    Account,
    Answer,
    ChangedFile,
    Commit,
    Listing,
    PullRequest,
    Push,
    Review,
    ReviewState,
    Rules,
    State,
    Status,
)
from scopegate.policy.load import decoded, read_moment
from scopegate.policy.reading import Node
from scopegate.regular_file import read_regular_file
from scopegate.signals.strict_yaml import load_yaml

_RECORD: Final = "%H%x1f%an%x1f%ae%x1f%cn%x1f%ce%x1f%B%x1e"


class SignedOff(Struct, frozen=True):
    """A line of the file of sign-offs."""

    who: str
    state: ReviewState
    at: datetime
    commit: str
    groups: frozenset[str] = frozenset()


class Local(Struct, frozen=True):
    """The change from ``base`` to what is checked out in ``folder``. ``signed`` are the sign-offs of the file."""

    folder: Path
    base: str
    signed: tuple[SignedOff, ...]

    def pull_request(self) -> PullRequest:
        """Return the change; its author is the author of the newest commit."""
        head = self._git("rev-parse", "HEAD").strip()
        author = self._git("log", "-1", "--format=%ae").strip()
        return PullRequest(
            number=0,
            author=_account(author),
            head_sha=head,
            head_branch=self._git("rev-parse", "--abbrev-ref", "HEAD").strip(),
            head_repository="local",
            head_owner=None,
            base_sha=self._git("merge-base", self.base, "HEAD").strip(),
            base_branch=self.base,
            base_repository="local",
            default_branch=self.base,
        )

    def files(self, request: PullRequest) -> Listing[ChangedFile]:  # noqa: ARG002 - as the port asks
        """Return the files that differ from the base, under both names where they are renamed."""
        names = self._git("diff", "--name-only", "--no-renames", "-z", f"{self.base}...HEAD").split("\0")
        return Listing(tuple(ChangedFile(name, None, self._patch(name)) for name in names if name))

    def commits(self) -> Listing[Commit]:
        """Return the commits from the base to the head."""
        records = self._git("log", f"--format={_RECORD}", f"{self.base}..HEAD").split("\x1e")
        return Listing(tuple(_commit(record.strip("\n")) for record in records if record.strip()))

    def pushes(self) -> Listing[Push]:
        """Return a push of each commit, by nobody: there is no server that could have recorded who it was."""
        lines = self._git("log", "--format=%H %cI", f"{self.base}..HEAD").splitlines()
        return Listing(tuple(Push(None, datetime.fromisoformat(at), sha) for sha, at in map(str.split, lines)))

    def reviews(self) -> tuple[Review, ...]:
        """Return what the file of sign-offs says."""
        return tuple(
            Review(number, _account(line.who), line.state, line.at, line.commit, line.who)
            for number, line in enumerate(self.signed, 1)
        )

    def can_write(self, account: Account) -> Answer:  # noqa: ARG002 - as the port asks
        """Return yes: whoever writes the file vouches for the people in it."""
        return Answer.YES

    def is_member(self, account: Account, team: str) -> Answer:
        """Return whether the file says that somebody is in a team."""
        stated = any(f"team:{team}" in line.groups for line in self.signed if line.who == account.login)
        return Answer.YES if stated else Answer.NO

    def file_at(self, path: str, ref: str) -> bytes | None:
        """Return a file of the repository at a commit, None where there is none."""
        done = _run(self.folder, "show", f"{ref}:{path}")
        return done.stdout if done.returncode == 0 else None

    def statuses(self, sha: str) -> tuple[Status, ...]:
        """Return what was published on a commit in this clone."""
        if not self._statuses.exists():
            return ()
        try:
            lines = [json.loads(line) for line in self._statuses.read_text(encoding="utf-8").splitlines()]
            return tuple(
                Status(State(line["state"]), line["description"], datetime.fromisoformat(line["at"]).astimezone(UTC))
                for line in lines
                if line["sha"] == sha
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ForgeError(
                f"{self._statuses} does not hold what was published here, so nobody can tell what people agreed to; "
                "remove it and let them agree again."
            ) from error

    def publish(self, sha: str, state: State, description: str) -> datetime:
        """Write a verdict down in the clone, under ``.git``."""
        now = datetime.now(UTC).replace(microsecond=0)
        self._statuses.parent.mkdir(parents=True, exist_ok=True)
        with self._statuses.open("a", encoding="utf-8") as file:
            file.write(
                json.dumps({"sha": sha, "state": state.value, "description": description, "at": now.isoformat()})
            )
            file.write("\n")
        return now

    def keep(self, fingerprint: str, document: bytes) -> None:
        """Keep the scopes behind a fingerprint in the clone, under ``.git``."""
        file = self._kept(fingerprint)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(document)

    def kept(self, status: Status) -> bytes | None:
        """Return the scopes behind the fingerprint of a status, None where they were not kept."""
        file = self._kept(status.fingerprint)
        return read_regular_file(file) if file.is_file() else None

    def comment(self, body: str) -> bool:  # noqa: ARG002 - as the port asks
        """Write nothing: the report is printed."""
        return False

    def request_reviews(self, logins: Collection[str], teams: Collection[str]) -> str:  # noqa: ARG002 - as the port asks
        """Ask nobody: there is nobody to ask."""
        return ""

    def code_owners_errors(self, ref: str) -> tuple[str, ...]:  # noqa: ARG002 - as the port asks
        """Return nothing: git knows no owners."""
        return ()

    def rules(self, branch: str) -> Rules:  # noqa: ARG002 - as the port asks
        """Return no rules: a clone enforces nothing."""
        return Rules({})

    @property
    def _statuses(self) -> Path:
        return self.folder / self._git("rev-parse", "--git-path", "scopegate/statuses.jsonl").strip()

    def _kept(self, fingerprint: str) -> Path:
        return self._statuses.parent / "scopes" / f"{fingerprint.removeprefix('sha256:')}.json"

    def _patch(self, name: str) -> str | None:
        """Return the hunks of a file's diff, as a code host shows them; None where git shows none (binary, empty)."""
        shown = self._git("diff", "--no-renames", "--no-ext-diff", "--no-textconv", f"{self.base}...HEAD", "--", name)
        _, found, hunks = shown.partition("\n@@ ")
        return f"@@ {hunks}" if found else None

    def _git(self, *words: str) -> str:
        return git(self.folder, *words)


def git(folder: Path, *words: str) -> str:
    """Return what git says in a folder.

    Raises:
        ForgeError: it fails; the message says why.
    """
    done = _run(folder, *words)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ForgeError(
            f"`git {words[0]}` failed ({said[-1][:200] if said else 'it does not say why'}), so it cannot be told "
            "what the change is; run it in a clone, and name the branch it is to be merged into with --base."
        )
    return done.stdout.decode(errors="replace")


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - words of ours, no shell
            ["git", "-c", "core.quotepath=off", *words],  # noqa: S607 - the caller's own git
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise ForgeError("There is no git here, so it cannot be told what the change is; install it.") from error


def local_forge(folder: Path, base: str, sign_offs: str | None) -> Local:
    """Return the change in a clone; ``sign_offs`` is the file that says who agreed.

    Raises:
        ForgeError: the base is no name of a commit.
        PolicyError: the file cannot be read.
    """
    if base.startswith("-"):
        raise ForgeError(f"--base {base[:40]!r} is no name of a branch or commit; name one.")
    return Local(folder, base, () if sign_offs is None else read_sign_offs(Path(sign_offs)))


def merged_at(file: Path) -> datetime:
    """Return when a file got onto the branch that is checked out as it stands here, by the commit that brought it.

    Of the commits of the branch itself (first parents) the code host makes the merges, and dates them.

    Raises:
        ForgeError: it is not committed as it stands, or the clone does not reach back far enough.
    """
    folder = file.parent
    if git(folder, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise ForgeError(
            f"This clone is shallow, so it cannot be told how old {file} is; check out with all history "
            "(fetch-depth: 0)."
        )
    if git(folder, "status", "--porcelain", "--ignored", "--", file.name).strip():
        raise ForgeError(
            f"{file} is not committed as it stands here, so nobody agreed to it; check out what is merged."
        )
    at = git(folder, "log", "-1", "--first-parent", "--format=%cI", "--", file.name).strip()
    return datetime.fromisoformat(at)


def read_sign_offs(file: Path) -> tuple[SignedOff, ...]:
    """Return the sign-offs of a file: ``sign_offs: [{who, state, at, commit, groups}]``.

    Raises:
        PolicyError: it cannot be read; one line for each problem, with ``file:line``.
    """
    try:
        text = decoded(read_regular_file(file), str(file))
    except OSError as error:
        raise PolicyError(f"{file}: the sign-offs cannot be read ({error.strerror}); name another file.") from error
    document = load_yaml(text, str(file), PolicyError)
    top = Node(document, document.value).keyed(("sign_offs",), ("sign_offs",))
    return tuple(map(_signed, top["sign_offs"].sequence(empty=True)))


def _signed(node: Node) -> SignedOff:
    keys = node.keyed(("who", "state", "at", "commit", "groups"), ("who", "at", "commit"))
    return SignedOff(
        who=keys["who"].text().lower(),
        state=keys["state"].member(ReviewState) if "state" in keys else ReviewState.APPROVED,
        at=read_moment(keys["at"]),
        commit=keys["commit"].text(),
        groups=frozenset(keys["groups"].texts()) if "groups" in keys else frozenset(),
    )


def _account(email: str) -> Account:
    """Return an account for an e-mail: in a clone people have no other name that lasts."""
    number = int.from_bytes(email.lower().encode()[:64], "big")
    return Account(number, email.lower())


def _commit(record: str) -> Commit:
    fields: Sequence[str] = record.split("\x1f")
    sha, author, author_email, committer, committer_email, message = fields[:6]
    emails = tuple(dict.fromkeys((author_email, committer_email)))
    names = tuple(dict.fromkeys((author, committer)))
    return Commit(sha, tuple(map(_account, emails)), names, emails, message)
