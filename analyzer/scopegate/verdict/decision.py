"""A policy held against a change, to its end: what is beyond, who must agree, who has, and the verdict."""

from collections.abc import Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from scopegate.place.placement import Placement
from scopegate.policy.evaluate import judge_together
from scopegate.policy.in_force import in_environment, policy_for
from scopegate.policy.model import (
    NOTHING_KNOWN,
    BreakGlass,
    Change,
    Context,
    Excess,
    Part,
    Policy,
    PolicyDocument,
    WaiverUse,
)
from scopegate.policy.stacks import context_of, stacks_at_once
from scopegate.policy.together import held_limits, merged, unplanned
from scopegate.reach.footprint import footprint
from scopegate.verdict.decide import Verdict, decide
from scopegate.verdict.requirements import NOBODY, Requirement, SignOffs, requirements_of


class Decision(Struct, frozen=True):
    """A verdict and what it was made from; ``change`` is the change as the policy saw it.

    ``policies`` are what was agreed for each of its plans, and ``policy`` for all of them.
    """

    policy: Policy
    change: Change
    excesses: tuple[Excess, ...]
    waived: tuple[WaiverUse, ...]
    requirements: tuple[Requirement, ...]
    break_glass: BreakGlass | None
    verdict: Verdict
    policies: tuple[Policy, ...]


def decision_on(
    change: Change,
    document: PolicyDocument,
    context: Context = NOTHING_KNOWN,
    sign_offs: SignOffs = NOBODY,
    *,
    all_planned: bool = False,
) -> Decision:
    """Return the decision of the policy ``document`` on ``change`` as it was seen, with nothing of a policy in it yet.

    With ``all_planned`` every stack whose files the change touches must have one of its plans.

    Raises:
        PolicyError: the policy does not say what holds for a plan, or nobody could agree to what it asks.
    """
    parts = change.parts or (Part(change.plan, context),)
    policies = tuple(policy_for(document, part.plan.path, context_of(part, context)) for part in parts)
    policy = merged(policies, held_limits(policies, parts))
    seen = _as_agreed(replace(change, parts=parts), document, policies, context)
    judgement = judge_together(seen, policies)
    missing = unplanned(seen, policies) if all_planned else None
    excesses = (*judgement.excesses, *([missing] if missing else []))
    requirements = requirements_of(excesses, policy, sign_offs, context.barred)
    break_glass = _break_glass(policy, context) if context.break_glass else None
    return Decision(
        policy=policy,
        change=seen,
        excesses=excesses,
        waived=judgement.waived,
        requirements=requirements,
        break_glass=break_glass,
        verdict=decide(excesses, requirements, break_glass),
        policies=policies,
    )


def _break_glass(policy: Policy, context: Context) -> BreakGlass | None:
    from scopegate.policy.break_glass import break_glass_in_force

    return break_glass_in_force(policy, context)


def _as_agreed(change: Change, document: PolicyDocument, policies: Sequence[Policy], context: Context) -> Change:
    """Return the change with what only the policy and the caller know of it: environment, context, stacks."""
    placements = _in_environments(change, policies)
    places = change.footprint if placements is change.placements else footprint(change.reach, placements)
    stacks = dict.fromkeys(stack for policy in policies for stack in stacks_at_once(document.stacks, policy, context))
    return replace(change, placements=placements, footprint=places, context=context, stacks=tuple(stacks))


def _in_environments(change: Change, policies: Sequence[Policy]) -> tuple[Placement, ...]:
    if len(policies) == 1:
        return in_environment(change.placements, policies[0].stack)
    starts = [part.start for part in change.parts]
    slices = zip(starts, [*starts[1:], len(change.placements)], policies, strict=True)
    agreed = (in_environment(change.placements[start:end], policy.stack) for start, end, policy in slices)
    return tuple(chain.from_iterable(agreed))
