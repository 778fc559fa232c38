"""Patterns with ``*`` and ``?`` as AWS policies write them: does one match all that another matches?"""

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(parts.get(character) or re.escape(character) for character in glob) + r"\Z", re.DOTALL)


def contains(outer: str, inner: str) -> bool:
    """Return whether ``outer`` matches every string that the glob ``inner`` matches; False where it is not proven."""
    return outer in ("*", inner) or (("*" in outer or "?" in outer) and _compiled(outer).match(inner) is not None)


def may_overlap(first: str, second: str) -> bool:
    """Return whether one string may be matched by both globs; True where it is not disproven."""
    if contains(first, second) or contains(second, first):
        return True
    head, other = (re.split(r"[*?]", glob, maxsplit=1)[0] for glob in (first, second))
    wild = "*" in first + second or "?" in first + second
    return wild and (head.startswith(other) or other.startswith(head))
