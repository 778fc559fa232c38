"""A word to whoever waits at a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

import click

PATIENCE_SECONDS: Final = 1.0
_CLEAR_LINE: Final = "\r\x1b[K"
_USUAL_COLUMNS: Final = 80


@contextmanager
def waiting_for(what: str) -> Iterator[None]:
    """Say on standard error ``what`` takes so long, once it does, and take it back; only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    import threading

    told = threading.Event()

    def tell() -> None:
        told.set()
        click.echo(f"{what} ...", err=True, nl=False)

    timer = threading.Timer(PATIENCE_SECONDS, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if told.is_set():
            click.echo(_CLEAR_LINE, err=True, nl=False)


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Yield what is told the name of each of ``total`` things as it is begun, and says so in a line on standard error.

    Only on a terminal; each line takes the place of the one before, and the last is taken back. No thread helps here:
    a process in which one runs cannot be copied (``processes``).
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from scopegate.render.escape import plain

    columns = _columns()
    begun = count(1)

    def begin(name: str) -> None:
        line = f"{what} {next(begun)} of {total}: "
        room = max(columns - len(line) - 1, 1)
        shown = plain(name)
        click.echo(f"{_CLEAR_LINE}{line}{shown if len(shown) <= room else '…' + shown[1 - room :]}", err=True, nl=False)

    try:
        yield begin
    finally:
        click.echo(_CLEAR_LINE, err=True, nl=False)


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_COLUMNS
    except (OSError, ValueError):
        return _USUAL_COLUMNS
