"""From a plan to its dependency graph.

The steps: lay out the instances; resolve the arguments of each block once and draw its edges; let all that is in a
module depend on what its call repeats over and waits for; add what the prior state recorded and the configuration does
not show; name the blocks whose edges may still be incomplete. Linear in instances + edges between blocks × module
instances.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from scopegate.graph.arguments import ArgumentReader, Arguments, Reads, label
from scopegate.graph.edges import EdgeKind, HiddenEdges
from scopegate.graph.graph import DependencyGraph
from scopegate.graph.layout import BlockInstances, Layout, configured_blocks, lay_out
from scopegate.graph.recorded import Needs, Records, draw_recorded
from scopegate.graph.resolve import Resolved, Resolver, Scope
from scopegate.graph.strings import Strings
from scopegate.graph.target import ANY, RESOURCE, BlockName, Target, around, bind
from scopegate.graph.values import draw_values
from scopegate.graph.wiring import Dependents, Wiring
from scopegate.plan.address import ModulePath
from scopegate.plan.configuration import Block, Configuration
from scopegate.plan.model import Plan, Sections
from scopegate.source.model import Sources

if TYPE_CHECKING:
    from scopegate.graph.elsewhere import Identifiers

_NO_LOCALS = frozenset[str]()


class _Resolution(Struct, frozen=True):
    """What the configuration says: the arguments of each block that has instances, and the calls of each module."""

    reader: ArgumentReader
    configured: Mapping[BlockName, Block]
    arguments: Mapping[BlockName, Arguments]
    calls: Mapping[ModulePath, Resolved]
    needs: dict[int, tuple[set[str], list[Target]]]
    """What each different list of reads leads to: blocks of the same module, and all else."""

    def needs_of(self, name: BlockName) -> Needs:
        """Return what the arguments of a block need, whatever the calls around it do."""
        arguments = self.arguments.get(name)
        if arguments is None:
            return Needs((), ())
        needs = [self._needs(reads) for reads in (arguments.reads, *arguments.lists)]
        inside = needs[0][0].union(*(inside for inside, _ in needs[1:])) if arguments.lists else needs[0][0]
        elsewhere = chain.from_iterable([elsewhere for _, elsewhere in needs])
        return Needs(inside, {target.what(name.module) for target in elsewhere})

    def _needs(self, reads: Reads) -> tuple[set[str], list[Target]]:
        known = self.needs.get(id(reads))  # calls of a module share what its blocks read of each other
        if known is None:
            elsewhere = [target for target, _ in reads if target.up or target.down]
            inside = {target.name for target, _ in reads if not (target.up or target.down)}
            known = self.needs[id(reads)] = inside, elsewhere
        return known

    def needs_around(self, module: ModulePath) -> set[BlockName | ModulePath]:
        """Return what all that is in a module depends on by its calls."""
        calls = [(path, self.calls[path].targets) for path in around(module) if path in self.calls]
        return {target.what(path) for path, targets in calls for target in targets}

    def locals_of(self, name: BlockName) -> frozenset[str]:
        """Return the locals that stand between a block and what it reads or waits for itself."""
        return self.reader.locals(name, self.configured[name]) if name in self.arguments else _NO_LOCALS

    def locals_around(self, module: ModulePath) -> frozenset[str]:
        """Return the locals that stand between all that is in a module and what its calls depend on."""
        return _NO_LOCALS.union(*(self.calls[path].locals for path in around(module) if path in self.calls))


class Drawn(Struct, frozen=True):
    """The graph of a plan, and what its edges to other plans are drawn by.

    ``outputs`` are hubs that depend on what each output of the root module reads, where they were asked for. Then the
    ``identifiers`` are there too: the only plan of a change needs neither. ``sections`` were decoded on the way.
    """

    graph: DependencyGraph
    outputs: Mapping[str, int]
    identifiers: "Identifiers | None"
    sections: Sections


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
    absent = layout.absent(configured)
    uncalled = {path for path in plan.configuration.modules if path and not layout.is_called_everywhere(path)}
    resolver = Resolver(plan.configuration, absent, uncalled, layout.keyed_modules(), sources)
    reader = ArgumentReader(plan.configuration, resolver, sources)
    resolution = _Resolution(
        reader=reader,
        configured=configured,
        arguments={name: reader.arguments(name, configured[name]) for name in layout.blocks if name in configured},
        calls={path: resolver.call(path) for path in plan.configuration.modules},
        needs={},
    )
    wiring = Wiring(layout)
    dependents = {name: Dependents(name, block.positions) for name, block in layout.blocks.items()}
    for name, arguments in resolution.arguments.items():
        for target, what_it_says in arguments.reads:
            wiring.draw(dependents[name], target, what_it_says)
    _draw_lists(wiring, resolution, dependents)
    hubs = _draw_outputs(wiring, layout, resolver, plan.configuration) if outputs else {}
    called = _draw_calls(wiring, layout, resolution, dependents)
    _draw_contents(wiring, layout, resolver, absent, called)
    records = Records(plan, layout, resolution.needs_of, cache(resolution.needs_around))
    draw_recorded(records, wiring, dependents)
    written = {name: arguments.written for name, arguments in resolution.arguments.items()}
    strings = Strings(plan.instances, layout, written)
    draw_values(strings, records, wiring)
    graph = wiring.graph()
    hidden = tuple(_hidden(records, layout, graph, resolution))
    identifiers = _identifiers(strings, records) if outputs else None
    return Drawn(replace(graph, hidden=hidden), hubs, identifiers, strings.sections)


def _identifiers(strings: Strings, records: Records) -> "Identifiers":
    from scopegate.graph.elsewhere import identifiers_of

    return identifiers_of(strings, records)


def _draw_lists(wiring: Wiring, resolution: _Resolution, dependents: Mapping[BlockName, Dependents]) -> None:
    """Draw each long list once for all blocks of a module that read it."""
    lists = {id(reads): reads for arguments in resolution.arguments.values() for reads in arguments.lists}
    readers: defaultdict[tuple[int, ModulePath], dict[BlockName, Dependents]] = defaultdict(dict)
    for name, arguments in resolution.arguments.items():
        for reads in arguments.lists:
            readers[id(reads), name.module][name] = dependents[name]
    for (number, _), some in readers.items():
        together = wiring.together(tuple(some.values()))
        for target, what_it_says in lists[number]:
            wiring.draw(together, target, what_it_says)


def _draw_outputs(
    wiring: Wiring, layout: Layout, resolver: Resolver, configuration: Configuration
) -> Mapping[str, int]:
    """Let a hub for each output of the root module depend on what it reads; return them by name."""
    hubs: dict[str, int] = {}
    (root,) = layout.modules.by_path[()]
    for name, expressions in configuration.modules[()].outputs.items():
        hubs[name] = wiring.hub()
        output = Dependents((), {root: [hubs[name]]})
        for expression in expressions:
            for target in resolver.argument(Scope(()), expression).targets:
                wiring.draw(output, target, label(EdgeKind.REFERENCE, name, target))
    return hubs


def _draw_calls(
    wiring: Wiring, layout: Layout, resolution: _Resolution, dependents: Mapping[BlockName, Dependents]
) -> Mapping[int, int]:
    """Let all that is in a module depend on what its call depends on; return the hub of each such module instance."""
    hubs = _call_hubs(wiring, layout, resolution)
    for path, resolved in resolution.calls.items():
        numbers = layout.modules.by_path.get(path, ())
        inside = Dependents(path, {number: [hubs[number]] for number in numbers if number in hubs})
        for target in resolved.targets:
            wiring.draw(inside, target, label(EdgeKind.REPETITION, "", target))
    for block in dependents.values() if hubs else ():
        for number, instances in block.positions.items():
            if number in hubs:
                wiring.edge(wiring.vertex(instances), hubs[number])
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
                    wiring.draw(Dependents(path, {number: [hub]}), bind(target, RESOURCE, name, ANY), None)
        done |= waiting


def _hidden(records: Records, layout: Layout, graph: DependencyGraph, resolution: _Resolution) -> Iterator[HiddenEdges]:
    """Yield the blocks whose edges a local may hide, or without a configuration, that the state does not know.

    A data source has no record; but what it reads is in the record of everything that reads it.
    """
    unknown = {name: block for name, block in layout.blocks.items() if name not in records.complete}
    locals_around = cache(resolution.locals_around)
    hiding = {name: resolution.locals_of(name) | locals_around(name.module) for name in unknown}
    hidden = {name for name in unknown if hiding[name] or name not in resolution.arguments}
    data = {name for name in hidden if not name.is_managed}
    if data:
        read = _read_unrecorded(graph, layout, unknown)
        hidden -= {name for name in data if read.isdisjoint(_positions(unknown[name]))}
    for text, name in sorted((str(name), name) for name in hidden):
        yield HiddenEdges(text, tuple(sorted(hiding[name])))


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
