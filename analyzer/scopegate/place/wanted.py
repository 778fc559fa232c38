"""The attributes of a change that may name another place, read without the rest of the object.

An object has dozens of attributes, of which the fact table names one to three. Only these are taken out of its bytes,
and decoded only where nobody else was seen to say the same.
"""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from scopegate.facts.model import CrossRegion
from scopegate.place import forms
from scopegate.place.attributes import Marks, is_marked, leaves
from scopegate.plan.model import NULL, Instance, attributes_type

Said = tuple[bytes, ...]
"""The raw values of the wanted attributes of one state of an object; nothing where there is no object."""


class State(Struct, frozen=True):
    """What the wanted attributes of an object are, as planned or as it is now."""

    attributes: Mapping[str, object]
    marks: Marks
    is_before: bool

    def values(self, path: str) -> tuple[object, ...]:
        """Return the values at a path that are not marked sensitive."""
        if self.hides(path):
            return ()
        return tuple(leaves(self.attributes, tuple(path.split("."))))

    def hides(self, path: str) -> bool:
        """Return whether what stands at a path is marked sensitive, or a part of it is."""
        return is_marked(self.marks.sensitive, path)

    def texts(self, path: str) -> Iterator[str]:
        """Yield the strings at a path that are not marked sensitive."""
        for value in self.values(path):
            if isinstance(value, str) and value:
                yield value


class Wanted(Struct, frozen=True):
    """The rows of the fact table for one type, and what takes the attributes that they name out of an object.

    ``by_name`` are the paths whose values name an object, which may be elsewhere; ``kept_in`` those of them that name
    what the object is kept in.
    """

    rows: tuple[CrossRegion, ...]
    names: tuple[str, ...]
    by_name: frozenset[str]
    kept_in: frozenset[str]
    decoder: "msgspec.json.Decoder[Struct | None]"

    def said(self, instance: Instance) -> tuple[Said, Said, bytes, bytes]:
        """Return what a change says in these attributes: planned and present values, and what is sensitive in them."""
        return (
            self._said(instance.after),
            self._said(instance.before),
            bytes(instance.after_sensitive),
            bytes(instance.before_sensitive),
        )

    def _said(self, raw: msgspec.Raw) -> Said:
        try:
            found = self.decoder.decode(raw)
        except msgspec.ValidationError:  # an object is expected and something else stands there
            return ()
        return () if found is None else tuple(map(bytes, msgspec.structs.astuple(found)))

    def states(self, said: tuple[Said, Said, bytes, bytes]) -> Iterator[State]:
        """Yield the object as planned, then as it is now."""
        after, before, after_sensitive, before_sensitive = said
        for values, sensitive, is_before in ((after, after_sensitive, False), (before, before_sensitive, True)):
            if values:
                attributes = dict(zip(self.names, map(msgspec.json.decode, values), strict=True))
                marks = msgspec.json.decode(sensitive)
                yield State(attributes, Marks(sensitive=marks if isinstance(marks, dict | bool) else None), is_before)


def wanted_by(rows: tuple[CrossRegion, ...]) -> Wanted:
    """Return what reads the attributes that the rows of one type name."""
    names = tuple(dict.fromkeys(row.path.partition(".")[0] for row in rows))
    attributes = attributes_type(names, msgspec.Raw, NULL)
    kept_in = frozenset(row.path for row in rows if row.value == forms.KEPT_IN)
    by_name = frozenset(row.path for row in rows if row.value in forms.NAMES) | kept_in
    return Wanted(rows, names, by_name, kept_in, msgspec.json.Decoder(attributes | None))
