"""The closed set of predicates that a rule may use, with their typed parameters.

Each is a small pure function on one change (or, for the second set, on the whole plan); this module only names them,
types their parameters and calls them. A new predicate is a struct here, a branch in ``holds``, a function beside its
kind, and a rule with examples.
"""

from typing import assert_never

import msgspec

from scopegate.signals.change import Change
from scopegate.signals.finding import Finding
from scopegate.signals.lifecycle import (
    Order,
    WayBack,
    located,
    moved_across_modules,
    replaced_because,
    replacement_order,
    reverts_drift,
    state_at_stake,
    unmapped,
)


class _Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="predicate"):
    """The parameters of one predicate; the tag is its name in rule files."""


class StateAtStake(_Parameters, frozen=True, tag="state_at_stake"):
    """The object's way back, by the table of stateful types, is one of those named."""

    way_back: tuple[WayBack, ...]


class Unmapped(_Parameters, frozen=True, tag="unmapped"):
    """No fact table knows the type."""


class Located(_Parameters, frozen=True, tag="located"):
    """The object is somewhere, and not a helper such as a random string."""


class ReplacementOrder(_Parameters, frozen=True, tag="replacement_order"):
    """What the replacement begins with."""

    first: Order


class ReplacedBecause(_Parameters, frozen=True, tag="replaced_because"):
    """One of the attributes ``paths`` forces the replacement; without paths, it is a replacement at all."""

    paths: tuple[str, ...] = ()


class MovedAcrossModules(_Parameters, frozen=True, tag="moved_across_modules"):
    """The object changes its module."""


class RevertsDrift(_Parameters, frozen=True, tag="reverts_drift"):
    """The change undoes what was done to the object outside of Terraform."""


Predicate = StateAtStake | Unmapped | Located | ReplacementOrder | ReplacedBecause | MovedAcrossModules | RevertsDrift


def holds(predicate: Predicate, change: Change) -> Finding:
    """Return whether ``predicate`` holds for ``change``."""
    match predicate:
        case StateAtStake():
            return state_at_stake(change, predicate.way_back)
        case Unmapped():
            return unmapped(change)
        case Located():
            return located(change)
        case ReplacementOrder():
            return replacement_order(change, predicate.first)
        case ReplacedBecause():
            return replaced_because(change, predicate.paths)
        case MovedAcrossModules():
            return moved_across_modules(change)
        case RevertsDrift():
            return reverts_drift(change)
        case _:
            assert_never(predicate)
