"""Where the instances of a plan stand: by block, by instance of their module, by key.

Module instances are numbered once, so that joining two blocks over the module instance they share compares integers.
Everything here is linear in the instances of the plan.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from scopegate.graph.target import BlockName
from scopegate.plan.address import (
    InstanceKey,
    ModuleAddress,
    ModulePath,
    ModuleStep,
    format_resource,
    module_path,
)
from scopegate.plan.configuration import Block, Configuration
from scopegate.plan.model import Plan


class ModuleInstances(Struct):
    """All instances of modules, numbered; a caller has a smaller number than what it calls.

    ``lineage`` holds for each the numbers of the root, its child, …, itself. Filled by ``lay_out``, then constant.
    """

    addresses: list[ModuleAddress] = field(default_factory=list)
    paths: list[ModulePath] = field(default_factory=list)
    lineage: list[tuple[int, ...]] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)
    by_path: dict[ModulePath, list[int]] = field(default_factory=dict)
    _numbers: dict[ModuleAddress, int] = field(default_factory=dict)

    def number(self, address: ModuleAddress) -> int:
        """Return the number of a module instance; it and those around it are added where they are new."""
        known = self._numbers.get(address)
        if known is not None:
            return known
        lineage: tuple[int, ...] = ()
        for length in range(len(address) + 1):
            number = self._numbers.get(address[:length])
            lineage = self._add(address[:length], lineage) if number is None else self.lineage[number]
        return lineage[-1]

    def _add(self, address: ModuleAddress, around: tuple[int, ...]) -> tuple[int, ...]:
        number = self._numbers[address] = len(self.addresses)
        self.addresses.append(address)
        self.paths.append(module_path(address))
        self.lineage.append((*around, number))
        self.children.append([])
        self.by_path.setdefault(self.paths[number], []).append(number)
        if around:
            self.children[around[-1]].append(number)
        return self.lineage[number]


class BlockInstances(Struct):
    """The positions of the instances of one block, by the number of their module instance.

    ``standing`` leaves out deposed objects whose address has a current one: its dependents stand on that one then. A
    deposed object still depends on what its block depends on, as far as anyone knows.
    """

    name: BlockName
    positions: dict[int, list[int]] = field(default_factory=dict)
    standing: dict[int, list[int]] = field(default_factory=dict)


class Layout(Struct, frozen=True):
    """Where everything stands. ``keys`` are the instance keys, aligned with ``Plan.instances``."""

    modules: ModuleInstances
    blocks: Mapping[BlockName, BlockInstances]
    blocks_in: Mapping[int, Sequence[BlockName]]
    keys: Sequence[InstanceKey]

    def is_called_everywhere(self, path: ModulePath) -> bool:
        """Whether every instance of the calling module has an instance of the module."""
        callers = {self.modules.lineage[number][-2] for number in self.modules.by_path.get(path, ())}
        return len(callers) == len(self.modules.by_path.get(path[:-1], ())) > 0

    def is_everywhere(self, name: BlockName) -> bool:
        """Whether every instance of the block's module has an instance of the block."""
        block = self.blocks.get(name)
        return block is not None and len(block.standing) == len(self.modules.by_path[name.module])


def lay_out(plan: Plan) -> Layout:
    """Return the layout of the instances of ``plan``. Linear in their number."""
    modules = ModuleInstances()
    blocks: dict[BlockName, BlockInstances] = {}
    found: dict[tuple[int, str, str, str], BlockInstances] = {}
    current = _current_of_deposed(plan)
    around, number = None, -1
    for position, instance in enumerate(plan.instances):
        if instance.module is not around:  # neighbours in a plan nearly always share it
            around = instance.module
            number = modules.number(around)
        block = found.get(identity := (number, instance.mode.value, instance.type, instance.name))
        if block is None:
            name = BlockName(modules.paths[number], format_resource(instance.mode, instance.type, instance.name))
            block = found[identity] = blocks.setdefault(name, BlockInstances(name))
        block.positions.setdefault(number, []).append(position)
        if instance.deposed is None or instance.address not in current:
            block.standing.setdefault(number, []).append(position)
    _add_single_modules(modules, plan.configuration)
    return Layout(modules, blocks, _blocks_in(blocks), [instance.key for instance in plan.instances])


def configured_blocks(configuration: Configuration) -> dict[BlockName, Block]:
    """Return the resource blocks of a configuration by the names that the graph knows them by."""
    return {
        BlockName(path, format_resource(block.address.mode, block.address.type, block.address.name)): block
        for path, module in configuration.modules.items()
        for block in module.blocks
    }


def _current_of_deposed(plan: Plan) -> set[str]:
    deposed = {instance.address for instance in plan.instances if instance.deposed is not None}
    return {instance.address for instance in plan.instances if instance.deposed is None and instance.address in deposed}


def _blocks_in(blocks: Mapping[BlockName, BlockInstances]) -> Mapping[int, Sequence[BlockName]]:
    found: defaultdict[int, list[BlockName]] = defaultdict(list)
    for name, block in blocks.items():
        for module in block.standing:
            found[module].append(name)
    return found


def _add_single_modules(modules: ModuleInstances, configuration: Configuration) -> None:
    """Add the module instances that exist although no resource in them does: those called without a repetition.

    A constant ``for_each = toset([…])`` is not shown either, so a call adds none where an instance of it is known.
    """
    waiting = [modules.number(())]
    while waiting:
        number = waiting.pop()
        known = {modules.paths[child][-1] for child in modules.children[number]}
        module = configuration.modules.get(modules.paths[number])
        for name, call in module.calls.items() if module else ():
            if call.repetition is None and name not in known:
                modules.number((*modules.addresses[number], ModuleStep(name)))
        waiting.extend(modules.children[number])
