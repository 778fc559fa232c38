"""What the report says it could not see."""

from msgspec.structs import replace

from handmade import FACTS, graph, link
from policy.changes import FRANKFURT, Made, change
from scopegate.graph.edges import EdgeKind
from scopegate.plan.actions import Action
from scopegate.policy.model import Change
from scopegate.reach.compute import compute_reach
from scopegate.verdict.report import coverage_of

BY_STATE = link(attribute="", reads="", kind=EdgeKind.STATE)
STATE_ALONE = (
    "Only the prior state connects 1 of what is exposed with the change. Which values are read there is in no plan, so "
    "it may be affected; give the .tf files with --source."
)


def changed(action: Action, *edges: tuple[int, int, object]) -> Change:
    """Return a change of a parameter by ``action``; ``edges`` lead to it (0) from two functions left alone (1, 2)."""
    functions = (Made(f"aws_lambda_function.{name}", FRANKFURT, Action.NO_OP) for name in ("a", "b"))
    made = change(Made("aws_ssm_parameter.p", FRANKFURT, action), *functions)
    return replace(made, reach=compute_reach(made.plan, graph(3, edges), FACTS))  # type: ignore[arg-type]


def test_what_is_only_in_the_state_may_be_affected_and_the_report_says_so() -> None:
    by_reference = link("environment.variables", "value")
    assert coverage_of(changed(Action.UPDATE, (1, 0, BY_STATE), (2, 0, by_reference))).notes == (STATE_ALONE,)


def test_what_stands_on_a_loss_is_affected_whoever_knows_of_it() -> None:
    assert coverage_of(changed(Action.DELETE, (1, 0, BY_STATE))).notes == ()


def test_an_edge_of_the_configuration_says_what_is_read() -> None:
    assert coverage_of(changed(Action.UPDATE, (1, 0, link("description", "tags")))).notes == ()
