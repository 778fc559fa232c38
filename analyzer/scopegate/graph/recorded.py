"""Edges that only the prior state shows.

What a configuration section leaves out (locals, dynamic blocks, conditions, connections, ``replace_triggered_by``; all
of it once a block is deleted), the prior state still knows: ``depends_on`` there is everything that the object depended
on, through any chain, when it was last applied or, in a plan that refreshes, by its configuration of today. It names
blocks, not instances, and its lists are transitively closed. So an entry becomes an edge only where no other edge leads
there already. Data sources have no list.

Source: hashicorp/terraform internal/terraform/transform_reference.go (``attachDependenciesTransformer``); that a
refreshing plan brings the lists up to date was measured with Terraform 1.11.4.
"""

from collections.abc import Mapping, Set
from functools import cache

from scopegate.graph.edges import EdgeKind
from scopegate.graph.layout import BlockInstances, Layout
from scopegate.graph.target import ANY, Target
from scopegate.graph.wiring import Dependents, Label, Wiring
from scopegate.plan.address import ConfigAddress, Mode, ModulePath, parse_resource_address
from scopegate.plan.model import Plan

Needs = Mapping[ConfigAddress, Set[ConfigAddress | ModulePath]]
"""What each block depends on directly by the configuration; a module path stands for all that is in the module."""


def is_recorded(plan: Plan, block: BlockInstances) -> bool:
    """Whether the prior state holds what every instance of a block depends on."""
    if block.address.mode is not Mode.MANAGED:
        return False
    positions = (position for group in block.positions.values() for position in group)
    return all(plan.instances[position].prior_dependencies is not None for position in positions)


def draw_recorded(
    plan: Plan, layout: Layout, wiring: Wiring, dependents: Mapping[ConfigAddress, Dependents], needs: Needs
) -> None:
    """Draw the edges that the prior state recorded and no other edge explains."""
    records = _Records(plan, layout, needs)
    for address, names in records.recorded.items():
        for name in records.unexplained(address, names):
            wiring.draw(dependents[address], _target(address, records.blocks[name], name), _label(name))


def _label(name: str) -> Label:
    return Label(EdgeKind.STATE, "", name, "", ())


def _target(dependent: ConfigAddress, dependency: ConfigAddress, name: str) -> Target:
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
    return Target(len(dependent.module) - shared, down, dependency, ANY, name, "")


class _Records:
    """What the prior state recorded for each block, and what is known without it."""

    def __init__(self, plan: Plan, layout: Layout, needs: Needs) -> None:
        self.blocks = {str(address): address for address in layout.blocks}
        self._names = {address: name for name, address in self.blocks.items()}
        self._layout = layout
        self._needs = needs
        current = _current_names(plan, self.blocks)
        self.recorded = {
            address: frozenset(current[name] for name in _listed(plan, block) if name in current) - {str(address)}
            for address, block in layout.blocks.items()
        }
        self.behind = cache(self._behind)

    def unexplained(self, address: ConfigAddress, names: frozenset[str]) -> list[str]:
        """Return the recorded names that no edge leads to, without those that lie behind another one of them."""
        if not names:
            return []
        left = set(names)
        for needed in self._needs.get(address, ()):
            if isinstance(needed, ConfigAddress):
                left.discard(self._names.get(needed, ""))
            # Where the record of the needed one holds more than ours, it is of another time and explains nothing.
            if left and (behind := self.behind(needed)) <= names:
                left -= behind
        return self._outermost(left, names)

    def _outermost(self, left: set[str], names: frozenset[str]) -> list[str]:
        covered: set[str] = set()
        outermost = []
        for name in sorted(left, key=lambda name: (-len(self.recorded[self.blocks[name]]), name)):
            if name in covered:
                continue
            outermost.append(name)
            if (behind := self.behind(self.blocks[name])) <= names:
                covered |= behind
        return outermost

    def _behind(self, needed: ConfigAddress | ModulePath) -> frozenset[str]:
        """Return the names that can be reached through a block, itself included, or through a module."""
        if not isinstance(needed, ConfigAddress):
            return frozenset().union(*map(self.behind, self._in_module(needed)))
        found: set[str] = set()
        waiting = [needed]
        seen = {needed}
        while waiting:
            block = waiting.pop()
            if block not in self._names:
                continue
            found.add(self._names[block])
            found |= self.recorded[block]
            if block.mode is Mode.MANAGED:
                continue
            for behind in self._needs.get(block, ()):
                if isinstance(behind, ConfigAddress) and behind not in seen:
                    seen.add(behind)
                    waiting.append(behind)
        return frozenset(found)

    def _in_module(self, path: ModulePath) -> list[ConfigAddress]:
        found: list[ConfigAddress] = []
        waiting = list(self._layout.modules.by_path.get(path, ()))
        while waiting:
            module = waiting.pop()
            found += self._layout.blocks_in.get(module, ())
            waiting += self._layout.modules.children[module]
        return found


def _listed(plan: Plan, block: BlockInstances) -> set[str]:
    names: set[str] = set()
    last: tuple[str, ...] = ()
    for positions in block.positions.values():
        for position in positions:
            listed = plan.instances[position].prior_dependencies or ()
            if listed != last:  # instances of one block nearly always have the same list
                names.update(listed)
                last = listed
    return names


def _current_names(plan: Plan, blocks: Mapping[str, ConfigAddress]) -> dict[str, str]:
    """Map the names that a record may hold to those of today: a record keeps the name of before a move."""
    current = {}
    for instance in plan.instances:
        if instance.previous_address is not None:
            moved = parse_resource_address(instance.address).config
            current[str(parse_resource_address(instance.previous_address).config)] = str(moved)
    return current | {name: name for name in blocks}
