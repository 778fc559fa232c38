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
from scopegate.graph.target import ANY, RESOURCE, BlockName, KeyRule, LiteralKey, OwnKey, Target
from scopegate.plan.address import InstanceKey, ModulePath


class Label(NamedTuple):
    """What a link says, how its instances are matched aside."""

    kind: EdgeKind
    attribute: str
    reference: str
    reads: str
    via: tuple[str, ...]


class Group(NamedTuple):
    """Those in one module instance who depend on something: the vertex for all of them, and each by itself."""

    module: int
    vertex: int
    instances: Sequence[int] = ()


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
        self._standing: dict[tuple[BlockName, int], int] = {}
        self._keys: dict[tuple[BlockName | ModulePath, int], dict[int, frozenset[InstanceKey]]] = {}
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

    def dependents(self, block: BlockInstances) -> Dependents:
        """Return the instances of a block as those who depend on something."""
        groups = [
            Group(module, self._handing_on(positions), positions) for module, positions in block.positions.items()
        ]
        return Dependents(block.name, groups)

    def draw(self, dependents: Dependents, target: Target, label: Label | None) -> None:
        """Draw the edges from ``dependents`` to the instances of ``target``. Linear in the dependents.

        Without a label the edges are a hub's: they gather what another edge will describe.
        """
        depth = len(_path(dependents.what)) - target.up
        rules = (*(rule for _, rule in target.down), target.key)
        links = self._links_of(label)
        if all(rule is ANY for rule in rules):
            places = self._places(_Shape(target.what, depth, (False,) * len(rules)))
            for group in dependents.groups:
                place = (self._modules.lineage[group.module][depth],)
                self._join(group.vertex, places.get(place), links, Match.ONE)
            return
        keys = [self._key_sets(dependents.what, rule, target, index, depth) for index, rule in enumerate(rules)]
        for group in dependents.groups:
            lineage = self._modules.lineage[group.module]
            held = tuple(
                rule if sets is None or self._are_same(sets, lineage, depth) else ANY
                for rule, sets in zip(rules, keys, strict=True)
            )
            self._draw_group(group, _Shape(target.what, depth, tuple(rule is not ANY for rule in held)), held, links)

    def _draw_group(self, group: Group, shape: _Shape, rules: Sequence[KeyRule], links: _Links) -> None:
        places = self._places(shape)
        match = Match.SAME_KEY if any(isinstance(rule, OwnKey) for rule in rules) else Match.ONE
        around = self._modules.lineage[group.module][shape.depth]
        if OwnKey(RESOURCE) not in rules:
            place = (around, *self._chosen(rules, group.module, None))
            self._join(group.vertex, places.get(place), links, match)
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
                made[match] = len(self._links)
                self._links.append(Link(label.kind, label.attribute, label.reference, label.reads, match, label.via))
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

    def _handing_on(self, vertices: Sequence[int]) -> int:
        if len(vertices) == 1:
            return vertices[0]
        hub = self.hub()
        for vertex in vertices:
            self.edge(vertex, hub)
        return hub

    def _key_sets(
        self, dependent: BlockName | ModulePath, rule: KeyRule, target: Target, index: int, depth: int
    ) -> "_KeySets | None":
        """Return the keys that both sides repeat over, by module instance; None where no own key is used."""
        if not isinstance(rule, OwnKey):
            return None
        path = _path(dependent)
        own = (dependent, len(path)) if rule.depth == RESOURCE else (path[: rule.depth + 1], rule.depth)
        is_step = index < len(target.down)
        theirs = _path(target.what)[: depth + index + 1] if is_step else target.what
        return _KeySets(own[1], self._keys_of(*own), self._keys_of(theirs, depth))

    def _keys_of(self, what: BlockName | ModulePath, depth: int) -> dict[int, frozenset[InstanceKey]]:
        """Return the keys of a block or module call by the module instance at ``depth`` they lie in."""
        found = self._keys.get((what, depth))
        if found is None:
            keys: defaultdict[int, set[InstanceKey]] = defaultdict(set)
            for module in self._modules_with(what):
                keys[self._modules.lineage[module][depth]].update(self._keys_in(what, module))
            found = self._keys[what, depth] = {around: frozenset(some) for around, some in keys.items()}
        return found

    def _keys_in(self, what: BlockName | ModulePath, module: int) -> list[InstanceKey]:
        if isinstance(what, BlockName):
            return [self._layout.keys[position] for position in self._layout.blocks[what].standing[module]]
        return [self._modules.addresses[module][-1].key]

    def _are_same(self, sets: "_KeySets", lineage: Sequence[int], depth: int) -> bool:
        own, theirs = sets.own.get(lineage[sets.own_depth]), sets.theirs.get(lineage[depth])
        if own is None or theirs is None:
            return False
        pair = (id(own), id(theirs))  # both are kept in _keys, so their ids last
        if pair not in self._same:
            self._same[pair] = own == theirs
        return self._same[pair]


class _KeySets(NamedTuple):
    own_depth: int
    own: dict[int, frozenset[InstanceKey]]
    theirs: dict[int, frozenset[InstanceKey]]


def _path(what: BlockName | ModulePath) -> ModulePath:
    return what.module if isinstance(what, BlockName) else what
