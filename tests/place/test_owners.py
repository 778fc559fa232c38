"""Whose a resource is where the argument that says so is known only after apply.

Terraform marks an argument so both where the block sets it to something that is not known yet and where the provider
computes it (its own project, in Google providers that do not fill it in when planning). Only in the first case may it
be another account than the provider's.
"""

from itertools import pairwise

import pytest

from place.documents import (
    AWS,
    AZURE,
    GOOGLE,
    Json,
    change,
    config,
    document,
    place,
    placements,
    reference,
    unknown,
    value,
)
from scopegate.place.place import _MOST_HOPS
from scopegate.place.placement import Cause, Known

AZAPI = "registry.terraform.io/azure/azapi"
HERE, THERE = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
SEED = config("google", project="seed", region="europe-west1")


def google(address: str, after: Json, *later: str, **arguments: object) -> Json:
    unknown = dict.fromkeys(later, True)
    return change(address, after, provider=GOOGLE, key="google", arguments=arguments, unknown=unknown)


def topic(*later: str, **arguments: object) -> Json:
    return google("google_pubsub_topic.t", {"name": "t"}, *later, **arguments)


NEW = google("google_project.new", {"project_id": "shop-new", "org_id": "1"}, "number", "id", project_id={}, org_id={})


def test_a_project_that_nobody_can_name_yet_is_not_that_of_the_provider() -> None:
    """`terraform_data.p.output` is unknown until apply, and may then be any project."""
    helper = change("terraform_data.p", {}, provider="terraform.io/builtin/terraform", unknown={"output": True})
    found = place(topic("project", project=reference("terraform_data.p.output")), helper, providers=SEED)
    assert unknown(found.account).cause is Cause.AFTER_APPLY
    assert unknown(found.account).reason == (
        "attribute project is known only after apply, so whose it will be cannot be told"
    )


def test_a_project_that_the_provider_computes_is_its_own() -> None:
    assert value(place(topic("project", "id"), providers=SEED).account) == "seed"


def test_of_what_has_no_block_nothing_is_set() -> None:
    """So it is in a plan whose configuration was cut down: the provider is the only one left to say it."""
    made = topic("project", project=reference("local.project")) | {"_key": None}
    assert value(place(made, providers=SEED).account) == "seed"


def test_a_project_that_the_block_sets_and_the_plan_knows_is_that() -> None:
    made = google("google_pubsub_topic.t", {"project": "shop-dev"}, "id", project=reference("var.project"))
    assert value(place(made, providers=SEED).account) == "shop-dev"


@pytest.mark.parametrize("attribute", ["number", "id"])
def test_a_project_by_the_number_of_one_that_is_made_is_that_one(attribute: str) -> None:
    made = topic("project", project=reference(f"google_project.new.{attribute}", "google_project.new"))
    found = place(made, NEW, providers=SEED)
    assert found.account == Known("shop-new", "project is that of google_project.new")


@pytest.mark.parametrize(
    "read",
    [
        "google_project.new.org_id",  # whose the project is, and no project
        "google_project.new.name",
        "google_project.gone.number",
        "local.project",
    ],
)
def test_a_project_by_what_names_none_is_not_known(read: str) -> None:
    found = place(topic("project", project=reference(read)), NEW, providers=SEED)
    assert unknown(found.account).cause is Cause.AFTER_APPLY


def test_what_is_made_of_a_known_project_and_something_unknown_is_another() -> None:
    """Terraform knows `google_project.new.project_id`, so it is `"${…}-${uuid()}"`, of which JSON lists the name."""
    found = place(topic("project", project=reference("google_project.new.project_id")), NEW, providers=SEED)
    assert unknown(found.account).cause is Cause.AFTER_APPLY


def test_a_project_that_is_computed_from_two_is_neither() -> None:
    both = reference("google_project.new.number", "data.google_project.old.number")
    old = google("data.google_project.old", {"project_id": "shop-old"}, "number", project_id={})
    assert unknown(place(topic("project", project=both), NEW, old, providers=SEED).account).cause is Cause.AFTER_APPLY


def test_a_new_project_whose_id_is_not_known_is_in_no_account_that_is() -> None:
    """`project_id = "shop-${random_id.p.hex}"`; that its organisation is known says nothing of the project."""
    made = google(
        "google_project.new", {"org_id": "1"}, "project_id", "number", project_id=reference("random_id.p.hex")
    )
    found = placements(document(topic("project", project=reference("google_project.new.number")), made, providers=SEED))
    assert unknown(found["google_project.new"].account).cause is Cause.AFTER_APPLY
    assert unknown(found["google_pubsub_topic.t"].account).cause is Cause.AFTER_APPLY


def test_the_organisation_of_a_project_may_wait() -> None:
    made = google("google_project.p", {"project_id": "shop"}, "org_id", project_id={}, org_id=reference("local.org"))
    assert value(place(made, providers=SEED).account) == "shop"


def test_data_that_are_read_on_apply_say_the_project_of_their_provider() -> None:
    """So `depends_on` of a module makes the data sources in it."""
    asked = google("data.google_client_config.c", {}, "project", "region")
    found = place(topic("project", project=reference("data.google_client_config.c.project")), asked, providers=SEED)
    assert value(found.account) == "seed"


def test_a_project_is_followed_from_resource_to_resource() -> None:
    service = google("google_project_service.s", {}, "project", project=reference("google_project.new.number"))
    made = topic("project", project=reference("google_project_service.s.project"))
    assert value(place(made, service, NEW, providers=SEED).account) == "shop-new"


def test_projects_that_are_those_of_each_other_are_not_known() -> None:
    """No plan of Terraform has such a ring."""
    service = google("google_project_service.s", {}, "project", project=reference("google_pubsub_topic.t.project"))
    made = topic("project", project=reference("google_project_service.s.project"))
    assert unknown(place(made, service, providers=SEED).account).cause is Cause.AFTER_APPLY


def test_a_line_of_projects_that_no_plan_has_is_not_followed_to_its_end() -> None:
    line = [
        google(
            f"google_project_service.s{n}", {}, "project", project=reference(f"google_project_service.s{n + 1}.project")
        )
        for n in range(2000)
    ]
    assert unknown(place(*line, providers=SEED).account).cause is Cause.AFTER_APPLY


@pytest.mark.parametrize(("others", "is_known"), [(_MOST_HOPS - 1, True), (_MOST_HOPS, False)])
def test_a_line_of_projects_is_followed_over_so_many(others: int, is_known: bool) -> None:
    names = [f"google_project_service.s{n}" for n in range(others)]
    made = topic("project", project=reference("google_project_service.s0.project"))
    reads = [*(f"{name}.project" for name in names[1:]), "google_project.new.number"]
    line = [google(name, {}, "project", project=reference(read)) for name, read in zip(names, reads, strict=True)]
    assert isinstance(place(made, *line, NEW, providers=SEED).account, Known) == is_known


def test_of_several_in_one_project_the_first_address_is_named() -> None:
    def service(key: str) -> Json:
        address, read = f'google_project_service.s["{key}"]', reference("google_project.new.number")
        return google(address, {}, "project", project=read) | {"index": key}

    made = topic("project", project=reference("google_project_service.s.project", "google_project_service.s"))
    found = place(made, service("c"), service("a"), service("b"), NEW, providers=SEED)
    assert found.account == Known("shop-new", 'project is that of google_project_service.s["a"]')


def test_the_project_of_several_is_that_of_all() -> None:
    def project(key: str, name: str) -> Json:
        made = google(f'google_project.p["{key}"]', {"project_id": name}, "number", project_id={})
        return made | {"index": key}

    made = topic("project", project=reference("google_project.p", "each.key"))
    numbered = topic("project", project=reference("google_project.p.number", "google_project.p"))
    a, b = project("a", "shop-a"), project("b", "shop-b")
    assert unknown(place(made, a, b, providers=SEED).account).cause is Cause.AFTER_APPLY
    assert unknown(place(numbered, a, b, providers=SEED).account).candidates == ("shop-a", "shop-b")
    assert value(place(numbered, a, providers=SEED).account) == "shop-a"
    open_one = project("c", "") | {"change": NEW["change"] | {"after": {}, "after_unknown": {"project_id": True}}}
    assert unknown(place(numbered, a, open_one, providers=SEED).account).candidates == ("shop-a",)


def test_a_project_that_a_module_is_given_is_followed_to_its_caller() -> None:
    made = google("module.m.google_pubsub_topic.t", {}, "project", project=reference("var.project"))
    passed = {"m": {"project": reference("google_project.new.number", "google_project.new")}}
    assert value(place(made, NEW, providers=SEED, calls=passed).account) == "shop-new"


def test_what_is_replaced_in_a_project_that_is_not_known_yet_is_not_in_the_old_one() -> None:
    was = {"name": "t", "project": "seed", "id": "projects/seed/topics/t"}
    made = change(
        "google_pubsub_topic.t",
        {"name": "t"},
        was,
        provider=GOOGLE,
        key="google",
        arguments={"project": reference("local.project")},
        unknown={"project": True, "id": True},
        actions=["delete", "create"],
    )
    assert unknown(place(made, providers=SEED).account).cause is Cause.AFTER_APPLY


def test_topics_that_say_the_same_are_told_apart_by_what_their_blocks_set() -> None:
    own = google("google_pubsub_topic.own", {"name": "t"}, "project")
    other = google(
        "google_pubsub_topic.other", {"name": "t"}, "project", project=reference("google_project.new.number")
    )
    unsaid = google("google_pubsub_topic.unsaid", {"name": "t"}, "project", project=reference("local.project"))
    found = placements(document(own, other, unsaid, NEW, providers=SEED))
    assert value(found["google_pubsub_topic.own"].account) == "seed"
    assert value(found["google_pubsub_topic.other"].account) == "shop-new"
    assert unknown(found["google_pubsub_topic.unsaid"].account).cause is Cause.AFTER_APPLY


def test_who_may_read_a_bucket_of_a_project_that_is_not_known_is_not_told_by_the_provider() -> None:
    bucket = google("google_storage_bucket.b", {"name": "b", "location": "EU"}, "project", project=reference("local.p"))
    member = google(
        "google_storage_bucket_iam_member.m", {"bucket": "b"}, bucket=reference("google_storage_bucket.b.name")
    )
    assert unknown(place(member, bucket, providers=SEED).account).cause is Cause.AFTER_APPLY


def test_a_member_of_what_is_not_in_the_plan_is_global_and_of_its_providers_project() -> None:
    made = google(
        "google_service_account_iam_member.m", {"member": "user:a@b.c"}, service_account_id=reference("var.s")
    )
    found = place(made, providers=SEED)
    assert (value(found.region), value(found.account)) == ("global", "seed")


def buckets(**projects: str | None) -> list[Json]:
    return [
        google(
            f'google_storage_bucket.b["{key}"]',
            {"name": key, "location": "EU"} | ({"project": project} if project else {}),
            *([] if project else ["project"]),
            project=reference("local.p"),
        )
        | {"index": key}
        for key, project in projects.items()
    ]


EVERY = reference("google_storage_bucket.b", "each.value")
MEMBER = google("google_storage_bucket_iam_member.m", {"member": "allUsers"}, bucket=EVERY)


@pytest.mark.parametrize("project", ["seed", "shop-prod"])
def test_whose_a_member_of_buckets_is_says_the_first_of_them(project: str) -> None:
    found = place(MEMBER, *buckets(y=project, x=project), providers=SEED)
    assert found.account == Known(project, 'that of google_storage_bucket.b["x"]')


def test_buckets_of_which_one_may_be_anywhere_say_what_is_known_of_the_other() -> None:
    assert unknown(place(MEMBER, *buckets(x="shop-prod", y=None), providers=SEED).account).candidates == ("shop-prod",)


@pytest.mark.parametrize(("services", "project"), [(31, "shop-new"), (32, None)])
def test_a_line_of_projects_is_followed_through_32_resources(services: int, project: str | None) -> None:
    names = [f"google_project_service.s{n}.project" for n in range(services)] + ["google_project.new.number"]
    made = [topic("project", project=reference(names[0]))]
    made += [
        google(name.removesuffix(".project"), {}, "project", project=reference(after))
        for name, after in pairwise(names)
    ]
    account = place(*made, NEW, providers=SEED).account
    assert (account.value if isinstance(account, Known) else None) == project


def test_an_argument_that_leads_to_the_account_of_the_provider_needs_no_evidence_of_its_own() -> None:
    asked = google("data.google_client_config.c", {}, "project")
    found = place(topic("project", project=reference("data.google_client_config.c.project")), asked, providers=SEED)
    assert found.account == Known("seed", "provider google: project")


AZURES = config("azurerm", subscription_id=HERE) | config("azurerm.there", subscription_id=THERE)


def azure(address: str, after: Json, *later: str, key: str = "azurerm", **arguments: object) -> Json:
    unknown = dict.fromkeys(later, True)
    return change(address, after, provider=AZURE, key=key, arguments=arguments, unknown=unknown)


def test_what_names_its_parent_is_in_the_subscription_of_its_provider() -> None:
    """A subnet is made in the subscription of the client, by the name of a network (docs of azurerm_subnet)."""
    network = azure("azurerm_virtual_network.v", {"name": "v", "location": "westeurope"}, key="azurerm.there")
    made = azure("azurerm_subnet.s", {"name": "s", "virtual_network_name": "v"})
    made["_arguments"]["virtual_network_name"] = reference("azurerm_virtual_network.v.name")
    found = place(made, network, providers=AZURES)
    assert (value(found.region), value(found.account)) == ("westeurope", HERE)


def secret(read: str) -> Json:
    return azure("azurerm_key_vault_secret.s", {"name": "s"}, "key_vault_id", "id", key_vault_id=reference(read))


@pytest.mark.parametrize(("key", "subscription"), [("azurerm", HERE), ("azurerm.there", THERE)])
def test_an_id_that_is_not_known_is_in_the_subscription_of_what_it_is_of(key: str, subscription: str) -> None:
    vault = azure("azurerm_key_vault.v", {"name": "v", "location": "westeurope"}, "id", key=key)
    assert value(place(secret("azurerm_key_vault.v.id"), vault, providers=AZURES).account) == subscription


def test_a_name_is_one_in_the_subscription_of_the_provider() -> None:
    subnet = azure("azurerm_subnet.s", {}, "virtual_network_name", virtual_network_name=reference("local.name"))
    assert value(place(subnet, providers=AZURES).account) == HERE
    network = azure("azurerm_virtual_network.v", {"name": "v", "location": "eastus"}, key="azurerm.there")
    subnet = azure("azurerm_subnet.s", {}, virtual_network_name=reference("azurerm_virtual_network.v.name"))
    assert value(place(subnet, network, providers=AZURES).account) == HERE


def test_an_id_of_something_beside_it_does_not_say_whose_a_resource_is() -> None:
    """`resource_id` is the "management URI of the backend host in an external system" (docs of the type)."""
    backend = azure("azurerm_api_management_backend.b", {}, "resource_id", resource_id=reference("local.app"))
    assert value(place(backend, providers=AZURES).account) == HERE


def test_what_other_arguments_read_says_nothing_of_the_subscription_of_an_id() -> None:
    vault = azure("azurerm_key_vault.v", {"name": "v", "location": "westeurope"}, "id")
    identity = azure("azurerm_user_assigned_identity.i", {"location": "westeurope"}, "client_id", key="azurerm.there")
    made = secret("azurerm_key_vault.v.id")
    made["_arguments"]["value"] = reference("azurerm_user_assigned_identity.i.client_id")
    assert value(place(made, vault, identity, providers=AZURES).account) == HERE


def test_an_id_that_leads_to_nothing_is_in_no_subscription() -> None:
    helper = change("terraform_data.v", {}, provider="terraform.io/builtin/terraform", unknown={"output": True})
    assert (
        unknown(place(secret("terraform_data.v.output"), helper, providers=AZURES).account).cause is Cause.AFTER_APPLY
    )


def test_an_id_that_a_helper_has_a_part_in_may_be_of_any_subscription() -> None:
    helper = change("terraform_data.v", {}, provider="terraform.io/builtin/terraform", unknown={"output": True})
    vault = azure("azurerm_key_vault.v", {"name": "v", "location": "westeurope"}, "id")
    made = secret("azurerm_key_vault.v.id")
    made["_arguments"]["key_vault_id"]["references"].append("terraform_data.v.output")
    assert unknown(place(made, vault, helper, providers=AZURES).account).cause is Cause.AFTER_APPLY


def test_what_exists_says_its_subscription_itself() -> None:
    said = f"/subscriptions/{THERE}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/s"
    made = azure("azurerm_key_vault_secret.s", {"id": said}, "key_vault_id", key_vault_id=reference("local.v"))
    assert value(place(made, providers=AZURES).account) == THERE


def test_an_object_of_azapi_is_in_the_subscription_of_its_parent() -> None:
    def azapi(name: str, parent: str) -> Json:
        made = {"type": "Microsoft.Storage/storageAccounts@2023-05-01", "location": "westeurope"}
        return change(
            f"azapi_resource.{name}",
            made,
            provider=AZAPI,
            key="azapi",
            arguments={"parent_id": reference(parent)},
            unknown={"parent_id": True, "id": True},
        )

    group = azure("azurerm_resource_group.g", {"name": "g", "location": "westeurope"}, "id", key="azurerm.there")
    providers = AZURES | config("azapi", subscription_id=HERE)
    outer, inner = azapi("outer", "azurerm_resource_group.g.id"), azapi("inner", "azapi_resource.outer.id")
    found = placements(document(inner, outer, group, providers=providers))
    assert value(found["azapi_resource.outer"].account) == THERE
    assert value(found["azapi_resource.inner"].account) == THERE
    assert unknown(place(azapi("a", "local.group"), providers=providers).account).cause is Cause.AFTER_APPLY


ACCOUNT, OTHER = "111122223333", "444455556666"


def block_public_access(read: str) -> Json:
    address, later = "aws_s3_account_public_access_block.b", {"account_id": True}
    return change(address, {}, provider=AWS, arguments={"account_id": reference(read)}, unknown=later)


def test_an_account_that_is_asked_for_on_apply_is_that_of_the_provider() -> None:
    asked = change("data.aws_caller_identity.c", {}, unknown={"account_id": True})
    providers = config("aws", region="eu-central-1", allowed_account_ids=[ACCOUNT])
    providers["aws"]["expressions"]["allowed_account_ids"] = {"constant_value": [ACCOUNT]}
    found = place(block_public_access("data.aws_caller_identity.c.account_id"), asked, providers=providers)
    assert value(found.account) == ACCOUNT
    made = change("aws_organizations_account.new", {"name": "n"}, unknown={"id": True})
    assert (
        unknown(place(block_public_access("aws_organizations_account.new.id"), made, providers=providers).account).cause
        is Cause.AFTER_APPLY
    )


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("azurerm_role_assignment", "scope"),
        ("azurerm_management_lock", "scope"),
        ("azurerm_resource_group_policy_assignment", "resource_group_id"),
        ("azurerm_resource_policy_exemption", "resource_id"),
        ("azurerm_consumption_budget_resource_group", "resource_group_id"),
    ],
)
def test_a_role_or_a_lock_is_in_the_subscription_of_what_it_is_made_at(kind: str, argument: str) -> None:
    """Its id begins with the scope, which is not known where that is made too (docs of azurerm_role_assignment)."""
    group = azure("azurerm_resource_group.g", {"name": "g", "location": "westeurope"}, "id", key="azurerm.there")
    made, left_out = azure(f"{kind}.a", {}, argument, "id"), azure(f"{kind}.a", {}, argument, "id")
    made["_arguments"][argument] = reference("azurerm_resource_group.g.id")
    assert value(place(made, group, providers=AZURES).account) == THERE
    made["_arguments"][argument] = reference("local.scope")
    assert unknown(place(made, group, providers=AZURES).account).cause is Cause.AFTER_APPLY
    assert value(place(left_out, group, providers=AZURES).account) == HERE


def test_a_role_at_a_subscription_that_is_made_too_is_not_in_that_of_the_provider() -> None:
    subscription = azure("azurerm_subscription.new", {"subscription_name": "n"}, "id", "subscription_id")
    role = azure("azurerm_role_assignment.r", {}, "scope", scope=reference("azurerm_subscription.new.id"))
    assert unknown(place(role, subscription, providers=AZURES).account).cause is Cause.AFTER_APPLY
    asked = azure("data.azurerm_subscription.d", {"id": f"/subscriptions/{THERE}"})
    role = azure("azurerm_role_assignment.r", {}, "scope", scope=reference("data.azurerm_subscription.d.id"))
    assert value(place(role, asked, providers=AZURES).account) == THERE
