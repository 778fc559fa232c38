"""The places a change reaches: touches counted by region, partition, account, service, environment, jurisdiction.

An instance stands in its own place and in every place it also reaches: what its attributes name, and where it is moved
away from. Unknown places are a row of their own, with None for a value: they are never left out.

Cost: linear in the touches. Instances of one place share one ``Placement``, so the dimensions are read once a place.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct, field

from scopegate.place.placement import GLOBAL, Placement, Unknown, value_of
from scopegate.reach.model import How, Reach


class Tally(Struct, frozen=True):
    """The instances that touch one place, by how; positions in ``Plan.instances`` in plan order."""

    direct: tuple[int, ...] = ()
    affected: tuple[int, ...] = ()
    exposed: tuple[int, ...] = ()

    def of(self, hows: Iterable[How]) -> tuple[int, ...]:
        """Return the instances touched in one of the ways ``hows``, in plan order."""
        by_how = {How.DIRECT: self.direct, How.AFFECTED: self.affected, How.EXPOSED: self.exposed}
        return tuple(sorted(position for how in hows for position in by_how[how]))


class RegionKey(Struct, frozen=True):
    """A region of a partition of a provider; None is an unknown one."""

    provider: str
    partition: str | None
    region: str | None


class ProviderKey(Struct, frozen=True):
    """A partition, account or service of a provider; None is an unknown one."""

    provider: str
    value: str | None


class Footprint(Struct, frozen=True):
    """What a change reaches, by dimension. Helpers without a place are in no row."""

    regions: Mapping[RegionKey, Tally]
    partitions: Mapping[ProviderKey, Tally]
    accounts: Mapping[ProviderKey, Tally]
    services: Mapping[ProviderKey, Tally]
    environments: Mapping[str | None, Tally]
    jurisdictions: Mapping[str | None, Tally]
    region_jurisdictions: Mapping[RegionKey, frozenset[str]]
    """The jurisdictions of each region row."""
    estate: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The regions in which something of this plan stands, by partition: what a global service reaches here."""


K = TypeVar("K")
T = TypeVar("T")


def footprint(reach: Reach, placements: Sequence[Placement], estate: Sequence[Placement] | None = None) -> Footprint:
    """Return the places that ``reach`` touches; ``placements`` are aligned with ``Plan.instances``.

    ``estate`` are those of what counts as standing here, where that is less.
    """
    groups = _groups(reach, placements)
    return Footprint(
        regions=_rows(groups, lambda placement: (key for key, _ in _places(placement))),
        partitions=_rows(groups, _partitions),
        accounts=_rows(groups, _accounts),
        services=_rows(groups, lambda placement: [ProviderKey(placement.provider, value_of(placement.service))]),
        environments=_rows(groups, lambda placement: [value_of(placement.environment)]),
        jurisdictions=_rows(groups, _jurisdictions),
        region_jurisdictions=_region_jurisdictions(groups),
        estate=_estate(placements if estate is None else estate),
    )


def _estate(placements: Iterable[Placement]) -> dict[str, tuple[str, ...]]:
    regions: dict[str, set[str]] = {}
    for placement in {id(placement): placement for placement in placements}.values():
        partition, region = value_of(placement.partition), value_of(placement.region)
        if partition is not None and region is not None and region != GLOBAL:
            regions.setdefault(partition, set()).add(region)
    return {partition: tuple(sorted(found)) for partition, found in sorted(regions.items())}


class _Group(Struct, frozen=True):
    """The touched instances that share a placement, by how."""

    placement: Placement
    touched: Mapping[How, list[int]]


def _groups(reach: Reach, placements: Sequence[Placement]) -> tuple[_Group, ...]:
    groups: dict[int, _Group] = {}
    for instance, touch in reach.touches.items():
        placement = placements[instance]
        if placement.located:
            group = groups.get(id(placement))
            if group is None:
                group = groups[id(placement)] = _Group(placement, {how: [] for how in How})
            group.touched[touch.how].append(instance)
    return tuple(groups.values())


def _rows(groups: Iterable[_Group], keys_of: Callable[[Placement], Iterable[K]]) -> dict[K, Tally]:
    rows: dict[K, dict[How, list[int]]] = {}
    for group in groups:
        for key in dict.fromkeys(keys_of(group.placement)):
            row = rows.setdefault(key, {how: [] for how in How})
            for how, instances in group.touched.items():
                row[how] += instances
    tallies = {key: Tally(*(tuple(sorted(row[how])) for how in How)) for key, row in rows.items()}
    return dict(sorted(tallies.items(), key=lambda item: str(item[0])))


def _places(placement: Placement) -> Iterator[tuple[RegionKey, frozenset[str]]]:
    """Yield every region an instance is in, with the jurisdictions that come with it."""
    partition = value_of(placement.partition)
    own = RegionKey(placement.provider, partition, value_of(placement.region))
    yield own, value_of(placement.jurisdictions) or frozenset()
    for other in placement.also_reaches:
        if other.in_region:
            yield RegionKey(placement.provider, other.partition or partition, other.region), other.jurisdictions


def _partitions(placement: Placement) -> Iterator[ProviderKey]:
    yield ProviderKey(placement.provider, value_of(placement.partition))
    for other in placement.also_reaches:
        if other.partition is not None:
            yield ProviderKey(placement.provider, other.partition)


def _accounts(placement: Placement) -> Iterator[ProviderKey]:
    yield ProviderKey(placement.provider, value_of(placement.account))
    for other in placement.also_reaches:
        if other.account is not None:
            yield ProviderKey(placement.provider, other.account)


def _jurisdictions(placement: Placement) -> Iterator[str | None]:
    own = placement.jurisdictions
    if isinstance(own, Unknown):
        yield None
    else:
        yield from sorted(own.value)
    for other in placement.also_reaches:
        yield from sorted(other.jurisdictions)
        if other.unknown and not other.jurisdictions:
            yield None


def _region_jurisdictions(groups: Iterable[_Group]) -> dict[RegionKey, frozenset[str]]:
    found: dict[RegionKey, frozenset[str]] = {}
    for group in groups:
        for key, jurisdictions in _places(group.placement):
            found[key] = found.get(key, frozenset()) | jurisdictions
    return found
