"""The sentences for what stays unknown: what we saw, and the way out where there is one."""

from collections.abc import Sequence

from msgspec.structs import replace

from scopegate.facts.model import TypeScope
from scopegate.place.case import UNSEEN, Case
from scopegate.place.evidence import Claim
from scopegate.place.placement import Cause, Known, Unknown


def contradiction(claims: Sequence[Claim]) -> Unknown:
    """Return the answer where pieces of evidence name different values."""
    named = ", ".join(dict.fromkeys(f"{claim.evidence} says {claim.value}" for claim in claims))
    candidates = tuple(sorted({claim.value for claim in claims}))
    return Unknown(f"the evidence contradicts itself: {named}", candidates, Cause.CONTRADICTION)


def provisioned(case: Case) -> Unknown:
    """Return the answer for a helper that runs programs, or may: what it carries stands in the configuration only."""
    if case.runs == (UNSEEN,):
        return Unknown(
            "the plan came without its configuration, so whether it runs a provisioner, which can reach anything, "
            "cannot be told",
            cause=Cause.PROVISIONER,
        )
    return Unknown(
        f"it runs provisioner {', '.join(sorted(set(case.runs)))}, which can reach anything", cause=Cause.PROVISIONER
    )


def unmapped(case: Case) -> Unknown:
    """Return the answer for a type of which no table says where it lives."""
    row, provider = case.subject.row, case.provider.region
    if row is not None:
        return Unknown(row.note or f"the tables do not say where {row.type} lives", cause=Cause.PROVISIONER)
    candidates = (provider.value.region,) if isinstance(provider, Known) else provider.candidates
    name = case.subject.family.name
    way_out = f"add it to a types.csv of your own facts, or state a region with --default-region {name}=REGION"
    return Unknown(
        f"{case.subject.type} is in no fact table, so whether it lives where its provider is cannot be told; {way_out}",
        candidates,
        Cause.UNMAPPED,
    )


def not_said(case: Case) -> Unknown:
    """Return the answer where the attribute that names the place is not in the plan."""
    named = " or ".join(case.subject.places) or "location"
    return Unknown(
        f"the plan holds no {named} for it; state one with --default-region {case.subject.family.name}=REGION"
    )


def unsaid(argument: str) -> Unknown:
    """Return the answer where the argument that says whose it is is known only after apply."""
    reason = f"attribute {argument} is known only after apply, so whose it will be cannot be told"
    return Unknown(reason, cause=Cause.AFTER_APPLY)


def orphan(case: Case, parents: int, regions: tuple[str, ...]) -> Unknown:
    """Return the answer for what takes its place from others, of which ``parents`` were found, in ``regions``."""
    way_out = f"; state one with --default-region {case.subject.family.name}=REGION"
    if case.scope is TypeScope.CLUSTER:
        return Unknown(
            f"the cluster its provider talks to cannot be told from the plan{way_out}", regions, Cause.CLUSTER
        )
    if case.awaited and case.planned.obstacle:
        return replace(case.planned.obstacle, candidates=regions)
    if len(regions) > 1:
        return Unknown(f"it belongs to resources in different regions{way_out}", regions, Cause.PARENT)
    named = " or ".join(case.subject.parents) or "a parent"
    if parents:
        return Unknown(
            f"it has no location of its own, and that of its {named} is not known{way_out}", regions, Cause.PARENT
        )
    return Unknown(f"it has no location of its own, and its {named} is not in the plan{way_out}", (), Cause.PARENT)
