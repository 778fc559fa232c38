"""Which strings identify one object of a cloud, and where they stand in other strings.

An identifier is told by its shape: an ARN, an Azure or Google resource path, an address, a generated id. A plain name
is one only where the argument that holds it says what kind of thing it names (``bucket``, ``table_name``). Everything
else (words, numbers, regions, account numbers) may be shared by things that have nothing to do with each other.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence, Set

from scopegate.pattern import Pattern

NAMING = ("name", "id", "bucket", "function_name")
"""The attributes that hold an object's own name."""

_ARN = Pattern(r"arn:[\w-]+:[\w-]*:[\w-]*:\d*:\S+")
_GENERATED = Pattern(
    r"[a-z]{1,12}-[0-9a-f]{8,17}"  # vpc-0a1b2c3d4e5f
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[A-Z0-9]{10,32}"  # hosted zones, distributions
)
_HOST = r"(?:[\w-]+\.)+[a-zA-Z]{2,}"
_ADDRESS = Pattern(
    rf"https?://{_HOST}(?::\d+)?(?:/\S*)?"
    rf"|[\w.+-]+@{_HOST}"
    r"|(?:[\w-]+\.){3,}[a-zA-Z]{2,}(?::\d+)?"  # db.t3.medium and lambda.amazonaws.com are no addresses of one object
)
_BEGINNINGS = ("arn:", "/subscriptions/", "projects/", "https://")
_REST = r"[^\s\"'<>,;$\\{}()|*?\[\]]+"
_EMBEDDED_BY_BEGINNING = {beginning: Pattern(beginning + _REST) for beginning in _BEGINNINGS}
_PATH = f"(?:{'|'.join(_BEGINNINGS)}){_REST}"
_EMBEDDED = Pattern(_PATH)
_EMBEDDED_OR_MAIL = Pattern(rf"{_PATH}|[\w.+-]+@[\w.-]+")
"""Slower by far, since every word may be the beginning of a mail address."""
_REGION = Pattern(r"[a-z]{2,12}(?:-[a-z]+){1,3}-?\d{1,2}(?:-?[a-z])?")
SHORTEST = 8
"""No shorter string is an identifier or a name."""

_LONGEST = 2_048
_PATH_PARTS = 4
_SHORTEST_KIND = 4
_SHORTEST_HOST = 3
"""So many dots has an address without a scheme."""

_MOST_CUTS = 4


def is_identifier(text: str) -> bool:
    """Whether a string names one object and nothing else, by its shape alone."""
    if not SHORTEST <= len(text) <= _LONGEST:
        return False
    if text.startswith("arn:"):
        return _ARN.fullmatch(text) is not None
    if text.startswith(("/subscriptions/", "projects/")):
        return text.count("/") >= _PATH_PARTS and " " not in text
    if _GENERATED.fullmatch(text):
        return any(map(str.isdigit, text)) and not text.isdigit()
    return _ADDRESS.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether a string can be the name of one object: long enough, of several parts, and no region."""
    has_parts = "-" in text or "_" in text or "." in text
    return SHORTEST <= len(text) <= _LONGEST and has_parts and " " not in text and not _REGION.fullmatch(text)


def names_kind(argument: str, resource_type: str) -> bool:
    """Whether an argument says by its name that it holds the name of such a resource (``table_name``: a table)."""
    kind = argument.removesuffix("_name")
    return len(kind) >= _SHORTEST_KIND and resource_type.endswith(f"_{kind}")


def kinds_of(types: Set[str]) -> Set[str]:
    """Return what an argument may name resources of these types by: ``bucket`` and ``s3_bucket``."""
    words = (resource_type.split("_") for resource_type in types)
    return {"_".join(some[index:]) for some in words for index in range(1, len(some))}


def may_name(kinds: Set[str], argument: str, holder: str) -> bool:
    """Whether an argument says that it names one of these kinds, and none that its holder itself is of."""
    kind = argument.removesuffix("_name")
    return len(kind) >= _SHORTEST_KIND and kind in kinds and not names_kind(argument, holder)


def may_embed(text: str) -> bool:
    """Whether an identifier may stand within a string, or be all of it; a plain name certainly holds none."""
    return "@" in text or any(beginning in text for beginning in _BEGINNINGS)


def may_identify(text: str) -> bool:
    """Whether a string may be an identifier or hold one."""
    if "@" in text or text.count(".") >= _SHORTEST_HOST:
        return True
    if ":" in text or "/" in text:
        return may_embed(text) or "http://" in text
    return _GENERATED.fullmatch(text) is not None


def identifying(texts: Iterable[str]) -> Callable[[str], object]:
    """Return what tells of each of these whether it may be an identifier or hold one, as ``may_identify`` does.

    Most strings that are written down are words, and so are all others at the same place: then one look is enough.
    """
    together = "\n".join(texts)
    return may_identify if any(mark in together for mark in "@:/.") else _GENERATED.fullmatch


def parts_within(text: str) -> Iterator[Sequence[str]]:
    """Yield each identifier within a string, and after it what is left with ever more cut off its end.

    ``arn:aws:s3:::bucket/prefix`` is a part of ``arn:aws:s3:::bucket``.
    """
    if len(text) >= SHORTEST and may_embed(text):
        for match in _pattern(text).finditer(text):
            yield _parts(match.group().rstrip(".,:/"))


def _parts(whole: str) -> list[str]:
    parts = [whole]
    for _ in range(_MOST_CUTS):
        end = max(whole.rfind("/"), whole.rfind(":"))
        if end < SHORTEST:
            break
        whole = whole[:end]
        parts.append(whole)
    return parts


def _pattern(text: str) -> Pattern:
    """Return what finds the identifiers in a text: where all begin alike, several times faster than in any."""
    if "@" in text:
        return _EMBEDDED_OR_MAIL
    beginnings = [beginning for beginning in _BEGINNINGS if beginning in text]
    return _EMBEDDED_BY_BEGINNING[beginnings[0]] if len(beginnings) == 1 else _EMBEDDED


def mentioned(text: str, wanted: Container[str]) -> tuple[str, ...]:
    """Return the wanted strings in a string: itself, and of each identifier in it the longest part that is wanted."""
    return longest_wanted([[text], *parts_within(text)], wanted)


def longest_wanted(parts: Iterable[Sequence[str]], wanted: Container[str]) -> tuple[str, ...]:
    """Return of each of these the first part that is wanted, if it is an identifier or a name."""
    found: list[str] = []
    for some in parts:
        for part in some:
            if part in wanted:
                if part not in found and (is_identifier(part) or is_name(part)):
                    found.append(part)
                break
    return tuple(found)
