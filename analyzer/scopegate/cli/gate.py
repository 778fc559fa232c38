"""``scopegate gate``: the review in CI, with the sign-offs that the code host proves, and the verdict said there."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from scopegate.cli.context import POLICY_FILE
from scopegate.cli.output import IN_ACTIONS, say_error, write_output
from scopegate.cli.review import default_region_option, jobs_option, regions_stated
from scopegate.errors import CrashError, ExitCode, ForgeError, PlanError, ScopegateError, UsageError, crash_of

if TYPE_CHECKING:
    from scopegate import Analysis, Knowledge, LaidOut, Planned, PolicyDocument, Unread
    from scopegate.forge.annotations import Blocks
    from scopegate.forge.artifact import Origin, PlanBytes
    from scopegate.forge.gate import Outcome, Proposal, Settings
    from scopegate.forge.github import GitHub
    from scopegate.forge.merge_queue import Group, Member
    from scopegate.forge.model import PullRequest
    from scopegate.forge.people import Hands
    from scopegate.forge.port import Forge

F = TypeVar("F", bound=Callable[..., Any])

MAX_PLAN_BYTES: Final = 256 * 1024**2

_HOST_OPTIONS: Final = (
    click.option(
        "--forge",
        type=click.Choice(("github", "local")),
        default="github",
        show_default=True,
        help="Where the change and its sign-offs are: GitHub, or git and a file.",
    ),
    click.option("--repository", envvar="GITHUB_REPOSITORY", metavar="OWNER/NAME", help="Repository on GitHub."),
    click.option(
        "--api-url",
        envvar="GITHUB_API_URL",
        default="https://api.github.com",
        help="Address of GitHub's API; of an Enterprise Server it ends in /api/v3. The token is GITHUB_TOKEN.",
    ),
    click.option("--pull-request", type=int, metavar="NUMBER", help="Number of the pull request."),
    click.option("--head", metavar="SHA", help="Head of the pull request, where its number is not known."),
    click.option(
        "--identity", default="", metavar="LOGIN", help="Account the token speaks for, such as my-gate[bot] of an app."
    ),
    click.option(
        "--merge-group",
        nargs=3,
        metavar="SHA BASE BRANCH",
        help="Judge a merge group instead: green where each of its pull requests is, and where its own plans, if there "
        "are any, are within theirs. Without BASE (an empty text), the branch it is merged into.",
    ),
    click.option("--context", default="scopegate", show_default=True, help="Name of the commit status."),
    click.option("--base", default="main", show_default=True, help="Branch to be merged into (--forge local)."),
    click.option("--sign-offs", type=click.Path(dir_okay=False), help="File of who agreed (--forge local)."),
)

_OPTIONS: Final = (
    *_HOST_OPTIONS,
    click.option("--policy", help=f"Policy file on the trusted branch. Without it, {POLICY_FILE}, or the default."),
    click.option(
        "--policy-ref", metavar="REF", help="The trusted branch. Without it, the repository's default branch."
    ),
    click.option(
        "--target",
        multiple=True,
        metavar="BRANCH",
        help="Further protected branch that changes may be merged into, besides the trusted one. Repeatable.",
    ),
    click.option("--commit", metavar="SHA", help="The commit that the PLANs are of; must be the head."),
    click.option(
        "--plan-workflow",
        metavar="PATH",
        help="Take the plans from the newest run of this workflow for the head, such as .github/workflows/plan.yml.",
    ),
    click.option("--source", metavar="DIR", help="Folder of the .tf files, where the plan's own folder is another."),
    click.option("--workspace", metavar="NAME", help="Terraform workspace of the plan; tells its stack."),
    click.option("--backend", metavar="NAME", help="Backend of the plan, as stacks name it."),
    click.option("--machine", multiple=True, metavar="LOGIN", help="Account of a program; cannot sign. Repeatable."),
    click.option("--cannot-sign", multiple=True, metavar="LOGIN", help="Somebody else who cannot sign. Repeatable."),
    click.option(
        "--author-kind",
        type=click.Choice(("human", "agent", "unknown")),
        default="unknown",
        help="Who wrote the change; signs of an AI agent count whatever is said here.",
    ),
    click.option("--now", metavar="TIME", help="The time, as 2026-12-24T17:30:00Z. Without it, the clock."),
    click.option(
        "--mode",
        type=click.Choice(("review", "claim")),
        default="review",
        show_default=True,
        help="Sign off by reviews of the head, or by claims that their owners review.",
    ),
    click.option("--comment/--no-comment", default=True, help="Say the report in one comment."),
    click.option("--check-run", is_flag=True, help="Publish a check run with annotations too; takes an app's token."),
    click.option(
        "--attestation", type=click.Path(dir_okay=False), help="Write the decision here, as in-toto Statement."
    ),
    click.option(
        "--scopes",
        type=click.Path(dir_okay=False),
        help="Write the scopes here, for the workflow to keep as the artifact scopegate-scopes: a later run reads them "
        "there, to say what got wider, and to hold a merge group against what was signed.",
    ),
    click.option("--audit-log", type=click.Path(dir_okay=False), help="Add the decision to this hash-chained log."),
    click.option("--requests/--no-requests", default=True, help="Ask for the reviews that are missing."),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the gate, as they came in."""

    forge: str = "github"
    repository: str | None = None
    api_url: str = ""
    pull_request: int | None = None
    head: str | None = None
    identity: str = ""
    merge_group: tuple[str, str, str] | None = None
    context: str = "scopegate"
    base: str = "main"
    sign_offs: str | None = None
    policy: str | None = None
    policy_ref: str | None = None
    target: tuple[str, ...] = ()
    commit: str | None = None
    plan_workflow: str | None = None
    source: str | None = None
    workspace: str | None = None
    backend: str | None = None
    machine: tuple[str, ...] = ()
    cannot_sign: tuple[str, ...] = ()
    author_kind: str = "unknown"
    now: str | None = None
    mode: str = "review"
    check_run: bool = False
    attestation: str | None = None
    scopes: str | None = None
    audit_log: str | None = None
    comment: bool = True
    requests: bool = True
    jobs: int | None = None
    default_regions: tuple[str, ...] = ()


def gate_options(command: F) -> F:
    """Give ``command`` the options of the gate; it takes them as ``**asked`` and makes an ``Asked`` of them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return default_region_option(jobs_option(command))


@click.command(
    epilog="Exit codes: 0 pass, 10 needs sign-off, 11 blocked, 3 plan, 4 policy, 6 code host.",
)
@click.argument("plans", nargs=-1, metavar="[PLAN]...")
@gate_options
def gate(plans: tuple[str, ...], **asked: Any) -> None:
    """Judge the PLANs of a pull request with the sign-offs it has, and say the verdict there.

    The policy is that of the trusted branch. Sign-offs are approving reviews of the head, given after the gate
    published what there is to agree to, by people with write access who have no hand in the change.

    \b
    Examples:
      scopegate gate --pull-request 7 --plan-workflow .github/workflows/plan.yml
      scopegate gate plan.json --pull-request 7 --commit "$HEAD_SHA"
      scopegate gate plan.json --forge local --base main --sign-offs sign-offs.yaml
    """
    from scopegate.forge.publish import refuse_unsteady

    said = Asked(**asked)
    if said.merge_group:
        sys.exit(_gate_group(plans, said, said.merge_group))
    forge = forge_for(said)
    request = forge.pull_request()
    if not request.is_open:
        # Nothing is said on it either: its last comment is how it was merged.
        raise PlanError(f"Pull request {request.number} is closed, so there is nothing to open; judge an open one.")
    try:
        outcome = judged(forge, request, plans, said, claims=said.mode == "claim")
        refuse_unsteady(forge, outcome.proposal)
        _record(outcome, said)
    except Exception as error:  # after a crash, too, what was said before must not stand
        _say_no_verdict(forge, request, _told(error), said)
        raise
    _say(forge, outcome, said)
    sys.exit(outcome.verdict.exit_code)


def _gate_group(plans: tuple[str, ...], said: Asked, words: tuple[str, str, str]) -> ExitCode:
    """Say the verdict on a merge group: that of its pull requests, and whether its own plans are within theirs."""
    from scopegate.forge.merge_queue import Group, members_of, unsigned_in, verdict_on
    from scopegate.forge.model import State
    from scopegate.forge.publish import in_short, publish_no_verdict, say
    from scopegate.render.escape import plain

    if not words[0].isalnum() or not (words[1].isalnum() or not words[1]):
        raise UsageError("--merge-group takes two commits and a branch; name them as the merge_group event does.")
    host, group = _github(said), Group(*words)
    try:
        members = members_of(host, group)
        unsigned: tuple[str, ...] = ()
        if said.plan_workflow or plans:
            unsigned = unsigned_in(host, members, *_analysed(host, group, members, plans, said))
    except Exception as error:
        publish_no_verdict(host, group.sha, _told(error), _run())
        raise
    state, description = verdict_on(members, unsigned)
    say(host, group.sha, state, in_short(description), _run())
    _print("\n".join(map(plain, (description, *unsigned))) + "\n")
    return ExitCode.PASS if state is State.SUCCESS else ExitCode.NEEDS_SIGN_OFF


def _analysed(
    host: "GitHub", group: "Group", members: "Sequence[Member]", plans: tuple[str, ...], said: Asked
) -> "tuple[Analysis, PolicyDocument]":
    """Return the plans of a group as the policy of the trusted branch sees them, and that policy.

    What authors declared, and who they are, was judged with each pull request.
    """
    from msgspec.structs import replace

    from scopegate import Context, Options, analyze_together
    from scopegate.forge.merge_queue import files_of
    from scopegate.forge.trusted import asks_code_owners, code_owners_at

    ref = said.policy_ref or host.default_branch()
    knowledge = _knowledge(host, said, ref)
    context = Context(
        now=_now(said.now),
        source=said.source,
        workspace=said.workspace,
        backend=said.backend,
        changed_files=files_of(host, members),
        code_owners=code_owners_at(host, ref) if asks_code_owners(knowledge.policy) else None,
    )
    options = Options(context, default_regions=regions_stated(said.default_regions))
    read = _laid_out(_plans_of_group(host, group, plans, said), knowledge, said)
    laid_out = [replace(one, context=context) for one in read]
    return analyze_together(laid_out, knowledge, options), knowledge.policy


def _plans_of_group(host: "GitHub", group: "Group", plans: tuple[str, ...], said: Asked) -> "list[Unread]":
    from scopegate.forge.artifact import OF_A_GROUP
    from scopegate.forge.people import NO_HANDS

    if said.plan_workflow:
        return _from_run(host, group.sha, said.plan_workflow, OF_A_GROUP, NO_HANDS, lambda: None)
    if said.commit != group.sha:
        raise UsageError("The plans of a merge group must be of its commit; pass it as --commit.")
    return _in_files(plans)


def forge_for(said: Asked) -> "Forge":
    """Return the code host, seen from the change that is asked about.

    Raises:
        ScopegateError: it cannot be told which change is meant, or the host does not answer.
    """
    if said.forge == "local":
        from scopegate.forge.local import local_forge

        return local_forge(Path.cwd(), said.base, said.sign_offs)
    if said.sign_offs:
        raise UsageError("--sign-offs is for --forge local: on GitHub people sign off by reviews; leave it out.")
    return _github(said)


def judged(
    forge: "Forge", request: "PullRequest", plans: tuple[str, ...], said: Asked, *, claims: bool = False
) -> "Outcome":
    """Return the verdict on a change, by reviews or by ``claims``, without saying it anywhere.

    Raises:
        ScopegateError: there is none.
    """
    from scopegate.forge.claims import judge_by_claims
    from scopegate.forge.gate import judge, proposal_of

    settings = _settings(said, request)
    _refuse_other_targets(request, (settings.policy_ref, *said.target))
    knowledge = _knowledge(forge, said, settings.policy_ref)
    proposal = proposal_of(forge, request, settings)
    machines = settings.machines | knowledge.policy.machines
    read = _laid_out(_plans(forge, proposal, plans, said, machines), knowledge, said)
    return (judge_by_claims if claims else judge)(forge, proposal, read, knowledge, settings)


def _refuse_other_targets(request: "PullRequest", targets: tuple[str, ...]) -> None:
    """Refuse a change for another branch: its plan is of a merge with that, and a verdict outlives a new target."""
    if request.base_branch not in targets:
        raise PlanError(
            f"It is to be merged into {request.base_branch[:80]!r}, and only {', '.join(targets)} is judged: a verdict "
            "belongs to the commit, and would still stand when the pull request gets another target; name protected "
            "branches with --target."
        )


def _github(said: Asked) -> "GitHub":
    from msgspec.structs import replace

    from scopegate.forge.github import connect

    if not said.repository:
        raise UsageError("It is not said which repository is meant; pass --repository OWNER/NAME.")
    if [said.pull_request, said.head, said.merge_group].count(None) != 2:
        raise UsageError("Name exactly one of --pull-request, --head and --merge-group.")
    run = os.environ.get("GITHUB_RUN_ID", "")
    host = connect(
        said.api_url,
        os.environ.get("GITHUB_TOKEN", ""),
        said.repository,
        said.pull_request or 0,
        identity=said.identity,
        context=said.context,
        run_url=f"{_server()}/{said.repository}/actions/runs/{run}" if run.isdecimal() else "",
    )
    host = replace(host, workflow=_workflow(said.repository), scopes_file=said.scopes or "")
    return host if said.head is None else replace(host, number=_number_of(host, said.head))


def _workflow(repository: str) -> str:
    """Return the path of the workflow that we run in, which Actions writes as OWNER/NAME/PATH@REF."""
    return os.environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0].removeprefix(f"{repository}/")


def _number_of(host: "GitHub", head: str) -> int:
    """Return the open pull request whose head this is: of a fork's no workflow run says it."""
    from msgspec.structs import replace

    from scopegate.forge.publish import publish_no_verdict

    if not head.isalnum():
        raise UsageError(f"--head {head[:60]!r} is no commit; name its SHA.")
    found = [
        number for number in host.open_requests_of(head) if replace(host, number=number).pull_request().head_sha == head
    ]
    if len(found) == 1:
        return found[0]
    which = ", ".join(map(str, found)) or "none"
    error = PlanError(
        f"{head[:12]} is the head of {which} of the open pull requests, so it cannot be told which one is meant; "
        "close the others, or name it with --pull-request."
    )
    if found:
        # A verdict belongs to the commit: a second pull request must not keep that of the first from being taken back.
        publish_no_verdict(host, head, error, _run())
    raise error


def _settings(said: Asked, request: "PullRequest") -> "Settings":
    from scopegate import AuthorKind
    from scopegate.forge.gate import Settings

    return Settings(
        policy_ref=said.policy_ref or request.default_branch,
        now=_now(said.now),
        source=said.source,
        workspace=said.workspace,
        backend=said.backend,
        default_regions=regions_stated(said.default_regions),
        machines=frozenset(login.lower() for login in said.machine),
        barred={login.lower(): "taken out by the gate's own list" for login in said.cannot_sign},
        author=AuthorKind(said.author_kind),
    )


def _now(stated: str | None) -> Any:
    from datetime import UTC, datetime

    from scopegate.cli.context import moment_stated

    return moment_stated(stated) if stated else datetime.now(UTC)


def _knowledge(forge: "Forge", said: Asked, ref: str) -> "Knowledge":
    from scopegate.forge.trusted import knowledge_at

    return knowledge_at(forge, said.policy or POLICY_FILE, ref, must_exist=said.policy is not None)


def _laid_out(plans: "Sequence[Unread]", knowledge: "Knowledge", said: Asked) -> "tuple[LaidOut, ...]":
    """Return what is known of each plan by itself; no policy and no context have a part in that."""
    from scopegate import Options
    from scopegate.cli.plans import laid_out

    options = Options(default_regions=regions_stated(said.default_regions))
    return laid_out(plans, knowledge, options, said.jobs)


def _in_files(paths: Sequence[str]) -> "list[Unread]":
    from scopegate import Planned, read_plan
    from scopegate.cli.plans import unread

    def read(path: str) -> "Planned":
        return Planned(read_plan(path))

    return [unread(path, read) for path in paths]


def _plans(
    forge: "Forge", proposal: "Proposal", plans: tuple[str, ...], said: Asked, machines: frozenset[str]
) -> "list[Unread]":
    from scopegate.forge.artifact import OF_A_CHANGE

    request = proposal.request
    if said.plan_workflow:
        if plans or said.forge != "github":
            raise UsageError("The plans come either from --plan-workflow or from files, and from GitHub; name one.")
        host = _host_of_runs(forge)
        hands = proposal.hands.and_programs(machines)
        origin = partial(host.origin, request, proposal.pushes)
        return _from_run(host, request.head_sha, said.plan_workflow, OF_A_CHANGE, hands, origin)
    if said.forge == "github" and said.commit is None:
        raise UsageError(
            "It is not said which commit the plans are of; pass --commit, or take them by --plan-workflow."
        )
    if said.commit not in (None, request.head_sha):
        raise PlanError(
            f"The plans are of {str(said.commit)[:12]}, and the head is {request.head_sha[:12]} now: a stale plan says "
            "nothing about it; plan the head."
        )
    return _in_files(plans)


def _host_of_runs(forge: "Forge") -> "GitHub":
    from scopegate.forge.github import GitHub

    if not isinstance(forge, GitHub):
        raise UsageError("Only GitHub has workflow runs; name the plan files.")
    return forge


def _from_run(
    host: "GitHub",
    sha: str,
    workflow: str,
    events: frozenset[str],
    hands: "Hands",
    origin: "Callable[[], Origin | None]",
) -> "list[Unread]":
    from scopegate import Planned, Unread, plan_of
    from scopegate.forge.artifact import newest_of, plans_of_run, runs_of

    # First the runs: what made another merge of one of them has happened by then, and is told.
    runs = runs_of(host.api, host.repository, sha, workflow, events, hands)
    found = plans_of_run(host.api, host.repository, newest_of(runs, origin()), sha, workflow, events)

    def read(plan: "PlanBytes") -> "Planned":
        return Planned(plan_of(plan.data, plan.path, None))

    return [Unread(plan.path, partial(read, plan), len(plan.data)) for plan in found]


def _say(forge: "Forge", outcome: "Outcome", said: Asked) -> None:
    from scopegate.forge.annotations import blocks_in, with_places
    from scopegate.forge.publish import people_to_ask
    from scopegate.forge.published import document_of, published_of, with_delta
    from scopegate.render.comment import comment

    overtaken = _published(forge, outcome, said)
    forge.keep(outcome.fingerprint, document_of(published_of(outcome.analysis, outcome.policy)))
    outcome = with_delta(forge, outcome)
    blocks = blocks_in(outcome.proposal.files.items)
    report = with_places(outcome.analysis.report, blocks)
    notes = list(outcome.notes)
    if not overtaken and said.requests:
        logins, teams = people_to_ask(outcome)
        if failed := forge.request_reviews(logins, teams) if logins or teams else "":
            notes.append(failed)
    text = comment(report, notes, blob=_blob(outcome.request, said))
    if not overtaken and said.comment:
        forge.comment(text)
    if not overtaken and said.check_run:
        _check_run(forge, outcome, blocks, text)
    _to_actions(text, {"verdict": outcome.verdict.value, "fingerprint": outcome.fingerprint})
    _to_log(outcome, notes, overtaken=overtaken)


def _published(forge: "Forge", outcome: "Outcome", said: Asked) -> bool:
    """Publish the verdict; return whether a newer run has spoken already. If it cannot be, no old one may stand."""
    from scopegate.forge.publish import publish

    try:
        return publish(forge, outcome, _run())
    except ForgeError as error:
        _say_no_verdict(forge, outcome.request, error, said)
        raise


def _blob(request: "PullRequest", said: Asked) -> str:
    """Return the address below which GitHub shows the files of the head, nothing without one.

    Of a fork it is the fork's own: the base repository shows a commit that none of its branches has with a warning.
    """
    repository = request.head_repository or request.base_repository
    return f"{_server()}/{repository}/blob/{request.head_sha}" if said.forge == "github" else ""


def _server() -> str:
    return os.environ.get("GITHUB_SERVER_URL", "https://github.com")


def _check_run(forge: "Forge", outcome: "Outcome", blocks: "Blocks", text: str) -> None:
    from scopegate import Verdict
    from scopegate.forge.annotations import annotations_of
    from scopegate.forge.github import GitHub
    from scopegate.forge.publish import description_of

    if not isinstance(forge, GitHub):
        raise UsageError("Only GitHub has check runs; leave --check-run out.")
    conclusion = {Verdict.PASS: "success", Verdict.NEEDS_SIGN_OFF: "action_required", Verdict.BLOCKED: "failure"}
    annotations = annotations_of(outcome, blocks)
    forge.check_run(
        outcome.request.head_sha, conclusion[outcome.verdict], description_of(outcome), text[:65_535], annotations
    )


def _record(outcome: "Outcome", said: Asked) -> None:
    """Write the decision down before it is said: what is published has a record."""
    if not (said.attestation or said.audit_log):
        return
    from datetime import UTC, datetime

    from scopegate.attest.log import append
    from scopegate.attest.statement import Occasion, People, SignedOff, as_line, statement

    request = outcome.request
    accepted = (SignedOff(a.who, a.review, a.at, tuple(sorted(a.groups))) for a in outcome.tally.accepted)
    occasion = Occasion(
        repository=request.base_repository,
        change=str(request.number),
        commit=request.head_sha,
        policy_ref=said.policy_ref or request.default_branch,
        run=os.environ.get("GITHUB_RUN_ID", ""),
        decided_at=_now(said.now) if said.now else datetime.now(UTC).replace(microsecond=0),
    )
    people = People(tuple(accepted), outcome.tally.rejected)
    document = statement(outcome.analysis, occasion, people)
    if said.attestation:
        write_output(as_line(document).decode() + "\n", said.attestation)
    if said.audit_log:
        append(Path(said.audit_log), document)


def _told(error: Exception) -> ScopegateError:
    """Return what is published of an error; of a crash only its place."""
    return error if isinstance(error, ScopegateError) else CrashError(crash_of(error))


def _say_no_verdict(forge: "Forge", request: "PullRequest", error: ScopegateError, said: Asked) -> None:
    """Say that there is no verdict, as far as the host lets us: what is published must not outlive its reason."""
    from scopegate.forge.publish import publish_no_verdict
    from scopegate.render.comment import no_verdict

    _to_actions(no_verdict(str(error)), {"verdict": "none"})
    words, overtaken = str(error), False
    try:
        overtaken = publish_no_verdict(forge, request.head_sha, error, _run())
    except ScopegateError as second:
        # Whoever may write can use up the statuses of a commit, and then an old pass stands: the comment must not.
        say_error(str(second))
        words += f"\n{_STATUS_OF_BEFORE}"
    try:
        # The status is of this head; the comment is of the pull request, and may tell of a newer head by now.
        if said.comment and not overtaken and forge.pull_request().head_sha == request.head_sha:
            forge.comment(no_verdict(words))
    except ScopegateError as third:
        say_error(str(third))


_STATUS_OF_BEFORE: Final = (
    "The status could not be written, so it may still say what held before; do not merge by it, and push a new commit."
)


def _to_actions(text: str, outputs: dict[str, str]) -> None:
    """Hand the report to the page of the run, and single words of our own to the steps that follow."""
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    if path := os.environ.get("GITHUB_OUTPUT"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in outputs.items())


def _to_log(outcome: "Outcome", notes: list[str], *, overtaken: bool) -> None:
    from scopegate.render.escape import plain
    from scopegate.render.terminal import render

    parts = [render(outcome.analysis.report)]
    parts += [f"Does not count: {plain(r.who)}, {plain(r.why)}" for r in outcome.tally.rejected]
    parts += [plain(note) for note in notes]
    if overtaken:
        parts.append("A newer run has judged this head already, so nothing was written.")
    _print("\n".join(parts) + "\n")


def _print(text: str) -> None:
    """Print what may hold names of the author's, so that the runner takes no line of it for a command."""
    from scopegate.render.log import harmless_in_log

    click.echo(harmless_in_log(text) if os.environ.get(IN_ACTIONS) else text, nl=False)


def _run() -> int:
    run = os.environ.get("GITHUB_RUN_ID", "")
    return int(run) if run.isdecimal() else 0
