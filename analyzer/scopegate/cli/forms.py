"""The forms of a report on the command line: which are asked for, and where each goes."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from msgspec import Struct

from scopegate.cli.output import write_output
from scopegate.errors import UsageError

if TYPE_CHECKING:
    from scopegate import Report

F = TypeVar("F", bound=Callable[..., Any])

FORMS: Final = ("terminal", "markdown", "html", "json", "sarif", "junit", "github", "gitlab", "conftest")
"""Each is a module of ``scopegate.render``."""
_WIDEST: Final = 120
_IN_A_FILE: Final = 80


class Wanted(Struct, frozen=True):
    """One form that is asked for; ``path`` is None for standard output."""

    form: str
    path: str | None


def form_options(command: F) -> F:
    """Give ``command`` the options of the forms of a report: ``formats``, ``output`` and ``verbose``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: Final = (
    click.option(
        "--format",
        "formats",
        multiple=True,
        metavar="FORM[=FILE]",
        help=f"Form of the report, and the file it goes to: {', '.join(FORMS)}. Repeat it for several forms of one "
        "analysis. Without it, terminal.",
    ),
    click.option(
        "--output", type=click.Path(dir_okay=False), help="Write the report to this file instead of standard output."
    ),
    click.option("--verbose", is_flag=True, help="Leave nothing out of the terminal's form."),
)


def wanted_forms(formats: Sequence[str], output: str | None) -> tuple[Wanted, ...]:
    """Return the forms that the options ask for.

    Raises:
        UsageError: there is no such form, or two of them would be written over each other.
    """
    wanted = tuple(_wanted(text) for text in formats or ("terminal",))
    if output is not None:
        if len(wanted) > 1 or wanted[0].path is not None:
            raise UsageError(
                "--output says where one report goes, but several forms or files are asked for, so it cannot be told "
                "which one is meant; write --format FORM=FILE for each."
            )
        return (Wanted(wanted[0].form, output),)
    targets = [form.path for form in wanted]
    if twice := next((path for path in targets if targets.count(path) > 1), ""):
        raise UsageError(f"Two forms would be written to {twice}, one over the other; give each its own file.")
    if targets.count(None) > 1:
        raise UsageError(
            "Two forms would be printed into each other; write --format FORM=FILE for all but one of them."
        )
    return wanted


def _wanted(text: str) -> Wanted:
    form, given, path = text.partition("=")
    if form not in FORMS:
        from difflib import get_close_matches

        near = get_close_matches(form, FORMS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the forms are {', '.join(FORMS)}."
        raise UsageError(f"There is no form {form!r}, so no report could be written; {hint}")
    if given and not path:
        raise UsageError(f"--format {text!r} names no file; write {form}=FILE, or {form} to print it.")
    return Wanted(form, path or None)


def write_forms(report: "Report", wanted: Iterable[Wanted], *, verbose: bool = False) -> None:
    """Write ``report`` in each form; all are made before the first is written.

    Raises:
        UsageError: a file cannot be written.
    """
    for text, path in [(_rendered(report, form, verbose=verbose), form.path) for form in wanted]:
        write_output(text, path)


def _rendered(report: "Report", wanted: Wanted, *, verbose: bool) -> str | Sequence[bytes]:
    if wanted.form == "json":
        from scopegate.render.json import pieces

        return pieces(report)
    if wanted.form != "terminal":
        text: str = import_module(f"scopegate.render.{wanted.form}").render(report)
        return text
    from scopegate.render.terminal import render

    on_terminal = sys.stdout.isatty() and wanted.path is None
    width = _terminal_width() if on_terminal else _IN_A_FILE
    return render(report, width=width, colour=on_terminal and not os.environ.get("NO_COLOR"), verbose=verbose)


def _terminal_width() -> int:
    from shutil import get_terminal_size

    return min(get_terminal_size().columns, _WIDEST)
