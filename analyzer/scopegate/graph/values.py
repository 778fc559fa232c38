"""Edges that only values show: one object holds another's identifier, with no reference between the two.

A hard-coded ARN, the id that came out of another stack's state, the name of a bucket in two places. The strings that
somebody wrote down are looked up among the identifiers of managed objects. An edge is drawn where exactly one object
owns the identifier, and neither the configuration nor the state knows of one depending on the other.
"""

from collections.abc import Callable, Sequence, Set
from functools import cache, partial

from scopegate.graph.edges import EdgeKind, Match
from scopegate.graph.identifiers import NAMING, is_identifier, names_kind
from scopegate.graph.recorded import Records
from scopegate.graph.strings import Owner, Reading, Strings
from scopegate.graph.target import BlockName
from scopegate.graph.wiring import Label, Wiring
from scopegate.plan.model import Instance

_MOST_OWNERS = 8
"""A string that more objects go by is a word and no identifier."""


def draw_values(strings: Strings, records: Records, wiring: Wiring) -> None:
    """Draw an edge from each instance that holds another's identifier to that one, where no other edge explains it."""
    readings, owners = strings.readings()
    if not readings:
        return
    is_known = cache(partial(_is_known, records))
    may_own = _Ownership(strings.instances, {(reading.position, reading.text) for reading in readings})
    for reading in readings:
        found: dict[int, Owner] = {}
        for owner in owners[reading.text]:
            if owner[0] != reading.position and may_own(owner, reading):
                found.setdefault(owner[0], owner)
        sole = sole_owner(list(found.values()), strings.blocks.__getitem__, records.is_known) if found else None
        if sole and not is_known(strings.blocks[reading.position], strings.blocks[sole[0]]):
            position, attribute = sole
            reference = f"{strings.instances[position].address}.{attribute}"
            label = Label(EdgeKind.VALUE, ".".join(reading.path), reference, attribute, ())
            wiring.edge(reading.position, position, wiring.link(label, Match.ONE))


class _Ownership:
    """Tells whether an owner is what a reading means; what it needs to know of words is asked once for each word."""

    def __init__(self, instances: Sequence[Instance], told: Set[tuple[int, str]]) -> None:
        self._instances = instances
        self._told = told
        self._is_identifier = cache(is_identifier)
        self._names_kind = cache(names_kind)

    def __call__(self, owner: Owner, reading: Reading) -> bool:
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
