"""The ``scopegate`` command."""

import gc
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from types import FrameType
from typing import Final, NoReturn, cast

import click

from scopegate.cli.late import import_msgspec
from scopegate.cli.version import version_option
from scopegate.errors import ExitCode, ScopegateError, crash_of

_COMMANDS: Final = {
    "review": "Judge a plan here and now.",
    "plan": "Make a plan and judge it; no plan file is left.",
    "explain": "Say why an address is in the reach of a plan.",
    "init": "Propose a policy from real plans.",
    "graph": "Draw who depends on whom, as DOT, Mermaid or JSON.",
    "policy": "Check, explain, test and compare policies.",
    "rules": "Look into the rules that tell what a reviewer must not miss.",
    "facts": "Look into the fact tables that placement rests on.",
    "gate": "In CI: judge a pull request with the sign-offs it has.",
    "claim": "Write down what is to be agreed, as files to review.",
    "verify": "Before apply: is the plan within what was agreed?",
    "doctor": "Tell whether the repository really keeps the gate.",
    "audit": "Check and read the log of decisions.",
}
"""Each is a module of ``scopegate.cli`` with a command of the same name, imported when it is called."""


class _Commands(Mapping[str, click.Command]):
    """The commands by their names."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in _COMMANDS:
            raise KeyError(name)
        command: click.Command = getattr(import_module(f"scopegate.cli.{name}"), name)
        command.short_help = _COMMANDS[name]
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(_COMMANDS)

    def __len__(self) -> int:
        return len(_COMMANDS)


class _InOrder(click.Group):
    """Lists its commands in the order in which they are met, not by the alphabet."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import_msgspec()  # which every command needs, and the list of commands does not
        return super().resolve_command(context, arguments)


@click.group(
    cls=_InOrder,
    commands=cast("dict[str, click.Command]", _Commands()),  # click only reads it
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Only exit code 0 lets a merge through. `scopegate COMMAND --help` says more, with examples.",
)
@version_option
def cli() -> None:
    """Keep the merge shut while an infrastructure change reaches further than was agreed.

    \b
    Examples:
      terraform plan -out tfplan && scopegate review tfplan
      scopegate explain tfplan aws_route53_record.www
      scopegate init tfplan --output .scopegate/policy.yaml
    """


def program() -> NoReturn:
    """Run the command line and end the process at once: freeing the objects of a large plan one by one takes long."""
    try:
        main()
        code: object = ExitCode.PASS
    except SystemExit as leaving:
        code = leaving.code
    try:
        sys.stdout.flush()
    except OSError:  # the reader has gone, the disk is full: the report is not whole
        code = ExitCode.CRASH
    with suppress(OSError):  # where nobody can be told, the exit code still says it
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else ExitCode.PASS if code is None else ExitCode.CRASH)


def main() -> None:
    """Run the command line and exit with the code of its verdict or of its error."""
    # A plan's objects live until the end; walking them again and again for garbage would double the time.
    gc.disable()
    _prepare_streams()
    try:
        with _signals_as_exceptions():
            cli.main(standalone_mode=False)
    except _Stopped as stopped:
        _end_by(stopped.signal)
    except ScopegateError as error:
        _fail(str(error), error.exit_code)
    except click.exceptions.Abort:  # a question that nobody answered
        _fail("stopped before the end, so there is no verdict.", ExitCode.CRASH)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except BrokenPipeError:
        # The reader has gone (`| head`); without this Python complains again while it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.CRASH)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a crash is no verdict and leaks nothing
        _fail(crash_of(error), ExitCode.CRASH)


def _prepare_streams() -> None:
    """Write the same bytes whatever the locale is: reports go into files, comments and digests."""
    # None where the caller closed it.
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115 - as long as the process
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if stream.writable() else "strict")


class _Stopped(BaseException):
    """A signal that asks to end; no handler of errors must take it for one."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


@contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    """Turn signals that end the process into an exception meanwhile, so that temporary files, a plan in one, go too."""
    # What a parent chose to ignore (nohup) stays ignored.
    heard = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    try:
        before = {number: signal.signal(number, _stop) for number in heard}
    except ValueError:  # in a thread that is not the main one, which alone hears signals
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise _Stopped(number)


def _end_by(number: int) -> NoReturn:
    """End as the signal would have ended the process, so that a shell or a runner sees what happened."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    raise SystemExit(128 + number)


def _fail(message: str, code: ExitCode) -> None:
    from scopegate.cli.output import say_error

    with suppress(OSError):  # where nobody can be told, the exit code still says it
        say_error(message)
    sys.exit(code)
