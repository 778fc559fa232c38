"""Whose a resource is: AWS account, Azure subscription, Google project, or what another provider has instead."""

from collections.abc import Sequence

from scopegate.facts.facts import Facts
from scopegate.place.evidence import Claim
from scopegate.place.placement import Cause, Known, Unknown

_WORDS = {"aws": "account", "azure": "subscription", "google": "project"}
_WAYS_OUT = {
    "aws": "; a data source aws_caller_identity or allowed_account_ids in the provider block would say it",
    "azure": "; subscription_id in the provider block would say it",
    "google": "; project in the provider block would say it",
}


def account_of(
    cloud: str,
    own: Sequence[Claim],
    provider: Known[str] | Unknown | None,
    siblings: Known[str] | Unknown | None,
    *,
    strict: bool,
) -> Known[str] | Unknown:
    """Return the account: what the object itself says, then its provider's configuration, then its neighbours.

    ``strict`` is for clouds where the credentials alone decide whose account is touched (AWS): there an object and its
    provider that name different accounts contradict each other. An Azure id or a Google project decides by itself.
    """
    claims = {claim.value: claim.evidence for claim in reversed(own)}
    if strict and isinstance(provider, Known) and own:
        claims.setdefault(provider.value, provider.evidence)
    if len(claims) > 1 and (strict or cloud == "azure"):
        named = " and ".join(f"{evidence} says {account}" for account, evidence in sorted(claims.items()))
        return Unknown(f"the evidence contradicts itself: {named}", tuple(sorted(claims)), Cause.CONTRADICTION)
    if own:
        first = _named_project(own) if cloud == "google" else own[0]
        return Known(first.value, first.evidence)
    for answer in (provider, siblings):
        if isinstance(answer, Known):
            return answer
    return next((answer for answer in (provider, siblings) if answer is not None), _not_named(cloud))


def _named_project(own: Sequence[Claim]) -> Claim:
    """Return the first project that is named, and only else a number: ``id`` of a secret's version has the number.

    One project under two names would be two, and each rotation of a secret a change of two projects.
    """
    return next((claim for claim in own if not claim.value.isdigit()), own[0])


def _not_named(cloud: str) -> Unknown:
    word = _WORDS.get(cloud, "account")
    return Unknown(f"nothing in the plan names the {word}{_WAYS_OUT.get(cloud, '')}")


def environment_of(account: Known[str] | Unknown, facts: Facts) -> Known[str] | Unknown:
    """Return the environment of an account by the user's own accounts table; names and tags are not guessed from."""
    if isinstance(account, Unknown):
        return Unknown("its account is not known", cause=account.cause)
    row = facts.account(account.value)
    if row is None or row.environment is None:
        return Unknown(f"no accounts table says which environment {account.value} is", cause=Cause.UNMAPPED)
    return Known(row.environment, f"accounts table: {row.name}")
