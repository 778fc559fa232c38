"""GitHub's answers as they come over the wire: only the fields that are used, each in its type."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from scopegate.errors import ForgeError
from scopegate.forge.model import Rules

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone: one without could not be held against the others."""


class User(msgspec.Struct):
    """An account; GitHub gives an empty object for an author that it cannot match."""

    id: int = 0
    login: str = ""
    type: str = ""


class Team(msgspec.Struct):
    """A team."""

    slug: str


class Repository(msgspec.Struct):
    """A repository."""

    full_name: str
    owner: User
    default_branch: str


class Head(msgspec.Struct):
    """The head of a pull request; it has no repository once its fork is deleted."""

    sha: str
    ref: str
    repo: Repository | None = None


class Base(msgspec.Struct):
    """The base of a pull request."""

    sha: str
    ref: str
    repo: Repository


class Pull(msgspec.Struct):
    """A pull request."""

    number: int
    state: str
    user: User | None
    head: Head
    base: Base
    commits: int
    changed_files: int
    body: str | None = None
    draft: bool = False
    assignees: list[User] | None = None
    requested_reviewers: list[User] = []
    requested_teams: list[Team] = []


class PullSummary(msgspec.Struct):
    """A pull request in a list."""

    number: int
    state: str
    created_at: Moment
    closed_at: Moment | None = None


class Event(msgspec.Struct):
    """Something that happened to a pull request."""

    event: str
    created_at: Moment


class File(msgspec.Struct):
    """A changed file."""

    filename: str
    previous_filename: str | None = None
    patch: str | None = None
    changes: int | None = None


class Signature(msgspec.Struct):
    """Who a commit says made it."""

    name: str | None = None
    email: str | None = None


class GitCommit(msgspec.Struct):
    """What a commit itself says."""

    message: str
    author: Signature | None = None
    committer: Signature | None = None


class Commit(msgspec.Struct):
    """A commit with the accounts GitHub matched."""

    sha: str
    commit: GitCommit
    author: User | None = None
    committer: User | None = None


class Comparison(msgspec.Struct):
    """The commits between two others."""

    total_commits: int
    commits: list[Commit]
    files: list[File] | None = None


class Activity(msgspec.Struct):
    """A push, as the server recorded it."""

    timestamp: Moment
    activity_type: str
    after: str = ""
    actor: User | None = None


class Review(msgspec.Struct):
    """A review; one that is pending has no time of submission."""

    id: int
    state: str
    user: User | None = None
    submitted_at: Moment | None = None
    commit_id: str | None = None


class Profile(msgspec.Struct):
    """The public profile of an account."""

    email: str | None = None


class Permission(msgspec.Struct):
    """What an account may do; ``permission`` is the base of a custom role."""

    permission: str
    user: User | None = None


class Membership(msgspec.Struct):
    """Whether somebody is in a team yet."""

    state: str


class Content(msgspec.Struct):
    """A file."""

    type: str
    encoding: str | None = None
    content: str | None = None


class Status(msgspec.Struct):
    """A commit status."""

    state: str
    context: str
    created_at: Moment
    description: str | None = None
    target_url: str | None = None
    creator: User | None = None


class Comment(msgspec.Struct):
    """A comment of a pull request."""

    id: int
    user: User | None = None
    body: str = ""


class CodeOwnersError(msgspec.Struct):
    """A line of CODEOWNERS that GitHub cannot use."""

    path: str
    line: int
    kind: str


class CodeOwnersErrors(msgspec.Struct):
    """What is wrong with CODEOWNERS."""

    errors: list[CodeOwnersError]


class CheckRun(msgspec.Struct):
    """A check run."""

    id: int


class HeadRepository(msgspec.Struct):
    """The repository that the head of a run lies in."""

    full_name: str


class Run(msgspec.Struct):
    """A run of a workflow. ``actor`` started it first, ``triggering_actor`` this attempt at it."""

    id: int
    head_sha: str
    path: str
    event: str
    created_at: Moment
    head_branch: str | None = None
    head_repository: HeadRepository | None = None
    status: str | None = None
    conclusion: str | None = None
    actor: User | None = None
    triggering_actor: User | None = None


class Runs(msgspec.Struct):
    """Runs, newest first."""

    workflow_runs: list[Run]


class Artifact(msgspec.Struct):
    """Something a run left behind."""

    id: int
    name: str
    size_in_bytes: int
    expired: bool


class Artifacts(msgspec.Struct):
    """The artifacts of a run."""

    total_count: int
    artifacts: list[Artifact]


class Rule(msgspec.Struct):
    """A rule that holds for a branch."""

    type: str
    parameters: dict[str, Any] = {}


class _Check(msgspec.Struct):
    context: str
    integration_id: int | None = None


class _Checks(msgspec.Struct):
    required_status_checks: list[_Check]
    strict_required_status_checks_policy: bool = False


class _Reviewer(msgspec.Struct):
    file_patterns: list[str]
    minimum_approvals: int


class _Reviews(msgspec.Struct):
    dismiss_stale_reviews_on_push: bool = False
    require_code_owner_review: bool = False
    require_last_push_approval: bool = False
    required_approving_review_count: int = 0
    required_reviewers: list[_Reviewer] = []


def rules_of(rules: tuple[Rule, ...]) -> Rules:
    """Return the rules of several rulesets as one: each adds, none takes away.

    Raises:
        ForgeError: a rule has another form.
    """
    try:
        checks = [msgspec.convert(r.parameters, _Checks) for r in rules if r.type == "required_status_checks"]
        reviews = [msgspec.convert(r.parameters, _Reviews) for r in rules if r.type == "pull_request"]
    except msgspec.ValidationError as error:
        raise ForgeError(
            f"A rule of the branch has a form that is not known here ({error}), so nobody can tell what it demands; "
            "check the address of the API."
        ) from error
    return Rules(
        sources=_sources(check for rule in checks for check in rule.required_status_checks),
        up_to_date=any(rule.strict_required_status_checks_policy for rule in checks),
        merge_queue=any(rule.type == "merge_queue" for rule in rules),
        queue_rebases=any(
            rule.type == "merge_queue" and rule.parameters.get("merge_method") == "REBASE" for rule in rules
        ),
        dismisses_stale=any(rule.dismiss_stale_reviews_on_push for rule in reviews),
        code_owners=any(rule.require_code_owner_review for rule in reviews),
        last_push=any(rule.require_last_push_approval for rule in reviews),
        approvals=max((rule.required_approving_review_count for rule in reviews), default=0),
        reviewed_paths=tuple(
            (pattern, reviewer.minimum_approvals)
            for rule in reviews
            for reviewer in rule.required_reviewers
            if not _takes_back(reviewer)
            for pattern in reviewer.file_patterns
        ),
    )


def _takes_back(reviewer: _Reviewer) -> bool:
    """Return whether a pattern takes files back, as in ``.gitignore``: then nobody may be asked about a file.

    "File patterns use the same syntax as .gitignore files" (GitHub, RequiredReviewerConfiguration in its GraphQL
    schema); users tell that ``!`` is not followed yet (github.com/orgs/community/discussions/178776), so it counts for
    nothing.
    """
    return any(pattern.startswith("!") for pattern in reviewer.file_patterns)


def _sources(checks: Any) -> dict[str, int | None]:
    """Return where each check must come from; one ruleset that pins it is enough."""
    found: dict[str, int | None] = {}
    for check in checks:
        found[check.context] = found.get(check.context) or check.integration_id
    return found
