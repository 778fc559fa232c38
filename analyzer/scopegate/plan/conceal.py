"""Finding marked values inside other texts, and putting a numbered mark in their place.

Cost: linear in the texts for all that is not made to be slow; a text of n characters is never looked at more than n
squared times, however many values are marked.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct, field

SHORTEST: Final = 4
"""Marked values of fewer characters hide nothing: two in three texts hold some two or three characters of them."""
_ANYWHERE: Final = 8
"""From this length on a value is found inside words too; a shorter one (``prod``) only where it is a word."""


class Concealer(Struct, frozen=True):
    """Hides values in texts. ``numbers`` says which value hides behind which number; small and capital letters are one.

    ``ends`` maps the first characters of every value to the lengths there are, longest first.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    ends: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is to be hidden."""
        return bool(self.numbers)

    def conceal(self, text: str) -> str:
        """Return ``text`` with every value in it replaced by ``(sensitive 1)``, numbered as in ``numbers``."""
        parts: list[str] = []
        position = 0
        for start, end, value in _found(text, self.numbers, self.ends):
            parts += [text[position:start], f"(sensitive {self.numbers[value]})"]
            position = end
        return "".join(parts) + text[position:] if parts else text


NOTHING: Final = Concealer()


def concealer_for(texts: Iterable[str], marked: Iterable[str]) -> Concealer:
    """Return what hides the values of ``marked`` that occur in ``texts``, numbered in the order they occur there.

    They are found as they are, escaped for URLs, and as base64, also in the middle of other text that was encoded.
    """
    distinct = tuple(dict.fromkeys(texts))
    longest = max(map(len, distinct), default=0)
    values = {form for value in marked for form in _forms(value, longest)} if longest >= SHORTEST else set[str]()
    ends = _ends(values)
    numbers: dict[str, int] = {}
    for text in distinct:
        for _, _, value in _found(text, values, ends):
            numbers.setdefault(value, len(numbers) + 1)
    return Concealer(numbers, _ends(numbers))


def _ends(values: Iterable[str]) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = {}
    for value in values:
        lengths.setdefault(value[:SHORTEST], set()).add(len(value))
    return {beginning: tuple(sorted(found, reverse=True)) for beginning, found in lengths.items()}


def _found(text: str, values: Iterable[str], ends: dict[str, tuple[int, ...]]) -> Iterator[tuple[int, int, str]]:
    """Yield where values begin and end in ``text``, from left to right, the longest of those that begin together."""
    folded = _folded(text)
    position = 0
    while position <= len(folded) - SHORTEST:
        for length in ends.get(folded[position : position + SHORTEST], ()):
            value = folded[position : position + length]
            if value in values and (length >= _ANYWHERE or _is_word(folded, position, position + length)):
                yield position, position + length, value
                position += length
                break
        else:
            position += 1


def _is_word(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _folded(text: str) -> str:
    """Return ``text`` in small letters, as clouds write names, where that keeps every character in its place."""
    folded = text.lower()
    return folded if len(folded) == len(text) else text


def _forms(value: str, longest: int) -> Iterator[str]:
    if SHORTEST <= len(value) <= longest:
        yield _folded(value)
        if len(value) >= _ANYWHERE:
            from urllib.parse import quote

            yield _folded(quote(value, safe=""))
            yield from map(_folded, _encoded(value.encode(errors="surrogatepass")))


def _encoded(value: bytes) -> Iterator[str]:
    """Yield the characters of base64 that depend on ``value`` alone, for each place it may have in what was encoded."""
    from base64 import b64encode, urlsafe_b64encode

    for before in range(3):
        core = slice(-(-before * 4 // 3), (before + len(value)) * 4 // 3)
        for encode in (b64encode, urlsafe_b64encode):
            # Of a group of three bytes, the characters that hold bits of the text before or behind are left out.
            yield encode(bytes(before) + value + bytes(2)).decode()[core]
