"""Places that a resource takes from the one it belongs to."""

import pytest

from place.documents import (
    AZURE,
    GOOGLE,
    Json,
    change,
    config,
    constant,
    document,
    is_unknown,
    place,
    placements,
    reference,
    unknown,
    value,
)
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.place.placement import GLOBAL, Cause, Known

KUBERNETES = "registry.terraform.io/hashicorp/kubernetes"


def azure(address: str, after: Json | None, before: Json | None = None, **arguments: object) -> Json:
    return change(address, after, before, provider=AZURE, key="azurerm", arguments=arguments)


NETWORK = azure("azurerm_virtual_network.v", {"name": "v", "location": "francecentral", "resource_group_name": "g"})


def test_a_subnet_is_where_its_network_is() -> None:
    subnet = azure("azurerm_subnet.s", {"name": "s"}, virtual_network_name=reference("azurerm_virtual_network.v.name"))
    found = place(subnet, NETWORK)
    assert value(found.region) == "francecentral"
    assert value(found.jurisdictions) == {"EU"}
    assert found.region.evidence == (  # type: ignore[union-attr]
        "virtual_network_name is azurerm_virtual_network.v: attribute location"
    )


def test_a_peering_is_where_its_own_network_is_and_reaches_the_other_one() -> None:
    there = azure("azurerm_virtual_network.there", {"name": "there", "location": "eastus"})
    peering = azure(
        "azurerm_virtual_network_peering.p",
        {"name": "p"},
        virtual_network_name=reference("azurerm_virtual_network.v.name"),
        remote_virtual_network_id=reference("azurerm_virtual_network.there.id"),
    )
    found = place(peering, NETWORK, there)
    assert value(found.region) == "francecentral"
    assert [also.region for also in found.also_reaches] == ["eastus"]


@pytest.mark.parametrize("through_a_module", [False, True])
def test_what_is_named_beside_the_parent_says_nothing(through_a_module: bool) -> None:
    address = "module.net." if through_a_module else ""
    names = ["azurerm_virtual_network.v.name", "azurerm_storage_account.a.name"]
    network = azure(f"{address}azurerm_virtual_network.v", {"name": "v", "location": "francecentral"})
    account = azure(f"{address}azurerm_storage_account.a", {"name": "a", "location": "eastus"})
    name = reference("module.net.name") if through_a_module else reference(*names)
    plan = document(azure("azurerm_subnet.s", {}, virtual_network_name=name), network, account)
    if through_a_module:
        child = plan["configuration"]["root_module"]["module_calls"]["net"]["module"]
        child["outputs"] = {"name": {"expression": reference(*names)}}
    assert value(placements(plan)["azurerm_subnet.s"].region) == "francecentral"


def test_what_stands_beside_the_parent_in_its_modules_says_nothing() -> None:
    there: list[Json] = []
    for module in ("module.net[0]", "module.net[1]"):
        there.append(azure(f"{module}.azurerm_virtual_network.v", {"name": "v", "location": "francecentral"}))
        there.append(azure(f"{module}.azurerm_storage_account.a", {"name": "a", "location": "eastus"}))
    plan = document(azure("azurerm_subnet.s", {}, virtual_network_name=reference("module.net")), *there)
    child = plan["configuration"]["root_module"]["module_calls"]["net"]["module"]
    names = ["azurerm_virtual_network.v.name", "azurerm_storage_account.a.name"]
    child["outputs"] = {"name": {"expression": reference(*names)}}
    assert value(placements(plan)["azurerm_subnet.s"].region) == "francecentral"


def test_a_type_that_has_a_location_in_some_versions_is_where_it_says() -> None:
    connection = azure("azurerm_api_connection.c", {"name": "c", "location": "japaneast"})
    assert value(place(connection).region) == "japaneast"


def test_through_two_parents() -> None:
    gateway = azure("azurerm_api_management.m", {"name": "m", "location": "japaneast"})
    operation = azure(
        "azurerm_api_management_api_operation.o", {}, api_management_name=reference("azurerm_api_management.m.name")
    )
    policy = azure(
        "azurerm_api_management_api_operation_policy.p",
        {},
        operation_id=reference("azurerm_api_management_api_operation.o.operation_id"),
    )
    found = place(policy, operation, gateway)
    assert value(found.region) == "japaneast"
    assert found.region.evidence == (  # type: ignore[union-attr]
        "operation_id is azurerm_api_management_api_operation.o: attribute location"
    )


def test_a_rule_is_where_its_group_is() -> None:
    group = azure("azurerm_network_security_group.g", {"location": "swedencentral"})
    rule = azure(
        "azurerm_network_security_rule.r",
        {},
        network_security_group_name=reference("azurerm_network_security_group.g.name"),
    )
    assert value(place(rule, group).region) == "swedencentral"


def test_a_parent_named_by_a_literal_is_found_by_name_and_group() -> None:
    subnet = azure(
        "azurerm_subnet.s",
        {"name": "s", "virtual_network_name": "v", "resource_group_name": "g"},
        virtual_network_name=constant("v"),
    )
    there = azure("azurerm_virtual_network.v", None, NETWORK["change"]["after"])
    elsewhere = azure(
        "azurerm_virtual_network.w", None, {"name": "v", "location": "eastus", "resource_group_name": "o"}
    )
    assert value(place(subnet, there, elsewhere).region) == "francecentral"


def test_a_parent_that_is_only_named_alike_and_not_there_yet_says_nothing() -> None:
    # Made in another subscription, it would say where a subnet is that somebody wants to be taken for elsewhere.
    subnet = azure("azurerm_subnet.s", {"name": "s", "virtual_network_name": "v", "resource_group_name": "g"})
    assert is_unknown(place(subnet, NETWORK).region)


def test_a_parent_is_found_by_the_id_it_is_nested_in() -> None:
    group = "/subscriptions/0f39574d-d756-48cf-b622-0e27a6943bd2/resourceGroups/g"
    base = f"{group}/providers/Microsoft.Network/virtualNetworks/v"
    network = azure("azurerm_virtual_network.v", None, {"id": base, "location": "norwayeast"})
    subnet = change("azurerm_subnet.s", None, {"id": f"{base.upper()}/subnets/s"}, provider=AZURE, key=None)
    assert value(place(subnet, network).region) == "norwayeast"


def test_a_parent_that_is_not_in_the_plan_leaves_it_unknown() -> None:
    found = unknown(place(azure("azurerm_subnet.s", {"name": "s", "virtual_network_name": "v"})).region)
    assert found.cause is Cause.PARENT
    assert "virtual_network_name" in found.reason
    assert "--default-region azurerm=REGION" in found.reason


def test_parents_in_different_regions_leave_it_unknown() -> None:
    groups = [
        azure("azurerm_virtual_network.v[0]", {"location": "westeurope"}) | {"index": 0},
        azure("azurerm_virtual_network.v[1]", {"location": "eastus"}) | {"index": 1},
    ]
    subnet = azure("azurerm_subnet.s", {}, virtual_network_name=reference("azurerm_virtual_network.v", "each.key"))
    found = unknown(place(subnet, *groups).region)
    assert found.candidates == ("eastus", "westeurope")
    assert "it belongs to resources in different regions" in found.reason


@pytest.mark.parametrize("first", ["azurerm_subnet", "azurerm_storage_account"])
def test_parents_of_one_block_are_found_whichever_edge_is_the_first(first: str) -> None:
    networks = [
        azure(f"azurerm_virtual_network.v[{number}]", {"location": "westeurope"}) | {"index": number}
        for number in range(2)
    ]
    subnet = azure("azurerm_subnet.s", {}, virtual_network_name=reference("azurerm_virtual_network.v", "each.key"))
    group = azure("azurerm_resource_group.g", {"name": "g", "location": "eastus"})
    account = azure(
        "azurerm_storage_account.a", {"location": "eastus"}, tags=reference("azurerm_resource_group.g.tags")
    )
    readers = sorted([subnet, account], key=lambda change: change["type"] != first)
    found = placements(document(*readers, *networks, group))
    evidence = "virtual_network_name is azurerm_virtual_network.v[0]: attribute location"
    assert found["azurerm_subnet.s"].region == Known("westeurope", evidence)


def test_parents_in_one_region_are_told_by_the_first_address() -> None:
    networks = [azure(f"azurerm_virtual_network.{name}", {"location": "westeurope"}) for name in ("c", "a", "b")]
    names = [f"azurerm_virtual_network.{name}.name" for name in ("c", "a", "b")]
    found = place(azure("azurerm_subnet.s", {}, virtual_network_name=reference(*names)), *networks)
    assert found.region == Known("westeurope", "virtual_network_name is azurerm_virtual_network.a: attribute location")


def test_one_parent_that_is_somewhere_unknown_leaves_it_unknown() -> None:
    here = azure("azurerm_virtual_network.here", {"location": "westeurope"})
    somewhere = azure("azurerm_virtual_network.somewhere", {})
    names = ["azurerm_virtual_network.here.name", "azurerm_virtual_network.somewhere.name"]
    found = unknown(
        place(azure("azurerm_subnet.s", {}, virtual_network_name=reference(*names)), here, somewhere).region
    )
    assert (found.cause, found.candidates) == (Cause.PARENT, ("westeurope",))
    assert "that of its virtual_network_name is not known" in found.reason


def test_a_child_whose_location_is_left_to_its_parent_is_where_that_is() -> None:
    subnet = azure("azurerm_subnet.s", {"name": "s", "virtual_network_name": "v"})
    subnet["change"]["after_unknown"] = {"location": True}
    assert unknown(place(subnet).region).cause is Cause.PARENT


def test_a_parent_that_is_somewhere_unknown_is_no_candidate() -> None:
    network = azure("azurerm_virtual_network.v", {})
    subnet = azure("azurerm_subnet.s", {}, virtual_network_name=reference("azurerm_virtual_network.v.name"))
    found = unknown(place(subnet, network).region)
    assert (found.cause, found.candidates) == (Cause.PARENT, ())
    assert "that of its virtual_network_name is not known" in found.reason


def test_a_resource_groups_location_is_only_metadata() -> None:
    group = azure("azurerm_resource_group.g", {"name": "g", "location": "westeurope"})
    connection = azure("azurerm_api_connection.c", {}, resource_group_name=reference("azurerm_resource_group.g.name"))
    assert unknown(place(connection, group).region).candidates == ("westeurope",)


def test_a_location_known_after_apply_is_that_of_what_it_reads() -> None:
    group = azure("azurerm_resource_group.g", {"name": "g", "location": "westeurope"})
    account = azure("azurerm_storage_account.a", {}, location=reference("azurerm_resource_group.g.location"))
    account["change"]["after_unknown"] = {"location": True}
    assert value(place(account, group).region) == "westeurope"


def test_a_google_child_is_where_its_parent_is() -> None:
    ring = change("google_kms_key_ring.r", {"location": "europe-west3"}, provider=GOOGLE, key="google")
    key = change(
        "google_kms_crypto_key.k",
        {},
        provider=GOOGLE,
        key="google",
        arguments={"key_ring": reference("google_kms_key_ring.r.id")},
    )
    assert value(place(key, ring).region) == "europe-west3"


TABLE = {"dataset_id": "d", "table_id": "t"}


def google(address: str, after: Json | None, before: Json | None = None, **arguments: object) -> Json:
    return change(address, after, before, provider=GOOGLE, key="google", arguments=arguments)


FRANKFURT = config("google", region="europe-west3")


def test_a_table_is_where_its_dataset_is_and_not_in_the_region_of_its_provider() -> None:
    """`location` of `google_bigquery_table` is only computed: it is that of the dataset."""
    dataset = google("google_bigquery_dataset.d", {"dataset_id": "d", "location": "europe-north1"})
    table = google("google_bigquery_table.t", TABLE, dataset_id=reference("google_bigquery_dataset.d.dataset_id"))
    assert value(place(table, dataset, providers=FRANKFURT).region) == "europe-north1"


def test_a_table_of_a_dataset_that_is_not_in_the_plan_is_not_in_the_region_of_its_provider() -> None:
    table = google("google_bigquery_table.t", TABLE, dataset_id=constant("d"))
    assert is_unknown(place(table, providers=FRANKFURT).region)


def test_a_node_pool_that_names_no_location_is_where_its_cluster_is() -> None:
    """The provider takes the location out of the id of the cluster (`clusterIdRegex` in its node pool)."""
    cluster = google("google_container_cluster.c", {"name": "c", "location": "us-central1"})
    pool = google("google_container_node_pool.p", {"name": "p"}, cluster=reference("google_container_cluster.c.id"))
    assert value(place(pool, cluster, providers=FRANKFURT).region) == "us-central1"


def test_a_node_pool_that_says_where_its_cluster_is_by_its_id_is_there() -> None:
    pool = google("google_container_node_pool.p", {"name": "p", "cluster": "projects/p/locations/us-east1/clusters/c"})
    assert value(place(pool, providers=FRANKFURT).region) == "us-east1"


def test_a_node_pool_of_a_cluster_that_is_only_named_is_in_the_region_of_its_provider() -> None:
    pool = google("google_container_node_pool.p", {"name": "p", "cluster": "c"})
    assert value(place(pool, providers=FRANKFURT).region) == "europe-west3"


def test_who_may_use_a_subnetwork_is_decided_where_the_subnetwork_is() -> None:
    """The region "will be parsed from the identifier of the parent resource" (docs of the type, provider 6.50)."""
    subnetwork = google("google_compute_subnetwork.s", {"name": "s", "region": "us-central1"})
    member = google(
        "google_compute_subnetwork_iam_member.m",
        {"role": "roles/compute.networkUser", "member": "user:a@b.example"},
        subnetwork=reference("google_compute_subnetwork.s.id"),
    )
    assert value(place(member, subnetwork, providers=FRANKFURT).region) == "us-central1"


def test_a_project_that_is_named_beside_its_number_is_told_by_its_name() -> None:
    version: Json = {"id": "projects/123456789012/secrets/s/versions/1", "secret": "projects/shop-prod/secrets/s"}
    assert value(place(google("google_secret_manager_secret_version.v", None, version)).account) == "shop-prod"
    numbered: Json = {"id": "projects/123456789012/secrets/s/versions/1"}
    assert value(place(google("google_secret_manager_secret_version.v", None, numbered)).account) == "123456789012"


def test_a_project_that_is_moved_is_itself_the_account_and_not_that_of_its_provider() -> None:
    project = google("google_project.p", {"project_id": "shop-prod", "org_id": "1"})
    assert value(place(project, providers=config("google", project="seed")).account) == "shop-prod"


def test_a_container_app_is_where_its_environment_is() -> None:
    """Its own `location` is only computed: "the same as the Environment in which it is deployed", say its docs."""
    environment = azure("azurerm_container_app_environment.e", {"name": "e", "location": "francecentral"})
    app = azure(
        "azurerm_container_app.a",
        {"name": "a"},
        container_app_environment_id=reference("azurerm_container_app_environment.e.id"),
    )
    assert value(place(app, environment).region) == "francecentral"


def test_the_name_of_a_google_parent_may_say_the_place() -> None:
    key = {"key_ring": "projects/shop-prod/locations/europe-west3/keyRings/r"}
    found = place(change("google_kms_crypto_key.k", key, provider=GOOGLE, key="google"))
    assert value(found.region) == "europe-west3"
    assert value(found.account) == "shop-prod"


def kubernetes(**arguments: object) -> Json:
    return change("kubernetes_namespace_v1.n", {}, provider=KUBERNETES, key="kubernetes", arguments=arguments)


def test_a_kubernetes_object_is_in_the_cluster_its_provider_reads() -> None:
    arn = "arn:aws-cn:eks:cn-north-1:123456789012:cluster/c"
    cluster = change("aws_eks_cluster.c", *[{"arn": arn}] * 2, actions=["no-op"])
    providers = config("aws", region="cn-north-1") | config("kubernetes", host=reference("aws_eks_cluster.c.endpoint"))
    found = place(kubernetes(), cluster, providers=providers)
    assert found.provider == "kubernetes"
    assert value(found.region) == "cn-north-1"
    assert value(found.partition) == "aws-cn"
    assert value(found.account) == "123456789012"
    assert value(found.jurisdictions) == {"CN"}


def test_what_runs_in_something_that_runs_in_a_cluster_is_where_the_cluster_is() -> None:
    arn = "arn:aws-cn:eks:cn-north-1:123456789012:cluster/c"
    cluster = change("aws_eks_cluster.c", *[{"arn": arn}] * 2, actions=["no-op"])
    service = change("kubernetes_service_v1.vault", {}, provider=KUBERNETES, key="kubernetes")
    mount = change("vault_mount.m", {}, provider="registry.terraform.io/hashicorp/vault", key="vault")
    providers = (
        config("aws", region="cn-north-1")
        | config("kubernetes", host=reference("aws_eks_cluster.c.endpoint"))
        | config("vault", address=reference("kubernetes_service_v1.vault.status"))
    )
    found = place(mount, service, cluster, providers=providers)
    assert value(found.region) == "cn-north-1"
    assert value(found.account) == "123456789012"
    assert value(found.jurisdictions) == {"CN"}


@pytest.mark.parametrize(
    ("context", "region"),
    [("arn:aws-cn:eks:cn-north-1:123456789012:cluster/c", "cn-north-1"), ("arn:aws:iam::123456789012:role/r", None)],
)
def test_the_arn_of_a_cluster_as_context_says_where_it_is(context: str, region: str | None) -> None:
    found = place(kubernetes(), providers=config("kubernetes", config_context=context)).region
    expected = Known(region, "provider kubernetes: config_context") if region else None
    assert (None if is_unknown(found) else found) == expected


def test_what_a_kubernetes_object_itself_refers_to_says_nothing_about_its_cluster() -> None:
    database = change("aws_db_instance.d", {"availability_zone": "us-east-1a"})
    secret = kubernetes(metadata=[{"name": reference("aws_db_instance.d.address")}])
    providers = config("aws", region="us-east-1") | config("kubernetes")
    assert unknown(place(secret, database, providers=providers).region).cause is Cause.CLUSTER


def test_the_address_of_a_cluster_may_say_where_it_is() -> None:
    host = "https://0A1B2C.gr7.eu-north-1.eks.amazonaws.com"
    found = place(kubernetes(), providers=config("kubernetes", host=host))
    assert value(found.region) == "eu-north-1"
    assert value(found.partition) == "aws"
    assert value(found.jurisdictions) == {"EU"}


def test_a_kubernetes_provider_from_a_kubeconfig_leaves_the_cluster_unknown() -> None:
    found = place(kubernetes(), providers=config("kubernetes", config_path="~/.kube/config"))
    assert unknown(found.region).cause is Cause.CLUSTER
    assert is_unknown(found.partition)


def test_a_ring_of_parents_ends() -> None:
    first = azure("azurerm_subnet.a", {}, virtual_network_name=reference("azurerm_subnet.b.name"))
    second = azure("azurerm_subnet.b", {}, virtual_network_name=reference("azurerm_subnet.a.name"))
    assert unknown(place(first, second).region).cause is Cause.PARENT


@pytest.mark.parametrize("order", [("b", "c"), ("c", "b")])
def test_what_stands_beside_a_ring_of_parents_is_a_candidate(order: tuple[str, ...]) -> None:
    names = [f"azurerm_subnet.{name}.name" for name in order]
    first = azure("azurerm_subnet.a", {}, virtual_network_name=reference(*names))
    second = azure("azurerm_subnet.b", {}, virtual_network_name=reference("azurerm_subnet.a.name"))
    third = azure("azurerm_subnet.c", {}, virtual_network_name=reference("azurerm_virtual_network.v.name"))
    found = unknown(place(first, second, third, NETWORK).region)
    assert (found.cause, found.candidates) == (Cause.PARENT, ("francecentral",))


def test_a_long_chain_of_parents_ends() -> None:
    chain = [
        azure(f"azurerm_subnet.s{n}", {}, virtual_network_name=reference(f"azurerm_subnet.s{n + 1}.name"))
        for n in range(3_000)
    ]
    last = azure("azurerm_subnet.s3000", {}, virtual_network_name=reference("azurerm_virtual_network.v.name"))
    assert value(place(*chain, last, NETWORK).region) == "francecentral"


@pytest.mark.parametrize(
    ("part", "owner", "argument", "other_end"),
    [
        ("stream_analytics_output_blob", "stream_analytics_job", "stream_analytics_job_name", "storage_account_name"),
        (
            "stream_analytics_stream_input_eventhub",
            "stream_analytics_job",
            "stream_analytics_job_name",
            "eventhub_name",
        ),
        ("kusto_cluster_managed_private_endpoint", "kusto_cluster", "cluster_name", "private_link_resource_id"),
        ("function_app_connection", "linux_function_app", "function_app_id", "target_resource_id"),
        ("data_share_dataset_kusto_cluster", "data_share", "share_id", "kusto_cluster_id"),
        ("federated_identity_credential", "user_assigned_identity", "parent_id", "name"),
        ("cosmosdb_sql_role_assignment", "cosmosdb_account", "account_name", "principal_id"),
    ],
)
def test_a_part_is_where_its_owner_is_and_not_where_its_other_end_is(
    part: str, owner: str, argument: str, other_end: str
) -> None:
    """The documentation of the provider shows both; a job in Iowa that writes to Paris was placed in Paris."""
    here = azure(f"azurerm_{owner}.o", {"name": "o", "location": "centralus"})
    there = azure("azurerm_storage_account.s", {"name": "s", "location": "francecentral"})
    arguments = {argument: reference(f"azurerm_{owner}.o.name"), other_end: reference("azurerm_storage_account.s.name")}
    assert value(place(azure(f"azurerm_{part}.p", {"name": "p"}, **arguments), here, there).region) == "centralus"


def test_where_a_job_writes_to_is_reached_as_well() -> None:
    job = azure("azurerm_stream_analytics_job.o", {"name": "o", "location": "centralus"})
    account = azure("azurerm_storage_account.s", {"name": "s", "location": "francecentral"})
    output = azure(
        "azurerm_stream_analytics_output_blob.b",
        {"name": "b"},
        stream_analytics_job_name=reference("azurerm_stream_analytics_job.o.name"),
        storage_account_name=reference("azurerm_storage_account.s.name"),
    )
    found = place(output, job, account)
    assert [(also.kind, also.region) for also in found.also_reaches] == [("sends", "francecentral")]


def test_who_is_given_a_role_is_no_subscription() -> None:
    own = "00000000-0000-4000-8000-000000000001"
    assignment = azure(
        "azurerm_cosmosdb_sql_role_assignment.r",
        {"account_name": "c", "principal_id": "11111111-0000-4000-8000-000000000001"},
    )
    assert value(place(assignment, providers=config("azurerm", subscription_id=own)).account) == own


def test_a_global_type_needs_no_parent() -> None:
    record = azure("azurerm_dns_a_record.r", {}, zone_name=reference("azurerm_dns_zone.z.name"))
    assert value(place(record).region) == GLOBAL


def test_the_users_accounts_table_says_the_environment(tmp_path: object) -> None:
    facts = _accounts(tmp_path, "123456789012,shop,production,aws,aws")
    queue = change("aws_sqs_queue.q", {"region": "eu-west-1"})
    providers = config("aws", allowed_account_ids=constant(["123456789012"]))
    assert value(place(queue, providers=providers, facts=facts).environment) == "production"
    assert unknown(place(queue, providers=providers).environment).cause is Cause.UNMAPPED


def _accounts(folder: object, row: str) -> Facts:
    from pathlib import Path

    path = Path(str(folder)) / "accounts.csv"
    path.write_text(f"id,name,environment,provider,partition\n{row}\n", encoding="utf-8")
    return load_facts([path])


SEED = config("google", project="seed", region="europe-west1")


def bucket(name: str, project: str, key: str | None = None) -> Json:
    address = f"google_storage_bucket.{name}" + (f'["{key}"]' if key else "")
    made = google(address, {"name": key or name, "location": "EU", "project": project})
    return made | ({"index": key} if key else {})


def test_who_may_read_a_bucket_is_decided_in_the_project_of_the_bucket() -> None:
    """`google_storage_bucket_iam_member` has no argument `project` (provider 6.50), so its provider's says nothing."""
    member = google(
        "google_storage_bucket_iam_member.m", {"member": "allUsers"}, bucket=reference("google_storage_bucket.b.name")
    )
    found = place(member, bucket("b", "shop-prod"), providers=SEED)
    assert found.account == Known("shop-prod", "that of google_storage_bucket.b")
    found = place(member, bucket("b", "seed"), providers=SEED)
    assert found.account == Known("seed", "that of google_storage_bucket.b")
    assert value(place(member, providers=SEED).account) == "seed"
    assert value(place(member, bucket("b", "shop-prod") | {"_key": None}, providers=SEED).account) == "shop-prod"


def test_whose_it_is_cannot_be_told_where_parents_are_in_several_projects() -> None:
    every = reference("google_storage_bucket.b", "each.value")
    member = google("google_storage_bucket_iam_member.m", {"member": "allUsers"}, bucket=every)
    apart = (bucket("b", "shop-prod", "x"), bucket("b", "shop-dev", "y"))
    alike = (bucket("b", "shop-prod", "x"), bucket("b", "shop-prod", "y"))
    assert unknown(place(member, *apart, providers=SEED).account).candidates == ("shop-dev", "shop-prod")
    assert value(place(member, *alike, providers=SEED).account) == "shop-prod"


def test_a_key_of_a_key_ring_hands_its_project_on() -> None:
    ring = google("google_kms_key_ring.r", {"name": "r", "location": "europe-west1", "project": "keys-prod"})
    key = google("google_kms_crypto_key.k", {"name": "k"}, key_ring=reference("google_kms_key_ring.r.id"))
    user = google(
        "google_kms_crypto_key_iam_member.m",
        {"member": "user:a@b.c"},
        crypto_key_id=reference("google_kms_crypto_key.k.id"),
    )
    found = place(user, key, ring, providers=SEED)
    assert (value(found.region), value(found.account)) == ("europe-west1", "keys-prod")


def test_who_may_act_as_a_service_account_is_decided_in_its_project() -> None:
    account = google("google_service_account.s", {"account_id": "s", "project": "shop-prod"})
    read = reference("google_service_account.s.name")
    member = google("google_service_account_iam_member.m", {"member": "user:a@b.c"}, service_account_id=read)
    found = place(member, account, providers=SEED)
    assert (value(found.region), value(found.account)) == (GLOBAL, "shop-prod")
    named: Json = {"service_account_id": "projects/shop-dev/serviceAccounts/s@shop-dev.iam.gserviceaccount.com"}
    assert value(place(google("google_service_account_iam_member.m", named), providers=SEED).account) == "shop-dev"
    elsewhere = google("google_service_account_iam_member.m", {}, service_account_id=reference("local.account"))
    assert value(place(elsewhere, providers=SEED).region) == GLOBAL
