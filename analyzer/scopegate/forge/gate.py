"""The gate: what a change reaches, held against the trusted policy and the sign-offs that the code host proves.

Reads first and judges afterwards; nothing is written here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from scopegate.analyze import Analysis, Knowledge, LaidOut, Options, judge_seen, see_together
from scopegate.forge.collect import evidence_from, groups_asked
from scopegate.forge.eligibility import Accepted, Tally, tally_of
from scopegate.forge.integrity import CODE, SelfReported, paths_of, self_reported, with_guard_rails
from scopegate.forge.model import ChangedFile, Commit, Listing, PullRequest, Push
from scopegate.forge.people import MACHINE, Hands, authorship_of, hands_in
from scopegate.forge.port import Forge
from scopegate.forge.trusted import asks_code_owners, code_owners_at
from scopegate.policy.agents import author_kind, known_signs, signs_of
from scopegate.policy.declared import declared_in_file, declared_in_text
from scopegate.policy.kinds import AuthorKind
from scopegate.policy.load import decoded
from scopegate.policy.model import BreakGlass, Context, DeclaredScope, PolicyDocument
from scopegate.policy.people import Approval
from scopegate.policy.read_break_glass import parse_break_glass
from scopegate.verdict.decide import Verdict
from scopegate.verdict.requirements import NOBODY

BREAK_GLASS_FILE: Final = ".scopegate/break-glass.yaml"
SCOPE_FILE: Final = ".scopegate/scope.yaml"
_FILES_SHOWN: Final = 5


class Settings(Struct, frozen=True):
    """What the caller states: all of it comes from the trusted branch or its workflow.

    ``policy_ref`` is the trusted branch. ``machines`` are logins of programs with a person's account; ``barred`` maps
    logins that cannot sign to the reason.
    """

    policy_ref: str
    now: datetime
    source: str | None = None
    workspace: str | None = None
    backend: str | None = None
    default_regions: Mapping[str, str] = field(default_factory=dict)
    machines: frozenset[str] = frozenset()
    barred: Mapping[str, str] = field(default_factory=dict)
    author: AuthorKind = AuthorKind.UNKNOWN


class Proposal(Struct, frozen=True):
    """What the code host says of a change and of who made it."""

    request: PullRequest
    files: Listing[ChangedFile]
    author: AuthorKind
    hands: Hands
    pushes: Listing[Push]
    self_reported: tuple[SelfReported, ...]


class Outcome(Struct, frozen=True):
    """The verdict on all plans of a change, under the policy of the trusted branch.

    ``notes`` are sentences for whoever reads the report.
    """

    proposal: Proposal
    policy: PolicyDocument
    analysis: Analysis
    verdict: Verdict
    fingerprint: str
    tally: Tally
    notes: tuple[str, ...] = ()

    @property
    def request(self) -> PullRequest:
        """The pull request as it was when it was judged."""
        return self.proposal.request


def proposal_of(forge: Forge, request: PullRequest, settings: Settings) -> Proposal:
    """Return what there is to know of a change before its plans are read."""
    # First the pushes, and again at the end: a head that went and came back in between is told by them alone.
    pushes = forge.pushes()
    files, commits = forge.files(request), forge.commits()
    author = _author(request, commits, settings.author)
    by_agent = author is AuthorKind.AGENT
    hands = hands_in(request, commits, pushes, by_agent=by_agent, barred=dict(settings.barred))
    return Proposal(request, files, author, hands, pushes, self_reported(files.items))


def judge(
    forge: Forge,
    proposal: Proposal,
    plans: Sequence[LaidOut],
    knowledge: Knowledge,
    settings: Settings,
    *,
    by_reviews: bool = True,
) -> Outcome:
    """Return the verdict on a change; without ``by_reviews`` nobody has agreed yet.

    Raises:
        ScopegateError: there is no verdict; the message says why and what to do.
    """
    guarded = replace(knowledge, policy=with_guard_rails(knowledge.policy, proposal.self_reported))
    context = _context(forge, proposal, guarded, settings)
    options = Options(context, NOBODY, settings.default_regions)
    seen, graph = see_together([replace(plan, context=context) for plan in plans], guarded, options)
    asked = judge_seen(seen, graph, guarded, options)
    machines = settings.machines | guarded.policy.machines
    tally = _tally(forge, proposal, asked, machines) if by_reviews else Tally()
    broken, note = _break_glass(forge, proposal, tally.accepted)
    final = judge_seen(
        seen, graph, guarded, replace(options, sign_offs=tally.sign_offs, context=_with(context, broken))
    )
    return Outcome(
        proposal=proposal,
        policy=knowledge.policy,
        analysis=final,
        verdict=final.report.verdict,
        fingerprint=asked.scope.fingerprint,
        tally=tally,
        notes=tuple(filter(None, (*_notes(proposal), _outside(proposal, plans, settings), note))),
    )


def _author(request: PullRequest, commits: Listing[Commit], stated: AuthorKind) -> AuthorKind:
    """Return who made the change: a bot's account is no human, and any sign of an agent makes it one."""
    if request.author.is_bot:
        return AuthorKind.AGENT
    return author_kind(stated, signs_of(authorship_of(request, commits.items), known_signs()))


def _context(forge: Forge, proposal: Proposal, knowledge: Knowledge, settings: Settings) -> Context:
    owners = code_owners_at(forge, settings.policy_ref) if asks_code_owners(knowledge.policy) else None
    files = proposal.files
    return Context(
        author=proposal.author,
        now=settings.now,
        source=settings.source,
        workspace=settings.workspace,
        backend=settings.backend,
        changed_files=None if files.gap else paths_of(files.items),
        declared=_declared(forge, proposal.request),
        code_owners=owners,
        barred={**dict.fromkeys(knowledge.policy.machines, MACHINE), **proposal.hands.logins},
    )


def _declared(forge: Forge, request: PullRequest) -> tuple[DeclaredScope, ...]:
    """Return what the author says the change is meant to reach: their own words, for they can only narrow."""
    in_text = declared_in_text(request.text, "the pull request") if request.text else ()
    data = forge.file_at(SCOPE_FILE, request.head_sha)
    return (*in_text, *((declared_in_file(decoded(data, SCOPE_FILE), SCOPE_FILE),) if data is not None else ()))


def _tally(forge: Forge, proposal: Proposal, asked: Analysis, machines: frozenset[str]) -> Tally:
    head = proposal.request.head_sha
    return tally_of(
        evidence_from(
            forge,
            head,
            asked.scope.fingerprint,
            forge.statuses(head),
            proposal.hands,
            groups_asked(asked.decision),
            asked.decision.policy.teams,
            machines,
        )
    )


def _break_glass(forge: Forge, proposal: Proposal, accepted: Iterable[Accepted]) -> tuple[BreakGlass | None, str]:
    """Return the break-glass that people ask for, with those of them who signed off exactly this head.

    The file is the change's own, so it is only a request: it counts as far as the people it names approved it. One that
    lies there from an earlier change asks for nothing: it made of every approval by those it names a break-glass until
    it expired, and of every one afterwards a change without a verdict.
    """
    if BREAK_GLASS_FILE not in paths_of(proposal.files.items):
        return None, ""
    data = forge.file_at(BREAK_GLASS_FILE, proposal.request.head_sha)
    if data is None:
        return None, ""
    asked = parse_break_glass(decoded(data, BREAK_GLASS_FILE), BREAK_GLASS_FILE)
    named = {person.who.lower() for person in asked.by}
    signed = tuple(Approval(person.who, person.groups) for person in accepted if person.who.lower() in named)
    if not signed:
        return None, f"Somebody asks to break the glass ({BREAK_GLASS_FILE}), and nobody it names has signed off yet."
    return replace(asked, by=signed), ""


def _with(context: Context, broken: BreakGlass | None) -> Context:
    return replace(context, break_glass=broken)


def _outside(proposal: Proposal, plans: Sequence[LaidOut], settings: Settings) -> str:
    """Return which files of code lie in no folder that was planned: modules, or a stack that was left out."""
    if settings.source is not None:
        return ""
    folders = [PurePosixPath(one.plan.path).parent for one in plans]
    files = [PurePosixPath(path) for path in paths_of(proposal.files.items) if path.endswith(CODE)]
    outside = [str(file) for file in files if not any(file.is_relative_to(folder) for folder in folders)]
    if not outside:
        return ""
    more = f" and {len(outside) - _FILES_SHOWN} more" if len(outside) > _FILES_SHOWN else ""
    return f"In no folder that was planned: {', '.join(outside[:_FILES_SHOWN])}{more}; see that no stack is left out."


def _notes(proposal: Proposal) -> tuple[str, ...]:
    gap = f"Not all is seen of the change: {proposal.files.gap}." if proposal.files.gap else ""
    reported = "; ".join(f"{file.path} {file.why}" for file in proposal.self_reported)
    told = f"The plan is its author's own word, for the change decides what the plan job runs: {reported}."
    return (gap, told if reported else "")
