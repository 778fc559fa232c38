"""Files in JSON syntax (``.tf.json``), where every string is a template.

https://developer.hashicorp.com/terraform/language/syntax/json: a block is an object, or a list of them, by type and
labels; ``replace_triggered_by`` holds plain references.
"""

import json
import re
from bisect import bisect
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scopegate.source.contents import CHECKED, HIDING, RESOURCES, Contents, name_of, reading
from scopegate.source.model import Backend, Location, Reading, SourceBlock
from scopegate.source.parse import UnparsedError, parse_expression
from scopegate.source.references import Reference, references_in, references_in_template
from scopegate.source.scan import ScanError

_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "locals": 1,
}
_BLANK = re.compile(r"[ \t\n\r]*")
_TEMPLATE = re.compile("[$%]")
_DECODER = json.JSONDecoder()
_NOWHERE: frozenset[str] = frozenset()


class _Labelled(NamedTuple):
    """A block: its type, its labels, and where the last of them and its body begin."""

    kind: str
    labels: tuple[str, ...]
    at: int
    body_at: int


def read_json(text: str, file: str) -> Contents:
    """Return the contents of ``text``, the file named ``file``."""
    blocks: list[SourceBlock] = []
    calls: dict[str, str] = {}
    unread: list[int] = []
    backend: Backend | None = None
    newlines = [match.start() for match in re.finditer("\n", text)]
    try:
        backend = _backend(json.loads(text))
        for found in _labelled(text):
            location = Location(file, bisect(newlines, found.at) + 1)
            body, _ = _DECODER.raw_decode(text, found.body_at)
            try:
                blocks.append(_block(found, body, location))
            except (UnparsedError, ScanError):
                unread.append(location.line)
            if found.kind == "module" and isinstance(body, dict) and isinstance(body.get("source"), str):
                calls[found.labels[0]] = body["source"]
    except (ValueError, RecursionError) as error:
        unread.append(error.lineno if isinstance(error, json.JSONDecodeError) else 1)
    return Contents(blocks, calls, unread, backend)


def _backend(document: object) -> Backend | None:
    """Return the backend that a ``terraform`` block names."""
    for settings in (one for outer in _objects(document) for one in _objects(outer.get("terraform"))):
        for kind, body in ((kind, body) for one in _objects(settings.get("backend")) for kind, body in one.items()):
            return Backend(kind, dict(_literals(body)))
        if "cloud" in settings:
            return Backend("cloud", dict(_literals(settings["cloud"])))
    return None


def _literals(body: object) -> Iterator[tuple[str, str]]:
    for one in _objects(body):
        for name, value in one.items():
            if isinstance(value, str) and not _TEMPLATE.search(value):
                yield name, value
            yield from _literals(value)


def _labelled(text: str) -> Iterator[_Labelled]:
    for kind, at, value_at in _members(text, _skip_blank(text, 0)):
        yield from _with_labels(text, _Labelled(kind, (), at, value_at), _LABELS.get(kind, -1))


def _with_labels(text: str, outer: _Labelled, missing: int) -> Iterator[_Labelled]:
    if missing == 0:
        yield outer
    for label, at, value_at in _members(text, outer.body_at) if missing > 0 else ():
        if label != "//":  # a comment
            yield from _with_labels(text, _Labelled(outer.kind, (*outer.labels, label), at, value_at), missing - 1)


def _members(text: str, position: int) -> Iterator[tuple[str, int, int]]:
    """Yield the members of an object, or of the objects of a list: the key, and where it and its value begin."""
    if text[position] == "[":
        for at in _elements(text, position):
            yield from _members(text, at)
    elif text[position] == "{":
        position = _skip_blank(text, position + 1)
        while text[position] == '"':
            key, end = _DECODER.raw_decode(text, position)
            value_at = _skip_blank(text, _skip_blank(text, end) + 1)
            yield key, position, value_at
            position = _skip_comma(text, _DECODER.raw_decode(text, value_at)[1])


def _elements(text: str, position: int) -> Iterator[int]:
    position = _skip_blank(text, position + 1)
    while text[position] != "]":
        yield position
        position = _skip_comma(text, _DECODER.raw_decode(text, position)[1])


def _skip_blank(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _skip_comma(text: str, position: int) -> int:
    position = _skip_blank(text, position)
    return _skip_blank(text, position + 1) if text[position] == "," else position


def _block(found: _Labelled, body: object, location: Location) -> SourceBlock:
    if found.kind == "locals":
        return SourceBlock(f"local.{found.labels[0]}", location, (reading(found.labels, _references(body)),))
    name = name_of(found.kind, found.labels) or ""
    bodies = _objects(body)
    if found.kind == "provider":
        aliases = [f".{one['alias']}" for one in bodies if isinstance(one.get("alias"), str)]
        return SourceBlock(name + "".join(aliases), location)
    if found.kind in RESOURCES:
        readings = tuple(hidden for one in bodies for hidden in _hidden(one))
        lifecycles = (lifecycle for one in bodies for lifecycle in _objects(one.get("lifecycle")))
        return SourceBlock(name, location, readings, any(one.get("prevent_destroy") is True for one in lifecycles))
    checked = CHECKED.get(found.kind, "")
    conditions = (condition for one in bodies for condition in _objects(one.get(checked)))
    return SourceBlock(name, location, tuple(seen for one in conditions for seen in _all(one, (checked,))))


def _objects(value: object) -> list[Mapping[str, object]]:
    """Return a nested block as the list of its occurrences."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _hidden(body: Mapping[str, object], path: tuple[str, ...] = ()) -> Iterator[Reading]:
    """Yield the readings of what stands in the nested blocks that plan JSON leaves out, however deep they stand."""
    for name, value in body.items():
        for one in _objects(value):
            if name == "dynamic":
                yield from _dynamic(one, path)
            elif name in HIDING:
                yield from _all(one, (*path, name))
            else:
                yield from _hidden(one, (*path, name))


def _dynamic(
    blocks: Mapping[str, object], path: tuple[str, ...], bound: frozenset[str] = _NOWHERE
) -> Iterator[Reading]:
    for label, value in blocks.items():
        for one in _objects(value):
            iterator = one.get("iterator")
            own = iterator if isinstance(iterator, str) else label
            yield reading((*path, label), _references(one.get("for_each"), bound))
            for content in _objects(one.get("content")):
                yield from _all(content, (*path, label), bound | {own})


def _all(body: Mapping[str, object], path: tuple[str, ...], bound: frozenset[str] = _NOWHERE) -> Iterator[Reading]:
    for name, value in body.items():
        if name == "dynamic":
            for one in _objects(value):
                yield from _dynamic(one, path, bound)
        elif name != "ignore_changes":  # names arguments of its own block
            found = reading((*path, name), _references(value, bound, plain=name == "replace_triggered_by"))
            if found.references:
                yield found


def _references(value: object, bound: frozenset[str] = _NOWHERE, *, plain: bool = False) -> Iterator[Reference]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if plain:
                yield from references_in(parse_expression(text), bound)
            case str() as text:
                yield from references_in_template(text, bound)
            case list() as values:
                waiting += values
            case dict() as values:
                waiting += [*values.keys(), *values.values()]
            case _:
                pass
