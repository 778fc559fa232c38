"""A policy in words: what holds for one plan and where it is written, and what another policy would say instead."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from scopegate.policy.evaluate import agreements
from scopegate.policy.limits import Limit, SignalLimit, StrictLimit, counted_from
from scopegate.policy.model import Excess, PolicyDocument, Stack
from scopegate.policy.sign_off import Block, Outcome, in_words
from scopegate.reach.model import How
from scopegate.render.escape import plain
from scopegate.verdict.decide import Verdict
from scopegate.verdict.decision import Decision

_WORST_LAST = (Verdict.PASS, Verdict.NEEDS_SIGN_OFF, Verdict.BLOCKED)


def explain(decision: Decision, document: PolicyDocument) -> str:
    """Return what the policy says about one plan, limit by limit, with a line break at the end."""
    return "\n".join([*_head(decision), *_limits(decision, document)]) + "\n"


def _head(decision: Decision) -> Iterator[str]:
    yield f"{plain(decision.policy.name)} on {plain(decision.change.plan.path)}: {decision.verdict.value}"
    yield f"  {_stack(decision.policy.stack)}"
    if decision.policy.further:
        further = plain(in_words(decision.policy.further))
        yield f"  the author counts as an AI agent: {further} on top of what limits ask"
    for requirement in decision.requirements:
        asked = f"{requirement.count} of {' or '.join(requirement.groups)} ({', '.join(requirement.why)})"
        yield f"  to agree: {plain(asked)}"


def _stack(stack: Stack | None) -> str:
    if stack is None:
        return "belongs to no stack, so `limits` and `defaults` hold"
    match = stack.match
    found = {"paths": match.paths, "plans": match.plans, "workspaces": match.workspaces, "backends": match.backends}
    by = "; ".join(f"{key} {', '.join(patterns)}" for key, patterns in found.items() if patterns)
    inherits = "and inherits `defaults`" if stack.inherits_defaults else "and inherits nothing"
    return plain(f"belongs to the stack {stack.name} (by {by}), whose owner is {' or '.join(stack.owner)}, {inherits}")


def _limits(decision: Decision, document: PolicyDocument) -> Iterator[str]:
    beyond = {excess.limit.name: excess for excess in decision.excesses}
    origins = _origins(decision, document)
    for limit in decision.policy.limits:
        name = limit.terms.name
        yield f"{'x' if name in beyond else '-'} {plain(name)}  [{plain(origins.get(name, 'declared'))}]"
        yield f"    {_about(limit)}; beyond it: {plain(_outcome(limit.terms.outcome))}"
        yield f"    why: {plain(limit.terms.why)}"
        if name in beyond:
            yield f"    here: {plain(beyond[name].message)}"
            yield f"    do: {plain(beyond[name].advice)}"


def _origins(decision: Decision, document: PolicyDocument) -> dict[str, str]:
    """Return where each limit in force comes from: its part of the policy, and ``file:line`` where it has one."""
    from scopegate.policy.in_force import limits_in_force

    found = limits_in_force(document, decision.policy.stack, decision.change.context.author)
    names = ((item.part, item.limit.terms.name) for item in found)
    return {name: ", ".join(filter(None, (part, document.origins.get((part, name))))) for part, name in names}


def _about(limit: Limit) -> str:
    match limit:
        case StrictLimit():
            said = f"{limit.kind.value}: {', '.join(limit.strict)} always ask"
        case SignalLimit():
            said = f"signals: none {_meant(limit)}"
        case _:
            said = "; ".join(f"{kind.value}: {words}" for kind, words in agreements(limit))
    return plain(said + _COUNTED.get(limit.terms.counts, ""))


_COUNTED = {counted_from(How.DIRECT): " (direct changes only)", counted_from(How.EXPOSED): " (every touch)"}


def _meant(limit: SignalLimit) -> str:
    severities = sorted(severity.value for severity in limit.severities)
    categories = sorted(category.value for category in limit.categories)
    found = (("severity", severities), ("category", categories), ("rule", limit.rules))
    return ", ".join(f"of {word} {' or '.join(values)}" for word, values in found if values)


def _outcome(outcome: Outcome) -> str:
    return "blocked, nobody can release it" if isinstance(outcome, Block) else in_words(outcome)


class Comparison(Struct, frozen=True):
    """What two policies say to one plan."""

    path: str
    old: Decision
    new: Decision


def compare(comparisons: Sequence[Comparison]) -> str:
    """Return which verdicts the new policy alters, with a line break at the end."""
    lines = [line for comparison in comparisons for line in _comparison(comparison)]
    altered = sum(_change(comparison) != "same" for comparison in comparisons)
    lines.append(
        f"{altered} of {len(comparisons)} {'plan is' if len(comparisons) == 1 else 'plans are'} judged otherwise."
    )
    return "\n".join(lines) + "\n"


def _comparison(comparison: Comparison) -> Iterator[str]:
    change, old, new = _change(comparison), comparison.old, comparison.new
    verdicts = old.verdict.value if old.verdict is new.verdict else f"{old.verdict.value} -> {new.verdict.value}"
    yield f"{change:<8} {plain(comparison.path)}: {verdicts}"
    if change != "same":
        yield from _only("no longer beyond", old.excesses, new.excesses)
        yield from _only("now beyond", new.excesses, old.excesses)
        if _asked(old) != _asked(new):
            yield f"    to agree: {plain(_asked(old))} -> {plain(_asked(new))}"


def _change(comparison: Comparison) -> str:
    """Return in one word how the new policy compares; ``other`` where neither asks for more of the same."""
    old, new = comparison.old, comparison.new
    if old.verdict is not new.verdict:
        return "looser" if _WORST_LAST.index(new.verdict) < _WORST_LAST.index(old.verdict) else "tighter"
    same = {e.limit.name for e in old.excesses} == {e.limit.name for e in new.excesses} and _asked(old) == _asked(new)
    return "same" if same else "other"


def _only(words: str, these: Iterable[Excess], others: Iterable[Excess]) -> Iterator[str]:
    known = {excess.limit.name for excess in others}
    for excess in these:
        if excess.limit.name not in known:
            yield f"    {words}: {plain(excess.limit.name)}: {plain(excess.message)}"


def _asked(decision: Decision) -> str:
    asked = (f"{r.count} of {' or '.join(r.groups)}" for r in decision.requirements)
    return " and ".join(asked) or "nobody"
