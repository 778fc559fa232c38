"""What is found in one file of a configuration, whichever of its two syntaxes it is written in."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from scopegate.source.model import Backend, Reading, SourceBlock
from scopegate.source.references import Reference

HIDING = ("dynamic", "lifecycle", "connection")
"""The nested blocks of a resource that plan JSON leaves out."""

RESOURCES = frozenset({"resource", "data", "ephemeral"})
"""The blocks that may hold them."""

CHECKED = {"variable": "validation", "output": "precondition"}
"""The nested blocks of other blocks whose conditions make whoever reads the block wait for what they read."""

_PREFIXES = {
    "resource": "",
    "data": "data.",
    "ephemeral": "ephemeral.",
    "module": "module.",
    "variable": "var.",
    "output": "output.",
    "provider": "provider.",
}


class Contents(Struct, frozen=True):
    """The blocks of a file, and the sources of the modules it calls where those are literal.

    ``unread`` are the lines at which something stands that could not be read. ``backend`` is that of the module, where
    it is written here.
    """

    blocks: Sequence[SourceBlock]
    calls: Mapping[str, str] = field(default_factory=dict)
    unread: Sequence[int] = ()
    backend: Backend | None = None


def name_of(kind: str, labels: Sequence[str]) -> str | None:
    """Return the address of a block within its module; None for a block that nothing refers to."""
    prefix = _PREFIXES.get(kind)
    return None if prefix is None else prefix + ".".join(labels)


def reading(path: tuple[str, ...], references: Iterable[Reference]) -> Reading:
    """Return what an argument reads. A reference is by the own key where it is so wherever the argument holds it."""
    found = set(references)
    elsewhere = {reference.text for reference in found if not reference.by_own_key}
    own = {reference.text for reference in found if reference.by_own_key} - elsewhere
    return Reading(path, tuple(sorted({reference.text for reference in found})), tuple(sorted(own)))
