"""Which partition of a cloud a resource is in: the separate instances of AWS and Azure, the universes of Google."""

from typing import Final

from msgspec.structs import replace

from scopegate.facts.facts import Facts
from scopegate.place.case import Case
from scopegate.place.evidence import Claim
from scopegate.place.placement import GLOBAL, Cause, Known, Unknown
from scopegate.place.siblings import together

_ARGUMENTS: Final = {"azure": 'environment = "public"', "google": 'universe_domain = "googleapis.com"'}
_UNDIVIDED: Final = frozenset({"edge", "saas", "identity"})


def partition_of(
    case: Case, cloud: str, region: Known[str] | Unknown, stated: str | None, facts: Facts
) -> tuple[Known[str] | Unknown, Known[str] | None]:
    """Return the partition of an instance, and the one it was in before where that is another.

    A region says its partition. Without one: the object's own ARN, the region, role, endpoints or environment of its
    provider, its neighbours, the region the caller states.
    """
    configured = case.provider.partition
    if isinstance(region, Known) and (found := partition_of_region(cloud, region.value, facts)):
        if case.provider.certain and isinstance(configured, Known) and configured.value != found:
            return _contradiction(Claim(found, f"region {region.value}"), configured), None
        return Known(found, f"region {region.value}"), None
    if not facts.partitions(cloud):
        return _undivided(case), None
    return _without_region(case, cloud, stated, facts)


def partition_of_region(cloud: str, region: str, facts: Facts) -> str | None:
    """Return the partition of a region or multi-region; None for ``GLOBAL`` and for what no table or pattern knows."""
    if region == GLOBAL:
        return None
    found = facts.partition_of_region(cloud, region)
    if found is not None:
        return found.id
    multi = facts.multi_region(cloud, region)
    return multi.partition if multi else None


def _without_region(
    case: Case, cloud: str, stated: str | None, facts: Facts
) -> tuple[Known[str] | Unknown, Known[str] | None]:
    own = next(iter(case.partitions), None)
    configured = _of_provider(case, cloud, facts)
    if own is not None:
        if not case.provider.certain or not isinstance(configured, Known) or configured.value == own.value:
            return Known(own.value, own.evidence), None
        if case.existed:
            return configured, Known(own.value, own.evidence)
        return _contradiction(own, configured), None
    if isinstance(configured, Known):
        return configured, None
    siblings = together([siblings.partition for siblings in case.siblings])
    if isinstance(siblings, Known):
        return siblings, None
    if stated is not None and (found := partition_of_region(cloud, stated, facts)):
        return Known(found, "stated by the caller"), None
    if configured is None and siblings is not None and siblings.cause is Cause.CONTRADICTION:
        return siblings, None
    why = configured or _not_named(case, cloud)
    return replace(why, candidates=why.candidates or (siblings.candidates if siblings else ())), None


def _of_provider(case: Case, cloud: str, facts: Facts) -> Known[str] | Unknown | None:
    region = case.provider.region
    if isinstance(region, Known) and (found := partition_of_region(cloud, region.value.region, facts)):
        return Known(found, region.evidence)
    return case.provider.partition


def _contradiction(own: Claim, configured: Known[str]) -> Unknown:
    reason = (
        f"the evidence contradicts itself: {own.evidence} says {own.value}, {configured.evidence} {configured.value}"
    )
    return Unknown(reason, tuple(sorted({own.value, configured.value})), Cause.CONTRADICTION)


def _undivided(case: Case) -> Known[str] | Unknown:
    family = case.subject.family
    if family.facts is not None and family.facts.layer in _UNDIVIDED:
        return Known(family.name, f"{family.facts.service} is one partition in the fact tables")
    return Unknown(f"no fact table says which partitions {family.name} has", cause=Cause.UNMAPPED)


def _not_named(case: Case, cloud: str) -> Unknown:
    name = case.subject.family.name
    argument = _ARGUMENTS.get(cloud)
    way_out = f"set {argument} in the provider block or state a region" if argument else "state a region"
    return Unknown(
        f"neither a region nor its provider says which cloud it is; {way_out} with --default-region {name}=REGION",
        cause=Cause.ENVIRONMENT,
    )
