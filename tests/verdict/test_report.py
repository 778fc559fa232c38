"""What a report says of a change, worked out by hand from small plans."""

from handmade import instance, placement
from policy.changes import FRANKFURT, VIRGINIA, Made, change
from render.reports import AWS, queue, report
from scopegate.analyze import Options, Planned, analyze_together, default_knowledge
from scopegate.plan.actions import Action
from scopegate.plan.model import Instance
from scopegate.policy.default import default_policy
from scopegate.policy.in_force import policy_for
from scopegate.policy.kinds import LimitKind
from scopegate.policy.model import NOTHING_KNOWN, Context
from scopegate.reach.model import How
from scopegate.source.model import Location, SourceBlock, Sources
from scopegate.verdict.report import Report, dimensions_of
from together.stacks import planned
from together.stacks import queue as queue_in_plan

KNOWLEDGE = default_knowledge()
MAIN = Sources({(): {"aws_sqs_queue.orders": SourceBlock("aws_sqs_queue.orders", Location("eu/main.tf", 3))}}, ("n",))


def left_alone(address: str) -> Instance:
    """Return a queue of which the state says that it depends on another."""
    values = {"region": "eu-central-1"}
    return instance(address, Action.NO_OP, values, values, provider_name=AWS, prior_dependencies=("aws_sqs_queue.a",))


def together(*plans: Planned) -> Report:
    return analyze_together(plans, KNOWLEDGE, Options()).report


def test_what_is_touched_is_counted_by_how() -> None:
    said = report(
        queue("aws_sqs_queue.a", "eu-central-1"), left_alone("aws_sqs_queue.b"), left_alone("aws_sqs_queue.c")
    )
    assert {how: said.touched(how) for how in How} == {How.DIRECT: 1, How.AFFECTED: 0, How.EXPOSED: 2}


def test_each_resource_has_the_word_for_what_is_planned_and_none_where_nothing_is() -> None:
    values = {"region": "eu-central-1"}
    said = report(
        queue("aws_sqs_queue.a", "eu-central-1", Action.DELETE),
        instance("aws_sqs_queue.brought", Action.NO_OP, values, values, importing=True),
        instance("aws_sqs_queue.moved", Action.NO_OP, values, values, previous_address="aws_sqs_queue.old"),
        instance("aws_sqs_queue.both", Action.UPDATE, values, {"region": "eu-central-1", "a": 1}, importing=True),
        left_alone("aws_sqs_queue.b"),
    )
    assert {resource.address: resource.change for resource in said.resources} == {
        "aws_sqs_queue.a": "delete",
        "aws_sqs_queue.brought": "import",
        "aws_sqs_queue.moved": "move",
        "aws_sqs_queue.both": "update",
        "aws_sqs_queue.b": None,
    }


def test_a_path_begins_at_the_change_and_ends_at_what_hangs_on_it() -> None:
    said = report(left_alone("aws_sqs_queue.b"), queue("aws_sqs_queue.a", "eu-central-1"))
    assert {resource.address: [step.address for step in resource.path] for resource in said.resources} == {
        "aws_sqs_queue.b": ["aws_sqs_queue.a", "aws_sqs_queue.b"],
        "aws_sqs_queue.a": ["aws_sqs_queue.a"],
    }


def test_the_place_of_a_block_is_said_of_the_plan_whose_files_were_read() -> None:
    europe = planned("eu.json", queue_in_plan("a", "eu-central-1"))
    america = planned("us.json", queue_in_plan("b", "us-west-2"), source="us")
    said = together(Planned(europe.plan, Context(source="eu"), MAIN), america)
    assert {resource.address: resource.source for resource in said.resources} == {
        "eu.json: aws_sqs_queue.orders": Location("eu/main.tf", 3),
        "us.json: aws_sqs_queue.orders": None,
    }
    assert "eu.json: n" in said.coverage.notes
    alone = together(europe)
    assert [(resource.address, resource.source) for resource in alone.resources] == [("aws_sqs_queue.orders", None)]


def test_a_dimension_counts_the_known_places_and_not_what_is_only_exposed() -> None:
    made = change(
        Made("aws_vpc.a"),
        Made("aws_vpc.b", placement(None)),
        Made("aws_lb.a", VIRGINIA, Action.NO_OP, on="aws_vpc.c"),
        Made("aws_vpc.c", FRANKFURT, Action.DELETE),
        Made("aws_lb.b", placement("us-west-2"), Action.NO_OP, on="aws_lb.a"),
    )
    policy = policy_for(default_policy(KNOWLEDGE.facts), "plan.json", NOTHING_KNOWN)
    rows = {row.kind: (row.direct, row.affected) for row in dimensions_of(made.footprint, policy, ())}
    # The balancer stands on the network that is destroyed; what reads its id is exposed, for the id stays.
    assert rows[LimitKind.REGIONS] == (1, 1)
    assert rows[LimitKind.JURISDICTIONS] == (1, 1)


def test_what_has_no_place_is_not_missed_and_what_has_an_unknown_one_is() -> None:
    values = {"id": "x"}
    said = report(
        queue("aws_sqs_queue.a", "eu-central-1"),
        instance("aws_sqs_queue.b", Action.UPDATE, values, {"id": "x", "delay_seconds": 5}, provider_name=AWS),
        instance("aws_brand_new.c", Action.UPDATE, {"region": "eu-central-1"}, {"region": "eu-central-1", "a": 1}),
        instance("random_id.d", Action.CREATE, None, values),
    ).coverage
    assert (said.resources, said.placed, said.region_unknown) == (3, 2, 1)
    assert said.types_unmapped == ("aws_brand_new",)


def test_another_stack_is_named_where_the_plan_names_it() -> None:
    state = {"backend": "s3", "config": {"bucket": "states", "key": "net"}}
    alone = report(
        queue("aws_sqs_queue.a", "eu-central-1"),
        instance("data.terraform_remote_state.net", Action.READ, None, state),
        instance("data.terraform_remote_state.unsaid", Action.READ, None, {}),
    )
    assert alone.coverage.notes == (
        "It reads the outputs of another stack (s3: bucket states, key net), whose own changes are not in this plan.",
        "It reads the outputs of another stack, whose own changes are not in this plan.",
    )


def test_another_stack_may_be_one_of_several_that_are_judged_and_then_it_is_said_so() -> None:
    unsaid = {
        "address": "data.terraform_remote_state.net",
        "mode": "data",
        "type": "terraform_remote_state",
        "name": "net",
        "provider_name": "terraform.io/builtin/terraform",
        "change": {"actions": ["read"], "before": None, "after": {}, "after_unknown": {}},
    }
    reading = planned("eu.json", queue_in_plan("a", "eu-central-1"), unsaid)
    said = together(reading, planned("us.json", queue_in_plan("b", "us-west-2")))
    named = "whose own changes are in none of these plans, as far as they tell."
    assert said.coverage.notes == (f"eu.json: It reads the outputs of another stack, {named}",)
