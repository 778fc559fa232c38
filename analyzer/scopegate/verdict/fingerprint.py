"""What a sign-off covers, as sets that can be compared, and their digest.

It covers the places that are touched and how, what is destroyed, the signals, what is beyond each limit, and the policy
that was asked; not the plan's bytes, not the time. A new plan of the same meaning keeps it, any widening changes it. No
attribute value enters.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from scopegate.place.placement import AlsoReaches, Placement, value_of
from scopegate.plan.actions import Action
from scopegate.plan.digest import sha256_of
from scopegate.policy.kinds import COUNTS
from scopegate.policy.model import Change, Excess, Policy, PolicyDocument
from scopegate.reach.model import How

_SCOPE_DOMAIN: Final = b"scopegate/scope/v1\n"
_POLICY_DOMAIN: Final = b"scopegate/policy/v1\n"
_POLICIES_DOMAIN: Final = b"scopegate/policies/v1\n"
_DOCUMENT_DOMAIN: Final = b"scopegate/policy-document/v1\n"


class Cell(Struct, frozen=True, order=True):
    """One kind of touch of one kind of place; an empty text is an unknown value.

    ``left`` is the partition and region that a change moves away from, ``also`` are the places named besides.
    """

    provider: str
    partition: str
    region: str
    account: str
    environment: str
    service: str
    jurisdictions: str
    effect: str
    how: str
    change: str
    left: str = ""
    also: tuple[str, ...] = ()


class SignedScope(Struct, frozen=True):
    """What people agree to. ``beyond`` are ``limit: value``, ``counts`` maps a limit on a count to the count."""

    cells: frozenset[Cell] = frozenset()
    destructive: frozenset[str] = frozenset()
    signals: frozenset[str] = frozenset()
    beyond: frozenset[str] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)
    policy: str = ""

    @property
    def fingerprint(self) -> str:
        """``sha256:…`` of the canonical JSON form: keys and sets in order of code points, no spaces."""
        return f"sha256:{_digest(_SCOPE_DOMAIN, self)}"


def signed_scope(change: Change, policies: Sequence[Policy], excesses: Iterable[Excess]) -> SignedScope:
    """Return the scope that is to be signed for ``change``, whose plans are under ``policies``."""
    touches = change.reach.touches.values()
    instances, placements = change.plan.instances, change.placements
    found = tuple(excesses)
    return SignedScope(
        cells=_cells((placements[touch.instance], touch.how, instances[touch.instance].action) for touch in touches),
        destructive=frozenset(
            f"{instances[touch.instance].full_address} {instances[touch.instance].deposed or ''}".strip()
            for touch in touches
            if touch.how is How.DIRECT and instances[touch.instance].action.takes_the_ground
        ),
        signals=frozenset(f"{signal.rule} {signal.full_address}" for signal in change.signals),
        beyond=frozenset(
            f"{excess.limit.name}: {value}" for excess in found if excess.kind not in COUNTS for value in excess.values
        ),
        counts={excess.limit.name: _count(excess) for excess in found if excess.kind in COUNTS},
        policy=policies_digest(policies),
    )


def for_one_plan(scope: SignedScope, sha256: str) -> SignedScope:
    """Return ``scope`` as one that only the plan with this digest is within.

    For a scope in which sensitive values are hidden: two addresses that look alike in it may be two objects, and a
    sign-off for ``x["(sensitive 1)"]`` of one plan must not cover that of another.
    """
    return replace(scope, beyond=scope.beyond | {f"hidden values: signed for this plan only, sha256:{sha256}"})


def wider_than(scope: SignedScope, signed: SignedScope) -> SignedScope | None:
    """Return what of ``scope`` was not signed; None where everything was. A policy that changed signs nothing."""
    delta = SignedScope(
        cells=scope.cells - signed.cells,
        destructive=scope.destructive - signed.destructive,
        signals=scope.signals - signed.signals,
        beyond=scope.beyond - signed.beyond,
        counts={name: count for name, count in scope.counts.items() if count > signed.counts.get(name, 0)},
        policy="" if scope.policy == signed.policy else scope.policy,
    )
    return None if delta == SignedScope() else delta


def policy_digest(policy: Policy) -> str:
    """Return the SHA-256 of the policy's meaning, in hexadecimal; where its file lies and its lines mean nothing."""
    waivers = tuple(replace(waiver, origin="") for waiver in policy.waivers)
    return _digest(_POLICY_DOMAIN, replace(policy, name="", waivers=waivers))


def policies_digest(policies: Iterable[Policy]) -> str:
    """Return the digest of what was agreed for each of several plans, in any order; that of the only one."""
    each = sorted(map(policy_digest, policies))
    return each[0] if len(each) == 1 else _digest(_POLICIES_DOMAIN, each)


def document_digest(document: PolicyDocument) -> str:
    """Return the SHA-256 of everything a policy file means, for every plan, in hexadecimal."""
    waivers = tuple(replace(waiver, origin="") for waiver in document.waivers)
    origins: Mapping[tuple[str, str], str] = {}
    return _digest(_DOCUMENT_DOMAIN, replace(document, name="", waivers=waivers, origins=origins))


def together(scopes: Iterable[SignedScope]) -> SignedScope:
    """Return what several scopes allow together; counts add up, for each was agreed to."""
    each = tuple(scopes)
    counts: dict[str, int] = {}
    for scope in each:
        for name, count in scope.counts.items():
            counts[name] = counts.get(name, 0) + count
    return SignedScope(
        cells=frozenset().union(*(scope.cells for scope in each)),
        destructive=frozenset().union(*(scope.destructive for scope in each)),
        signals=frozenset().union(*(scope.signals for scope in each)),
        beyond=frozenset().union(*(scope.beyond for scope in each)),
        counts=counts,
    )


def _count(excess: Excess) -> int:
    return sum(int(value) for value in excess.values)


def _cells(touched: Iterable[tuple[Placement, How, Action]]) -> frozenset[Cell]:
    """Return the cells of what is touched where, how, and by which action; each different one is made once."""
    cases = {(id(placement), how, action): placement for placement, how, action in touched}
    return frozenset(
        _cell(placement, how, action.value)
        for (_, how, action), placement in cases.items()
        if how is not How.EXPOSED and placement.located
    )


def _cell(placement: Placement, how: How, action: str) -> Cell:
    return Cell(
        provider=placement.provider,
        partition=value_of(placement.partition) or "",
        region=value_of(placement.region) or "",
        account=value_of(placement.account) or "",
        environment=value_of(placement.environment) or "",
        service=value_of(placement.service) or "",
        jurisdictions=_joined(value_of(placement.jurisdictions)),
        effect=placement.effect or "",
        how=how.value,
        change=action if how is How.DIRECT else "",
        left=" ".join(
            value_of(place) or "" for place in (placement.previous_partition, placement.previous_region) if place
        ),
        also=tuple(
            sorted(
                " ".join((o.kind, o.partition or "-", _region(o), o.account or "-", _joined(o.jurisdictions)))
                for o in placement.also_reaches
            )
        ),
    )


def _region(other: AlsoReaches) -> str:
    return other.region or ("?" if other.unknown else "-")


def _joined(jurisdictions: Iterable[str] | None) -> str:
    """Return jurisdictions as one text; ``none`` is no law of its own, an empty text is not known."""
    return "" if jurisdictions is None else " ".join(sorted(jurisdictions)) or "none"


def _digest(domain: bytes, value: object) -> str:
    """Return a digest that no value of another domain can have."""
    return sha256_of(domain + msgspec.json.encode(_canonical(value), order="deterministic"))


def _canonical(value: object) -> object:
    """Return ``value`` in plain JSON values that depend on its meaning only: sets are sorted, types are named."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Struct):
        named = {name: _canonical(getattr(value, name)) for name in value.__struct_fields__}
        return {"type": type(value).__name__, **named}
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, frozenset | set):
        return sorted(map(_canonical, value), key=str)
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, Mapping):
        return {str(_canonical(key)): _canonical(item) for key, item in value.items()}
    return value
