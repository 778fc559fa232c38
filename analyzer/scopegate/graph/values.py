"""Edges that only values show: one object holds another's identifier, with no reference between the two.

A hard-coded ARN, the id that came out of another stack's state, the name of a bucket in two places. Identifiers of
managed objects are hashed, and the strings that somebody wrote down are looked up: linear in the values. An edge is
drawn where exactly one object owns the identifier, and neither the configuration nor the state knows of one depending
on the other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cache, partial
from typing import NamedTuple

import msgspec

from scopegate.graph.edges import EdgeKind, Match
from scopegate.graph.identifiers import NAMING, SHORTEST, embedded, is_identifier, is_name, names_kind
from scopegate.graph.layout import Layout
from scopegate.graph.recorded import Records
from scopegate.graph.target import BlockName
from scopegate.graph.wiring import Label, Wiring
from scopegate.plan.actions import Action
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

_UNCHANGED = frozenset({Action.NO_OP, Action.READ, Action.OPEN})


class _Identity(msgspec.Struct, gc=False):
    """The attributes that may hold an object's own identifier or name; all else in a value section is skipped over."""

    arn: object = None
    id: object = None
    self_link: object = None
    unique_id: object = None
    url: object = None
    email: object = None
    dns_name: object = None
    endpoint: object = None
    invoke_arn: object = None
    name: object = None
    bucket: object = None
    function_name: object = None


_IDENTITY = msgspec.json.Decoder(_Identity)


class _Owner(NamedTuple):
    position: int
    attribute: str


class _Reading(NamedTuple):
    position: int
    path: tuple[str, ...]
    text: str


def draw_values(
    plan: Plan, layout: Layout, wiring: Wiring, records: Records, written: Mapping[BlockName, Written]
) -> None:
    """Draw an edge from each instance that holds another's identifier to that one, where no other edge explains it."""
    owners = _owners(plan.instances)
    blocks = _blocks(layout)
    readings = dict.fromkeys(_readings(plan.instances, blocks, written, owners)) if owners else {}
    told = {(reading.position, reading.text) for reading in readings}
    is_known = cache(partial(_is_known, records))
    for reading in readings:
        found: dict[int, _Owner] = {}
        for owner in owners[reading.text]:
            if _may_own(owner, reading, plan.instances, told):
                found.setdefault(owner.position, owner)
        sole = _sole(list(found.values()), blocks, records)
        if sole and not is_known(blocks[reading.position], blocks[sole.position]):
            reference = f"{plan.instances[sole.position].address}.{sole.attribute}"
            label = Label(EdgeKind.VALUE, ".".join(reading.path), reference, sole.attribute, ())
            wiring.edge(reading.position, sole.position, wiring.link(label, Match.ONE))


def _owners(instances: Sequence[Instance]) -> Mapping[str, Sequence[_Owner]]:
    """Return who goes by each string, of whatever shape: few of them are ever looked up."""
    owners: defaultdict[str, list[_Owner]] = defaultdict(list)
    fields = _Identity.__struct_fields__
    for position, instance in enumerate(instances):
        if instance.mode is Mode.MANAGED:
            for section in _sections(instance):
                for attribute, text in zip(fields, msgspec.structs.astuple(_IDENTITY.decode(section)), strict=True):
                    if text.__class__ is str and len(text) >= SHORTEST:
                        owners[text].append(_Owner(position, attribute))
    return owners


def _sections(instance: Instance) -> list[msgspec.Raw]:
    sections = [instance.after] if instance.action in _UNCHANGED else [instance.before, instance.after]
    return [section for section in sections if bytes(memoryview(section)[:1]) == b"{"]


def _blocks(layout: Layout) -> dict[int, BlockName]:
    return {
        position: name
        for name, block in layout.blocks.items()
        for positions in block.positions.values()
        for position in positions
    }


def _readings(
    instances: Sequence[Instance],
    blocks: Mapping[int, BlockName],
    written: Mapping[BlockName, Written],
    owners: Mapping[str, Sequence[_Owner]],
) -> Iterator[_Reading]:
    """Yield every owned string that an instance holds or mentions."""
    mentioned = cache(partial(_mentioned, owners))
    decoder_of = cache(_decoder)
    wanted_of = cache(lambda block: _wanted(block, written.get(block), mentioned))
    for position, instance in enumerate(instances):
        wanted = wanted_of(blocks[position])
        for section in _sections(instance) if wanted else ():
            for path, text in _strings(decoder_of(wanted).decode(section)):
                for owned in mentioned(text):
                    yield _Reading(position, path, owned)


def _mentioned(owners: Mapping[str, Sequence[_Owner]], text: str) -> tuple[str, ...]:
    """Return the owned strings in a string: itself, and of each identifier within it the longest part that is owned."""
    candidates = [(text,), *embedded(text)]
    longest = (next((part for part in parts if part in owners), "") for parts in candidates)
    return tuple(dict.fromkeys(part for part in longest if is_identifier(part) or is_name(part)))


def _wanted(name: BlockName, written: Written | None, mentioned: Callable[[str], tuple[str, ...]]) -> frozenset[str]:
    """Return the attributes of a block's instances that are worth looking at."""
    names = set() if name.is_managed else set(_OWN)
    if written:
        names |= written.names
        for argument, constant in written.constants:
            if any(mentioned(text) for _, text in _strings_in([((argument,), constant)])):
                names.add(argument)
    return frozenset(names - _INERT)


def _decoder(names: frozenset[str]) -> "msgspec.json.Decoder[msgspec.Struct]":
    """Return a decoder of these attributes alone: all else is skipped over."""
    numbered = {f"attribute_{number}": name for number, name in enumerate(sorted(names))}
    fields = [(field, object, msgspec.UNSET) for field in numbered]
    return msgspec.json.Decoder(msgspec.defstruct("Attributes", fields, rename=numbered, gc=False))


def _strings(attributes: msgspec.Struct) -> Iterator[tuple[tuple[str, ...], str]]:
    fields = zip(attributes.__struct_encode_fields__, attributes.__struct_fields__, strict=True)
    return _strings_in([((name,), getattr(attributes, field)) for name, field in fields])


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


def _may_own(owner: _Owner, reading: _Reading, instances: Sequence[Instance], told: Set[tuple[int, str]]) -> bool:
    """Whether ``owner`` is what the reading means: not itself, nor one that was told the identifier of another."""
    if owner.position == reading.position:
        return False
    if is_identifier(reading.text):
        return (owner.position, reading.text) not in told
    argument = reading.path[-1]
    is_own_name = names_kind(argument, instances[reading.position].type)
    is_name_of_kind = owner.attribute in NAMING and names_kind(argument, instances[owner.position].type)
    return is_name_of_kind and not is_own_name


def _sole(found: Sequence[_Owner], blocks: Mapping[int, BlockName], records: Records) -> _Owner | None:
    """Return the one owner; parts that go by the identifier of what they are a part of (a bucket's policy) are none."""
    if len(found) <= 1 or len(found) > _MOST_OWNERS:
        return found[0] if len(found) == 1 else None
    names = [blocks[owner.position] for owner in found]
    apart = [
        owner
        for owner, name in zip(found, names, strict=True)
        if not any(other != name and records.is_known(name, other) for other in names)
    ]
    return apart[0] if len(apart) == 1 else None


def _is_known(records: Records, dependent: BlockName, dependency: BlockName) -> bool:
    return dependent == dependency or records.is_known(dependent, dependency) or records.is_known(dependency, dependent)
