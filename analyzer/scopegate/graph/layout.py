"""Where the instances of a plan stand: by block, by instance of their module, by key.

Module instances are numbered once, so that joining two blocks over the module instance they share compares integers.
Everything here is linear in the instances of the plan.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from msgspec import Struct, field

from scopegate.graph.target import BlockName
from scopegate.plan.address import (
    InstanceKey,
    ModuleAddress,
    ModulePath,
    ModuleStep,
    format_resource,
)
from scopegate.plan.configuration import Block, Configuration
from scopegate.plan.model import Plan

_format_resource = cache(format_resource)


class ModuleInstances(Struct):
    """All instances of modules, numbered; a caller has a smaller number than what it calls, the root is 0.

    ``lineage`` holds for each the numbers of the root, its child, …, itself. Filled by ``lay_out``, then constant.
    """

    addresses: list[ModuleAddress] = field(default_factory=lambda: [()])
    paths: list[ModulePath] = field(default_factory=lambda: [()])
    lineage: list[tuple[int, ...]] = field(default_factory=lambda: [(0,)])
    children: list[list[int]] = field(default_factory=lambda: [[]])
    by_path: dict[ModulePath, list[int]] = field(default_factory=lambda: {(): [0]})
    _called: dict[tuple[int, str, InstanceKey], int] = field(default_factory=dict)

    def number(self, address: ModuleAddress) -> int:
        """Return the number of a module instance; it and those around it are added where they are new."""
        number = 0
        for step in address:
            known = self._called.get((number, step.name, step.key))
            number = self.call(number, step) if known is None else known
        return number

    def call(self, caller: int, step: ModuleStep) -> int:
        """Add a module instance that is called from another one, and return its number."""
        number = self._called[caller, step.name, step.key] = len(self.addresses)
        path = (*self.paths[caller], step.name)
        same_path = self.by_path.setdefault(path, [])
        self.addresses.append((*self.addresses[caller], step))
        self.paths.append(self.paths[same_path[0]] if same_path else path)
        self.lineage.append((*self.lineage[caller], number))
        self.children.append([])
        self.children[caller].append(number)
        same_path.append(number)
        return number


class BlockInstances(Struct):
    """The positions of the instances of one block, by the number of their module instance.

    ``standing`` leaves out deposed objects whose address has a current one: its dependents stand on that one then. A
    deposed object still depends on what its block depends on, as far as anyone knows.
    """

    name: BlockName
    positions: dict[int, list[int]]
    standing: dict[int, list[int]]


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

    def keyed_modules(self) -> set[ModulePath]:
        """Return the modules with an instance that has a key."""
        called = zip(self.modules.addresses, self.modules.paths, strict=True)
        return {path for address, path in called if address and address[-1].key is not None}

    def absent(self, configured: Mapping[BlockName, Block]) -> dict[BlockName, Block]:
        """Return those blocks that have no instance in at least one instance of their module."""
        standing = {name: len(block.standing) for name, block in self.blocks.items()}
        needed = {path: len(numbers) for path, numbers in self.modules.by_path.items()}
        return {name: block for name, block in configured.items() if standing.get(name) != needed.get(name.module, 0)}


def lay_out(plan: Plan) -> Layout:
    """Return the layout of the instances of ``plan``. Linear in their number."""
    modules = ModuleInstances()
    numbers: dict[int, int] = {}
    blocks: dict[BlockName, BlockInstances] = {}
    found: dict[tuple[int, str], list[int]] = {}
    for position, instance in enumerate(plan.instances):
        number = numbers.get(id(instance.module))  # kept alive by the plan, which has each module address once
        if number is None:
            number = numbers[id(instance.module)] = modules.number(instance.module)
        name = _format_resource(instance.mode, instance.type, instance.name)
        positions = found.get((number, name))
        if positions is None:
            found[number, name] = [position]
        else:
            positions.append(position)
    for (number, name), positions in found.items():
        block_name = BlockName(modules.paths[number], name)
        block = blocks.get(block_name)
        if block is None:
            blocks[block_name] = BlockInstances(block_name, by_module := {number: positions}, by_module)
        else:
            block.positions[number] = positions
    _set_deposed_aside(plan, blocks.values())
    _add_single_modules(modules, plan.configuration)
    return Layout(modules, blocks, _blocks_in(blocks), [instance.key for instance in plan.instances])


def _set_deposed_aside(plan: Plan, blocks: Iterable[BlockInstances]) -> None:
    """Let nothing stand on a deposed object whose address has a current one."""
    deposed = {position for position, instance in enumerate(plan.instances) if instance.deposed is not None}
    if not deposed:
        return
    addresses = {plan.instances[position].address for position in deposed}
    current = {one.address for one in plan.instances if one.deposed is None and one.address in addresses}
    aside = {position for position in deposed if plan.instances[position].address in current}
    for block in blocks:
        block.standing = {module: [one for one in some if one not in aside] for module, some in block.positions.items()}


def configured_blocks(configuration: Configuration) -> dict[BlockName, Block]:
    """Return the resource blocks of a configuration by the names that the graph knows them by."""
    return {
        BlockName(path, _format_resource(block.address.mode, block.address.type, block.address.name)): block
        for path, module in configuration.modules.items()
        for block in module.blocks
    }


def _blocks_in(blocks: Mapping[BlockName, BlockInstances]) -> Mapping[int, Sequence[BlockName]]:
    found: defaultdict[int, list[BlockName]] = defaultdict(list)
    for name, block in blocks.items():
        for module in block.standing:
            found[module].append(name)
    return dict(found)  # one that grows when asked would say of an empty module that it holds something


def _add_single_modules(modules: ModuleInstances, configuration: Configuration) -> None:
    """Add the module instances that exist although no resource in them does: those called without a repetition.

    A constant ``for_each = toset([…])`` is not shown either, so a call adds none where an instance of it is known.
    """
    waiting = [0]
    while waiting:
        number = waiting.pop()
        module = configuration.modules.get(modules.paths[number])
        if module and module.calls:
            known = {modules.paths[child][-1] for child in modules.children[number]}
            for name, call in module.calls.items():
                if call.repetition is None and name not in known:
                    modules.call(number, ModuleStep(name))
        waiting.extend(modules.children[number])
