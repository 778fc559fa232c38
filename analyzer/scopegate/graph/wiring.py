"""Vertices, hubs and edges of a graph under construction.

An edge between blocks is drawn between groups: all instances of a block in one module instance are one vertex (a hub
where there are several), and all groups that a reference may mean are one vertex again. So no more edges are made than
instances + edges between blocks × module instances, however many instances stand on either side; only where instances
are matched key by key is each of them joined on its own. Blocks of a module that all read the same long list, as all
outputs of a module that is read as a whole, have one more hub in common that reads it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.graph import NO_LINK, DependencyGraph
from scopegate.graph.layout import Layout
from scopegate.graph.target import ANY, RESOURCE, AnyKey, BlockName, KeyRule, LiteralKey, OwnKey, Target
from scopegate.plan.address import InstanceKey, ModulePath


class Label(Struct, frozen=True):
    """What a link says, how its instances are matched aside."""

    kind: EdgeKind
    attribute: str
    reference: str
    reads: str
    via: tuple[str, ...]


class Dependents(Struct, frozen=True):
    """All who depend on something: the instances of a block, or everything in the instances of a module.

    ``positions`` are those in each module instance, by its number: some instances, or a hub that stands for all.
    """

    what: BlockName | ModulePath
    positions: Mapping[int, Sequence[int]]


class _Shape(Struct, frozen=True):
    """How a target's instances are grouped where keys are chosen: by the module instance at ``depth``, and by keys."""

    what: BlockName | ModulePath
    depth: int
    chosen: tuple[bool, ...]
    """For each step below ``depth``, and last for the resource itself, whether its key is chosen."""


_OWN_KEY: Final = OwnKey(RESOURCE)

_Links = dict[Match, int]
"""The numbers of the links that were made for one drawing: few are needed."""

_KeysByModule = dict[int, frozenset[InstanceKey] | None]

_Condition = list[tuple[_KeysByModule, int]]
"""All who must repeat over the same keys: their keys by module instance, and the depth of that in a lineage."""


_Place = tuple[InstanceKey, ...]
"""The number of the module instance, then the chosen keys."""


class _Choice(Struct, frozen=True):
    """How the instances of a target are chosen by the rules that hold for a dependent."""

    places: Mapping[_Place, int]
    rules: Sequence[LiteralKey | OwnKey]
    own: Sequence[int]
    """Which of the rules choose the key that each dependent has itself."""
    match: Match


class Wiring:
    """A graph under construction."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._modules = layout.modules
        self._size = len(layout.keys)
        self._dependents: list[list[int]] = [[] for _ in layout.keys]
        self._dependencies: list[list[int]] = [[] for _ in layout.keys]
        self._links: list[Link] = []
        self._standing: dict[BlockName, dict[int, int]] = {}
        self._all: dict[tuple[BlockName | ModulePath, int], dict[int, int]] = {}
        self._chosen: dict[_Shape, dict[_Place, int]] = {}
        self._handing_on: dict[int, int] = {}
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

    def vertex(self, instances: Sequence[int]) -> int:
        """Return the vertex whose dependencies all of some instances have."""
        first, *others = instances
        if not others:
            return first
        hub = self._handing_on.get(first)
        if hub is None:
            hub = self._handing_on[first] = self.hub()
            for instance in instances:
                self.edge(instance, hub)
        return hub

    def together(self, blocks: Sequence[Dependents]) -> Dependents:
        """Return blocks of one module as one: a hub in each module instance, whose dependencies all of them have."""
        first, *others = blocks
        if not others:
            return first
        hubs: dict[int, list[int]] = {}
        for block in blocks:
            for module, instances in block.positions.items():
                if module not in hubs:
                    hubs[module] = [self.hub()]
                self.edge(self.vertex(instances), *hubs[module])
        return Dependents(_path(first.what), hubs)

    def draw(self, dependents: Dependents, target: Target, label: Label | None) -> None:
        """Draw the edges from ``dependents`` to the instances of ``target``. Linear in the dependents.

        Without a label the edges are a hub's: they gather what another edge will describe.
        """
        path = _path(dependents.what)
        depth, what = len(path) - target.up, target.what(path)
        if target.key is ANY and (not target.down or all(rule is ANY for _, rule in target.down)):
            self._draw_to_all(dependents, self._all_of(what, depth), depth, label)
        else:
            self._draw_by_key(dependents, target, what, depth, label)

    def _draw_to_all(
        self, dependents: Dependents, vertices: Mapping[int, int], depth: int, label: Label | None
    ) -> None:
        """Draw an edge from each group to the vertex for the module instance that it shares with its dependencies."""
        lineage, links = self._modules.lineage, _Links()
        for module, instances in dependents.positions.items():
            dependent = instances[0] if len(instances) == 1 else self.vertex(instances)
            dependency = vertices.get(lineage[module][depth])
            if dependency is not None and dependency != dependent:
                match = Match.ALL if dependency >= self._size else Match.ONE
                number = links.get(match)
                if number is None:
                    number = links[match] = self._number(label, match)
                self._dependents[dependency] += (dependent, number)
                self._dependencies[dependent] += (dependency, number)

    def _draw_by_key(
        self, dependents: Dependents, target: Target, what: BlockName | ModulePath, depth: int, label: Label | None
    ) -> None:
        if pairs := self._side_by_side(dependents, target, what):
            number = self._number(label, Match.SAME_KEY)
            for position, other in pairs:
                self.edge(position, other, number)
            return
        rules = (*(rule for _, rule in target.down), target.key)
        conditions = [self._condition(dependents.what, rule, target, index) for index, rule in enumerate(rules)]
        links, choices = _Links(), dict[tuple[bool, ...], _Choice]()
        for module, instances in dependents.positions.items():
            lineage = self._modules.lineage[module]
            held = tuple([condition is None or self._holds(condition, lineage) for condition in conditions])
            choice = choices.get(held)
            if choice is None:
                holding = [rule if holds else ANY for rule, holds in zip(rules, held, strict=True)]
                choice = choices[held] = self._choice(holding, what, depth)
            for dependent, dependency in self._pairs(module, instances, choice, lineage[depth]):
                if dependency is not None and dependency != dependent:
                    match = Match.ALL if dependency >= self._size else choice.match
                    if match not in links:
                        links[match] = self._number(label, match)
                    self.edge(dependent, dependency, links[match])

    def _side_by_side(
        self, dependents: Dependents, target: Target, what: BlockName | ModulePath
    ) -> list[tuple[int, int]] | None:
        """Return each dependent with the instance of its own key, where two blocks of one module have the same keys.

        So it is with nearly all references by ``each.key`` and ``count.index``. None where it takes rules to tell.
        """
        mine, key_of = dependents.what, self._layout.keys.__getitem__
        is_by_own_key = target.key == _OWN_KEY and not target.up and not target.down
        if not is_by_own_key or mine == what or not isinstance(mine, BlockName) or not isinstance(what, BlockName):
            return None
        block, other = self._layout.blocks.get(mine), self._layout.blocks.get(what)
        if block is None or other is None or block.positions is not block.standing:
            return None
        pairs: list[tuple[int, int]] = []
        for module, instances in dependents.positions.items():
            others = other.standing.get(module, ())
            if list(map(key_of, instances)) != list(map(key_of, others)):
                return None
            pairs += zip(instances, others, strict=True)
        return pairs

    def _choice(self, rules: Sequence[KeyRule], what: BlockName | ModulePath, depth: int) -> _Choice:
        """Return how the instances of a target are chosen by rules that hold; all of them without one."""
        choosing = [rule for rule in rules if not isinstance(rule, AnyKey)]
        if not choosing:
            return _Choice(
                {(around,): vertex for around, vertex in self._all_of(what, depth).items()}, [], [], Match.ONE
            )
        places = self._chosen_of(_Shape(what, depth, tuple(rule is not ANY for rule in rules)))
        own = [index for index, rule in enumerate(choosing) if isinstance(rule, OwnKey) and rule.depth == RESOURCE]
        is_same_key = any(isinstance(rule, OwnKey) for rule in choosing)
        return _Choice(places, choosing, own, Match.SAME_KEY if is_same_key else Match.ONE)

    def _pairs(
        self, module: int, instances: Sequence[int], choice: _Choice, around: int
    ) -> Iterator[tuple[int, int | None]]:
        """Yield the dependents in one module instance, all as one where they can be, each with the vertex it means."""
        places, rules, own = choice.places, choice.rules, choice.own
        keys = [rule.key if isinstance(rule, LiteralKey) else self._own_key(rule, module) for rule in rules]
        if not own:
            yield self.vertex(instances), places.get((around, *keys))
            return
        for position in instances:
            for index in own:
                keys[index] = self._layout.keys[position]
            yield position, places.get((around, *keys))

    def _own_key(self, rule: OwnKey, module: int) -> InstanceKey:
        """Return the key of the module step that a rule means; nothing yet for that of each instance itself."""
        return None if rule.depth == RESOURCE else self._modules.addresses[module][rule.depth].key

    def _number(self, label: Label | None, match: Match) -> int:
        return NO_LINK if label is None else self.link(label, match)

    def _all_of(self, what: BlockName | ModulePath, depth: int) -> Mapping[int, int]:
        """Return the vertex for all instances of a block, or all in a module, by their module instance at ``depth``."""
        found = self._all.get((what, depth))
        if found is None:
            vertices = self._standing_of(what) if isinstance(what, BlockName) else self._contents_of_all(what)
            found = vertices if depth == len(_path(what)) else self._gathered(vertices, depth)
            self._all[what, depth] = found
        return found

    def _gathered(self, vertices: Mapping[int, int], depth: int) -> dict[int, int]:
        together: defaultdict[int, list[int]] = defaultdict(list)
        for module, vertex in vertices.items():
            together[self._modules.lineage[module][depth]].append(vertex)
        return {around: self._gathering(some) for around, some in together.items()}

    def _chosen_of(self, shape: _Shape) -> Mapping[_Place, int]:
        """Return the vertex for the instances of a target that keys choose."""
        found = self._chosen.get(shape)
        if found is None:
            together: defaultdict[_Place, list[int]] = defaultdict(list)
            for place, vertex in self._placed(shape):
                together[place].append(vertex)
            found = self._chosen[shape] = {place: self._gathering(some) for place, some in together.items()}
        return found

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

    def _standing_of(self, block: BlockName) -> dict[int, int]:
        """Return the vertex for all instances of a block in each module instance, in the order of the plan."""
        instances = self._layout.blocks.get(block)
        if instances is None:
            return {}
        known = self._standing.get(block, {})
        found = self._standing[block] = {
            module: known[module] if module in known else self._gathering(positions)
            for module, positions in instances.standing.items()
        }
        return found

    def _standing_in(self, block: BlockName, module: int) -> int:
        known = self._standing.setdefault(block, {})
        vertex = known.get(module)
        if vertex is None:
            vertex = known[module] = self._gathering(self._layout.blocks[block].standing[module])
        return vertex

    def _contents_of_all(self, path: ModulePath) -> dict[int, int]:
        return {module: self._contents_of(module) for module in self._modules.by_path.get(path, ())}

    def _contents_of(self, module: int) -> int:
        """Return the hub for everything in a module instance and in those it calls."""
        if module not in self.contents:
            self.contents[module] = self.hub()
            waiting = [module]
            while waiting:
                around = waiting.pop()
                for block in self._layout.blocks_in.get(around, ()):
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
            found = self._keys[what, depth] = self._keys_around(self._keys_by_scope(what), depth)
        return found

    def _keys_around(self, keys_by_scope: Mapping[int, frozenset[InstanceKey]], depth: int) -> _KeysByModule:
        found: _KeysByModule = {}
        for module, keys in keys_by_scope.items():
            around = self._modules.lineage[module][depth]
            found[around] = keys if around == module or found.get(around, keys) == keys else None
        return found

    def _keys_by_scope(self, what: BlockName | ModulePath) -> dict[int, frozenset[InstanceKey]]:
        """Return the keys of a block or module call by the module instance that holds the block or makes the call."""
        if isinstance(what, BlockName):
            block = self._layout.blocks.get(what)
            standing = block.standing.items() if block else ()
            key_of = self._layout.keys.__getitem__
            return {module: frozenset(map(key_of, positions)) for module, positions in standing}
        keys: defaultdict[int, set[InstanceKey]] = defaultdict(set)
        for module in self._modules.by_path.get(what, ()):
            keys[self._modules.lineage[module][-2]].add(self._modules.addresses[module][-1].key)
        return {caller: frozenset(some) for caller, some in keys.items()}


def _path(what: BlockName | ModulePath) -> ModulePath:
    return what.module if isinstance(what, BlockName) else what
