"""The picture of a reach: what changes, what that touches, and where, small enough to be drawn.

A resource hangs on the one before it in its path of cause. Where there are too many to draw, they are drawn together by
module, then by type, then by region alone, and the picture says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import cached_property, lru_cache
from typing import Final

from msgspec import Struct

from scopegate.place.placement import AlsoReaches, value_of
from scopegate.plan.address import in_stack, module_around
from scopegate.reach.footprint import RegionKey
from scopegate.reach.model import How
from scopegate.render.wording import is_destroyed
from scopegate.verdict.report import Report, Resource

MOST_NODES: Final = 40
"""More than these nobody reads in a comment."""

_STRONGEST_FIRST = {how: place for place, how in enumerate(How)}


class Grouping(Enum):
    """What one node stands for; the value is the word for it."""

    RESOURCE = "resource"
    MODULE = "module"
    TYPE = "type"
    REGION = "region"


class Node(Struct, frozen=True):
    """One resource, or ``count`` of them that are drawn together; with a count of 0, a place without resources.

    ``name`` then says why it is there. ``place`` is None for helpers without a place. ``how`` is the strongest touch
    among them, ``change`` what is planned for the only one, ``destroyed`` how many the plan itself destroys, replaces
    or lets go of.
    """

    name: str
    place: RegionKey | None
    how: How
    count: int
    destroyed: int
    change: str = ""


class Line(Struct, frozen=True):
    """From one node to another, by their positions; ``named`` is the relation where an attribute names the place."""

    start: int
    end: int
    named: str = ""


class Picture(Struct, frozen=True):
    """Nodes, and the lines between them; ``left_out`` resources are in no node."""

    grouping: Grouping
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    left_out: int

    def by_place(self) -> dict[RegionKey | None, list[int]]:
        """Return the positions of the nodes of each place, in the order of the picture."""
        found: dict[RegionKey | None, list[int]] = {}
        for position, node in enumerate(self.nodes):
            found.setdefault(node.place, []).append(position)
        return found


def picture_of(report: Report, most: int = MOST_NODES) -> Picture:
    """Return the most detailed picture of at most ``most`` nodes; of more regions than that, the last are left out."""
    coarser = list(Grouping) if len(report.resources) <= most else list(Grouping)[1:]
    drawings = (_Drawing(report, grouping) for grouping in coarser)
    fitting = next(drawing for drawing in drawings if len(drawing.groups) <= most or drawing.grouping is coarser[-1])
    return fitting.picture(most)


def module_of(resource: Resource) -> str:
    """Return the module instance that a resource stands in; the root module is empty, or the stack of several."""
    inside = _module_in(resource.address.removeprefix(in_stack(resource.stack, "")))
    return in_stack(resource.stack, inside) if inside else resource.stack


@lru_cache(maxsize=100_000)
def _module_in(address: str) -> str:
    return ".".join(map(str, module_around(address)))


def module_or_type(resource: Resource) -> str:
    """Return the module that a resource stands in, or its type where that is the root module."""
    return module_of(resource) or resource.type


def resources_by_region(resources: Iterable[Resource]) -> dict[RegionKey | None, list[Resource]]:
    """Return the resources of each place, in the order they came in."""
    found: dict[RegionKey | None, list[Resource]] = {}
    for resource in resources:
        found.setdefault(region_of(resource), []).append(resource)
    return found


def modules_counted(resources: Iterable[Resource]) -> Iterator[tuple[str, int]]:
    """Yield the modules (in the root module, the types) of resources, each with its count, the largest first."""
    yield from Counter(map(module_or_type, resources)).most_common()


def region_of(resource: Resource) -> RegionKey | None:
    """Return where a resource is; None for a helper without a place."""
    place = resource.placement
    return RegionKey(place.provider, value_of(place.partition), value_of(place.region)) if place.located else None


def also_in(resource: Resource) -> Iterator[tuple[AlsoReaches, RegionKey]]:
    """Yield the other regions that attributes of a resource name."""
    own = region_of(resource)
    for other in resource.placement.also_reaches:
        if other.in_region and own is not None:
            yield other, RegionKey(own.provider, other.partition or own.partition, other.region)


def left_behind(resources: Iterable[Resource]) -> Counter[RegionKey]:
    """Return from how many resources each region is left, because the plan moves them to another."""
    return Counter(place for resource in resources for other, place in also_in(resource) if other.kind == _MOVES)


def standing_in_words(members: int, left: int) -> str:
    """Return what is to be known of a place besides its counts: that nothing, or not everything, stays there."""
    if members:
        return f", {left} moved away from here" if left else ""
    return ", moved away from here" if left else ", only named by an attribute"


_MOVES: Final = "moves"


def _whole_name(resource: Resource) -> str:
    return resource.address + (f" (deposed {resource.deposed})" if resource.deposed else "")


_NAMES: Final[Mapping[Grouping, Callable[[Resource], str]]] = {
    Grouping.RESOURCE: _whole_name,
    Grouping.MODULE: module_or_type,
    Grouping.TYPE: lambda resource: resource.type,
    Grouping.REGION: lambda _: "",
}

_Key = tuple[RegionKey | None, str]


class _Drawing:
    """One report drawn with one grouping."""

    def __init__(self, report: Report, grouping: Grouping) -> None:
        self.report = report
        self.grouping = grouping

    def picture(self, most: int) -> Picture:
        kept = list(self.groups.items())[:most]
        nodes = [_node(key, group) for key, group in kept]
        stubs = list(self.stubs.items())[: most - len(nodes)]
        positions = {key: position for position, (key, _) in enumerate([*kept, *stubs])}
        return Picture(
            grouping=self.grouping,
            nodes=(*nodes, *(Node(why, place, how, 0, 0) for (place, _), (how, why) in stubs)),
            lines=tuple(dict.fromkeys(self._lines(positions))),
            left_out=len(self.report.resources) - sum(node.count for node in nodes),
        )

    @cached_property
    def places(self) -> dict[tuple[str | None, str | None], RegionKey]:
        """One key for each region: a chart in a cluster is where the cluster is, whatever its provider."""
        found: dict[tuple[str | None, str | None], RegionKey] = {}
        for key in self.report.footprint.regions:
            found.setdefault((key.partition, key.region), key)
        return found

    @cached_property
    def keys(self) -> list[tuple[Resource, _Key]]:
        """Each resource with the group that it is in."""
        name, places = _NAMES[self.grouping], dict[int, RegionKey | None]()
        found = []
        for resource in self.report.resources:
            # Instances of one place share one placement, see reach.footprint.
            if (shared := id(resource.placement)) not in places:
                place = region_of(resource)
                places[shared] = place and self._same(place)
            found.append((resource, (places[shared], name(resource))))
        return found

    @cached_property
    def groups(self) -> dict[_Key, list[Resource]]:
        found: dict[_Key, list[Resource]] = {}
        for resource, key in sorted(self.keys, key=lambda item: _STRONGEST_FIRST[item[0].how]):
            found.setdefault(key, []).append(resource)
        return found

    @cached_property
    def stubs(self) -> dict[_Key, tuple[How, str]]:
        """The places without resources: each with the strongest touch among those that name it, and why it is there."""
        drawn = {place for place, _ in self.groups}
        found: dict[_Key, tuple[How, str]] = {}
        for group in self.groups.values():
            for resource in group:
                for other, place in also_in(resource):
                    if self._same(place) not in drawn:
                        why = "moved away from here" if other.kind == _MOVES else "named by an attribute"
                        found.setdefault((self._same(place), ""), (resource.how, why))
        return found

    def _same(self, place: RegionKey) -> RegionKey:
        return self.places.get((place.partition, place.region), place)

    def _lines(self, positions: Mapping[_Key, int]) -> Iterator[Line]:
        key_of = {resource.address: key for resource, key in self.keys}
        first = {place: position for (place, _), position in reversed(list(positions.items()))}
        for resource, key in self.keys:
            end = positions.get(key)
            if end is None:
                continue
            before = key_of.get(resource.path[-2].address) if len(resource.path) > 1 else None
            start = positions.get(before) if before else None
            if start is not None and start != end:
                yield Line(start, end)
            for named, place in also_in(resource):
                other = first.get(self._same(place))
                if other is not None and other != end:
                    yield Line(end, other, "moved from" if named.kind == _MOVES else named.kind)


def _node(key: _Key, group: list[Resource]) -> Node:
    strongest = min((resource.how for resource in group), key=_STRONGEST_FIRST.__getitem__)
    change = (group[0].change or "") if len(group) == 1 else ""
    return Node(key[1], key[0], strongest, len(group), sum(map(is_destroyed, group)), change)
