"""CODEOWNERS: who owns which path, exactly as GitHub reads it.

The last line that matches holds; owners on one line may each agree alone; a line without owners takes ownership away.
``!``, ``[ ]`` and ``\\#`` mean nothing (docs.github.com, "About code owners", read 2026-11-22). Which paths a pattern
matches is held against the table of hmarr/codeowners (testdata/patterns.json).
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from scopegate.errors import PolicyError
from scopegate.policy.glob import segments_match
from scopegate.policy.model import CodeOwnersRule

MAX_BYTES: Final = 3_000_000
"""GitHub loads no file of so many, and asks nobody ("must be under 3 MB": docs.github.com, "CODEOWNERS file size")."""


def parse_code_owners(text: str, path: str) -> tuple[CodeOwnersRule, ...]:
    """Return the rules of a CODEOWNERS file, in its order; ``path`` names it in messages.

    Raises:
        PolicyError: a line cannot be read; GitHub would skip it, and nobody would own what it is about. Or it is larger
            than GitHub reads at all.
    """
    if len(text.encode(errors="surrogatepass")) >= MAX_BYTES:
        raise PolicyError(
            f"{path}: it has {MAX_BYTES // 10**6} MB or more, so the code host does not read it and nobody owns "
            "anything; make it smaller, with fewer and wider patterns."
        )
    # Only a line feed ends a line; behind one of Python's dozen others, what GitHub takes for a comment named an owner.
    lines = (line.split("#", 1)[0] if not line.startswith("\\#") else line for line in text.split("\n"))
    return tuple(_rule(line.split(), f"{path}:{number}") for number, line in enumerate(lines, 1) if line.split())


def owners_of_path(rules: Iterable[CodeOwnersRule], path: str) -> tuple[str, ...]:
    """Return the groups one of whom must agree to a change of ``path``; none where nobody owns it."""
    owners: tuple[str, ...] = ()
    for rule in rules:
        if pattern_matches(rule.pattern, path):
            owners = rule.owners
    return owners


def pattern_matches(pattern: str, path: str) -> bool:
    """Return whether a pattern of CODEOWNERS covers the file ``path``."""
    if pattern == "/":
        return False
    parts = pattern.strip("/").split("/")
    anchored = pattern.startswith("/") or len(parts) > 1
    wanted = parts if anchored or parts[0] == "**" else ["**", *parts]
    return segments_match([*wanted, *_inside(pattern, parts, anchored)], path.removeprefix("./").split("/"), _matches)


def _inside(pattern: str, parts: Sequence[str], anchored: bool) -> tuple[str, ...]:
    """Return what follows a pattern: a name covers all in the folder as well, but `docs/*` direct children only."""
    if pattern.endswith("/"):
        return ("**", "*")
    if anchored and parts[-1] == "*":
        return ()
    return ("*",) if parts[-1] == "**" else ("**",)


def _matches(pattern: str, name: str) -> bool:
    """Return whether one folder or file name matches; ``\\`` takes its meaning from a sign.

    The places in the name that the pattern can have come to are the bits of a number, so that all of them move on at
    once: one by one, 20,000 signs on a name as long took minutes.
    """
    if not _SIGNS.intersection(pattern):
        return pattern == name
    everywhere = (1 << len(name) + 1) - 1
    reached = 1
    signs = iter(pattern)
    for sign in signs:
        if sign == "*":
            reached = everywhere & -(reached & -reached)
        elif sign == "?":
            reached = everywhere & reached << 1
        else:
            reached = (reached & _places(next(signs, sign) if sign == "\\" else sign, name)) << 1
    return reached >> len(name) == 1


_SIGNS: Final = frozenset("*?\\")


@lru_cache(maxsize=256)
def _places(sign: str, name: str) -> int:
    """Return the places in ``name`` that ``sign`` stands at, as the bits of a number."""
    return int("0" + "".join("1" if one == sign else "0" for one in reversed(name)), 2)


def _rule(words: Sequence[str], where: str) -> CodeOwnersRule:
    pattern, *owners = words
    if pattern.startswith(("!", "\\#")) or "[" in pattern:
        raise PolicyError(
            f"{where}: CODEOWNERS knows no '!', '[' or '\\#' in a pattern, so the code host skips this line and nobody "
            "owns what it is about; write the pattern without them."
        )
    return CodeOwnersRule(pattern, tuple(_owner(word, where) for word in owners))


def _owner(word: str, where: str) -> str:
    if word.startswith("@") and len(word) > 1:
        return f"team:{word[1:].lower()}" if "/" in word else f"user:{word[1:].lower()}"
    if "@" in word[1:-1]:
        return f"email:{word.lower()}"
    raise PolicyError(
        f"{where}: {word[:80]!r} is neither @user, @organisation/team nor an e-mail address, so the code host skips "
        "this line and nobody owns what it is about; correct it."
    )
