"""Vertices, hubs and edges of a graph under construction.

An edge between blocks is drawn between groups: all instances of a block in one module instance are one vertex (a hub
where there are several), and all groups that a reference may mean are one vertex again. So no more edges are made than
instances + edges between blocks × module instances, however many instances stand on either side; only where instances
are matched key by key is each of them joined on its own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.graph import NO_LINK, DependencyGraph
from scopegate.graph.layout import BlockInstances, Layout
from scopegate.graph.target import ANY, RESOURCE, AnyKey, BlockName, KeyRule, LiteralKey, OwnKey, Target
from scopegate.plan.address import InstanceKey, ModulePath


class Label(NamedTuple):
    """What a link says, how its instances are matched aside."""

    kind: EdgeKind
    attribute: str
    reference: str
    reads: str
    via: tuple[str, ...]


class Group(NamedTuple):
    """Those in one module instance who depend on something: some instances, or a hub that stands for all of them."""

    module: int
    instances: Sequence[int]


class Dependents(NamedTuple):
    """All who depend on something: the instances of a block, or everything in the instances of a module."""

    what: BlockName | ModulePath
    groups: Sequence[Group]


class _Shape(NamedTuple):
    """How a target's instances are grouped: by the module instance they lie in at ``depth``, and by chosen keys."""

    what: BlockName | ModulePath
    depth: int
    chosen: tuple[bool, ...]
    """For each step below ``depth``, and last for the resource itself, whether its key is chosen."""


_Links = Callable[[Match], int]

_KeysByModule = dict[int, frozenset[InstanceKey] | None]

_Condition = list[tuple[_KeysByModule, int]]
"""All who must repeat over the same keys: their keys by module instance, and the depth of that in a lineage."""

_Place = tuple[InstanceKey, ...]
"""The number of the module instance, then the chosen keys."""


class Wiring:
    """A graph under construction."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._modules = layout.modules
        self._size = len(layout.keys)
        self._dependents: list[list[int]] = [[] for _ in layout.keys]
        self._dependencies: list[list[int]] = [[] for _ in layout.keys]
        self._links: list[Link] = []
        self._groups: dict[_Shape, dict[_Place, int]] = {}
        self._handing_on: dict[int, int] = {}
        self._standing: dict[tuple[BlockName, int], int] = {}
        self._keys: dict[tuple[BlockName | ModulePath, int], _KeysByModule] = {}
        self._same: dict[tuple[int, int], bool] = {}
        self.contents: dict[int, int] = {}
        """The hub that stands for everything in a module instance, where one was asked for."""

    def graph(self) -> DependencyGraph:
        """Return what was drawn."""
        return DependencyGraph(self._size, self._links, self._dependents, self._dependencies)

    def hub(self) -> int:
        """Return a new vertex that stands for no instance."""
        self._dependents.append([])
        self._dependencies.append([])
        return len(self._dependents) - 1

    def edge(self, dependent: int, dependency: int, link: int = NO_LINK) -> None:
        """Draw one edge; without a link where a hub only gathers or hands on."""
        self._dependents[dependency] += (dependent, link)
        self._dependencies[dependent] += (dependency, link)

    def link(self, label: Label, match: Match) -> int:
        """Return the number of a new link."""
        self._links.append(Link(label.kind, label.attribute, label.reference, label.reads, match, label.via))
        return len(self._links) - 1

    def dependents(self, block: BlockInstances) -> Dependents:
        """Return the instances of a block as those who depend on something."""
        return Dependents(block.name, [Group(module, positions) for module, positions in block.positions.items()])

    def vertex(self, group: Group) -> int:
        """Return the vertex whose dependencies all of a group have."""
        first, *others = group.instances
        if not others:
            return first
        hub = self._handing_on.get(first)
        if hub is None:
            hub = self._handing_on[first] = self.hub()
            for instance in group.instances:
                self.edge(instance, hub)
        return hub

    def draw(self, dependents: Dependents, target: Target, label: Label | None) -> None:
        """Draw the edges from ``dependents`` to the instances of ``target``. Linear in the dependents.

        Without a label the edges are a hub's: they gather what another edge will describe.
        """
        depth = len(_path(dependents.what)) - target.up
        what = target.what(_path(dependents.what))
        rules = (*(rule for _, rule in target.down), target.key)
        links = self._links_of(label)
        if all(rule is ANY for rule in rules):
            places = self._places(_Shape(what, depth, (False,) * len(rules)))
            for group in dependents.groups:
                place = (self._modules.lineage[group.module][depth],)
                self._join(self.vertex(group), places.get(place), links, Match.ONE)
            return
        conditions = [self._condition(dependents.what, rule, target, index) for index, rule in enumerate(rules)]
        for group in dependents.groups:
            lineage = self._modules.lineage[group.module]
            held = tuple(
                rule if condition is None or self._holds(condition, lineage) else ANY
                for rule, condition in zip(rules, conditions, strict=True)
            )
            self._draw_group(group, _Shape(what, depth, tuple(rule is not ANY for rule in held)), held, links)

    def _draw_group(self, group: Group, shape: _Shape, rules: Sequence[KeyRule], links: _Links) -> None:
        places = self._places(shape)
        match = Match.SAME_KEY if any(isinstance(rule, OwnKey) for rule in rules) else Match.ONE
        around = self._modules.lineage[group.module][shape.depth]
        if not any(isinstance(rule, OwnKey) and rule.depth == RESOURCE for rule in rules):
            place = (around, *self._chosen(rules, group.module, None))
            self._join(self.vertex(group), places.get(place), links, match)
            return
        for position in group.instances:
            place = (around, *self._chosen(rules, group.module, self._layout.keys[position]))
            self._join(position, places.get(place), links, match)

    def _join(self, dependent: int, dependency: int | None, links: _Links, match: Match) -> None:
        if dependency is None or dependency == dependent:
            return
        self.edge(dependent, dependency, links(Match.ALL if dependency >= self._size else match))

    def _links_of(self, label: Label | None) -> _Links:
        """Return how to get the number of a link with this label, which is made when it is first wanted."""
        if label is None:
            return lambda _: NO_LINK
        made: dict[Match, int] = {}

        def number(match: Match) -> int:
            if match not in made:
                made[match] = self.link(label, match)
            return made[match]

        return number

    def _chosen(self, rules: Sequence[KeyRule], module: int, own: InstanceKey) -> Iterator[InstanceKey]:
        for rule in rules:
            if isinstance(rule, LiteralKey):
                yield rule.key
            elif isinstance(rule, OwnKey):
                yield own if rule.depth == RESOURCE else self._modules.addresses[module][rule.depth].key

    def _places(self, shape: _Shape) -> dict[_Place, int]:
        """Return the vertex for each group of a target's instances."""
        places = self._groups.get(shape)
        if places is None:
            found: defaultdict[_Place, list[int]] = defaultdict(list)
            for place, vertex in self._placed(shape):
                found[place].append(vertex)
            places = self._groups[shape] = {place: self._gathering(vertices) for place, vertices in found.items()}
        return places

    def _placed(self, shape: _Shape) -> Iterator[tuple[_Place, int]]:
        *steps, is_key_chosen = shape.chosen
        chosen_steps = [shape.depth + index for index, is_chosen in enumerate(steps) if is_chosen]
        for module in self._modules_with(shape.what):
            address = self._modules.addresses[module]
            place = (self._modules.lineage[module][shape.depth], *(address[step].key for step in chosen_steps))
            if not isinstance(shape.what, BlockName):
                yield place, self._contents_of(module)
            elif not is_key_chosen:
                yield place, self._standing_in(shape.what, module)
            else:
                for position in self._layout.blocks[shape.what].standing[module]:
                    yield (*place, self._layout.keys[position]), position

    def _modules_with(self, what: BlockName | ModulePath) -> Sequence[int]:
        if not isinstance(what, BlockName):
            return self._modules.by_path.get(what, [])
        block = self._layout.blocks.get(what)
        return list(block.standing) if block else []

    def _standing_in(self, block: BlockName, module: int) -> int:
        vertex = self._standing.get((block, module))
        if vertex is None:
            positions = self._layout.blocks[block].standing[module]
            vertex = self._standing[block, module] = self._gathering(positions)
        return vertex

    def _contents_of(self, module: int) -> int:
        """Return the hub for everything in a module instance and in those it calls."""
        if module not in self.contents:
            self.contents[module] = self.hub()
            waiting = [module]
            while waiting:
                around = waiting.pop()
                for block in self._layout.blocks_in[around]:
                    self.edge(self.contents[around], self._standing_in(block, around))
                for child in self._modules.children[around]:
                    if child not in self.contents:
                        self.contents[child] = self.hub()
                        waiting.append(child)
                    self.edge(self.contents[around], self.contents[child])
        return self.contents[module]

    def _gathering(self, vertices: Sequence[int]) -> int:
        if len(vertices) == 1:
            return vertices[0]
        hub = self.hub()
        for vertex in vertices:
            self.edge(hub, vertex)
        return hub

    def _condition(
        self, dependent: BlockName | ModulePath, rule: KeyRule, target: Target, index: int
    ) -> _Condition | None:
        """Return the keys that must be the same for ``rule`` to hold; None where it holds anyway."""
        if isinstance(rule, AnyKey) or (isinstance(rule, LiteralKey) and not rule.among):
            return None
        path = _path(dependent)
        depth = len(path) - target.up
        is_step = index < len(target.down)
        what = target.what(path)
        theirs = _path(what)[: depth + index + 1] if is_step else what
        sides = [(self._keys_of(theirs, depth), depth), *((self._keys_of(what, 0), 0) for what in rule.among)]
        if isinstance(rule, OwnKey) and rule.depth == RESOURCE:
            sides.append((self._keys_of(dependent, len(path)), len(path)))
        elif isinstance(rule, OwnKey):
            sides.append((self._keys_of(path[: rule.depth + 1], rule.depth), rule.depth))
        return sides

    def _holds(self, condition: _Condition, lineage: Sequence[int]) -> bool:
        (first, first_depth), *rest = condition
        keys = first.get(lineage[first_depth])
        return keys is not None and all(self._are_same(keys, other.get(lineage[depth])) for other, depth in rest)

    def _are_same(self, some: frozenset[InstanceKey], others: frozenset[InstanceKey] | None) -> bool:
        if others is None:
            return False
        pair = (id(some), id(others))  # both are kept in _keys, so their ids last
        if pair not in self._same:
            self._same[pair] = some == others
        return self._same[pair]

    def _keys_of(self, what: BlockName | ModulePath, depth: int) -> _KeysByModule:
        """Return the keys that a block or module call repeats over, by the module instance at ``depth`` it stands in.

        None where it repeats over different keys in different module instances there.
        """
        found = self._keys.get((what, depth))
        if found is None:
            found = self._keys[what, depth] = {}
            for module, keys in self._keys_by_scope(what).items():
                around = self._modules.lineage[module][depth]
                found[around] = keys if found.get(around, keys) == keys else None
        return found

    def _keys_by_scope(self, what: BlockName | ModulePath) -> dict[int, frozenset[InstanceKey]]:
        """Return the keys of a block or module call by the module instance that holds the block or makes the call."""
        if isinstance(what, BlockName):
            block = self._layout.blocks.get(what)
            standing = block.standing.items() if block else ()
            return {module: frozenset(self._layout.keys[position] for position in some) for module, some in standing}
        keys: defaultdict[int, set[InstanceKey]] = defaultdict(set)
        for module in self._modules.by_path.get(what, ()):
            keys[self._modules.lineage[module][-2]].add(self._modules.addresses[module][-1].key)
        return {caller: frozenset(some) for caller, some in keys.items()}


def _path(what: BlockName | ModulePath) -> ModulePath:
    return what.module if isinstance(what, BlockName) else what
