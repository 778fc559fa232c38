"""Running the command line inside the test's own process: hundreds of runs a second."""

import contextlib
import gc
import io
import sys
from dataclasses import dataclass

from scopegate.cli.main import main


@dataclass(frozen=True)
class Outcome:
    """What one run of ``scopegate`` left behind."""

    code: int
    out: str
    err: str


def run(*arguments: str, stdin: bytes = b"") -> Outcome:
    """Return the outcome of ``scopegate ARGUMENTS``, as a process would give it."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    given, sys.argv = sys.argv, ["scopegate", *arguments]
    stdin_before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = _exit_code()
    finally:
        sys.argv, sys.stdin = given, stdin_before
        gc.enable()
    return Outcome(code, _text(out), _text(err))


def _exit_code() -> int:
    try:
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
