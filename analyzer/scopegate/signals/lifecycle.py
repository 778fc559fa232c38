"""Predicates about what becomes of the object itself, by the fact tables and the placement; no attribute is read."""

from collections.abc import Sequence
from typing import Final

from scopegate.facts.model import Stateful
from scopegate.pattern import Pattern
from scopegate.plan.actions import Action
from scopegate.plan.address import module_path, parse_resource_address
from scopegate.plan.model import decode_values
from scopegate.signals.change import Change, Event, Path
from scopegate.signals.finding import Finding, Fires
from scopegate.signals.words import Order, WayBack


def state_at_stake(change: Change, way_back: Sequence[WayBack]) -> Finding:
    """Return whether the way back from the loss of this object is one of ``way_back``; the detail says what is lost."""
    stateful = change.around.facts.stateful(change.instance.type)
    if stateful is None:
        return Fires() if "unlisted" in way_back else None
    return Fires(_loss(stateful)) if stateful.way_back in way_back else None


_WAYS = {
    "none": "there is no way back",
    "window": "it can be recovered for a while only",
    "backup": "only a backup brings it back",
    "partial": "only a part can be brought back",
    "recreate": "it can be made again",
}


def _loss(stateful: Stateful) -> str:
    note = f": {stateful.way_back_note}" if stateful.way_back_note else ""
    return f"lost: {stateful.lost}; {_WAYS[stateful.way_back]}{note}"


def unmapped(change: Change) -> Finding:
    """Return whether no fact table knows the type, so that nobody can tell what it holds."""
    return Fires() if change.placement.located and not change.placement.mapped else None


def located(change: Change) -> Finding:
    """Return whether the object is somewhere, and not a helper such as a random string."""
    return Fires() if change.placement.located else None


def replacement_order(change: Change, first: Order) -> Finding:
    """Return whether the replacement begins with ``first``."""
    order: Order = "destroy" if change.instance.action is Action.DELETE_THEN_CREATE else "create"
    return Fires() if change.instance.action.replaces and order == first else None


_REASONS = {
    "replace_because_tainted": "it is marked tainted",
    "replace_by_request": "asked for with -replace",
    "replace_by_triggers": "by replace_triggered_by",
}
_ATTRIBUTE = Pattern(r"[a-z0-9_-]+\Z")


def replaced_because(change: Change, paths: Sequence[str]) -> Finding:
    """Return whether one of the attributes ``paths`` forces the replacement; without paths, whether it is one at all.

    The detail names the attributes. They come from ``replace_paths``, which Terraform writes from 0.15 on.
    """
    if not change.instance.action.replaces:
        return None
    forced = dict.fromkeys(".".join(_attributes(path)) for path in change.instance.replace_paths)
    if paths and not any(_covers(path, text) for path in paths for text in forced):
        return None
    if forced:
        return Fires(f"forced by {', '.join(list(forced)[:3])}")
    return Fires(_REASONS.get(change.instance.action_reason or "", ""))


def _attributes(path: Sequence[str | int]) -> Path:
    """Return the attribute names of a replace path; map keys are the author's words and are left out."""
    return tuple(step for step in path if isinstance(step, str) and _ATTRIBUTE.match(step))


def _covers(path: str, forced: str) -> bool:
    return forced == path or forced.startswith(f"{path}.")


_RUNS: Final = frozenset({Event.CREATE, Event.REPLACE, Event.DESTROY})


def provisioned(change: Change) -> Finding:
    """Return whether provisioners of its block run: at creation, or before it is destroyed.

    The plan does not tell the two apart (hashicorp/terraform internal/command/jsonconfig/config.go, ``provisioner``).
    """
    if change.events.isdisjoint(_RUNS):
        return None
    block = change.block
    if block is None or not block.provisioners:
        return None
    return Fires(", ".join(sorted({kind for kind in block.provisioners if _ATTRIBUTE.match(kind)} or {"provisioner"})))


def moved_across_modules(change: Change) -> Finding:
    """Return whether the object changes its module, keys of modules left aside."""
    previous = change.instance.previous_address
    if previous is None:
        return None
    change.look_further()
    same = module_path(parse_resource_address(previous).module) == module_path(change.instance.module)
    return None if same else Fires()


def reverts_drift(change: Change) -> Finding:
    """Return whether the change undoes what was done to the object outside of Terraform since the last apply.

    Terraform lists a drift whether or not the plan touches it; only what returns to its old value is undone.
    """
    drift = change.around.drift.get(change.instance.address)
    if drift is None:
        return None
    change.look_further()
    if drift.action is Action.DELETE:
        return Fires("it was deleted outside of Terraform") if Event.CREATE in change.events else None
    old, found = decode_values(drift.before), decode_values(drift.after)
    undone = [
        name for name in found if name in old and old[name] != found[name] and change.after.get(name) == old[name]
    ]
    return Fires(f"set outside of Terraform: {', '.join(sorted(undone)[:3])}") if undone else None
