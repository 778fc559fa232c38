"""The ``scopegate`` command."""

import gc
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import click

from scopegate.cli.audit import audit
from scopegate.cli.claim import claim
from scopegate.cli.doctor import doctor
from scopegate.cli.explain import explain
from scopegate.cli.facts import facts
from scopegate.cli.gate import gate
from scopegate.cli.init import init
from scopegate.cli.plan import plan
from scopegate.cli.policy import policy
from scopegate.cli.review import review
from scopegate.cli.rules import rules
from scopegate.cli.verify import verify
from scopegate.cli.version import version_option
from scopegate.errors import ExitCode, ScopegateError


class _InOrder(click.Group):
    """Lists its commands in the order in which they are met, not by the alphabet."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder,
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


cli.add_command(review)
cli.add_command(plan)
cli.add_command(explain)
cli.add_command(init)
cli.add_command(policy)
cli.add_command(rules)
cli.add_command(facts)
cli.add_command(gate)
cli.add_command(claim)
cli.add_command(verify)
cli.add_command(doctor)
cli.add_command(audit)


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
        _fail(_crash(error), ExitCode.CRASH)


def _prepare_streams() -> None:
    """Write the same bytes whatever the locale is: reports go into files, comments and digests."""
    # None where the caller closed it.
    sys.stdin = sys.stdin or Path(os.devnull).open()  # noqa: SIM115 - as long as the process
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
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
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # What a parent chose to ignore (nohup) stays ignored.
    heard = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _stop) for number in heard}
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


def _crash(error: Exception) -> str:
    """Name the place of a crash, but not the message of the exception, which may quote a secret of the plan."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119 - a name in a message, not a file
    return f"crashed with {type(error).__name__} at {place}; there is no verdict. Please report this as a bug."


def _fail(message: str, code: ExitCode) -> None:
    with suppress(OSError):  # where nobody can be told, the exit code still says it
        click.echo(f"scopegate: {message}", err=True)
    sys.exit(code)
