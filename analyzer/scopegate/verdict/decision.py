"""A policy held against a change, to its end: what is beyond, who must agree, who has, and the verdict."""

from msgspec import Struct
from msgspec.structs import replace

from scopegate.policy.break_glass import break_glass_in_force
from scopegate.policy.evaluate import judge
from scopegate.policy.in_force import in_environment, policy_for
from scopegate.policy.model import NOTHING_KNOWN, BreakGlass, Change, Context, Excess, Policy, PolicyDocument
from scopegate.policy.stacks import stacks_at_once
from scopegate.policy.waivers import WaiverUse
from scopegate.reach.footprint import footprint
from scopegate.verdict.decide import Verdict, decide
from scopegate.verdict.requirements import NOBODY, Requirement, SignOffs, requirements_of


class Decision(Struct, frozen=True):
    """A verdict and what it was made from; ``change`` is the change as the policy saw it."""

    policy: Policy
    change: Change
    excesses: tuple[Excess, ...]
    waived: tuple[WaiverUse, ...]
    requirements: tuple[Requirement, ...]
    break_glass: BreakGlass | None
    verdict: Verdict


def decision_on(
    change: Change, document: PolicyDocument, context: Context = NOTHING_KNOWN, sign_offs: SignOffs = NOBODY
) -> Decision:
    """Return the decision of the policy ``document`` on ``change`` as it was seen, with nothing of a policy in it yet.

    Raises:
        PolicyError: the policy does not say what holds for this plan, or nobody could agree to what it asks.
    """
    policy = policy_for(document, change.plan.path, context)
    seen = _as_agreed(change, document, policy, context)
    judgement = judge(seen, policy)
    requirements = requirements_of(judgement.excesses, policy, sign_offs, context.barred)
    break_glass = break_glass_in_force(policy, context)
    return Decision(
        policy=policy,
        change=seen,
        excesses=judgement.excesses,
        waived=judgement.waived,
        requirements=requirements,
        break_glass=break_glass,
        verdict=decide(judgement.excesses, requirements, break_glass),
    )


def _as_agreed(change: Change, document: PolicyDocument, policy: Policy, context: Context) -> Change:
    """Return the change with what only the policy and the caller know of it: environment, context, stacks."""
    placements = in_environment(change.placements, policy.stack)
    places = change.footprint if placements is change.placements else footprint(change.reach, placements)
    stacks = stacks_at_once(document.stacks, policy, context)
    return replace(change, placements=placements, footprint=places, context=context, stacks=stacks)
