"""Which instance of one plan holds the identifier of an object of another plan.

The values of a plan are boiled down to what such an edge is told by: the strings that its objects go by, and those that
somebody may have written down. So the plans of many stacks can be held against each other with none of their values
left. Linear in these strings.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence, Set
from functools import cache, partial
from typing import NamedTuple

from msgspec import Struct

from scopegate.graph.identifiers import NAMING, is_identifier, is_name, may_embed, mentioned, names_kind
from scopegate.graph.recorded import Records
from scopegate.graph.strings import Found, Owner, Strings, Written, computed, texts_in
from scopegate.graph.target import BlockName, around
from scopegate.graph.values import sole_owner
from scopegate.plan.address import ModulePath


class _Constants(NamedTuple):
    """The arguments of a block that have constants, with the texts in these; and the arguments that are computed."""

    texts: tuple[tuple[str, tuple[str, ...]], ...]
    computed: frozenset[str]


class Identifiers(Struct, frozen=True):
    """What of the values of a plan may tie it to others.

    ``types``, ``addresses`` and ``blocks`` are those of its instances. ``owners`` says who goes by each string, and by
    which attribute; ``said`` what instances hold, by position. ``told`` is what the blocks that share a string with
    another one are known to depend on.
    """

    types: tuple[str, ...]
    addresses: tuple[str, ...]
    blocks: tuple[BlockName, ...]
    owners: Mapping[str, Sequence[Owner]]
    said: tuple[tuple[int, tuple[Found, ...]], ...]
    constants: Mapping[BlockName, _Constants]
    told: Mapping[BlockName, Set[BlockName | ModulePath]]

    def is_known(self, dependent: BlockName, dependency: BlockName) -> bool:
        """Whether it is known of two blocks that share a string that one depends on the other."""
        told = self.told[dependent]
        return dependency in told or not told.isdisjoint(around(dependency.module))


def identifiers_of(strings: Strings, records: Records) -> Identifiers:
    """Return what of the values of a plan may tie it to others."""
    may_tell = cache(partial(_may_tell, strings.owned))
    constants = {block: _constants(block, written, may_tell) for block, written in strings.written.items()}
    argued = {
        id(strings.written[block].constants): frozenset(argument for argument, _ in found.texts)
        for block, found in constants.items()
    }
    owners = strings.owners(strings.owned)
    return Identifiers(
        types=tuple(instance.type for instance in strings.instances),
        addresses=tuple(instance.address for instance in strings.instances),
        blocks=tuple(strings.blocks[position] for position in range(len(strings.instances))),
        owners=dict(owners),
        said=tuple(strings.said(lambda written: argued.get(id(written.constants), frozenset()), may_tell)),
        constants={block: found for block, found in constants.items() if found.texts},
        told={block: records.told_of(block) for block in _sharing(strings.blocks, owners)},
    )


def _constants(block: BlockName, written: Written, may_tell: Callable[[str], bool]) -> _Constants:
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for argument, text in texts_in(written.constants):
        if may_tell(text):
            texts[argument].append(text)
    telling = tuple((argument, tuple(some)) for argument, some in texts.items())
    return _Constants(telling, computed(written, block.is_managed))


def _may_tell(own: Container[str], text: str) -> bool:
    """Whether a string may name an object of another plan, or hold what does."""
    return may_embed(text) or (text not in own and (is_identifier(text) or is_name(text)))


def _sharing(blocks: Mapping[int, BlockName], owners: Mapping[str, Sequence[Owner]]) -> Iterator[BlockName]:
    """Yield the blocks that go by a string that another block goes by too; some come twice."""
    for some in owners.values():
        if len(some) > 1:
            sharing = {blocks[position] for position, _ in some}
            yield from sharing if len(sharing) > 1 else ()


class HeldElsewhere(NamedTuple):
    """An instance of one plan, the ``holder``, that holds an identifier of an instance of another; plans by number."""

    holder: int
    position: int
    path: tuple[str, ...]
    plan: int
    owner: int
    attribute: str
    reference: str


def held_elsewhere(plans: Sequence[Identifiers]) -> Iterator[HeldElsewhere]:
    """Yield what instances of one plan hold of exactly one instance of another, and of none of their own plan."""
    everywhere: defaultdict[str, list[tuple[int, Owner]]] = defaultdict(list)
    for number, plan in enumerate(plans):
        for text, owners in plan.owners.items():
            everywhere[text] += ((number, owner) for owner in owners)
    for number, plan in enumerate(plans):
        found_in = cache(partial(mentioned, wanted=_Elsewhere(everywhere, plan.owners)))
        for reading in dict.fromkeys(_readings(plan, found_in)):
            found = _sole_of_all(everywhere[reading.text], reading, plan.types[reading.position], plans)
            if found:
                other, (position, attribute) = found
                reference = f"{plans[other].addresses[position]}.{attribute}"
                yield HeldElsewhere(number, reading.position, reading.path, other, position, attribute, reference)


class _Reading(NamedTuple):
    position: int
    path: tuple[str, ...]
    text: str


class _Elsewhere(Container[str]):
    """The strings that somebody goes by, and nobody of the own plan."""

    def __init__(self, everywhere: Container[str], own: Container[str]) -> None:
        self.everywhere = everywhere
        self.own = own

    def __contains__(self, text: object) -> bool:
        return text in self.everywhere and text not in self.own


def _readings(plan: Identifiers, found_in: Callable[[str], tuple[str, ...]]) -> Iterator[_Reading]:
    """Yield every string of another plan that an instance holds or mentions."""
    read_by = {block: _read(constants, found_in) for block, constants in plan.constants.items()}
    for position, strings in plan.said:
        read = read_by.get(plan.blocks[position])
        for path, text in strings:
            if read is None or path[0] in read:
                for owned in found_in(text):
                    yield _Reading(position, path, owned)


def _read(constants: _Constants, found_in: Callable[[str], tuple[str, ...]]) -> frozenset[str]:
    """Return the arguments of a block in which an identifier of another plan may stand."""
    pasted = (argument for argument, texts in constants.texts if any(map(found_in, texts)))
    return constants.computed.union(pasted)


def _sole_of_all(
    owners: Sequence[tuple[int, Owner]], reading: _Reading, reader: str, plans: Sequence[Identifiers]
) -> tuple[int, Owner] | None:
    """Return the one owner in any other plan that a reading means; ``reader`` is the type of who holds it."""
    meant = [
        (number, (position, attribute))
        for number, (position, attribute) in owners
        if _may_mean(plans[number].types[position], attribute, reading, reader)
    ]
    numbers = {number for number, _ in meant}
    if len(numbers) != 1:
        return None
    number = numbers.pop()
    found = {owner[0]: owner for _, owner in reversed(meant)}
    sole = sole_owner(list(found.values()), plans[number].blocks.__getitem__, plans[number].is_known)
    return (number, sole) if sole else None


def _may_mean(owner: str, attribute: str, reading: _Reading, reader: str) -> bool:
    """Whether a string means an ``owner`` of this type: by its shape, or since the argument says that it names one."""
    argument = reading.path[-1]
    if is_identifier(reading.text):
        return True
    return attribute in NAMING and names_kind(argument, owner) and not names_kind(argument, reader)
