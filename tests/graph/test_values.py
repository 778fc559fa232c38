"""Two objects that share an identifier as a value, with no reference between them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.written import block, change, links, plan_of, state
from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.identifiers import (
    identifying,
    is_identifier,
    is_name,
    kinds_of,
    may_identify,
    may_name,
    mentioned,
    names_kind,
    parts_within,
)
from scopegate.graph.outside import outside_stacks
from scopegate.plan.model import Plan

TYPES = ("aws_s3_bucket", "aws_s3_bucket_policy", "aws_a", "aws_policy", "bucket")
VPC = "vpc-0a1b2c3d4e5f60718"
KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-1111-2222-3333-444455556666"


def _kept(address: str, **values: object) -> dict[str, Any]:
    """Return an entry of an instance that stays as it is, with these values."""
    entry = change(address)
    entry["change"] |= {"before": values, "after": values}
    return entry


def _plan(entries: Sequence[Mapping[str, Any]], **constants: Mapping[str, object]) -> Plan:
    """Return a plan of these entries, whose blocks are configured with these constants (``aws_a__b={"arg": 1}``)."""
    resources = []
    for entry in entries:
        address = entry["address"].partition("[")[0]
        configured = constants.get(address.replace(".", "__"), {})
        expressions = {name: {"constant_value": value} for name, value in configured.items()}
        resources.append({**block(address), "expressions": expressions})
    return plan_of([dict(entry) for entry in entries], {"resources": resources})


def _value_edges(plan: Plan) -> dict[tuple[str, str], list[Link]]:
    found = {pair: [link for link in some if link.kind is EdgeKind.VALUE] for pair, some in links(plan).items()}
    return {pair: some for pair, some in found.items() if some}


def test_a_hard_coded_arn_links_its_holder_to_its_owner() -> None:
    plan = _plan(
        [_kept("aws_kms_key.main", arn=KEY_ARN, id="x"), _kept("aws_s3_bucket.b", kms=[{"key_id": KEY_ARN}], id="b")],
        aws_s3_bucket__b={"kms": [{"key_id": KEY_ARN}]},
    )
    assert _value_edges(plan) == {
        ("aws_s3_bucket.b", "aws_kms_key.main"): [
            Link(EdgeKind.VALUE, "kms.key_id", "aws_kms_key.main.arn", "arn", Match.ONE)
        ]
    }


def test_an_identifier_within_a_policy_text_links_too_and_its_longest_owned_part_is_meant() -> None:
    policy = json.dumps({"Statement": [{"Resource": ["arn:aws:s3:::company-data/reports/*"], "Action": "s3:Get*"}]})
    plan = _plan(
        [_kept("aws_s3_bucket.data", arn="arn:aws:s3:::company-data"), _kept("aws_iam_policy.p", policy=policy)],
        aws_iam_policy__p={"policy": policy},
    )
    assert _value_edges(plan).keys() == {("aws_iam_policy.p", "aws_s3_bucket.data")}


def test_a_value_from_another_stacks_state_links_to_its_owner_here() -> None:
    entries = [
        _kept("aws_subnet.a", id="subnet-0a1b2c3d4e5f60718"),
        _kept("aws_instance.i", subnet_id="subnet-0a1b2c3d4e5f60718"),
        _kept("data.terraform_remote_state.net", backend="s3", outputs={"subnet": "subnet-0a1b2c3d4e5f60718"}),
    ]
    remote = "data.terraform_remote_state.net"
    root = {
        "resources": [
            block("aws_subnet.a"),
            block(remote),
            block("aws_instance.i", {"subnet_id": [f"{remote}.outputs.subnet", f"{remote}.outputs", remote]}),
        ]
    }
    assert _value_edges(plan_of(entries, root)).keys() == {("aws_instance.i", "aws_subnet.a")}


def test_a_data_source_that_finds_a_managed_object_reads_it() -> None:
    plan = _plan(
        [_kept("aws_vpc.main", id="vpc-0a1b2c3d4e5f60718"), _kept("data.aws_vpc.found", id="vpc-0a1b2c3d4e5f60718")]
    )
    assert _value_edges(plan).keys() == {("data.aws_vpc.found", "aws_vpc.main")}


def test_no_value_edge_beside_a_reference_in_either_direction() -> None:
    entries = [
        _kept("aws_vpc.main", id="vpc-0a1b2c3d4e5f60718", table="rtb-0a1b2c3d4e5f60718"),
        _kept("aws_table.t", id="rtb-0a1b2c3d4e5f60718", vpc="vpc-0a1b2c3d4e5f60718"),
    ]
    configured = block("aws_table.t", {"vpc": ["aws_vpc.main.id", "aws_vpc.main"]})
    computed = {**block("aws_vpc.main"), "expressions": {"table": {}}}
    assert _value_edges(plan_of(entries, {"resources": [computed, configured]})) == {}


NET = {
    "resources": [block("aws_vpc.v")],
    "outputs": {"id": {"expression": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}},
}


@pytest.mark.parametrize(
    ("route", "recorded", "expected"),
    [
        ({}, [], {EdgeKind.VALUE}),
        ({}, ["module.net.aws_vpc.v"], {EdgeKind.STATE}),
        ({"other": {"references": ["module.net.id", "module.net"]}}, [], {EdgeKind.REFERENCE}),
        ({"other": {"references": ["module.net"]}}, [], {EdgeKind.REFERENCE, EdgeKind.DEPENDS_ON}),
    ],
)
def test_what_the_state_or_a_reference_tells_of_a_module_is_not_told_again_by_a_value(
    route: Mapping[str, Any], recorded: Sequence[str], expected: set[EdgeKind]
) -> None:
    holder = {**block("aws_route.r"), "expressions": {"vpc_id": {"constant_value": VPC}, **route}}
    root = {"resources": [holder], "module_calls": {"net": {"module": NET}}}
    entries = [_kept("module.net.aws_vpc.v", id=VPC), _kept("aws_route.r", vpc_id=VPC)]
    plan = plan_of(entries, root, prior_state=state({"aws_route.r": recorded, "module.net.aws_vpc.v": []}))
    assert {pair: {link.kind for link in some} for pair, some in links(plan).items()} == {
        ("aws_route.r", "module.net.aws_vpc.v"): expected
    }


def test_what_is_read_of_a_managed_object_and_nothing_else_is_its_own_and_not_looked_up() -> None:
    entries = [_kept("aws_vpc.v", id=VPC), _kept("aws_route.r", vpc_id=VPC)]
    entries += [change("aws_link.l"), change("data.aws_link.l")]
    for read, expected in (
        (["aws_link.l.vpc", "aws_link.l"], set()),
        (["data.aws_link.l.vpc", "data.aws_link.l"], {("aws_route.r", "aws_vpc.v")}),
        (["aws_link.l.vpc", "aws_link.l", "var.x"], {("aws_route.r", "aws_vpc.v")}),
        # a variable of the root module holds whatever was handed in
        (["var.x"], {("aws_route.r", "aws_vpc.v")}),
    ):
        root = {"resources": [block("aws_vpc.v"), block("aws_route.r", {"vpc_id": read})]}
        assert set(_value_edges(plan_of(entries, root))) == expected


@pytest.mark.parametrize("other", [["data.aws_link.l.vpc", "data.aws_link.l"], ["local.vpc"]])
def test_an_output_of_a_managed_object_or_of_what_was_found_is_looked_up(other: Sequence[str]) -> None:
    # output "vpc" { value = coalesce(aws_link.l.vpc, data.aws_link.l.vpc) }
    read = ["aws_link.l.vpc", "aws_link.l", *other]
    links_module = {"resources": [block("aws_link.l"), block("data.aws_link.l")]}
    outputs = {"vpc": {"expression": {"references": read}}}
    root = {
        "resources": [block("aws_vpc.v"), block("aws_route.r", {"vpc_id": ["module.m.vpc", "module.m"]})],
        "module_calls": {"m": {"module": {**links_module, "outputs": outputs}}},
    }
    entries = [_kept("aws_vpc.v", id=VPC), _kept("aws_route.r", vpc_id=VPC)]
    entries += [change("module.m.aws_link.l"), change("module.m.data.aws_link.l")]
    assert set(_value_edges(plan_of(entries, root))) == {("aws_route.r", "aws_vpc.v")}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (["aws_link.l.vpc", "aws_link.l"], set()),
        (["data.aws_link.l.vpc", "data.aws_link.l"], {("aws_route.r", "aws_vpc.v")}),
    ],
)
def test_a_long_list_is_looked_up_only_where_not_all_of_it_is_of_managed_objects(
    other: Sequence[str], expected: set[tuple[str, str]]
) -> None:
    # output "vpc" { value = concat(aws_link.l0[*].vpc, aws_link.l1[*].vpc, …)[0] }
    many = [f"aws_link.l{number}" for number in range(30)]
    read = [text for name in many for text in (f"{name}.vpc", name)] + [*other]
    inside = [*many, "aws_link.l", "data.aws_link.l"]
    module = {"resources": list(map(block, inside)), "outputs": {"vpc": {"expression": {"references": read}}}}
    route = block("aws_route.r", {"vpc_id": ["module.m.vpc", "module.m"]})
    root = {"resources": [block("aws_vpc.v"), route], "module_calls": {"m": {"module": module}}}
    entries = [_kept("aws_vpc.v", id=VPC), _kept("aws_route.r", vpc_id=VPC)]
    plan = plan_of([*entries, *(change(f"module.m.{name}") for name in inside)], root)
    assert set(_value_edges(plan)) == expected


def test_a_module_that_is_waited_for_as_a_whole_explains_the_identifiers_of_what_is_in_it() -> None:
    holder = {**block("aws_route.r", depends_on=["module.net"]), "expressions": {"vpc_id": {"constant_value": VPC}}}
    root = {"resources": [holder], "module_calls": {"net": {"module": {"module_calls": {"in": {"module": NET}}}}}}
    plan = plan_of([_kept("module.net.module.in.aws_vpc.v", id=VPC), _kept("aws_route.r", vpc_id=VPC)], root)
    assert _value_edges(plan) == {}
    assert set(links(plan)) == {("aws_route.r", "module.net.module.in.aws_vpc.v")}


def test_a_computed_attribute_that_nobody_configured_links_nothing() -> None:
    plan = _plan(
        [_kept("aws_vpc.main", id="vpc-0a1b2c3d4e5f60718"), _kept("aws_instance.i", vpc_id="vpc-0a1b2c3d4e5f60718")]
    )
    assert _value_edges(plan) == {}


def test_a_computed_attribute_in_a_configured_block_links_nothing() -> None:
    configured = {"device_index": 0, "label": "the-first-one"}
    entries = [
        _kept("aws_vpc.main", id=VPC),
        _kept("aws_instance.i", network_interface=[{**configured, "vpc_id": VPC}]),
    ]
    assert _value_edges(_plan(entries, aws_instance__i={"network_interface": [configured]})) == {}


def test_what_is_written_out_and_what_is_computed_is_looked_up_in_one_plan() -> None:
    entries = [_kept("aws_kms_key.k", arn=KEY_ARN), _kept("aws_vpc.v", id=VPC)]
    entries += [_kept("aws_s3_bucket.b", key=KEY_ARN), _kept("aws_route.r", vpc_id=VPC), change("data.aws_link.l")]
    bucket = {**block("aws_s3_bucket.b"), "expressions": {"key": {"constant_value": KEY_ARN}}}
    route = block("aws_route.r", {"vpc_id": ["data.aws_link.l.vpc", "data.aws_link.l"]})
    plan = plan_of(entries, {"resources": [block("aws_kms_key.k"), block("aws_vpc.v"), bucket, route]})
    assert set(_value_edges(plan)) == {("aws_s3_bucket.b", "aws_kms_key.k"), ("aws_route.r", "aws_vpc.v")}


def test_a_function_of_constants_may_hold_an_identifier() -> None:
    # plan JSON has neither references nor a constant for jsonencode({Resource = "arn:…"})
    entries = [_kept("aws_kms_key.main", arn=KEY_ARN), _kept("aws_iam_policy.p", policy=json.dumps({"R": KEY_ARN}))]
    configured = {**block("aws_iam_policy.p"), "expressions": {"policy": {}}}
    plan = plan_of(entries, {"resources": [block("aws_kms_key.main"), configured]})
    assert _value_edges(plan).keys() == {("aws_iam_policy.p", "aws_kms_key.main")}


def test_a_name_links_only_where_the_argument_says_what_it_names() -> None:
    entries = [
        _kept("aws_dynamodb_table.orders", id="shop-orders", name="shop-orders"),
        _kept("aws_queue.q", id="q", table_name="shop-orders", name="shop-orders"),
        _kept("aws_sns_topic.t", id="t", display_name="shop-orders"),
    ]
    plan = _plan(
        entries,
        aws_queue__q={"table_name": "shop-orders", "name": "shop-orders"},
        aws_sns_topic__t={"display_name": "shop-orders"},
        aws_dynamodb_table__orders={"name": "shop-orders"},
    )
    (link,) = _value_edges(plan).pop(("aws_queue.q", "aws_dynamodb_table.orders"))
    assert link.attribute == "table_name"
    assert len(_value_edges(plan)) == 1


@pytest.mark.parametrize(
    ("owner", "attribute", "argument", "is_told"),
    [
        ("aws_dynamodb_table", "name", "table_name", True),
        ("aws_dynamodb_table", "endpoint", "table_name", False),  # its endpoint is no name
        ("aws_dynamodb_table", "name", "queue_name", False),  # a queue is named
    ],
)
def test_a_name_is_that_of_the_kind_which_the_argument_names(
    owner: str, attribute: str, argument: str, is_told: bool
) -> None:
    entries = [
        _kept(f"{owner}.o", **{attribute: "shop-orders"}),
        _kept("aws_sqs_queue.q", name="other-orders"),
        _kept("aws_lambda.l", **{argument: "shop-orders"}),
    ]
    plan = _plan(entries, aws_lambda__l={argument: "shop-orders"})
    assert set(_value_edges(plan)) == ({("aws_lambda.l", f"{owner}.o")} if is_told else set())


def test_a_name_in_a_block_is_told_by_the_argument_it_stands_in() -> None:
    entries = [
        _kept("aws_dynamodb_table.o", name="shop-orders"),
        _kept("aws_lambda.l", source=[{"table_name": "shop-orders"}]),
    ]
    plan = _plan(entries, aws_lambda__l={"source": [{"table_name": "shop-orders"}]})
    assert set(_value_edges(plan)) == {("aws_lambda.l", "aws_dynamodb_table.o")}


@pytest.mark.parametrize(("parts", "is_told"), [(7, True), (8, False)])
def test_what_more_than_eight_go_by_is_a_word(parts: int, is_told: bool) -> None:
    names = [f"aws_key_policy.p{number}" for number in range(parts)]
    entries = [_kept("aws_kms_key.k", arn=KEY_ARN), _kept("aws_s3_bucket.b", key=KEY_ARN)]
    entries += [_kept(name, arn=KEY_ARN) for name in names]
    holder = {**block("aws_s3_bucket.b"), "expressions": {"key": {"constant_value": KEY_ARN}}}
    reading = [block(name, {"arn": ["aws_kms_key.k.arn", "aws_kms_key.k"]}) for name in names]
    plan = plan_of(entries, {"resources": [block("aws_kms_key.k"), holder, *reading]})
    assert set(_value_edges(plan)) == ({("aws_s3_bucket.b", "aws_kms_key.k")} if is_told else set())


def test_a_data_source_owns_nothing_of_what_it_finds() -> None:
    entries = [_kept("aws_kms_key.k", arn=KEY_ARN), _kept("data.aws_kms_key.d", arn=KEY_ARN)]
    entries.append(_kept("aws_s3_bucket.b", key=KEY_ARN))
    assert set(_value_edges(_plan(entries, aws_s3_bucket__b={"key": KEY_ARN}))) == {
        ("aws_s3_bucket.b", "aws_kms_key.k"),
        ("data.aws_kms_key.d", "aws_kms_key.k"),
    }


def test_values_that_are_no_object_say_nothing_and_hide_nothing_of_the_others() -> None:
    broken = change("aws_kms_key.k[0]")
    broken["change"] |= {"before": "x", "after": "x"}
    entries = [broken, _kept("aws_kms_key.k[1]", arn=KEY_ARN), _kept("aws_s3_bucket.b", key=KEY_ARN)]
    plan = _plan(entries, aws_s3_bucket__b={"key": KEY_ARN})
    assert _value_edges(plan).keys() == {("aws_s3_bucket.b", "aws_kms_key.k[1]")}


def test_an_identifier_of_eight_letters_is_long_enough() -> None:
    entries = [_kept("aws_account.a", email="ab@cd.ef"), _kept("aws_alarm.l", to=["ab@cd.ef"], cc="ab@cd.ef")]
    found = _value_edges(_plan(entries, aws_alarm__l={"to": ["ab@cd.ef"], "cc": "ab@cd.ef"}))
    assert {link.attribute for link in found["aws_alarm.l", "aws_account.a"]} == {"to", "cc"}


def test_two_things_of_the_same_name_are_not_each_others() -> None:
    entries = [_kept(f"aws_s3_bucket.{name}", id="company-data", bucket="company-data") for name in ("a", "b")]
    plan = _plan(entries, aws_s3_bucket__a={"bucket": "company-data"}, aws_s3_bucket__b={"bucket": "company-data"})
    assert _value_edges(plan) == {}


def test_what_goes_by_the_identifier_of_its_parent_does_not_own_it() -> None:
    topic = "arn:aws:sns:eu-central-1:123456789012:alarms"
    entries = [
        _kept("aws_sns_topic.t", arn=topic),
        _kept("aws_sns_topic_policy.p", id=topic, arn=topic),
        _kept("aws_alarm.a", actions=[topic]),
    ]
    root = {
        "resources": [
            block("aws_sns_topic.t"),
            block("aws_sns_topic_policy.p", {"arn": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}),
            {**block("aws_alarm.a"), "expressions": {"actions": {"constant_value": [topic]}}},
        ]
    }
    assert _value_edges(plan_of(entries, root)).keys() == {("aws_alarm.a", "aws_sns_topic.t")}


def test_an_identifier_with_two_owners_links_nobody() -> None:
    entries = [_kept("aws_a.a", arn=KEY_ARN), _kept("aws_b.b", arn=KEY_ARN), _kept("aws_c.c", key=KEY_ARN)]
    assert _value_edges(_plan(entries, aws_c__c={"key": KEY_ARN})) == {}


def test_an_identifier_that_a_replacement_loses_still_links_its_holder() -> None:
    replaced = change("aws_kms_key.main", ["delete", "create"])
    replaced["change"] |= {"before": {"arn": KEY_ARN}, "after": {}, "after_unknown": {"arn": True}}
    plan = _plan([replaced, _kept("aws_s3_bucket.b", key=KEY_ARN)], aws_s3_bucket__b={"key": KEY_ARN})
    assert _value_edges(plan).keys() == {("aws_s3_bucket.b", "aws_kms_key.main")}


def test_tags_link_nothing() -> None:
    plan = _plan(
        [_kept("aws_kms_key.main", arn=KEY_ARN), _kept("aws_s3_bucket.b", tags={"Key": KEY_ARN})],
        aws_s3_bucket__b={"tags": {"Key": KEY_ARN}},
    )
    assert _value_edges(plan) == {}


@pytest.mark.parametrize(
    "text",
    [
        KEY_ARN,
        "arn:aws-cn:s3:::bucket",
        "/subscriptions/0a1b/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v",
        "projects/p/locations/europe-west1/clusters/c",
        "https://www.googleapis.com/compute/v1/projects/p/global/networks/n",
        "robot@project.iam.gserviceaccount.com",
        "web-1234.eu-central-1.elb.amazonaws.com",
        "shop.database.windows.net",
        "vpc-0a1b2c3d4e5f60718",
        "Z0123456789ABCDEFGHIJ",
        "0a1b2c3d-1111-2222-3333-444455556666",
        "/subscriptions/0a1b/resourceGroups/rg",
        "ab@cd.ef",
        f"arn:aws:s3:::{'b' * 2_035}",
    ],
)
def test_identifiers_are_told_by_their_shape(text: str) -> None:
    assert is_identifier(text)
    assert may_identify(text)


WORDS = st.sampled_from(
    [
        KEY_ARN, "projects/p/topics/t", "robot@project.iam.gserviceaccount.com", "vpc-0a1b2c3d4e5f60718",
        "a.b.c.example", "https://example.com/a", "http://a.example.com", "Z0123456789ABCDEFGHIJ",
        "shop-orders", "/ecs/shop", " ", "\n", ".",
    ]
)  # fmt: skip


@given(st.lists(st.lists(WORDS, max_size=4).map("".join), min_size=1, max_size=4))
def test_what_is_left_aside_at_first_sight_is_and_holds_no_identifier(texts: list[str]) -> None:
    may_tell = identifying(texts)
    for text in texts:
        if not may_tell(text):
            assert not is_identifier(text)
            assert not list(parts_within(text))


@pytest.mark.parametrize(
    "text",
    [
        "true", "default", "production", "germanywestcentral", "Enabled", "ENABLED", "PAY_PER_REQUEST", "2012-10-17",
        "eu-central-1", "us-gov-west-1", "europe-west1-b", "123456789012", "10.0.0.0/16", "1.2.3.4", "t3.medium",
        "db.t3.medium", "ecs-tasks.amazonaws.com", "a b.example.com", "", "aws:kms", "arn:aws",
        "a@bc.de", "projects/p/topics/t", "projects/my p/locations/x/clusters/c", "arn:aws:iam::123456789012",
        "ABCDEFGHIJKLMNOPQRST", f"arn:aws:s3:::{'b' * 2_036}", "arn:aws:s3:::a b",
    ],
)  # fmt: skip
def test_generic_strings_are_no_identifiers(text: str) -> None:
    assert not is_identifier(text)


@pytest.mark.parametrize(
    "text",
    [
        "default", "eu-central-1", "europe-west1", "us-central1-a", "main", "my name is", "web-1", "shop-or",
        "shoporders", "my-own orders", f"shop-{'o' * 2_044}",
    ],
)  # fmt: skip
def test_generic_strings_are_no_names(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize("text", ["shop-ord", "shop_orders", "shop.orders", f"shop-{'o' * 2_043}"])
def test_a_string_of_several_parts_may_be_a_name(text: str) -> None:
    assert is_name(text)


QUEUE = "arn:aws:sqs:eu-central-1:123456789012:orders"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"to {QUEUE}, please", [QUEUE]),
        (f'{{"a": "{QUEUE}", "b": "https://example.com/x"}}', [QUEUE, "https://example.com/x"]),
        ("mail robot@project.iam.gserviceaccount.com.", ["robot@project.iam.gserviceaccount.com"]),
        (f"robot@example.com or {QUEUE}", ["robot@example.com", QUEUE]),
        (f"{QUEUE} projects/p/topics/t https://a.example", [QUEUE, "projects/p/topics/t", "https://a.example"]),
        (
            f"{QUEUE} projects/p/topics/t https://a.example /subscriptions/0a1b",
            [QUEUE, "projects/p/topics/t", "https://a.example", "/subscriptions/0a1b"],
        ),
        ("arn:a::b", ["arn:a::b"]),
        ("arn:a:b", []),
        ("orders of the shop", []),
        ("projects/", []),
    ],
)
def test_identifiers_stand_within_other_strings(text: str, parts: list[str]) -> None:
    assert [some[0] for some in parts_within(text)] == parts


def test_what_is_left_of_an_identifier_is_cut_part_by_part_but_not_to_a_word() -> None:
    (parts,) = parts_within("arn:aws:s3:::data/a/b/c/d/e")
    assert parts == [f"arn:aws:s3:::data{rest}" for rest in ("/a/b/c/d/e", "/a/b/c/d", "/a/b/c", "/a/b", "/a")]
    (parts,) = parts_within("arn:aws:s3:::data/a")
    assert parts == ["arn:aws:s3:::data/a", "arn:aws:s3:::data", "arn:aws:s3::", "arn:aws:s3:", "arn:aws:s3"]
    (parts,) = parts_within("projects/p")
    assert parts == ["projects/p", "projects"]


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("arn:aws:s3:::data/a/b", {"arn:aws:s3:::data", "arn:aws:s3:::data/a"}, ("arn:aws:s3:::data/a",)),
        (f"{QUEUE} and {QUEUE}", {QUEUE}, (QUEUE,)),
        (f"{QUEUE} and {KEY_ARN}", {QUEUE, KEY_ARN}, (QUEUE, KEY_ARN)),
        (f"{QUEUE} and {KEY_ARN}", {KEY_ARN}, (KEY_ARN,)),
        ("shop-orders", {"shop-orders"}, ("shop-orders",)),
        # what is wanted and is neither an identifier nor a name is a word
        ("orders of", {"orders of"}, ()),
        # the longest part that somebody goes by is meant, be it a word
        ("projects/p", {"projects"}, ()),
    ],
)
def test_of_each_identifier_the_longest_part_that_somebody_goes_by_is_mentioned(
    text: str, wanted: set[str], found: tuple[str, ...]
) -> None:
    assert mentioned(text, wanted) == found


def test_an_argument_names_the_kind_that_its_type_ends_with() -> None:
    assert names_kind("bucket", "aws_s3_bucket")
    assert names_kind("resource_group_name", "azurerm_resource_group")
    assert not names_kind("name", "aws_s3_bucket")
    assert not names_kind("bucket", "aws_s3_bucket_policy")
    assert names_kind("user", "aws_iam_user")
    assert not names_kind("key", "aws_kms_key")


@given(
    st.sampled_from(TYPES), st.sampled_from(TYPES), st.sampled_from(["bucket", "s3_bucket_name", "name", "policy", "a"])
)
def test_an_argument_may_name_an_owner_of_the_kinds_that_types_end_with(owner: str, holder: str, argument: str) -> None:
    named = names_kind(argument, owner) and not names_kind(argument, holder)
    assert may_name(kinds_of({owner}), argument, holder) == named


def test_a_kind_of_four_letters_may_be_named() -> None:
    assert may_name(kinds_of({"aws_iam_user", "aws_kms_key"}), "user", "aws_lambda_function")
    assert not may_name(kinds_of({"aws_iam_user", "aws_kms_key"}), "key", "aws_lambda_function")


def test_the_stacks_whose_state_is_read_are_named_without_their_credentials() -> None:
    config = {"bucket": "company-states", "key": "network/prod.tfstate", "access_key": "AKIA-CANARY", "region": "x"}
    remote = _kept("data.terraform_remote_state.net", backend="s3", config=config, workspace="blue")
    workspaces = {"organization": "acme", "workspaces": {"name": "core"}}
    cloud = _kept("data.terraform_remote_state.cloud", backend="remote", config=workspaces)
    plan = _plan([_kept("aws_vpc.a"), remote, cloud, _kept("data.terraform_remote_state.unknown")])
    assert [(stack.instance, stack.name) for stack in outside_stacks(plan)] == [
        (1, "s3: bucket company-states, key network/prod.tfstate, workspace blue"),
        (2, "remote: organization acme, name core"),
        (3, ""),
    ]
