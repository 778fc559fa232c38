"""Predicates on an object among others of its kind: is it the last one."""

from collections.abc import Iterator, Mapping, Sequence

from scopegate.plan.address import Mode
from scopegate.plan.model import decode_values
from scopegate.signals.change import Change, Surroundings, leaves, steps
from scopegate.signals.finding import Finding, Fires
from scopegate.signals.values import Scalar, matches


def last_of_its_kind(change: Change, types: Sequence[str], path: str, one_of: Sequence[Scalar], parent: str) -> Finding:
    """Return whether, of the objects of ``types`` that this plan leaves alone, none is like this one.

    Like it are those with a value of ``one_of`` at ``path`` (all, where ``one_of`` is empty) and the same value at
    ``parent`` (any, where ``parent`` is empty). Only what the plan knows counts: others may exist outside of it. What
    the plan changes or makes does not count as left, so that adding a change never takes this away.
    """
    if not _is_like(change.before, path, one_of):
        return None
    question = (tuple(sorted({change.instance.type, *types})), path, tuple(one_of), parent)
    left = change.around.left.get(question)
    if left is None:
        left = change.around.left[question] = frozenset(_parents_left(change.around, *question))
    return None if _parent_of(change.before, parent) in left else Fires()


def _parents_left(
    around: Surroundings, types: Sequence[str], path: str, one_of: Sequence[Scalar], parent: str
) -> Iterator[str]:
    for instance in around.plan.instances:
        if instance.type in types and instance.mode is Mode.MANAGED and not instance.action.changes_something:
            values = decode_values(instance.after)
            if _is_like(values, path, one_of):
                yield _parent_of(values, parent)


def _is_like(values: Mapping[str, object], path: str, one_of: Sequence[Scalar]) -> bool:
    return not one_of or any(matches(leaf, one_of) for leaf in leaves(values, steps(path)))


def _parent_of(values: Mapping[str, object], parent: str) -> str:
    return repr(leaves(values, steps(parent))) if parent else ""
