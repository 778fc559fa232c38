"""The digest of exactly what a sign-off covers.

It covers the places that are touched and how, what is destroyed, the signals, and the policy that was asked; not the
plan's bytes, not the time. A new plan of the same meaning keeps it, any widening changes it. No attribute value enters.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

import msgspec

from scopegate.place.placement import Placement
from scopegate.policy.model import Change, Policy
from scopegate.reach.footprint import known
from scopegate.reach.model import How


def fingerprint_of(change: Change, policy: Policy) -> str:
    """Return ``sha256:…`` of the signed scope of ``change`` under ``policy``."""
    touches = change.reach.touches.values()
    instances = change.plan.instances
    signed = {
        "version": 1,
        "cells": sorted(
            {
                _cell(change.placements[touch.instance], touch.how, instances[touch.instance].action.value)
                for touch in touches
                if touch.how is not How.EXPOSED and change.placements[touch.instance].located
            }
        ),
        "destructive": sorted(
            f"{instances[touch.instance].address} {instances[touch.instance].deposed or ''}".strip()
            for touch in touches
            if touch.how is How.DIRECT and instances[touch.instance].action.takes_the_ground
        ),
        "signals": sorted({f"{signal.rule} {signal.address}" for signal in change.signals}),
        "policy": policy_digest(policy),
    }
    return f"sha256:{_digest(signed)}"


def policy_digest(policy: Policy) -> str:
    """Return the SHA-256 of the policy's meaning, in hexadecimal."""
    return _digest(policy)


def _cell(placement: Placement, how: How, action: str) -> str:
    own = [
        placement.provider,
        known(placement.partition),
        known(placement.region),
        known(placement.account),
        known(placement.environment),
        known(placement.service),
        _joined(known(placement.jurisdictions)),
        placement.effect,
        how.value,
        action if how is How.DIRECT else None,
    ]
    others = sorted(
        " ".join(str(part) for part in (o.kind, o.partition, o.region, o.account, _joined(o.jurisdictions)))
        for o in placement.also_reaches
    )
    return msgspec.json.encode([*own, others]).decode()


def _joined(jurisdictions: Iterable[str] | None) -> str | None:
    return None if jurisdictions is None else " ".join(sorted(jurisdictions))


def _digest(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(_canonical(value), order="deterministic")).hexdigest()


def _canonical(value: object) -> object:
    """Return ``value`` in plain JSON values that depend on its meaning only: sets are sorted, types are named."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        named = {field.name: _canonical(getattr(value, field.name)) for field in fields(value)}
        return {"type": type(value).__name__, **named}
    if isinstance(value, Mapping):
        return {str(_canonical(key)): _canonical(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(map(_canonical, value), key=str)
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return value
