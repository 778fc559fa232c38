"""Laws of placement: names and order decide nothing, nothing unreadable is printed, own evidence never widens."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from place.documents import AZURE, GOOGLE, Json, change, config, document, placements, reference
from scopegate.place import case, evidence
from scopegate.place.attributes import Marks, Values
from scopegate.place.location import Locations
from scopegate.place.placement import GLOBAL, Known, Placement, Unknown
from scopegate.place.subject import Subject

PROVIDERS = (
    config("aws", region="eu-central-1")
    | config("aws.china", region="cn-north-1")
    | config("aws.nowhere")
    | config("azurerm")
    | config("google", region="europe-west1")
)
ARN = "arn:aws:sns:us-west-2:123456789012:t"

KINDS: dict[str, Callable[[Callable[[str], str]], Json]] = {
    "queue": lambda n: change(f"aws_sqs_queue.{n('queue')}", {}),
    "chinese": lambda n: change(f"aws_sqs_queue.{n('chinese')}", {}, key="aws.china"),
    "nowhere": lambda n: change(f"aws_sqs_queue.{n('nowhere')}", {}, key="aws.nowhere"),
    "proof": lambda n: change(f"aws_sns_topic.{n('proof')}", {"arn": ARN}, {"arn": ARN}, key="aws.nowhere"),
    "other proof": lambda n: change(
        f"aws_ebs_volume.{n('other')}", {"availability_zone": "us-east-2a"}, key="aws.nowhere"
    ),
    "old": lambda n: change(f"module.b.aws_sqs_queue.{n('old')}", {}, key="b:aws"),
    "gone": lambda n: change(f"aws_sqs_queue.{n('gone')}", None, {"name": "x"}, key=None),
    "role": lambda n: change(f"aws_iam_role.{n('role')}", {}, key="aws.nowhere"),
    "table": lambda n: change(f"aws_dynamodb_table.{n('table')}", {"replica": [{"region_name": "us-east-1"}]}),
    "network": lambda n: change(
        f"azurerm_virtual_network.{n('network')}", {"location": "uksouth"}, provider=AZURE, key="azurerm"
    ),
    "subnet": lambda n: change(
        f"azurerm_subnet.{n('subnet')}",
        {},
        provider=AZURE,
        key="azurerm",
        arguments={"virtual_network_name": reference(f"azurerm_virtual_network.{n('network')}.name")},
    ),
    "zone": lambda n: change(f"azurerm_dns_zone.{n('zone')}", {}, provider=AZURE, key="azurerm"),
    "disk": lambda n: change(f"google_compute_disk.{n('disk')}", {}, provider=GOOGLE, key="google"),
    "bucket": lambda n: change(
        f"google_storage_bucket.{n('bucket')}", {"location": "EU"}, provider=GOOGLE, key="google"
    ),
}


def answer(found: Known[Any] | Unknown | None) -> object:
    if isinstance(found, Known):
        return found.value
    return found and (found.cause, found.candidates)


def gist(found: Placement) -> tuple[object, ...]:
    """Return what a placement decides, without its words."""
    return (
        answer(found.region),
        answer(found.partition),
        answer(found.account),
        answer(found.jurisdictions),
        answer(found.zone),
        answer(found.previous_region),
        found.home_region,
        found.effect,
        frozenset((also.region, also.partition, also.account) for also in found.also_reaches),
    )


def gists(kinds: list[str], rename: Callable[[str], str]) -> dict[str, tuple[object, ...]]:
    changes = {kind: KINDS[kind](rename) for kind in kinds}
    found = placements(document(*changes.values(), providers=PROVIDERS))
    return {kind: gist(found[item["address"]]) for kind, item in changes.items()}


SOME = st.lists(st.sampled_from(sorted(KINDS)), unique=True, min_size=1)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", max_size=20).map("n{}".format)


@settings(max_examples=60, deadline=None)
@given(SOME, st.randoms(use_true_random=False))
def test_the_order_of_a_plan_decides_nothing(kinds: list[str], random: Any) -> None:
    shuffled = random.sample(kinds, len(kinds))
    assert gists(kinds, str) == gists(shuffled, str)


@settings(max_examples=60, deadline=None)
@given(SOME, NAMES)
def test_names_decide_nothing(kinds: list[str], prefix: str) -> None:
    assert gists(kinds, str) == gists(kinds, lambda name: f"{prefix}-{name}")


@settings(max_examples=60, deadline=None)
@given(SOME, st.sampled_from(["us-east-1-prod", "china-cn-north-1", "production", "global", "westeurope"]))
def test_names_that_look_like_places_decide_nothing(kinds: list[str], prefix: str) -> None:
    assert gists(kinds, str) == gists(kinds, lambda name: f"{prefix}_{name}")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["region", "arn", "id", "availability_zone"]))
def test_nothing_but_a_place_gets_out_of_a_hostile_attribute(text: str, attribute: str) -> None:
    found = placements(document(change("aws_sqs_queue.q", {attribute: text}), providers=PROVIDERS))["aws_sqs_queue.q"]
    for said in (found.region, found.partition, found.account):
        if isinstance(said, Known):
            assert re.fullmatch(r"[a-z0-9-]{1,40}", said.value)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(["region", "availability_zones", "arn", "id", "replica", "replication", "scope", "name"]),
    st.sampled_from(["aws_dynamodb_table", "google_secret_manager_secret", "azurerm_subnet", "aws_wafv2_web_acl"]),
)
def test_attributes_of_any_form_are_no_crash(anything: object, attribute: str, kind: str) -> None:
    provider = {"aws": "aws", "google": GOOGLE, "azurerm": AZURE}[kind.partition("_")[0]]
    values = {attribute: anything}
    plan = document(change(f"{kind}.x", values, values, provider=provider, key=None, after_sensitive=anything))
    assert set(placements(plan)) == {f"{kind}.x"}


@settings(max_examples=60, deadline=None)
@given(SOME)
def test_global_is_only_what_its_type_says(kinds: list[str]) -> None:
    found = gists(kinds, str)
    assert {kind for kind, decided in found.items() if decided[0] == GLOBAL} == {"role", "zone"} & set(kinds)


def test_what_many_instances_say_alike_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(values: Values, marks: Marks, subject: Subject, locations: Locations) -> evidence.Testimony:
        read.append(subject.type)
        return evidence.testify(values, marks, subject, locations)

    monkeypatch.setattr(case, "testify", counted)
    arns = [f"arn:aws:sqs:eu-central-1:123456789012:q{number}" for number in range(500)]
    queues = [change(f"aws_sqs_queue.q{number}", *[{"arn": arn}] * 2) for number, arn in enumerate(arns)]
    assert len(placements(document(*queues, providers=PROVIDERS))) == len(queues)
    assert read == ["aws_sqs_queue"]
