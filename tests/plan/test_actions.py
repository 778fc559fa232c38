"""The closed set of actions, and what each means for whoever stands on the object."""

import pytest

from scopegate.plan.actions import Action, action_of

# hashicorp/terraform and opentofu/opentofu, internal/command/jsonplan/plan.go, actionString
WRITTEN = [
    (["no-op"], Action.NO_OP),
    (["create"], Action.CREATE),
    (["read"], Action.READ),
    (["update"], Action.UPDATE),
    (["delete"], Action.DELETE),
    (["delete", "create"], Action.DELETE_THEN_CREATE),
    (["create", "delete"], Action.CREATE_THEN_DELETE),
    (["forget"], Action.FORGET),
    (["create", "forget"], Action.CREATE_THEN_FORGET),
    (["forget", "create"], Action.FORGET_THEN_CREATE),
    (["ForgetThenCreate"], Action.FORGET_THEN_CREATE),
    (["open"], Action.OPEN),
]


@pytest.mark.parametrize(("written", "action"), WRITTEN, ids=str)
def test_every_list_that_terraform_or_opentofu_writes_is_one_action(written: list[str], action: Action) -> None:
    assert action_of(written) is action


@pytest.mark.parametrize(
    "unknown", [[], ["create", "update"], ["invalid"], ["Update"], ["NoOp"], ["renew"], ["close"], ["delete", "forget"]]
)
def test_any_other_list_is_no_action(unknown: list[str]) -> None:
    assert action_of(unknown) is None


def test_the_order_of_a_replacement_is_kept() -> None:
    assert action_of(["delete", "create"]) is not action_of(["create", "delete"])


def test_what_takes_the_ground_from_dependents() -> None:
    assert {action for action in Action if action.takes_the_ground} == {
        Action.DELETE,
        Action.DELETE_THEN_CREATE,
        Action.CREATE_THEN_DELETE,
        Action.FORGET,
        Action.CREATE_THEN_FORGET,
        Action.FORGET_THEN_CREATE,
    }


def test_only_reading_opening_and_nothing_change_nothing() -> None:
    assert {action for action in Action if not action.changes_something} == {Action.NO_OP, Action.READ, Action.OPEN}


def test_a_forgotten_object_is_not_destroyed() -> None:
    assert not {action for action in Action if action.forgets and action.destroys}


def test_a_replacement_both_takes_and_gives() -> None:
    assert {action.value for action in Action if action.replaces} == {
        "delete-then-create",
        "create-then-delete",
        "create-then-forget",
        "forget-then-create",
    }
