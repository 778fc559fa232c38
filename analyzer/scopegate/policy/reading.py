"""A value of a YAML document that knows where it stands, so that every complaint begins with ``file:line``."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, TypeVar

from msgspec import Struct

from scopegate.errors import PolicyError
from scopegate.signals.strict_yaml import ValuePath, YamlDocument

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class Node(Struct, frozen=True):
    """One value of a document and the path that leads to it."""

    document: YamlDocument
    value: object
    path: ValuePath = ()

    @property
    def where(self) -> str:
        """``file:line`` of the value."""
        return self.document.where(self.path)

    def refusal(self, sentence: str) -> PolicyError:
        """Return the error that says ``sentence`` of this value."""
        return PolicyError(f"{self.where}: {as_sentence(sentence)}")

    def mapping(self) -> dict[str, "Node"]:
        """Return the values of a mapping by their keys; an empty one says nothing and is refused."""
        if not isinstance(self.value, dict) or not self.value:
            raise self.refusal(f"{self._name} must be a mapping with at least one key, not {_shape(self.value)}")
        return {key: Node(self.document, value, (*self.path, key)) for key, value in self.value.items()}

    def keyed(self, known: Iterable[str], required: Iterable[str] = ()) -> dict[str, "Node"]:
        """Return the values of a mapping that has only ``known`` keys and all the ``required`` ones."""
        found = self.mapping()
        for key, node in found.items():
            if key not in known:
                raise node.refusal(f"{self._name} has no key {_quoted(key)}{suggestion(key, known)}")
        for key in required:
            if key not in found:
                raise self.refusal(f"{self._name} lacks the key {key!r}")
        return found

    def sequence(self, *, empty: bool = False) -> tuple["Node", ...]:
        """Return the items of a list; an empty one is refused unless it means something here."""
        if not isinstance(self.value, list) or not (self.value or empty):
            raise self.refusal(f"{self._name} must be a list with at least one item, not {_shape(self.value)}")
        return tuple(Node(self.document, item, (*self.path, number)) for number, item in enumerate(self.value))

    def text(self) -> str:
        """Return a string that is not blank."""
        if not isinstance(self.value, str) or not self.value.strip():
            quotes = "; put it in quotes" if isinstance(self.value, int | float) else ""
            raise self.refusal(f"{self._name} must be a text, not {_shape(self.value)}{quotes}")
        return self.value

    def texts(self, *, empty: bool = False) -> tuple[str, ...]:
        """Return a list of different strings."""
        found = tuple(node.text() for node in self.sequence(empty=empty))
        if len(set(found)) < len(found):
            raise self.refusal(f"{self._name} says the same twice; keep one of them")
        return found

    def integer(self, least: int) -> int:
        """Return a whole number of at least ``least``."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < least:
            raise self.refusal(f"{self._name} must be a whole number of at least {least}, not {_shape(self.value)}")
        return self.value

    def boolean(self) -> bool:
        """Return ``true`` or ``false``."""
        if not isinstance(self.value, bool):
            raise self.refusal(f"{self._name} must be true or false, not {_shape(self.value)}")
        return self.value

    def word(self, words: Iterable[str]) -> str:
        """Return one of ``words``."""
        allowed = list(words)
        if not isinstance(self.value, str) or self.value not in allowed:
            said = _quoted(self.value) if isinstance(self.value, str) else _shape(self.value)
            known = suggestion(str(self.value), allowed)
            raise self.refusal(f"{self._name} cannot be {said}{known or '; it is one of ' + ', '.join(allowed)}")
        return self.value

    def member(self, members: Iterable[E]) -> E:
        """Return the member of an enum whose wire value stands here."""
        by_word = {str(member.value): member for member in members}
        return by_word[self.word(by_word)]

    @property
    def _name(self) -> str:
        """The name of the value in messages: its key, the item of a list with the list's, or the whole file."""
        names = [str(part) for part in self.path if isinstance(part, str)]
        return f"`{'.'.join(names[-2:])}`" if names else "the file"


def as_sentence(text: str) -> str:
    """Return ``text`` with a full stop, where it has no mark of its own."""
    return text if text.endswith("?") else f"{text}."


def gathered(read: Callable[[Any], T], nodes: Sequence[Any]) -> tuple[T, ...]:
    """Return what ``read`` makes of each node.

    Raises:
        PolicyError: it refused some of them; the message has a line for each, so that one look finds all.
    """
    results: list[T] = []
    problems: list[str] = []
    for node in nodes:
        try:
            results.append(read(node))
        except PolicyError as error:
            problems.append(str(error))
    if problems:
        raise PolicyError("\n".join(problems))
    return tuple(results)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return what the author may have meant, or all they could say, as the end of a sentence; nothing where neither."""
    words = list(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; it may have {', '.join(words)}" if words and len(words) <= _LISTED else ""


_LISTED = 24
_SHOWN = 60


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _shape(value: object) -> str:
    """Return what a value is, in words; never more of it than a short quotation."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)[:_SHOWN]
        case str():
            return _quoted(value) if value.strip() else "an empty text"
        case list():
            return "an empty list" if not value else "a list"
        case dict():
            return "an empty mapping" if not value else "a mapping"
        case _:
            return "something else"
