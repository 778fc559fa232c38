"""Which stack a plan belongs to, as far as the plan and the caller tell."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from scopegate.errors import PolicyError
from scopegate.policy.glob import matches, matches_path
from scopegate.policy.model import Context, Part, Policy, PolicyDocument, Stack, StackMatch


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


def context_of(part: Part, context: Context) -> Context:
    """Return what is known beside one plan of a change: all of ``context``, and what tells the stack of this plan."""
    own = part.context
    return replace(context, source=own.source, workspace=own.workspace, backend=own.backend)


def names_of(stacks: Iterable[Stack], plans: Sequence[tuple[str, Context]], policy: str) -> tuple[str, ...]:
    """Return what reports call each plan, a path with its context: its stack, or else its folder, or its whole path.

    Of the folders, what all have in common is left out. The only plan needs no name.

    Raises:
        PolicyError: the stack of a plan cannot be told.
    """
    if len(plans) == 1:
        return ("",)
    from pathlib import PurePosixPath

    known = tuple(stacks)
    found = [stack_of(known, path, context, policy) for path, context in plans]
    folders = [PurePosixPath(path).parent.parts for path, _ in plans]
    steps = zip(*folders, strict=False)
    shared = len(tuple(takewhile(lambda step: len(set(step)) == 1, steps)))
    names = [stack.name if stack else "/".join(own[shared:] or own) for stack, own in zip(found, folders, strict=True)]
    times = Counter(names)
    return tuple(name if name and times[name] == 1 else path for name, (path, _) in zip(names, plans, strict=True))


def stack_name(stack: str | None, plan_path: str) -> str:
    """Return what to call the stack of a plan: by the policy, or else after the folder it lies in."""
    from pathlib import PurePosixPath

    folder = str(PurePosixPath(plan_path).parent)
    return stack or ("root" if folder in (".", "/") else folder)


def stacks_at_once(stacks: Iterable[Stack], policy: Policy, context: Context) -> tuple[str, ...]:
    """Return the names of the stacks that a change touches: the plan's own, and those its changed files are of."""
    files = context.changed_files or ()
    touched = (stack.name for stack in stacks if any(_is_inside(file, stack.match.paths) for file in files))
    own = (policy.stack.name,) if policy.stack else ()
    return tuple(dict.fromkeys((*own, *touched)))


def folder_of(plan_path: str, context: Context) -> str | None:
    """Return the folder of a plan's root module: the one that was said, or else that of the plan file."""
    from pathlib import PurePosixPath

    if context.source is not None:
        return context.source
    return None if plan_path == "-" else str(PurePosixPath(plan_path).parent)


def state_of(document: PolicyDocument, plan_path: str, context: Context) -> str | None:
    """Return where the state of a plan is kept, as far as the policy says it of its stack."""
    stack = stack_of(document.stacks, plan_path, context, document.name) if document.states else None
    return document.states.get(stack.name) if stack else None


def _not_refuted(match: StackMatch, plan_path: str, context: Context) -> tuple[_Trait, ...]:
    """Return the traits by which a plan belongs or may belong to a stack; none where one of them says it does not."""
    from pathlib import PurePosixPath

    path = PurePosixPath(plan_path)
    traits = (
        _Trait(match.paths, folder_of(plan_path, context), "--source", _is_folder),
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
