"""What an object says about its own place: identity, attributes, ARN, ids, zones."""

from pathlib import Path

import pytest

from place.documents import (
    AWS,
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
from scopegate.facts.load import load_facts
from scopegate.place.placement import GLOBAL, Cause, Known

FRANKFURT = config("aws", region="eu-central-1")
BELGIUM = config("google", region="europe-west1")


def test_the_region_attribute_of_aws_provider_6_decides_over_the_provider() -> None:
    queue = change("aws_sqs_queue.q", {"region": "ap-northeast-1"}, unknown={"arn": True})
    found = place(queue, providers=FRANKFURT)
    assert value(found.region) == "ap-northeast-1"
    assert found.previous_region is None
    assert found.service == Known("Amazon SQS", "type aws_sqs_queue")


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("us-west-2b", "us-west-2"),
        ("us-west-2-lax-1a", "us-west-2"),
        ("us-east-1-wl1-bos-wlz-1", "us-east-1"),
        ("us-gov-west-1a", "us-gov-west-1"),
        ("cn-north-1b", "cn-north-1"),
        ("eu-nowhere-9a", "eu-nowhere-9"),
    ],
)
def test_a_zone_names_its_region(zone: str, region: str) -> None:
    found = place(change("aws_ebs_volume.v", {"availability_zone": zone}), providers=config("aws"))
    assert value(found.region) == region
    assert value(found.zone) == zone


@pytest.mark.parametrize("text", ["nowhere", "us-east-1", "zz-foo-1a"])
def test_what_is_no_zone_says_nothing(text: str) -> None:
    found = place(change("aws_ebs_volume.v", {"availability_zone": text}), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"
    assert found.zone is None


@pytest.mark.parametrize("region", ["", 5])
def test_a_region_that_is_no_text_says_nothing(region: object) -> None:
    found = place(change("aws_sqs_queue.q", {"region": region}), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"


def test_the_key_of_an_object_in_a_bucket_says_nothing() -> None:
    settings = {"id": "regions/us-east-1/settings.json", "key": "regions/us-east-1/settings.json"}
    found = place(change("aws_s3_object.o", settings, settings), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"
    assert found.previous_region is None


def test_the_owner_of_an_image_that_is_looked_for_is_not_whose_the_provider_is() -> None:
    image = {"owner_id": "099720109477"}
    assert is_unknown(place(change("data.aws_ami.a", image, image, actions=["no-op"]), providers=FRANKFURT).account)


def test_a_zone_id_names_its_region_by_code() -> None:
    found = place(change("aws_subnet.s", {"availability_zone_id": "cnn1-az1"}), providers=config("aws"))
    assert value(found.region) == "cn-north-1"
    assert value(found.partition) == "aws-cn"


def test_a_list_of_zones_of_one_region_names_it() -> None:
    zones = {"availability_zones": ["sa-east-1a", "sa-east-1c"]}
    group = change("aws_autoscaling_group.g", zones, unknown={"arn": True, "availability_zones": [False, False]})
    assert value(place(group, providers=config("aws")).region) == "sa-east-1"


def test_the_own_arn_says_region_account_and_partition() -> None:
    arn = "arn:aws-us-gov:sns:us-gov-east-1:123456789012:alerts"
    found = place(change("aws_sns_topic.t", None, {"arn": arn}, key=None))
    assert value(found.region) == "us-gov-east-1"
    assert value(found.account) == "123456789012"
    assert value(found.partition) == "aws-us-gov"
    assert value(found.jurisdictions) == {"US-GOV"}


def test_an_arn_without_region_still_says_account_and_partition() -> None:
    role = {"arn": "arn:aws-cn:iam::123456789012:role/deploy"}
    found = place(change("aws_iam_role.r", None, role, key=None))
    assert value(found.region) == GLOBAL
    assert value(found.account) == "123456789012"
    assert value(found.partition) == "aws-cn"
    assert value(found.jurisdictions) == {"CN"}
    assert found.home_region == "cn-north-1"


def test_an_amazon_owned_arn_names_no_account() -> None:
    policy = {"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    found = place(change("data.aws_iam_policy.p", policy), providers=FRANKFURT)
    assert unknown(found.account).cause is Cause.NO_EVIDENCE


def test_an_id_that_is_an_arn_counts_as_one() -> None:
    attachment = {"id": "arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/t/1-2022"}
    assert value(place(change("aws_lb_target_group_attachment.a", None, attachment, key=None)).region) == "eu-west-3"


def test_the_target_arn_of_an_event_rule_is_not_its_own() -> None:
    target = {"arn": "arn:aws:lambda:us-east-1:210987654321:function:f"}
    found = place(change("aws_cloudwatch_event_target.t", target), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"
    assert is_unknown(found.account)
    assert [(also.region, also.account) for also in found.also_reaches] == [("us-east-1", "210987654321")]


def test_identity_names_account_and_region_of_a_bucket() -> None:
    identity = {"account_id": "123456789012", "bucket": "b", "region": "eu-north-1"}
    found = place(
        change("aws_s3_bucket.b", {"bucket": "b"}, {"bucket": "b"}, before_identity=identity, after_identity=identity)
    )
    assert value(found.region) == "eu-north-1"
    assert value(found.account) == "123456789012"


def test_an_arn_in_the_identity_is_read_too() -> None:
    identity = {"arn": "arn:aws:sns:eu-north-1:123456789012:t"}
    found = place(change("aws_sns_topic.t", None, {"name": "t"}, key=None, before_identity=identity))
    assert value(found.region) == "eu-north-1"
    assert value(found.account) == "123456789012"


def test_the_arn_of_an_identity_says_the_partition_of_what_is_global() -> None:
    identity = {"arn": "arn:aws-cn:iam::123456789012:policy/p"}
    found = place(change("aws_iam_policy.p", None, {"name": "p"}, key=None, before_identity=identity))
    assert value(found.partition) == "aws-cn"


@pytest.mark.parametrize("identity", [["eu-north-1"], {"region": "nowhere", "zone": 5}])
def test_an_identity_that_names_no_place_says_nothing(identity: object) -> None:
    queue = change("aws_sqs_queue.q", None, {"name": "q"}, before_identity=identity)
    assert value(place(queue, providers=FRANKFURT).region) == "eu-central-1"


@pytest.mark.parametrize("name", ["subscription_id", "id"])
def test_the_identity_of_an_azure_object_names_its_subscription(name: str) -> None:
    subscription = "0f39574d-d756-48cf-b622-0e27a6943bd2"
    said = {"subscription_id": subscription, "id": f"/subscriptions/{subscription}/resourceGroups/g"}
    group = change(
        "azurerm_resource_group.g",
        None,
        {"location": "uksouth"},
        provider=AZURE,
        key=None,
        before_identity={name: said[name]},
    )
    assert value(place(group).account) == subscription


def test_evidence_that_contradicts_itself_is_unknown_with_the_candidates() -> None:
    queue = {"region": "eu-central-1", "arn": "arn:aws:sqs:us-east-1:123456789012:q"}
    found = unknown(place(change("aws_sqs_queue.q", None, queue, key=None)).region)
    assert found.cause is Cause.CONTRADICTION
    assert found.candidates == ("eu-central-1", "us-east-1")


def test_a_new_object_in_a_zone_of_another_region_than_its_provider_is_a_contradiction() -> None:
    found = unknown(place(change("aws_ebs_volume.v", {"availability_zone": "us-east-1a"}), providers=FRANKFURT).region)
    assert found.cause is Cause.CONTRADICTION
    assert found.candidates == ("eu-central-1", "us-east-1")


@pytest.mark.parametrize("spelling", ["West Europe", "westeurope", "WestEurope"])
def test_azure_locations_have_one_spelling(spelling: str) -> None:
    found = place(change("azurerm_resource_group.g", {"location": spelling}, provider=AZURE, key="azurerm"))
    assert value(found.region) == "westeurope"
    assert value(found.partition) == "public"
    assert value(found.jurisdictions) == {"EU"}


@pytest.mark.parametrize(
    ("location", "partition", "law"),
    [
        ("chinaeast2", "china", "CN"),
        ("usgovvirginia", "usgovernment", "US-GOV"),
        ("usdodeast", "usgovernment", "US-GOV"),
    ],
)
def test_azure_sovereign_clouds_are_known_by_the_location(location: str, partition: str, law: str) -> None:
    found = place(change("azurerm_resource_group.g", {"location": location}, provider=AZURE, key="azurerm"))
    assert value(found.partition) == partition
    assert value(found.jurisdictions) == {law}


def test_an_azure_id_says_the_subscription_and_never_the_location() -> None:
    subscription = "0f39574d-d756-48cf-b622-0e27a6943bd2"
    zone = {
        "id": f"/subscriptions/{subscription.upper()}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"
    }
    found = place(change("azurerm_storage_account.a", None, zone, provider=AZURE, key=None))
    assert value(found.account) == subscription
    assert is_unknown(found.region)


@pytest.mark.parametrize(
    ("attributes", "region", "zone"),
    [
        ({"zone": "europe-west1-b"}, "europe-west1", "europe-west1-b"),
        ({"zone": "https://www.googleapis.com/compute/v1/projects/p/zones/us-east4-c"}, "us-east4", "us-east4-c"),
        (
            {"self_link": "https://www.googleapis.com/compute/v1/projects/p/zones/us-east4-c/instances/i"},
            "us-east4",
            None,
        ),
        ({"id": "projects/p/zones/asia-east1-a/instances/i"}, "asia-east1", None),
    ],
)
def test_a_google_machine_is_where_its_zone_or_its_link_says(
    attributes: dict[str, object], region: str, zone: str | None
) -> None:
    found = place(change("google_compute_instance.i", attributes, provider=GOOGLE, key="google"))
    assert value(found.region) == region
    assert (found.zone and value(found.zone)) == zone


def test_a_google_cluster_in_one_zone_is_where_its_location_says() -> None:
    found = place(change("google_container_cluster.c", {"location": "europe-west1-b"}, provider=GOOGLE, key="google"))
    assert (value(found.region), value(found.zone)) == ("europe-west1", "europe-west1-b")


def test_a_regional_disk_is_in_no_zone_alone() -> None:
    disk = {"replica_zones": ["europe-west1-b", "europe-west1-c"]}
    found = place(change("google_compute_region_disk.d", disk, provider=GOOGLE, key="google"))
    assert value(found.region) == "europe-west1"
    assert found.zone is None


def test_a_google_link_that_is_kept_globally_says_so_of_what_no_table_knows() -> None:
    thing = {"self_link": "https://www.googleapis.com/compute/v1/projects/p/global/things/t"}
    assert value(place(change("google_brand_new.t", thing, thing, provider=GOOGLE, key="google")).region) == GLOBAL


def test_a_google_link_that_is_kept_globally_denies_no_region() -> None:
    thing = {"region": "europe-west1", "self_link": "projects/p/global/things/t"}
    found = place(change("google_brand_new.t", thing, thing, provider=GOOGLE, key="google"))
    assert value(found.region) == "europe-west1"


def test_a_google_child_is_not_global_for_the_name_of_its_parent() -> None:
    replication = {"primary_disk": "projects/p/global/disks/d"}
    found = place(change("google_compute_disk_async_replication.r", replication, provider=GOOGLE, key="google"))
    assert unknown(found.region).cause is Cause.PARENT


def test_a_project_that_is_none_is_not_printed() -> None:
    found = place(change("google_pubsub_topic.t", {"project": "Hunter2"}, provider=GOOGLE, key="google"))
    assert is_unknown(found.account)
    assert "Hunter2" not in repr(found)


def test_a_google_link_says_the_project() -> None:
    machine = {
        "zone": "europe-west1-b",
        "self_link": "https://www.googleapis.com/compute/v1/projects/shop-prod/zones/europe-west1-b/instances/i",
    }
    assert (
        value(place(change("google_compute_instance.i", None, machine, provider=GOOGLE, key=None)).account)
        == "shop-prod"
    )


@pytest.mark.parametrize(
    ("location", "laws"), [("EU", {"EU"}), ("NAM4", {"US"}), ("us", {"US"}), ("europe-west2", {"UK"})]
)
def test_a_google_bucket_may_be_in_several_regions_under_all_their_laws(location: str, laws: set[str]) -> None:
    found = place(change("google_storage_bucket.b", {"location": location}, provider=GOOGLE, key="google"))
    assert value(found.region) == location.lower()
    assert value(found.jurisdictions) == laws


@pytest.mark.parametrize(
    ("address", "attributes", "laws"),
    [
        ("google_storage_bucket.b", {"location": "EUR7"}, {"UK", "EU"}),  # London and Frankfurt
        ("google_spanner_instance.s", {"config": "eur7"}, {"EU"}),  # Milan and Frankfurt, with a witness in Turin
    ],
)
def test_a_multi_region_means_other_regions_in_another_service(
    address: str, attributes: dict[str, object], laws: set[str]
) -> None:
    found = place(change(address, attributes, provider=GOOGLE, key="google"))
    assert value(found.region) == "eur7"
    assert value(found.jurisdictions) == laws


def test_a_dual_region_unfolds_to_its_regions() -> None:
    found = place(change("google_storage_bucket.b", {"location": "NAM4"}, provider=GOOGLE, key="google"))
    assert [also.region for also in found.also_reaches] == ["us-central1", "us-east1"]
    assert {also.evidence for also in found.also_reaches} == {"attribute location"}


def test_spanner_is_where_its_configuration_says() -> None:
    instance = {"config": "projects/p/instanceConfigs/regional-europe-west4"}
    assert (
        value(place(change("google_spanner_instance.s", instance, provider=GOOGLE, key="google")).region)
        == "europe-west4"
    )


def test_a_secret_is_in_every_place_it_is_replicated_to() -> None:
    replicas = [{"user_managed": [{"replicas": [{"location": "us-central1"}, {"location": "europe-west3"}]}]}]
    secret = change(
        "google_secret_manager_secret.s",
        {"replication": replicas},
        provider=GOOGLE,
        key="google",
        unknown={"create_time": True},
    )
    found = place(secret)
    assert value(found.region) == "us-central1"
    assert [(also.region, also.jurisdictions) for also in found.also_reaches] == [("europe-west3", frozenset({"EU"}))]


def test_a_type_of_an_own_table_is_in_every_place_it_names(tmp_path: Path) -> None:
    own = tmp_path / "types.csv"
    columns = "type,service,scope,region,zone,account,parents,effect,control_plane,note,source"
    own.write_text(f"{columns}\ngoogle_acme_vault,Acme,location,places,,,,,,,own\n", "utf-8")
    vault = change("google_acme_vault.v", {"places": ["us-central1", "europe-west3"]}, provider=GOOGLE, key="google")
    found = place(vault, facts=load_facts([own]))
    assert value(found.region) == "us-central1"
    assert [(also.region, also.kind) for also in found.also_reaches] == [("europe-west3", "replicates")]


def test_a_secret_of_which_one_place_is_sensitive_is_not_read() -> None:
    replicas = [{"user_managed": [{"replicas": [{"location": "us-central1"}, {"location": "europe-west3"}]}]}]
    marks = [{"user_managed": [{"replicas": [{"location": False}, {"location": True}]}]}]
    secret = change(
        "google_secret_manager_secret.s",
        {"replication": replicas},
        provider=GOOGLE,
        key="google",
        after_sensitive={"replication": marks},
    )
    found = place(secret)
    assert unknown(found.region).cause is Cause.SENSITIVE
    assert "europe-west3" not in repr(found)


def test_a_regional_disk_with_zones_of_two_regions_contradicts_itself() -> None:
    disk = {"replica_zones": ["europe-west9-a", "europe-west6-b"]}
    found = place(change("google_compute_region_disk.d", disk, provider=GOOGLE, key="google"))
    assert unknown(found.region).candidates == ("europe-west6", "europe-west9")


def test_a_location_of_global_is_global() -> None:
    found = place(change("google_kms_key_ring.k", {"location": "global"}, provider=GOOGLE, key="google"))
    assert value(found.region) == GLOBAL


def test_a_region_that_is_computed_falls_through_to_the_provider() -> None:
    found = place(change("aws_s3_bucket.b", {}, unknown={"region": True}), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"


def test_a_region_that_is_configured_but_not_known_yet_is_unknown() -> None:
    queue = change("aws_sqs_queue.q", {}, unknown={"region": True}, arguments={"region": reference("var.r")})
    assert unknown(place(queue, providers=FRANKFURT).region).cause is Cause.AFTER_APPLY


@pytest.mark.parametrize("before", [None, {}])
@pytest.mark.parametrize(
    ("kind", "provider", "here", "region"),
    [
        ("aws_sqs_queue", AWS, FRANKFURT, "eu-central-1"),
        ("google_compute_subnetwork", GOOGLE, BELGIUM, "europe-west1"),
    ],
)
def test_one_region_that_is_configured_but_not_known_yet_says_nothing_of_those_that_are_not_configured(
    kind: str, provider: str, here: Json, region: str, before: Json | None
) -> None:
    key = provider.rpartition("/")[2]
    left_out = change(f"{kind}.left_out", {}, before, provider=provider, key=key, unknown={"region": True})
    argument = {"region": reference("var.r")}
    set_later = change(
        f"{kind}.set", {}, before, provider=provider, key=key, unknown={"region": True}, arguments=argument
    )
    found = placements(document(left_out, set_later, providers=here))
    assert value(found[f"{kind}.left_out"].region) == region
    assert unknown(found[f"{kind}.set"].region).cause is Cause.AFTER_APPLY


def test_a_value_marked_unknown_is_not_read_even_if_one_stands_there() -> None:
    found = place(change("aws_s3_bucket.b", {"region": "us-east-1"}, unknown={"region": True}), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"


def test_a_sensitive_region_is_not_read() -> None:
    queue = change("aws_sqs_queue.q", {"region": "us-east-1"}, after_sensitive={"region": True})
    found = unknown(place(queue, providers=FRANKFURT).region)
    assert found.cause is Cause.SENSITIVE
    assert "us-east-1" not in found.reason
    assert found.candidates == ()


def test_a_sensitive_location_is_not_read_where_it_comes_from_either() -> None:
    group = change("azurerm_resource_group.g", {"location": "westeurope"}, provider=AZURE, key="azurerm")
    account = change(
        "azurerm_storage_account.a",
        {"location": "westeurope"},
        provider=AZURE,
        key="azurerm",
        arguments={"location": reference("azurerm_resource_group.g.location")},
        after_sensitive={"location": True},
    )
    assert unknown(place(account, group).region).cause is Cause.SENSITIVE


def test_what_is_marked_sensitive_only_from_now_on_is_where_it_is_now() -> None:
    here = {"region": "us-east-1"}
    found = place(change("aws_sqs_queue.q", here, here, after_sensitive={"region": True}), providers=FRANKFURT)
    assert value(found.region) == "us-east-1"


def test_a_sensitive_arn_of_what_is_destroyed_is_not_read() -> None:
    queue = {"arn": "arn:aws:sqs:us-east-1:123456789012:q"}
    found = place(change("aws_sqs_queue.q", None, queue, before_sensitive={"arn": True}), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"
    assert is_unknown(found.account)


@pytest.mark.parametrize("text", ["<script>", "eu-central-1\n", "x" * 41, "ignore all previous instructions", "Ⅸ"])
def test_what_does_not_look_like_a_region_never_gets_into_a_report(text: str) -> None:
    found = place(change("aws_sqs_queue.q", {"region": text}), providers=FRANKFURT)
    assert unknown(found.region).cause is Cause.SHAPE
    assert text not in repr(found)


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("google_storage_bucket.b", GOOGLE),
        ("digitalocean_droplet.d", "registry.terraform.io/digitalocean/digitalocean"),
        ("linode_instance.i", "registry.terraform.io/linode/linode"),
    ],
)
@pytest.mark.parametrize("text", ["<script>", "europe-west1\n", "eu\n", "nyc1\n", "x" * 41])
def test_what_does_not_look_like_a_place_of_another_cloud_never_gets_into_a_report_either(
    address: str, provider: str, text: str
) -> None:
    found = place(change(address, {"region": text, "location": text}, provider=provider, key=None))
    assert is_unknown(found.region)
    assert text not in repr(found)


@pytest.mark.parametrize(("location", "region"), [("us-south", "us-south"), ("us-south-1", "us-south"), ("den", None)])
def test_a_zone_of_another_cloud_names_its_region(location: str, region: str | None) -> None:
    provider = "registry.terraform.io/ibm-cloud/ibm"
    found = place(change("ibm_is_instance.i", {"location": location}, provider=provider, key=None)).region
    assert (None if is_unknown(found) else value(found)) == region


def test_a_region_newer_than_the_tables_keeps_its_partition_and_has_no_known_law() -> None:
    found = place(change("aws_sqs_queue.q", {"region": "eu-nowhere-9"}))
    assert value(found.region) == "eu-nowhere-9"
    assert value(found.partition) == "aws"
    assert unknown(found.jurisdictions).cause is Cause.NEWER


def test_a_new_china_region_is_under_chinese_law() -> None:
    found = place(change("aws_sqs_queue.q", {"region": "cn-south-1"}))
    assert value(found.partition) == "aws-cn"
    assert value(found.jurisdictions) == {"CN"}


def test_a_destroyed_object_is_where_it_was() -> None:
    found = place(change("aws_ebs_volume.v", None, {"availability_zone": "eu-west-1c"}, key=None))
    assert value(found.region) == "eu-west-1"


def test_web_application_firewalls_for_cloudfront_are_global() -> None:
    acl = change("aws_wafv2_web_acl.w", {"scope": "CLOUDFRONT", "region": "us-east-1"})
    found = place(acl, providers=config("aws", region="us-east-1"))
    assert found.region == Known(GLOBAL, "attribute scope")
    assert found.home_region == "us-east-1"
    assert found.effect == "edge"


def test_one_list_for_cloudfront_makes_no_other_global() -> None:
    lists = [change(f"aws_wafv2_ip_set.{scope}", {"scope": scope.upper()}) for scope in ("cloudfront", "regional")]
    found = placements(document(*lists, providers=FRANKFURT))
    assert value(found["aws_wafv2_ip_set.cloudfront"].region) == GLOBAL
    assert value(found["aws_wafv2_ip_set.regional"].region) == "eu-central-1"


def test_a_role_assignment_is_global_whatever_it_is_made_at() -> None:
    tenant = {"scope": "/providers/Microsoft.Management/managementGroups/all"}
    found = place(change("azurerm_role_assignment.a", tenant, provider=AZURE, key="azurerm"))
    assert found.region == Known(GLOBAL, "azurerm_role_assignment is a global type")
    assert found.effect == "organization"


def test_a_global_service_without_a_region_of_its_own_is_managed_from_that_of_its_partition() -> None:
    found = place(change("aws_backup_global_settings.s", {}), providers=config("aws", region="cn-north-1"))
    assert found.home_region == "cn-northwest-1"


def test_a_regional_type_may_change_a_whole_account_there() -> None:
    found = place(change("aws_ebs_encryption_by_default.e", {"enabled": True}), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"
    assert found.effect is not None


def test_a_trail_of_all_regions_reaches_the_account() -> None:
    found = place(change("aws_cloudtrail.t", {"is_multi_region_trail": True}), providers=FRANKFURT)
    assert value(found.region) == "eu-central-1"
    assert found.effect == "account"
    assert [also.region for also in found.also_reaches] == [GLOBAL]


def test_of_several_effects_the_furthest_counts() -> None:
    trail = {"is_multi_region_trail": True, "is_organization_trail": True}
    assert place(change("aws_cloudtrail.t", trail), providers=FRANKFURT).effect == "organization"


def test_a_condition_that_names_no_control_plane_leaves_the_one_of_the_type(tmp_path: Path) -> None:
    own = tmp_path / "conditions.csv"
    columns = "type,attribute,value,scope,effect,control_plane,note,source"
    own.write_text(f"{columns}\naws_iam_role,path,/all/,,organization,,,own\n", "utf-8")
    role = change("aws_iam_role.r", {"path": "/all/"})
    found = place(role, providers=config("aws", region="cn-north-1"), facts=load_facts([own]))
    assert found.effect == "organization"
    assert found.home_region == "cn-north-1"  # IAM; the home of the partition is cn-northwest-1


def test_helpers_live_nowhere() -> None:
    found = place(
        change("random_pet.p", {"length": 2}, provider="registry.terraform.io/hashicorp/random", key="random")
    )
    assert not found.located
    assert unknown(found.region).cause is Cause.NO_PLACE


def test_a_same_named_provider_of_somebody_else_is_not_aws() -> None:
    found = place(change("aws_sqs_queue.q", {}, provider="registry.terraform.io/somebody/aws"), providers=FRANKFURT)
    assert found.provider == "somebody/aws"
    assert unknown(found.region).cause is Cause.UNMAPPED
    assert not found.mapped


@pytest.mark.parametrize("provider", ["aws", "registry.opentofu.org/hashicorp/aws", "mirror.example.com/hashicorp/aws"])
def test_the_registry_host_does_not_matter(provider: str) -> None:
    assert value(place(change("aws_sqs_queue.q", {}, provider=provider), providers=FRANKFURT).region) == "eu-central-1"


def test_an_unmapped_type_says_so_and_what_it_may_be() -> None:
    found = place(change("aws_sqs_brand_new.q", {}), providers=FRANKFURT)
    assert not found.mapped
    assert value(found.service) == "Amazon SQS"
    assert unknown(found.region).cause is Cause.UNMAPPED
    assert unknown(found.region).candidates == ("eu-central-1",)


def test_an_unmapped_type_with_an_owner_is_of_its_account() -> None:
    thing = {"owner_id": "123456789012"}
    assert value(place(change("aws_sqs_brand_new.t", thing, thing), providers=FRANKFURT).account) == "123456789012"


def test_a_provider_in_no_table_keeps_its_name() -> None:
    found = place(change("acme_thing.t", {}, provider="registry.terraform.io/somebody/acme", key="acme"))
    assert (found.provider, found.mapped) == ("acme", False)


def test_an_unmapped_type_of_a_service_that_is_everywhere_is_global() -> None:
    thing = {"account_id": "0a1b2c3d"}
    found = place(change("cloudflare_brand_new.t", thing, provider="cloudflare/cloudflare", key="cloudflare"))
    assert not found.mapped
    assert value(found.region) == GLOBAL
    assert value(found.account) == "0a1b2c3d"


def test_an_unmapped_type_with_a_region_of_its_own_is_placed() -> None:
    assert (
        value(place(change("aws_sqs_brand_new.q", {"region": "eu-west-1"}), providers=FRANKFURT).region) == "eu-west-1"
    )


NULL = "registry.terraform.io/hashicorp/null"
RUNS_A_PROGRAM: Json = {
    "root_module": {
        "resources": [
            {
                "mode": "managed",
                "type": "null_resource",
                "name": "n",
                "provider_config_key": "null",
                "provisioners": [{"type": "local-exec"}],
            }
        ]
    }
}


def test_a_helper_with_a_provisioner_can_reach_anything() -> None:
    found = place(change("null_resource.n", {}, provider=NULL, key="null"), configuration=RUNS_A_PROGRAM)
    assert found.located
    assert {unknown(found.region).cause, unknown(found.partition).cause, unknown(found.account).cause} == {
        Cause.PROVISIONER
    }
    assert unknown(found.region).reason == "it runs provisioner local-exec, which can reach anything"


def test_a_provisioner_of_what_does_not_change_does_not_run() -> None:
    kept = change("null_resource.n", {}, {}, provider=NULL, key="null", actions=["no-op"])
    assert not place(kept, configuration=RUNS_A_PROGRAM).located


def test_a_helper_without_its_configuration_may_run_anything_and_others_run_nothing() -> None:
    helper = place(change("null_resource.n", {}, provider=NULL), configuration={})
    assert helper.located
    assert unknown(helper.region).cause is Cause.PROVISIONER
    assert "the plan came without its configuration" in unknown(helper.region).reason
    pet = change("random_pet.p", {}, provider="registry.terraform.io/hashicorp/random")
    assert not place(pet, configuration={}).located


def test_a_program_that_is_run_to_read_something_can_reach_anything() -> None:
    program = change("data.external.p", {"program": ["x"]}, provider="registry.terraform.io/hashicorp/external")
    found = unknown(place(program).region)
    assert found.cause is Cause.PROVISIONER
    assert "runs a program where the plan is made" in found.reason


def test_what_a_type_without_a_location_of_its_own_lacks_is_said() -> None:
    images = change("data.azurerm_images.i", {"resource_group_name": "g"}, provider=AZURE, key="azurerm")
    assert "the plan holds no location for it" in unknown(place(images).region).reason


def test_a_data_source_that_no_table_lists_reads_an_object_of_the_type() -> None:
    droplet = change("data.digitalocean_droplet.d", {}, provider="digitalocean/digitalocean", key="digitalocean")
    assert place(droplet).mapped


def test_constants_in_the_block_change_nothing_that_the_value_says() -> None:
    group = change(
        "azurerm_resource_group.g",
        {"location": "uksouth"},
        provider=AZURE,
        key="azurerm",
        arguments={"location": constant("UK South")},
    )
    assert value(place(group).region) == "uksouth"


def test_a_notebook_is_in_the_zone_it_names_and_not_where_its_provider_is() -> None:
    # registry.terraform.io, google 6.50.0, google_notebooks_instance: "location: a reference to the zone"
    notebook = change("google_notebooks_instance.n", {"location": "us-west1-a"}, provider=GOOGLE, key="google")
    found = place(notebook, providers=config("google", region="europe-west1"))
    assert (value(found.region), value(found.zone)) == ("us-west1", "us-west1-a")


def test_types_that_azurerm_gave_up_are_placed_all_the_same() -> None:
    plan = change("azurerm_app_service_plan.p", {"location": "West Europe"}, provider=AZURE, key="azurerm")
    assert value(place(plan).region) == "westeurope"
    server = change("azurerm_postgresql_server.s", {"location": "westus"}, provider=AZURE, key="azurerm")
    named = {"server_name": reference("azurerm_postgresql_server.s.name", "azurerm_postgresql_server.s")}
    rule = change("azurerm_postgresql_firewall_rule.r", {}, provider=AZURE, key="azurerm", arguments=named)
    assert value(place(rule, server).region) == "westus"
