"""What the attributes of a change reach beyond its own place."""

import json

import pytest

from place.documents import AZURE, FACTS, GOOGLE, Json, change, config, constant, place, reference, value
from scopegate.place.forms import NAMES_NO_PLACE, is_handled
from scopegate.place.placement import GLOBAL, AlsoReaches, Placement

FRANKFURT = config("aws", region="eu-central-1")
TABLE: Json = {"name": "orders", "replica": [{"region_name": "us-east-1"}]}


def regions(found: Placement) -> list[str | None]:
    return [also.region for also in found.also_reaches]


def aws(address: str, after: Json | None, before: Json | None = None, **sections: object) -> Placement:
    return place(change(address, after, before, **sections), providers=FRANKFURT)  # type: ignore[arg-type]


def azure(address: str, after: Json | None, before: Json | None = None) -> Placement:
    return place(change(address, after, before, provider=AZURE, key="azurerm"))


def google(address: str, after: Json) -> Placement:
    return place(change(address, after, provider=GOOGLE, key="google"))


def test_a_table_in_frankfurt_gaining_a_replica_in_virginia() -> None:
    found = aws("aws_dynamodb_table.orders", TABLE, {"name": "orders", "replica": []})
    assert value(found.region) == "eu-central-1"
    assert value(found.jurisdictions) == {"EU"}
    assert found.also_reaches == (
        AlsoReaches("replicates", "replica.region_name", "us-east-1", "aws", None, frozenset({"US"})),
    )


def test_a_replica_that_is_taken_away_is_reached_too() -> None:
    found = aws("aws_dynamodb_table.orders", {"name": "orders", "replica": []}, TABLE)
    assert [(also.region, also.evidence) for also in found.also_reaches] == [
        ("us-east-1", "replica.region_name (before)")
    ]


def test_what_names_the_own_region_is_not_said() -> None:
    assert regions(aws("aws_dynamodb_table.t", {"replica": [{"region_name": "eu-central-1"}]})) == []


def test_instances_that_do_not_change_are_not_opened() -> None:
    assert regions(aws("aws_dynamodb_table.t", TABLE, TABLE, actions=["no-op"])) == []


def test_a_sensitive_attribute_is_not_read() -> None:
    assert regions(aws("aws_dynamodb_table.t", TABLE, after_sensitive={"replica": True})) == [None]


def test_an_unknown_own_region_hides_no_replica() -> None:
    found = place(change("aws_dynamodb_table.t", TABLE), providers=config("aws"))
    assert regions(found) == ["us-east-1"]


def test_an_arn_names_region_account_and_partition() -> None:
    rule = [{"copy_action": [{"destination_vault_arn": "arn:aws:backup:us-west-2:210987654321:backup-vault:v"}]}]
    assert aws("aws_backup_plan.p", {"rule": rule}).also_reaches == (
        AlsoReaches(
            "creates", "rule.copy_action.destination_vault_arn", "us-west-2", "aws", "210987654321", frozenset({"US"})
        ),
    )


def test_a_bucket_is_where_the_reference_leads() -> None:
    rule = [{"destination": [{"bucket": reference("aws_s3_bucket.copy.arn", "aws_s3_bucket.copy")}]}]
    replication = change("aws_s3_bucket_replication_configuration.r", {"bucket": "b"}, arguments={"rule": rule})
    copy = change("aws_s3_bucket.copy", {}, key="aws.us")
    found = place(replication, copy, providers=FRANKFURT | config("aws.us", region="us-east-1"))
    assert [(also.region, also.evidence, also.jurisdictions) for also in found.also_reaches] == [
        ("us-east-1", "rule.destination.bucket by reference", frozenset({"US"}))
    ]


def test_a_bucket_by_reference_may_be_in_another_account() -> None:
    rule = [{"destination": [{"bucket": reference("aws_s3_bucket.copy.arn", "aws_s3_bucket.copy")}]}]
    replication = change("aws_s3_bucket_replication_configuration.r", {"bucket": "b"}, arguments={"rule": rule})
    copy = change("aws_s3_bucket.copy", {}, key="aws.copies")
    copies = config("aws.copies", region="eu-central-1", allowed_account_ids=constant(["210987654321"]))
    found = place(replication, copy, providers=FRANKFURT | copies)
    assert [(also.region, also.account) for also in found.also_reaches] == [(None, "210987654321")]


def test_buckets_by_reference_are_where_each_of_them_is() -> None:
    rule = [{"destination": [{"bucket": reference("aws_s3_bucket.copy", "each.key")}]}]
    replication = change("aws_s3_bucket_replication_configuration.r", {"bucket": "b"}, arguments={"rule": rule})
    places = ("us-east-1", "us-west-2", "us-east-1")
    copies = [
        change(f"aws_s3_bucket.copy[{number}]", {"region": region}) | {"index": number}
        for number, region in enumerate(places)
    ]
    assert sorted(map(str, regions(place(replication, *copies, providers=FRANKFURT)))) == ["us-east-1", "us-west-2"]


def test_a_bucket_named_by_a_literal_is_found_in_the_plan() -> None:
    rule = [{"destination": [{"bucket": "arn:aws:s3:::copy"}]}]
    replication = change("aws_s3_bucket_replication_configuration.r", {"bucket": "b", "rule": rule})
    copy = change("aws_s3_bucket.copy", {"bucket": "copy"}, key="aws.us")
    found = place(replication, copy, providers=FRANKFURT | config("aws.us", region="us-east-1"))
    assert regions(found) == ["us-east-1"]


def test_a_bucket_of_which_the_plan_holds_nothing_is_not_found() -> None:
    rule = [{"destination": [{"bucket": "arn:aws:s3:::copy"}]}]
    replication = change("aws_s3_bucket_replication_configuration.r", {"bucket": "b", "rule": rule})
    assert regions(place(replication, change("aws_s3_bucket.copy"), providers=FRANKFURT)) == [None]


def test_a_bucket_named_by_a_literal_is_found_where_it_goes() -> None:
    rule = [{"destination": [{"bucket": "arn:aws:s3:::copy"}]}]
    replication = change("aws_s3_bucket_replication_configuration.r", {"bucket": "b", "rule": rule})
    identity = {"account_id": "123456789012", "bucket": "copy", "region": "us-east-1"}
    copy = change("aws_s3_bucket.copy", None, {"bucket": "copy"}, key=None, before_identity=identity)
    assert regions(place(replication, copy, providers=FRANKFURT)) == ["us-east-1"]


def test_an_image_is_pulled_from_the_registry_in_its_name() -> None:
    image = "123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/app:1"
    found = aws("aws_lambda_function.f", {"image_uri": image})
    assert [(also.region, also.account) for also in found.also_reaches] == [("ap-southeast-2", "123456789012")]


def test_a_record_routes_to_the_load_balancer_in_its_name() -> None:
    found = aws("aws_route53_record.r", {"alias": [{"name": "lb-1.eu-west-3.elb.amazonaws.com"}]})
    assert value(found.region) == GLOBAL
    assert regions(found) == ["eu-west-3"]


def test_a_role_trusts_other_accounts_and_not_the_own_one() -> None:
    trust = {
        "Statement": [
            {"Principal": {"AWS": ["arn:aws:iam::210987654321:root", "111111111111", "arn:aws:iam::123456789012:root"]}}
        ]
    }
    role = {"arn": "arn:aws:iam::123456789012:role/r", "assume_role_policy": json.dumps(trust)}
    found = aws("aws_iam_role.r", role)
    assert sorted(also.account or "" for also in found.also_reaches) == ["111111111111", "210987654321"]


def test_a_policy_that_names_another_partition_says_so() -> None:
    policy = json.dumps({"Statement": [{"Resource": "arn:aws-cn:s3:::backup/*"}]})
    (also,) = aws("aws_iam_policy.p", {"policy": policy}).also_reaches
    assert (also.partition, also.region, also.jurisdictions) == ("aws-cn", None, frozenset({"CN"}))


def test_a_policy_that_is_no_json_is_no_crash() -> None:
    assert regions(aws("aws_kms_key.k", {"policy": "{" * 500})) == []


def test_a_control_policy_that_shuts_regions_reaches_them() -> None:
    content = {"Statement": [{"Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "cn-north-1"]}}}]}
    found = aws("aws_organizations_policy.p", {"content": json.dumps(content)})
    assert sorted(region or "" for region in regions(found)) == ["cn-north-1", "eu-west-1"]


@pytest.mark.parametrize(
    ("location", "paired", "laws"),
    [
        ("brazilsouth", "southcentralus", {"US"}),
        ("eastasia", "southeastasia", {"SG"}),
        ("northeurope", "westeurope", {"EU"}),
    ],
)
def test_geo_redundant_storage_is_kept_in_the_paired_region(location: str, paired: str, laws: set[str]) -> None:
    found = azure("azurerm_storage_account.a", {"location": location, "account_replication_type": "GRS"})
    assert [(also.region, set(also.jurisdictions), also.evidence) for also in found.also_reaches] == [
        (paired, laws, "account_replication_type")
    ]


def test_locally_redundant_storage_stays() -> None:
    assert (
        regions(azure("azurerm_storage_account.a", {"location": "brazilsouth", "account_replication_type": "LRS"}))
        == []
    )


def test_leaving_geo_redundancy_still_reaches_the_pair() -> None:
    found = azure(
        "azurerm_storage_account.a",
        {"location": "brazilsouth", "account_replication_type": "LRS"},
        {"location": "brazilsouth", "account_replication_type": "RAGZRS"},
    )
    assert regions(found) == ["southcentralus"]


def test_a_geo_redundant_backup_switch() -> None:
    server = {"location": "westeurope", "geo_redundant_backup_enabled": True}
    assert regions(azure("azurerm_postgresql_flexible_server.p", server)) == ["northeurope"]


def test_a_cosmos_account_in_three_places() -> None:
    places = [{"location": "West Europe"}, {"location": "East US"}, {"location": "uksouth"}]
    account = {"location": "westeurope", "geo_location": places}
    assert regions(azure("azurerm_cosmosdb_account.c", account)) == ["eastus", "uksouth"]


def test_a_spanner_multi_region_unfolds() -> None:
    found = google("google_spanner_instance.s", {"config": "nam3"})
    assert value(found.region) == "nam3"
    assert set(regions(found)) == set(FACTS.multi_region("google", "nam3", "Cloud Spanner").members)  # type: ignore[union-attr]


def test_the_locations_that_a_policy_allows_are_reached() -> None:
    parameters = {"listOfAllowedLocations": {"value": ["westeurope", "chinaeast2"]}, "effect": {"value": "eastus"}}
    policy = {"parameters": json.dumps(parameters)}
    found = azure("azurerm_subscription_policy_assignment.p", policy)
    assert sorted(map(str, regions(found))) == ["chinaeast2", "westeurope"]


def test_a_multi_region_unfolds_to_the_regions_that_its_service_gives_it() -> None:
    bucket = google("google_storage_bucket.b", {"location": "EUR7"})
    spanner = google("google_spanner_instance.s", {"config": "eur7"})
    assert regions(bucket) == ["europe-west2", "europe-west3"]  # London and Frankfurt
    assert set(regions(spanner)) == {"europe-west8", "europe-west3", "europe-west12"}  # Milan, Frankfurt and Turin


def test_what_an_azure_id_names_is_looked_for_in_the_plan() -> None:
    group = "/subscriptions/0f39574d-d756-48cf-b622-0e27a6943bd2/resourceGroups/g"
    source = {"id": f"{group}/providers/Microsoft.DBforMySQL/flexibleServers/s", "location": "eastus"}
    replica = {"location": "westeurope", "source_server_id": str(source["id"]).upper()}
    found = place(
        change("azurerm_mysql_flexible_server.r", replica, provider=AZURE, key="azurerm"),
        change("azurerm_mysql_flexible_server.s", None, source, provider=AZURE, key=None),
    )
    assert "eastus" in regions(found)


def test_another_subscription_is_another_account() -> None:
    subscription = "0f39574d-d756-48cf-b622-0e27a6943bd2"
    found = azure("azurerm_management_group.g", {"name": "g", "subscription_ids": [subscription]})
    assert [also.account for also in found.also_reaches] == [subscription]


@pytest.mark.parametrize(
    ("address", "after", "accounts"),
    [
        ("google_compute_shared_vpc_service_project.s", {"host_project": "shared", "service_project": "shop"}, 2),
        ("google_gke_backup_backup_channel.c", {"destination_project": "projects/vault"}, 1),
        ("google_sql_database_instance.i", {"region": "us-east1", "master_instance_name": "our-project-main"}, 0),
        ("google_compute_network_peering.p", {"peer_network": "projects/shop/global/networks/n"}, 1),
    ],
)
def test_a_google_project_is_named_where_one_is_asked_for_or_in_a_link(
    address: str, after: Json, accounts: int
) -> None:
    named = {also.account for also in google(address, after).also_reaches if also.account}
    assert named <= {"shared", "shop", "vault"}
    assert len(named) == accounts


def test_settings_by_region_reach_each_of_them() -> None:
    parameters = {"regional_parameters": {"us-east-1": {"S3Location": "s3://b"}, "eu-central-1": {}}}
    assert regions(aws("aws_datazone_environment_blueprint_configuration.c", parameters)) == ["us-east-1"]
    assert regions(aws("aws_datazone_environment_blueprint_configuration.c", {"regional_parameters": "none"})) == []


def test_a_task_pulls_its_images_from_the_registries_in_their_names() -> None:
    containers = [{"name": "app", "image": "123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/app:1"}]
    found = aws("aws_ecs_task_definition.t", {"container_definitions": json.dumps(containers)})
    assert [(also.region, also.account) for also in found.also_reaches] == [("ap-southeast-2", "123456789012")]


def test_an_unchanged_pipeline_is_opened_since_what_it_reads_may_change_what_it_deploys() -> None:
    pipeline = {"artifact_store": [{"region": "eu-central-1"}], "stage": [{"action": [{"region": "us-east-1"}]}]}
    assert regions(aws("aws_codepipeline.p", pipeline, pipeline, actions=["no-op"])) == ["us-east-1"]


def test_where_an_unchanged_table_is_replicated_to_is_not_reached_beside_an_unchanged_pipeline() -> None:
    table = change("aws_dynamodb_table.t", TABLE, TABLE, actions=["no-op"])
    pipeline = change("aws_codepipeline.p", {"name": "p"}, {"name": "p"}, actions=["no-op"])
    assert place(table, pipeline, providers=FRANKFURT).also_reaches == ()


def test_a_data_source_deploys_nothing() -> None:
    instance = {"region": "eu-central-1", "stack_set_instance_region": "us-east-1"}
    asked = change("data.aws_cloudformation_stack_set_instance.i", instance, instance, actions=["no-op"])
    deployed = change("aws_cloudformation_stack_set_instance.i", instance, instance, actions=["no-op"])
    assert place(asked, deployed, providers=FRANKFURT).also_reaches == ()
    assert regions(place(deployed, asked, providers=FRANKFURT)) == ["us-east-1"]


def test_a_cluster_of_another_cloud() -> None:
    found = google("google_container_aws_cluster.c", {"location": "us-east4", "aws_region": "us-east-1"})
    assert [(also.region, also.partition) for also in found.also_reaches] == [("us-east-1", "aws")]


def test_an_event_bus_in_another_account_by_literal_arn() -> None:
    target = {"arn": "arn:aws:events:eu-central-1:210987654321:event-bus/central"}
    (also,) = aws("aws_cloudwatch_event_target.t", target).also_reaches
    assert (also.region, also.account) == (None, "210987654321")


def test_regions_that_are_only_looked_at_are_not_reached() -> None:
    assert regions(aws("aws_route53_health_check.h", {"regions": ["us-east-1", "eu-west-1", "ap-southeast-1"]})) == []


def test_regions_that_are_only_looked_at_may_be_sensitive() -> None:
    check = {"regions": ["us-east-1", "eu-west-1", "ap-southeast-1"]}
    assert aws("aws_route53_health_check.h", check, after_sensitive={"regions": True}).also_reaches == ()


def test_every_form_of_the_fact_table_is_read_or_known_to_name_no_place() -> None:
    forms = {row.text("value") for row in FACTS.table("cross_region").all_rows()}
    assert forms
    assert {form for form in forms if not is_handled(form) and form not in NAMES_NO_PLACE} == set()
    assert {form for form in NAMES_NO_PLACE if is_handled(form)} == set()


def test_a_stack_instance_says_where_it_deploys_by_the_name_of_either_provider_version() -> None:
    new = aws("aws_cloudformation_stack_set_instance.i", {"stack_set_instance_region": "ap-southeast-1"})
    old = aws("aws_cloudformation_stack_set_instance.i", {"region": "ap-southeast-1"})
    assert regions(new) == regions(old) == ["ap-southeast-1"]
    assert value(old.region) == "eu-central-1"


def test_an_unchanged_stack_instance_is_opened_since_its_set_may_change_what_it_deploys() -> None:
    instance: Json = {"stack_set_name": "baseline", "stack_set_instance_region": "ap-southeast-1"}
    found = aws("aws_cloudformation_stack_set_instance.i", instance, instance, actions=["no-op"])
    assert [(also.kind, also.region) for also in found.also_reaches] == [("deploys", "ap-southeast-1")]


def test_what_an_aggregator_in_another_region_and_account_is_sent() -> None:
    found = aws("aws_config_aggregate_authorization.a", {"region": "us-east-1", "account_id": "210987654321"})
    assert {(also.region, also.account) for also in found.also_reaches} == {(None, "210987654321"), ("us-east-1", None)}


def test_the_copies_of_snapshots_that_a_redshift_cluster_of_provider_5_makes() -> None:
    found = aws("aws_redshift_cluster.c", {"snapshot_copy": [{"destination_region": "us-west-2"}]})
    assert regions(found) == ["us-west-2"]


REPLICATION = "aws_s3_bucket_replication_configuration.r"
NO_REGION = "names no region; a data source of it would say it"
NOT_TOLD = AlsoReaches("replicates", "rule.destination.bucket", unknown=NO_REGION)


def _copied_to(*buckets: str) -> Json:
    return {"bucket": "b", "rule": [{"destination": [{"bucket": f"arn:aws:s3:::{bucket}"}]} for bucket in buckets]}


def test_a_bucket_of_another_stack_is_in_a_region_that_its_arn_does_not_say() -> None:
    assert aws(REPLICATION, _copied_to("elsewhere")).also_reaches == (NOT_TOLD,)
    assert aws(REPLICATION, _copied_to("elsewhere"), _copied_to("other")).also_reaches == (NOT_TOLD,)


def test_an_edit_or_the_end_of_what_has_a_copy_all_along_does_not_ask_where_the_copy_is() -> None:
    before, after = _copied_to("elsewhere"), {**_copied_to("elsewhere"), "role": "new"}
    assert aws(REPLICATION, after, before).also_reaches == ()
    assert aws(REPLICATION, None, before).also_reaches == ()


def test_one_bucket_that_is_known_does_not_speak_for_another() -> None:
    copy = change("aws_s3_bucket.copy", {"bucket": "copy"}, key="aws.us")
    rule = [{"destination": [{"bucket": reference("aws_s3_bucket.copy.arn", "aws_s3_bucket.copy")}]}]
    providers = FRANKFURT | config("aws.us", region="us-east-1")

    def reached(*buckets: str) -> list[tuple[str | None, str]]:
        made = change(REPLICATION, _copied_to(*buckets), arguments={"rule": rule})
        return [(also.region, also.unknown) for also in place(made, copy, providers=providers).also_reaches]

    assert reached("copy") == [("us-east-1", "")]
    assert reached("copy", "elsewhere") == [("us-east-1", ""), (None, NO_REGION)]


def test_a_bucket_that_is_looked_up_is_where_the_data_source_looks() -> None:
    rule = [{"destination": [{"bucket": reference("data.aws_s3_bucket.copy.arn", "data.aws_s3_bucket.copy")}]}]
    made = change(REPLICATION, _copied_to("copy"), arguments={"rule": rule})
    copy = change("data.aws_s3_bucket.copy", {"bucket": "copy", "region": "us-east-1"}, {}, actions=["read"])
    assert regions(place(made, copy, providers=FRANKFURT)) == ["us-east-1"]


def test_a_region_that_is_marked_sensitive_is_not_none() -> None:
    found = aws("aws_dynamodb_table.t", TABLE, after_sensitive={"replica": [{"region_name": True}]})
    assert found.also_reaches == (AlsoReaches("replicates", "replica.region_name", unknown="is marked sensitive"),)


def test_a_region_that_is_set_and_known_only_after_apply_is_unknown_and_one_that_aws_fills_in_is_the_own() -> None:
    peering: Json = {"peer_vpc_id": "vpc-1"}
    unknown = {"peer_region": True}
    said = {"peer_region": reference("random_shuffle.region.result", "random_shuffle.region")}
    set_later = aws("aws_vpc_peering_connection.p", peering, unknown=unknown, arguments=said)
    assert set_later.also_reaches == (AlsoReaches("peers", "peer_region", unknown="is known only after apply"),)
    assert aws("aws_vpc_peering_connection.p", peering, unknown=unknown, arguments={}).also_reaches == ()


def test_a_region_that_is_known_is_not_waited_for() -> None:
    said = {"replica": [{"region_name": constant("us-east-1")}]}
    assert regions(aws("aws_dynamodb_table.t", TABLE, unknown={"arn": True}, arguments=said)) == ["us-east-1"]


def test_a_document_that_is_known_only_after_apply_names_no_copy() -> None:
    policy = {"policy": reference("aws_sqs_queue.q.arn")}
    assert aws("aws_kms_key.k", {}, unknown={"policy": True}, arguments=policy).also_reaches == ()


def test_a_key_that_is_known_only_after_apply_is_unknown_beside_a_bucket_that_is_placed() -> None:
    destination = {
        "bucket": reference("aws_s3_bucket.copy.arn", "aws_s3_bucket.copy"),
        "encryption_configuration": [{"replica_kms_key_id": reference("local.key")}],
    }
    unknown = {"bucket": True, "encryption_configuration": [{"replica_kms_key_id": True}]}
    arguments = {"rule": [{"destination": [destination]}]}
    made = change(REPLICATION, {}, unknown={"rule": [{"destination": [unknown]}]}, arguments=arguments)
    copy = change("aws_s3_bucket.copy", {}, key="aws.us")
    found = place(made, copy, providers=FRANKFURT | config("aws.us", region="us-east-1"))
    assert [(also.region, also.unknown) for also in found.also_reaches] == [
        ("us-east-1", ""),
        (None, "is known only after apply"),
    ]


def test_a_bucket_that_is_somewhere_unknown_leaves_the_copy_somewhere_unknown() -> None:
    rule = [{"destination": [{"bucket": reference("aws_s3_bucket.copy.arn", "aws_s3_bucket.copy")}]}]
    unknown = {"rule": [{"destination": [{"bucket": True}]}]}
    made = change(REPLICATION, {}, unknown=unknown, arguments={"rule": rule})
    copy = change("aws_s3_bucket.copy", {}, key="aws.nowhere")
    found = place(made, copy, providers=FRANKFURT | config("aws.nowhere"))
    assert [(also.region, also.unknown) for also in found.also_reaches] == [(None, "is known only after apply")]


def test_a_region_that_is_marked_sensitive_from_now_on_is_unknown_from_now_on() -> None:
    found = aws("aws_dynamodb_table.t", TABLE, TABLE | {"name": "old"}, after_sensitive={"replica": True})
    assert [(also.region, also.unknown) for also in found.also_reaches] == [
        ("us-east-1", ""),
        (None, "is marked sensitive"),
    ]


@pytest.mark.parametrize("region", ["", 5, "not a region"])
def test_what_is_no_region_is_none_that_is_reached(region: object) -> None:
    assert aws("aws_dynamodb_table.t", {"replica": [{"region_name": region}]}).also_reaches == ()


def test_a_name_that_is_no_arn_names_no_region() -> None:
    found = aws("aws_rds_cluster.c", {"global_cluster_identifier": "world"})
    assert [(also.region, also.unknown) for also in found.also_reaches] == [(None, NO_REGION)]


def test_a_tag_stays_where_it_is_whatever_is_known_already() -> None:
    before, after = {**TABLE, "tags": {"team": "a"}}, {**TABLE, "tags": {"team": "b"}}
    unknown = {"replica": [{"region_name": False}], "tags": {}, "arn": False}
    assert regions(aws("aws_dynamodb_table.t", after, before, unknown=unknown)) == []


def test_what_a_law_of_its_own_holds_for_is_under_it_wherever_it_is() -> None:
    copied = change(REPLICATION, {"rule": [{"destination": [{"bucket": "arn:aws-cn:s3:::elsewhere"}]}]})
    found = place(copied, providers=config("aws", region="cn-north-1"))
    assert [(also.unknown, also.jurisdictions) for also in found.also_reaches] == [(NO_REGION, frozenset({"CN"}))]


def test_a_read_replica_of_a_plain_id_is_in_the_region_of_its_source() -> None:
    # registry.terraform.io, aws_db_instance, replicate_source_db: the ARN where the source is in another region
    assert aws("aws_db_instance.d", {"replicate_source_db": "main"}).also_reaches == ()


def test_a_tag_of_what_has_copies_elsewhere_stays_where_it_is() -> None:
    before, after = {**TABLE, "tags": {"team": "a"}}, {**TABLE, "tags": {"team": "b"}}
    assert regions(aws("aws_dynamodb_table.t", after, before)) == []
    assert regions(aws("aws_dynamodb_table.t", {**after, "billing_mode": "PROVISIONED"}, before)) == ["us-east-1"]
    assert regions(aws("aws_dynamodb_table.t", after, before, unknown={"replica": [{"arn": True}]})) == ["us-east-1"]
    assert regions(aws("aws_dynamodb_table.t", after, before, actions=["delete", "create"])) == ["us-east-1"]


def test_the_paired_region_is_reached_where_the_copy_there_begins_or_ends() -> None:
    store: Json = {"location": "brazilsouth", "account_replication_type": "GRS", "min_tls_version": "TLS1_0"}
    newer = {**store, "min_tls_version": "TLS1_2"}
    local = {**store, "account_replication_type": "LRS"}
    assert regions(azure("azurerm_storage_account.s", newer, store)) == []
    for after, before in ((store, None), (None, store), (store, local), (local, store)):
        assert regions(azure("azurerm_storage_account.s", after, before)) == ["southcentralus"]


def test_the_next_image_of_the_same_registry_is_no_reach_to_it_and_one_of_another_registry_is() -> None:
    def image(account: str, tag: str) -> Json:
        return {"image_uri": f"{account}.dkr.ecr.us-east-1.amazonaws.com/api:{tag}"}

    before = image("210987654321", "1")
    assert aws("aws_lambda_function.f", image("210987654321", "2"), before).also_reaches == ()
    assert aws("aws_lambda_function.f", {**before, "memory_size": 256}, before).also_reaches == ()
    moved = aws("aws_lambda_function.f", image("333333333333", "2"), before)
    assert [also.account for also in moved.also_reaches] == ["333333333333", "210987654321"]
    assert [also.account for also in aws("aws_lambda_function.f", before).also_reaches] == ["210987654321"]


@pytest.mark.parametrize("kind", ["aws_sqs_queue_policy", "aws_kms_key_policy", "aws_secretsmanager_secret_policy"])
def test_a_policy_of_any_resource_reaches_the_accounts_that_it_begins_or_ceases_to_name(kind: str) -> None:
    def policy(*accounts: str) -> Json:
        named = [f"arn:aws:iam::{account}:root" for account in accounts]
        return {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": named}, "Action": "*"}]})}

    def reached(after: Json, before: Json | None = None) -> list[str | None]:
        return [also.account for also in aws(f"{kind}.p", after, before).also_reaches]

    assert reached(policy("210987654321")) == ["210987654321"]
    assert reached(policy("210987654321", "333333333333"), policy("210987654321")) == ["333333333333"]
    assert reached(policy("210987654321"), policy("210987654321", "333333333333")) == ["333333333333"]


def test_the_next_revision_of_a_task_is_no_reach_to_the_registry_that_its_image_is_from() -> None:
    def task(tag: str) -> Json:
        image = f"210987654321.dkr.ecr.us-east-1.amazonaws.com/api:{tag}"
        return {"family": "api", "container_definitions": json.dumps([{"name": "api", "image": image}])}

    # terraform replaces a task definition whose containers change
    anew = aws("aws_ecs_task_definition.t", task("2"), task("1"), actions=["create", "delete"])
    assert anew.also_reaches == ()
    assert [also.account for also in aws("aws_ecs_task_definition.t", task("1")).also_reaches] == ["210987654321"]


def test_where_the_copy_of_an_account_is_does_not_count_again_when_azure_tells_it() -> None:
    # registry.terraform.io, azurerm_storage_account: secondary_location is an attribute of what exists
    told: Json = {"location": "westeurope", "account_replication_type": "GRS", "secondary_location": "northeurope"}
    assert regions(azure("azurerm_storage_account.s", {**told, "min_tls_version": "TLS1_2"}, told)) == []


def test_the_pair_of_a_region_that_no_table_has_is_unknown() -> None:
    store = {"location": "atlantisnorth", "account_replication_type": "GRS"}
    found = azure("azurerm_storage_account.s", store)
    assert [also.unknown for also in found.also_reaches] == ["leads to the pair of a region that no fact table has"]
    assert azure("azurerm_storage_account.s", {**store, "account_replication_type": "LRS"}).also_reaches == ()
    assert azure("azurerm_storage_account.s", {**store, "access_tier": "Cool"}, store).also_reaches == ()


def test_an_edit_of_a_database_does_not_touch_where_its_backups_are_kept() -> None:
    def instance(tier: str, location: str) -> Json:
        return {
            "region": "europe-west3",
            "settings": [{"tier": tier, "backup_configuration": [{"location": location}]}],
        }

    def reached(after: Json, before: Json | None) -> list[str | None]:
        made = change("google_sql_database_instance.d", after, before, provider=GOOGLE, key="google")
        return regions(place(made))

    assert reached(instance("large", "us-east1"), instance("small", "us-east1")) == []
    assert reached(instance("small", "us-east1"), instance("small", "us-east4")) == ["us-east1", "us-east4"]
    assert reached(instance("small", "us-east1"), None) == ["us-east1"]


@pytest.mark.parametrize("kind", ["aws_cloudwatch_event_permission", "aws_lambda_layer_version_permission"])
def test_a_permission_reaches_the_account_that_it_lets_in(kind: str) -> None:
    assert [also.account for also in aws(f"{kind}.p", {"principal": "210987654321"}).also_reaches] == ["210987654321"]
    assert aws(f"{kind}.p", {"principal": "*"}).also_reaches == ()


def letting_in(account: str) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*"}]})


def kept(what: str, holder: Json) -> Placement:
    """Return where a secret's value is that changes in ``what``, beside the unchanged secret."""
    old = {"secret_string": "a", "version_stages": ["AWSCURRENT"], "tags": {}}
    version = change(
        "aws_secretsmanager_secret_version.v",
        {**old, what: "b"},
        old,
        arguments={"secret_id": reference("aws_secretsmanager_secret.s.id", "aws_secretsmanager_secret.s")},
    )
    secret = change("aws_secretsmanager_secret.s", holder, holder, actions=["no-op"])
    return place(version, secret, providers=FRANKFURT)


def test_the_value_of_a_secret_is_copied_to_where_the_unchanged_secret_has_copies() -> None:
    found = kept("secret_string", {"name": "s", "replica": [{"region": "us-east-1"}, {"region": "eu-central-1"}]})
    assert found.also_reaches == (
        AlsoReaches(
            "replicates",
            "replica.region of aws_secretsmanager_secret.s",
            "us-east-1",
            "aws",
            None,
            frozenset({"US"}),
        ),
    )


def test_a_tag_of_a_value_is_copied_nowhere() -> None:
    assert regions(kept("tags", {"name": "s", "replica": [{"region": "us-east-1"}]})) == []


def test_the_value_of_a_secret_without_copies_stays_where_it_is() -> None:
    assert regions(kept("secret_string", {"name": "s", "replica": []})) == []


def test_the_value_of_a_secret_is_copied_to_nobody_whom_the_policy_of_the_secret_lets_in() -> None:
    assert kept("secret_string", {"name": "s", "policy": letting_in("210987654321")}).also_reaches == ()


def test_the_value_of_a_secret_that_another_stack_has_stays_where_it_is() -> None:
    version = change(
        "aws_secretsmanager_secret_version.v",
        {"secret_string": "a"},
        arguments={"secret_id": reference("aws_cloudformation_stack.s.outputs", "aws_cloudformation_stack.s")},
    )
    stack = change("aws_cloudformation_stack.s", {"name": "s"}, {"name": "s"}, actions=["no-op"])
    assert place(version, stack, providers=FRANKFURT).also_reaches == ()


def test_an_item_is_not_copied_to_what_its_table_was_restored_from() -> None:
    source = "arn:aws:dynamodb:us-east-1:210987654321:table/old"
    table: Json = {"name": "t", "restore_source_table_arn": source}
    item = change(
        "aws_dynamodb_table_item.i",
        {"item": "{}"},
        arguments={"table_name": reference("aws_dynamodb_table.t.name", "aws_dynamodb_table.t")},
    )
    holder = change("aws_dynamodb_table.t", table, table, actions=["no-op"])
    assert place(item, holder, providers=FRANKFURT).also_reaches == ()


def test_an_item_of_a_table_is_copied_to_all_its_regions() -> None:
    item = change(
        "aws_dynamodb_table_item.i",
        {"item": "{}"},
        arguments={"table_name": reference("aws_dynamodb_table.t.name", "aws_dynamodb_table.t")},
    )
    table = change("aws_dynamodb_table.t", TABLE, TABLE, actions=["no-op"])
    assert regions(place(item, table, providers=FRANKFURT)) == ["us-east-1"]


def test_items_of_two_tables_are_copied_to_where_their_own_table_is() -> None:
    """Both tables stand in one place, and what is said of their items is the same."""
    items = [
        change(
            f"aws_dynamodb_table_item.{name}",
            {"item": "{}"},
            arguments={"table_name": reference(f"aws_dynamodb_table.{name}.name", f"aws_dynamodb_table.{name}")},
        )
        for name in ("t", "u")
    ]
    tables = [
        change(f"aws_dynamodb_table.{name}", table, table, actions=["no-op"])
        for name, table in (("t", TABLE), ("u", {"name": "u", "replica": [{"region_name": "eu-west-1"}]}))
    ]
    found = [place(*items[number:], *items[:number], *tables, providers=FRANKFURT) for number in (0, 1)]
    assert [regions(item) for item in found] == [["us-east-1"], ["eu-west-1"]]


def test_an_object_is_copied_to_where_its_bucket_is_replicated_to() -> None:
    """The provider fills the replication of a bucket in, also where another resource sets it."""
    rules = [{"destination": [{"bucket": "arn:aws:s3:::copy"}]}]
    bucket: Json = {"bucket": "b", "replication_configuration": [{"rules": rules}]}
    uploaded = change(
        "aws_s3_object.o",
        {"key": "config.json", "content": "b"},
        {"key": "config.json", "content": "a"},
        arguments={"bucket": reference("aws_s3_bucket.b.id", "aws_s3_bucket.b")},
    )
    source = change("aws_s3_bucket.b", bucket, bucket, actions=["no-op"])
    there: Json = {"bucket": "copy", "region": "us-east-1"}
    copy = change("aws_s3_bucket.copy", there, there, actions=["no-op"])
    assert regions(place(uploaded, source, copy, providers=FRANKFURT)) == ["us-east-1"]
    assert regions(place(uploaded, source, providers=FRANKFURT)) == []


def test_a_container_is_in_every_region_of_its_account() -> None:
    account: Json = {
        "name": "a",
        "location": "westeurope",
        "geo_location": [{"location": "westeurope"}, {"location": "eastus"}],
    }
    container = change(
        "azurerm_cosmosdb_sql_container.c",
        {"name": "c", "throughput": 1000},
        {"name": "c", "throughput": 400},
        provider=AZURE,
        key="azurerm",
        arguments={"account_name": reference("azurerm_cosmosdb_account.a.name", "azurerm_cosmosdb_account.a")},
    )
    holder = change("azurerm_cosmosdb_account.a", account, account, provider=AZURE, key="azurerm", actions=["no-op"])
    found = place(container, holder)
    assert value(found.region) == "westeurope"
    assert regions(found) == ["eastus"]


def test_an_upgrade_of_a_global_cluster_is_made_in_every_region_of_its_members() -> None:
    members = [
        {"db_cluster_arn": f"arn:aws:rds:{region}:111122223333:cluster:c"} for region in ("eu-central-1", "us-east-1")
    ]
    before: Json = {"engine_version": "16.1", "global_cluster_members": members}
    found = aws("aws_rds_global_cluster.g", {**before, "engine_version": "16.2"}, before)
    assert [region for region in regions(found) if region] == ["us-east-1"]


def test_an_edit_of_what_spans_regions_and_names_none_reaches_one_that_is_not_known() -> None:
    before: Json = {"arn": "arn:aws:elasticache::111122223333:globalreplicationgroup:g", "cache_node_type": "a"}
    (also,) = aws("aws_elasticache_global_replication_group.g", {**before, "cache_node_type": "b"}, before).also_reaches
    assert also.unknown == "names no region, and the plan does not say in which the members are"
    assert regions(aws("aws_elasticache_global_replication_group.g", {"cache_node_type": "a"})) == []


def test_a_multi_region_access_point_is_in_no_region_and_run_from_oregon() -> None:
    found = aws("aws_s3control_multi_region_access_point.p", {"details": [{"name": "p"}]})
    assert (value(found.region), found.home_region) == (GLOBAL, "us-west-2")


@pytest.mark.parametrize(
    ("address", "attributes", "place"),
    [
        (
            "aws_mq_broker.b",
            {"data_replication_primary_broker_arn": "arn:aws:mq:us-east-1:111122223333:broker:b:b-1"},
            ("replicates", "us-east-1", "111122223333"),
        ),
        (
            "aws_s3tables_table_bucket_replication.r",
            {
                "rule": [
                    {"destination": [{"destination_table_bucket_arn": "arn:aws:s3tables:us-east-1:111122223333:b"}]}
                ]
            },
            ("replicates", "us-east-1", "111122223333"),
        ),
        (
            "aws_scheduler_schedule.s",
            {"target": [{"arn": "arn:aws:sqs:us-east-1:210987654321:q"}]},
            ("sends", "us-east-1", "210987654321"),
        ),
        (
            "aws_sfn_state_machine.m",
            {"definition": '{"States":{"A":{"Resource":"arn:aws:lambda:eu-central-1:210987654321:function:f"}}}'},
            ("sends", None, "210987654321"),
        ),
        (
            "aws_sfn_state_machine.m",
            {"definition": '{"States":{"A":{"Resource":"arn:aws:lambda:us-east-1::function:f"}}}'},
            ("sends", "us-east-1", None),
        ),
        (
            "aws_cloudformation_stack_set_instance.i",
            {"deployment_targets": [{"accounts": ["210987654321"]}]},
            ("deploys", None, "210987654321"),
        ),
        ("aws_oam_sink_policy.p", {"policy": letting_in("210987654321")}, ("controls", None, "210987654321")),
        ("aws_glue_catalog_table.t", {"catalog_id": "210987654321"}, ("controls", None, "210987654321")),
        ("aws_s3_access_point.p", {"bucket_account_id": "210987654321"}, ("controls", None, "210987654321")),
        ("aws_s3_bucket_versioning.v", {"expected_bucket_owner": "210987654321"}, ("controls", None, "210987654321")),
        ("aws_securityhub_invite_accepter.a", {"master_id": "210987654321"}, ("controls", None, "210987654321")),
        ("aws_dynamodb_table_export.e", {"s3_bucket_owner": "210987654321"}, ("sends", None, "210987654321")),
        (
            "aws_securityhub_finding_aggregator.a",
            {"linking_mode": "SPECIFIED_REGIONS", "specified_regions": ["us-east-1", "eu-central-1"]},
            ("reads", "us-east-1", None),
        ),
        (
            "aws_config_configuration_aggregator.a",
            {"account_aggregation_source": [{"account_ids": ["210987654321"], "regions": ["eu-central-1"]}]},
            ("reads", None, "210987654321"),
        ),
        (
            "aws_cloudwatch_log_destination_policy.p",
            {"access_policy": letting_in("210987654321")},
            ("controls", None, "210987654321"),
        ),
    ],
)
def test_another_place_is_named_in_one_attribute(
    address: str, attributes: Json, place: tuple[str, str | None, str]
) -> None:
    (also,) = aws(address, attributes).also_reaches
    assert (also.kind, also.region, also.account) == place


@pytest.mark.parametrize(
    "address",
    ["aws_ecrpublic_repository.r", "aws_lightsail_domain_entry.r", "aws_lightsail_distribution.r"],
)
def test_what_is_served_to_the_whole_world_is_in_no_region(address: str) -> None:
    """The ARN of a domain of Lightsail says so: `arn:aws:lightsail:global:…:Domain/…` (API_Domain, read 2026-11-27)."""
    found = aws(address, {"name": "r"})
    assert (value(found.region), found.home_region) == (GLOBAL, "us-east-1")


@pytest.mark.parametrize(("kind", "reached"), [("api_policy", ["eastus"]), ("user", [])])
def test_only_what_a_gateway_answers_by_is_in_the_further_regions_of_an_api_management(
    kind: str, reached: list[str]
) -> None:
    """Its docs say that "only the gateway component" is replicated: api-management-howto-deploy-multi-region."""
    service: Json = {"name": "m", "location": "westeurope", "additional_location": [{"location": "eastus"}]}
    part = change(
        f"azurerm_api_management_{kind}.p",
        {"note": "b", "xml_content": "b"},
        {"note": "b", "xml_content": "a"},
        provider=AZURE,
        key="azurerm",
        arguments={"api_management_name": reference("azurerm_api_management.m.name", "azurerm_api_management.m")},
    )
    holder = change("azurerm_api_management.m", service, service, provider=AZURE, key="azurerm", actions=["no-op"])
    assert regions(place(part, holder)) == reached


def test_the_policy_of_a_secret_is_copied_with_it() -> None:
    policy = change(
        "aws_secretsmanager_secret_policy.p",
        {"policy": "{}"},
        arguments={"secret_arn": reference("aws_secretsmanager_secret.s.arn", "aws_secretsmanager_secret.s")},
    )
    holder: Json = {"name": "s", "replica": [{"region": "us-east-1"}]}
    secret = change("aws_secretsmanager_secret.s", holder, holder, actions=["no-op"])
    assert regions(place(policy, secret, providers=FRANKFURT)) == ["us-east-1"]


CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/c"
DISTRIBUTION: Json = {"viewer_certificate": [{"acm_certificate_arn": CERTIFICATE}], "price_class": "PriceClass_100"}


def distribution(after: Json, before: Json | None, **sections: object) -> list[str | None]:
    """Return the regions that a distribution reaches whose certificate is written as a reference."""
    read = reference("aws_acm_certificate.c.arn", "aws_acm_certificate.c")
    viewer = {"viewer_certificate": [{"acm_certificate_arn": read}]}
    cdn = change("aws_cloudfront_distribution.d", after, before, arguments=viewer, **sections)  # type: ignore[arg-type]
    kept = {"arn": CERTIFICATE}
    certificate = change("aws_acm_certificate.c", kept, kept, key="aws.us", actions=["no-op"])
    return regions(place(cdn, certificate, providers=FRANKFURT | config("aws.us", region="us-east-1")))


def test_a_certificate_that_is_read_as_before_is_not_reached_by_reference_either() -> None:
    dearer = DISTRIBUTION | {"price_class": "PriceClass_All"}
    assert distribution(dearer, DISTRIBUTION) == []
    assert distribution(dearer, DISTRIBUTION, actions=["delete", "create"]) == []
    assert distribution(DISTRIBUTION, None) == ["us-east-1"]


def test_a_certificate_of_which_nobody_sees_whether_it_is_the_same_is_reached() -> None:
    awaited: Json = {"viewer_certificate": [{"acm_certificate_arn": True}]}
    assert distribution({"viewer_certificate": [{}]}, DISTRIBUTION, unknown=awaited) == ["us-east-1"]
    assert distribution(DISTRIBUTION, DISTRIBUTION, after_sensitive={"viewer_certificate": True}) == ["us-east-1"]


def test_the_web_acl_of_a_distribution_is_in_no_region_though_its_arn_says_one() -> None:
    acl = {"web_acl_id": "arn:aws:wafv2:us-east-1:210987654321:global/webacl/w/1"}
    (also,) = aws("aws_cloudfront_distribution.d", acl, {}).also_reaches
    assert (also.region, also.account) == (None, "210987654321")
    assert regions(aws("aws_cloudfront_distribution.d", acl | {"comment": "b"}, acl | {"comment": "a"})) == []


def test_the_further_replicas_of_a_secret_are_told_by_the_path_of_the_attribute() -> None:
    # A rule compares before and after at that path: with a word before it, nothing was ever found to be set anew.
    replicas = [{"location": "europe-west1"}, {"location": "us-east1"}]
    secret = google("google_secret_manager_secret.s", {"replication": [{"user_managed": [{"replicas": replicas}]}]})
    assert [(also.kind, also.evidence, also.region) for also in secret.also_reaches] == [
        ("replicates", "replication.user_managed.replicas.location", "us-east1")
    ]


def test_a_bucket_in_two_regions_of_a_continent_is_in_no_other_of_it() -> None:
    """It "lets you store data in two specific regions": docs.cloud.google.com/storage/docs/locations."""
    two = {"location": "ASIA", "custom_placement_config": [{"data_locations": ["ASIA-EAST1", "ASIA-SOUTHEAST1"]}]}
    found = google("google_storage_bucket.b", two)
    assert (value(found.region), value(found.jurisdictions)) == ("asia-east1", {"TW"})
    assert [(also.region, also.jurisdictions) for also in found.also_reaches] == [
        ("asia-southeast1", frozenset({"SG"}))
    ]


def test_what_is_global_is_in_the_account_it_is_in() -> None:
    zone = change("azurerm_private_dns_zone.z", {"name": "z"}, provider=AZURE, key="azurerm.hub")
    link = change(
        "azurerm_private_dns_zone_virtual_network_link.l",
        {"name": "l"},
        provider=AZURE,
        key="azurerm",
        arguments={"virtual_network_id": reference("azurerm_private_dns_zone.z.id")},
    )
    hub, here = "22222222-2222-2222-2222-222222222222", "11111111-1111-1111-1111-111111111111"
    providers = config("azurerm", subscription_id=here) | config("azurerm.hub", subscription_id=hub)
    assert [(also.region, also.account) for also in place(link, zone, providers=providers).also_reaches] == [
        (None, hub)
    ]


QUEUE = "arn:aws:sqs:{}:111122223333:{}"


def subscribed(after: Json | None, before: Json | None, **sections: object) -> list[str]:
    """Return where a subscription leads whose endpoint is written as one of a map of two queues."""
    both = reference("each.value", "aws_sqs_queue.here", "aws_sqs_queue.there")
    subscription = change("aws_sns_topic_subscription.s", after, before, arguments={"endpoint": both}, **sections)  # type: ignore[arg-type]
    queues = [
        change(f"aws_sqs_queue.{name}", arn, arn, key=None, actions=["no-op"])
        for name, region in (("here", "eu-central-1"), ("there", "us-east-1"))
        for arn in ({"arn": QUEUE.format(region, name)},)
    ]
    return [region for region in regions(place(subscription, *queues, providers=FRANKFURT)) if region]


def test_a_value_that_says_where_it_leads_leads_nowhere_else() -> None:
    # The map of a for_each holds queues of two regions, and each subscription knows its own.
    here: Json = {"protocol": "sqs", "endpoint": QUEUE.format("eu-central-1", "here")}
    assert subscribed(here, None) == []
    assert subscribed(None, here) == []
    assert subscribed({"protocol": "sqs"}, None, unknown={"endpoint": True}) == ["us-east-1"]
    assert subscribed(here, here | {"protocol": "lambda"}, after_sensitive={"endpoint": True}) == ["us-east-1"]
    nowhere = here | {"endpoint": "arn:aws:sns:::nowhere"}
    assert subscribed(nowhere, None) == ["us-east-1"]
    assert subscribed(nowhere, here) == ["us-east-1"]


def insights(after: Json, before: Json | None, **sections: object) -> list[str | None]:
    """Return where insights lead that are written as those of a storage account in Iowa, and nothing else."""
    argument = {"storage_account_id": reference("azurerm_storage_account.s.id", "azurerm_storage_account.s")}
    kept = {"name": "s", "location": "centralus", "id": STORAGE["storage_account_id"]}
    account = change("azurerm_storage_account.s", kept, kept, provider=AZURE, key="azurerm", actions=["no-op"])
    of_it = change(
        "azurerm_log_analytics_storage_insights.i",
        after,
        before,
        provider=AZURE,
        key="azurerm",
        arguments=argument,
        **sections,
    )
    return regions(place(of_it, account))


STORAGE: Json = {
    "storage_account_id": "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g"
    "/providers/Microsoft.Storage/storageAccounts/s"
}


def test_an_account_that_is_read_as_before_is_not_reached_by_its_id_either() -> None:
    assert insights(STORAGE, None) == ["centralus"]
    assert insights(STORAGE | {"table_names": ["t"]}, STORAGE) == []


def test_an_account_that_nothing_named_before_is_reached_where_its_id_is_not_shown() -> None:
    assert insights({}, {}, unknown={"storage_account_id": True}) == ["centralus"]
    assert insights(STORAGE, {}, after_sensitive={"storage_account_id": True}) == ["centralus"]


def test_a_snapshot_that_is_stored_in_a_continent_is_in_its_regions() -> None:
    """The multi-regional location asia: docs.cloud.google.com/compute/docs/disks/snapshots#selecting_a_location."""
    found = google("google_compute_snapshot.s", {"zone": "europe-west3-a", "storage_locations": ["asia"]})
    assert {"asia", "asia-east1", "asia-southeast1"} <= set(regions(found))


def test_what_stands_beside_a_queue_in_its_module_is_not_where_a_subscription_leads() -> None:
    both = reference("each.value", "aws_sqs_queue.q", "aws_route53_record.r")
    subscription = change(
        "aws_sns_topic_subscription.s", {"protocol": "sqs"}, arguments={"endpoint": both}, unknown={"endpoint": True}
    )
    record = change("aws_route53_record.r", {"name": "r"}, key="aws.names")
    names = config("aws.names", region="us-east-1", allowed_account_ids=constant(["210987654321"]))
    queue = change("aws_sqs_queue.q", {"name": "q"})
    assert place(subscription, record, queue, providers=FRANKFURT | names).also_reaches == ()


def test_the_zone_that_an_endpoint_keeps_its_records_in_may_be_in_another_subscription() -> None:
    """The zone group writes and removes its records: learn.microsoft.com/azure/private-link/private-endpoint-dns."""
    hub, here = "22222222-2222-2222-2222-222222222222", "11111111-1111-1111-1111-111111111111"
    zone_id = f"/subscriptions/{hub}/resourceGroups/hub/providers/Microsoft.Network/privateDnsZones/z"
    endpoint = change(
        "azurerm_private_endpoint.e",
        {"location": "westeurope", "private_dns_zone_group": [{"private_dns_zone_ids": [zone_id]}]},
        provider=AZURE,
        key="azurerm",
    )
    (also,) = place(endpoint, providers=config("azurerm", subscription_id=here)).also_reaches
    assert (also.kind, also.region, also.account) == ("controls", None, hub)
