"""Which stack a plan belongs to, as far as the plan and the caller tell."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from scopegate.errors import PolicyError
from scopegate.policy.glob import matches, matches_path
from scopegate.policy.model import Context, Policy, Stack, StackMatch


class _Trait(Struct, frozen=True):
    """One thing that stacks are told apart by: its patterns, the plan's own value, and the option that states it."""

    patterns: tuple[str, ...]
    value: str | None
    option: str
    matches: Callable[[str, str], bool] = matches


def stack_of(stacks: Iterable[Stack], plan_path: str, context: Context, policy: str) -> Stack | None:
    """Return the stack that the plan at ``plan_path`` belongs to, None where none matches.

    Raises:
        PolicyError: several match, or one may match but for something the caller did not say.
    """
    possible = [(stack, traits) for stack in stacks if (traits := _not_refuted(stack.match, plan_path, context))]
    for stack, traits in possible:
        if untold := [trait.option for trait in traits if trait.value is None]:
            raise PolicyError(
                f"{policy}: {plan_path} may belong to the stack {stack.name!r}, but that depends on what nobody said; "
                f"pass {' and '.join(untold)}."
            )
    if len(possible) > 1:
        names = ", ".join(stack.name for stack, _ in possible)
        raise PolicyError(
            f"{policy}: {plan_path} belongs to several stacks ({names}), so it cannot be told which limits hold; make "
            "their `match` patterns exclude each other."
        )
    return possible[0][0] if possible else None


def stacks_at_once(stacks: Iterable[Stack], policy: Policy, context: Context) -> tuple[str, ...]:
    """Return the names of the stacks that a change touches: the plan's own, and those its changed files are of."""
    files = context.changed_files or ()
    touched = (stack.name for stack in stacks if any(_is_inside(file, stack.match.paths) for file in files))
    own = (policy.stack.name,) if policy.stack else ()
    return tuple(dict.fromkeys((*own, *touched)))


def _not_refuted(match: StackMatch, plan_path: str, context: Context) -> tuple[_Trait, ...]:
    """Return the traits by which a plan belongs or may belong to a stack; none where one of them says it does not."""
    from pathlib import PurePosixPath

    path = PurePosixPath(plan_path)
    folder = context.source if context.source is not None else (None if plan_path == "-" else str(path.parent))
    traits = (
        _Trait(match.paths, folder, "--source", _is_folder),
        _Trait(match.plans, None if plan_path == "-" else path.name, "a plan file with a name"),
        _Trait(match.workspaces, context.workspace, "--workspace"),
        _Trait(match.backends, context.backend, "--backend"),
    )
    asked = tuple(trait for trait in traits if trait.patterns)
    return asked if all(_may_match(trait) for trait in asked) else ()


def _may_match(trait: _Trait) -> bool:
    value = trait.value
    return value is None or any(trait.matches(pattern, value) for pattern in trait.patterns)


def _is_folder(pattern: str, folder: str) -> bool:
    """Return whether a folder is the one a pattern names, or lies inside it."""
    return matches_path(pattern, folder) or matches_path(f"{pattern.rstrip('/')}/**", folder)


def _is_inside(file: str, patterns: Iterable[str]) -> bool:
    from pathlib import PurePosixPath

    return any(_is_folder(pattern, str(PurePosixPath(file).parent)) for pattern in patterns)
