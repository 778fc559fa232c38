"""Seeing of a change's values only what its rules look at.

Cost: a section is skipped over once, as fast as its bytes can be read; nothing of it is decoded that is not looked at.
Changes of one kind whose rules see the same are one case, and what holds for one of them holds for all.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import Raw

from scopegate.plan.model import attributes_type, decode_value

Seen = tuple[Any, ...] | bytes
"""The values that are looked at, as they are written; or a whole section."""

_NOT_THERE: Final = Raw(b"")


class Sight:
    """Sees the arguments ``names`` of a section of values, and of a section that is no object what it is instead."""

    names: Collection[str]
    """The arguments that it sees; none where it sees everything."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._reader: msgspec.json.Decoder[Any] = msgspec.json.Decoder(attributes_type(names, Raw, _NOT_THERE))

    def of(self, section: Raw) -> Seen:
        """Return what is seen of ``section``."""
        if not self.names:
            return ()
        if len(section) == len(b"null"):  # so it is before a creation, and too short for an object with a member
            return bytes(section)
        try:
            return tuple(map(bytes, msgspec.structs.astuple(self._reader.decode(section))))
        except msgspec.ValidationError:
            return bytes(section)

    def value(self, seen: Seen) -> object:
        """Return what was seen, decoded: a map of the arguments that are there, or what stands there instead."""
        if isinstance(seen, bytes):
            return decode_value(seen)
        return {name: decode_value(raw) for name, raw in zip(self.names, seen, strict=True) if raw}


class _Wide(Sight):
    """Sees so many arguments that few of them are there: those are picked out of all that is there."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(())
        self.names = names

    def of(self, section: Raw) -> Seen:
        try:
            members = _MEMBERS.decode(section)
        except msgspec.ValidationError:
            return bytes(section)
        wanted = self.names
        return tuple([(name, bytes(raw)) for name, raw in members.items() if name in wanted])

    def value(self, seen: Seen) -> object:
        if isinstance(seen, bytes):
            return decode_value(seen)
        return {name: decode_value(raw) for name, raw in seen}


_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])
_FEW: Final = 12
"""Up to so many arguments are found faster one by one."""


class _Whole(Sight):
    """Sees everything."""

    def __init__(self) -> None:
        super().__init__(())

    def of(self, section: Raw) -> Seen:
        return bytes(section)


WHOLE: Final[Sight] = _Whole()
BLIND: Final = Sight(())


@lru_cache(maxsize=1024)
def sight_of(arguments: frozenset[str]) -> Sight:
    """Return what sees ``arguments``, or everything if one of them is no name of an argument, such as ``*``."""
    if not all(map(_is_name, arguments)):
        return WHOLE
    return _Wide(arguments) if len(arguments) > _FEW else Sight(tuple(sorted(arguments)))


def _is_name(text: str) -> bool:
    return text.isascii() and text.replace("_", "a").replace("-", "a").isalnum()
