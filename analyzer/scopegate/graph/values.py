"""Edges that only values show: one object holds another's identifier, with no reference between the two.

A hard-coded ARN, the id that came out of another stack's state, the name of a bucket in two places. Identifiers of
managed objects are hashed, and the strings that somebody wrote down are looked up: linear in the values. An edge is
drawn where exactly one object owns the identifier, and neither the configuration nor the state knows of one depending
on the other.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence, Set
from functools import cache, partial
from typing import NamedTuple

import msgspec

from scopegate.graph.edges import EdgeKind, Match
from scopegate.graph.identifiers import NAMING, SHORTEST, is_identifier, may_embed, mentioned, names_kind
from scopegate.graph.layout import Layout
from scopegate.graph.recorded import Records
from scopegate.graph.target import BlockName
from scopegate.graph.wiring import Label, Wiring
from scopegate.plan.address import Mode
from scopegate.plan.model import Instance, Plan


class Written(NamedTuple):
    """What the configuration of a block may hold that no reference tells.

    ``names`` are the arguments whose values are computed, from more than a reference to a managed resource;
    ``constants`` the values that stand there as they are, each with its argument.
    """

    names: frozenset[str]
    constants: tuple[tuple[str, object], ...]


_OWN = frozenset({"arn", "id", "self_link"})
"""What a data source finds out about an object is what it reads."""

_INERT = frozenset({"tags", "tags_all", "labels"})

_MOST_OWNERS = 8
"""A string that more objects go by is a word and no identifier."""

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


Owner = tuple[int, str]
"""A position in ``Plan.instances`` and the attribute that holds the identifier."""


class _Reading(NamedTuple):
    position: int
    path: tuple[str, ...]
    text: str


Found = tuple[tuple[str, ...], str]
"""A string in the values of an instance, and its attribute path before it."""


class _Said(NamedTuple):
    """The strings in one state of an instance that somebody may have written down, each with its attribute path."""

    position: int
    section: msgspec.Raw
    strings: list[Found]


class Strings(NamedTuple):
    """What draws the edges of values: who goes by each string, and what instances hold that no reference tells."""

    instances: Sequence[Instance]
    blocks: Mapping[int, BlockName]
    written: Mapping[BlockName, Written]
    records: Records
    owners: Mapping[str, Sequence[Owner]]
    said: Sequence[_Said]


def draw_values(
    plan: Plan, layout: Layout, wiring: Wiring, records: Records, written: Mapping[BlockName, Written]
) -> Strings:
    """Draw an edge from each instance that holds another's identifier to that one, where no other edge explains it.

    What it was told by is returned, so that the plans of other stacks can be asked too.
    """
    blocks = _blocks(layout)
    owners, said = _owners(plan.instances, blocks, written)
    own = _OnlyOwn(owners)
    readings = dict.fromkeys(_readings(said, blocks, written, owners, own)) if owners else {}
    told = own.told.union((reading.position, reading.text) for reading in readings)
    is_known = cache(partial(_is_known, records))
    may_own = _Ownership(plan.instances, told)
    for reading in readings:
        found: dict[int, Owner] = {}
        for owner in owners[reading.text]:
            if owner[0] != reading.position and may_own(owner, reading):
                found.setdefault(owner[0], owner)
        sole = sole_owner(list(found.values()), blocks.__getitem__, records.is_known) if found else None
        if sole and not is_known(blocks[reading.position], blocks[sole[0]]):
            position, attribute = sole
            reference = f"{plan.instances[position].address}.{attribute}"
            label = Label(EdgeKind.VALUE, ".".join(reading.path), reference, attribute, ())
            wiring.edge(reading.position, position, wiring.link(label, Match.ONE))
    return Strings(plan.instances, blocks, written, records, owners, said)


def _owners(
    instances: Sequence[Instance], blocks: Mapping[int, BlockName], written: Mapping[BlockName, Written]
) -> tuple[Mapping[str, Sequence[Owner]], list[_Said]]:
    """Return who goes by each string, of whatever shape, and what instances hold that no reference tells.

    Few strings are ever looked up, but each section is decoded once for both.
    """
    owners: defaultdict[str, list[Owner]] = defaultdict(list)
    said: list[_Said] = []
    decoder_of = cache(_decoder)
    computed_of = cache(lambda block: frozenset(computed(block, written.get(block))))
    for position, instance in enumerate(instances):
        block = blocks[position]
        names, has_constants = computed_of(block), block in written and written[block].constants
        is_managed = instance.mode is Mode.MANAGED
        if not (is_managed or names):
            continue
        decoder, paths = decoder_of(names)
        for section in _sections(instance):
            values = msgspec.structs.astuple(decoder.decode(section))
            if is_managed:
                for attribute, text in zip(_IDENTITY, values, strict=False):
                    if text is not None and text.__class__ is str and len(text) >= SHORTEST:
                        owners[text].append((position, attribute))
            strings = _strings(paths, values)
            if strings or has_constants:
                said.append(_Said(position, section, strings))
    return owners, said


def _sections(instance: Instance) -> list[msgspec.Raw]:
    sections = [instance.before, instance.after] if instance.action.changes_something else [instance.after]
    return [section for section in sections if bytes(memoryview(section)[:1]) == b"{"]


def _blocks(layout: Layout) -> dict[int, BlockName]:
    return {
        position: name
        for name, block in layout.blocks.items()
        for positions in block.positions.values()
        for position in positions
    }


def _readings(
    said: Sequence[_Said],
    blocks: Mapping[int, BlockName],
    written: Mapping[BlockName, Written],
    owners: Container[str],
    is_left_out: Callable[[int, str], bool],
) -> Iterator[_Reading]:
    """Yield every owned string that an instance holds or mentions."""
    found_in = cache(partial(mentioned, wanted=owners))
    pasted_of = cache(lambda block: frozenset(_pasted(written.get(block), found_in)))
    for position, strings in _said_with(pasted_of, said, blocks, written):
        for path, text in strings:
            for owned in () if is_left_out(position, text) else found_in(text):
                yield _Reading(position, path, owned)


def said_with(strings: Strings, constants: Callable[[BlockName], frozenset[str]]) -> Iterator[tuple[int, list[Found]]]:
    """Yield what instances hold that no reference tells, with the arguments of each block that have ``constants``."""
    return _said_with(constants, strings.said, strings.blocks, strings.written)


def _said_with(
    constants: Callable[[BlockName], frozenset[str]],
    said: Sequence[_Said],
    blocks: Mapping[int, BlockName],
    written: Mapping[BlockName, Written],
) -> Iterator[tuple[int, list[Found]]]:
    decoder_of = cache(_decoder)
    for position, section, strings in said:
        block = blocks[position]
        if pasted := constants(block):
            decoder, paths = decoder_of(pasted.union(computed(block, written.get(block))))
            strings = _strings(paths, msgspec.structs.astuple(decoder.decode(section)))
        yield position, strings


class _OnlyOwn:
    """Tells which strings of an instance are its own name and nothing else, and remembers that it was told them."""

    def __init__(self, owners: Mapping[str, Sequence[Owner]]) -> None:
        self._owners = owners
        self.told: set[tuple[int, str]] = set()

    def __call__(self, position: int, text: str) -> bool:
        owners = self._owners.get(text)  # in the order of their positions
        if not owners or owners[0][0] != position or owners[-1][0] != position or may_embed(text):
            return False
        self.told.add((position, text))
        return True


def computed(name: BlockName, written: Written | None) -> Set[str]:
    """Return the attributes of a block's instances whose values may come from elsewhere."""
    names = written.names if written else frozenset[str]()
    return (names if name.is_managed else names | _OWN) - _INERT


def _pasted(written: Written | None, mentioned_in: Callable[[str], tuple[str, ...]]) -> Iterator[str]:
    """Yield the arguments of a block that have a constant in which an identifier is written out."""
    for argument, texts in constant_texts(written):
        if any(map(mentioned_in, texts)):
            yield argument


def constant_texts(written: Written | None) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield the arguments of a block that have a constant, each with the texts in it that are no short words."""
    for argument, constant in written.constants if written else ():
        if argument not in _INERT:
            yield argument, (text for _, text in _strings_in([((argument,), constant)]) if len(text) >= SHORTEST)


_Paths = tuple[tuple[int, tuple[str, ...]], ...]
"""Where in the decoded values the wanted attributes are, and their paths; the last by the alphabet first."""


def _decoder(names: Set[str]) -> "tuple[msgspec.json.Decoder[msgspec.Struct], _Paths]":
    """Return a decoder of the identifying attributes and of ``names``, for which it also says where they come.

    All else in a value section is skipped over.
    """
    listed = (*_IDENTITY, *sorted(names - set(_IDENTITY)))
    numbered = {f"attribute_{number}": name for number, name in enumerate(listed)}
    fields = [(field, object, None) for field in numbered]
    decoder = msgspec.json.Decoder(msgspec.defstruct("Attributes", fields, rename=numbered, gc=False))
    return decoder, tuple((listed.index(name), (name,)) for name in sorted(names, reverse=True))


def _strings(paths: _Paths, values: Sequence[object]) -> list[Found]:
    """Return the strings in the wanted attributes that are long enough to be an identifier or a name."""
    found: list[Found] = []
    for index, path in paths:
        value = values[index]
        if value.__class__ is str:
            if len(value) >= SHORTEST:
                found.append((path, value))
        elif value:
            found += [(inner, text) for inner, text in _strings_in([(path, value)]) if len(text) >= SHORTEST]
    return found


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


class _Ownership:
    """Tells whether an owner is what a reading means; what it needs to know of words is asked once for each word."""

    def __init__(self, instances: Sequence[Instance], told: Set[tuple[int, str]]) -> None:
        self._instances = instances
        self._told = told
        self._is_identifier = cache(is_identifier)
        self._names_kind = cache(names_kind)

    def __call__(self, owner: Owner, reading: _Reading) -> bool:
        """Return whether ``owner`` is not one that was told the identifier of another."""
        position, attribute = owner
        if self._is_identifier(reading.text):
            return (position, reading.text) not in self._told
        if attribute not in NAMING:
            return False
        argument = reading.path[-1]
        is_own_name = self._names_kind(argument, self._instances[reading.position].type)
        return not is_own_name and self._names_kind(argument, self._instances[position].type)


def sole_owner(
    found: Sequence[Owner], block_of: Callable[[int], BlockName], is_known: Callable[[BlockName, BlockName], bool]
) -> Owner | None:
    """Return the one owner; parts that go by the identifier of what they are a part of (a bucket's policy) are none."""
    if len(found) <= 1 or len(found) > _MOST_OWNERS:
        return found[0] if len(found) == 1 else None
    names = [block_of(position) for position, _ in found]
    apart = [
        owner
        for owner, name in zip(found, names, strict=True)
        if not any(other != name and is_known(name, other) for other in names)
    ]
    return apart[0] if len(apart) == 1 else None


def _is_known(records: Records, dependent: BlockName, dependency: BlockName) -> bool:
    return dependent == dependency or records.is_known(dependent, dependency) or records.is_known(dependency, dependent)
