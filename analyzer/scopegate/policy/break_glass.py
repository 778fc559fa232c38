"""Break-glass: in an emergency the policy's own people open the gate, in the open and not for long."""

from datetime import timedelta

from scopegate.errors import PolicyError
from scopegate.policy.model import BreakGlass, BreakGlassTerms, Context, Policy
from scopegate.policy.people import is_member


def break_glass_in_force(policy: Policy, context: Context) -> BreakGlass | None:
    """Return the break-glass that opens the gate; None where nobody asked for it.

    Raises:
        PolicyError: somebody asked for it in a way the policy does not agree to.
    """
    asked = context.break_glass
    if asked is None:
        return None
    terms = policy.break_glass
    if terms is None:
        raise PolicyError(
            f"{policy.name}: somebody breaks the glass, but the policy has no `break_glass`, so nobody may; ask for "
            "the sign-offs instead."
        )
    if problem := _problem(asked, terms, policy, context):
        raise PolicyError(f"The glass stays whole: {problem}.")
    return asked


def _problem(asked: BreakGlass, terms: BreakGlassTerms, policy: Policy, context: Context) -> str:
    if context.now is None:
        return "it has an expiry, and nobody said what time it is; pass the time with --now"
    if asked.expires <= context.now:
        return f"it expired at {asked.expires.isoformat()}; ask again, with a new expiry"
    if asked.expires > context.now + timedelta(hours=terms.longest_hours):
        return f"it would last longer than the {terms.longest_hours} hours the policy allows; name an earlier expiry"
    allowed = {
        person.who.lower()
        for person in asked.by
        if person.who.lower() not in context.barred and is_member(person, terms.groups, policy.teams)
    }
    if len(allowed) < terms.count:
        groups = " or ".join(terms.groups)
        return (
            f"it takes {terms.count} of {groups}, and {len(allowed)} of those who ask are known to be; let more of "
            "them ask, or list their members under `teams`"
        )
    return ""
