"""The texts in a value: those that stand in it, and those that are written inside of them.

A secret comes as a document more often than alone, and what is taken out of one (``jsondecode``, ``base64decode``,
``split``) passes through ``nonsensitive()`` as easily as the whole.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from scopegate.pattern import Pattern

_SHORTEST_PIECE: Final = 8
"""Shorter ones are words that stand in many texts: ``prod`` in the settings of a script says nothing of the script."""


def texts_in(value: object) -> Iterator[str]:
    """Yield the texts and numbers in ``value``, keys of maps included, at any depth, documents in texts taken apart."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            yield value
            document = _json_in(value)
            waiting.append(_base64_in(value) if document is None else document)
            if document is None:
                yield from _pieces(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield str(value)


def _json_in(text: str) -> object:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return msgspec.json.decode(text.encode(errors="surrogatepass"))
    except (msgspec.DecodeError, RecursionError):
        return None


_BASE64: Final = Pattern(r"[A-Za-z0-9+/_-]{11,}={0,2}")


def _base64_in(text: str) -> str | None:
    """Return the text that ``text`` is the base64 of, None where it is not, or that of something else than a text."""
    if not _BASE64.fullmatch(text):
        return None
    from base64 import urlsafe_b64decode

    whole = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return urlsafe_b64decode(whole + "=" * (-len(whole) % 4)).decode()
    except ValueError:
        return None


_PASSWORD_IN_URL: Final = Pattern(r"://[^/@:\s]*:([^/@\s]+)@")


def _pieces(text: str) -> Iterator[str]:
    """Yield the lines of a text, or where it is a single one what a list, a connection string or a URL is made of."""
    lines = text.splitlines()
    found = map(str.strip, lines) if len(lines) > 1 else _parts(text)
    yield from [piece for piece in found if len(piece) >= _SHORTEST_PIECE and piece != text]


def _parts(text: str) -> Iterator[str]:
    for item in re.split("[,;]", text):
        yield item.strip()
        yield from (item.partition(sign)[2].strip() for sign in "=:")
    for password in _PASSWORD_IN_URL.findall(text):
        from urllib.parse import unquote

        yield from (password, unquote(password))
