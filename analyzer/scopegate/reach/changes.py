"""Which attributes of an instance change or become unknown.

A path leaves list indexes out and keeps map keys: ``("rule", "cidr_blocks")``, ``("tags", "Name")``. The empty path
stands for the whole object. Cost: linear in the values of the changed instances; nothing else is decoded.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import msgspec

from scopegate.pattern import Pattern
from scopegate.plan.actions import Action
from scopegate.plan.model import Instance, OutputChange, Plan

Path = tuple[str, ...]

WHOLE: Final[Path] = ()
"""The path of the object itself: everything about it changes."""

_STEP = Pattern(r'\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\[[^\]]*\]|([^.\[\]]+)')


def changed_paths(instance: Instance) -> frozenset[Path]:
    """Return the paths whose value differs after the change or is not known yet.

    An object that is created or destroyed changes as a whole. One that is replaced keeps the values that the plan knows
    to be the same, such as its name; one that is only forgotten, moved or imported changes nothing.
    """
    if instance.action is Action.UPDATE or instance.action.replaces:
        before, after, unknown = (
            msgspec.json.decode(raw) for raw in (instance.before, instance.after, instance.after_unknown)
        )
        return frozenset({*_differences(before, after, ()), *_unknowns(unknown, ())})
    if instance.action is Action.CREATE or instance.action.destroys:
        return frozenset({WHOLE})
    return frozenset()


def changed_outputs(plan: Plan) -> frozenset[Path]:
    """Return what changes of the ``outputs`` that another stack reads of the state of ``plan``."""
    found: set[Path] = set()
    for name, change in plan.output_changes.items():
        if change.action.changes_something:
            found.update(_changed_output(("outputs", name), change))
    return frozenset(found)


def _changed_output(path: Path, change: OutputChange) -> Iterable[Path]:
    try:
        sections = (change.before, change.after, change.after_unknown)
        before, after, unknown = (msgspec.json.decode(section) for section in sections)
        return frozenset((*_differences(before, after, path), *_unknowns(unknown, path)))
    except (msgspec.DecodeError, RecursionError):  # of outputs no value was tried when the plan was read
        return (path,)


def _differences(before: object, after: object, path: Path) -> Iterator[Path]:
    """Yield the paths at which two values differ; what is equal is told in one comparison, and not gone through."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            old, new = before.get(key), after.get(key)
            if old != new:
                yield from _differences(old, new, (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            if old != new:
                yield from _differences(old, new, path)
    else:
        yield path


def _unknowns(unknown: object, path: Path) -> Iterator[Path]:
    if unknown is True:
        yield path
    elif isinstance(unknown, dict):
        for key, value in unknown.items():
            if value:
                yield from _unknowns(value, (*path, key))
    elif isinstance(unknown, list):
        for value in unknown:
            if value:
                yield from _unknowns(value, path)


@lru_cache(maxsize=65536)
def path_read(reads: str) -> Path:
    """Return the path that a reference reads: ``network[0].ip`` and ``network["ip"]`` are one path."""
    steps = (match.group(1) or match.group(2) for match in _STEP.finditer(reads))
    return tuple(step for step in steps if step)


def overlaps(path: Path, changed: Iterable[Path]) -> bool:
    """Return whether one of the ``changed`` paths lies on, above or below ``path``."""
    return any(path[: len(other)] == other[: len(path)] for other in changed)
