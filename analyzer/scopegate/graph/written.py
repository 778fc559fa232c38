"""What the source files add to the configuration section of a plan."""

from collections.abc import Iterator

from scopegate.graph.edges import EdgeKind
from scopegate.graph.target import BlockName
from scopegate.plan.address import ModulePath, format_resource
from scopegate.plan.configuration import Configuration, Expression
from scopegate.source.model import Reading, Sources


def is_source_of(sources: Sources, configuration: Configuration) -> bool:
    """Whether the sources are those of this plan: its root module has every block and call that the plan's has."""
    root = configuration.modules[()]
    blocks = (format_resource(block.address.mode, block.address.type, block.address.name) for block in root.blocks)
    calls = (f"module.{name}" for name in root.calls)
    names = (*blocks, *calls)
    # A plan that came without its configuration fits any folder, so it proves nothing.
    return bool(names) and all(sources.block((), name) is not None for name in names)


def local_value(sources: Sources | None, module: ModulePath, name: str) -> Expression | None:
    """Return the value of a local; None where the sources do not have it."""
    block = sources.block(module, f"local.{name}") if sources else None
    return _expression(block.readings[-1]) if block and block.readings else None


def conditions(sources: Sources | None, module: ModulePath, name: str) -> Iterator[Expression]:
    """Yield the conditions of a variable or output (``var.size``, ``output.id``), without what they say of itself."""
    block = sources.block(module, name) if sources else None
    for reading in block.readings if block else ():
        references = (
            text for text in reading.references if text != name and not text.startswith((f"{name}.", f"{name}["))
        )
        yield Expression(reading.path, references=tuple(references))


def unplanned_arguments(sources: Sources | None, name: BlockName) -> Iterator[tuple[EdgeKind, Expression]]:
    """Yield the arguments of a resource block that plan JSON leaves out, and whether the block reads them or waits."""
    block = sources.block(name.module, name.name) if sources else None
    for reading in block.readings if block else ():
        yield EdgeKind.DEPENDS_ON if _only_waits(reading) else EdgeKind.REFERENCE, _expression(reading)


def _only_waits(reading: Reading) -> bool:
    """Whether a change of what is read changes nothing in the block: conditions and connections only need it there."""
    return "connection" in reading.path or (
        reading.path[0] == "lifecycle" and reading.path[1:2] != ("replace_triggered_by",)
    )


def _expression(reading: Reading) -> Expression:
    return Expression(reading.path, references=reading.references, by_own_key=reading.by_own_key)
