"""Writing a report: whole or not at all."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from scopegate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

IN_ACTIONS: Final = "GITHUB_ACTIONS"
"""The variable that is set where GitHub's runner reads what is printed, and takes some lines of it for commands."""
_STOPPING: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def say_error(message: str) -> None:
    """Say on standard error why there is no verdict; what is wrong may be told in its author's own words.

    The key of a declared scope, or the name of an artifact, was a command to the runner (``##[set-output]``).
    """
    from scopegate.render.escape import plain
    from scopegate.render.log import harmless_in_log

    text = "\n".join(map(plain, f"scopegate: {message}".split("\n"))) + "\n"
    click.echo(harmless_in_log(text) if os.environ.get(IN_ACTIONS) else text, err=True, nl=False)


def write_output(text: str | Sequence[bytes], path: str | None) -> None:
    """Write ``text``, or the pieces of one in UTF-8, to the file ``path``, or to standard output without one.

    A file is written beside its place and then moved there, so that a full disk or a signal leaves the old one whole.
    What is there and no file (``/dev/null``, ``/dev/stdout``, a named pipe) is written to: moving would destroy it.

    Raises:
        UsageError: it cannot be written.
        BrokenPipeError: nobody reads standard output any more.
    """
    try:
        if path is None:
            for part in [text] if isinstance(text, str) else _chunks(text):
                click.echo(part, nl=False)
        else:
            _write_file(text, path)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        raise UsageError(
            f"cannot write the report to {path or 'standard output'} ({reason}), so there is none; name a file that "
            "can be written."
        ) from error


def _chunks(pieces: Sequence[bytes]) -> Iterator[bytes]:
    """Yield ``pieces`` put together, but not all at once: the whole may be larger than all else in memory."""
    for start in range(0, len(pieces), _PIECES_AT_ONCE):
        yield b"".join(pieces[start : start + _PIECES_AT_ONCE])


_PIECES_AT_ONCE: Final = 4096


def _write_file(text: str | Sequence[bytes], path: str) -> None:
    from pathlib import Path

    target = Path(os.path.realpath(path))  # that of pathlib crashes where a link leads to itself
    pieces = [text.encode()] if isinstance(text, str) else text
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            file.writelines(_chunks(pieces))
        return
    with _signals_held_back():
        _replace(pieces, target)


def _replace(pieces: Sequence[bytes], target: "Path") -> None:
    import tempfile

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(_chunks(pieces))
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        if os.path.lexists(name):
            os.unlink(name)
        raise


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Let a signal wait for the few milliseconds that a file takes, so that no half one stays behind."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
