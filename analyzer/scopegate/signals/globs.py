"""Patterns with ``*`` and ``?``: does one match a text, or all that another matches, as AWS policies write them?"""

import re
from functools import lru_cache


def matches(text: str, glob: str) -> bool:
    """Return whether ``text`` matches ``glob``; a pattern of stars alone, as most are, takes no regular expression."""
    if "?" in glob or "[" in glob:
        from fnmatch import fnmatchcase

        return fnmatchcase(text, glob)
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
    return outer in ("*", inner) or (("*" in outer or "?" in outer) and _compiled(outer).match(inner) is not None)


def may_overlap(first: str, second: str) -> bool:
    """Return whether one string may be matched by both globs; True where it is not disproven."""
    head, other = (re.split(r"[*?]", glob, maxsplit=1)[0] for glob in (first, second))
    wild = "*" in first + second or "?" in first + second
    return first == second or (wild and (head.startswith(other) or other.startswith(head)))
