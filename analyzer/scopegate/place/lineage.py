"""What placement needs to know of the dependency graph, so that neither layer imports the other."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from msgspec import Struct


class Kind(Protocol):
    """What sort of edge it is; ``value`` is ``"provider"`` where a provider configuration reads the dependency."""

    @property
    def value(self) -> Any: ...  # noqa: D102


class Link(Protocol):
    """What the edge says: which argument of the dependent reads the dependency."""

    @property
    def kind(self) -> Kind: ...  # noqa: D102

    @property
    def attribute(self) -> str: ...  # noqa: D102


class Lineage(Protocol):
    """Who depends on whom; ``DependencyGraph`` is one.

    Vertices below ``size`` are positions in ``Plan.instances``, those above are hubs.
    """

    @property
    def size(self) -> int: ...  # noqa: D102

    @property
    def links(self) -> Sequence[Link]: ...  # noqa: D102

    def hops(self, vertex: int, link: int = -1, *, outward: bool) -> Iterable[tuple[int, int]]:
        """Yield the vertices next to ``vertex``, each with the position of its link; -1 only gathers or hands on."""
        ...


class Members(Struct, frozen=True, eq=False):
    """Instances that others depend on together; the very same object for all that do so through one hub."""

    instances: tuple[int, ...]


class Sources:
    """What instances depend on. Of a hub the members are collected once, however many depend on it."""

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._behind: dict[int, Members] = {}
        self._told_apart: dict[int, tuple[tuple[Members, Link], ...]] = {}

    def of(self, instance: int) -> Iterator[tuple[Members, Link]]:
        """Yield what an instance depends on, each with the link: first what it does alone, then what is behind hubs."""
        hubs: list[tuple[int, int]] = []
        for other, link in dict.fromkeys(self._lineage.hops(instance, outward=False)):
            if other < self._lineage.size:
                yield Members((other,)), self._lineage.links[link]
            else:
                hubs.append((other, link))
        for hub, link in reversed(hubs):
            if link < 0:
                yield from self._by_link(hub)
            else:
                yield self._members(hub), self._lineage.links[link]

    def _members(self, hub: int) -> Members:
        known = self._behind.get(hub)
        if known is None:
            found = dict.fromkeys(other for other, _ in self._edges_behind(hub))
            known = self._behind[hub] = Members(tuple(found))
        return known

    def _by_link(self, hub: int) -> tuple[tuple[Members, Link], ...]:
        """Return what is behind a hub whose own edges say how one depends on it."""
        known = self._told_apart.get(hub)
        if known is None:
            by_link: dict[int, dict[int, None]] = {}
            for other, link in self._edges_behind(hub):
                by_link.setdefault(link, {})[other] = None
            known = self._told_apart[hub] = tuple(
                (Members(tuple(found)), self._lineage.links[link]) for link, found in by_link.items()
            )
        return known

    def _edges_behind(self, hub: int) -> Iterator[tuple[int, int]]:
        """Yield the instances behind a hub and the hubs behind it, each with the last link on the way to it."""
        waiting, seen = [(hub, -1)], {(hub, -1)}
        while waiting:
            for hop in self._lineage.hops(*waiting.pop(), outward=False):
                if hop[0] < self._lineage.size:
                    yield hop
                elif hop not in seen:
                    seen.add(hop)
                    waiting.append(hop)
