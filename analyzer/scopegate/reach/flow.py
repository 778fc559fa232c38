"""How a change flows from one instance to the next.

Three things flow. **Values**: an attribute changes, whoever reads it has an argument that changes, and that argument
changes attributes of its own. **Ground**: an object is destroyed, replaced or forgotten, and whoever stands on it loses
it. **Content**: a carrier (a security group, a role, a route table) is read at run time by whoever holds a reference to
it, so a change inside it reaches its holders although no attribute of theirs changes; and a satellite (a rule, an
attachment, a route) is a part of its parent, so its change is a change of the parent's content.

A resource on the way that the plan changes too does not stop the flow: otherwise one change more could make the reach
smaller. Each news is passed over each edge once: linear in the edges, times the attribute paths that really differ.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import Final, Protocol, assert_never

from msgspec import Struct
from msgspec.structs import replace

from scopegate.facts.model import Satellite
from scopegate.graph.edges import Edge, EdgeKind, Link, Match
from scopegate.graph.graph import NO_LINK, DependencyGraph
from scopegate.plan.actions import Action
from scopegate.plan.address import Mode
from scopegate.plan.model import Instance
from scopegate.reach.audience import audience_of
from scopegate.reach.changes import WHOLE, Path, changed_paths, overlaps, path_read


class News(Struct, frozen=True):
    """What is known to change at one instance, or the part of it that was not passed on yet.

    ``paths`` are attribute paths; ``ground`` says that the object itself is taken away; ``content`` that what it holds
    for its readers changes; ``part`` that it changes as a part of its parent.
    """

    paths: frozenset[Path] = frozenset()
    ground: bool = False
    content: bool = False
    part: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything to pass on."""
        return bool(self.paths) or self.ground or self.content or self.part

    def __or__(self, other: "News") -> "News":
        """Return both together."""
        return News(
            self.paths | other.paths,
            self.ground or other.ground,
            self.content or other.content,
            self.part or other.part,
        )

    def __sub__(self, other: "News") -> "News":
        """Return what is not in ``other`` yet; where the whole object was news, no single path is."""
        paths = frozenset() if WHOLE in other.paths else self.paths - other.paths
        return News(
            paths,
            self.ground and not other.ground,
            self.content and not other.content,
            self.part and not other.part,
        )


NO_NEWS = News()


class Step(Struct, frozen=True):
    """How an instance came to be affected: the edge, its cause on the ``dependency`` side, and the reason in words."""

    edge: Edge
    why: str


class FlowFacts(Protocol):
    """What the flow asks of the fact tables; ``facts.Facts`` answers."""

    def inert(self, type: str) -> frozenset[str]:  # noqa: A002
        """Return the attributes of a type that carry nothing: tags, labels, descriptions, timeouts."""
        ...

    def mentions(self, type: str) -> frozenset[str]:  # noqa: A002
        """Return the arguments of a type that name others without reading their content: the documents of policies."""
        ...

    def is_carrier(self, type: str) -> bool:  # noqa: A002
        """Return whether holders of a reference to an instance read its content at run time."""
        ...

    def satellite(self, type: str) -> Satellite | None:  # noqa: A002
        """Return what a type is a part of, None where it is an object of its own."""
        ...

    def force_new(self, type: str) -> frozenset[Path] | None:  # noqa: A002
        """Return the paths of the arguments whose change replaces an instance, None where that is not known."""
        ...

    def recomputed(self, type: str) -> frozenset[str]:  # noqa: A002
        """Return the attributes that an update in place may compute anew."""
        ...


NO_CHANGES: Final[Mapping[int, frozenset[Path]]] = {}


def flow(
    instances: Sequence[Instance],
    graph: DependencyGraph,
    facts: FlowFacts,
    elsewhere: Mapping[int, frozenset[Path]] = NO_CHANGES,
) -> dict[int, Step]:
    """Return the step by which each instance that is no change itself is first affected, data sources included.

    ``elsewhere`` is what changes of a data source because what it reads is changed elsewhere, by position.
    """
    return _Flow(instances, graph, facts).run(elsewhere)


class _Flow:
    """One run over one graph; its tables grow while the news spread."""

    def __init__(self, instances: Sequence[Instance], graph: DependencyGraph, facts: FlowFacts) -> None:
        self.instances = instances
        self.graph = graph
        self.facts = facts
        self.known: dict[int, News] = {}
        self.passed: dict[tuple[object, ...], News] = {}
        """What a hub has passed on, by hub, direction, kind of cause and what the link says."""
        self.waiting: dict[int, News] = {}
        self.queue: deque[int] = deque()
        self.steps: dict[int, Step] = {}
        self.direct = [position for position, instance in enumerate(instances[: graph.size]) if instance.is_direct]
        edges = [
            (position, *hop)
            for position, instance in enumerate(instances[: graph.size])
            if instance.mode is Mode.DATA
            for hop in graph.linked(position, outward=False)
        ]
        self.for_modules = [edge for edge in edges if _is_for_module(graph.links[edge[2]])]
        """The edges by which data sources depend on all that a module depends on."""
        self.named = _named_by_data(instances, graph, edges)
        self.heard = self.find_audience()

    def find_audience(self) -> bytearray:
        """Return whose news have to be passed on, as they come to somebody that is no change itself."""
        waited_for = (
            position
            for position, instance in enumerate(self.instances[: self.graph.size] if self.named else ())
            if instance.key is not None and _block(instance) in self.named
        )
        return audience_of(
            self.instances, self.graph, self.direct, waited_for, lambda kind: self.facts.satellite(kind) is not None
        )

    def run(self, elsewhere: Mapping[int, frozenset[Path]]) -> dict[int, Step]:
        heard = [position for position in self.direct if self.heard[position]]
        for position in heard:
            self.learn(position, self.planned_news(self.instances[position]))
        self.let_wait_for_modules([position for position in heard if self.known.get(position, NO_NEWS).paths])
        for position, paths in elsewhere.items():
            self.learn(position, News(paths))
        while self.queue:
            position = self.queue.popleft()
            news = self.waiting.pop(position)
            self.spread(position, news, position, down=True)
            if news.part and self.facts.satellite(self.instances[position].type):
                self.spread(position, News(part=True), position, down=False)
        return self.steps

    def planned_news(self, instance: Instance) -> News:
        """Return what the plan itself says of a change."""
        paths = changed_paths(instance)
        telling = self.tells(instance, paths)
        return News(
            paths=paths,
            ground=instance.action.takes_the_ground,
            # Who holds a new object is new itself or changed by the plan; who held a lost one stands on it.
            content=telling and instance.action is Action.UPDATE,
            part=telling,
        )

    def tells(self, instance: Instance, paths: Iterable[Path]) -> bool:
        """Return whether one of ``paths`` is more than a tag, a description or a timeout."""
        inert = self.facts.inert(instance.type)
        return any(path == WHOLE or path[0] not in inert for path in paths)

    def learn(self, position: int, news: News) -> None:
        known = self.known.get(position, NO_NEWS)
        fresh = news - known
        if fresh:
            self.known[position] = known | fresh
            if position not in self.waiting:
                self.queue.append(position)
            self.waiting[position] = self.waiting.get(position, NO_NEWS) | fresh
            if fresh.paths and not known.paths and self.named and self.instances[position].key is not None:
                self.let_wait_for_block(position)

    def let_wait_for_block(self, changed: int) -> None:
        """Let data sources that name another instance of the block of ``changed`` wait for it all the same.

        An edge from all instances of the block goes through a hub and is followed anyhow. Once they wait for one
        instance of it, they need not for another.
        """
        for data, link in self.named.pop(_block(self.instances[changed]), ()):
            self.wait(Edge(data, changed, self.graph.links[link]))

    def let_wait_for_modules(self, changed: Sequence[int]) -> None:
        """Let data sources that ``depends_on`` a module wait for all that anything in it depends on.

        ``hashicorp/terraform internal/terraform/transform_reference.go``, dependsOn: of a module, all ancestors.
        """
        search = self.graph.search_dependents(changed) if self.for_modules else None
        for data, other, link in self.for_modules:
            if search and search.parent[other] >= 0:
                while other >= self.graph.size:
                    other = search.parent[other]
                self.wait(Edge(data, other, self.graph.links[link]))

    def wait(self, edge: Edge) -> None:
        """Let a data source learn that it is read only once ``edge.dependency`` is applied: all of it is unknown."""
        self.affect(edge, f"is read after {self.instances[edge.dependency].full_address}, which changes")
        self.learn(edge.dependent, News(paths=frozenset({WHOLE})))

    def spread(self, vertex: int, news: News, source: int, *, down: bool, met: int = NO_LINK) -> None:
        """Pass ``news`` of ``source`` over every edge of ``vertex``.

        A hub passes each news on once for links that say the same, as those to all outputs of a module that is read as
        a whole may do, and for each kind of cause: an instance that is created tells who reads all of its block
        nothing, and the news of another instance are not to be taken for known by that.
        """
        tell = self.tell_dependent if down else self.tell_parent
        cause = self.instances[source]
        kind = (cause.mode, cause.type, cause.action)
        for other, link in self.graph.hops(vertex, met, outward=down):
            if not self.heard[other]:
                continue
            if other < self.graph.size:
                tell(source, other, self.graph.links[link], news)
                continue
            telling = (other, down, kind, None if link == NO_LINK else _said(self.graph.links[link]))
            passed = self.passed.get(telling, NO_NEWS)
            fresh = news - passed
            if fresh:
                self.passed[telling] = passed | fresh
                self.spread(other, fresh, source, down=down, met=link)

    def tell_dependent(self, source: int, other: int, link: Link, news: News) -> None:
        """Let ``other``, which depends on ``source`` by ``link``, learn what the news mean for it."""
        cause, dependent = self.instances[source], self.instances[other]
        edge = Edge(other, source, link)
        if news.ground and stands(link):
            self.affect(edge, f"stands on {cause.full_address}, which is {fate(cause.action)}")
            if dependent.mode is Mode.DATA:
                self.learn(other, News(ground=True))
        if news.paths and waits(dependent, link) and cause.mode is Mode.MANAGED:
            self.wait(edge)
        elif self.reads(cause, dependent, link, news.paths):
            self.affect(edge, f"reads {link.reads or 'the whole'} of {cause.full_address}, which changes")
            self.learn(other, self.consequences(dependent, link))
        if news.content and self.holds(cause, dependent, link):
            self.affect(edge, f"uses {cause.full_address}, whose content changes")
            self.learn(other, News(content=True, part=True))

    def tell_parent(self, source: int, other: int, link: Link, news: News) -> None:
        """Let ``other``, if ``source`` is a part of it, learn that its content changes."""
        part, parent = self.instances[source], self.instances[other]
        satellite = self.facts.satellite(part.type)
        if satellite is None or parent.action is Action.CREATE:
            return
        if news.part and satellite.belongs_to(link.attribute, parent.type):
            # The block may be gone from the configuration, and the prior state does not say by which argument.
            argument = link.attribute or satellite.argument_naming(parent.type)
            edge = Edge(other, source, replace(link, kind=EdgeKind.SATELLITE, attribute=argument))
            self.affect(edge, f"has {part.full_address} as a part, which {_happens_to(part)}")
            noticed = satellite.is_noticed_through(link.attribute, parent.type)
            self.learn(other, News(content=noticed, part=noticed))

    def reads(self, cause: Instance, dependent: Instance, link: Link, paths: frozenset[Path]) -> bool:
        """Return whether something that ``dependent`` reads of ``cause`` is among the changed ``paths``."""
        if cause.action is Action.CREATE and link.match is Match.ALL and not dependent.only_in_prior_state:
            # Of all instances of a block, the new one is not the one that a resource left unchanged reads.
            return False
        match link.kind:
            case EdgeKind.REFERENCE | EdgeKind.REPETITION | EdgeKind.PROVIDER | EdgeKind.VALUE:
                read = path_read(link.reads)
                return overlaps(read, paths) and (read != WHOLE or self.tells(cause, paths))
            case EdgeKind.DEPENDS_ON | EdgeKind.STATE | EdgeKind.SATELLITE:
                # It says who depends, not on which attribute: only the loss of the whole object is certain.
                return False
            case _:
                assert_never(link.kind)

    def consequences(self, dependent: Instance, link: Link) -> News:
        """Return what changes about ``dependent`` when the argument behind ``link`` does."""
        if dependent.mode is Mode.DATA:
            return News(paths=frozenset({WHOLE}))
        if link.kind is EdgeKind.PROVIDER:
            return NO_NEWS
        argument = path_read(link.attribute)
        force_new = self.facts.force_new(dependent.type)
        if link.kind is EdgeKind.REPETITION or not argument or force_new is None or overlaps(argument, force_new):
            return News(frozenset({WHOLE}), content=True, part=True)
        telling = self.tells(dependent, (argument,))
        anew = {(name,) for name in self.facts.recomputed(dependent.type)}
        return News(frozenset({argument, *anew}), content=telling, part=telling)

    def holds(self, cause: Instance, dependent: Instance, link: Link) -> bool:
        """Return whether ``dependent`` reads the content of ``cause`` at run time."""
        if link.kind not in (EdgeKind.REFERENCE, EdgeKind.VALUE) or not self.facts.is_carrier(cause.type):
            return False
        if dependent.mode is Mode.DATA:
            return dependent.type == cause.type
        argument = path_read(link.attribute)[:1]
        if self.facts.inert(dependent.type).union(self.facts.mentions(dependent.type)).intersection(argument):
            return False
        satellite = self.facts.satellite(dependent.type)
        return satellite is None or not satellite.bears.isdisjoint(argument)

    def affect(self, edge: Edge, why: str) -> None:
        if not self.instances[edge.dependent].is_direct:
            self.steps.setdefault(edge.dependent, Step(edge, why))


def _said(link: Link) -> tuple[object, ...]:
    """Return all that decides what news over ``link`` mean: not on which way it was found, but whether on one."""
    return link.kind, link.attribute, link.reads, link.match, bool(link.via)


def stands(link: Link) -> bool:
    """Return whether who depends by ``link`` loses something when the dependency is lost.

    Not so where an expression that may read any output of a module waits for all of it: what it reads has own links.
    """
    return link.kind is not EdgeKind.DEPENDS_ON or not link.attribute


def waits(dependent: Instance, link: Link) -> bool:
    """Return whether Terraform reads ``dependent`` only after all pending changes of what ``link`` leads to.

    So it does for data sources: for what they ``depends_on``, and for the managed resources that they name themselves,
    even where what they read of these does not change. Through a variable, an output or a local they do not wait
    (hashicorp/terraform, internal/terraform/transform_reference.go, dependsOn; node_resource_abstract_instance.go,
    dependenciesHavePendingChanges: it asks for all instances of a block).
    """
    if dependent.mode is not Mode.DATA:
        return False
    named = link.kind in (EdgeKind.REFERENCE, EdgeKind.REPETITION) and not link.via
    return named or (link.kind is EdgeKind.DEPENDS_ON and not link.attribute)


def _named_by_data(
    instances: Sequence[Instance], graph: DependencyGraph, edges: Iterable[tuple[int, int, int]]
) -> dict[tuple[object, ...], list[tuple[int, int]]]:
    """Return the data sources that name and wait for an instance, with the link by which they do, by its block.

    ``edges`` are the data source, what it depends on, and the position of the link.
    """
    named: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    blocks_behind = cache(partial(_blocks_behind, instances, graph))
    for data, other, link in sorted(edges, key=itemgetter(1)):
        if waits(instances[data], graph.links[link]):
            for block in blocks_behind(other):
                named.setdefault(block, []).append((data, link))
    return named


def _blocks_behind(
    instances: Sequence[Instance], graph: DependencyGraph, vertex: int
) -> tuple[tuple[object, ...], ...]:
    """Return the block of an instance, or the blocks of those that a hub gathers."""
    found: dict[tuple[object, ...], None] = {}
    waiting = [vertex]
    while waiting:
        behind = waiting.pop()
        if behind < graph.size:
            found[_block(instances[behind])] = None
        else:
            waiting += graph.dependencies[behind][::2]
    return tuple(found)


def _is_for_module(link: Link) -> bool:
    return link.kind is EdgeKind.DEPENDS_ON and not link.attribute and link.reference.startswith("module.")


def _block(instance: Instance) -> tuple[object, ...]:
    return (instance.stack, instance.module, instance.mode, instance.type, instance.name)


def fate(action: Action) -> str:
    """Return what becomes of the ground that ``action`` takes away, as a participle."""
    match action:
        case Action.DELETE:
            return "destroyed"
        case Action.DELETE_THEN_CREATE | Action.CREATE_THEN_DELETE:
            return "replaced"
        case Action.FORGET | Action.CREATE_THEN_FORGET | Action.FORGET_THEN_CREATE:
            return "forgotten"
        case Action.NO_OP | Action.READ | Action.OPEN | Action.CREATE | Action.UPDATE | Action.INVOKE:
            return "taken away"
        case _:
            assert_never(action)


def _happens_to(part: Instance) -> str:
    if part.action is Action.CREATE:
        return "is created"
    if part.action.takes_the_ground:
        return f"is {fate(part.action)}"
    return "changes"
