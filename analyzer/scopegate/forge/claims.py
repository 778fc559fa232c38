"""Claim mode: the code host itself asks the owners of each claim for review, so no team has to be read.

The gate checks three things: the claim on the head says what the plan says, it is part of this change (or nobody would
be asked), and the rules of the branch really make those who own its path agree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scopegate.analyze import Analysis, Knowledge, LaidOut
from scopegate.forge.gate import Outcome, Proposal, Settings, judge
from scopegate.forge.integrity import paths_of
from scopegate.forge.model import Listing, Rules
from scopegate.forge.port import Forge
from scopegate.forge.trusted import code_owners_at
from scopegate.policy.codeowners import owners_of_path
from scopegate.policy.glob import matches_path
from scopegate.policy.model import CodeOwnersRule
from scopegate.policy.sign_off import ANYONE
from scopegate.policy.stacks import stack_name
from scopegate.verdict.claim import CLAIMS, Claim, in_words, read_claim
from scopegate.verdict.decide import Verdict
from scopegate.verdict.fingerprint import wider_than
from scopegate.verdict.scopes import is_about, scope_of_plan

DELTA_SHOWN: Final = 12


class Ground(Struct, frozen=True):
    """What a claim is held against beside the plan: the change's files, and what the branches enforce.

    ``rules`` are those of the branch to be merged into and of the trusted one: a verdict belongs to a commit, and the
    pull request can be retargeted after it. ``several`` is whether different people are asked for different groups.
    """

    changed: frozenset[str]
    rules: tuple[Rules, ...]
    owners: tuple[CodeOwnersRule, ...]
    errors: tuple[str, ...]
    organisation: str
    several: bool


def judge_by_claims(
    forge: Forge, proposal: Proposal, plans: Sequence[LaidOut], knowledge: Knowledge, settings: Settings
) -> Outcome:
    """Return the verdict by claims; those that are asked for are no guard rails, for their owners review them.

    Any other file among the claims is one: it could be a claim that nobody is asked about, to be applied by later.

    Raises:
        ScopegateError: there is no verdict, or a claim or the rules of the branch cannot be read.
    """
    files, gap = proposal.files.items, proposal.files.gap
    written = tuple(file for file in files if file.path.startswith(f"{CLAIMS}/"))
    others = tuple(file for file in files if file not in written)
    judged = replace(proposal, files=Listing(others, gap))
    outcome = judge(forge, judged, plans, knowledge, settings, by_reviews=False)
    asked = {claim.path for some in claims_for(outcome.analysis, proposal.request.head_branch) for claim in some}
    if surplus := tuple(file for file in written if not asked.issuperset(paths_of((file,)))):
        judged = replace(proposal, files=Listing((*others, *surplus), gap))
        outcome = judge(forge, judged, plans, knowledge, settings, by_reviews=False)
    return with_claims(forge, replace(outcome, proposal=proposal), paths_of(files), settings.policy_ref)


def claims_for(analysis: Analysis, branch: str) -> tuple[tuple[Claim, ...], ...]:
    """Return for each requirement the claims that it asks for: one for each plan that it is about."""
    decision, requirements = analysis.shown, analysis.report.requirements
    found: list[list[Claim]] = [[] for _ in requirements]
    for number, (part, policy) in enumerate(zip(decision.change.parts, decision.policies, strict=True)):
        scope = scope_of_plan(decision, number, hides=analysis.shown is not analysis.decision)
        name = stack_name(policy.stack.name if policy.stack else None, part.plan.path)
        for claims, requirement in zip(found, requirements, strict=True):
            if is_about(decision, requirement, number):
                claims.append(Claim(name, branch, requirement.groups, requirement.count, scope))
    return tuple(map(tuple, found))


def with_claims(forge: Forge, outcome: Outcome, changed: Iterable[str], policy_ref: str) -> Outcome:
    """Return the outcome with requirements met by claims in place of reviews, and why others are not.

    Raises:
        ScopegateError: a claim or the rules of the branch cannot be read.
    """
    request, requirements = outcome.request, outcome.analysis.report.requirements
    ground = Ground(
        frozenset(changed),
        tuple(forge.rules(branch) for branch in dict.fromkeys((request.base_branch, policy_ref))),
        code_owners_at(forge, policy_ref) or (),
        forge.code_owners_errors(policy_ref),
        request.base_repository.partition("/")[0].lower(),
        outcome.policy.distinct_people and sum(requirement.groups != (ANYONE,) for requirement in requirements) > 1,
    )
    total = sum(requirement.count for requirement in requirements)
    asked = claims_for(outcome.analysis, request.head_branch)
    problems: dict[str, str] = {}
    for claim in chain.from_iterable(asked):
        data = forge.file_at(claim.path, request.head_sha)
        problems[claim.path] = _not_claimed(claim, data, ground) or _not_enforced(claim, ground, total)
    analysis = _filled(outcome.analysis, asked, problems)
    return replace(
        outcome,
        analysis=analysis,
        verdict=analysis.report.verdict,
        notes=(*outcome.notes, *(f"{path}: {problem}." for path, problem in problems.items() if problem)),
    )


def _filled(analysis: Analysis, asked: Sequence[Sequence[Claim]], problems: Mapping[str, str]) -> Analysis:
    requirements = tuple(
        replace(requirement, satisfied_by=_claimed(claims, problems) * requirement.count)
        for requirement, claims in zip(analysis.report.requirements, asked, strict=True)
    )
    verdict = analysis.report.verdict
    if verdict is not Verdict.BLOCKED:
        verdict = Verdict.PASS if all(requirement.met for requirement in requirements) else Verdict.NEEDS_SIGN_OFF
    return replace(analysis, report=replace(analysis.report, requirements=requirements, verdict=verdict))


def _claimed(claims: Sequence[Claim], problems: Mapping[str, str]) -> tuple[str, ...]:
    """Return the paths of the claims of a requirement where there is no problem with any of them."""
    return () if any(problems[claim.path] for claim in claims) else tuple(claim.path for claim in claims)


def _not_claimed(claim: Claim, data: bytes | None, ground: Ground) -> str:
    """Return why the file on the head is not this claim, or nothing."""
    if data is None:
        return "the claim is missing; write it with `scopegate claim` and commit it"
    written = read_claim(data, claim.path)
    if written != claim:
        return f"the claim is not what the plan says: {_difference(written, claim)}; write it again and commit it"
    if claim.path not in ground.changed:
        return "the claim is not part of this change, so nobody is asked about it; use a branch of another name"
    return ""


def _difference(written: Claim, claim: Claim) -> str:
    delta = wider_than(claim.scope, written.scope)
    facts = in_words(delta) if delta else ()
    if not facts:
        return "it claims more, or for another branch, group or number of people"
    more = f" and {len(facts) - DELTA_SHOWN} more" if len(facts) > DELTA_SHOWN else ""
    return f"not in it are {', '.join(facts[:DELTA_SHOWN])}{more}"


def _not_enforced(claim: Claim, ground: Ground, total: int) -> str:
    """Return why nothing makes these people agree to this claim, or nothing."""
    missing = "; ".join(dict.fromkeys(gap for rules in ground.rules for gap in _gaps(claim, rules, ground, total)))
    return (
        f"the claim is right, but nothing makes {' or '.join(claim.groups)} agree to it: {missing}" if missing else ""
    )


def _gaps(claim: Claim, rules: Rules, ground: Ground, total: int) -> Iterator[str]:
    if not rules.dismisses_stale:
        yield "the branch does not dismiss stale approvals"
    if not rules.last_push:
        yield "the branch lets whoever pushed last approve"
    if claim.groups == (ANYONE,):
        if rules.approvals < total:
            yield f"the branch asks for {rules.approvals} approvals, and {total} are needed"
        return
    natively = max((count for pattern, count in rules.reviewed_paths if matches_path(pattern, claim.path)), default=0)
    if claim.count > 1 and natively < claim.count:
        yield f"code owners agree one for all, and {claim.count} are needed; use required reviewers"
    if not rules.code_owners:
        yield "the branch does not ask code owners"
    if ground.errors:
        yield f"the code host skips lines of CODEOWNERS that it cannot use ({ground.errors[0]})"
    if ground.several:
        yield "to the code host one person can agree for several groups, and the policy asks for different people"
    owners = owners_of_path(ground.owners, claim.path)
    if not owners or not {_full(o, ground) for o in owners} <= {_full(g, ground) for g in claim.groups}:
        yield f"CODEOWNERS names {' and '.join(owners) or 'nobody'} as owner of the claim"


def _full(group: str, ground: Ground) -> str:
    """Return a team with its organisation, as CODEOWNERS writes it."""
    kind, _, name = group.partition(":")
    return f"team:{ground.organisation}/{name}" if kind == "team" and "/" not in name else group


def claims_that_cover(analysis: Analysis, claims: Sequence[Claim], branch: str | None) -> dict[str, tuple[str, ...]]:
    """Return for each requirement of a plan, by its claim's path, what was not agreed to; nothing where all was.

    The policy's digest is not compared: the plan was judged under the present policy, and each group that it asks must
    have agreed.
    """
    return {
        wanted.path: _uncovered(wanted, [c for c in claims if branch is None or c.branch == branch])
        for wanted in chain.from_iterable(claims_for(analysis, ""))
    }


def _uncovered(wanted: Claim, claims: Sequence[Claim]) -> tuple[str, ...]:
    own = [c for c in claims if (c.stack, c.groups) == (wanted.stack, wanted.groups) and c.count >= wanted.count]
    if not own:
        return (f"{wanted.count} of {' or '.join(wanted.groups)} did not agree to anything here",)
    scope = replace(wanted.scope, policy="")
    deltas = [wider_than(scope, replace(claim.scope, policy="")) for claim in own]
    return () if None in deltas else in_words(next(delta for delta in deltas if delta))
