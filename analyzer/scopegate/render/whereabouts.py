"""Places as a reader thinks of them: a chart in a cluster is where the cluster is, whatever its provider.

A report counts the regions of each provider by themselves, for programs. Shown like that, one region comes several
times under one name: as that of ``google``, of ``helm``, of ``kubernetes``.
"""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from scopegate.place.placement import Placement, value_of
from scopegate.reach.footprint import Footprint, RegionKey, Tally
from scopegate.verdict.report import Report


def by_place(report: Report) -> Report:
    """Return a report in which everything in a partition is of one provider, the first one that is there."""
    regions = report.footprint.regions
    first: dict[str | None, str] = {}
    for key in regions:
        first.setdefault(key.partition, key.provider)
    if all(key.partition is None or first[key.partition] == key.provider for key in regions):
        return report
    names = {key: replace(key, provider=first[key.partition]) if key.partition else key for key in regions}
    placements = {id(resource.placement): resource.placement for resource in report.resources}
    moved = {number: replace(placement, provider=_first(first, placement)) for number, placement in placements.items()}
    return replace(
        report,
        footprint=_joined(report.footprint, names),
        resources=tuple(replace(resource, placement=moved[id(resource.placement)]) for resource in report.resources),
    )


def _first(first: Mapping[str | None, str], placement: Placement) -> str:
    partition = value_of(placement.partition)
    return placement.provider if partition is None else first.get(partition, placement.provider)


def _joined(footprint: Footprint, names: Mapping[RegionKey, RegionKey]) -> Footprint:
    rows: dict[RegionKey, list[Tally]] = {}
    laws: dict[RegionKey, frozenset[str]] = {}
    for key, tally in footprint.regions.items():
        rows.setdefault(names[key], []).append(tally)
    for key, law in footprint.region_jurisdictions.items():
        laws[names[key]] = laws.get(names[key], frozenset()) | law
    return replace(footprint, regions={key: _sum(each) for key, each in rows.items()}, region_jurisdictions=laws)


def _sum(tallies: Iterable[Tally]) -> Tally:
    each = tuple(tallies)
    return Tally(
        direct=tuple(sorted({position for tally in each for position in tally.direct})),
        affected=tuple(sorted({position for tally in each for position in tally.affected})),
        exposed=tuple(sorted({position for tally in each for position in tally.exposed})),
    )
