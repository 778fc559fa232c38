"""Laws of whole verdicts, over plans that nobody wrote: from the bytes of a document to the report."""

import gc
import json
import resource
from typing import Any

from benchmarks.trust.damage import RANKS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.place.placement import Cause, Unknown
from scopegate.plan.decode import decode_plan
from scopegate.verdict.report import Report

Json = dict[str, Any]

KNOWLEDGE = default_knowledge()
PROVIDERS = {
    "aws": "hashicorp/aws",
    "azurerm": "hashicorp/azurerm",
    "google": "hashicorp/google",
    "random": "hashicorp/random",
}
VALUES: dict[str, Json] = {
    "aws_sqs_queue": {"region": "eu-central-1"},
    "aws_dynamodb_table": {"region": "eu-central-1", "deletion_protection_enabled": True},
    "aws_instance": {"availability_zone": "us-east-1a"},
    "aws_s3_bucket": {"arn": "arn:aws-cn:s3:::b", "region": "cn-north-1"},
    "aws_iam_role": {"arn": "arn:aws:iam::123456789012:role/r"},
    "aws_route53_record": {"zone_id": "Z1"},
    "aws_db_instance": {},
    "aws_sns_topic": {"arn": "arn:aws:sns:eu-central-1:123456789012:t"},
    "aws_ebs_volume": {"availability_zone": "eu-central-1a"},
    "azurerm_role_assignment": {},
    "azurerm_subnet": {"name": "s", "virtual_network_name": "v", "resource_group_name": "g"},
    "azurerm_virtual_network": {"name": "v", "resource_group_name": "g", "location": "westeurope"},
    "azurerm_linux_virtual_machine": {"location": "westeurope"},
    "azurerm_storage_account": {"location": "westeurope"},
    "azurerm_resource_group": {"location": "chinanorth2"},
    "google_storage_bucket": {"location": "EU"},
    "google_compute_instance": {"zone": "europe-west1-b"},
    "random_id": {},
    "aws_unheard_of": {"region": "eu-central-1"},
}
ACTIONS = (["no-op"], ["create"], ["update"], ["delete"], ["delete", "create"], ["create", "delete"], ["forget"])


@st.composite
def changes(draw: st.DrawFn, most: int = 5) -> list[Json]:
    found = draw(st.lists(st.tuples(st.sampled_from(sorted(VALUES)), st.sampled_from(ACTIONS)), max_size=most))
    return [change(f"r{position}", kind, actions) for position, (kind, actions) in enumerate(found)]


def change(name: str, kind: str, actions: list[str]) -> Json:
    values = VALUES[kind]
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": f"registry.terraform.io/{PROVIDERS[kind.partition('_')[0]]}",
        "change": {
            "actions": actions,
            "before": None if actions == ["create"] else {**values, "size": 1},
            "after": None
            if actions in (["delete"], ["forget"])
            else {**values, "size": 1 if actions == ["no-op"] else 2},
            "after_unknown": {},
        },
    }


def reads(changes: list[Json], edges: set[tuple[int, int]]) -> Json:
    """Return a configuration in which each change reads some of those before it."""
    blocks = []
    for position, entry in enumerate(changes):
        read = [changes[other]["address"] for reader, other in sorted(edges) if reader == position and other < position]
        references = [text for address in read for text in (f"{address}.id", address)]
        blocks.append(
            {
                **{key: entry[key] for key in ("address", "mode", "type", "name")},
                "provider_config_key": entry["type"].partition("_")[0],
                "expressions": {"input": {"references": references}} if references else {},
            }
        )
    return {"root_module": {"resources": blocks}}


def reported(changes: list[Json], configuration: Json) -> Report:
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {},
        "resource_changes": changes,
        "configuration": configuration,
    }
    raw = json.dumps(document, separators=(",", ":")).encode()
    return analyze(decode_plan(raw, "plan.json"), KNOWLEDGE, Options()).report


def rank(report: Report) -> int:
    return RANKS[report.verdict]


def asked(report: Report) -> int:
    return sum(requirement.count for requirement in report.requirements)


edges = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8)
CASES = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@CASES
@given(changes(), st.sampled_from(sorted(VALUES)), edges)
def test_one_object_more_to_create_never_betters_a_verdict(
    some: list[Json], kind: str, links: set[tuple[int, int]]
) -> None:
    more = [*some, change("more", kind, ["create"])]
    assert_no_better(reported(more, reads(more, links)), reported(some, reads(some, links)))


@CASES
@given(changes(), st.sampled_from(sorted(VALUES)), st.sampled_from(ACTIONS[2:]), st.integers(0, 5), edges)
def test_changing_what_was_left_alone_never_betters_a_verdict(
    some: list[Json], kind: str, actions: list[str], position: int, links: set[tuple[int, int]]
) -> None:
    left, changed = (
        [*some[:position], change("one", kind, planned), *some[position:]] for planned in (["no-op"], actions)
    )
    assert_no_better(reported(changed, reads(changed, links)), reported(left, reads(left, links)))


def assert_no_better(more: Report, less: Report) -> None:
    assert limits(less) <= limits(more)
    assert rank(more) >= rank(less)
    assert asked(more) >= asked(less)


@CASES
@given(changes(), st.sampled_from(sorted(VALUES)), st.sampled_from(ACTIONS), edges)
def test_one_object_more_that_exists_betters_nothing_but_what_is_known(
    some: list[Json], kind: str, actions: list[str], links: set[tuple[int, int]]
) -> None:
    more = [*some, change("more", kind, actions)]
    before, after = reported(some, reads(some, links)), reported(more, reads(more, links))
    # What stands in the state is a fact: its ARN says which region its provider is in. Nobody can add it to a change.
    lost = limits(before) - {"known-places"} - limits(after)
    # Where it contradicts its neighbours, what they said is not known any more, and that is asked about instead.
    assert not lost or ("known-places" in limits(after) and contradicted(after))


def contradicted(report: Report) -> bool:
    places = [(item.placement.partition, item.placement.region, item.placement.account) for item in report.resources]
    return any(
        isinstance(answer, Unknown) and answer.cause is Cause.CONTRADICTION for known in places for answer in known
    )


def test_where_what_exists_contradicts_itself_the_place_is_asked_about_and_no_law_is_taken_for_known() -> None:
    # A role assignment names no cloud. One resource group says China, a storage account in a public region denies it.
    group = change("group", "azurerm_resource_group", ["no-op"])
    grant = change("grant", "azurerm_role_assignment", ["create"])
    alone, denied = ([group, grant], [group, grant, change("more", "azurerm_storage_account", ["no-op"])])
    assert "strict-jurisdictions" in limits(reported(alone, reads(alone, set())))
    report = reported(denied, reads(denied, set()))
    assert (report.verdict.value, limits(report)) == ("needs-sign-off", {"known-places", "no-global-service"})
    (granted,) = report.resources
    assert isinstance(granted.placement.partition, Unknown)
    assert granted.placement.partition.candidates == ("china", "public")


def limits(report: Report) -> set[str]:
    return {excess.limit for excess in report.excesses}


@CASES
@given(changes(), edges, st.randoms(use_true_random=False))
def test_the_order_of_a_plan_means_nothing(some: list[Json], links: set[tuple[int, int]], chance: Any) -> None:
    configuration = reads(some, links)
    shuffled = chance.sample(some, len(some))
    first, second = reported(some, configuration), reported(shuffled, configuration)
    assert (first.verdict, first.fingerprint) == (second.verdict, second.fingerprint)
    assert first.footprint.regions.keys() == second.footprint.regions.keys()
    assert {item.limit for item in first.excesses} == {item.limit for item in second.excesses}
    assert {(item.address, item.how) for item in first.resources} == {(r.address, r.how) for r in second.resources}


@CASES
@given(changes(), edges)
def test_the_names_of_blocks_mean_nothing(some: list[Json], links: set[tuple[int, int]]) -> None:
    renamed = [
        {**entry, "name": f"other_{entry['name']}", "address": f"{entry['type']}.other_{entry['name']}"}
        for entry in some
    ]
    first, second = reported(some, reads(some, links)), reported(renamed, reads(renamed, links))
    assert first.verdict is second.verdict
    assert first.footprint == second.footprint
    assert [(item.rule, item.severity) for item in first.signals] == [(s.rule, s.severity) for s in second.signals]


@CASES
@given(changes(), edges)
def test_doing_nothing_to_everything_passes(some: list[Json], links: set[tuple[int, int]]) -> None:
    idle = [change(entry["name"], entry["type"], ["no-op"]) for entry in some]
    report = reported(idle, reads(idle, links))
    assert (report.verdict.value, report.resources) == ("pass", ())


def test_a_thousand_plans_in_one_process_leave_nothing_behind() -> None:
    kinds = sorted(VALUES)

    def round_of(number: int) -> str:
        some = [change(f"r{number}_{i}", kinds[(number + i) % len(kinds)], ACTIONS[(number * i) % 7]) for i in range(6)]
        return reported(some, reads(some, {(1, 0), (5, 2)})).fingerprint

    first = [round_of(number) for number in range(200)]
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(200, 1000):
        round_of(number)
    gc.collect()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [round_of(number) for number in range(20)] == first[:20]
    assert grown < 20_000  # kilobytes; the caches of names and addresses are bounded
