"""GitHub and GitHub Enterprise Server over REST.

Paths and fields are those of GitHub's own OpenAPI description (npm @octokit/openapi 23.0.2); the tests hold every
request to it. Limits: a pull request lists at most 250 commits and 3,000 files (same description).
"""

import base64
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct

from scopegate.errors import ForgeError, PlanError, UsageError
from scopegate.forge import wire
from scopegate.forge.annotations import Annotation
from scopegate.forge.artifact import Origin, OtherRequest, scopes_of_run
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
from scopegate.forge.rest import Api, api_at, decoded, expect, part

T = TypeVar("T")

COMMITS_LISTED: Final = 250
FILES_LISTED: Final = 3000
FILES_COMPARED: Final = 300
"""A comparison shows this many files at most (same description)."""
ANNOTATIONS_PER_REQUEST: Final = 50
ANNOTATIONS_SHOWN: Final = 200
STATUSES_KEPT: Final = 1000
"""A commit takes this many statuses of one context, then 422: the last ones are kept for shutting the gate."""
STATUSES_FOR_OPENING: Final = 900
DEFAULT_CONTEXT: Final = "scopegate"
MARKER: Final = "<!-- scopegate:v1 -->"
ACTIONS_ACCOUNT: Final = "github-actions[bot]"

_MANY: Final = 5000
_RETARGETED: Final = frozenset({"base_ref_changed", "automatic_base_change_succeeded"})
"""Events after which a pull request is to be merged elsewhere (docs.github.com, "Issue event types")."""
_RUN = re.compile(r"/actions/runs/(\d{1,18})(?:/|\Z)")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+\Z")


class GitHub(Struct, frozen=True):
    """One pull request on GitHub. ``viewer`` is the account that our token speaks for, ``run_url`` this run's page.

    ``workflow`` is the path of the workflow we run in, ``scopes_file`` the file that it makes an artifact of.
    """

    api: Api
    repository: str
    number: int
    viewer: Account
    context: str = DEFAULT_CONTEXT
    run_url: str = ""
    workflow: str = ""
    scopes_file: str = ""

    def pull_request(self) -> PullRequest:
        """Return the pull request as it is now."""
        return _pull_request(self._pull())

    def files(self, request: PullRequest) -> Listing[ChangedFile]:
        """Return the files that the change touches, under both names where they are renamed.

        The list of a pull request is of whatever its head and base are at that moment, and its author can change both
        and change them back. So it is the comparison of this base with this head, where that has room for all files.
        """
        compared = self._compared(request)
        if len(compared) in range(1, FILES_COMPARED):
            return Listing(tuple(map(_file, compared)))
        found = tuple(self.api.pages(f"{self._path}/files", wire.File, FILES_LISTED))
        whole = self._pull().changed_files
        gap = f"only {len(found)} of {whole} changed files are listed" if whole > len(found) else ""
        return Listing(tuple(map(_file, found)), gap)

    def commits(self) -> Listing[Commit]:
        """Return the commits of the change."""
        found = tuple(self.api.pages(f"{self._path}/commits", wire.Commit, COMMITS_LISTED))
        whole = self._pull().commits
        gap = f"only {len(found)} of {whole} commits are listed" if whole > len(found) else ""
        return Listing(tuple(map(_commit, found)), gap)

    def pushes(self) -> Listing[Push]:
        """Return the pushes to the branch of the change, from the activity of the repository it lies in."""
        request = self.pull_request()
        if request.head_repository is None:
            return Listing((), "the repository it comes from is gone")
        path = f"/repos/{request.head_repository}/activity"
        query = {"ref": f"refs/heads/{request.head_branch}"}
        if not self._is_readable(path, {**query, "per_page": 1}):
            return Listing((), "who pushed to its branch cannot be read with this token")
        found = tuple(self.api.pages(path, wire.Activity, _MANY, query))
        pushes = tuple(
            Push(_account(a.actor), a.timestamp, a.after) for a in found if a.activity_type != "branch_deletion"
        )
        gap = "" if 0 < len(found) < _MANY else "the code host has no whole record of the pushes to its branch"
        return Listing(pushes, gap)

    def reviews(self) -> tuple[Review, ...]:
        """Return all reviews, oldest first."""
        found = tuple(self.api.pages(f"{self._path}/reviews", wire.Review, _MANY))
        if len(found) == _MANY:
            raise ForgeError(
                f"The pull request has {_MANY} reviews or more, so the newest may not be seen; open another."
            )
        approving = {r.user.login for r in found if r.user and r.state.upper() == "APPROVED"}
        emails = {login: self._email(login) for login in sorted(approving)}
        return tuple(_review(review, emails) for review in found)

    def can_write(self, account: Account) -> Answer:
        """Return whether an account may write; a custom role counts as the role that it is based on."""
        response = self.api.call("GET", f"{self._repo}/collaborators/{part(account.login)}/permission")
        if response.status != 200:
            return Answer.UNKNOWN
        said = decoded(response, wire.Permission, "permission")
        if said.user is None or said.user.id != account.id:
            return Answer.UNKNOWN
        return Answer.YES if said.permission in ("admin", "maintain", "write") else Answer.NO

    def is_member(self, account: Account, team: str) -> Answer:
        """Return whether an account is an active member of a team, of the repository's organisation if none is named.

        404 means no member, no team, or no right to look: only where the team itself can be read is it a no.
        """
        organisation, _, slug = team.rpartition("/")
        path = f"/orgs/{part(organisation or self.repository.partition('/')[0])}/teams/{part(slug)}"
        response = self.api.call("GET", f"{path}/memberships/{part(account.login)}")
        if response.status == 200:
            active = decoded(response, wire.Membership, path).state == "active"
            return Answer.YES if active else Answer.NO
        return Answer.NO if response.status == 404 and self._is_readable(path) else Answer.UNKNOWN

    def file_at(self, path: str, ref: str) -> bytes | None:
        """Return a file of the base repository at a commit, None where there is none."""
        where = f"{self._repo}/contents/{'/'.join(map(part, path.split('/')))}"
        response = self.api.call("GET", where, {"ref": ref})
        if response.status == 404:
            return None
        file = decoded(expect(response, "GET", where), wire.Content, where)
        if file.type != "file" or file.encoding != "base64":
            raise ForgeError(f"{path} is no plain file of up to 1 MB at {ref[:12]}, so it cannot be read; make it one.")
        try:
            return base64.b64decode(file.content or "")
        except ValueError as error:
            raise ForgeError(
                f"{path} comes from the code host in no base64 that can be read, so it cannot be judged by; try again."
            ) from error

    def statuses(self, sha: str) -> tuple[Status, ...]:
        """Return the statuses of our context that our own account wrote, oldest first."""
        found = self._of_context(sha)
        own = [s for s in found if s.creator is not None and s.creator.id == self.viewer.id]
        return tuple(_status(status) for status in reversed(own))

    def publish(self, sha: str, state: State, description: str) -> datetime:
        """Publish a verdict on a commit and return the server's time of it.

        Anybody who may write can use up the statuses of a commit; then the last ones must be able to shut the gate.
        """
        path = f"{self._repo}/statuses/{sha}"
        if state is State.SUCCESS and len(self._of_context(sha)) >= STATUSES_FOR_OPENING:
            raise ForgeError(
                f"{sha[:12]} has {STATUSES_FOR_OPENING} statuses {self.context!r} or more, and GitHub takes only "
                f"{STATUSES_KEPT}, so the gate could not be shut again; push a new commit."
            )
        body = {"state": state.value, "description": description, "context": self.context}
        sent = body | ({"target_url": self.run_url} if self.run_url else {})
        written = decoded(expect(self.api.call("POST", path, None, sent), "POST", path), wire.Status, path)
        if written.creator is None or written.creator.id != self.viewer.id:
            who = written.creator.login if written.creator else "nobody"
            raise ForgeError(
                f"Our status was written by {who!r}, but we took ourselves for {self.viewer.login!r}, so what we "
                f"published could not be told from a stranger's; pass --identity {who}."
            )
        return written.created_at

    def keep(self, fingerprint: str, document: bytes) -> None:  # noqa: ARG002 - a run has one
        """Write the scopes behind a fingerprint to the file that the workflow makes an artifact of."""
        if self.scopes_file:
            file = Path(self.scopes_file)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(document)

    def kept(self, status: Status) -> bytes | None:
        """Return what the run that published a status kept, None where it kept nothing or it is gone."""
        if not (status.run and self.workflow):
            return None
        return scopes_of_run(self.api, self.repository, status.run, self.workflow)

    def comment(self, body: str) -> bool:
        """Say ``body`` in the one comment that is ours by account and marker; write only what is new."""
        path = f"{self._repo}/issues/{self.number}/comments"
        text = f"{MARKER}\n{body}"
        found = self.api.pages(path, wire.Comment, _MANY)
        own = next((c for c in found if c.user and c.user.id == self.viewer.id and c.body.startswith(MARKER)), None)
        if own is None:
            expect(self.api.call("POST", path, None, {"body": text}), "POST", path)
            return True
        # The host may give back other line breaks than it was sent.
        if own.body.replace("\r\n", "\n").rstrip() == text.rstrip():
            return False
        where = f"{self._repo}/issues/comments/{own.id}"
        expect(self.api.call("PATCH", where, None, {"body": text}), "PATCH", where)
        return True

    def request_reviews(self, logins: Collection[str], teams: Collection[str]) -> str:
        """Ask people for a review; return in words why some could not be asked, or nothing.

        Asked one by one: one who cannot be asked (not a collaborator, a team with GITHUB_TOKEN) spoils the whole
        request (PostHog/posthog#43815). A team is named by its slug alone, which in this organisation is another's.
        """
        path = f"{self._path}/requested_reviewers"
        own = ("", self.repository.partition("/")[0].lower())
        elsewhere = [team for team in sorted(teams) if team.rpartition("/")[0].lower() not in own]
        wanted = [{"reviewers": [login]} for login in sorted(logins)]
        wanted += [{"team_reviewers": [t.rpartition("/")[2]]} for t in sorted(teams) if t not in elsewhere]
        failed = elsewhere + [
            name
            for body in wanted
            for ((name,),) in (tuple(body.values()),)
            if self.api.call("POST", path, None, body).status != 201
        ]
        return f"could not be asked for a review: {', '.join(failed)}" if failed else ""

    def rules(self, branch: str) -> Rules:
        """Return the rules that hold for a branch, from every ruleset."""
        path = f"{self._repo}/rules/branches/{part(branch)}"
        return wire.rules_of(tuple(self.api.pages(path, wire.Rule, _MANY)))

    def default_branch(self) -> str:
        """Return the default branch of the repository."""
        return self.api.read(self._repo, wire.Repository).default_branch

    def code_owners_errors(self, ref: str) -> tuple[str, ...]:
        """Return what GitHub finds wrong with CODEOWNERS, a line for each; none without such a file."""
        response = self.api.call("GET", f"{self._repo}/codeowners/errors", {"ref": ref})
        if response.status == 404:
            return ()
        found = decoded(expect(response, "GET", "codeowners/errors"), wire.CodeOwnersErrors, "codeowners/errors")
        return tuple(f"{error.path}:{error.line}: {error.kind}" for error in found.errors)

    def check_run(self, sha: str, conclusion: str, title: str, summary: str, annotations: Sequence[Annotation]) -> None:
        """Publish a check run with annotations, 50 in each request; only the token of an app may."""
        path = f"{self._repo}/check-runs"
        shown = [_annotation(annotation) for annotation in annotations[:ANNOTATIONS_SHOWN]]
        output = {"title": title, "summary": summary, "annotations": shown[:ANNOTATIONS_PER_REQUEST]}
        body = {
            "name": f"{self.context} report",
            "head_sha": sha,
            "status": "completed",
            "conclusion": conclusion,
            "output": output,
        }
        made = decoded(expect(self.api.call("POST", path, None, body), "POST", path), wire.CheckRun, path)
        where = f"{path}/{made.id}"
        for start in range(ANNOTATIONS_PER_REQUEST, len(shown), ANNOTATIONS_PER_REQUEST):
            more = output | {"annotations": shown[start : start + ANNOTATIONS_PER_REQUEST]}
            expect(self.api.call("PATCH", where, None, {"output": more}), "PATCH", where)

    def has_environment(self, name: str) -> bool:
        """Return whether the repository has an environment of this name, as far as the token sees."""
        return self.api.call("GET", f"{self._repo}/environments/{part(name)}").status == 200

    def origin(self, request: PullRequest, pushes: Listing[Push]) -> Origin:
        """Return what a plan must have come from for it to be of this merge.

        Raises:
            PlanError: the fork it came from is gone, so nobody can tell.
        """
        if request.head_repository is None or request.head_owner is None:
            raise PlanError(
                "The repository it comes from is gone, so it cannot be told which merge was planned; open a new pull "
                "request from a branch of this one."
            )
        query = {"state": "all", "head": f"{request.head_owner.login}:{request.head_branch}"}
        pulls = self._whole(f"{self._repo}/pulls", wire.PullSummary, query)
        events = self._whole(f"{self._repo}/issues/{self.number}/events", wire.Event)
        return Origin(
            request.head_branch,
            request.head_repository,
            tuple(OtherRequest(p.number, p.created_at, p.closed_at) for p in pulls if p.number != self.number),
            max((event.created_at for event in events if event.event in _RETARGETED), default=None),
            None if pushes.gap else max((push.at for push in pushes.items), default=None),
        )

    def open_requests_of(self, sha: str) -> tuple[int, ...]:
        """Return the numbers of the open pull requests whose head or history a commit belongs to."""
        found = self.api.pages(f"{self._repo}/commits/{sha}/pulls", wire.PullSummary, _MANY)
        return tuple(pull.number for pull in found if pull.state == "open")

    @property
    def _repo(self) -> str:
        return f"/repos/{self.repository}"

    @property
    def _path(self) -> str:
        return f"{self._repo}/pulls/{self.number}"

    def _of_context(self, sha: str) -> list[wire.Status]:
        """Return the statuses of our context, by whomever; GitHub takes no notice of the case of its letters."""
        found = tuple(self.api.pages(f"{self._repo}/commits/{sha}/statuses", wire.Status, _MANY))
        if len(found) == _MANY:
            raise ForgeError(f"{sha[:12]} has {_MANY} statuses or more, so our own may not be seen; push a new commit.")
        return [status for status in found if status.context.casefold() == self.context.casefold()]

    def _whole(self, path: str, item: type[T], query: Mapping[str, object] | None = None) -> tuple[T, ...]:
        found = tuple(self.api.pages(path, item, _MANY, query))
        if len(found) == _MANY:
            raise ForgeError(f"{path} lists {_MANY} entries or more, so not all are seen; open a new pull request.")
        return found

    def _compared(self, request: PullRequest) -> list[wire.File]:
        path = f"{self._repo}/compare/{part(request.base_branch)}...{request.head_sha}"
        response = self.api.call("GET", path, {"per_page": 1})
        if response.status == 404:
            return []
        return decoded(expect(response, "GET", path), wire.Comparison, path).files or []

    def _pull(self) -> wire.Pull:
        return self.api.read(self._path, wire.Pull)

    def _email(self, login: str) -> str | None:
        response = self.api.call("GET", f"/users/{part(login)}")
        return decoded(response, wire.Profile, "/users").email if response.status == 200 else None

    def _is_readable(self, path: str, query: Mapping[str, object] | None = None) -> bool:
        return self.api.call("GET", path, query).status == 200


def connect(url: str, token: str, repository: str, number: int, *, identity: str, context: str, run_url: str) -> GitHub:
    """Return a pull request on GitHub, seen by the account that the token speaks for.

    Raises:
        ForgeError: the account cannot be told.
    """
    if not _REPOSITORY.match(repository):
        raise UsageError(f"{repository[:80]!r} is no repository; write it as OWNER/NAME.")
    api = api_at(url, token)
    return GitHub(api, repository, number, viewer_of(api, identity), context, run_url)


def connect_repository(url: str, token: str, repository: str) -> GitHub:
    """Return a repository on GitHub, for questions about its rules and files: nothing is written as anybody."""
    if not _REPOSITORY.match(repository):
        raise UsageError(f"{repository[:80]!r} is no repository; write it as OWNER/NAME.")
    return GitHub(api_at(url, token), repository, 0, Account(0, ""))


def viewer_of(api: Api, identity: str) -> Account:
    """Return the account that the token speaks for: ``identity``, else the token's user, else that of Actions.

    An installation's token (of Actions, of an app) may not ask ``GET /user``; the first status that is written shows
    whether the guess was right.
    """
    if not identity:
        response = api.call("GET", "/user")
        if response.status == 200:
            return _known(_account(decoded(response, wire.User, "/user")))
        if response.status != 403:
            expect(response, "GET", "/user")
    return _known(_account(api.read(f"/users/{part(identity or ACTIONS_ACCOUNT)}", wire.User)))


def _annotation(annotation: Annotation) -> dict[str, object]:
    return {
        "path": annotation.path,
        "start_line": annotation.line,
        "end_line": annotation.line,
        "annotation_level": "warning",
        "message": annotation.message[:4000],
    }


def _known(account: Account | None) -> Account:
    if account is None:
        raise ForgeError("The code host does not say who we are, so our own verdicts could not be told from others'.")
    return account


def _account(user: wire.User | None) -> Account | None:
    return None if user is None or not user.login else Account(user.id, user.login, user.type == "User")


def _accounts(users: Collection[wire.User | None]) -> Iterator[Account]:
    for user in users:
        if account := _account(user):
            yield account


def _pull_request(pull: wire.Pull) -> PullRequest:
    author = _account(pull.user)
    if author is None:
        raise ForgeError("The author's account is gone, so nobody's agreement can be told from the author's own.")
    requested = {user.login.lower() for user in pull.requested_reviewers}
    return PullRequest(
        number=pull.number,
        author=author,
        head_sha=pull.head.sha,
        head_branch=pull.head.ref,
        head_repository=pull.head.repo.full_name if pull.head.repo else None,
        head_owner=_account(pull.head.repo.owner) if pull.head.repo else None,
        base_sha=pull.base.sha,
        base_branch=pull.base.ref,
        base_repository=pull.base.repo.full_name,
        default_branch=pull.base.repo.default_branch,
        draft=pull.draft,
        is_open=pull.state == "open",
        text=pull.body or "",
        assignees=tuple(_accounts(pull.assignees or [])),
        requested=frozenset(requested | {f"team:{team.slug.lower()}" for team in pull.requested_teams}),
    )


def _file(file: wire.File) -> ChangedFile:
    return ChangedFile(file.filename, file.previous_filename, file.patch, file.changes)


def _commit(commit: wire.Commit) -> Commit:
    written = [signature for signature in (commit.commit.author, commit.commit.committer) if signature]
    return Commit(
        sha=commit.sha,
        accounts=tuple(dict.fromkeys(_accounts((commit.author, commit.committer)))),
        names=tuple(dict.fromkeys(signature.name or "" for signature in written)),
        emails=tuple(dict.fromkeys(signature.email or "" for signature in written)),
        message=commit.commit.message,
    )


def _review(review: wire.Review, emails: dict[str, str | None]) -> Review:
    try:
        state = ReviewState(review.state.lower())
    except ValueError as error:
        raise ForgeError(f"A review is in the state {review.state[:40]!r}, which is not known here.") from error
    account = _account(review.user)
    email = emails.get(account.login) if account else None
    return Review(review.id, account, state, review.submitted_at, review.commit_id, email)


def _status(status: wire.Status) -> Status:
    run = _RUN.search(status.target_url or "")
    try:
        state = State(status.state)
    except ValueError as error:
        raise ForgeError(f"A status is in the state {status.state[:40]!r}, which is not known here.") from error
    return Status(state, status.description or "", status.created_at, int(run[1]) if run else 0)
