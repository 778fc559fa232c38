"""Regions, accounts and partitions out of provider configurations: keys, modules, variables, siblings, the caller."""

import msgspec
import pytest

from place.documents import (
    AZURE,
    FACTS,
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
from scopegate.errors import UsageError
from scopegate.place.family import family_of
from scopegate.place.placement import GLOBAL, Cause, Known
from scopegate.place.provider_config import way_out
from scopegate.place.values import ConfigurationValues, Missing
from scopegate.plan.configuration import Expression
from scopegate.plan.decode import decode_plan

QUEUE: Json = {}
BOTH = config("aws", region="eu-central-1") | config("aws.china", region="cn-north-1")


def queue(address: str = "aws_sqs_queue.q", key: str | None = "aws") -> Json:
    return change(address, {}, key=key)


def test_an_alias_decides_region_partition_and_law() -> None:
    found = place(queue(key="aws.china"), providers=BOTH)
    assert value(found.region) == "cn-north-1"
    assert value(found.partition) == "aws-cn"
    assert value(found.jurisdictions) == {"CN"}
    assert found.region.evidence == "provider aws.china: region"  # type: ignore[union-attr]


def test_the_key_of_terraform_1_2_names_the_configuration_passed_to_the_module() -> None:
    found = place(queue("module.beijing.aws_sqs_queue.q", "aws.china"), providers=BOTH)
    assert value(found.region) == "cn-north-1"


def test_a_provider_block_inside_a_module_resolves_its_variables_there() -> None:
    plan = document(
        queue("module.outer.module.inner.aws_sqs_queue.q", "module.outer.module.inner:aws"),
        providers=config("module.outer.module.inner:aws", region=reference("var.where")),
        calls={"outer": {"place": reference("var.region")}, "outer.inner": {"where": reference("var.place")}},
        variables={"region": {"value": "ca-west-1"}},
    )
    found = placements(plan)["module.outer.module.inner.aws_sqs_queue.q"]
    assert value(found.region) == "ca-west-1"
    assert found.region.evidence == (  # type: ignore[union-attr]
        "provider module.outer.module.inner:aws: region = var.where = var.place = var.region"
    )


def test_a_variable_without_a_value_has_its_default() -> None:
    providers = config("aws", region=reference("var.region"))
    assert value(place(queue(), providers=providers, defaults={"region": "il-central-1"}).region) == "il-central-1"


def test_a_value_wins_over_the_default() -> None:
    plan = document(
        queue(),
        providers=config("aws", region=reference("var.region")),
        defaults={"region": "us-east-1"},
        variables={"region": {"value": "eu-south-2"}},
    )
    assert value(placements(plan)["aws_sqs_queue.q"].region) == "eu-south-2"


@pytest.mark.parametrize("name", ["var.site.region", 'var.site["region"]'])
def test_an_attribute_of_an_object_variable(name: str) -> None:
    plan = document(
        queue(),
        providers=config("aws", region=reference(name, "var.site")),
        variables={"site": {"value": {"region": "mx-central-1", "name": "x"}}},
    )
    assert value(placements(plan)["aws_sqs_queue.q"].region) == "mx-central-1"


def test_a_variable_set_to_null_leaves_the_region_to_the_environment() -> None:
    plan = document(
        queue(), providers=config("aws", region=reference("var.region")), variables={"region": {"value": None}}
    )
    assert unknown(placements(plan)["aws_sqs_queue.q"].region).cause is Cause.ENVIRONMENT


def test_a_region_behind_a_local_is_unknown() -> None:
    found = unknown(place(queue(), providers=config("aws", region=reference("local.region"))).region)
    assert found.cause is Cause.COMPUTED
    assert "local.region" in found.reason


def test_a_region_that_is_no_text_is_unknown() -> None:
    assert unknown(place(queue(), providers=config("aws", region=5)).region).cause is Cause.SHAPE


def test_a_region_computed_from_two_names_is_unknown() -> None:
    providers = config("aws", region=reference("var.regions", "terraform.workspace"))
    assert unknown(place(queue(), providers=providers).region).cause is Cause.COMPUTED


def test_a_variable_that_is_only_part_of_the_region_is_not_taken_for_one() -> None:
    plan = document(
        queue(), providers=config("aws", region=reference("var.continent")), variables={"continent": {"value": "eu"}}
    )
    assert unknown(placements(plan)["aws_sqs_queue.q"].region).cause is Cause.SHAPE


def test_variables_that_refer_to_each_other_in_a_ring_end() -> None:
    plan = document(queue(), calls={"a": {"in": reference("module.a.out")}})
    child = plan["configuration"]["root_module"]["module_calls"]["a"]["module"]
    child["outputs"] = {"out": {"expression": reference("var.in")}}
    values = ConfigurationValues(decode_plan(msgspec.json.encode(plan), "plan.json"))
    found = values.of(Expression(("region",), references=("module.a.out",)), (), "provider.aws")
    assert found == Missing("refers to itself")


def test_a_region_that_is_a_modules_output() -> None:
    plan = document(queue(), providers=config("aws", region=reference("module.site.region")), calls={"site": {}})
    site = plan["configuration"]["root_module"]["module_calls"]["site"]["module"]
    site["outputs"] = {"region": {"expression": {"constant_value": "eu-west-2"}}}
    assert value(placements(plan)["aws_sqs_queue.q"].region) == "eu-west-2"


def test_a_module_as_a_whole_and_an_output_that_it_has_not_are_unknown() -> None:
    for name in ("module.site", "module.site.nothing", "module.gone.region"):
        found = unknown(place(queue(), providers=config("aws", region=reference(name)), calls={"site": {}}).region)
        assert found.cause is Cause.COMPUTED
        assert f"is {name}, which the module puts together" in found.reason


def test_an_expression_without_a_name_or_a_constant_is_computed() -> None:
    assert unknown(place(queue(), providers=config("aws", region={})).region).cause is Cause.COMPUTED


def test_a_region_computed_from_several_names_is_none_of_them() -> None:
    plan = document(
        queue(),
        providers=config("aws", region=reference("var.one", "var.other")),
        variables={"one": {"value": "eu-central-1"}, "other": {"value": "us-east-1"}},
    )
    assert unknown(placements(plan)["aws_sqs_queue.q"].region).cause is Cause.COMPUTED


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("var.site", None),  # no value, and no default
        ("var.site.region", None),
        ("var.site.region", {"value": {"name": "x"}}),
        ("var.site[1]", {"value": ["eu-central-1"]}),
        ("var.site[2]", {"value": ["eu-central-1"]}),
        ("var.site[0]", {"value": {"region": "eu-central-1"}}),
    ],
)
def test_a_variable_that_does_not_hold_what_is_read_of_it_is_unknown(name: str, site: Json | None) -> None:
    variables = {} if site is None else {"site": site}
    plan = document(queue(), providers=config("aws", region=reference(name)), variables=variables)
    assert unknown(placements(plan)["aws_sqs_queue.q"].region).cause is Cause.COMPUTED


def test_what_a_module_is_passed_in_parts_is_not_its_default() -> None:
    plan = document(
        queue("module.a.aws_sqs_queue.q", "module.a:aws"),
        providers=config("module.a:aws", region=reference("var.where")),
        calls={"a": {"where": {"region": reference("var.region")}}},
    )
    child = plan["configuration"]["root_module"]["module_calls"]["a"]["module"]
    child["variables"] = {"where": {"default": "us-east-1"}}
    assert unknown(placements(plan)["module.a.aws_sqs_queue.q"].region).cause is Cause.COMPUTED


@pytest.mark.parametrize(
    ("after", "sections"),
    [
        ({}, {"unknown": {"name": True}}),
        ({"name": "eu-west-3"}, {"after_sensitive": {"name": True}}),
        ({"name": "eu-west-3"}, {"after_sensitive": True}),
    ],
)
def test_a_region_that_a_data_source_does_not_say_openly_is_known_after_apply(after: Json, sections: Json) -> None:
    region = change("data.aws_region.here", after, key="aws.a", actions=["read"], **sections)
    providers = config("aws.a") | config("aws", region=reference("data.aws_region.here.name"))
    assert unknown(place(queue(), region, providers=providers).region).cause is Cause.AFTER_APPLY
    assert unknown(place(queue(), providers=providers).region).cause is Cause.AFTER_APPLY


def test_a_region_on_which_data_sources_of_one_name_do_not_agree_is_unknown() -> None:
    said = [
        change(f"data.aws_region.here[{number}]", *[{"name": name}] * 2, key="aws.a", actions=["no-op"])
        | {"index": number}
        for number, name in enumerate(("eu-west-3", "eu-west-3", "us-east-1"))
    ]
    providers = config("aws.a") | config("aws", region=reference("data.aws_region.here.name"))
    assert is_unknown(place(queue(), *said, providers=providers).region)
    assert value(place(queue(), *said[:2], providers=providers).region) == "eu-west-3"


def test_a_region_that_is_read_by_a_data_source() -> None:
    region = change(
        "data.aws_region.here", {"name": "ap-south-2"}, {"name": "ap-south-2"}, actions=["no-op"], key="aws.a"
    )
    found = place(
        queue(), region, providers=config("aws.a") | config("aws", region=reference("data.aws_region.here.name"))
    )
    assert value(found.region) == "ap-south-2"


def test_a_provider_without_region_says_so_and_the_way_out() -> None:
    found = place(queue(), providers=config("aws"))
    region = unknown(found.region)
    assert region.cause is Cause.ENVIRONMENT
    assert "--default-region aws=REGION" in region.reason
    assert "region in the provider block" in region.reason
    assert unknown(found.partition).cause is Cause.ENVIRONMENT
    assert is_unknown(found.jurisdictions)


def test_azure_has_no_provider_argument_for_a_region() -> None:
    assert way_out(family_of("azurerm", FACTS)) == "; state one with --default-region azurerm=REGION"


def test_the_caller_can_state_the_region() -> None:
    found = place(queue(), providers=config("aws"), stated={"aws": "cn-northwest-1"})
    assert value(found.region) == "cn-northwest-1"
    assert found.region.evidence == "stated by the caller"  # type: ignore[union-attr]
    assert value(found.partition) == "aws-cn"


def test_evidence_wins_over_what_the_caller_states() -> None:
    found = place(queue(), providers=BOTH, stated={"aws": "us-east-1"})
    assert value(found.region) == "eu-central-1"


def test_a_stated_region_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="aws=Frankfurt"):
        place(queue(), stated={"aws": "Frankfurt"})
    with pytest.raises(UsageError, match="github=:"):
        place(queue(), stated={"github": ""})


@pytest.mark.parametrize(
    ("address", "provider", "stated", "region"),
    [
        ("azurerm_storage_account.a", AZURE, {"azurerm": "West Europe"}, "westeurope"),
        ("google_compute_subnetwork.s", GOOGLE, {"google-beta": "europe-west1"}, "europe-west1"),
    ],
)
def test_a_stated_region_is_read_as_its_cloud_writes_it(
    address: str, provider: str, stated: dict[str, str], region: str
) -> None:
    found = place(change(address, {"name": "x"}, provider=provider), stated=stated)
    assert found.region == Known(region, "stated by the caller")


def test_an_azure_resource_without_a_location_is_not_looked_for_where_its_provider_is() -> None:
    account = change("azurerm_storage_account.a", {"name": "a"}, provider=AZURE, key="azurerm")
    found = unknown(place(account, providers=config("azurerm")).region)
    assert found.cause is Cause.NO_EVIDENCE
    assert "the plan holds no location for it" in found.reason


def test_the_stated_region_gives_global_types_their_partition() -> None:
    role = change("aws_iam_role.r", {"name": "r"})
    found = place(role, providers=config("aws"), stated={"aws": "eu-central-1"})
    assert value(found.region) == GLOBAL
    assert value(found.partition) == "aws"
    assert found.home_region == "us-east-1"
    assert value(found.jurisdictions) == frozenset()


def test_without_a_configuration_absence_proves_nothing() -> None:
    found = unknown(place(queue(), configuration={}).region)
    assert found.cause is Cause.NO_CONFIGURATION


class TestBeforeTerraform12:
    """Blocks of child modules have ``label:aws``, whatever was passed in."""

    def test_the_only_configuration_is_the_one(self) -> None:
        found = place(queue("module.b.aws_sqs_queue.q", "b:aws"), providers=config("aws", region="eu-west-1"))
        assert value(found.region) == "eu-west-1"
        assert found.region.evidence.endswith("(the only one it can be)")  # type: ignore[union-attr]

    def test_the_only_configuration_says_the_zone_as_well(self) -> None:
        disk = change("module.b.google_compute_disk.d", {}, provider=GOOGLE, key="b:google", unknown={"zone": True})
        found = place(disk, providers=config("google", zone="europe-west1-c"))
        assert (value(found.region), value(found.zone)) == ("europe-west1", "europe-west1-c")

    def test_with_several_the_region_is_unknown_and_they_are_listed(self) -> None:
        found = unknown(place(queue("module.b.aws_sqs_queue.q", "b:aws"), providers=BOTH).region)
        assert found.cause is Cause.SEVERAL_PROVIDERS
        assert found.candidates == ("cn-north-1", "eu-central-1")

    def test_several_that_agree_are_enough(self) -> None:
        both = config("aws", region="eu-west-1") | config("aws.role", region="eu-west-1", profile="x")
        assert value(place(queue("module.b.aws_sqs_queue.q", "b:aws"), providers=both).region) == "eu-west-1"

    def test_only_an_alias_leaves_the_default_configuration_possible(self) -> None:
        found = place(queue("module.b.aws_sqs_queue.q", "b:aws"), providers=config("aws.east", region="us-east-1"))
        assert unknown(found.region).candidates == ("us-east-1",)

    def test_an_alias_in_the_key_has_to_be_passed_so_it_is_that_one(self) -> None:
        found = place(queue("module.b.aws_sqs_queue.q", "b:aws.x"), providers=config("aws.east", region="us-east-1"))
        assert value(found.region) == "us-east-1"

    def test_a_module_with_a_block_of_its_own_uses_it(self) -> None:
        providers = BOTH | config("module.a.module.b:aws", region="sa-east-1")
        assert (
            value(place(queue("module.a.module.b.aws_sqs_queue.q", "b:aws"), providers=providers).region) == "sa-east-1"
        )

    def test_a_block_of_another_module_is_none_that_may_be_meant(self) -> None:
        providers = config("aws", region="eu-west-1") | config("module.c:aws", region="us-east-1")
        assert value(place(queue("module.b.aws_sqs_queue.q", "b:aws"), providers=providers).region) == "eu-west-1"

    def test_an_empty_block_in_the_module_is_only_a_proxy(self) -> None:
        providers = config("aws", region="eu-west-1") | config("module.b:aws")
        assert value(place(queue("module.b.aws_sqs_queue.q", "b:aws"), providers=providers).region) == "eu-west-1"

    def test_two_modules_of_one_label_do_not_collide(self) -> None:
        plan = document(
            queue("module.a.module.b.aws_sqs_queue.q", "b:aws"),
            queue("module.c.module.b.aws_sqs_queue.q", "b:aws"),
            providers=config("module.a.module.b:aws", region="eu-west-1")
            | config("module.c.module.b:aws", region="us-east-1"),
        )
        assert {address: value(found.region) for address, found in placements(plan).items()} == {
            "module.a.module.b.aws_sqs_queue.q": "eu-west-1",
            "module.c.module.b.aws_sqs_queue.q": "us-east-1",
        }


def test_a_resource_whose_block_is_gone_is_where_the_only_configuration_is() -> None:
    gone = change("aws_sqs_queue.q", None, {"name": "q"}, key=None)
    found = place(gone, providers=config("aws", region="eu-west-1"))
    assert found.region == Known("eu-west-1", "provider aws: region (the only one left)")


def test_a_google_resource_whose_block_is_gone_may_be_of_either_provider_of_google() -> None:
    gone = change("google_compute_subnetwork.s", None, {"name": "s"}, provider=GOOGLE, key=None)
    assert value(place(gone, providers=config("google-beta", region="europe-west1")).region) == "europe-west1"


def test_where_no_provider_has_a_block_neighbours_say_where_the_default_one_is() -> None:
    arn = {"arn": "arn:aws-cn:sns:cn-north-1:123456789012:t"}
    neighbour = change("aws_sns_topic.t", arn, arn, actions=["no-op"])
    gone = change("aws_sqs_queue.gone", None, {"name": "q"}, key=None)
    found = placements(document(queue(), gone, neighbour))
    assert {address: value(placement.region) for address, placement in found.items()} == {
        "aws_sqs_queue.q": "cn-north-1",
        "aws_sqs_queue.gone": "cn-north-1",
        "aws_sns_topic.t": "cn-north-1",
    }


@pytest.mark.parametrize(
    ("other", "cause", "candidates"),
    [
        ({}, Cause.ENVIRONMENT, ()),
        ({"region": reference("local.region")}, Cause.SEVERAL_PROVIDERS, ()),
        ({"region": "us-east-1"}, Cause.SEVERAL_PROVIDERS, ("us-east-1",)),
    ],
)
def test_what_several_configurations_leave_unknown_for_one_reason_is_unknown_for_that_reason(
    other: Json, cause: Cause, candidates: tuple[str, ...]
) -> None:
    gone = change("aws_sqs_queue.q", None, {"name": "q"}, key=None)
    found = unknown(place(gone, providers=config("aws") | config("aws.other", **other)).region)
    assert (found.cause, found.candidates) == (cause, candidates)


def test_an_account_that_only_one_of_several_configurations_names_is_a_candidate() -> None:
    gone = change("aws_sqs_queue.q", None, {"name": "q"}, key=None)
    role = [{"role_arn": {"constant_value": "arn:aws:iam::123456789012:role/ci"}}]
    found = unknown(place(gone, providers=config("aws", assume_role=role) | config("aws.other")).account)
    assert (found.cause, found.candidates) == (Cause.SEVERAL_PROVIDERS, ("123456789012",))


def test_several_in_one_partition_leave_the_partition_known() -> None:
    gone = change("aws_iam_role.r", None, {"name": "r"}, key=None)
    both = config("aws", region="eu-west-1") | config("aws.us", region="us-east-1")
    assert value(place(gone, providers=both).partition) == "aws"
    assert unknown(place(gone, providers=BOTH).partition).candidates == ("aws", "aws-cn")


def test_a_resource_whose_block_is_gone_is_unknown_between_several() -> None:
    gone = change("aws_sqs_queue.q", None, {"name": "q"}, key=None)
    found = unknown(place(gone, providers=BOTH).region)
    assert found.candidates == ("cn-north-1", "eu-central-1")
    assert "its block is gone" in found.reason


def test_a_neighbours_arn_says_the_region_of_a_provider_without_one() -> None:
    arn = {"arn": "arn:aws-cn:sns:cn-north-1:123456789012:t"}
    neighbour = change("aws_sns_topic.t", arn, arn, actions=["no-op"], arguments={"name": constant("t")})
    found = place(queue(), neighbour, providers=config("aws"))
    assert value(found.region) == "cn-north-1"
    assert value(found.account) == "123456789012"
    assert found.region.evidence == "1 other resource of provider aws"  # type: ignore[union-attr]


def test_a_neighbour_that_is_replaced_says_where_it_is_now() -> None:
    arn = {"arn": "arn:aws-cn:sns:cn-north-1:123456789012:t"}
    neighbour = change("aws_sns_topic.t", {}, arn, actions=["delete", "create"], unknown={"arn": True})
    assert value(place(queue(), neighbour, providers=config("aws")).region) == "cn-north-1"


def test_neighbours_that_agree_are_counted() -> None:
    arn = {"arn": "arn:aws:sns:eu-west-3:123456789012:t"}
    neighbours = [change(f"aws_sns_topic.t{number}", arn, arn, actions=["no-op"]) for number in range(2)]
    found = place(queue(), *neighbours, providers=config("aws"))
    assert value(found.region) == "eu-west-3"
    assert found.region.evidence == "2 other resources of provider aws"  # type: ignore[union-attr]


def test_neighbours_under_another_configuration_say_nothing() -> None:
    neighbour = change(
        "aws_sns_topic.t", *[{"arn": "arn:aws:sns:us-east-1:123456789012:t"}] * 2, actions=["no-op"], key="aws.other"
    )
    found = place(queue(), neighbour, providers=config("aws") | config("aws.other"))
    assert is_unknown(found.region)
    assert is_unknown(found.account)


def test_a_global_neighbour_says_the_account_of_an_aws_provider() -> None:
    role = change("aws_iam_role.r", *[{"arn": "arn:aws:iam::123456789012:role/r"}] * 2, actions=["no-op"])
    assert value(place(queue(), role, providers=config("aws")).account) == "123456789012"


def test_a_role_assignment_may_be_made_in_another_subscription_than_its_providers() -> None:
    scope = "/subscriptions/00000000-0000-0000-0000-000000000001"
    said = {"id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/a", "scope": scope}
    assignment = change("azurerm_role_assignment.a", said, said, actions=["no-op"], provider=AZURE, key="azurerm")
    group = change("azurerm_resource_group.g", {"location": "westeurope"}, provider=AZURE, key="azurerm")
    found = placements(document(group, assignment, providers=config("azurerm")))
    assert value(found["azurerm_role_assignment.a"].account) == "00000000-0000-0000-0000-000000000001"
    assert is_unknown(found["azurerm_resource_group.g"].account)


def test_a_google_neighbour_may_be_in_another_project_than_its_provider() -> None:
    said = {"id": "b", "project": "other-project", "location": "EUROPE-WEST1"}
    bucket = change("google_storage_bucket.b", said, said, actions=["no-op"], provider=GOOGLE, key="google")
    network = change("google_compute_network.n", {}, provider=GOOGLE, key="google")
    found = placements(document(network, bucket, providers=config("google")))
    assert value(found["google_storage_bucket.b"].account) == "other-project"
    assert is_unknown(found["google_compute_network.n"].account)


@pytest.mark.parametrize("heard", ["aws", "aws.other"])
def test_neighbours_under_one_of_two_configurations_that_may_be_meant_say_nothing(heard: str) -> None:
    arn = {"arn": "arn:aws:sns:us-east-1:123456789012:t"}
    neighbour = change("aws_sns_topic.t", arn, arn, actions=["no-op"], key=heard)
    gone = change("aws_sqs_queue.gone", None, {}, key=None)
    found = place(gone, neighbour, providers=config("aws") | config("aws.other"))
    assert is_unknown(found.region)
    assert is_unknown(found.account)
    assert is_unknown(found.partition)


def test_neighbours_that_set_their_own_region_say_nothing_about_the_provider() -> None:
    neighbour = change("aws_sns_topic.t", *[{"region": "us-east-1"}] * 2, actions=["no-op"])
    assert is_unknown(place(queue(), neighbour, providers=config("aws")).region)


def test_neighbours_in_different_regions_are_candidates() -> None:
    neighbours = [
        change(f"aws_sns_topic.{region}", None, {"arn": f"arn:aws:sns:{region}:123456789012:t"})
        for region in ("us-east-1", "eu-west-1")
    ]
    assert unknown(place(queue(), *neighbours, providers=config("aws")).region).candidates == ("eu-west-1", "us-east-1")


def test_a_neighbour_that_is_not_there_yet_says_nothing() -> None:
    # The zone is a word of whoever writes the change; where it is wrong, only the volume fails and the queue is made.
    neighbour = change("aws_ebs_volume.v", {"availability_zone": "us-east-2a"})
    assert is_unknown(place(queue(), neighbour, providers=config("aws")).region)


@pytest.mark.parametrize("argument", ["name", "endpoint"])
def test_the_data_source_aws_region_asked_for_one_says_nothing(argument: str) -> None:
    said = {"id": "eu-west-3", "name": "eu-west-3"}
    asked = change("data.aws_region.other", said, said, actions=["no-op"], arguments={argument: constant("eu-west-3")})
    assert is_unknown(place(queue(), asked, providers=config("aws")).region)


def test_the_data_source_aws_region_says_it_best() -> None:
    region = change("data.aws_region.here", *[{"id": "eu-west-3", "name": "eu-west-3"}] * 2, actions=["no-op"])
    assert value(place(queue(), region, providers=config("aws")).region) == "eu-west-3"


def test_two_answers_of_the_data_source_aws_region_are_a_contradiction() -> None:
    said = [
        change(f"data.aws_region.{name}", *[{"id": name, "name": name}] * 2, actions=["no-op"])
        for name in ("eu-west-3", "us-east-1")
    ]
    found = unknown(place(queue(), *said, providers=config("aws")).region)
    assert found.candidates == ("eu-west-3", "us-east-1")


class TestAccounts:
    def test_the_assumed_role(self) -> None:
        providers = config("aws", assume_role=[{"role_arn": {"constant_value": "arn:aws:iam::123456789012:role/ci"}}])
        found = place(queue(), providers=providers)
        assert value(found.account) == "123456789012"
        assert value(found.partition) == "aws"

    def test_of_chained_roles_the_last(self) -> None:
        roles = ["arn:aws:iam::111111111111:role/a", "arn:aws:iam::222222222222:role/b"]
        providers = config("aws", assume_role=[{"role_arn": {"constant_value": role}} for role in roles])
        assert value(place(queue(), providers=providers).account) == "222222222222"

    def test_a_single_allowed_account(self) -> None:
        providers = config("aws", allowed_account_ids=constant(["123456789012"]))
        assert value(place(queue(), providers=providers).account) == "123456789012"

    def test_a_variable_is_the_single_allowed_account(self) -> None:
        plan = document(
            queue(),
            providers=config("aws", allowed_account_ids=reference("var.account")),
            variables={"account": {"value": "123456789012"}},
        )
        assert value(placements(plan)["aws_sqs_queue.q"].account) == "123456789012"

    def test_several_allowed_accounts_say_nothing(self) -> None:
        providers = config("aws", allowed_account_ids=constant(["123456789012", "210987654321"]))
        assert unknown(place(queue(), providers=providers).account).cause is Cause.NO_EVIDENCE

    def test_a_role_outside_the_only_allowed_account_is_a_contradiction(self) -> None:
        providers = config(
            "aws",
            assume_role=[{"role_arn": {"constant_value": "arn:aws:iam::111111111111:role/a"}}],
            allowed_account_ids=constant(["222222222222"]),
        )
        found = unknown(place(queue(), providers=providers).account)
        assert found.cause is Cause.CONTRADICTION
        assert found.candidates == ("111111111111", "222222222222")

    def test_the_caller_identity_of_the_same_provider(self) -> None:
        caller = change("data.aws_caller_identity.me", *[{"account_id": "123456789012"}] * 2, actions=["no-op"])
        assert value(place(queue(), caller, providers=config("aws")).account) == "123456789012"

    def test_the_caller_identity_of_a_provider_whose_account_is_computed(self) -> None:
        caller = change(
            "data.google_client_config.me",
            *[{"project": "shop-prod"}] * 2,
            actions=["no-op"],
            provider=GOOGLE,
            key="google",
        )
        topic = change("google_pubsub_topic.t", {}, provider=GOOGLE, key="google")
        found = place(topic, caller, providers=config("google", project=reference("local.project")))
        assert value(found.account) == "shop-prod"

    def test_an_object_of_another_account_than_its_provider_acts_in_is_a_contradiction(self) -> None:
        providers = config(
            "aws",
            region="eu-west-1",
            assume_role=[{"role_arn": {"constant_value": "arn:aws:iam::111111111111:role/a"}}],
        )
        topic = {"arn": "arn:aws:sns:eu-west-1:222222222222:t"}
        found = unknown(place(change("aws_sns_topic.t", topic, topic, actions=["no-op"]), providers=providers).account)
        assert found.candidates == ("111111111111", "222222222222")

    def test_the_owner_of_a_network(self) -> None:
        assert value(place(change("aws_vpc.v", None, {"owner_id": "123456789012"}, key=None)).account) == "123456789012"

    def test_a_member_account_is_not_the_own_one(self) -> None:
        member = change("aws_guardduty_member.m", {"account_id": "210987654321"})
        found = place(member, providers=config("aws", region="eu-west-1"))
        assert is_unknown(found.account)
        assert [also.account for also in found.also_reaches] == ["210987654321"]

    def test_a_subscription(self) -> None:
        subscription = "0f39574d-d756-48cf-b622-0e27a6943bd2"
        group = change("azurerm_resource_group.g", {"location": "uksouth"}, provider=AZURE, key="azurerm")
        assert value(place(group, providers=config("azurerm", subscription_id=subscription)).account) == subscription

    def test_a_subscription_that_is_computed_is_unknown(self) -> None:
        group = change("azurerm_resource_group.g", {"location": "uksouth"}, provider=AZURE, key="azurerm")
        found = place(group, providers=config("azurerm", subscription_id=reference("local.subscription")))
        assert unknown(found.account).cause is Cause.COMPUTED

    def test_a_project_of_the_resource_wins_over_that_of_the_provider(self) -> None:
        topic = change("google_pubsub_topic.t", {"project": "shop-prod"}, provider=GOOGLE, key="google")
        assert value(place(topic, providers=config("google", project="shop-dev")).account) == "shop-prod"

    def test_a_project_of_the_provider(self) -> None:
        topic = change("google_pubsub_topic.t", {}, provider=GOOGLE, key="google")
        assert value(place(topic, providers=config("google", project="shop-dev")).account) == "shop-dev"

    def test_an_organization(self) -> None:
        member = change("google_organization_iam_member.m", {"org_id": "123456789"}, provider=GOOGLE, key="google")
        assert value(place(member).account) == "organizations/123456789"

    @pytest.mark.parametrize(
        ("owner", "account"), [({"owner": "acme"}, "acme"), ({"owner": "hunter2, or another"}, None), ({}, None)]
    )
    def test_the_owner_that_the_provider_of_another_service_names(
        self, owner: dict[str, object], account: str | None
    ) -> None:
        provider = "registry.terraform.io/integrations/github"
        repository = change("github_repository.r", {"name": "r"}, provider=provider, key="github")
        found = place(repository, providers=config("github", **owner))
        assert (None if is_unknown(found.account) else value(found.account)) == account
        assert "hunter2" not in repr(found)

    def test_an_account_that_is_none_is_not_printed(self) -> None:
        providers = config("azurerm", subscription_id="hunter2")
        found = place(
            change("azurerm_resource_group.g", {"location": "uksouth"}, provider=AZURE, key="azurerm"),
            providers=providers,
        )
        assert unknown(found.account).cause is Cause.SHAPE
        assert "hunter2" not in repr(found)


class TestPartitions:
    @pytest.mark.parametrize(
        ("environment", "partition"), [("china", "china"), ("usgovernment", "usgovernment"), ("public", "public")]
    )
    def test_the_environment_of_azure(self, environment: str, partition: str) -> None:
        zone = change("azurerm_dns_zone.z", {"name": "example.com"}, provider=AZURE, key="azurerm")
        assert value(place(zone, providers=config("azurerm", environment=environment)).partition) == partition

    def test_azure_without_an_environment_is_not_taken_for_public(self) -> None:
        zone = change("azurerm_dns_zone.z", {"name": "example.com"}, provider=AZURE, key="azurerm")
        found = unknown(place(zone, providers=config("azurerm")).partition)
        assert 'environment = "public"' in found.reason

    def test_an_environment_that_is_computed_is_unknown(self) -> None:
        zone = change("azurerm_dns_zone.z", {"name": "example.com"}, provider=AZURE, key="azurerm")
        found = unknown(place(zone, providers=config("azurerm", environment=reference("local.cloud"))).partition)
        assert found.cause is Cause.COMPUTED

    @pytest.mark.parametrize(
        ("host", "partition"), [("management.chinacloudapi.cn", "china"), ("metadata.example", None)]
    )
    def test_the_metadata_host_of_azure(self, host: str, partition: str | None) -> None:
        zone = change("azurerm_dns_zone.z", {"name": "example.com"}, provider=AZURE, key="azurerm")
        found = place(zone, providers=config("azurerm", metadata_host=host)).partition
        if partition is None:
            assert unknown(found).cause is Cause.UNMAPPED
        else:
            assert value(found) == partition

    def test_a_located_neighbour_says_which_azure(self) -> None:
        zone = change("azurerm_dns_zone.z", {"name": "example.com"}, provider=AZURE, key="azurerm")
        here = {"location": "chinanorth3"}
        group = change("azurerm_resource_group.g", here, here, provider=AZURE, key="azurerm")
        assert value(place(zone, group, providers=config("azurerm")).partition) == "china"

    def test_a_located_neighbour_that_is_not_there_yet_says_nothing(self) -> None:
        zone = change("azurerm_dns_zone.z", {"name": "example.com"}, provider=AZURE, key="azurerm")
        group = change("azurerm_resource_group.g", {"location": "westeurope"}, provider=AZURE, key="azurerm")
        assert unknown(place(zone, group, providers=config("azurerm")).partition).candidates == ("public",)

    def test_neighbours_in_different_partitions_are_a_contradiction(self) -> None:
        arns = ("arn:aws:sns:us-east-1:123456789012:t", "arn:aws-cn:sns:cn-north-1:123456789012:t")
        neighbours = [
            change(f"aws_sns_topic.t{number}", *[{"arn": arn}] * 2, actions=["no-op"])
            for number, arn in enumerate(arns)
        ]
        found = unknown(place(change("aws_iam_role.r", {}), *neighbours, providers=config("aws")).partition)
        assert (found.cause, found.candidates) == (Cause.CONTRADICTION, ("aws", "aws-cn"))

    def test_a_data_source_that_may_ask_about_any_region_says_nothing(self) -> None:
        said = {"region": "us-east-1", "arn": "arn:aws:iam::127311923021:root"}
        asked = change("data.aws_elb_service_account.a", said, said, actions=["no-op"])
        assert is_unknown(place(change("aws_iam_role.r", {}), asked, providers=config("aws")).partition)

    def test_an_environment_that_the_location_denies_is_a_contradiction(self) -> None:
        group = change("azurerm_resource_group.g", {"location": "westeurope"}, provider=AZURE, key="azurerm")
        found = unknown(place(group, providers=config("azurerm", environment="china")).partition)
        assert found.candidates == ("china", "public")

    def test_endpoints_say_the_partition(self) -> None:
        providers = config("aws", endpoints=[{"iam": {"constant_value": "https://iam.cn-north-1.amazonaws.com.cn"}}])
        assert value(place(change("aws_iam_role.r", {}), providers=providers).partition) == "aws-cn"

    def test_the_role_of_a_global_types_provider_says_the_partition(self) -> None:
        providers = config(
            "aws", assume_role=[{"role_arn": {"constant_value": "arn:aws-cn:iam::123456789012:role/ci"}}]
        )
        found = place(change("aws_iam_role.r", {}), providers=providers)
        assert value(found.partition) == "aws-cn"
        assert value(found.jurisdictions) == {"CN"}

    def test_another_universe_of_google_is_unknown(self) -> None:
        network = change("google_compute_network.n", {}, provider=GOOGLE, key="google")
        found = place(network, providers=config("google", universe_domain="example.goog"))
        assert unknown(found.partition).cause is Cause.UNMAPPED

    def test_the_region_of_the_google_provider_says_the_partition_of_global_types(self) -> None:
        network = change("google_compute_network.n", {}, provider=GOOGLE, key="google")
        assert value(place(network, providers=config("google", region="europe-west1")).partition) == "googleapis.com"


def test_local_emulators_are_said_to_be_one() -> None:
    providers = config("aws", region="us-east-1", endpoints=[{"sqs": {"constant_value": "http://localhost:4566"}}])
    found = place(queue(), providers=providers)
    assert value(found.region) == "us-east-1"
    assert "local emulator" in found.region.evidence  # type: ignore[union-attr]


def test_an_endpoint_that_is_empty_makes_no_emulator() -> None:
    found = place(queue(), providers=config("aws", region="us-east-1", endpoints=[{"sqs": constant("")}]))
    assert found.region == Known("us-east-1", "provider aws: region")


def test_one_endpoint_that_is_none_makes_no_emulator() -> None:
    endpoints = {"sqs": constant("http://localhost:4566"), "iam": constant("https://iam.us-east-1.amazonaws.com")}
    found = place(queue(), providers=config("aws", region="us-east-1", endpoints=[endpoints]))
    assert found.region == Known("us-east-1", "provider aws: region")


def test_an_endpoint_that_is_computed_leaves_the_region_known() -> None:
    found = place(queue(), providers=config("aws", region="us-east-1", endpoints=[{"sqs": reference("local.sqs")}]))
    assert found.region == Known("us-east-1", "provider aws: region")


def test_a_google_region_comes_from_the_provider_where_the_resource_has_none() -> None:
    subnet = change("google_compute_subnetwork.s", {}, provider=GOOGLE, key="google", unknown={"region": True})
    assert value(place(subnet, providers=config("google", region="europe-west1")).region) == "europe-west1"


def test_a_zonal_resource_is_in_its_providers_zone_not_its_region() -> None:
    disk = change("google_compute_disk.d", {}, provider=GOOGLE, key="google", unknown={"zone": True})
    both = place(disk, providers=config("google", region="europe-west1", zone="europe-west1-c"))
    assert value(both.zone) == "europe-west1-c"
    only_region = unknown(place(disk, providers=config("google", region="europe-west1")).region)
    assert only_region.candidates == ("europe-west1",)
    assert "zone in the provider block" in only_region.reason
    assert unknown(place(disk, providers=config("google")).region).cause is Cause.ENVIRONMENT


class TestSwitchOfRegion:
    """What exists in one region while its provider now says another."""

    TOPIC: Json = {"arn": "arn:aws:sns:eu-central-1:123456789012:t"}  # noqa: RUF012

    def test_both_regions_are_named(self) -> None:
        found = place(change("aws_sns_topic.t", self.TOPIC, self.TOPIC), providers=config("aws", region="us-east-1"))
        assert value(found.region) == "us-east-1"
        assert value(found.previous_region) == "eu-central-1"
        assert found.previous_partition is None

    def test_the_law_it_was_under_is_reached_too(self) -> None:
        found = place(change("aws_sns_topic.t", self.TOPIC, self.TOPIC), providers=config("aws", region="us-east-1"))
        assert [(also.kind, also.region, also.jurisdictions) for also in found.also_reaches] == [
            ("moves", "eu-central-1", frozenset({"EU"}))
        ]

    def test_the_law_of_a_region_that_is_newer_than_the_tables(self) -> None:
        topic = {"arn": "arn:aws-cn:sns:cn-south-1:123456789012:t"}
        found = place(change("aws_sns_topic.t", topic, topic), providers=config("aws", region="us-east-1"))
        assert [(also.region, also.jurisdictions) for also in found.also_reaches] == [("cn-south-1", frozenset({"CN"}))]

    def test_another_partition(self) -> None:
        found = place(change("aws_sns_topic.t", self.TOPIC, self.TOPIC), providers=config("aws", region="cn-north-1"))
        assert value(found.partition) == "aws-cn"
        assert value(found.previous_partition) == "aws"
        assert [(also.region, also.partition) for also in found.also_reaches] == [("eu-central-1", "aws")]

    def test_a_global_type_may_switch_its_partition(self) -> None:
        role = {"arn": "arn:aws:iam::123456789012:role/r"}
        found = place(change("aws_iam_role.r", role, role), providers=config("aws", region="cn-north-1"))
        assert value(found.partition) == "aws-cn"
        assert value(found.previous_partition) == "aws"

    def test_a_replacement_in_another_region_touches_both(self) -> None:
        moved = change(
            "aws_sqs_queue.q", {"region": "eu-west-1"}, {"region": "eu-central-1"}, actions=["delete", "create"]
        )
        found = place(moved, providers=BOTH)
        assert value(found.region) == "eu-west-1"
        assert value(found.previous_region) == "eu-central-1"

    def test_a_replacement_under_a_provider_that_moved_has_no_arn_yet(self) -> None:
        replaced = change("aws_sns_topic.t", {}, self.TOPIC, actions=["delete", "create"], unknown={"arn": True})
        found = place(replaced, providers=config("aws", region="us-east-1"))
        assert value(found.region) == "us-east-1"
        assert value(found.previous_region) == "eu-central-1"
        assert value(found.account) == "123456789012"

    def test_a_replacement_under_a_provider_without_region_is_where_it_was(self) -> None:
        replaced = change("aws_sns_topic.t", {}, self.TOPIC, actions=["delete", "create"], unknown={"arn": True})
        assert place(replaced, providers=config("aws")).region == Known("eu-central-1", "arn (before)")

    def test_what_refresh_did_not_find_and_is_made_anew_elsewhere(self) -> None:
        topic = change("aws_sns_topic.t", {}, unknown={"arn": True})
        drift = change("aws_sns_topic.t", None, self.TOPIC)
        found = place(topic, providers=config("aws", region="us-east-1"), resource_drift=[drift])
        assert value(found.region) == "us-east-1"
        assert value(found.previous_region) == "eu-central-1"
        assert is_unknown(found.account)

    def test_a_global_object_that_is_replaced_is_in_the_partition_it_was_in(self) -> None:
        role = {"arn": "arn:aws-cn:iam::123456789012:role/r"}
        replaced = change("aws_iam_role.r", {}, role, actions=["delete", "create"], unknown={"arn": True})
        assert place(replaced, providers=config("aws")).partition == Known("aws-cn", "arn")

    def test_a_global_object_that_refresh_did_not_find_may_be_made_in_another_partition(self) -> None:
        role = change("aws_iam_role.r", {}, unknown={"arn": True})
        drift = change("aws_iam_role.r", None, {"arn": "arn:aws-cn:iam::123456789012:role/r"})
        assert is_unknown(place(role, providers=config("aws"), resource_drift=[drift]).partition)

    def test_what_somebody_deleted_and_is_made_anew_in_place(self) -> None:
        topic = change("aws_sns_topic.t", {}, unknown={"arn": True})
        drift = change("aws_sns_topic.t", None, self.TOPIC)
        found = place(topic, providers=config("aws", region="eu-central-1"), resource_drift=[drift])
        assert value(found.region) == "eu-central-1"
        assert found.previous_region is None

    def test_what_is_lost_says_nothing_about_a_provider_without_region(self) -> None:
        topic = change("aws_sns_topic.t", {}, unknown={"arn": True})
        drift = change("aws_sns_topic.t", None, self.TOPIC)
        assert is_unknown(place(topic, providers=config("aws"), resource_drift=[drift]).region)

    def test_an_azure_resource_recreated_elsewhere(self) -> None:
        moved = change(
            "azurerm_storage_account.a",
            {"location": "eastus"},
            {"location": "westeurope"},
            provider=AZURE,
            key="azurerm",
            actions=["delete", "create"],
        )
        found = place(moved)
        assert value(found.region) == "eastus"
        assert value(found.previous_region) == "westeurope"

    def test_a_guessed_configuration_moves_nothing(self) -> None:
        topic = change("module.b.aws_sns_topic.t", self.TOPIC, self.TOPIC, key="b:aws")
        found = place(topic, providers=config("aws", region="us-east-1"))
        assert value(found.region) == "eu-central-1"
        assert found.previous_region is None
