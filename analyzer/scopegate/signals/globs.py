"""Patterns with ``*`` and ``?``: does one match a text, or all that another matches, as AWS policies write them?"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final


def matches(text: str, glob: str) -> bool:
    """Return whether ``text`` matches ``glob``; a pattern of stars alone, as most are, takes no regular expression."""
    if "?" in glob or "[" in glob:
        from fnmatch import fnmatchcase

        return fnmatchcase(text, glob)
    return fits(text, glob)


def fits(text: str, glob: str) -> bool:
    """Return whether ``text`` matches ``glob``, in which only stars mean anything."""
    first, *rest = glob.split("*")
    if not rest:
        return text == glob
    *middle, last = rest
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    position, end = len(first), len(text) - len(last)
    for part in middle:
        position = text.find(part, position, end)
        if position < 0:
            return False
        position += len(part)
    return True


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    """Return what matches all that ``glob`` does; each part between two stars is looked for once, where it is first."""
    first, *rest = map(_written, glob.split("*"))
    *middle, last = rest or [""]
    return re.compile(
        first + "".join(f"(?>.*?{part})" for part in middle) + (".*" if rest else "") + last + r"\Z", re.DOTALL
    )


def _written(part: str) -> str:
    return re.escape(part).replace(r"\?", "[^*]")


def contains(outer: str, inner: str) -> bool:
    """Return whether ``outer`` matches every string that the glob ``inner`` matches; False where it is not proven."""
    if outer in ("*", inner):
        return True
    if "?" in outer:
        return max(len(outer), len(inner)) <= _LONGEST and _compiled(outer).match(inner) is not None
    return "*" in outer and fits(inner, outer)


def may_overlap(first: str, second: str) -> bool:
    """Return whether one string may be matched by both globs; True where it is not disproven."""
    head, other = _head(first), _head(second)
    wild = head != first or other != second
    return first == second or (wild and (head.startswith(other) or other.startswith(head)))


@lru_cache(maxsize=4096)
def _head(glob: str) -> str:
    return re.split(r"[*?]", glob, maxsplit=1)[0]


class Globs:
    """Patterns, each found by a part of it that is written out: a text without this part it does not match.

    A key policy of 32 KB may name 2,000 accounts, and as many after a change: each is held against few of the others.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        parts = {glob: _parts(glob) for glob in globs}
        times = Counter(part for some in parts.values() for part in some)
        self._by_part: dict[str, list[str]] = {}
        for glob, some in parts.items():
            rarest = min(some, key=lambda part: (times[part], -len(part), part))
            self._by_part.setdefault(rarest, []).append(glob)
        self._lengths = {len(part) for part in self._by_part}

    def that_may_match(self, text: str) -> Iterator[str]:
        """Yield the patterns whose part stands in ``text``: not all of very many, and of a very long text none.

        So looking up takes no longer than the patterns are long; what is missed is not proven to match.
        """
        return islice((glob for part in self._parts_in(text) for glob in self._by_part[part]), _MOST_ALIKE)

    def _parts_in(self, text: str) -> Iterable[str]:
        if len(text) > _LONGEST:
            return self._by_part.keys() & {""}
        if len(self._by_part) <= _FEW:
            return [part for part in self._by_part if part in text]
        starts = range(len(text) + 1)
        return sorted(
            self._by_part.keys() & {text[start : start + length] for length in self._lengths for start in starts}
        )


def _parts(glob: str) -> set[str]:
    return {part[-_LONGEST_PART:] for part in re.split(r"[*?]|\[.*", glob, flags=re.DOTALL) if part} or {""}


_LONGEST: Final = 4_096
"""Signs of a pattern that is compared: twice as many as an ARN may have (AWS IAM User Guide, "IAM quotas")."""
_LONGEST_PART: Final = 32
_MOST_ALIKE: Final = 500
_FEW: Final = 16
