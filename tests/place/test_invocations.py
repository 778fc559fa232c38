"""Provider actions are placed by their own words only."""

import msgspec

from place.documents import AWS, FACTS, Json, change, config, document, unknown, value
from scopegate.graph.build import build_graph
from scopegate.place.invocation import place_invocations, with_invocations
from scopegate.place.place import place_all
from scopegate.place.placement import Cause, Placement
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan


def with_action(values: Json, **more: object) -> Plan:
    action = {
        "address": "action.aws_sns_publish.a",
        "type": "aws_sns_publish",
        "name": "a",
        "provider_name": AWS,
        "config_values": values,
        "lifecycle_action_trigger": {"triggering_resource_address": "aws_sqs_queue.q"},
        **more,
    }
    queue = change("aws_sqs_queue.q", {"region": "eu-west-1"})
    plan = document(queue, providers=config("aws", region="us-east-1"), action_invocations=[action])
    return decode_plan(msgspec.json.encode(plan), "plan.json")


def invoked(values: Json, **more: object) -> Placement:
    decoded = with_action(values, **more)
    placements = place_all(decoded, FACTS, build_graph(decoded), {})
    (found,) = place_invocations(decoded, FACTS, placements, {})
    return found


def test_what_a_plan_invokes_stands_behind_its_instances() -> None:
    decoded = with_action({"region": "ap-south-1"})
    plan, placements = with_invocations(decoded, FACTS, place_all(decoded, FACTS, build_graph(decoded), {}), {})
    found = {instance.address: value(own.region) for instance, own in zip(plan.instances, placements, strict=True)}
    assert found == {"aws_sqs_queue.q": "eu-west-1", "action.aws_sns_publish.a": "ap-south-1"}


def test_an_action_is_where_its_region_says() -> None:
    assert value(invoked({"region": "ap-south-1"}).region) == "ap-south-1"


def test_an_action_is_where_what_it_acts_on_is() -> None:
    found = invoked({"topic_arn": "arn:aws-cn:sns:cn-north-1:123456789012:t"})
    assert value(found.region) == "cn-north-1"
    assert value(found.account) == "123456789012"
    assert value(found.partition) == "aws-cn"


def test_an_action_that_names_no_place_is_unknown_with_the_candidates() -> None:
    found = unknown(invoked({"message": "hello"}).region)
    assert found.cause is Cause.UNMAPPED
    assert found.candidates == ("eu-west-1", "us-east-1")


def test_a_sensitive_arn_of_an_action_is_not_read() -> None:
    arn = {"topic_arn": "arn:aws:sns:sa-east-1:123456789012:t"}
    assert "sa-east-1" not in repr(invoked(arn, config_sensitive={"topic_arn": True}))
