"""The ``scopegate`` command."""

import gc
import os
import sys
import traceback

import click

from scopegate import __version__
from scopegate.cli.explain import explain
from scopegate.cli.facts import facts
from scopegate.cli.gate import gate
from scopegate.cli.init import init
from scopegate.cli.policy import policy
from scopegate.cli.review import review
from scopegate.cli.rules import rules
from scopegate.errors import ExitCode, ScopegateError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="scopegate")
def cli() -> None:
    """Keep the merge shut while an infrastructure change reaches further than was agreed."""


cli.add_command(review)
cli.add_command(explain)
cli.add_command(gate)
cli.add_command(facts)
cli.add_command(rules)
cli.add_command(policy)
cli.add_command(init)


def main() -> None:
    """Run the command line and exit with the code of its verdict or of its error."""
    # A plan's objects live until the end; walking them again and again for garbage would double the time.
    gc.disable()
    try:
        cli.main(standalone_mode=False)
    except ScopegateError as error:
        _fail(str(error), error.exit_code)
    except click.exceptions.Abort:
        _fail("stopped from the keyboard.", ExitCode.CRASH)
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


def _crash(error: Exception) -> str:
    """Name the place of a crash, but not the message of the exception, which may quote a secret of the plan."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119 - a name in a message, not a file
    return f"crashed with {type(error).__name__} at {place}; there is no verdict. Please report this as a bug."


def _fail(message: str, code: ExitCode) -> None:
    click.echo(f"scopegate: {message}", err=True)
    sys.exit(code)
