"""The options that tell what the plan does not: the policy, the author, the time, the stack, the declared scope.

Paths are put together with os.path: importing pathlib takes longer than a small plan does.
"""

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from msgspec import Struct

from scopegate.errors import PolicyError, UsageError
from scopegate.pattern import Pattern
from scopegate.regular_file import MAX_BYTES, read_regular_file

if TYPE_CHECKING:
    from datetime import datetime

    from scopegate import Context, Knowledge, PolicyDocument

F = TypeVar("F", bound=Callable[..., Any])

POLICY_FILE: Final = ".scopegate/policy.yaml"
SCOPE_FILE: Final = ".scopegate/scope.yaml"

_QUOTED: Final = Pattern(r'"(?:[^"\\]|\\(?:[0-3][0-7]{2}|[abtnvfr"\\]))*"')
"""A path in quotes, as git writes it (git, quote.c)."""

policy_option = click.option(
    "--policy",
    type=click.Path(dir_okay=False, readable=False),
    help=f"Policy file. Without it, {POLICY_FILE} of this repository holds, or else the default policy.",
)

_TELLING_STACKS: Final = (
    click.option(
        "--workspace", multiple=True, metavar="NAME", help="Terraform workspace of the plan; tells its stack."
    ),
    click.option(
        "--backend",
        multiple=True,
        metavar="NAME",
        help="Backend of the plan, as stacks name it, such as s3://bucket/key.",
    ),
)

_OPTIONS: Final = (
    policy_option,
    click.option(
        "--declare",
        multiple=True,
        metavar="DIM=VALUE",
        help="What the change is meant to reach, such as regions=cn-north-1; repeatable. What it reaches besides needs "
        "sign-off, even where the policy would allow it.",
    ),
    click.option(
        "--scope",
        type=click.Path(dir_okay=False, readable=False),
        help=f"File with the declared scope, such as {SCOPE_FILE}.",
    ),
    click.option(
        "--description",
        type=click.Path(dir_okay=False, readable=False, allow_dash=True),
        help="File with the pull request's text; its `scope:` blocks are declared scope.",
    ),
    click.option(
        "--author-kind",
        type=click.Choice(("human", "agent", "unknown")),
        default="unknown",
        show_default=True,
        help="Who wrote the change. What an AI agent wrote needs one human more.",
    ),
    click.option("--author", multiple=True, metavar="LOGIN", help="Who wrote it, and cannot sign; repeatable."),
    click.option(
        "--operator", multiple=True, metavar="LOGIN", help="Who the AI agent worked for, and cannot sign; repeatable."
    ),
    click.option(
        "--source",
        multiple=True,
        metavar="DIR",
        help="Folder of the .tf files, where it is not the plan file's own; tells the stack. For several plans repeat "
        "it (and --workspace, --backend) in their order; said once, it is said of all.",
    ),
    *_TELLING_STACKS,
    click.option(
        "--changed-files",
        type=click.Path(dir_okay=False, readable=False, allow_dash=True),
        help="File with the paths that the change touches, one a line, as `git diff --name-only --no-renames` prints "
        "them.",
    ),
    click.option(
        "--codeowners", type=click.Path(dir_okay=False, readable=False), help="CODEOWNERS file of the default branch."
    ),
    click.option(
        "--break-glass",
        type=click.Path(dir_okay=False, readable=False),
        help="File with who opens the gate in an emergency, why, by which ticket, and until when.",
    ),
    click.option(
        "--now", metavar="TIME", help="The time, as 2026-12-24T17:30:00Z. Without it the clock, where the policy asks."
    ),
)


def stack_options(command: F) -> F:
    """Give ``command`` the options that tell stacks apart, besides their files: ``workspace`` and ``backend``."""
    for option in reversed(_TELLING_STACKS):
        command = option(command)
    return command


def context_options(command: F) -> F:
    """Give ``command`` all options of the context; it takes them as ``**stated`` and makes a ``Stated`` of them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


class Stated(Struct, frozen=True):
    """What the options of the context say, as they came in."""

    policy: str | None = None
    declare: tuple[str, ...] = ()
    scope: str | None = None
    description: str | None = None
    author_kind: str = "unknown"
    author: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    workspace: tuple[str, ...] = ()
    backend: tuple[str, ...] = ()
    changed_files: str | None = None
    codeowners: str | None = None
    break_glass: str | None = None
    now: str | None = None


def knowledge_for(policy: str | None) -> "Knowledge":
    """Return the facts, signals and policy that hold here.

    Raises:
        ScopegateError: the policy, or what it names, cannot be read.
    """
    from scopegate import default_knowledge, knowledge_of

    path = policy or found_above(POLICY_FILE)
    return knowledge_of(path) if path else default_knowledge()


def without_limits(known: "Knowledge", plans: int) -> "Knowledge":
    """Return the facts and rules that hold here under the default policy, where no verdict is asked.

    A limit may ask for what is not at hand, such as code owners. Of stacks, only the names of several plans are taken.
    """
    from msgspec.structs import replace

    from scopegate.policy.default import default_policy

    stacks = (
        replace(stack, environment=None, accounts=None, limits=(), inherits_defaults=True)
        for stack in (known.policy.stacks if plans > 1 else ())
    )
    return replace(known, policy=replace(default_policy(known.facts), stacks=tuple(stacks)))


def each_of(values: tuple[str, ...], plans: int, option: str) -> tuple[str | None, ...]:
    """Return what an option says of each of so many plans; said once, it is said of all.

    Raises:
        UsageError: it is said of some of them, and nobody knows which.
    """
    if len(values) <= 1:
        return (values or (None,)) * plans
    if len(values) != plans:
        raise UsageError(
            f"{option} is given {len(values)} times for {plans} plans, so it cannot be told which it is said of; give "
            "it once for all, or once for each in their order."
        )
    return values


def only_one(values: tuple[str, ...], option: str) -> str | None:
    """Return what an option says of the only plan.

    Raises:
        UsageError: it says several things of it.
    """
    return each_of(values, 1, option)[0]


def contexts_of(stated: Stated, policy: "PolicyDocument", plans: Sequence[str]) -> "tuple[Context, ...]":
    """Return what the caller says beside the plan in each of the files ``plans``; they differ in what tells the stack.

    Raises:
        ScopegateError: a file cannot be read, or does not say what it should.
    """
    from msgspec.structs import replace

    said_of_all = _said_of_all(stated, policy)
    sources = each_of(stated.source, len(plans), "--source")
    workspaces = each_of(stated.workspace, len(plans), "--workspace")
    backends = each_of(stated.backend, len(plans), "--backend")
    return tuple(
        replace(said_of_all, source=_folder(source, plan), workspace=workspace, backend=backend)
        for plan, source, workspace, backend in zip(plans, sources, workspaces, backends, strict=True)
    )


def context_of(stated: Stated, policy: "PolicyDocument", plan: str) -> "Context":
    """Return what the caller says beside the plan in the file ``plan``.

    Raises:
        ScopegateError: a file cannot be read, or does not say what it should.
    """
    return contexts_of(stated, policy, (plan,))[0]


def _said_of_all(stated: Stated, policy: "PolicyDocument") -> "Context":
    from scopegate import AuthorKind, Context

    return Context(
        author=AuthorKind(stated.author_kind),
        now=_now(stated, policy),
        changed_files=_paths(stated.changed_files) if stated.changed_files else None,
        declared=_declared(stated),
        code_owners=_code_owners(stated.codeowners),
        barred={
            **dict.fromkeys(policy.machines, "listed as the account of a program"),
            **{login.lower(): "the author of the change" for login in stated.author},
            **{login.lower(): "the AI agent worked for them" for login in stated.operator},
        },
        break_glass=_break_glass(stated.break_glass),
    )


def _folder(source: str | None, plan: str) -> str | None:
    """Return the folder of the .tf files from the top of the repository: the stated one, or else the plan's own."""
    if source is None and plan == "-":
        return None
    folder = os.path.dirname(plan) if source is None else source
    here = _working_directory()
    top = next((above for above in _above(here) if os.path.exists(os.path.join(above, ".git"))), here)
    found = os.path.relpath(os.path.join(here, folder), top)
    return None if found.startswith("..") else found.replace(os.sep, "/")


def found_above(name: str) -> str | None:
    """Return the file ``name`` of the repository around the working directory, as a path from here; None without one.

    The search ends at the folder that holds ``.git``: a policy of another repository is none of ours.
    """
    steps = ""
    for folder in _above(_working_directory()):
        if _is_file(os.path.join(folder, name)):
            return f"{steps}{name}"
        if os.path.exists(os.path.join(folder, ".git")):
            return None
        steps += "../"
    return None


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError(
            f"The working directory is not there any more, or may not be looked at ({error.strerror}), so its policy "
            "cannot be looked for; change to another."
        ) from error


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:  # which must not pass for "no policy is here"
        raise PolicyError(
            f"{path} cannot be looked for ({error.strerror}), so nobody knows what was agreed; let it be read."
        ) from error


def _above(folder: str) -> Iterator[str]:
    """Yield a folder and those around it, from the inside out."""
    yield folder
    while (outer := os.path.dirname(folder)) != folder:
        yield (folder := outer)


def _now(stated: Stated, policy: "PolicyDocument") -> "datetime | None":
    from datetime import UTC, datetime

    from scopegate.policy.in_force import asks_for_time

    if stated.now is None:
        return datetime.now(UTC) if stated.break_glass or asks_for_time(policy) else None
    return moment_stated(stated.now)


def moment_stated(text: str) -> "datetime":
    """Return the moment that ``--now`` states.

    Raises:
        UsageError: it is none.
    """
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"--now {text!r} is no moment, so nobody can tell what time the policy should hold it against; write "
            "it as 2026-12-24T17:30:00Z."
        )
    return moment


def _declared(stated: Stated) -> tuple[Any, ...]:
    path = stated.scope or found_above(SCOPE_FILE)
    if not (stated.declare or path or stated.description):
        return ()
    from scopegate.policy.declared import declared_in_file, declared_in_options, declared_in_text

    in_file = (declared_in_file(_text(path), path),) if path else ()
    in_text = declared_in_text(_text(stated.description), stated.description) if stated.description else ()
    return (*declared_in_options(stated.declare), *in_file, *in_text)


def _code_owners(path: str | None) -> Any:
    if path is None:
        return None
    from scopegate.policy.codeowners import parse_code_owners

    return parse_code_owners(_text(path), path)


def _break_glass(path: str | None) -> Any:
    if path is None:
        return None
    from scopegate.policy.read_break_glass import parse_break_glass

    return parse_break_glass(_text(path), path)


def _paths(path: str) -> tuple[str, ...]:
    """Return the paths in a file, one a line; no other sign than a line feed ends one."""
    lines = (line.removesuffix("\r") for line in _text(path).split("\n"))
    return tuple(_unquoted(line, path) if line.startswith('"') else line for line in lines if line.strip())


def _unquoted(line: str, path: str) -> str:
    """Return a path that git wrote in quotes, for letters that are not ASCII among others (``core.quotePath``).

    ``".github/workflows/\\303\\274.yml"`` lay in no folder that a guard rail is on.
    """
    if not _QUOTED.fullmatch(line):
        raise UsageError(
            f"{path}: {line[:80]} begins with a quote and is no path as git writes it, so it cannot be told which file "
            "changes; list the paths as `git diff --name-only --no-renames` prints them."
        )
    # The escapes stand for bytes, and what is not escaped is the text's own.
    raw = line[1:-1].encode().decode("unicode_escape").encode("latin-1")
    return raw.decode(errors="backslashreplace")


def _standard_input() -> bytes:
    read = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(read) > MAX_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MAX_BYTES // 1024**2} MB")
    return read


def _text(path: str) -> str:
    try:
        return (_standard_input() if path == "-" else read_regular_file(path)).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(
            f"{path} cannot be read ({reason}), so what it says would be missing; name another."
        ) from error
