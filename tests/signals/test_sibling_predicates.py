"""An object among others of its kind."""

from collections.abc import Sequence

import pytest

from handmade import instance, placement, plan
from scopegate.facts.facts import Facts
from scopegate.plan.actions import Action
from scopegate.plan.model import Instance
from scopegate.signals.change import Surroundings, change_at
from scopegate.signals.finding import Fires
from scopegate.signals.predicates import LastOfItsKind

INGRESS = LastOfItsKind(path="type", one_of=("ingress",), parent="security_group_id")


def rule(
    name: str,
    group: str | None = "sg-1",
    kind: str = "ingress",
    action: Action = Action.NO_OP,
    of: str = "aws_security_group_rule",
) -> Instance:
    values = {"type": kind, "security_group_id": group}
    return instance(f"{of}.{name}", action, values, values)


GONE = rule("gone", action=Action.DELETE)


def is_last(*others: Instance, gone: Instance = GONE, predicate: LastOfItsKind = INGRESS) -> bool:
    known = plan(gone, *others)
    around = Surroundings(known, [placement()] * len(known.instances), Facts())
    found = predicate.holds(change_at(0, around))
    assert found in (None, Fires())
    return found is not None


def test_where_one_like_it_is_left_it_is_not_the_last() -> None:
    assert is_last()
    assert not is_last(rule("kept"))
    assert not is_last(rule("other", "sg-2"), rule("kept"))
    both_ways = {"type": ["egress", "ingress"], "security_group_id": "sg-1"}
    assert not is_last(instance("aws_security_group_rule.both", Action.NO_OP, both_ways, both_ways))


@pytest.mark.parametrize(
    "other",
    [
        rule("a", "sg-2"),
        rule("a", kind="egress"),
        rule("a", action=Action.DELETE),
        rule("a", action=Action.UPDATE),
        rule("a", action=Action.CREATE),
        rule("a", of="aws_vpc_security_group_ingress_rule"),
        instance("data.aws_security_group_rule.a", Action.READ, {}, {"type": "ingress", "security_group_id": "sg-1"}),
    ],
    ids=["of another group", "another way", "goes too", "is edited", "is made", "another type", "a data source"],
)
def test_what_is_not_like_it_or_not_left_alone_does_not_count(other: Instance) -> None:
    assert is_last(other)


def test_what_is_not_of_the_kind_is_not_the_last_of_it() -> None:
    assert not is_last(gone=rule("gone", kind="egress", action=Action.DELETE))


@pytest.mark.parametrize(
    ("predicate", "others", "last"),
    [
        (LastOfItsKind(), [rule("a", "sg-2", "egress")], False),
        (LastOfItsKind(parent="security_group_id"), [rule("a", kind="egress")], False),
        (LastOfItsKind(parent="security_group_id"), [rule("a", "sg-2")], True),
        (LastOfItsKind(path="type", one_of=("ingress",)), [rule("a", "sg-2")], False),
        (LastOfItsKind(types=("aws_thing",)), [rule("a", of="aws_thing")], False),
        (LastOfItsKind(), [rule("a", of="aws_thing")], True),
    ],
)
def test_what_is_not_asked_for_may_differ(predicate: LastOfItsKind, others: Sequence[Instance], last: bool) -> None:
    assert is_last(*others, predicate=predicate) is last


def test_each_question_has_its_own_answer() -> None:
    known = plan(GONE, rule("gone2", "sg-2", action=Action.DELETE), rule("kept"))
    around = Surroundings(known, [placement()] * 3, Facts())
    asked = (INGRESS, LastOfItsKind(path="type", one_of=("egress",), parent="security_group_id"), LastOfItsKind())
    answers = [[predicate.holds(change_at(position, around)) for predicate in asked] for position in (0, 1)]
    assert answers == [[None, None, None], [Fires(), None, None]]
