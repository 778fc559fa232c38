"""Signals of whole plans."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from scopegate.errors import ExitCode, FactsError
from scopegate.facts.facts import Facts
from scopegate.place.placement import Placement, Unknown
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan
from scopegate.signals.find import find_signals
from scopegate.signals.finding import Finding, Fires, Undecidable, first_that_fires
from scopegate.signals.model import Category, Severity, Signal
from scopegate.signals.predicates import StateAtStake
from scopegate.signals.rules import builtin_rules

NOWHERE = Unknown("made for a test")


def change(address: str, actions: Sequence[str], **values: object) -> dict[str, Any]:
    resource_type, name = address.split(".")
    return {
        "address": address,
        "mode": "managed",
        "type": resource_type,
        "name": name,
        "change": {"actions": list(actions), **values},
    }


def plan_of(*changes: Mapping[str, object]) -> Plan:
    document = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": list(changes)}
    return decode_plan(msgspec.json.encode(document), "plan.json")


def placed(*, located: bool = True, mapped: bool = True) -> Placement:
    return Placement("aws", located, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, mapped=mapped)


def signals_of(plan: Plan) -> tuple[Signal, ...]:
    return find_signals(plan, [placed()] * len(plan.instances), Facts(), builtin_rules())


def test_destroying_a_database_is_data_loss_and_says_what_is_lost() -> None:
    (signal,) = signals_of(plan_of(change("aws_db_instance.main", ["delete"], before={"identifier": "main"})))
    assert (signal.rule, signal.category, signal.severity) == (
        "any-data-loss-destroy",
        Category.DATA_LOSS,
        Severity.HIGH,
    )
    assert (signal.address, signal.instance) == ("aws_db_instance.main", 0)
    assert "the database, and its automated backups unless kept" in signal.message
    assert "final snapshot" in signal.message


def test_of_two_rules_that_open_one_port_only_the_one_that_marks_it_keeps_it_back() -> None:
    opened = {"ip_protocol": "tcp", "from_port": 4711, "to_port": 4711, "cidr_ipv4": "0.0.0.0/0"}
    marked = {"from_port": True, "to_port": True}
    rules = [
        change(f"aws_vpc_security_group_ingress_rule.{name}", ["create"], after=opened, after_sensitive=marks)
        for name, marks in (("shown", {}), ("hidden", marked), ("again", {}))
    ]
    found = {signal.address.partition(".")[2]: "4711" in signal.message for signal in signals_of(plan_of(*rules))}
    assert found == {"shown": True, "hidden": False, "again": True}


def test_a_replacement_names_the_attribute_that_forces_it_and_no_value() -> None:
    (signal,) = signals_of(
        plan_of(
            change(
                "aws_dynamodb_table.t",
                ["create", "delete"],
                before={"hash_key": "canary-old"},
                after={"hash_key": "canary-new"},
                replace_paths=[["hash_key"]],
            )
        )
    )
    assert signal.rule == "any-data-loss-replace"
    assert "forced by hash_key" in signal.message
    assert "canary" not in signal.message


def test_keys_of_maps_in_replace_paths_are_not_repeated() -> None:
    (signal,) = signals_of(
        plan_of(change("aws_dynamodb_table.t", ["delete", "create"], replace_paths=[["tags", "<b>secret</b>"]]))
    )
    assert "forced by tags" in signal.message
    assert "secret" not in signal.message


def test_what_the_plan_leaves_alone_gives_no_signal() -> None:
    assert signals_of(plan_of(change("aws_db_instance.main", ["no-op"], before={}, after={}))) == ()


def test_a_data_source_gives_no_signal() -> None:
    read = change("aws_iam_role.r", ["read"]) | {"mode": "data", "address": "data.aws_iam_role.r"}
    assert signals_of(plan_of(read)) == ()


def test_signals_come_in_plan_order() -> None:
    plan = plan_of(
        change("aws_db_instance.z", ["delete"]),
        change("aws_iam_role.a", ["delete"]),
        change("aws_s3_bucket.m", ["forget"]),
    )
    assert [(signal.address, signal.rule) for signal in signals_of(plan)] == [
        ("aws_db_instance.z", "any-data-loss-destroy"),
        ("aws_iam_role.a", "any-destroy"),
        ("aws_s3_bucket.m", "any-forget"),
    ]


def test_destroying_what_no_table_knows_is_unknown_scope_and_high() -> None:
    plan = plan_of(change("nosuch_cluster.a", ["delete"]))
    signals = find_signals(plan, [placed(mapped=False)], Facts(), builtin_rules())
    assert ("any-destroy-not-known", Category.UNKNOWN_SCOPE, Severity.HIGH) in [
        (signal.rule, signal.category, signal.severity) for signal in signals
    ]


def test_a_helper_without_a_place_may_go() -> None:
    plan = plan_of(change("random_pet.a", ["delete", "create"]), change("random_pet.b", ["delete"]))
    assert find_signals(plan, [placed(located=False)] * 2, Facts(), builtin_rules()) == ()


def test_a_rule_that_crashes_stops_the_verdict_with_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> Finding:
        raise ZeroDivisionError

    monkeypatch.setattr(StateAtStake, "holds", crash)
    with pytest.raises(FactsError, match=r"'any-data-loss-destroy' failed on 'aws_db_instance\.main'") as caught:
        signals_of(plan_of(change("aws_db_instance.main", ["delete"])))
    assert caught.value.exit_code is ExitCode.FACTS


HIDDEN, NEW = Undecidable("mode"), Undecidable("owner", of_new=True)


@pytest.mark.parametrize(
    ("findings", "first"),
    [
        ((None, None), None),
        ((NEW, None), NEW),
        ((HIDDEN, NEW, None), HIDDEN),
        ((NEW, None, HIDDEN), HIDDEN),
        ((HIDDEN, None, Fires("open")), Fires("open")),
    ],
)
def test_what_no_new_object_explains_is_told_before_what_one_does_and_what_is_known_before_both(
    findings: tuple[Finding, ...], first: Finding
) -> None:
    assert first_that_fires(findings) == first
