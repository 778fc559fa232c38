"""Edges that only the prior state shows.

What a configuration section leaves out (locals, dynamic blocks, conditions, connections, ``replace_triggered_by``; all
of it once a block is deleted), the prior state still knows: ``depends_on`` there is everything that the object depended
on, through any chain, when it was last applied or, in a plan that refreshes, by its configuration of today. It names
blocks, not instances, and its lists are transitively closed. So an entry becomes an edge only where no other edge leads
there already. Data sources have no list.

Source: hashicorp/terraform internal/terraform/transform_reference.go (``attachDependenciesTransformer``); that a
refreshing plan brings the lists up to date was measured with Terraform 1.11.4.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from itertools import chain

from msgspec import Struct

from scopegate.graph.edges import EdgeKind
from scopegate.graph.layout import BlockInstances, Layout
from scopegate.graph.target import ANY, BlockName, Target, around
from scopegate.graph.wiring import Dependents, Label, Wiring
from scopegate.plan.address import ModulePath, parse_resource_address
from scopegate.plan.model import Plan

_NOTHING = frozenset[int]()


class Needs(Struct, frozen=True):
    """What a block depends on directly by the configuration."""

    inside: Collection[str]
    """The names of blocks of its own module."""
    elsewhere: Collection[BlockName | ModulePath]
    """Other blocks; a module path stands for all that is in the module."""


NeedsOf = Callable[[BlockName], Needs]

NeedsAround = Callable[[ModulePath], set[BlockName | ModulePath]]
"""What all that is in a module depends on by its calls."""


def draw_recorded(records: "Records", wiring: Wiring, dependents: Mapping[BlockName, Dependents]) -> None:
    """Draw the edges that the prior state recorded and no other edge explains."""
    for number, recorded in enumerate(records.recorded):
        for other in records.unexplained(number) if recorded else ():
            name, target = records.names[number], records.names[other]
            wiring.draw(dependents[name], _target(name, target), Label(EdgeKind.STATE, "", str(target), "", ()))


def _target(dependent: BlockName, dependency: BlockName) -> Target:
    """Return all instances of ``dependency`` in the module instances that the two share.

    The record has no keys. A block cannot read another instance of its own module except through what the caller passes
    in, which the configuration shows; so both stand in the same instance of every module around the two.
    """
    shared = 0
    for mine, theirs in zip(dependent.module, dependency.module, strict=False):
        if mine != theirs:
            break
        shared += 1
    down = tuple((step, ANY) for step in dependency.module[shared:])
    return Target(len(dependent.module) - shared, down, dependency.name, ANY, str(dependency), "")


class Records:
    """What the prior state recorded for each block, and what leads there without it. Blocks are numbers here."""

    def __init__(self, plan: Plan, layout: Layout, needs_of: NeedsOf, needs_around: NeedsAround) -> None:
        self.names = list(layout.blocks)
        self._numbers = {name: number for number, name in enumerate(self.names)}
        self._inside: defaultdict[ModulePath, dict[str, int]] = defaultdict(dict)
        for name, number in self._numbers.items():
            self._inside[name.module][name.name] = number
        self._layout = layout
        self._needs_of_block = needs_of
        self._needs_around = needs_around
        recorded = _Recorded(plan, self.names)
        self.recorded = [recorded.of_block(number, block) for number, block in enumerate(layout.blocks.values())]
        self.complete = recorded.complete
        """The blocks of which the prior state holds what every instance depends on."""
        self._found: dict[BlockName | ModulePath, frozenset[int]] = {}

    @cached_property
    def _rank(self) -> Sequence[int]:
        """For each block how many come before it when those with the longest records do; else by name."""
        names = [str(name) for name in self.names]
        lengths = [-len(recorded) for recorded in self.recorded]
        ordered = sorted(sorted(range(len(names)), key=names.__getitem__), key=lengths.__getitem__)
        rank = [0] * len(names)
        for index, number in enumerate(ordered):
            rank[number] = index
        return rank

    def is_known(self, dependent: BlockName, dependency: BlockName) -> bool:
        """Whether the configuration or the state tells that one block depends on the other."""
        if self._numbers[dependency] in self.recorded[self._numbers[dependent]]:
            return True
        needs = self._needs_of(dependent)
        if dependency.module == dependent.module and dependency.name in needs.inside:
            return True
        return dependency in needs.elsewhere or any(path in needs.elsewhere for path in around(dependency.module))

    def _needs_of(self, dependent: BlockName) -> Needs:
        needs = self._needs_of_block(dependent)
        around_it = self._needs_around(dependent.module)
        return Needs(needs.inside, around_it.union(needs.elsewhere)) if around_it else needs

    def told_of(self, dependent: BlockName) -> set[BlockName | ModulePath]:
        """Return what the configuration or the state tells that a block depends on: what ``is_known`` looks at."""
        recorded = self.recorded[self._numbers[dependent]]
        return {*self._needed(dependent), *(self.names[number] for number in recorded)}

    def _needed(self, dependent: BlockName) -> set[BlockName | ModulePath]:
        needs = self._needs_of(dependent)
        return {*(BlockName(dependent.module, name) for name in needs.inside), *needs.elsewhere}

    def unexplained(self, number: int) -> list[int]:
        """Return the recorded blocks that no edge leads to, without those that lie behind another one of them."""
        recorded = self.recorded[number]
        left = set(recorded)
        name = self.names[number]
        needs = self._needs_of(name)
        numbers = [*map(self._inside[name.module].get, needs.inside), *map(self._number, needs.elsewhere)]
        left.difference_update(numbers)
        for other in numbers if left else ():
            if other is not None:
                left -= self._explained(other, recorded)
        for needed in needs.elsewhere:
            # Where the record of the needed one holds more than ours, it is of another time and explains nothing.
            if left and not isinstance(needed, BlockName) and (behind := self._behind(needed)) <= recorded:
                left -= behind
        return self._outermost(left, recorded)

    def _number(self, needed: BlockName | ModulePath) -> int | None:
        return self._numbers.get(needed) if isinstance(needed, BlockName) else None

    def _outermost(self, left: set[int], recorded: frozenset[int]) -> list[int]:
        if len(left) <= 1:
            return list(left)
        covered: set[int] = set()
        outermost = []
        for number in sorted(left, key=self._rank.__getitem__):
            if number not in covered:
                outermost.append(number)
                covered |= self._explained(number, recorded)
        return outermost

    def _explained(self, number: int, recorded: frozenset[int]) -> frozenset[int]:
        """Return what a record says because of one of the blocks in it; nothing where that has a longer record."""
        name = self.names[number]
        behind = self.recorded[number] if name.is_managed else self._behind(name)
        return behind if number in recorded and behind <= recorded else _NOTHING

    def _behind(self, needed: BlockName | ModulePath) -> frozenset[int]:
        found = self._found.get(needed)
        if found is None:
            found = self._found[needed] = self._find_behind(needed)
        return found

    def _find_behind(self, needed: BlockName | ModulePath) -> frozenset[int]:
        """Return what can be reached through a block, itself included, or through all that is in a module."""
        if not isinstance(needed, BlockName):
            return frozenset[int]().union(*map(self._behind, self._in_module(needed)))
        found: set[int] = set()
        waiting = {needed}
        seen = {needed}
        while waiting:
            name = waiting.pop()
            number = self._numbers.get(name)
            if number is None:
                continue
            found.add(number)
            found |= self.recorded[number]
            if not name.is_managed:  # data sources have no record, but what they read has
                behind = {needed for needed in self._needed(name) if isinstance(needed, BlockName)}
                waiting |= behind - seen
                seen |= behind
        return frozenset(found)

    def _in_module(self, path: ModulePath) -> list[BlockName]:
        found: list[BlockName] = []
        waiting = list(self._layout.modules.by_path.get(path, ()))
        while waiting:
            module = waiting.pop()
            found += self._layout.blocks_in.get(module, ())
            waiting += self._layout.modules.children[module]
        return found


class _Recorded:
    """Reads the lists of the prior state: each once, since the instances of a block nearly always have the same."""

    def __init__(self, plan: Plan, names: Sequence[BlockName]) -> None:
        self._plan = plan
        self._names = names
        self._read: dict[int, frozenset[int]] = {}
        self.complete: set[BlockName] = set()

    @cached_property
    def _current(self) -> Mapping[str, int]:
        return _current_numbers(self._plan, self._names)

    def of_block(self, number: int, block: BlockInstances) -> frozenset[int]:
        """Return the numbers of all the blocks that a block is recorded to depend on."""
        instances = self._plan.instances
        found = last = _NOTHING
        is_complete = block.name.is_managed
        for position in chain.from_iterable(block.positions.values()):
            listed = instances[position].prior_dependencies
            if listed is None:
                is_complete = False
            elif listed and (some := self._numbers(listed)) is not last:
                found = found | some if found else some
                last = some
        if is_complete:
            self.complete.add(block.name)
        return found - {number} if number in found else found

    def _numbers(self, listed: tuple[str, ...]) -> frozenset[int]:
        found = self._read.get(id(listed))  # the plan keeps it alive
        if found is None:
            current = self._current
            found = self._read[id(listed)] = frozenset([current[name] for name in listed if name in current])
        return found


def _current_numbers(plan: Plan, names: Sequence[BlockName]) -> dict[str, int]:
    """Map the names that a record may hold to blocks of today: a record keeps the name of before a move."""
    current = {str(name): number for number, name in enumerate(names)}
    for instance in plan.instances:
        if instance.previous_address is not None:
            moved = str(parse_resource_address(instance.address).config)
            current.setdefault(str(parse_resource_address(instance.previous_address).config), current[moved])
    return current
