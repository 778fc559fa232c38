"""Patterns of a policy: ``*`` stands for any text, and everything else for itself.

No regular expressions and no character classes: an address holds brackets (``x["eu"]``), and a pattern must never take
longer than linear time on text that somebody else wrote.
"""

from collections.abc import Callable, Iterable, Sequence

from scopegate.signals.globs import fits


def matches(pattern: str, value: str) -> bool:
    """Return whether ``value`` matches ``pattern``, where ``*`` stands for any text, the empty one included."""
    return fits(value, pattern)


def matches_path(pattern: str, path: str) -> bool:
    """Return whether ``path`` matches ``pattern``: ``*`` stays within a folder's name, ``**`` is any folders, or none.

    A pattern that ends in ``/`` or ``/**`` means everything inside; ``./`` and a leading ``/`` mean nothing.
    """
    return segments_match(_wanted(pattern), _segments(path))


def paths_that_match(patterns: Iterable[str], paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of ``paths`` that one of ``patterns`` matches.

    A pattern without a star is looked up: a change of 3,000 files may have as many that it must not touch unseen.
    """
    wanted = {tuple(_wanted(pattern)) for pattern in patterns}
    wild = [segments for segments in wanted if any("*" in part for part in segments)]
    found = ((path, _segments(path)) for path in paths)
    return tuple(
        path
        for path, segments in found
        if tuple(segments) in wanted or any(segments_match(pattern, segments) for pattern in wild)
    )


def _wanted(pattern: str) -> list[str]:
    wanted = pattern.removeprefix("./").lstrip("/")
    return (f"{wanted}**" if wanted.endswith("/") else wanted).split("/")


def _segments(path: str) -> list[str]:
    return path.removeprefix("./").lstrip("/").split("/")


def segments_match(
    pattern: Sequence[str], path: Sequence[str], name_matches: Callable[[str, str], bool] = matches
) -> bool:
    """Return whether the folders of a path match; ``**`` is any number of them."""
    # The positions of the path that the pattern can have come to, one part of it after the other.
    ends = {0}
    for part in pattern:
        if part == "**":
            ends = set(range(min(ends), len(path) + 1)) if ends else ends
        else:
            ends = {end + 1 for end in ends if end < len(path) and name_matches(part, path[end])}
    return len(path) in ends
