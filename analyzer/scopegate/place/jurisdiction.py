"""Under which law a place is."""

from scopegate.facts.facts import Facts
from scopegate.place.placement import GLOBAL, Cause, Known, Unknown


def jurisdictions_of(
    cloud: str, partition: Known[str] | Unknown, region: Known[str] | Unknown, facts: Facts, service: str | None = None
) -> Known[frozenset[str]] | Unknown:
    """Return the jurisdictions of a place, or why they are not known.

    A partition with a law of its own (China, government, sovereign clouds) overrides the country, and holds also where
    the region is not known. A global service of a partition without one has none of its own: the set is known to be
    empty, and its region, ``GLOBAL``, is what has to be allowed. A multi-region has those of all its members.
    """
    if isinstance(partition, Known):
        law = facts.partition(cloud, partition.value)
        if law is not None and law.jurisdiction:
            return Known(frozenset({law.jurisdiction}), f"partition {partition.value}")
    if isinstance(region, Unknown):
        return Unknown("its region is not known", cause=region.cause)
    if region.value == GLOBAL:
        return _of_global(partition)
    found = facts.region(cloud, region.value) or facts.multi_region(cloud, region.value, service)
    if found is None:
        return Unknown(f"no fact table says which country {region.value} is in", cause=Cause.NEWER)
    return Known(found.jurisdictions, f"region {region.value}")


def _of_global(partition: Known[str] | Unknown) -> Known[frozenset[str]] | Unknown:
    if isinstance(partition, Unknown):
        return Unknown("a global service whose partition is not known", cause=partition.cause)
    return Known(frozenset(), f"global service: partition {partition.value} has no law of its own")


def law_of_region(cloud: str, region: str, facts: Facts) -> frozenset[str]:
    """Return the jurisdictions of a region or multi-region; empty where no table has it."""
    found = facts.region(cloud, region) or facts.multi_region(cloud, region)
    if found is not None:
        return found.jurisdictions
    partition = facts.partition_of_region(cloud, region)
    return frozenset({partition.jurisdiction}) if partition and partition.jurisdiction else frozenset()
