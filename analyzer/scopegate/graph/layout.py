"""Where the instances of a plan stand: by block, by instance of their module, by key.

Module instances are numbered once, so that joining two blocks over the module instance they share compares integers.
Everything here is linear in the instances of the plan.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scopegate.plan.address import ConfigAddress, InstanceKey, ModuleAddress, ModulePath, ModuleStep, module_path
from scopegate.plan.configuration import Configuration
from scopegate.plan.model import Instance, Plan


@dataclass(slots=True)
class ModuleInstances:
    """All instances of modules, numbered; a caller has a smaller number than what it calls.

    ``lineage`` holds for each the numbers of the root, its child, …, itself. Filled by ``lay_out``, then constant.
    """

    addresses: list[ModuleAddress] = field(default_factory=list)
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
        self.lineage.append((*around, number))
        self.children.append([])
        self.by_path.setdefault(module_path(address), []).append(number)
        if around:
            self.children[around[-1]].append(number)
        return self.lineage[number]


@dataclass(slots=True)
class BlockInstances:
    """The positions of the instances of one block, by the number of their module instance.

    ``standing`` leaves out deposed objects whose address has a current one: its dependents stand on that one then. A
    deposed object still depends on what its block depends on, as far as anyone knows.
    """

    address: ConfigAddress
    positions: dict[int, list[int]] = field(default_factory=dict)
    standing: dict[int, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands. ``keys`` are the instance keys, aligned with ``Plan.instances``."""

    modules: ModuleInstances
    blocks: Mapping[ConfigAddress, BlockInstances]
    blocks_in: Mapping[int, Sequence[ConfigAddress]]
    keys: Sequence[InstanceKey]

    def absent_from(self, configuration: Configuration) -> frozenset[ConfigAddress]:
        """Return the blocks of the configuration that have no instance in some instance of their module."""
        return frozenset(address for address in configuration.blocks if not self._is_everywhere(address))

    def _is_everywhere(self, address: ConfigAddress) -> bool:
        block = self.blocks.get(address)
        return block is not None and len(block.standing) == len(self.modules.by_path[address.module])


def lay_out(plan: Plan) -> Layout:
    """Return the layout of the instances of ``plan``. Linear in their number."""
    modules = ModuleInstances()
    blocks: dict[ConfigAddress, BlockInstances] = {}
    found: dict[tuple[int, str, str, str], BlockInstances] = {}
    current = {instance.address for instance in plan.instances if instance.deposed is None}
    for position, instance in enumerate(plan.instances):
        number = modules.number(instance.module)
        block = found.get(identity := (number, instance.mode, instance.type, instance.name))
        if block is None:
            address = _config_address(instance)
            block = found[identity] = blocks.setdefault(address, BlockInstances(address))
        block.positions.setdefault(number, []).append(position)
        if instance.deposed is None or instance.address not in current:
            block.standing.setdefault(number, []).append(position)
    _add_single_modules(modules, plan.configuration)
    return Layout(modules, blocks, _blocks_in(blocks), [instance.key for instance in plan.instances])


def _config_address(instance: Instance) -> ConfigAddress:
    return ConfigAddress(module_path(instance.module), instance.mode, instance.type, instance.name)


def _blocks_in(blocks: Mapping[ConfigAddress, BlockInstances]) -> Mapping[int, Sequence[ConfigAddress]]:
    found: defaultdict[int, list[ConfigAddress]] = defaultdict(list)
    for address, block in blocks.items():
        for module in block.standing:
            found[module].append(address)
    return found


def _add_single_modules(modules: ModuleInstances, configuration: Configuration) -> None:
    """Add the module instances that exist although no resource in them does: those called without a repetition.

    A constant ``for_each = toset([…])`` is not shown either, so a call adds none where an instance of it is known.
    """
    waiting = [modules.number(())]
    while waiting:
        number = waiting.pop()
        address = modules.addresses[number]
        known = {modules.addresses[child][-1].name for child in modules.children[number]}
        module = configuration.modules.get(module_path(address))
        for name, call in module.calls.items() if module else ():
            if call.repetition is None and name not in known:
                modules.number((*address, ModuleStep(name)))
        waiting.extend(modules.children[number])
