"""A word to whoever waits at a terminal."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

PATIENCE_SECONDS: Final = 1.0
_CLEAR_LINE: Final = "\r\x1b[K"


@contextmanager
def waiting_for(what: str) -> Iterator[None]:
    """Say on standard error ``what`` takes so long, once it does, and take it back; only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
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
