"""What a plan marks as sensitive is hidden wherever else it stands, and nothing else is."""

from typing import Any

import pytest
from msgspec.structs import replace

from handmade import placement
from policy.changes import Made, change
from scopegate.analyze import Analysis, Options, analyze, default_knowledge
from scopegate.place.placement import AlsoReaches, Known, Placement, Unknown
from scopegate.policy.model import Change, Part
from scopegate.reach.footprint import RegionKey
from scopegate.verdict.decision import decision_on
from scopegate.verdict.shown import as_shown
from together.stacks import plan, queue

KNOWLEDGE = default_knowledge()
SECRET, OTHER = "hunter2-secret", "swordfish-secret"
HIDDEN = "(sensitive 1)"


def judged(marked: str, *changes: Any, **sections: Any) -> Analysis:
    """Return what is said of these changes, in a plan that marks one value."""
    root = {"variables": {"v": {"sensitive": True}}}
    made = plan(
        "plan.json", *changes, variables={"v": {"value": marked}}, configuration={"root_module": root}, **sections
    )
    return analyze(made, KNOWLEDGE, Options())


def group(name: str, location: str) -> Any:
    """Return the creation of a resource group; Azure has locations that the fact tables do not know."""
    values = {"name": name, "location": location}
    return {
        "address": f"azurerm_resource_group.{name}",
        "mode": "managed",
        "type": "azurerm_resource_group",
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/azurerm",
        "change": {"actions": ["create"], "before": None, "after": values, "after_unknown": {}},
    }


def global_role() -> Any:
    role = queue("r", "eu-central-1", ("create",), "aws_iam_role.r")
    role["change"]["after"] = {"name": "r"}  # the ARN of a queue would name a region
    return role


def regions(analysis: Analysis) -> list[str | None]:
    return [key.region for key in analysis.report.footprint.regions]


def test_a_place_is_hidden_where_no_address_has_a_key() -> None:
    said = judged("hunter2secret", group("a", "hunter2secret"))
    assert regions(said) == [HIDDEN]
    assert [key.region for key in said.decision.change.footprint.regions] == ["hunter2secret"]


def test_a_key_is_hidden_where_every_place_is_in_the_fact_tables() -> None:
    created = queue("a", "eu-central-1", ("create",), f'aws_sqs_queue.q["{SECRET}"]')
    created["change"]["after"] = {"region": "eu-central-1"}  # an ARN would name an account
    said = judged(SECRET, created)
    assert [resource.address for resource in said.report.resources] == [f'aws_sqs_queue.q["{HIDDEN}"]']
    assert regions(said) == ["eu-central-1"]


def test_where_a_plan_marks_nothing_that_is_shown_the_decision_is_shown_as_it_is() -> None:
    # A scope with hidden values is signed for this plan only: one without is not.
    said = judged(SECRET, queue("a", "eu-central-1", ("create",), 'aws_sqs_queue.q["blue"]'))
    assert said.shown is said.decision
    assert not any("signed for this plan only" in value for value in said.scope.beyond)


@pytest.mark.parametrize("place", ["eu-central-1", "eu-north-9", "global"])
def test_marking_a_region_that_anybody_knows_hides_no_reach(place: str) -> None:
    # eu-north-9 is newer than the tables: its name fits the pattern of its partition.
    created = global_role() if place == "global" else queue("a", place, ("create",))
    assert regions(judged(place, created)) == [place]


def test_where_it_was_before_it_moved_is_hidden_too() -> None:
    moved = {**queue("a", "eu-central-1", ("no-op",)), "previous_address": f'aws_sqs_queue.orders["{SECRET}"]'}
    shown = judged(SECRET, moved).shown.change.plan.instances
    assert [instance.previous_address for instance in shown] == [f'aws_sqs_queue.orders["{HIDDEN}"]']


def test_a_signal_on_the_plan_is_hidden_in_its_address() -> None:
    address = f'aws_sqs_queue.drifted["{SECRET}"]'
    drifted = {**queue("d", "eu-central-1", ("update",)), "address": address}
    said = judged(SECRET, queue("a", "eu-central-1"), resource_drift=[drifted])
    assert SECRET not in repr(said.report)


def hidden(places: Placement, *marked: str) -> Change:
    """Return what is shown of a change in a place that stands in a plan which marks these values."""
    made = change(Made("aws_vpc.a", places))
    judged = replace(made.plan, marked=frozenset(marked))
    seen = replace(made, plan=judged, parts=(Part(judged),))
    return as_shown(decision_on(seen, KNOWLEDGE.policy), KNOWLEDGE.facts)[0].change


ALSO = (
    AlsoReaches("replicates", "replica[0].region_name", region=SECRET),
    AlsoReaches("trusts", "assume_role_policy", account=OTHER),
)


def test_what_a_resource_also_reaches_is_hidden() -> None:
    (shown,) = hidden(placement(also=ALSO), SECRET, OTHER).placements
    assert [(other.region, other.account) for other in shown.also_reaches] == [
        ("(sensitive 1)", None),
        (None, "(sensitive 2)"),
    ]
    assert shown.region == Known("eu-central-1", "attribute")


def test_an_account_is_hidden_and_what_also_names_it_as_evidence() -> None:
    shown = hidden(replace(placement(), account=Known(SECRET, f"provider for {SECRET}")), SECRET)
    assert shown.placements[0].account == Known(HIDDEN, f"provider for {HIDDEN}")
    assert [key.value for key in shown.footprint.accounts] == [HIDDEN]


def test_zones_and_the_region_that_is_left_are_hidden() -> None:
    left = replace(placement(), zone=Known(f"{SECRET}-a", "zone"), previous_region=Known(SECRET, "before"))
    (shown,) = hidden(left, SECRET).placements
    assert (shown.zone, shown.previous_region) == (Known(f"{HIDDEN}-a", "zone"), Known(HIDDEN, "before"))


def test_what_an_unknown_place_may_be_is_hidden_and_so_is_why_it_is_not_known() -> None:
    unsure = Unknown(f"it is {SECRET} or another", (SECRET, "eu-west-1"))
    (shown,) = hidden(replace(placement(), region=unsure, jurisdictions=unsure), SECRET).placements
    said = Unknown(f"it is {HIDDEN} or another", (HIDDEN, "eu-west-1"))
    assert (shown.region, shown.jurisdictions, shown.zone) == (said, said, None)


def test_instances_of_one_place_still_share_it_once_it_is_hidden() -> None:
    secret = placement(account=SECRET)
    made = change(Made("aws_vpc.a", secret), Made("aws_vpc.b", secret))
    marked = replace(made.plan, marked=frozenset({SECRET}))
    seen = replace(made, plan=marked, parts=(Part(marked),))
    first, second = as_shown(decision_on(seen, KNOWLEDGE.policy), KNOWLEDGE.facts)[0].change.placements
    assert first is second
    assert RegionKey("aws", "aws", "eu-central-1") in made.footprint.regions


def test_a_marked_region_is_shown_also_where_a_zone_of_it_stands() -> None:
    # A parameter with the value eu-central-1 hid that region in each line of a report, as a zone has its name in it.
    zoned = replace(placement(), zone=Known("eu-central-1a", "zone"))
    (shown,) = hidden(zoned, "eu-central-1").placements
    assert (shown.region, shown.zone) == (zoned.region, zoned.zone)
    (capital,) = hidden(zoned, "EU-CENTRAL-1").placements
    assert (capital.region, capital.zone) == (zoned.region, zoned.zone)


def test_a_marked_region_is_shown_in_the_keys_of_addresses_too() -> None:
    address = 'aws_sqs_queue.q["eu-central-1"]'
    said = judged("eu-central-1", queue("a", "eu-central-1", ("create",), address))
    assert [resource.address for resource in said.report.resources] == [address]


def test_a_marked_word_in_the_name_of_a_region_that_is_newer_than_the_tables_hides_nothing() -> None:
    """What hides a value is agreed to for exactly its plan, and the next plan of the same meaning is asked for anew."""
    said = judged("north", queue("a", "eu-north-9", ("create",)))
    assert (regions(said), said.shown is said.decision) == (["eu-north-9"], True)


def test_a_marked_word_that_an_account_holds_hides_no_region_that_holds_it_too() -> None:
    west = replace(placement("eu-west-1"), account=Known("west-prod", "account"), also_reaches=(ALSO_WEST,))
    (shown,) = hidden(west, "west").placements
    assert shown.region == Known("eu-west-1", "attribute")
    assert shown.account == Known("(sensitive 1)-prod", "account")
    assert [other.region for other in shown.also_reaches] == ["us-west-2"]


ALSO_WEST = AlsoReaches("replicates", "replica.region_name", region="us-west-2")
