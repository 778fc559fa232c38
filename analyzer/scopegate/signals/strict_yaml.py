"""YAML that means what it says: a subset without the surprises, and the line of everything in it.

Plain scalars are ``true``, ``false``, ``null``, ``~``, decimal integers and decimals of JSON's grammar; everything
else is a string, so that the country ``NO``, the account ``0123`` and the time ``12:30`` stay what the author wrote.
Keys are always strings. Duplicate keys, anchors, aliases, tags and several documents in one file are refused, because
each of them lets a reviewer read something other than what is loaded.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from scopegate.errors import ScopegateError

if TYPE_CHECKING:
    from yaml.events import Event

ValuePath = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

_DEEPEST = 40
_LONGEST = 1_000_000
"""Characters: the parser takes five seconds for them."""
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?\Z")
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class YamlDocument(Struct, frozen=True):
    """One document: its value of dicts, lists and scalars, and the line (from 1) of every value in it."""

    path: str
    value: object
    lines: Mapping[ValuePath, int]

    def line_of(self, path: ValuePath) -> int:
        """Return the line of the value at ``path``, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def where(self, path: ValuePath = ()) -> str:
        """Return ``file:line`` of the value at ``path``."""
        return f"{self.path}:{self.line_of(path)}"


def load_yaml(text: str, path: str, error: type[ScopegateError]) -> YamlDocument:
    """Return the document that ``text`` holds; ``path`` names it in messages.

    Raises:
        error: the text is not YAML of the subset; the message begins with ``file:line``.
    """
    import yaml

    if len(text) > _LONGEST:
        raise error(f"{path}:1: this has more than {_LONGEST:,} characters, which no such file has; name another.")
    builder = _Builder(path, error)
    try:
        return builder.document(iter(yaml.parse(text, Loader=yaml.SafeLoader)))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        raise error(f"{path}:{mark.line + 1 if mark else 1}: this is not YAML ({problem.problem}).") from problem
    except yaml.YAMLError as problem:
        raise error(f"{path}:1: this is not YAML ({_one_line(problem)}).") from problem


class _Builder:
    """Builds one document from parse events. Mutable, used within one call only."""

    def __init__(self, path: str, error: type[ScopegateError]) -> None:
        self.path = path
        self.error = error
        self.lines: dict[ValuePath, int] = {}

    def document(self, events: Iterator["Event"]) -> YamlDocument:
        from yaml.events import DocumentStartEvent, StreamEndEvent

        next(events)  # the start of the stream
        if isinstance(next(events), StreamEndEvent):
            return YamlDocument(self.path, None, {})
        value = self.value(events, next(events), ())
        next(events)  # the end of the document
        following = next(events)
        if isinstance(following, DocumentStartEvent):
            raise self.refusal(following, "a second document begins here; keep one document in a file")
        return YamlDocument(self.path, value, self.lines)

    def value(self, events: Iterator["Event"], event: "Event", path: ValuePath) -> object:
        from yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

        if isinstance(event, AliasEvent):
            raise self.refusal(event, "an alias (*) stands here; write the value out")
        self.check_plain(event)
        if len(path) > _DEEPEST:
            raise self.refusal(event, f"values are nested deeper than {_DEEPEST} levels; flatten them")
        self.lines.setdefault(path, _line(event))
        if isinstance(event, MappingStartEvent):
            return self.mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(events, path)
        assert isinstance(event, ScalarEvent)  # noqa: S101 - the parser yields nothing else here
        return self.scalar(event)

    def check_plain(self, event: Any) -> None:
        if event.anchor is not None:
            raise self.refusal(event, "an anchor (&) stands here; write the value out where it is used")
        if event.tag is not None:
            raise self.refusal(event, "a tag (!) stands here; write the plain value")

    def mapping(self, events: Iterator["Event"], path: ValuePath) -> dict[str, object]:
        from yaml.events import MappingEndEvent

        result: dict[str, object] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = self.key(event)
            if key in result:
                raise self.refusal(event, f"the key {key!r} stands twice in one mapping; keep one of them")
            self.lines[(*path, key)] = _line(event)
            result[key] = self.value(events, next(events), (*path, key))
        return result

    def key(self, event: "Event") -> str:
        from yaml.events import ScalarEvent

        if not isinstance(event, ScalarEvent):
            raise self.refusal(event, "a key must be a plain word or a quoted string")
        self.check_plain(event)
        return str(event.value)

    def sequence(self, events: Iterator["Event"], path: ValuePath) -> list[object]:
        from yaml.events import SequenceEndEvent

        result: list[object] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            result.append(self.value(events, event, (*path, len(result))))
        return result

    def scalar(self, event: Any) -> object:
        text = str(event.value)
        return text if event.style is not None else _plain_scalar(text)

    def refusal(self, event: Any, sentence: str) -> ScopegateError:
        return self.error(f"{self.path}:{_line(event)}: {sentence}.")


def _plain_scalar(text: str) -> object:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) and ("." in text or "e" in text.lower()) else text


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:200]


def _line(event: "Event") -> int:
    mark = event.start_mark
    return mark.line + 1 if mark else 1
