"""Text in the columns of a terminal, where a Chinese character takes two and an accent that is put on a letter none.

Widths are those of Unicode Standard Annex 11; wide characters may be parted anywhere, words of other scripts may not.
"""

import textwrap
from collections.abc import Iterator
from itertools import groupby


def width_of(text: str) -> int:
    """Return how many columns ``text`` takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def padded(text: str, width: int) -> str:
    """Return ``text`` with spaces after it, so that it takes ``width`` columns."""
    return text + " " * (width - width_of(text))


def wrapped(text: str, width: int, indent: str = "", hanging: str = "") -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns; a word longer than a line is left whole."""
    if text.isascii():
        return textwrap.wrap(
            text,
            width,
            initial_indent=indent,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
    lines, line = [], indent
    for piece in _pieces(text):
        if line.strip() and width_of(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = hanging
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> Iterator[str]:
    """Yield words with the space after them, and wide characters one by one."""
    for word in text.split():
        for is_wide, characters in groupby(word, lambda character: _width(character) == 2):
            if is_wide:
                yield from characters
            else:
                yield "".join(characters)
        yield " "


def _width(character: str) -> int:
    import unicodedata

    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
