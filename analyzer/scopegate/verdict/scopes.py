"""The scope of each plan of a change, as that plan alone names it: what is held against it before it is applied.

Plans are judged together and applied one by one. So what is agreed to for one of them has its own addresses and the
limits' own names, without the stack that tells them apart in a report on several.
"""

from msgspec.structs import replace

from scopegate.policy.model import Excess
from scopegate.policy.together import Held, Views, concerned, held_limits
from scopegate.verdict.decision import Decision
from scopegate.verdict.fingerprint import SignedScope, for_one_plan, signed_scope
from scopegate.verdict.requirements import AGENT_AUTHOR, Requirement


def scope_of_plan(decision: Decision, number: int, *, hides: bool) -> SignedScope:
    """Return what is to be agreed of one plan; one that ``hides`` values is for exactly this plan."""
    change, part = decision.change, decision.change.parts[number]
    excesses = decision.excesses
    if len(change.parts) > 1:
        instances = list(change.plan.instances)
        end = part.start + len(part.plan.instances)
        instances[part.start : end] = (replace(instance, stack="") for instance in instances[part.start : end])
        own = Views(change).within((number,))
        signals = tuple(replace(signal, stack="") for signal in own.signals)
        change = replace(own, plan=replace(own.plan, instances=tuple(instances)), signals=signals)
        excesses = tuple(_as_its_own(found, excess) for found, excess in _held(decision) if number in found.plans)
    scope = signed_scope(change, (decision.policies[number],), excesses)
    return for_one_plan(scope, part.plan.sha256) if hides else scope


def is_about(decision: Decision, requirement: Requirement, number: int) -> bool:
    """Return whether a requirement asks for something that one of the plans reaches."""
    if len(decision.change.parts) == 1 or AGENT_AUTHOR in requirement.why:
        return True
    about = (held for held, excess in _held(decision) if excess.limit.name in requirement.why)
    return any(number in held.plans for held in about)


def _held(decision: Decision) -> list[tuple[Held, Excess]]:
    """Return each excess with its limit, and there the plans of which something is beyond it."""
    known = {held.name: held for held in held_limits(decision.policies, decision.change.parts)}
    found = [(known[excess.limit.name], excess) for excess in decision.excesses if excess.limit.name in known]
    return [(replace(held, plans=concerned(excess, held, decision.change)), excess) for held, excess in found]


def _as_its_own(held: Held, excess: Excess) -> Excess:
    return replace(excess, limit=held.limit.terms)
