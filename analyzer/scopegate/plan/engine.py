"""Running Terraform or OpenTofu, the two engines, to make a plan and to show one.

An engine is stopped as Ctrl-C would stop it, so that it can give back its lock on the state. Of what it prints, only
the beginning of an error is passed on: the rest may quote values.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from scopegate.errors import PlanError, UsageError, temporary_files_for
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan
from scopegate.plan.read import read_stream

NAMES: Final = ("terraform", "tofu")

_SUCCEEDED: Final = (0, 2)
"""2 is the success with changes of ``-detailed-exitcode``, which may be set in ``TF_CLI_ARGS_plan``."""

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE_SECONDS: Final = 30
_LONGEST_MESSAGES: Final = 2**20
_LONGEST_SUMMARY: Final = 200
_WORD: Final = re.compile(r"[A-Za-z-]+[,.]?|[A-Z]+\d[,.]?")
"""A word of an error; what has digits or signs in it may be a name or a value. ``S3`` and ``EC2`` are words."""


class Engine(Struct, frozen=True):
    """Terraform or OpenTofu as it is installed here: ``name`` for messages, ``program`` to run."""

    name: str
    program: str


class Failed(Struct, frozen=True):
    """An engine did not do what it was asked to; ``why`` is the beginning of its error."""

    why: str


def engines_found() -> Iterator[Engine]:
    """Yield the engines on the PATH, Terraform first."""
    for name in NAMES:
        if program := shutil.which(name):
            yield Engine(name, str(Path(program).absolute()))


def the_engine(stated: str | None) -> Engine:
    """Return the engine that is meant: the one stated, by name or path, or the only one on the PATH.

    Raises:
        UsageError: it is not there, or two are and neither is stated.
    """
    if stated is not None:
        if program := shutil.which(stated):
            # It runs in another folder.
            return Engine(Path(stated).name, str(Path(program).absolute()))
        raise UsageError(
            f"--binary {stated!r} is no program that can be run here, so no plan can be made; name terraform, tofu, or "
            "the path of one."
        )
    found = tuple(engines_found())
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            "Both terraform and tofu are on the PATH, and a plan of the wrong one is not what will be applied; say "
            "which one with --binary."
        )
    raise UsageError(
        "Neither terraform nor tofu is on the PATH, so no plan can be made; install one, name it with --binary, or "
        "hand a plan that was made elsewhere to `scopegate review`."
    )


def plan_now(engine: Engine, folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Plan:
    """Return a plan that is made now of the configuration in ``folder``; the engine asks no questions.

    The saved plan lies in a private folder meanwhile.

    Raises:
        PlanError: the engine made none.
    """
    made = f"{engine.name} plan"
    with temporary_files_for("To make a plan"), tempfile.TemporaryDirectory(prefix="scopegate-") as private:
        file = Path(private, "tfplan")
        _make(engine, file, folder, arguments, environment)
        shown = show_plan(engine, file, folder, environment, made)
    if isinstance(shown, Failed):
        raise PlanError(
            f"`{engine.name} show -json` could not show the plan that was just made ({shown.why}), so there is nothing "
            f"to judge; run `{engine.name} plan -out tfplan` and `{engine.name} show tfplan` to see why."
        )
    note = f"Made by `{made}` to be judged, and not kept: what is applied is another."
    return decode_plan(shown, made, notes=(note,))


def _make(engine: Engine, file: Path, folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    words = ("plan", "-input=false", "-no-color", f"-out={file}", *arguments)
    with tempfile.TemporaryFile() as messages:
        with _running(engine, words, folder, environment, subprocess.DEVNULL, messages) as process:
            code = process.wait()
        if code not in _SUCCEEDED:
            raise PlanError(
                f"`{engine.name} plan` made no plan ({_first_error(messages)}), so there is nothing to judge; run it "
                "yourself to read the error in full, which may quote values and is not shown here."
            )
    if not file.is_file():
        raise PlanError(
            f"`{engine.name} plan` made no plan with these arguments; leave out those that keep it from it."
        )


def show_plan(engine: Engine, file: Path, folder: Path, environment: Mapping[str, str], path: str) -> "bytes | Failed":
    """Return the JSON of the plan that was saved in ``file``; ``path`` names it in messages.

    Raises:
        PlanError: the JSON is larger than a plan may be.
    """
    words = ("show", "-json", "-no-color", str(file))
    with tempfile.TemporaryFile() as messages:
        with _running(engine, words, folder, environment, subprocess.PIPE, messages) as process:
            shown = read_stream(process.stdout, path) if process.stdout else b""
            code = process.wait()
        return shown if code == 0 and shown.strip() else Failed(_first_error(messages))


@contextmanager
def _running(
    engine: Engine, words: Sequence[str], folder: Path, environment: Mapping[str, str], output: int, messages: BinaryIO
) -> "Iterator[subprocess.Popen[bytes]]":
    process = None
    try:
        with _signals_waiting():
            process = _start(engine, words, folder, environment, output, messages)
        yield process
    finally:
        if process is not None:
            _end(process)


def _start(
    engine: Engine, words: Sequence[str], folder: Path, environment: Mapping[str, str], output: int, messages: BinaryIO
) -> "subprocess.Popen[bytes]":
    try:
        # In a session of its own: Ctrl-C at a terminal would otherwise reach it twice, from the terminal and from here,
        # and at the second it ends without giving back its lock. File names are absolute, so they are no options.
        return subprocess.Popen(  # noqa: S603 - a program of the user's PATH or choice, and no shell
            [engine.program, *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=messages,
            start_new_session=True,
        )
    except OSError as error:
        raise PlanError(
            f"{engine.program} cannot be started in {folder} ({error.strerror}), so there is no plan to judge; check "
            "that both can be used."
        ) from error


@contextmanager
def _signals_waiting() -> Iterator[None]:
    """Let a signal wait until a process that is being started is known: nobody could stop it otherwise.

    Blocking the signals instead would block them in the process that is started, for good.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    heard = [number for number in _ENDING if callable(signal.getsignal(number))]
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for arrived in came:
            signal.raise_signal(arrived)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.stdout:
        process.stdout.close()
    process.send_signal(signal.SIGINT)  # nothing, where it has ended
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_SECONDS)
    finally:  # also when a second signal ends our own patience
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _first_error(messages: BinaryIO) -> str:
    """Return the summary of the first error up to where it may begin to quote; what follows it does quote values."""
    messages.seek(0)
    for line in messages.read(_LONGEST_MESSAGES).decode(errors="replace").splitlines():
        _, found, summary = line.partition("Error: ")
        if found:
            words = re.split(r"[\"'`(:=]", summary)[0].split()
            return " ".join(takewhile(_WORD.fullmatch, words))[:_LONGEST_SUMMARY] or "an error"
    return "it failed without saying why"
