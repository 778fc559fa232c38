"""Values that grow: lists, maps, strings and nesting, in a rule's example or in JSON inside a string.

A size is a number of items, of keys, of pieces of a string; nesting ends where the reader of JSON ends.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any
Way: TypeAlias = Callable[[Json, int], Json]

DEEPEST: Final = 150
"""Plans are not read with values of more than 200 levels."""
SEPARATORS: Final = (
    ".",
    "*",
    "?",
    "/",
    ":",
    "-",
    ",",
    "[",
    "]",
    "{",
    '"',
    "\\",
    " ",
    "\n",
    "$",
    "@",
    "|",
    "a*",
    "arn:",
)


def grown_lists(value: Json, size: int) -> Json:
    """Return ``value`` with the outermost of its lists grown to ``size`` items, each of them different."""
    if isinstance(value, list):
        return [varied(value[number % len(value)], number) for number in range(max(size, len(value)))] if value else []
    return _inside(value, lambda item: grown_lists(item, size))


def grown_inner_lists(value: Json, size: int) -> Json:
    """Return ``value`` with the lists of its blocks grown that hold no blocks themselves."""
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return grown_lists(value, size)
    return _inside(value, lambda item: grown_inner_lists(item, size))


def grown_maps(value: Json, size: int) -> Json:
    """Return ``value`` with ``size`` keys more in each outermost map below it, and in an object itself."""
    if not isinstance(value, dict):
        return _inside(value, lambda item: grown_maps(item, size))
    items = list(value.items()) or [("key", "value")]
    more = (items[number % len(items)] for number in range(size))
    return value | {f"{key}_{number}": varied(item, number) for number, (key, item) in enumerate(more)}


def grown_inner_maps(value: Json, size: int) -> Json:
    """Return ``value`` with ``size`` keys more in each map that holds no map itself."""
    if isinstance(value, dict) and not any(isinstance(item, list | dict) for item in value.values()):
        return grown_maps(value, size)
    return _inside(value, lambda item: grown_inner_maps(item, size))


def nested(value: Json, size: int) -> Json:
    """Return ``value`` with each value in it inside of lists and maps; what is beyond the depth goes beside it."""
    depth = min(size, DEEPEST)
    beside = [nested_once(index, depth) for index in range(size // DEEPEST)]
    if isinstance(value, dict):
        return {key: [nested_once(item, depth), *beside] for key, item in value.items()}
    return [nested_once(value, depth), *beside]


def nested_once(value: Json, depth: int) -> Json:
    """Return ``value`` inside of so many lists and maps."""
    for level in range(depth):
        value = {"a": value} if level % 2 else [value]
    return value


def separated(separator: str) -> Way:
    """Return the way of growing that puts pieces with this between them behind each string."""
    return lambda value, size: longer(value, "".join(f"{separator}{number % 10}" for number in range(size)))


def longer(value: Json, text: str) -> Json:
    """Return ``value`` with ``text`` behind each string."""
    if isinstance(value, str) and not _holds_json(value):
        return value + text
    return _inside(value, lambda item: longer(item, text))


def _inside(value: Json, grow: Callable[[Json], Json]) -> Json:
    """Return ``value`` with what is in it grown; JSON in a string is in it."""
    if isinstance(value, dict):
        return {key: grow(item) for key, item in value.items()}
    if isinstance(value, list):
        return [grow(item) for item in value]
    return json.dumps(grow(json.loads(value))) if isinstance(value, str) and _holds_json(value) else value


def _holds_json(text: str) -> bool:
    try:
        return text[:1] in ("{", "[") and isinstance(json.loads(text), list | dict)
    except ValueError:
        return False


def varied(value: Json, number: int) -> Json:
    """Return ``value`` as the ``number``-th of its kind: other names, other networks, other numbers."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value + number
    if isinstance(value, str):
        return value if _holds_json(value) else _varied_text(value, number)
    return _inside(value, lambda item: varied(item, number))


def _varied_text(text: str, number: int) -> str:
    if text.isdecimal():
        return f"{int(text) + number:0{len(text)}}"
    address, slash, length = text.partition("/")
    if address.count(".") == 3 and address.replace(".", "").isdecimal():
        return f"{number // 62_500 % 200 + 11}.{number // 250 % 250}.{number % 250}.0{slash}{length and 24}"
    return f"{text}{number}"


WAYS: Final[Mapping[str, Way]] = {
    "lists": grown_lists,
    "inner lists": grown_inner_lists,
    "maps": grown_maps,
    "inner maps": grown_inner_maps,
    "nesting": nested,
    "long strings": lambda value, size: longer(value, "x" * 8 * size),
    **{f"strings of {separator!r}": separated(separator) for separator in SEPARATORS},
}


def sides(before: Json, after: Json) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the parts of a change with these values: as it is, only one side, the marks as large as the values."""
    both = {"actions": _actions(before, after), "before": before, "after": after}
    yield "both", both
    value = before if after is None else after
    yield "created", {"actions": ["create"], "before": None, "after": value}
    yield "destroyed", {"actions": ["delete"], "before": value, "after": None}
    yield "unknown", {**both, "after": {}, "after_unknown": marks(value)} if after is not None else both
    yield "sensitive", {**both, "before_sensitive": marks(before), "after_sensitive": marks(after)}


def _actions(before: Json, after: Json) -> list[str]:
    return ["create"] if before is None else ["delete"] if after is None else ["update"]


def marks(value: Json) -> Json:
    """Return the section that marks all of ``value``, as Terraform writes it: true in place of each value."""
    if isinstance(value, dict):
        return {key: marks(item) for key, item in value.items()}
    if isinstance(value, list):
        return [marks(item) for item in value]
    return True if value is not None else {}
