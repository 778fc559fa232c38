"""Predicates on Azure resource ids: at which level of the hierarchy a right or a policy is given."""

from collections.abc import Sequence

from scopegate.signals.change import Change, steps
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.words import AzureLevel


def scope_is_at(change: Change, path: str, at: Sequence[AzureLevel]) -> Finding:
    """Return whether the resource id at ``path`` (after, or before where the object goes) is at one of the levels."""
    where = steps(path)
    values = change.values_after(where) or ([] if change.is_unknown(where) else change.values_before(where))
    levels = {level_of(str(value)) for value in values}
    if levels.intersection(at):
        return Fires(f"at the level of a {', '.join(sorted(levels.intersection(at)))}".replace("-", " "))
    return Undecidable(path) if change.is_unknown(where) else None


def level_of(resource_id: str) -> AzureLevel:
    """Return the level of an Azure resource id (Microsoft Learn, "Understand scope for Azure RBAC")."""
    parts = [part for part in resource_id.lower().split("/") if part]
    if not parts or parts[:2] == ["providers", "microsoft.management"]:
        return "management-group"
    if parts[0] != "subscriptions" or len(parts) <= 2:
        return "subscription"
    return "resource-group" if len(parts) <= 4 else "resource"
