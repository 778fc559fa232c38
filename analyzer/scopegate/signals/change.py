"""One change as the predicates see it: values before and after, what is unknown, what is sensitive, where it stands.

A path is written with dots and leaves list indexes out (``rule.expiration.days``), as in the fact tables: it means
every value that stands there, in each of the repeated blocks.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from enum import Enum
from functools import cache, cached_property, lru_cache
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scopegate.facts.facts import Facts
from scopegate.graph.graph import DependencyGraph
from scopegate.place.placement import Placement
from scopegate.plan.actions import Action
from scopegate.plan.address import ConfigAddress, Mode, ModulePath, module_path
from scopegate.plan.configuration import Block
from scopegate.plan.model import Drift, Instance, Plan
from scopegate.signals.finding import Finding, Undecidable
from scopegate.signals.sight import WHOLE, Seen, Sight

_Found = TypeVar("_Found")

Path = tuple[str, ...]
"""The steps to a value, list indexes left out."""


class Event(Enum):
    """What a plan does with one object, in the words of the rule files."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    DEPOSED = "deposed"
    """What an interrupted replacement left behind is destroyed."""
    FORGET = "forget"
    IMPORT = "import"
    MOVE = "move"

    __hash__ = object.__hash__


_EVENT_OF: Mapping[Action, Event] = {
    Action.CREATE: Event.CREATE,
    Action.UPDATE: Event.UPDATE,
    Action.DELETE: Event.DESTROY,
    Action.DELETE_THEN_CREATE: Event.REPLACE,
    Action.CREATE_THEN_DELETE: Event.REPLACE,
    Action.FORGET: Event.FORGET,
    Action.CREATE_THEN_FORGET: Event.FORGET,
    Action.FORGET_THEN_CREATE: Event.FORGET,
}


class Reads(Struct, frozen=True):
    """The arguments that read ``new`` objects in a cloud, and those that read ``others``: helpers, and data sources.

    ``may_be_hidden``: a local may hide what some of them read.
    """

    new: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    may_be_hidden: bool = False


_READS_NOTHING: Final = Reads()


class Surroundings(Struct, frozen=True, dict=True):
    """The plan around a change; ``placements`` has one item an instance. Indexes are made when first asked for."""

    plan: Plan
    placements: Sequence[Placement]
    facts: Facts
    graph: DependencyGraph | None = None

    @cached_property
    def direct_not_new(self) -> Sequence[int]:
        """The positions of the direct instances that are not created."""
        instances = self.plan.instances
        return [position for position in self.plan.direct if instances[position].action is not Action.CREATE]

    def reads_of(self, position: int, block: Block | None) -> "Reads":
        """Return which arguments of an instance read what may be known only after apply, by what that is."""
        if self.graph is None or position >= self.graph.size:
            return _READS_NOTHING
        found: dict[bool, set[str]] = {True: set(), False: set()}
        for vertex, link in self.graph.linked(position, outward=False):
            if argument := self.graph.links[link].attribute.partition(".")[0]:
                for is_new in self._behind(vertex, self.graph):
                    found[is_new].add(argument)
        hidden = block is not None and str(block.address) in self._hidden_blocks
        return Reads(frozenset(found[True]), frozenset(found[False]), hidden)

    def _behind(self, vertex: int, graph: DependencyGraph) -> frozenset[bool]:
        """Return whether what is at ``vertex``, an instance or a hub, is a new object in a cloud; nothing if known."""
        known = self._kinds.get(vertex)
        if known is None:
            kinds: set[bool] = set()
            waiting, seen = [vertex], {vertex}
            while waiting:
                around = waiting.pop()
                if around < graph.size:
                    kinds.update(self._is_new(around))
                    continue
                ahead = {other for other, _ in graph.hops(around, outward=False)} - seen
                seen |= ahead
                waiting += ahead
            known = self._kinds[vertex] = frozenset(kinds)
        return known

    def _is_new(self, position: int) -> Iterator[bool]:
        instance = self.plan.instances[position]
        if not instance.only_in_prior_state and instance.action is not Action.NO_OP:
            yield instance.mode is Mode.MANAGED and self.placements[position].located

    @cached_property
    def _kinds(self) -> dict[int, frozenset[bool]]:
        return {}

    @cached_property
    def _hidden_blocks(self) -> frozenset[str]:
        """The blocks of which locals hide what they read."""
        return frozenset(hidden.block for hidden in self.graph.hidden) if self.graph else frozenset()

    @cached_property
    def data_sources(self) -> Mapping[ConfigAddress, Sequence[int]]:
        """The positions of the instances of each data source, in plan order."""
        found: dict[ConfigAddress, list[int]] = {}
        for position, instance in enumerate(self.plan.instances):
            if instance.mode is Mode.DATA:
                found.setdefault(block_address(instance), []).append(position)
        return found

    @cached_property
    def changed_blocks(self) -> Mapping[str, Sequence[Sequence[int]]]:
        """The current instances of each managed block of which at least two are direct and not all are new, by type."""
        if not self.direct_not_new:
            return {}
        direct = Counter(block for _, block in self._current(self.plan.direct))
        blocks = {block: list[int]() for _, block in self._current(self.direct_not_new) if direct[block] > 1}
        for position, block in self._current(self._of_types({block[1] for block in blocks})):
            if block in blocks:
                blocks[block].append(position)
        found: dict[str, list[Sequence[int]]] = {}
        for (_, resource_type, _), positions in blocks.items():
            found.setdefault(resource_type, []).append(positions)
        return found

    def _of_types(self, types: Set[str]) -> Iterable[int]:
        return (position for position, instance in enumerate(self.plan.instances) if instance.type in types)

    def _current(self, positions: Iterable[int]) -> Iterator[tuple[int, tuple[ModulePath, str, str]]]:
        """Yield those of ``positions`` whose instance is managed and not deposed, each with what tells its block."""
        for position in positions:
            instance = self.plan.instances[position]
            if instance.deposed is None and instance.mode is Mode.MANAGED:
                yield position, (self._path_of(instance), instance.type, instance.name)

    def _path_of(self, instance: Instance) -> ModulePath:
        path = self._paths.get(id(instance.module))  # the plan keeps its modules alive
        if path is None:
            path = self._paths[id(instance.module)] = module_path(instance.module)
        return path

    @cached_property
    def _paths(self) -> dict[int, ModulePath]:
        return {}

    @cached_property
    def left_alone(self) -> Mapping[str, int]:
        """How many managed instances that are somewhere the plan leaves alone, by type."""
        pairs = zip(self.plan.instances, self.placements, strict=True)
        return Counter(
            instance.type
            for instance, placement in pairs
            if instance.mode is Mode.MANAGED and not instance.is_direct and placement.located
        )

    def block_of(self, instance: Instance) -> Block | None:
        """Return the block of the configuration that an instance is made from; None where that is gone."""
        key = (id(instance.module), instance.mode, instance.type, instance.name)  # the plan keeps its modules alive
        if key not in self._blocks:
            address = ConfigAddress(self._path_of(instance), instance.mode, instance.type, instance.name)
            self._blocks[key] = self.plan.configuration.block_of(address)
        return self._blocks[key]

    def written(self, instance: Instance, *, unknown: bool) -> object:
        """Return what tells apart what rules may ask of the block of ``instance``: its provisioners run, or not.

        If values are ``unknown``, also how its arguments are written. Calls of one module share these.
        """
        if not unknown and instance.type not in self.types_with_provisioners:
            return None
        block = self.block_of(instance)
        return block and (block.provisioners, id(block.expressions))

    @cached_property
    def types_with_provisioners(self) -> frozenset[str]:
        """The types of the blocks that have provisioners."""
        return frozenset(block.address.type for block in self.plan.configuration.blocks.values() if block.provisioners)

    @cached_property
    def _blocks(self) -> dict[tuple[int, Mode, str, str], Block | None]:
        return {}

    @cached_property
    def left(self) -> dict[tuple[object, ...], frozenset[str]]:
        """Answers already given about what is left of a kind, so that each is worked out once for a plan."""
        return {}

    @cached_property
    def drift(self) -> Mapping[str, Drift]:
        """What was done outside of Terraform, by address."""
        return {item.address: item for item in self.plan.drift}


class Change(Struct, frozen=True, dict=True):
    """A direct instance with its values as far as the rules look at them; ``position`` is its place in the plan.

    ``touched`` are the arguments whose value differs or is known only after apply: most predicates look no further.
    """

    position: int
    instance: Instance
    events: frozenset[Event]
    before: Mapping[str, object]
    after: Mapping[str, object]
    unknown: object
    touched: frozenset[str]
    around: Surroundings

    @property
    def placement(self) -> Placement:
        """Where and whose it is."""
        return self.around.placements[self.position]

    @cached_property
    def block(self) -> Block | None:
        """The block of the configuration it is made from; None where that is gone."""
        return self.around.block_of(self.instance)

    @cached_property
    def memo(self) -> dict[object, Any]:
        """What several rules ask of this change, such as the statements of its policy, found out by the first."""
        return {}

    def look_further(self) -> None:
        """Note that an answer rests on more than what the rules look at, so that it is not given for other changes."""
        self.memo[_FURTHER] = True

    def once(self, key: Hashable, find: Callable[[], _Found]) -> _Found:
        """Return what ``find`` finds, which it looks for once."""
        if key not in self.memo:
            self.memo[key] = find()
        found: _Found = self.memo[key]
        return found

    @property
    def is_typical(self) -> bool:
        """Whether all answers hold for every change of which the rules see the same."""
        return _FURTHER not in self.memo

    @property
    def rests_on_reads(self) -> bool:
        """Whether an answer holds only for changes whose arguments read the same."""
        return _READS in self.memo

    def values_before(self, path: Path) -> list[object]:
        """Return the values at ``path`` in the object that exists now; nulls and empty strings are left out."""
        return leaves(self.before, path)

    def values_after(self, path: Path) -> list[object]:
        """Return the values at ``path`` as planned; those not known yet are left out too."""
        return leaves(self.after, path)

    def names_another(self, arguments: frozenset[str]) -> bool:
        """Whether one of ``arguments``, which say whose this is, names another than before, as far as is known."""
        named = ((self.before.get(name), self.after.get(name)) for name in arguments & self.touched)
        return any(before is not None and after is not None and before != after for before, after in named)

    def is_unknown(self, path: Path) -> bool:
        """Whether something at ``path`` is known only after apply, and is not left to the provider.

        A new role's ``inline_policy`` is unknown although nobody writes one: the provider computes what it reads back.
        """
        known: bool | None = self.memo.get(path)
        if known is None:
            known = self.memo[path] = self._is_unknown(path)
        return known

    def _is_unknown(self, path: Path) -> bool:
        return holds_true(self.unknown, path) and not self.is_left_to_provider(path)

    def is_left_to_provider(self, path: Path) -> bool:
        """Whether nobody writes the argument at ``path`` and the provider computes it anew: it was not taken away.

        A security group whose rules are resources of their own reads them back as ``ingress``; where it is replaced,
        that is unknown.
        """
        whole = isinstance(self.unknown, dict) and self.unknown.get(path[0]) is True
        return whole and self._is_left_out(path[0])

    def _is_left_out(self, argument: str) -> bool:
        return self._arguments is not None and argument not in self._arguments

    @cached_property
    def _arguments(self) -> frozenset[str] | None:
        return frozenset(expression.path[0] for expression in self.block.expressions) if self.block else None

    def is_left_out_of_a_block(self, path: Path) -> bool:
        """Whether what is unknown at ``path`` is something in a written block that nobody is seen to write there.

        Mostly it is left to the provider; what a ``dynamic`` block in it holds is not told.
        """
        if self._arguments is None or path[0] not in self._arguments:
            return False
        depths = set(depths_of_truth(self.unknown, path))
        return bool(depths) and not any(self._is_written(path[:depth]) for depth in depths)

    def _is_written(self, path: Path) -> bool:
        expressions = self.block.expressions if self.block else ()
        return any(all(map(str.__eq__, expression.path, path)) for expression in expressions)

    def is_choice_unknown(self, path: Path) -> bool:
        """Whether the value at ``path`` itself, or that of the block around it, is known only after apply."""
        return self.is_unknown(path) and any(depth <= len(path) for depth in depths_of_truth(self.unknown, path))

    def is_of_new(self, path: Path) -> bool:
        """Whether the argument at ``path`` reads objects that the plan makes or changes in a cloud, and nothing else.

        Then it is known only after apply as it is the name that the cloud gives them. What comes by way of a helper
        (``terraform_data``, ``random_shuffle``) or of a data source can be anything that the author has put there. What
        comes by way of a local is not seen: popular modules keep the identifiers of new objects in locals. In a plan
        without a configuration nothing is seen, and what others leave to the provider is unknown there, too.
        """
        if not self.around.plan.configuration.present:
            return True
        reads = self.once(_READS, lambda: self.around.reads_of(self.position, self.block))
        return path[0] not in reads.others and (path[0] in reads.new or reads.may_be_hidden)

    def is_sensitive(self, path: Path) -> bool:
        """Whether something at ``path`` is marked sensitive, before or after."""
        if not is_marked(self.instance):
            return False
        self.look_further()
        marks = (
            msgspec.json.decode(self.instance.before_sensitive),
            msgspec.json.decode(self.instance.after_sensitive),
        )
        return any(holds_true(mark, path) for mark in marks)


_FURTHER: Final = "further"
_READS: Final = "reads"


def explained(change: Change, finding: Finding) -> Finding:
    """Return a finding, noting where what is not known is of new objects and no choice of the author."""
    if not isinstance(finding, Undecidable):
        return finding
    path = steps(finding.what)
    explains = change.is_left_out_of_a_block(path) or (not finding.is_choice and change.is_of_new(path))
    return replace(finding, of_new=True) if explains else finding


def change_at(position: int, around: Surroundings, sight: Sight = WHOLE) -> Change:
    """Return the instance at ``position`` with those of its values decoded that ``sight`` sees."""
    return change_seen(position, around, sight, seen_of(around.plan.instances[position], sight))


def seen_of(instance: Instance, sight: Sight) -> tuple[Seen, Seen, Seen]:
    """Return what ``sight`` sees of an instance as it is, as planned, and of what is known only after apply."""
    return sight.of(instance.before), sight.of(instance.after), sight.of(instance.after_unknown)


def change_seen(position: int, around: Surroundings, sight: Sight, seen: Iterable[Seen]) -> Change:
    """Return the instance at ``position`` of which this is ``seen``."""
    instance = around.plan.instances[position]
    before, after, unknown = map(sight.value, seen)
    was, planned = _as_values(before), _as_values(after)
    return Change(
        position=position,
        instance=instance,
        events=events_of(instance),
        before=was,
        after=planned,
        unknown=unknown,
        touched=_touched(was, planned, unknown, sight.names or was),
        around=around,
    )


def _as_values(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _touched(
    before: Mapping[str, object], after: Mapping[str, object], unknown: object, names: Iterable[str]
) -> frozenset[str]:
    """Return the arguments that are touched: all of ``names`` where nothing at all is known of the object."""
    was = before.get
    changed = {name for name, value in after.items() if was(name) != value}
    removed = [name for name, value in before.items() if name not in after and value is not None]
    marked: Iterable[str] = unknown if isinstance(unknown, dict) else names if unknown is True else ()
    return frozenset(changed.union(removed, marked))


def block_address(instance: Instance) -> ConfigAddress:
    """Return the address of the block that ``instance`` is made from."""
    return ConfigAddress(module_path(instance.module), instance.mode, instance.type, instance.name)


def events_of(instance: Instance) -> frozenset[Event]:
    """Return what the plan does with ``instance``; empty for what it leaves alone."""
    moved = instance.previous_address is not None
    return _events(instance.action, bool(instance.deposed), importing=instance.importing, moved=moved)


@cache
def _events(action: Action, deposed: bool, *, importing: bool, moved: bool) -> frozenset[Event]:
    event = _EVENT_OF.get(action)
    own = Event.DEPOSED if deposed and event is Event.DESTROY else event
    found = (own, Event.IMPORT if importing else None, Event.MOVE if moved else None)
    return frozenset(event for event in found if event is not None)


@lru_cache(maxsize=4096)
def steps(path: str) -> Path:
    """Return the steps of a dotted path."""
    return tuple(path.split("."))


def leaves(value: object, path: Path) -> list[object]:
    """Return every value at ``path`` below ``value``: lists are walked through, nulls and empty strings left out.

    Providers read an argument that is not set back as either. JSON in a string is walked into like any other value;
    ``*`` stands for every key of a map.
    """
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item, path)]
    if value is None or value == "":
        return []
    if not path:
        return [value]
    if isinstance(value, str):
        return leaves(json_in(value), path)
    if not isinstance(value, dict):
        return []
    if path[0] == "*":
        return [leaf for item in value.values() for leaf in leaves(item, path[1:])]
    return leaves(value.get(path[0]), path[1:])


def json_in(text: str) -> object:
    """Return the JSON object or list that ``text`` holds; None where it holds none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def is_marked(instance: Instance) -> bool:
    """Return whether anything in an object is marked sensitive, before or after."""
    return b"true" in bytes(instance.before_sensitive) or b"true" in bytes(instance.after_sensitive)


def depths_of_truth(marks: object, path: Path, depth: int = 0) -> Iterator[int]:
    """Yield after how many steps of ``path`` something in ``marks`` is true; one more than all of them for below it."""
    if marks is True:
        yield depth
    elif isinstance(marks, list):
        for item in marks:
            yield from depths_of_truth(item, path, depth)
    elif isinstance(marks, dict) and depth < len(path):
        yield from depths_of_truth(marks.get(path[depth]), path, depth + 1)
    elif isinstance(marks, dict) and holds_true(marks, ()):
        yield len(path) + 1


def holds_true(marks: object, path: Path) -> bool:
    """Return whether ``marks`` (an unknown or sensitive section) is true at, above or below ``path``."""
    if isinstance(marks, bool):
        return marks
    if isinstance(marks, list):
        return any(holds_true(item, path) for item in marks)
    if not isinstance(marks, dict):
        return False
    if path:
        return holds_true(marks.get(path[0]), path[1:])
    return any(holds_true(item, ()) for item in marks.values())
