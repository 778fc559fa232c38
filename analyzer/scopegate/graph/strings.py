"""The strings in values that may tell of another object: what each instance goes by, and what is written down in it.

Instances of one type whose blocks are written alike form a group. What to look at is decided once for all of them, each
section is decoded once, and the values are gone through attribute by attribute. What cannot be an identifier, hold one,
or name anything where it stands, is left aside at once. Linear in the values.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, lru_cache, partial
from itertools import chain, groupby
from operator import attrgetter, itemgetter

import msgspec
from msgspec import Struct

from scopegate.graph.identifiers import (
    SHORTEST,
    identifying,
    is_name,
    kinds_of,
    longest_wanted,
    may_identify,
    may_name,
    parts_within,
)
from scopegate.graph.layout import Layout
from scopegate.graph.target import BlockName
from scopegate.plan.address import Mode
from scopegate.plan.model import Attributes, Instance, Sections, attributes_type


class Written(Struct, frozen=True):
    """What the configuration of a block may hold that no reference tells.

    ``names`` are the arguments whose values are computed, from more than a reference to a managed resource;
    ``constants`` the values that stand there as they are, each with its argument.
    """

    names: frozenset[str]
    constants: tuple[tuple[str, object], ...]


class Reading(Struct, frozen=True):
    """A string that the instance at ``position`` holds at ``path``, and that somebody goes by."""

    position: int
    path: tuple[str, ...]
    text: str


Owner = tuple[int, str]
"""A position in ``Plan.instances`` and the attribute that holds the identifier."""

_NOTHING = Written(frozenset(), ())

_FEW = 1_000

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


def computed(written: Written, is_managed: bool) -> frozenset[str]:
    """Return the attributes of a block's instances whose values may come from elsewhere."""
    return (written.names if is_managed else written.names | _OWN) - _INERT


class _Group(Struct, frozen=True):
    """The instances of one type of which the same attributes ``names`` are looked at."""

    type: str
    is_managed: bool
    names: frozenset[str]
    positions: list[int]


class _Decoded(Struct, frozen=True):
    """The decoded sections of a group, and the field that holds each attribute.

    A section is numbered by twice the position of its instance, and one more if it is that after the plan.
    """

    numbers: list[int]
    sections: list[Attributes]
    fields: Mapping[str, str]

    def column(self, attribute: str) -> Iterator[object]:
        return map(attrgetter(self.fields[attribute]), self.sections)


Found = tuple[tuple[str, ...], str]
"""A string in the values of an instance, and its attribute path before it."""

_Held = tuple[int, tuple[str, ...], str]
"""A string in the values of an instance, with the number of the section and its path in front."""

_NUMBER = itemgetter(0)


class _Identities(Struct, frozen=True):
    """What the instances of a group go by: the values of the attribute of ``_IDENTITY`` at ``order``."""

    order: int
    numbers: list[int]
    values: list[object]

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield those that are long enough to be an identifier or a name, each after the number of its section."""
        for number, value in zip(self.numbers, self.values, strict=True):
            if isinstance(value, str) and len(value) >= SHORTEST:
                yield number, value

    def holds_any(self, wanted: Set[str]) -> bool:
        """Whether one of these texts may be among the values."""
        try:
            return not wanted.isdisjoint(self.values)
        except TypeError:  # some are lists
            return True


class Strings:
    """Who goes by which strings in a plan, and what its instances hold that no reference tells."""

    def __init__(self, instances: Sequence[Instance], layout: Layout, written: Mapping[BlockName, Written]) -> None:
        self.instances = instances
        self.written = written
        self._layout = layout
        self._groups = self._grouped(computed)
        self._decoded = self._decode(self._groups)

    @property
    def sections(self) -> Sections:
        """The sections that were decoded."""
        each = (zip(decoded.numbers, decoded.sections, strict=True) for decoded in self._decoded)
        return dict(chain.from_iterable(each))

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
        return {text for column in self._identities for _, text in column.texts()}

    @cached_property
    def _identities(self) -> list[_Identities]:
        return [column for group, decoded in self._each() if group.is_managed for column in _identities(decoded)]

    def owners(self, wanted: Set[str]) -> Mapping[str, Sequence[Owner]]:
        """Return who goes by each of these texts, in plan order; those that nobody goes by are left out."""
        found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for column in self._identities:
            if column.holds_any(wanted):
                for number, text in column.texts():
                    if text in wanted:
                        found[text].append((number, column.order))
        return {
            text: [(number >> 1, _IDENTITY[order]) for number, order in sorted(some)] for text, some in found.items()
        }

    def readings(self) -> tuple[Sequence[Reading], Mapping[str, Sequence[Owner]]]:
        """Return in plan order every string that an instance holds or mentions and another may own, and its owners.

        Where nothing may tell of another object, nobody is asked what they go by.
        """
        telling = [one for group, decoded in self._each() for one in self._telling(group, decoded)]
        if pasted := self._pasted():
            again = self._grouped(partial(_with_pasted, pasted))
            replaced = {position for group in again for position in group.positions}
            telling = [one for one in telling if one[0] >> 1 not in replaced]
            for group, decoded in zip(again, self._decode(again), strict=True):
                telling += self._telling(group, decoded)
        if not telling:
            return (), {}
        mentions = _mentions(text for _, _, text in telling)
        owners = self.owners(_all_parts(mentions))
        found_in = {text: longest_wanted(parts, owners) for text, parts in mentions.items()}
        readings = (
            Reading(number >> 1, path, owned)
            for number, path, text in sorted(telling, key=_NUMBER)
            for owned in found_in[text]
        )
        return list(dict.fromkeys(readings)), owners

    def _pasted(self) -> Mapping[int, frozenset[str]]:
        """Return the arguments that have constants in which an identifier is written out, by the ids of these."""
        constants = {id(written.constants): written.constants for written in self.written.values()}
        telling = {
            number: [(argument, text) for argument, text in texts_in(some) if is_name(text) or may_identify(text)]
            for number, some in constants.items()
        }
        if not any(telling.values()):
            return {}
        mentions = _mentions(text for some in telling.values() for _, text in some)
        owners = self.owners(_all_parts(mentions))
        owned = {text for text, parts in mentions.items() if longest_wanted(parts, owners)}
        pasted = {
            number: frozenset(argument for argument, text in some if text in owned) for number, some in telling.items()
        }
        return {number: arguments for number, arguments in pasted.items() if arguments}

    def said(
        self, arguments: Callable[[Written], frozenset[str]], may_tell: Callable[[str], bool]
    ) -> Iterator[tuple[int, tuple[Found, ...]]]:
        """Yield what may tell in the computed and in more ``arguments`` of each instance, in plan order.

        An instance that changes comes twice: as it was and as it will be.
        """
        held: list[_Held] = []
        groups = self._grouped(lambda written, is_managed: computed(written, is_managed) | arguments(written))
        for group, decoded in zip(groups, self._decode(groups), strict=True):
            for name in sorted(group.names, reverse=True):
                values = list(decoded.column(name))
                held += _plain(name, decoded.numbers, values, may_tell)
                held += (one for one in _nested(name, decoded.numbers, values) if may_tell(one[2]))
        for number, some in groupby(sorted(held, key=_NUMBER), key=_NUMBER):
            yield number >> 1, tuple((path, text) for _, path, text in some)

    def _grouped(self, names_of: Callable[[Written, bool], frozenset[str] | None]) -> list[_Group]:
        """Return the instances in groups; ``names_of`` says for a block what to look at, or leaves it out."""
        groups: dict[tuple[str, bool, frozenset[str]], _Group] = {}
        known: dict[tuple[int, str, Mode], _Group | None] = {}
        for name, block in self._layout.blocks.items():
            written = self.written.get(name, _NOTHING)
            instance = self.instances[next(iter(block.positions.values()))[0]]
            identity = id(written), instance.type, instance.mode  # calls of a module share what is written in it
            if identity not in known:
                is_managed = instance.mode is Mode.MANAGED
                names = names_of(written, is_managed)
                key = None if names is None else (instance.type, is_managed, names)
                known[identity] = key and groups.setdefault(key, _Group(*key, []))
            if group := known[identity]:
                for positions in block.positions.values():
                    group.positions.extend(positions)
        return list(groups.values())

    def _each(self) -> Iterator[tuple[_Group, _Decoded]]:
        return zip(self._groups, self._decoded, strict=True)

    def _telling(self, group: _Group, decoded: _Decoded) -> list[_Held]:
        """Return the strings in the attributes of a group that may tell of another object of the plan."""
        telling: list[_Held] = []
        for name in sorted(group.names, reverse=True):
            values = list(decoded.column(name))
            plain = [value for value in values if value.__class__ is str]
            if plain and may_name(self.kinds, name, group.type):
                telling += _plain(name, decoded.numbers, values, bool)
            elif plain:
                telling += _plain(name, decoded.numbers, values, identifying(plain))
            if len(plain) + values.count(None) < len(values):
                nested = list(_nested(name, decoded.numbers, values))
                arguments = {path[-1] for _, path, _ in nested}
                naming = {argument for argument in arguments if may_name(self.kinds, argument, group.type)}
                is_told = identifying(text for _, _, text in nested)
                telling += (one for one in nested if is_told(one[2]) or one[1][-1] in naming)
        return telling

    def _decode(self, groups: Sequence[_Group]) -> list[_Decoded]:
        # A decoder takes as long to make as dozens of sections to decode: groups of few instances share one.
        is_small = len(self.instances) < _FEW
        together = frozenset[str]().union(*(group.names for group in groups)) if is_small else None
        return [self._decode_group(group, together or group.names) for group in groups]

    def _decode_group(self, group: _Group, names: frozenset[str]) -> _Decoded:
        decoder, fields = _decoder(names)
        numbers, raws = _sections(self.instances, group.positions)
        found = _decode_all(decoder, raws)
        if None in found:
            numbers = [number for number, section in zip(numbers, found, strict=True) if section is not None]
        return _Decoded(numbers, [section for section in found if section is not None], fields)


def _with_pasted(pasted: Mapping[int, frozenset[str]], written: Written, is_managed: bool) -> frozenset[str] | None:
    """Return the computed arguments and those that are pasted, where there are any."""
    more = pasted.get(id(written.constants))
    return computed(written, is_managed) | more if more else None


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


_Decoder = msgspec.json.Decoder[Attributes | None]


def _decode_all(decoder: _Decoder, raws: Sequence[msgspec.Raw]) -> Sequence[Attributes | None]:
    """Return the decoded sections, None for those that are no objects."""
    try:
        return list(map(decoder.decode, raws))
    except msgspec.ValidationError:
        if len(raws) == 1:
            return [None]
        middle = len(raws) // 2
        return [*_decode_all(decoder, raws[:middle]), *_decode_all(decoder, raws[middle:])]


@lru_cache(maxsize=128)  # making one takes long, and the plans of one configuration all ask for the same few
def _decoder(names: frozenset[str]) -> tuple[_Decoder, Mapping[str, str]]:
    """Return a decoder of the identifying attributes and of ``names``, and its field for each; all else is skipped.

    So that no section is decoded twice, it decodes what the places of the instances are told by as well.
    """
    common = Attributes.__struct_fields__
    more = tuple(names.union(_IDENTITY).difference(common))
    attributes = attributes_type(more, object, None, Attributes)
    fields = dict(zip((*common, *more), attributes.__struct_fields__, strict=True))
    return msgspec.json.Decoder(attributes | None), fields


def _identities(decoded: _Decoded) -> Iterator[_Identities]:
    for order, attribute in enumerate(_IDENTITY):
        values = list(decoded.column(attribute))
        if any(values):  # most types have few of them
            yield _Identities(order, decoded.numbers, values)


_Mentions = Mapping[str, Sequence[Sequence[str]]]
"""What each text may mention: itself, and the identifiers in it, each with what is left of it when it is cut."""


def _mentions(texts: Iterable[str]) -> _Mentions:
    return {text: [[text], *parts_within(text)] for text in frozenset(texts)}


def _all_parts(mentions: _Mentions) -> Set[str]:
    return {part for some in mentions.values() for parts in some for part in parts}


def _plain(
    name: str, numbers: Sequence[int], values: Sequence[object], is_wanted: Callable[[str], object]
) -> Iterator[_Held]:
    """Return the values of one attribute that are wanted strings, long enough to be an identifier or a name."""
    path = (name,)
    return (
        (number, path, value)
        for number, value in zip(numbers, values, strict=True)
        if isinstance(value, str) and len(value) >= SHORTEST and is_wanted(value)
    )


def _nested(name: str, numbers: Sequence[int], values: Sequence[object]) -> Iterator[_Held]:
    """Yield the strings in the lists and objects of one attribute that are no short words, each with its path."""
    for number, value in zip(numbers, values, strict=True):
        if value and not isinstance(value, str):
            for path, text in _strings_in([((name,), value)]):
                if len(text) >= SHORTEST:
                    yield number, path, text


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
