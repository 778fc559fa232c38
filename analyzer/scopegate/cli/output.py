"""Writing a report: whole or not at all."""

import os
import tempfile
from pathlib import Path

import click

from scopegate.errors import UsageError


def write_output(text: str, path: str | None) -> None:
    """Write ``text`` to the file ``path``, or to standard output without one.

    A file is written beside its place and then moved there, so that a full disk or a signal leaves the old one whole.
    What is there and no file (``/dev/null``, ``/dev/stdout``, a named pipe) is written to: moving would destroy it.

    Raises:
        UsageError: the file cannot be written.
    """
    if path is None:
        click.echo(text, nl=False)
        return
    target = Path(path).resolve()
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
            return
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            f"cannot write the report to {path} ({error.strerror}), so there is none; name a file that can be written."
        ) from error
