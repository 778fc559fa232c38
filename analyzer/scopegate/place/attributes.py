"""The few attributes of an object that say where and whose it is, and what is marked unknown or sensitive in it.

Most instances of a plan do not change, and most attributes say nothing about a place. So only the few that do are
decoded, into a small struct; the whole object only for types whose place stands in an uncommon attribute.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from scopegate.plan.model import Attributes

NAMES: Final = frozenset({"name", "bucket", "resource_group_name"})
"""The attributes that others name an object by, which say nothing about its own place."""
COMMON: Final = frozenset(Attributes.__struct_fields__)
"""The paths that need no decoding of the whole object."""

Values = Attributes | Mapping[str, object] | None
"""The decoded attributes of an object, None where there is no object."""

Mark = Attributes | Mapping[str, object] | bool | None
"""Which attributes are marked: ``True`` for all, None for none."""

UNMARKED: Final = frozenset({b"{}", b"null", b"false", b""})
"""The raw forms of a section that marks nothing."""
_LONGEST_NULL: Final = len(b"null")
_NO_MARKS: Final = Attributes()
_ATTRIBUTES: Final = msgspec.json.Decoder(Attributes | None)
_MARKS: Final = msgspec.json.Decoder(Attributes | bool | None)


class Marks(Struct, frozen=True):
    """What is unknown until apply and what is sensitive in one state of an object."""

    unknown: Mark = None
    sensitive: Mark = None


UNMARKED_STATE: Final = Marks()


def is_null(raw: msgspec.Raw) -> bool:
    """Whether a section is not there; long ones are not copied to find out."""
    return len(raw) <= _LONGEST_NULL and bytes(raw) in (b"null", b"")


def read_values(raw: msgspec.Raw, *, whole: bool) -> Values:
    """Return the attributes of a state of an object that its place may stand in; None where there is no object."""
    if is_null(raw):
        return None
    if whole:
        value = msgspec.json.decode(raw)
        return value if isinstance(value, dict) else None
    try:
        attributes: Attributes | None = _ATTRIBUTES.decode(raw)
    except msgspec.ValidationError:  # an object is expected and something else stands there
        return None
    return attributes


def read_mark(text: bytes, *, whole: bool) -> Mark:
    """Return which attributes a section marks; anything but the forms that Terraform writes marks everything."""
    if text in UNMARKED:
        return None
    if whole:
        value = msgspec.json.decode(text)
        return value if isinstance(value, dict) else True
    try:
        marks: Attributes | bool | None = _MARKS.decode(text)
    except msgspec.ValidationError:
        return True
    return None if marks == _NO_MARKS else marks  # most marks are of tags


def leaves(value: object, path: tuple[str, ...]) -> Iterator[object]:
    """Yield the values at ``path``; lists on the way are passed through, nulls are left out."""
    if isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from leaves(value[path[0]], path[1:])


def values_at(values: Values, path: str) -> tuple[object, ...]:
    """Return the values at a dotted path of an object."""
    if isinstance(values, Attributes):
        value = getattr(values, path, None)
    elif values is None:
        return ()
    elif "." in path:
        return tuple(leaves(values, tuple(path.split("."))))
    else:
        value = values.get(path)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(leaves(value, ()))


def is_marked(marks: Mark, path: str) -> bool:
    """Whether the value at a dotted path, or something it stands in, is marked."""
    if marks is None:
        return False
    if isinstance(marks, Attributes):
        return _holds_true(getattr(marks, path, None), ())
    return _holds_true(marks, tuple(path.split(".")))


def _holds_true(marks: object, path: tuple[str, ...]) -> bool:
    if marks is True:
        return True
    if isinstance(marks, list):
        return any(_holds_true(item, path) for item in marks)
    if isinstance(marks, dict):
        return any(_holds_true(marks[step], path[1:]) for step in path[:1] if step in marks)
    return False
