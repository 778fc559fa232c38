"""The places a change reaches: touches counted by region, partition, account, service, environment, jurisdiction.

An instance stands in its own place, in the place it is moved away from, and in every place its attributes name besides.
Unknown places are a row of their own, with None for a value: they are never left out. Linear in the touches.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scopegate.place.placement import Known, Placement, Unknown
from scopegate.reach.model import How, Reach


@dataclass(frozen=True, slots=True)
class Tally:
    """The instances that touch one place, by how; positions in ``Plan.instances`` in plan order."""

    direct: tuple[int, ...] = ()
    affected: tuple[int, ...] = ()
    exposed: tuple[int, ...] = ()

    def of(self, hows: Iterable[How]) -> tuple[int, ...]:
        """Return the instances touched in one of the ways ``hows``, in plan order."""
        by_how = {How.DIRECT: self.direct, How.AFFECTED: self.affected, How.EXPOSED: self.exposed}
        return tuple(sorted(position for how in hows for position in by_how[how]))


@dataclass(frozen=True, slots=True)
class RegionKey:
    """A region of a partition of a provider; None is an unknown one."""

    provider: str
    partition: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """A partition, account or service of a provider; None is an unknown one."""

    provider: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a change reaches, by dimension. Helpers without a place are in no row."""

    regions: Mapping[RegionKey, Tally]
    partitions: Mapping[ProviderKey, Tally]
    accounts: Mapping[ProviderKey, Tally]
    services: Mapping[ProviderKey, Tally]
    environments: Mapping[str | None, Tally]
    jurisdictions: Mapping[str | None, Tally]
    region_jurisdictions: Mapping[RegionKey, frozenset[str]]
    """The jurisdictions of each region row."""


K = TypeVar("K")
T = TypeVar("T")


def footprint(reach: Reach, placements: Sequence[Placement]) -> Footprint:
    """Return the places that ``reach`` touches; ``placements`` are aligned with ``Plan.instances``."""

    def count(keys_of: Callable[[Placement], Iterable[K]]) -> dict[K, Tally]:
        return _count(reach, placements, keys_of)

    return Footprint(
        regions=count(_regions),
        partitions=count(_partitions),
        accounts=count(_accounts),
        services=count(lambda placement: [ProviderKey(placement.provider, known(placement.service))]),
        environments=count(lambda placement: [known(placement.environment)]),
        jurisdictions=count(_jurisdictions),
        region_jurisdictions=_region_jurisdictions(reach, placements),
    )


def known(value: Known[T] | Unknown) -> T | None:
    """Return the value where it is known."""
    return value.value if isinstance(value, Known) else None


def _count(
    reach: Reach, placements: Sequence[Placement], keys_of: Callable[[Placement], Iterable[K]]
) -> dict[K, Tally]:
    positions: dict[K, dict[How, list[int]]] = {}
    for touch in reach.touches.values():
        placement = placements[touch.instance]
        for key in dict.fromkeys(keys_of(placement)) if placement.located else ():
            positions.setdefault(key, {how: [] for how in How})[touch.how].append(touch.instance)
    tallies = {key: Tally(*(tuple(by_how[how]) for how in How)) for key, by_how in positions.items()}
    return dict(sorted(tallies.items(), key=lambda row: str(row[0])))


def _regions(placement: Placement) -> Iterator[RegionKey]:
    for key, _ in _places(placement):
        yield key


def _places(placement: Placement) -> Iterator[tuple[RegionKey, frozenset[str]]]:
    """Yield every region an instance is in, with the jurisdictions that come with it."""
    provider = placement.provider
    partition = known(placement.partition)
    yield RegionKey(provider, partition, known(placement.region)), known(placement.jurisdictions) or frozenset()
    if placement.previous_region or placement.previous_partition:
        before = known(placement.previous_region) if placement.previous_region else known(placement.region)
        partition_before = placement.previous_partition.value if placement.previous_partition else partition
        yield RegionKey(provider, partition_before, before), frozenset()
    for other in placement.also_reaches:
        if other.region is not None:
            yield RegionKey(provider, other.partition or partition, other.region), other.jurisdictions


def _partitions(placement: Placement) -> Iterator[ProviderKey]:
    yield ProviderKey(placement.provider, known(placement.partition))
    if placement.previous_partition:
        yield ProviderKey(placement.provider, placement.previous_partition.value)
    for other in placement.also_reaches:
        if other.partition is not None:
            yield ProviderKey(placement.provider, other.partition)


def _accounts(placement: Placement) -> Iterator[ProviderKey]:
    yield ProviderKey(placement.provider, known(placement.account))
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


def _region_jurisdictions(reach: Reach, placements: Sequence[Placement]) -> dict[RegionKey, frozenset[str]]:
    found: dict[RegionKey, frozenset[str]] = {}
    for instance in reach.touches:
        if placements[instance].located:
            for key, jurisdictions in _places(placements[instance]):
                found[key] = found.get(key, frozenset()) | jurisdictions
    return found
