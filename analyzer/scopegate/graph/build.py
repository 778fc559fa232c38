"""From a plan to its dependency graph.

The steps: lay out the instances; resolve the arguments of each block once and draw its edges; let all that is in a
module depend on what its call repeats over and waits for; add what the prior state recorded and the configuration does
not show; name the blocks whose edges may still be incomplete. Linear in instances + edges between blocks × module
instances.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from scopegate.graph.edges import EdgeKind, HiddenEdges
from scopegate.graph.elsewhere import Identifiers, identifiers_of
from scopegate.graph.graph import DependencyGraph
from scopegate.graph.layout import BlockInstances, Layout, configured_blocks, lay_out
from scopegate.graph.recorded import Records, draw_recorded, is_recorded
from scopegate.graph.resolve import Resolved, Resolver, Scope, block_scope, waits_for
from scopegate.graph.strings import Strings, Written
from scopegate.graph.target import ANY, RESOURCE, BlockName, Target, around, bind, seen_from_child, through, unread
from scopegate.graph.values import draw_values
from scopegate.graph.wiring import Dependents, Group, Label, Wiring
from scopegate.graph.written import unplanned_arguments
from scopegate.plan.address import ModulePath
from scopegate.plan.configuration import ABSENT, Block, Configuration, Expression, ProviderConfig
from scopegate.plan.model import Plan
from scopegate.source.model import Sources


class _Argument(NamedTuple):
    kind: EdgeKind
    attribute: str
    resolved: Resolved
    references: tuple[str, ...] = ()

    @property
    def is_plain_read(self) -> bool:
        """Whether its value is that of a managed resource and nothing else."""
        reads = (isinstance(target.what, BlockName) and target.what.is_managed for target in self.resolved.targets)
        return len(self.references) == 1 and not self.resolved.locals and any(reads)


class _Resolution(NamedTuple):
    """What the configuration says: the arguments of each block that has instances, and the calls of each module."""

    arguments: Mapping[BlockName, Sequence[_Argument]]
    calls: Mapping[ModulePath, Resolved]

    def needs_of(self, name: BlockName) -> set[BlockName | ModulePath]:
        """Return what a block depends on directly; a module path stands for all that is in the module."""
        direct = {target.what for argument in self.arguments.get(name, ()) for target in argument.resolved.targets}
        outer = (self.calls[path].targets for path in around(name.module) if path in self.calls)
        return direct.union(target.what for targets in outer for target in targets)

    def locals_of(self, name: BlockName) -> frozenset[str]:
        """Return the locals that stand between a block and what it depends on."""
        direct = (argument.resolved.locals for argument in self.arguments.get(name, ()))
        outer = (self.calls[path].locals for path in around(name.module) if path in self.calls)
        return frozenset[str]().union(*direct, *outer)


class Drawn(NamedTuple):
    """The graph of a plan, and what its edges to other plans are drawn by.

    ``outputs`` are hubs that depend on what each output of the root module reads, where they were asked for. Then the
    ``identifiers`` are there too: the only plan of a change needs neither.
    """

    graph: DependencyGraph
    outputs: Mapping[str, int]
    identifiers: Identifiers | None


def build_graph(plan: Plan, sources: Sources | None = None) -> DependencyGraph:
    """Return who depends on whom among ``Plan.instances``.

    With ``sources``, what plan JSON leaves out (locals, dynamic blocks, conditions, ``replace_triggered_by``) is found
    in the files that the plan was made from.

    Raises:
        PlanError: the configuration refers to itself in a circle.
    """
    return draw_graph(plan, sources).graph


def draw_graph(plan: Plan, sources: Sources | None = None, *, outputs: bool = False) -> Drawn:
    """Return the graph of ``build_graph``, with what draws edges to other plans; ``outputs`` asks for hubs of these.

    Raises:
        PlanError: the configuration refers to itself in a circle.
    """
    layout = lay_out(plan)
    configured = configured_blocks(plan.configuration)
    absent = {name: block for name, block in configured.items() if not layout.is_everywhere(name)}
    uncalled = {path for path in plan.configuration.modules if path and not layout.is_called_everywhere(path)}
    resolver = Resolver(plan.configuration, absent, uncalled, sources)
    resolution = _Resolution(
        arguments={
            name: [
                *_arguments(resolver, plan.configuration, configured[name]),
                *_unplanned_arguments(resolver, sources, name, configured[name]),
            ]
            for name in layout.blocks
            if name in configured
        },
        calls={path: resolver.call(path) for path in plan.configuration.modules if path},
    )
    wiring = Wiring(layout)
    dependents = {name: wiring.dependents(block) for name, block in layout.blocks.items()}
    _draw_arguments(wiring, resolution, dependents)
    hubs = _draw_outputs(wiring, layout, resolver, plan.configuration) if outputs else {}
    called = _draw_calls(wiring, layout, resolution, dependents)
    _draw_contents(wiring, layout, resolver, absent, called)
    records = Records(plan, layout, cache(resolution.needs_of))
    draw_recorded(records, wiring, dependents)
    unreferenced = _Expressions()
    written = {name: _written(configured[name], listed, unreferenced) for name, listed in resolution.arguments.items()}
    strings = Strings(plan.instances, layout, written)
    draw_values(strings, records, wiring)
    graph = wiring.graph()
    hidden = tuple(_hidden(plan, layout, graph, resolution))
    return Drawn(replace(graph, hidden=hidden), hubs, identifiers_of(strings, records) if outputs else None)


def _draw_outputs(
    wiring: Wiring, layout: Layout, resolver: Resolver, configuration: Configuration
) -> Mapping[str, int]:
    """Let a hub for each output of the root module depend on what it reads; return them by name."""
    hubs: dict[str, int] = {}
    (root,) = layout.modules.by_path[()]
    for name, expressions in configuration.modules[()].outputs.items():
        hubs[name] = wiring.hub()
        output = Dependents((), [Group(root, [hubs[name]])])
        for expression in expressions:
            for target in resolver.argument(Scope(()), expression).targets:
                wiring.draw(output, target, _label(EdgeKind.REFERENCE, name, target))
    return hubs


def _arguments(resolver: Resolver, configuration: Configuration, block: Block) -> Iterator[_Argument]:
    scope = block_scope(block)
    for expression in (*block.expressions, *block.provisioner_expressions):
        if expression.references:
            path = expression.path
            attribute = path[0] if len(path) == 1 else ".".join(path)
            resolved = resolver.argument(scope, expression)
            yield _Argument(EdgeKind.REFERENCE, attribute, resolved, expression.references)
    if block.repetition:
        repetition = resolver.repetition(scope, block.repetition)
        yield _Argument(EdgeKind.REPETITION, block.repetition.path[0], repetition)
    if block.depends_on:
        yield _Argument(EdgeKind.DEPENDS_ON, "", resolver.argument(scope, waits_for(block.depends_on)))
    provider = _provider(configuration, block.provider_config_key)
    if provider and block.address.module[: len(provider.module)] == provider.module:
        yield from _provider_arguments(resolver, provider, block.address.module)


def _written(block: Block, arguments: Sequence[_Argument], unreferenced: "_Expressions") -> Written:
    """Return the arguments of a block that may hold what no reference tells."""
    computed = [
        argument for argument in arguments if argument.kind is EdgeKind.REFERENCE and not argument.is_plain_read
    ]
    names, constants = unreferenced(block.expressions)
    return Written(names.union(argument.attribute.partition(".")[0] for argument in computed), constants)


_Unreferenced = tuple[frozenset[str], tuple[tuple[str, object], ...]]


class _Expressions(dict[int, _Unreferenced]):
    """Tells the arguments without a reference, functions of constants and constants; once for all calls of a module."""

    def __call__(self, expressions: tuple[Expression, ...]) -> _Unreferenced:
        found = self.get(id(expressions))  # the configuration keeps them alive
        if found is None:
            plain = [expression for expression in expressions if not expression.references]
            # A function of constants, such as jsonencode, has none itself.
            names = frozenset(expression.path[0] for expression in plain if expression.constant is ABSENT)
            constants = ((expression.path[0], expression.constant) for expression in plain)
            found = names, tuple(constant for constant in constants if constant[1] is not ABSENT)
            self[id(expressions)] = found
        return found


def _unplanned_arguments(
    resolver: Resolver, sources: Sources | None, name: BlockName, block: Block
) -> Iterator[_Argument]:
    for kind, expression in unplanned_arguments(sources, name):
        resolved = resolver.argument(block_scope(block), expression)
        targets = resolved.targets if kind is EdgeKind.REFERENCE else tuple(map(unread, resolved.targets))
        yield _Argument(kind, ".".join(expression.path), Resolved(targets, resolved.locals), expression.references)


def _provider(configuration: Configuration, key: str) -> ProviderConfig | None:
    """Return the provider configuration of a key; before Terraform 1.2 a child's names no entry: then the root's."""
    return configuration.providers.get(key) or configuration.providers.get(key.rpartition(":")[2])


def _provider_arguments(resolver: Resolver, provider: ProviderConfig, user: ModulePath) -> Iterator[_Argument]:
    for expression in provider.expressions:
        if expression.references:
            resolved = resolver.argument(Scope(provider.module), expression)
            targets = tuple(_from_provider(target, provider, user) for target in resolved.targets)
            yield _Argument(EdgeKind.PROVIDER, ".".join(expression.path), Resolved(targets, resolved.locals))


def _from_provider(target: Target, provider: ProviderConfig, user: ModulePath) -> Target:
    for _ in user[len(provider.module) :]:
        target = seen_from_child(target)
    return through(target, f"provider {provider.key}")


def _label(kind: EdgeKind, attribute: str, target: Target) -> Label:
    return Label(target.kind or kind, attribute, target.reference, target.reads, target.via)


def _draw_arguments(wiring: Wiring, resolution: _Resolution, dependents: Mapping[BlockName, Dependents]) -> None:
    for name, arguments in resolution.arguments.items():
        for argument in arguments:
            for target in argument.resolved.targets:
                wiring.draw(dependents[name], target, _label(argument.kind, argument.attribute, target))


def _draw_calls(
    wiring: Wiring, layout: Layout, resolution: _Resolution, dependents: Mapping[BlockName, Dependents]
) -> Mapping[int, int]:
    """Let all that is in a module depend on what its call depends on; return the hub of each such module instance."""
    hubs = _call_hubs(wiring, layout, resolution)
    for path, resolved in resolution.calls.items():
        numbers = layout.modules.by_path.get(path, ())
        inside = Dependents(path, [Group(number, [hubs[number]]) for number in numbers if number in hubs])
        for target in resolved.targets:
            wiring.draw(inside, target, _label(EdgeKind.REPETITION, "", target))
    for block in dependents.values():
        for group in block.groups:
            if group.module in hubs:
                wiring.edge(wiring.vertex(group), hubs[group.module])
    return hubs


def _call_hubs(wiring: Wiring, layout: Layout, resolution: _Resolution) -> dict[int, int]:
    paths = [path for path, resolved in resolution.calls.items() if resolved.targets]
    depending = {number for path in paths for number in layout.modules.by_path.get(path, ())}
    hubs: dict[int, int] = {}
    for number, lineage in enumerate(layout.modules.lineage):
        outer = hubs.get(lineage[-2]) if len(lineage) > 1 else None
        if outer is not None or number in depending:
            hubs[number] = wiring.hub()
        if outer is not None:
            wiring.edge(hubs[number], outer)
    return hubs


def _draw_contents(
    wiring: Wiring,
    layout: Layout,
    resolver: Resolver,
    absent: Mapping[BlockName, Block],
    called: Mapping[int, int],
) -> None:
    """Let the hubs for everything in a module gather what an empty module waits for and what absent blocks pass on."""
    absent_in: defaultdict[ModulePath, list[BlockName]] = defaultdict(list)
    for name in absent:
        absent_in[name.module].append(name)
    occupied = {outer for number in layout.blocks_in for outer in layout.modules.lineage[number]}
    done: set[int] = set()
    while waiting := wiring.contents.keys() - done:  # what is passed on may ask for more of them
        for number in sorted(waiting):
            hub = wiring.contents[number]
            if number in called and number not in occupied:
                wiring.edge(hub, called[number])
            path = layout.modules.paths[number]
            for name in absent_in[path]:
                for target in resolver.absent(name).targets:
                    wiring.draw(Dependents(path, [Group(number, [hub])]), bind(target, RESOURCE, name, ANY), None)
        done |= waiting


def _hidden(plan: Plan, layout: Layout, graph: DependencyGraph, resolution: _Resolution) -> Iterator[HiddenEdges]:
    """Yield the blocks whose edges a local may hide, or without a configuration, that the state does not know.

    A data source has no record; but what it reads is in the record of everything that reads it.
    """
    unknown = {name: block for name, block in layout.blocks.items() if not is_recorded(plan, block)}
    hiding = {name: resolution.locals_of(name) for name in unknown}
    hidden = {name for name in unknown if hiding[name] or name not in resolution.arguments}
    if any(not name.is_managed for name in hidden):
        read = _read_unrecorded(graph, layout, unknown)
        hidden = {name for name in hidden if name.is_managed or not read.isdisjoint(_positions(unknown[name]))}
    for name in sorted(hidden, key=str):
        yield HiddenEdges(str(name), tuple(sorted(hiding[name])))


def _read_unrecorded(graph: DependencyGraph, layout: Layout, unknown: Mapping[BlockName, BlockInstances]) -> set[int]:
    """Return the data sources that an unrecorded managed instance reads, straight or through other data sources."""
    waiting = [position for name, block in unknown.items() if name.is_managed for position in _positions(block)]
    data = {position for name, block in layout.blocks.items() if not name.is_managed for position in _positions(block)}
    seen: set[int] = set()
    while waiting:
        vertex = waiting.pop()
        for other in graph.dependencies[vertex][::2]:
            if other not in seen and (other in data or other >= graph.size):
                seen.add(other)
                waiting.append(other)
    return seen


def _positions(block: BlockInstances) -> Iterator[int]:
    return chain.from_iterable(block.positions.values())
