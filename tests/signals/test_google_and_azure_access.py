"""Who is given which role in Google Cloud, before and after; at which level of Azure a right is given."""

import json
from typing import Any

import pytest

from handmade import placement
from scopegate.facts.facts import Facts
from scopegate.plan.decode import decode_plan
from scopegate.signals.azure_scope import level_of
from scopegate.signals.change import Surroundings, change_at
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.predicates import AzureScope, GoogleGrants
from scopegate.signals.words import AzureLevel, GoogleWidening
from signals.written_changes import change

ANNA, BEN = "user:anna@example.com", "user:ben@example.com"


def found(what: GoogleWidening, before: Any, after: Any, **more: Any) -> Finding:
    return GoogleGrants(what=(what,)).holds(change(before, after, address="google_project_iam_member.a", **more))


def binding(role: str, *members: str, condition: str = "") -> dict[str, Any]:
    written = [{"title": "t", "expression": condition}] if condition else []
    return {"role": role, "members": list(members), "condition": written}


def policy(*bindings: dict[str, Any]) -> dict[str, str]:
    return {"policy_data": json.dumps({"bindings": bindings})}


@pytest.mark.parametrize(
    ("what", "before", "after", "expected"),
    [
        ("public", None, binding("roles/viewer", ANNA, "allUsers"), Fires()),
        ("public", None, binding("roles/viewer", "allAuthenticatedUsers"), Fires()),
        ("public", None, binding("roles/viewer", ANNA), None),
        ("public", binding("roles/viewer", "allUsers"), binding("roles/viewer", "allUsers", ANNA), None),
        ("public", binding("roles/viewer", "allUsers"), binding("roles/viewer", ANNA), None),
        ("admin", None, {"role": "roles/owner", "member": ANNA}, Fires("roles/owner")),
        ("admin", None, {"role": "roles/viewer", "member": ANNA}, None),
        ("admin", None, policy(binding("roles/viewer", ANNA), binding("roles/editor", BEN)), Fires("roles/editor")),
        ("impersonation", None, binding("roles/iam.serviceAccountUser", ANNA), Fires("roles/iam.serviceAccountUser")),
        ("impersonation", None, binding("roles/owner", ANNA), None),
        ("anything", binding("roles/viewer", ANNA), binding("roles/viewer", ANNA, BEN), Fires()),
        ("anything", binding("roles/viewer", ANNA, BEN), binding("roles/viewer", ANNA), None),
        ("access-removed", binding("roles/viewer", ANNA, BEN), binding("roles/viewer", ANNA), Fires()),
        ("access-removed", binding("roles/viewer", ANNA), binding("roles/viewer", ANNA, BEN), None),
        ("admin-removed", binding("roles/owner", ANNA, BEN), binding("roles/owner", ANNA), Fires("roles/owner")),
        ("admin-removed", binding("roles/viewer", ANNA, BEN), binding("roles/viewer", ANNA), None),
    ],
)
def test_a_grant_is_a_role_and_a_member(what: GoogleWidening, before: Any, after: Any, expected: Finding) -> None:
    assert found(what, before, after) == expected


def test_the_detail_names_roles_of_our_own_table_only() -> None:
    both = policy(binding("roles/owner", ANNA), binding("roles/canary", ANNA))
    assert found("anything", policy(), both) == Fires("roles/owner")
    four = ("roles/owner", "roles/editor", "roles/iam.roleAdmin", "roles/iam.serviceAccountUser")
    assert found("anything", policy(), policy(*(binding(role, ANNA) for role in four))) == Fires(
        "roles/editor, roles/iam.roleAdmin, roles/iam.serviceAccountUser"
    )


def test_a_condition_more_gives_nothing_and_a_condition_less_does() -> None:
    free, bound = binding("roles/owner", ANNA), binding("roles/owner", ANNA, condition="request.time < x")
    assert found("admin", free, bound) is None
    assert found("access-removed", free, bound) == Fires("roles/owner")
    assert found("admin", bound, free) == Fires("roles/owner")
    assert found("access-removed", bound, free) is None
    assert found("admin", bound, binding("roles/owner", ANNA, condition="true")) == Fires("roles/owner")


def test_the_same_grant_of_another_project_is_taken_there_and_given_here() -> None:
    owner = {"role": "roles/owner", "member": ANNA}
    elsewhere: dict[str, Any] = {"replace_paths": (("project",),)}
    assert found("admin", owner, owner, **elsewhere) == Fires("roles/owner")
    assert found("admin-removed", owner, owner, **elsewhere) == Fires("roles/owner")
    assert found("admin", owner, owner) is None
    reworded = {"replace_paths": (("member",), ("role",), ("condition", 0))}
    assert found("admin", owner, owner, **reworded) is None
    assert found("admin", owner, owner, replace_paths=(("member",), ("project",))) == Fires("roles/owner")


@pytest.mark.parametrize(
    ("what", "after", "unknown", "expected"),
    [
        ("admin", {"role": "roles/owner"}, {"member": True}, Fires("roles/owner")),
        ("admin", {"role": "roles/viewer"}, {"member": True}, None),
        ("impersonation", {"role": "roles/viewer"}, {"members": True}, None),
        ("admin", {"role": "roles/owner"}, {"members": [False, True]}, Fires("roles/owner")),
        ("admin", {}, {"member": True, "role": True}, Undecidable("member")),
        ("admin", {"member": ANNA}, {"role": True}, Undecidable("role")),
        ("public", {"member": ANNA}, {"role": True}, None),
        ("public", {"member": "allUsers"}, {"role": True}, Fires()),
        ("public", {"role": "roles/viewer"}, {"member": True}, Undecidable("member")),
        ("public", {"role": "roles/viewer"}, {"members": True}, Undecidable("members")),
        ("public", {}, {"policy_data": True}, Undecidable("policy_data")),
        ("admin", {}, {"policy_data": True}, Undecidable("policy_data")),
        ("anything", {"role": "roles/viewer"}, {"member": True}, Fires()),
        ("admin", {"role": "roles/owner", "member": ANNA}, {"etag": True}, Fires("roles/owner")),
        ("anything", {"role": "roles/viewer"}, {"etag": True}, None),
    ],
)
def test_what_is_not_known_yet_is_told_where_the_rest_decides(
    what: GoogleWidening, after: Any, unknown: Any, expected: Finding
) -> None:
    assert found(what, None, after, unknown=unknown) == expected


def test_no_way_to_take_more_rights_depends_on_who_has_a_harmless_role() -> None:
    one = change(None, {"role": "roles/viewer"}, unknown={"member": True}, address="google_project_iam_member.a")
    assert GoogleGrants(what=("admin", "impersonation")).holds(one) is None
    assert GoogleGrants(what=("admin", "public")).holds(one) == Undecidable("member")


def test_a_grant_that_is_the_same_but_for_its_member_may_be_any() -> None:
    before = {"role": "roles/owner", "member": ANNA}
    assert found("admin", before, {"role": "roles/owner"}, unknown={"member": True}) == Fires("roles/owner")
    assert found("public", before, {"role": "roles/owner"}, unknown={"member": True}) == Undecidable("member")


@pytest.mark.parametrize(
    ("argument", "references", "expected"),
    [
        ("member", ["google_service_account.app.member", "google_service_account.app"], None),
        ("member", ["google_service_account.app.member", "var.who"], Undecidable("member")),
        ("member", ["var.who"], Undecidable("member")),
        ("member", [], Undecidable("member")),
        ("members", ["google_service_account.app.member", "google_service_account.app"], Undecidable("members")),
    ],
)
def test_a_new_service_account_is_not_everybody(argument: str, references: list[str], expected: Finding) -> None:
    named = {"address": "google_project_iam_member.a", "mode": "managed", "type": "google_project_iam_member"}
    one = {**named, "name": "a"}
    block = {**one, "expressions": {argument: {"references": references}, "role": {"constant_value": "roles/viewer"}}}
    planned = {"before": None, "after": {"role": "roles/viewer"}, "after_unknown": {argument: True}}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "configuration": {"root_module": {"resources": [block]}},
        "resource_changes": [{**one, "change": {"actions": ["create"], **planned}}],
    }
    around = Surroundings(decode_plan(json.dumps(document).encode(), "plan.json"), [placement()], Facts())
    assert GoogleGrants(what=("public",)).holds(change_at(0, around)) == expected
    assert GoogleGrants(what=("public", "admin")).holds(change_at(0, around)) == Undecidable(argument)


SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("resource_id", "level"),
    [
        ("/", "management-group"),
        ("/providers/Microsoft.Management/managementGroups/all", "management-group"),
        ("/PROVIDERS/microsoft.management/managementgroups/all", "management-group"),
        (SUBSCRIPTION, "subscription"),
        (f"{SUBSCRIPTION}/", "subscription"),
        (f"{SUBSCRIPTION}/resourceGroups/app", "resource-group"),
        (f"{SUBSCRIPTION}/resourceGroups/app/providers/Microsoft.Storage/storageAccounts/a", "resource"),
        ("/providers/Microsoft.Billing/billingAccounts/1/billingProfiles/2", "subscription"),
    ],
)
def test_a_scope_of_azure_is_at_a_level(resource_id: str, level: AzureLevel) -> None:
    """Microsoft Learn, "Understand scope for Azure RBAC": management group, subscription, resource group, resource."""
    assert level_of(resource_id) == level


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (["azurerm_management_group.platform.id"], Fires("at the level of a management group")),
        (["azurerm_management_group.each", "each.key"], Fires("at the level of a management group")),
        (["azurerm_subscription.app.subscription_id"], Fires("at the level of a subscription")),
        (["data.azurerm_subscription.current.id"], Fires("at the level of a subscription")),
        (["azurerm_resource_group.app.id"], None),
        (["azurerm_container_registry.images.id"], None),
        (["azurerm_container_registry.images.id", "azurerm_key_vault.secrets.id"], None),
        (["azurerm_container_registry.images.id", "azurerm_management_group.platform.id"], Undecidable("scope")),
        (["azurerm_container_registry.images.id", "var.scope"], Undecidable("scope")),
        (["azurerm_kubernetes_cluster.main.node_resource_group_id"], Undecidable("scope")),
        (["azurerm_management_group_subscription_association.a.id"], Undecidable("scope")),
        (["data.azurerm_client_config.current.id"], Undecidable("scope")),
        (["module.registry.id"], Undecidable("scope")),
        (["azapi_resource.any.id"], Undecidable("scope")),
        (["each.value"], Undecidable("scope")),
        (["var.scope"], Undecidable("scope")),
    ],
)
def test_a_scope_that_is_not_known_yet_is_at_the_level_of_what_it_refers_to(
    references: list[str], expected: Finding
) -> None:
    given = change(None, {}, unknown={"scope": True}, refers={"scope": references})
    assert AzureScope(path="scope", at=("management-group", "subscription")).holds(given) == expected


def test_the_scope_planned_counts_and_where_there_is_none_the_one_that_goes() -> None:
    at = AzureScope(path="scope", at=("management-group", "subscription"))
    whole, group = {"scope": SUBSCRIPTION}, {"scope": f"{SUBSCRIPTION}/resourceGroups/app"}
    assert at.holds(change(None, whole)) == Fires("at the level of a subscription")
    assert at.holds(change(None, {"scope": "/"})) == Fires("at the level of a management group")
    assert at.holds(change(None, group)) is None
    assert at.holds(change(whole, group)) is None
    assert at.holds(change(group, whole)) == Fires("at the level of a subscription")
    assert at.holds(change(whole, None)) == Fires("at the level of a subscription")
    assert at.holds(change(group, None)) is None
    assert at.holds(change(whole, {}, unknown={"scope": True})) == Undecidable("scope")
    assert at.holds(change(None, {}, unknown={"scope": True})) == Undecidable("scope")
    assert at.holds(change(None, {})) is None
    both = AzureScope(path="scopes", at=("subscription", "management-group"))
    assert both.holds(change(None, {"scopes": ["/", SUBSCRIPTION, group["scope"]]})) == Fires(
        "at the level of a management group, subscription"
    )
    assert both.holds(change(None, {"scopes": [group["scope"]]}, unknown={"scopes": [False, True]})) == Undecidable(
        "scopes"
    )
