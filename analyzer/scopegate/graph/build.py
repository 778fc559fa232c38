"""From a plan to its dependency graph.

The steps: lay out the instances; resolve the arguments of each block once and draw its edges; let all that is in a
module depend on what its call repeats over and waits for; add what the prior state recorded and the configuration does
not show; name the blocks whose edges may still be incomplete. Linear in instances + edges between blocks × module
instances.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from scopegate.graph.edges import EdgeKind, HiddenEdges
from scopegate.graph.graph import DependencyGraph
from scopegate.graph.layout import Layout, lay_out
from scopegate.graph.recorded import draw_recorded, is_recorded
from scopegate.graph.resolve import Resolved, Resolver, Scope, block_scope, waits_for
from scopegate.graph.target import ANY, RESOURCE, Target, bind, seen_from_child, through
from scopegate.graph.wiring import Dependents, Group, Label, Wiring
from scopegate.plan.address import ConfigAddress, ModulePath, module_path
from scopegate.plan.configuration import Block, Configuration, ProviderConfig
from scopegate.plan.model import Plan


class _Argument(NamedTuple):
    kind: EdgeKind
    attribute: str
    resolved: Resolved


def build_graph(plan: Plan) -> DependencyGraph:
    """Return who depends on whom among ``Plan.instances``.

    Raises:
        PlanError: the configuration refers to itself in a circle.
    """
    configuration = plan.configuration
    layout = lay_out(plan)
    resolver = Resolver(configuration, layout.absent_from(configuration))
    arguments = {
        address: _arguments(resolver, configuration, block)
        for address in layout.blocks
        if (block := configuration.block_of(address))
    }
    calls = {path: resolver.call(path) for path in configuration.modules if path}

    wiring = Wiring(layout)
    dependents = {address: wiring.dependents(block) for address, block in layout.blocks.items()}
    for address, listed in arguments.items():
        for argument in listed:
            for target in argument.resolved.targets:
                wiring.draw(dependents[address], target, _label(argument.kind, argument.attribute, target))
    called = _draw_calls(wiring, layout, configuration, calls, dependents)
    _draw_contents(wiring, layout, configuration, resolver, called)
    needs = {
        address: {target.what for argument in listed for target in argument.resolved.targets}.union(
            target.what for path in _around(address.module) for target in calls[path].targets
        )
        for address, listed in arguments.items()
    }
    draw_recorded(plan, layout, wiring, dependents, needs)
    return replace(wiring.graph(), hidden=tuple(_hidden(plan, layout, arguments, calls)))


def _arguments(resolver: Resolver, configuration: Configuration, block: Block) -> Sequence[_Argument]:
    scope = block_scope(block)
    found = [
        _Argument(EdgeKind.REFERENCE, ".".join(expression.path), resolver.argument(scope, expression))
        for expression in (*block.expressions, *block.provisioner_expressions)
        if expression.references
    ]
    if block.repetition:
        repetition = resolver.repetition(scope, block.repetition)
        found.append(_Argument(EdgeKind.REPETITION, block.repetition.path[0], repetition))
    if block.depends_on:
        waits = resolver.argument(scope, waits_for(block.depends_on))
        found.append(_Argument(EdgeKind.DEPENDS_ON, "", waits))
    found += _provider_arguments(resolver, configuration, block)
    return found


def _provider_arguments(resolver: Resolver, configuration: Configuration, block: Block) -> Iterator[_Argument]:
    provider = _provider(configuration, block.provider_config_key)
    path = block.address.module
    if provider is None or path[: len(provider.module)] != provider.module:
        return
    for expression in provider.expressions:
        if expression.references:
            resolved = resolver.argument(Scope(provider.module), expression)
            targets = tuple(_from_provider(target, provider, path) for target in resolved.targets)
            yield _Argument(EdgeKind.PROVIDER, ".".join(expression.path), Resolved(targets, resolved.locals))


def _provider(configuration: Configuration, key: str) -> ProviderConfig | None:
    """Return the provider configuration of a key; before Terraform 1.2 a child's names no entry: then the root's."""
    return configuration.providers.get(key) or configuration.providers.get(key.rpartition(":")[2])


def _from_provider(target: Target, provider: ProviderConfig, path: ModulePath) -> Target:
    for _ in path[len(provider.module) :]:
        target = seen_from_child(target)
    return through(target, f"provider {provider.key}")


def _label(kind: EdgeKind, attribute: str, target: Target) -> Label:
    return Label(target.kind or kind, attribute, target.reference, target.reads, target.via)


def _around(module: ModulePath) -> Iterator[ModulePath]:
    """Yield the module and those around it, the root left out."""
    return (module[:length] for length in range(1, len(module) + 1))


def _draw_calls(
    wiring: Wiring,
    layout: Layout,
    configuration: Configuration,
    calls: Mapping[ModulePath, Resolved],
    dependents: Mapping[ConfigAddress, Dependents],
) -> Mapping[int, int]:
    """Let all that is in a module depend on what its call depends on; return the hub of each such module instance."""
    hubs = _call_hubs(wiring, layout, calls)
    for path, resolved in calls.items():
        numbers = layout.modules.by_path.get(path, ())
        inside = Dependents(path, [Group(number, hubs[number]) for number in numbers if number in hubs])
        call = configuration.call_of(path)
        attribute = call.repetition.path[0] if call and call.repetition else ""
        for target in resolved.targets:
            wiring.draw(inside, target, _label(EdgeKind.REPETITION, attribute, target))
    for block in dependents.values():
        for group in block.groups:
            if group.module in hubs:
                wiring.edge(group.vertex, hubs[group.module])
    return hubs


def _call_hubs(wiring: Wiring, layout: Layout, calls: Mapping[ModulePath, Resolved]) -> dict[int, int]:
    depending = {
        number for path, found in calls.items() if found.targets for number in layout.modules.by_path.get(path, ())
    }
    hubs: dict[int, int] = {}
    for number, lineage in enumerate(layout.modules.lineage):
        around = hubs.get(lineage[-2]) if len(lineage) > 1 else None
        if around is not None or number in depending:
            hubs[number] = wiring.hub()
        if around is not None:
            wiring.edge(hubs[number], around)
    return hubs


def _draw_contents(
    wiring: Wiring, layout: Layout, configuration: Configuration, resolver: Resolver, called: Mapping[int, int]
) -> None:
    """Let the hubs for everything in a module gather what the module itself waits for and its absent blocks pass on."""
    done: set[int] = set()
    while waiting := wiring.contents.keys() - done:
        for number in sorted(waiting):
            hub = wiring.contents[number]
            if number in called:
                wiring.edge(hub, called[number])
            path = module_path(layout.modules.addresses[number])
            gathering = Dependents(path, [Group(number, hub)])
            for block in configuration.modules[path].blocks if path in configuration.modules else ():
                if block.address not in layout.blocks_in.get(number, ()):
                    for target in resolver.block_without_instance(block.address).targets:
                        wiring.draw(gathering, bind(target, RESOURCE, ANY), None)
        done |= waiting


def _hidden(
    plan: Plan,
    layout: Layout,
    arguments: Mapping[ConfigAddress, Sequence[_Argument]],
    calls: Mapping[ModulePath, Resolved],
) -> Iterator[HiddenEdges]:
    for address, block in sorted(layout.blocks.items(), key=lambda item: str(item[0])):
        listed = arguments.get(address)
        if listed is None:
            hides, names = True, frozenset[str]()
        else:
            around = (calls[path].locals for path in _around(address.module))
            names = frozenset[str]().union(*(argument.resolved.locals for argument in listed), *around)
            hides = bool(names)
        if hides and not is_recorded(plan, block):
            yield HiddenEdges(str(address), tuple(sorted(names)))
