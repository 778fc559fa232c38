"""From a policy document to the policy that holds for one plan: its stack, its author, its time, its declared scope.

Everything here adds limits or refuses; what the author or the stack says can narrow what was agreed, never widen it.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from scopegate.errors import PolicyError
from scopegate.place.placement import Known, Placement, Unknown
from scopegate.policy.kinds import AuthorKind, LimitKind
from scopegate.policy.limits import AllowLimit, Limit, Terms, TimeLimit
from scopegate.policy.model import Context, DeclaredScope, Policy, PolicyDocument, Stack, Waiver
from scopegate.policy.sign_off import SignOff
from scopegate.policy.stacks import stack_of


class InForce(Struct, frozen=True):
    """A limit that holds for a plan, and the part of the policy it comes from (``limits``, ``defaults``, …)."""

    limit: Limit
    part: str


def policy_for(document: PolicyDocument, plan_path: str, context: Context) -> Policy:
    """Return what ``document`` says about the plan at ``plan_path``.

    Raises:
        PolicyError: the plan's stack cannot be told, no limit holds for the plan, or a waiver has expired.
    """
    stack = stack_of(document.stacks, plan_path, context, document.name)
    agreed = tuple(found.limit for found in limits_in_force(document, stack, context.author))
    if not agreed:
        raise PolicyError(
            f"{document.name}: no limit holds for {plan_path}, which belongs to no stack, so anything would pass; add "
            "a stack that matches it, or limits under `limits` or `defaults`."
        )
    declared = tuple(limit for scope in context.declared for limit in _declared(scope, document))
    return Policy(
        name=document.name,
        limits=(*agreed, *declared),
        stack=stack,
        further=document.agents.sign_off if counts_as_agent(document, context.author) else None,
        owners=document.owners,
        teams=document.teams,
        waivers=_waivers_in_force(document, context),
        break_glass=document.break_glass,
        distinct_people=document.distinct_people,
    )


def own_limits(stack: Stack) -> tuple[Limit, ...]:
    """Return the limits that a stack says of itself, its environment and accounts among them."""
    return (*stack.limits, *_places_of(stack))


def counts_as_agent(document: PolicyDocument, author: AuthorKind) -> bool:
    """Return whether what holds for agents holds for this author."""
    return author is AuthorKind.AGENT or (author is AuthorKind.UNKNOWN and document.agents.include_unknown)


def limits_in_force(document: PolicyDocument, stack: Stack | None, author: AuthorKind) -> Iterator[InForce]:
    """Yield the limits of ``document`` that hold for a plan of ``stack``, each with the part it comes from."""
    yield from (InForce(limit, "limits") for limit in document.limits)
    own = {limit.terms.name for limit in stack.limits} if stack else frozenset()
    if stack is None or stack.inherits_defaults:
        yield from (InForce(limit, "defaults") for limit in document.defaults if limit.terms.name not in own)
    if stack:
        yield from (InForce(limit, f"stacks.{stack.name}") for limit in own_limits(stack))
    if counts_as_agent(document, author):
        yield from (InForce(limit, "agents") for limit in document.agents.limits)


def asks_for_time(document: PolicyDocument) -> bool:
    """Return whether something in ``document`` depends on what time it is."""
    limits = (*document.limits, *document.defaults, *document.agents.limits)
    own = (limit for stack in document.stacks for limit in stack.limits)
    return bool(document.waivers) or any(isinstance(limit, TimeLimit) for limit in (*limits, *own))


def in_environment(placements: tuple[Placement, ...], stack: Stack | None) -> tuple[Placement, ...]:
    """Return the placements with the stack's environment where nothing else tells it: whose a place is, is agreed."""
    if stack is None or stack.environment is None:
        return placements
    environment = Known(stack.environment, f"stack {stack.name} of the policy")
    # Instances in one place share their placement, and go on sharing it.
    agreed = {id(place): place for place in placements}
    for key, place in agreed.items():
        if place.located and isinstance(place.environment, Unknown):
            agreed[key] = replace(place, environment=environment)
    return tuple(agreed[id(place)] for place in placements)


def _places_of(stack: Stack) -> Iterable[Limit]:
    """Return the limits that a stack's own environment and accounts are."""
    owner = SignOff(1, stack.owner)
    if stack.environment is not None:
        terms = Terms("stack-environment", owner, f"the stack {stack.name} is agreed for this environment")
        yield AllowLimit(terms, LimitKind.ENVIRONMENTS, (stack.environment,))
    if stack.accounts is not None:
        terms = Terms("stack-accounts", owner, f"the stack {stack.name} is agreed for these accounts")
        yield AllowLimit(terms, LimitKind.ACCOUNTS, stack.accounts)


def _declared(declared: DeclaredScope, document: PolicyDocument) -> Iterable[Limit]:
    for kind, allow in declared.allow.items():
        why = f"the author said so ({declared.source}), so what is reached besides was not meant"
        yield AllowLimit(Terms(f"declared-{kind.value}", document.declared, why), kind, allow, declared=True)


def _waivers_in_force(document: PolicyDocument, context: Context) -> tuple[Waiver, ...]:
    if document.waivers and context.now is None:
        raise PolicyError(
            f"{document.waivers[0].origin}: this policy has waivers that expire, and nobody said what time it is, so "
            "it cannot be told whether they still hold; pass the time with --now."
        )
    expired = [waiver for waiver in document.waivers if context.now is not None and waiver.expires <= context.now]
    if expired:
        raise PolicyError("\n".join(_expired(waiver) for waiver in expired))
    return document.waivers


def _expired(waiver: Waiver) -> str:
    return (
        f"{waiver.origin}: the waiver by {waiver.by} ({waiver.reason}) expired at {waiver.expires.isoformat()}, so "
        "what it covered is to be asked again; take it out, or renew it with a new reason."
    )
