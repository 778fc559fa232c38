"""The strings in values that may tell of another object: what each instance goes by, and what is written down in it.

Instances of one type whose blocks are written alike form a group. What to look at is decided once for all of them, each
section is decoded once, and the values are gone through attribute by attribute. What cannot be an identifier, hold one,
or name anything where it stands, is left aside at once. Linear in the values.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, cached_property, partial
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

import msgspec

from scopegate.graph.identifiers import (
    SHORTEST,
    identifying,
    is_name,
    kinds_of,
    may_identify,
    may_name,
    mentioned,
)
from scopegate.graph.layout import Layout
from scopegate.graph.target import BlockName
from scopegate.plan.model import Instance


class Written(NamedTuple):
    """What the configuration of a block may hold that no reference tells.

    ``names`` are the arguments whose values are computed, from more than a reference to a managed resource;
    ``constants`` the values that stand there as they are, each with its argument.
    """

    names: frozenset[str]
    constants: tuple[tuple[str, object], ...]


class Reading(NamedTuple):
    """A string that the instance at ``position`` holds at ``path``, and that somebody goes by."""

    position: int
    path: tuple[str, ...]
    text: str


Owner = tuple[int, str]
"""A position in ``Plan.instances`` and the attribute that holds the identifier."""

_NOTHING = Written(frozenset(), ())

_OWN = frozenset({"arn", "id", "self_link"})
"""What a data source finds out about an object is what it reads."""

_INERT = frozenset({"tags", "tags_all", "labels"})

_IDENTITY = (
    "arn",
    "id",
    "self_link",
    "unique_id",
    "url",
    "email",
    "dns_name",
    "endpoint",
    "invoke_arn",
    "name",
    "bucket",
    "function_name",
)
"""The attributes that may hold an object's own identifier or name."""


class _Group(NamedTuple):
    """The instances of one type whose blocks have the same arguments that no reference tells."""

    type: str
    is_managed: bool
    written: Written
    positions: list[int]

    @property
    def computed(self) -> frozenset[str]:
        """The attributes whose values may come from elsewhere."""
        return computed(self.written, is_managed=self.is_managed)


def computed(written: Written, *, is_managed: bool) -> frozenset[str]:
    """Return the attributes of a block's instances whose values may come from elsewhere."""
    return (written.names if is_managed else written.names | _OWN) - _INERT


class _Decoded(NamedTuple):
    """The decoded sections of a group, and the field that holds each attribute.

    A section is numbered by twice the position of its instance, and one more if it is that after the plan.
    """

    numbers: list[int]
    sections: list[msgspec.Struct]
    fields: Mapping[str, str]

    def column(self, attribute: str) -> Iterator[object]:
        return map(attrgetter(self.fields[attribute]), self.sections)


Found = tuple[tuple[str, ...], str]
"""A string in the values of an instance, and its attribute path before it."""

_Held = tuple[int, tuple[str, ...], str]
"""A string in the values of an instance, with the number of the section and its path in front."""

_NUMBER = itemgetter(0)


class _Identities(NamedTuple):
    """What the instances of a group go by: the texts of one attribute of ``_IDENTITY``, empty where it is none."""

    order: int
    numbers: list[int]
    texts: list[str]


class Strings:
    """Who goes by which strings in a plan, and what its instances hold that no reference tells."""

    def __init__(self, instances: Sequence[Instance], layout: Layout, written: Mapping[BlockName, Written]) -> None:
        self.instances = instances
        self.written = written
        self._layout = layout
        self._groups = _groups(instances, layout, written)
        self._decoder_of = cache(_decoder)
        self._decoded = [self._decode(group, group.computed) for group in self._groups]

    @cached_property
    def blocks(self) -> Mapping[int, BlockName]:
        """The block of each instance."""
        return {
            position: name
            for name, block in self._layout.blocks.items()
            for positions in block.positions.values()
            for position in positions
        }

    @cached_property
    def kinds(self) -> Set[str]:
        """The kinds of managed instances, as an argument may name them: ``bucket``, ``s3_bucket``."""
        return kinds_of({group.type for group in self._groups if group.is_managed})

    @cached_property
    def owned(self) -> Set[str]:
        """The texts that managed instances go by, of whatever shape."""
        return frozenset[str]().union(*(column.texts for column in self._identities)) - {""}

    @cached_property
    def _identities(self) -> list[_Identities]:
        return [column for group, decoded in self._each() if group.is_managed for column in _identities(decoded)]

    def owners(self, wanted: Set[str]) -> Mapping[str, Sequence[Owner]]:
        """Return who goes by each of these texts, in plan order."""
        found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for order, numbers, texts in self._identities:
            if not wanted.isdisjoint(texts):
                for number, text in zip(numbers, texts, strict=True):
                    if text in wanted:
                        found[text].append((number, order))
        return {
            text: [(number >> 1, _IDENTITY[order]) for number, order in sorted(some)] for text, some in found.items()
        }

    def readings(self) -> Iterator[Reading]:
        """Yield in plan order every owned string that an instance holds or mentions, where it may tell of its owner.

        Where nothing may tell, what is owned is not asked for.
        """
        held = [self._telling(group, decoded, group.computed) for group, decoded in self._each()]
        constants = {id(group.written.constants): group.written.constants for group in self._groups}
        telling = {number for number, some in constants.items() if any(_may_tell(text) for _, text in texts_in(some))}
        if not telling and not any(held):
            return
        found_in = cache(partial(mentioned, wanted=self.owned))
        pasted = {
            number: frozenset(argument for argument, text in texts_in(constants[number]) if found_in(text))
            for number in telling
        }
        for index, group in enumerate(self._groups):
            if more := pasted.get(id(group.written.constants)):
                held[index] = self._telling(group, self._decode(group, more | group.computed), more | group.computed)
        for number, path, text in sorted(chain.from_iterable(held), key=_NUMBER):
            for owned in found_in(text):
                yield Reading(number >> 1, path, owned)

    def said(
        self, arguments: Callable[[Written], frozenset[str]], may_tell: Callable[[str], bool]
    ) -> Iterator[tuple[int, tuple[Found, ...]]]:
        """Yield what may tell in the computed and in more ``arguments`` of each instance, in plan order.

        An instance that changes comes twice: as it was and as it will be.
        """
        held = (
            one
            for group in self._groups
            for names in [group.computed | arguments(group.written)]
            for one in _held(self._decode(group, names), names)
            if may_tell(one[2])
        )
        for number, some in groupby(sorted(held, key=_NUMBER), key=_NUMBER):
            yield number >> 1, tuple((path, text) for _, path, text in some)

    def _each(self) -> Iterator[tuple[_Group, _Decoded]]:
        return zip(self._groups, self._decoded, strict=True)

    def _telling(self, group: _Group, decoded: _Decoded, names: frozenset[str]) -> list[_Held]:
        """Return the strings in the attributes ``names`` that may tell of another object of the plan."""
        held = _held(decoded, names)
        arguments = {path[-1] for _, path, _ in held}
        naming = {argument for argument in arguments if may_name(self.kinds, argument, group.type)}
        is_told = identifying(text for _, _, text in held)
        return [one for one in held if is_told(one[2]) or (naming and one[1][-1] in naming)]

    def _decode(self, group: _Group, names: frozenset[str]) -> _Decoded:
        decoder, fields = self._decoder_of(names)
        numbers, raws = _sections(self.instances, group.positions)
        found = _decode_all(decoder, raws)
        if None in found:
            numbers = [number for number, section in zip(numbers, found, strict=True) if section is not None]
        return _Decoded(numbers, [section for section in found if section is not None], fields)


def _groups(instances: Sequence[Instance], layout: Layout, written: Mapping[BlockName, Written]) -> Sequence[_Group]:
    groups: dict[tuple[bool, str, frozenset[str], int], _Group] = {}
    for name, block in layout.blocks.items():
        known = written.get(name, _NOTHING)
        (first, *_), *_ = block.positions.values()
        identity = (name.is_managed, instances[first].type, known.names, id(known.constants))
        group = groups.get(identity)
        if group is None:
            group = groups[identity] = _Group(instances[first].type, name.is_managed, known, [])
        for positions in block.positions.values():
            group.positions.extend(positions)
    return list(groups.values())


def _sections(instances: Sequence[Instance], positions: Iterable[int]) -> tuple[list[int], list[msgspec.Raw]]:
    """Return what instances were and will be, of those that stay as they are once, with the numbers of the sections."""
    numbers: list[int] = []
    raws: list[msgspec.Raw] = []
    for position in positions:
        instance = instances[position]
        if instance.action.changes_something:
            numbers.append(2 * position)
            raws.append(instance.before)
        numbers.append(2 * position + 1)
        raws.append(instance.after)
    return numbers, raws


_Decoder = msgspec.json.Decoder[msgspec.Struct | None]


def _decode_all(decoder: _Decoder, raws: Sequence[msgspec.Raw]) -> Sequence[msgspec.Struct | None]:
    """Return the decoded sections, None for those that are no objects."""
    try:
        return list(map(decoder.decode, raws))
    except msgspec.ValidationError:
        if len(raws) == 1:
            return [None]
        middle = len(raws) // 2
        return [*_decode_all(decoder, raws[:middle]), *_decode_all(decoder, raws[middle:])]


def _decoder(names: frozenset[str]) -> tuple[_Decoder, Mapping[str, str]]:
    """Return a decoder of the identifying attributes and of ``names``, and its field for each; all else is skipped."""
    fields = {name: f"attribute_{number}" for number, name in enumerate((*_IDENTITY, *names.difference(_IDENTITY)))}
    listed = [(field, object, None) for field in fields.values()]
    rename = {field: name for name, field in fields.items()}
    attributes = msgspec.defstruct("Attributes", listed, rename=rename, gc=False)
    return msgspec.json.Decoder(attributes | None), fields


def _identities(decoded: _Decoded) -> Iterator[_Identities]:
    for order, attribute in enumerate(_IDENTITY):
        values = list(decoded.column(attribute))
        if any(values):  # most types have few of them
            texts = [value if isinstance(value, str) and len(value) >= SHORTEST else "" for value in values]
            yield _Identities(order, decoded.numbers, texts)


def _held(decoded: _Decoded, names: frozenset[str]) -> list[_Held]:
    """Return the strings in the attributes ``names``, those of a section in order."""
    return [held for name in sorted(names, reverse=True) for held in _strings_of(name, decoded)]


def _strings_of(name: str, decoded: _Decoded) -> Iterator[_Held]:
    """Yield the strings in one attribute that are long enough to be an identifier or a name."""
    path = (name,)
    for number, value in zip(decoded.numbers, decoded.column(name), strict=True):
        if value.__class__ is str:
            if len(value) >= SHORTEST:
                yield number, path, value
        elif value:
            for inner, text in _strings_in([(path, value)]):
                if len(text) >= SHORTEST:
                    yield number, inner, text


def _strings_in(waiting: list[tuple[tuple[str, ...], object]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the strings in values, each with its attribute path; list indexes are left out of the paths."""
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, list):
            waiting += [(path, item) for item in value]
        elif isinstance(value, dict):
            waiting += [((*path, name), item) for name, item in value.items()]


_Constants = tuple[tuple[str, object], ...]


def texts_in(constants: _Constants) -> Iterator[tuple[str, str]]:
    """Yield the texts in constants that are long enough to be an identifier or a name, each with its argument."""
    for argument, constant in constants:
        if argument not in _INERT:
            yield from ((argument, text) for _, text in _strings_in([((), constant)]) if len(text) >= SHORTEST)


def _may_tell(text: str) -> bool:
    return is_name(text) or may_identify(text)
