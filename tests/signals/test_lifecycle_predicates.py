"""What becomes of the object itself: replaced and by what, moved, run with a program, put back as it was."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from handmade import raw
from scopegate.plan.actions import Action
from scopegate.plan.model import Drift
from scopegate.signals.change import Change
from scopegate.signals.finding import Fires
from scopegate.signals.predicates import (
    MovedAcrossModules,
    Provisioned,
    ReplacedBecause,
    ReplacementOrder,
    RevertsDrift,
)
from signals.written_changes import change


def replaced(*paths: Sequence[str | int], **fields: Any) -> Change:
    return change({"a": 1}, {"a": 2}, action=Action.DELETE_THEN_CREATE, replace_paths=paths, **fields)


def test_a_replacement_names_at_most_three_of_the_attributes_that_force_it() -> None:
    paths: tuple[Sequence[str | int], ...] = (
        ["engine"],
        ["tags", "<b>", "x"],
        ["disk", 0, "kind"],
        ["engine"],
        ["zone"],
    )
    assert ReplacedBecause().holds(replaced(*paths)) == Fires("forced by engine, tags.x, disk.kind")


def test_an_edit_is_no_replacement_whatever_it_says_to_be_forced_by() -> None:
    assert ReplacedBecause().holds(change({"a": 1}, {"a": 2}, replace_paths=(("a",),))) is None


def test_a_replacement_without_attributes_says_what_it_was_asked_by() -> None:
    tainted = replaced(action_reason="replace_because_tainted")
    assert ReplacedBecause().holds(tainted) == Fires("it is marked tainted")
    assert ReplacedBecause().holds(replaced(action_reason="a reason of a newer version")) == Fires("")
    assert ReplacedBecause().holds(replaced()) == Fires("")


def test_a_replacement_is_forced_by_an_attribute_or_one_inside_of_it() -> None:
    by_disk = ReplacedBecause(paths=("name", "disk"))
    assert by_disk.holds(replaced(["disk"])) == Fires("forced by disk")
    assert by_disk.holds(replaced(["zone"], ["disk", 0, "kind"])) == Fires("forced by zone, disk.kind")
    assert by_disk.holds(replaced(["disk_encryption"])) is None
    assert by_disk.holds(replaced()) is None


@pytest.mark.parametrize(
    ("action", "first"),
    [
        (Action.DELETE_THEN_CREATE, "destroy"),
        (Action.CREATE_THEN_DELETE, "create"),
        (Action.CREATE_THEN_FORGET, "create"),
        (Action.UPDATE, None),
    ],
)
def test_a_replacement_begins_with_the_one_or_the_other(action: Action, first: str | None) -> None:
    begun = change({}, {}, action=action)
    assert [order for order in ("destroy", "create") if ReplacementOrder(first=order).holds(begun)] == (
        [first] if first else []
    )


@pytest.mark.parametrize(
    ("previous", "across"),
    [
        (None, False),
        ("module.m.aws_thing.b", False),
        ('module.m["x"].aws_thing.a', False),
        ("aws_thing.a", True),
        ("module.n.aws_thing.a", True),
        ("module.m.module.n.aws_thing.a", True),
    ],
)
def test_an_object_moves_to_another_module_whatever_the_keys(previous: str | None, across: bool) -> None:
    moved = change({}, {}, address="module.m[0].aws_thing.a", action=Action.NO_OP, previous_address=previous)
    assert MovedAcrossModules().holds(moved) == (Fires() if across else None)
    assert moved.is_typical == (previous is None)


def drifted(planned: Change, action: Action, old: object, found: object) -> Change:
    drift = Drift(address=planned.instance.address, type="aws_thing", action=action, before=raw(old), after=raw(found))
    around = replace(planned.around, plan=replace(planned.around.plan, drift=(drift,)))
    return replace(planned, around=around)


def test_what_returns_to_its_old_value_is_undone() -> None:
    old = dict.fromkeys("abcd", 1)
    planned = change({**old, "e": 1}, {**old, "e": 2})
    undone = drifted(planned, Action.UPDATE, old, {**dict.fromkeys("dcba", 2), "e": 1})
    assert RevertsDrift().holds(undone) == Fires("set outside of Terraform: a, b, c")
    assert not undone.is_typical


@pytest.mark.parametrize(
    ("old", "found", "planned"),
    [
        ({"size": 1}, {"size": 2}, {"size": 2}),
        ({"size": 1}, {"size": 2}, {"size": 3}),
        ({"size": 1}, {"size": 1}, {"size": 1}),
        ({}, {"size": 2}, {"name": "a"}),
    ],
    ids=["stays", "becomes a third", "never drifted", "was not there"],
)
def test_what_does_not_return_to_its_old_value_is_not_undone(old: object, found: object, planned: object) -> None:
    assert isinstance(planned, dict)
    assert RevertsDrift().holds(drifted(change({"x": 1}, planned), Action.UPDATE, old, found)) is None


def test_what_was_deleted_by_hand_is_undone_where_it_is_made_again() -> None:
    again, edited = change(None, {"size": 1}), change({"size": 1}, {"size": 2})
    deleted = Fires("it was deleted outside of Terraform")
    assert RevertsDrift().holds(drifted(again, Action.DELETE, {"size": 1}, None)) == deleted
    assert RevertsDrift().holds(drifted(edited, Action.DELETE, {"size": 2}, None)) is None
    assert RevertsDrift().holds(again) is None


def test_programs_run_where_an_object_is_made_or_destroyed() -> None:
    programs = ("remote-exec", "local-exec", "local-exec")
    run = Fires("local-exec, remote-exec")
    assert Provisioned().holds(change(None, {}, provisioners=programs)) == run
    assert Provisioned().holds(change({}, None, provisioners=programs)) == run
    assert Provisioned().holds(change({}, {}, action=Action.CREATE_THEN_DELETE, provisioners=programs)) == run
    assert Provisioned().holds(change({}, {"a": 1}, provisioners=programs)) is None
    assert Provisioned().holds(change(None, {}, provisioners=["<b>"])) == Fires("provisioner")
    assert Provisioned().holds(change(None, {}, provisioners=["<b>", "file"])) == Fires("file")
    assert Provisioned().holds(change(None, {}, written=["name"])) is None
    assert Provisioned().holds(change(None, {})) is None
