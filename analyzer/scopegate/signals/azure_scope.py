"""Predicates on Azure resource ids: at which level of the hierarchy a right or a policy is given."""

from collections.abc import Iterator, Sequence, Set

from scopegate.plan.address import Mode
from scopegate.plan.reference import OtherReference, Reference, ResourceReference, parse_reference
from scopegate.signals.change import Change, Path, steps
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.words import AzureLevel


def scope_is_at(change: Change, path: str, at: Sequence[AzureLevel]) -> Finding:
    """Return whether the resource id at ``path`` (after, or before where the object goes) is at one of the levels.

    What is known only after apply is the id of something that the block refers to, and so at the level of that.
    """
    where = steps(path)
    values = change.values_after(where) or ([] if change.is_unknown(where) else change.values_before(where))
    levels = {level_of(str(value)) for value in values}
    if levels.intersection(at):
        return _at_level(levels.intersection(at))
    if not change.is_unknown(where):
        return None
    referred = set(_levels_referred_to(change, where))
    wide = {level for level in referred if level in at}
    if not referred or None in referred or (wide and wide != referred):
        return Undecidable(path)
    return _at_level(wide) if wide else None


def _at_level(levels: Set[AzureLevel | None]) -> Fires:
    return Fires(f"at the level of a {', '.join(sorted(filter(None, levels)))}".replace("-", " "))


def _levels_referred_to(change: Change, where: Path) -> Iterator[AzureLevel | None]:
    """Yield the level of each resource that the argument refers to; None for what does not say one."""
    for expression in change.block.expressions if change.block else ():
        if expression.path == where:
            references = map(parse_reference, expression.references)
            yield from (_level_referred_to(found) for found in references if not isinstance(found, OtherReference))


def _level_referred_to(found: Reference) -> AzureLevel | None:
    """Return the level of the resource a reference is to; a computed key hides the attribute behind it."""
    if not isinstance(found, ResourceReference) or not found.type.startswith("azurerm_"):
        return None
    match found.type, found.attribute:
        case "azurerm_management_group", "id" | "":
            return "management-group"
        case "azurerm_subscription", "id" | "subscription_id" | "":
            return "subscription"
        case "azurerm_resource_group", "id" | "":
            return "resource-group"
        case kind, "id" if found.mode is Mode.MANAGED and "subscription" not in kind and "management_group" not in kind:
            return "resource"
        case _:
            return None


def level_of(resource_id: str) -> AzureLevel:
    """Return the level of an Azure resource id (Microsoft Learn, "Understand scope for Azure RBAC")."""
    parts = [part for part in resource_id.lower().split("/") if part]
    if not parts or parts[:2] == ["providers", "microsoft.management"]:
        return "management-group"
    if parts[0] != "subscriptions" or len(parts) <= 2:
        return "subscription"
    return "resource-group" if len(parts) <= 4 else "resource"
