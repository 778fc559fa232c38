"""Everything scopegate says when it cannot go on, and the exit code that goes with it.

Each message answers three questions in one sentence or two: what we saw, why it matters, what to do next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Exit codes of every command. Only ``PASS`` lets a merge through."""

    PASS = 0
    CRASH = 1
    USAGE = 2
    PLAN = 3
    POLICY = 4
    FACTS = 5
    FORGE = 6
    NEEDS_SIGN_OFF = 10
    BLOCKED = 11


class ScopegateError(Exception):
    """A declared failure: no verdict, one clear sentence, and the exit code of its kind."""

    exit_code: ClassVar[ExitCode] = ExitCode.CRASH


class UsageError(ScopegateError):
    """The command line asks for something that cannot be done."""

    exit_code = ExitCode.USAGE


class PlanError(ScopegateError):
    """The plan cannot be judged."""

    exit_code = ExitCode.PLAN


class PolicyError(ScopegateError):
    """The policy is missing, invalid or empty."""

    exit_code = ExitCode.POLICY


class FactsError(ScopegateError):
    """A fact table or a signal rule is invalid."""

    exit_code = ExitCode.FACTS


class ForgeError(ScopegateError):
    """The code host did not answer, or not with what we need."""

    exit_code = ExitCode.FORGE


class CrashError(ScopegateError):
    """scopegate itself failed."""


def crash_of(error: Exception) -> str:
    """Return what is said of a crash: its place, but not the message of the exception, which may quote a secret."""
    if isinstance(error, MemoryError):
        return (
            "ran out of memory, so there is no verdict; give it more, three times the size of the plan, or plan the "
            "parts of the configuration on their own."
        )
    import traceback
    from pathlib import Path

    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"crashed with {type(error).__name__} at {place}; there is no verdict. Please report this as a bug."


@contextmanager
def temporary_files_for(what: str) -> Iterator[None]:
    """Do what takes temporary files, for ``what`` in a message.

    Raises:
        UsageError: none can be written, as on a read-only file system without a folder for them.
    """
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{what} takes temporary files, and none can be written ({error.strerror}); let TMPDIR name a folder that "
            "can be written to."
        ) from error
