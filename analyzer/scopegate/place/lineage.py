"""What placement needs to know of the dependency graph, so that neither layer imports the other."""

from collections.abc import Iterable
from typing import Any, Protocol


class Kind(Protocol):
    """What sort of edge it is; ``value`` is ``"provider"`` where a provider configuration reads the dependency."""

    @property
    def value(self) -> Any: ...  # noqa: D102


class Link(Protocol):
    """What the edge says: which argument of the dependent reads which attribute of the dependency."""

    @property
    def kind(self) -> Kind: ...  # noqa: D102

    @property
    def attribute(self) -> str: ...  # noqa: D102

    @property
    def reads(self) -> str: ...  # noqa: D102


class Edge(Protocol):
    """One instance depends on another, a position in ``Plan.instances``."""

    @property
    def dependency(self) -> int: ...  # noqa: D102

    @property
    def link(self) -> Link: ...  # noqa: D102


class Lineage(Protocol):
    """Who depends on whom; ``DependencyGraph`` is one."""

    def dependencies_of(self, instance: int) -> Iterable[Edge]:
        """Return the edges whose dependent is ``instance``."""
        ...
