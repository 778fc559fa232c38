"""How a verdict is said on the code host: one status, and who is to be asked."""

from typing import Final

from scopegate.errors import PlanError, ScopegateError
from scopegate.forge.gate import Outcome, Proposal
from scopegate.forge.model import PullRequest, State, Status
from scopegate.forge.port import Forge
from scopegate.verdict.decide import Verdict
from scopegate.verdict.requirements import Requirement

LONGEST_DESCRIPTION: Final = 140
_STATES: Final = {
    Verdict.PASS: State.SUCCESS,
    Verdict.NEEDS_SIGN_OFF: State.PENDING,
    Verdict.BLOCKED: State.FAILURE,
}


def publish(forge: Forge, outcome: Outcome, run: int) -> bool:
    """Publish the verdict where it is new; return whether a newer run has spoken already.

    Raises:
        PlanError: the head has moved meanwhile, so the verdict is of the past.
        ForgeError: it could not be published.
    """
    head = outcome.request.head_sha
    _refuse_moved_head(forge, outcome.request)
    return say(forge, head, _STATES[outcome.verdict], description_of(outcome), run)


def refuse_unsteady(forge: Forge, proposal: Proposal) -> None:
    """Refuse a head that moved and came back meanwhile, or a base that changed: what was read may be of two changes.

    Raises:
        PlanError: it did.
    """
    before, now = proposal.request, forge.pull_request()
    if now.head_sha != before.head_sha:
        return  # of the past, which is told when it is to be published
    if now.base_branch != before.base_branch or forge.pushes() != proposal.pushes:
        raise PlanError(
            "Its branch was pushed to, or it got another target, while this was judged, so what was read may be of "
            "two changes; judge it again."
        )


def publish_no_verdict(forge: Forge, head: str, error: ScopegateError, run: int) -> bool:
    """Publish that there is no verdict, which keeps the gate shut; return whether a newer run has spoken already."""
    first, _, _ = str(error).partition("\n")
    return say(forge, head, State.ERROR, in_short(f"no verdict: {first}"), run)


def in_short(words: str) -> str:
    """Return ``words`` as the description of a status: printable ASCII, and no longer than the host takes."""
    return _ascii(words)[:LONGEST_DESCRIPTION]


def description_of(outcome: Outcome) -> str:
    """Return what the status says: in words, and the whole fingerprint, which binds the sign-offs."""
    digest = outcome.fingerprint.removeprefix("sha256:")
    words = _ascii(_words(outcome))
    room = LONGEST_DESCRIPTION - len(digest) - 3
    return f"{words if len(words) <= room else words[: room - 3] + '...'} - {digest}"


def people_to_ask(outcome: Outcome) -> tuple[frozenset[str], frozenset[str]]:
    """Return the logins and teams whose review is missing and not asked for yet; a draft asks nobody."""
    request = outcome.request
    if request.draft or outcome.verdict is not Verdict.NEEDS_SIGN_OFF:
        return frozenset(), frozenset()
    missing = [r for r in outcome.analysis.report.requirements if not r.met]
    logins = frozenset(who.lower() for requirement in missing for who in requirement.suggested)
    groups = (group.partition(":") for requirement in missing for group in requirement.groups)
    # The people of a team that the policy lists are asked by name.
    teams = frozenset(name for kind, _, name in groups if kind == "team") - set(outcome.analysis.decision.policy.teams)
    return (
        logins - request.requested - {request.author.login.lower()},
        frozenset(team for team in teams if f"team:{team.rpartition('/')[2]}" not in request.requested),
    )


def say(forge: Forge, sha: str, state: State, description: str, run: int) -> bool:
    """Write a status where it differs from the newest; return whether a newer run has spoken already."""
    published = forge.statuses(sha)
    newest: Status | None = published[-1] if published else None
    if newest and run and newest.run > run:
        return True
    if newest is None or (newest.state, newest.description) != (state, description):
        forge.publish(sha, state, description)
    return False


def _refuse_moved_head(forge: Forge, request: PullRequest) -> None:
    now = forge.pull_request()
    if now.head_sha != request.head_sha:
        raise PlanError(
            f"The head moved from {request.head_sha[:12]} to {now.head_sha[:12]} while this was judged, so the verdict "
            "is of the past; the run of the new head decides."
        )


def _words(outcome: Outcome) -> str:
    report = outcome.analysis.report
    match outcome.verdict:
        case Verdict.PASS if report.circumstances.break_glass:
            return "BY BREAK-GLASS"
        case Verdict.PASS:
            return "everything beyond was signed off" if report.excesses else "nothing beyond scope"
        case Verdict.BLOCKED:
            return "nobody can release this"
        case Verdict.NEEDS_SIGN_OFF:
            missing = [r for r in report.requirements if not r.met]
            return "sign-off needed: " + ", ".join(dict.fromkeys(map(_missing, missing)))


def _missing(requirement: Requirement) -> str:
    return f"{requirement.missing} of {' or '.join(requirement.groups)}"


def _ascii(text: str) -> str:
    return "".join(character if " " <= character <= "~" else "?" for character in text)
