"""What a change begins to name in arguments that no row of the fact table is about."""

import json

import pytest

from place.documents import AZURE, GOOGLE, Json, change, config, constant, place
from scopegate.place.placement import AlsoReaches

FRANKFURT = config("aws", region="eu-central-1", allowed_account_ids=constant(["111122223333"]))
GERMANY = config("google", region="europe-west3", project="acme-prod")
OTHER = "arn:aws:sqs:eu-central-1:222233334444:failed"
SUBSCRIPTION = "00000000-0000-4000-8000-000000000002"


def named(address: str, after: Json | None, before: Json | None = None, **sections: object) -> tuple[AlsoReaches, ...]:
    """Return what a change in Frankfurt reaches by what it names, and by nothing else."""
    found = place(change(address, after, before, **sections), providers=FRANKFURT)  # type: ignore[arg-type]
    return tuple(also for also in found.also_reaches if also.kind == "names")


def accounts(found: tuple[AlsoReaches, ...]) -> list[tuple[str | None, str]]:
    return [(also.account, also.evidence) for also in found]


def google(address: str, after: Json) -> list[tuple[str | None, str | None, str]]:
    found = place(change(address, after, provider=GOOGLE, key="google"), providers=GERMANY)
    return [(also.account, also.region, also.evidence) for also in found.also_reaches if also.kind == "names"]


def test_a_dead_letter_queue_of_another_account_is_reached() -> None:
    target = [{"arn": OTHER}]
    assert named("aws_cloudwatch_event_target.t", {"rule": "r", "dead_letter_config": target}) == (
        AlsoReaches("names", "dead_letter_config.arn", None, None, "222233334444"),
    )


def test_a_key_in_another_region_is_reached() -> None:
    key = "arn:aws:kms:us-east-1:111122223333:key/k"
    assert named("aws_kinesis_stream.s", {"name": "s", "kms_key_id": key}) == (
        AlsoReaches("names", "kms_key_id", "us-east-1", "aws", None, frozenset({"US"})),
    )


def test_a_role_in_another_partition_is_reached() -> None:
    (also,) = named("aws_lambda_function.f", {"role": "arn:aws-cn:iam::111122223333:role/r"})
    assert (also.partition, also.jurisdictions) == ("aws-cn", frozenset({"CN"}))


def test_a_security_group_of_another_account_is_let_in() -> None:
    rule = {"security_group_id": "sg-1", "referenced_security_group_id": "222233334444/sg-0abc"}
    assert accounts(named("aws_vpc_security_group_ingress_rule.r", rule)) == [
        ("222233334444", "referenced_security_group_id")
    ]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("222233334444.dkr.ecr.eu-central-1.amazonaws.com/x:1", [("222233334444", None)]),
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1", [(None, "us-east-1")]),
        ("111122223333.dkr.ecr.eu-central-1.amazonaws.com/x:1", []),
        ("aws/codebuild/standard:7.0", []),
    ],
)
def test_an_image_is_read_where_its_registry_is(image: str, expected: list[tuple[str | None, str | None]]) -> None:
    found = named("aws_codebuild_project.p", {"name": "p", "environment": [{"image": image}]})
    assert [(also.account, also.region) for also in found] == expected


def test_what_a_global_service_has_in_its_home_region_is_of_its_own_place() -> None:
    """The ip sets of a web ACL for CloudFront say that they are in us-east-1, whatever the region of the provider."""
    sets = [
        "arn:aws:wafv2:us-east-1:111122223333:global/ipset/own/1",
        "arn:aws:wafv2:us-east-1:222233334444:global/ipset/other/1",
        "arn:aws:sns:eu-west-1:111122223333:topic",
    ]
    found = named("aws_wafv2_web_acl.w", {"name": "w", "scope": "CLOUDFRONT", "rule": [{"arn": arn} for arn in sets]})
    assert [(also.account, also.region) for also in found] == [("222233334444", None), (None, "eu-west-1")]


def test_what_is_of_the_own_place_is_not_said() -> None:
    role, topic = "arn:aws:iam::111122223333:role/r", "arn:aws:sns:eu-central-1:111122223333:t"
    assert named("aws_lambda_function.f", {"role": role, "dead_letter_config": [{"target_arn": topic}]}) == ()


def test_what_aws_owns_is_nobody_elses_account() -> None:
    assert named("aws_iam_role_policy_attachment.a", {"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}) == ()


@pytest.mark.parametrize("actions", [["update"], ["delete", "create"]])
def test_what_was_named_before_is_not_said_again(actions: list[str]) -> None:
    before = {"execution_role_arn": "arn:aws:iam::222233334444:role/old"}
    after = {"execution_role_arn": "arn:aws:iam::222233334444:role/new"}
    assert named("aws_ecs_task_definition.t", after, before, actions=actions) == ()


def test_what_is_no_longer_named_is_not_said() -> None:
    assert named("aws_sqs_queue.q", {"kms_master_key_id": None}, {"kms_master_key_id": OTHER}) == ()
    assert named("aws_sqs_queue.q", None, {"kms_master_key_id": OTHER}) == ()


def test_tags_mention_and_documents_do_too() -> None:
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": OTHER}]})
    assert named("aws_iam_role_policy.p", {"policy": policy, "tags": {"queue": OTHER}, "description": OTHER}) == ()


def test_the_text_of_a_program_is_not_searched() -> None:
    assert named("aws_instance.i", {"user_data": f"queue = {OTHER}"}) == ()


def test_layers_are_published_for_everybody() -> None:
    layer = "arn:aws:lambda:eu-central-1:580247275435:layer:LambdaInsightsExtension:14"
    assert named("aws_lambda_function.f", {"layers": [layer]}) == ()


def test_what_is_sensitive_is_not_read() -> None:
    after = {"environment": [{"variables": {"queue": OTHER}}], "role": "r"}
    assert named("aws_lambda_function.f", after, after_sensitive={"environment": [{"variables": True}]}) == ()


def test_a_list_is_read_beyond_its_marks() -> None:
    marks = {"roles": [True]}
    roles = [f"arn:aws:iam::{account}:role/r" for account in ("222233334444", "333344445555")]
    found = named("aws_athena_workgroup.w", {"roles": roles}, after_sensitive=marks)
    assert accounts(found) == [("333344445555", "roles")]


def test_the_keys_of_a_map_stand_in_no_report() -> None:
    found = named("aws_lambda_function.f", {"environment": [{"variables": {"word-of-somebody": OTHER}}]})
    assert accounts(found) == [("222233334444", "environment.variables")]


def test_each_account_is_said_by_the_argument_that_names_it_first() -> None:
    roles = ["arn:aws:iam::222233334444:role/a", "arn:aws:iam::333344445555:role/b", "arn:aws:iam::222233334444:role/c"]
    found = named("aws_athena_workgroup.w", {"configuration": [{"roles": roles[:2]}], "role": roles[2]})
    assert dict(accounts(found)) == {"222233334444": "configuration.roles", "333344445555": "configuration.roles"}


def test_a_row_of_the_table_says_more_and_is_not_said_twice() -> None:
    found = place(
        change("aws_sns_topic_subscription.s", {"protocol": "sqs", "endpoint": OTHER}), providers=FRANKFURT
    ).also_reaches
    assert [(also.kind, also.account) for also in found] == [("sends", "222233334444")]


def test_another_subscription_is_another_account_wherever_it_is_named() -> None:
    own = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g"
    target = f"/subscriptions/{SUBSCRIPTION.upper()}/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/p"
    endpoint = change(
        "azurerm_traffic_manager_azure_endpoint.e",
        {"profile_id": f"{own}/providers/Microsoft.Network/trafficManagerProfiles/t", "target_resource_id": target},
        provider=AZURE,
        key="azurerm",
    )
    provider = config("azurerm", subscription_id="00000000-0000-4000-8000-000000000001")
    assert accounts(place(endpoint, providers=provider).also_reaches) == [(SUBSCRIPTION, "target_resource_id")]


def diagnosed(workspace: Json, **before: object) -> tuple[AlsoReaches, ...]:
    """Return what a cluster in Paris reaches that sends its logs to a workspace."""
    agent = {"oms_agent": [{"log_analytics_workspace_id": workspace["change"]["after"]["id"]}]}
    here = {"name": "k", "location": "francecentral", "default_node_pool": [{"node_count": 3}]}
    cluster = change(
        "azurerm_kubernetes_cluster.k",
        {**here, **agent},
        {**here, **before} if before else None,
        provider=AZURE,
        key="azurerm",
    )
    own = config("azurerm", subscription_id="00000000-0000-4000-8000-000000000001")
    return place(cluster, workspace, providers=own).also_reaches


def kept(address: str, location: str) -> Json:
    """Return what exists, and has an id, in a place."""
    own = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/G/providers/a/b/c"
    values = {"name": "c", "location": location, "id": own}
    return change(address, values, values, provider=AZURE, key="azurerm", actions=["no-op"])


def test_what_exists_in_another_region_of_azure_is_reached_by_its_id() -> None:
    workspace = kept("azurerm_log_analytics_workspace.w", "centralus")
    path = "oms_agent.log_analytics_workspace_id"
    assert diagnosed(workspace) == (AlsoReaches("names", path, "centralus", "public", None, frozenset({"US"})),)


def test_what_is_in_the_own_region_of_azure_or_was_named_before_is_not_said() -> None:
    assert diagnosed(kept("azurerm_log_analytics_workspace.w", "francecentral")) == ()
    workspace = kept("azurerm_log_analytics_workspace.w", "centralus")
    named_before = [{"log_analytics_workspace_id": workspace["change"]["after"]["id"]}]
    assert diagnosed(workspace, oms_agent=named_before) == ()


def test_where_a_resource_group_is_described_says_nothing_about_what_is_in_it() -> None:
    assert diagnosed(kept("azurerm_resource_group.g", "centralus")) == ()


@pytest.mark.parametrize(
    ("address", "after", "expected"),
    [
        (
            "google_storage_bucket_iam_member.m",
            {"bucket": "b", "member": "serviceAccount:reader@other-project.iam.gserviceaccount.com"},
            [("other-project", None, "member")],
        ),
        (
            "google_storage_bucket_iam_binding.b",
            {"bucket": "b", "members": ["serviceAccount:reader@p.example.com.iam.gserviceaccount.com"]},
            [("example.com:p", None, "members")],
        ),
        (
            "google_pubsub_topic.t",
            {"name": "t", "kms_key_name": "projects/other-project/locations/us-east1/keyRings/r/cryptoKeys/k"},
            [("other-project", "us-east1", "kms_key_name")],
        ),
        (
            "google_cloud_run_v2_service.r",
            {"location": "europe-west3", "template": [{"containers": [{"image": "us-docker.pkg.dev/other/r/app:1"}]}]},
            [("other", None, "template.containers.image")],
        ),
        (
            "google_gke_backup_backup_plan.p",
            {"location": "us-central1", "cluster": "projects/acme-prod/locations/europe-west3/clusters/c"},
            [(None, "europe-west3", "cluster")],
        ),
        (
            "google_compute_disk.d",
            {
                "zone": "europe-west3-a",
                "snapshot": "https://www.googleapis.com/compute/v1/projects/x-1/global/snapshots/s",
            },
            [("x-1", None, "snapshot")],
        ),
    ],
)
def test_what_a_google_resource_names_is_of_its_project_and_region(
    address: str, after: Json, expected: list[tuple[str | None, str | None, str]]
) -> None:
    assert google(address, after) == expected


@pytest.mark.parametrize(
    "value",
    [
        "serviceAccount:app@acme-prod.iam.gserviceaccount.com",
        "serviceAccount:service-123456@gs-project-accounts.iam.gserviceaccount.com",
        "serviceAccount:p123456-ab12cd@gcp-sa-cloud-sql.iam.gserviceaccount.com",
        "serviceAccount:123456-compute@developer.gserviceaccount.com",
        "user:ada@example.com",
        "projects/123456/secrets/s",
        "projects/debian-cloud/global/images/family/debian-12",
        "projects/host-project/global/networks/shared",
        "projects/host-project/regions/europe-west3/subnetworks/shared",
        "projects/acme-prod/global/instanceTemplates/t",
        "projects/acme-prod/zones/europe-west3-b/instances/i",
        "us-docker.pkg.dev/cloudrun/container/hello",
        "git@github.com/acme/app",
    ],
)
def test_what_is_of_no_other_project_or_there_for_all_to_use_is_not_said(value: str) -> None:
    assert google("google_cloud_run_v2_service.r", {"location": "europe-west3", "value": value}) == []


@pytest.mark.parametrize("kind", ["aws_kms_key", "aws_cloudformation_stack_set_instance"])
def test_data_sources_name_nothing(kind: str) -> None:
    address = f"data.{kind}.k"
    assert named(address, {"key_id": "arn:aws:kms:us-east-1:222233334444:key/k"}, actions=["read"]) == ()


@pytest.mark.parametrize("planned", [OTHER, [OTHER]])
def test_what_is_no_object_names_nothing(planned: object) -> None:
    assert named("aws_sqs_queue.q", planned) == ()  # type: ignore[arg-type]
