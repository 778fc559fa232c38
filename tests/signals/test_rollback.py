"""What to do before a change, and how to undo it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import pytest

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.place.place import place_all
from scopegate.plan.decode import decode_plan
from scopegate.signals.change import Event
from scopegate.signals.find import find_signals
from scopegate.signals.recipes import Undoing
from scopegate.signals.rollback import RollbackNote, rollback_notes
from scopegate.signals.rules import builtin_rules


@cache
def facts() -> Facts:
    return load_facts()


def notes_of(document: Mapping[str, Any]) -> tuple[RollbackNote, ...]:
    whole = {"format_version": "1.2", "terraform_version": "1.9.0", **document}
    plan = decode_plan(msgspec.json.encode(whole), "plan.json")
    graph = build_graph(plan)
    placements = place_all(plan, facts(), graph, {})
    signals = find_signals(plan, placements, facts(), builtin_rules(), graph=graph)
    return rollback_notes(plan, placements, facts(), builtin_rules(), signals, graph=graph)


def change(address: str, actions: Sequence[str], **values: object) -> dict[str, Any]:
    resource_type, name = address.split(".")[:2]
    return {
        "address": address,
        "mode": "managed",
        "type": resource_type,
        "name": name.split("[")[0],
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": list(actions), "before": None, "after": None, **values},
    }


def note_of(resource_change: Mapping[str, Any]) -> RollbackNote:
    (note,) = notes_of({"resource_changes": [resource_change]})
    return note


def test_a_destroyed_database_needs_a_snapshot_first_by_the_command_of_its_cloud() -> None:
    note = note_of(
        change("aws_db_instance.main", ["delete"], before={"identifier": "canary", "region": "eu-central-1"})
    )
    assert note.undoing is Undoing.REVERT_WITH_LOSS
    assert note.before_apply[0] == "terraform state show aws_db_instance.main"
    assert note.before_apply[1] == (
        "aws rds create-db-snapshot --region eu-central-1 --db-instance-identifier <identifier> "
        "--db-snapshot-identifier <identifier>-before"
    )
    assert any(text.startswith("aws rds restore-db-instance-from-db-snapshot ") for text in note.undo)
    assert "canary" not in repr(note)


def test_a_skipped_final_snapshot_makes_it_irreversible() -> None:
    note = note_of(change("aws_db_instance.main", ["delete"], before={"skip_final_snapshot": True}))
    assert note.undoing is Undoing.IRREVERSIBLE


def test_what_holds_nothing_is_reverted() -> None:
    note = note_of(change("aws_sns_topic_subscription.a", ["delete"], before={"protocol": "sqs"}))
    assert note.undoing is Undoing.REVERT
    assert note.before_apply == ()


def test_an_edit_is_reverted_by_the_old_commit() -> None:
    note = note_of(change("aws_sqs_queue.q", ["update"], before={"delay_seconds": 1}, after={"delay_seconds": 2}))
    assert (note.undoing, note.before_apply, note.undo) == (Undoing.REVERT, (), ("Re-apply the old commit.",))


def test_an_edit_that_deletes_old_records_is_irreversible_and_says_what_to_export() -> None:
    note = note_of(
        change(
            "aws_cloudwatch_log_group.a", ["update"], before={"retention_in_days": 90}, after={"retention_in_days": 7}
        )
    )
    assert note.undoing is Undoing.IRREVERSIBLE
    assert any(text.startswith("aws logs create-export-task ") for text in note.before_apply)


def test_a_longer_retention_is_an_edit_like_any_other() -> None:
    note = note_of(
        change(
            "aws_cloudwatch_log_group.a", ["update"], before={"retention_in_days": 7}, after={"retention_in_days": 90}
        )
    )
    assert (note.undoing, note.before_apply) == (Undoing.REVERT, ())


def test_a_forgotten_object_is_taken_back_by_an_import() -> None:
    note = note_of(change("aws_s3_bucket.logs", ["forget"], before={"bucket": "logs"}))
    assert note.undo[0] == "terraform import aws_s3_bucket.logs <id>"
    assert note.undoing is Undoing.REVERT


def test_an_unknown_region_is_left_to_fill_in() -> None:
    note = note_of(change("aws_db_instance.main", ["delete"], before={}))
    assert "--region <region>" in note.before_apply[1]


def test_an_address_in_a_command_is_quoted_for_the_shell() -> None:
    hostile = 'aws_s3_bucket.logs["$(reboot) \'"]'
    forgotten = change(hostile, ["forget"], before={"bucket": "logs"}) | {"index": "$(reboot) '"}
    note = note_of(forgotten)
    assert note.undo[0] == """terraform import 'aws_s3_bucket.logs["$(reboot) '"'"'"]' <id>"""


def test_a_type_that_no_table_knows_is_not_called_harmless() -> None:
    note = note_of(
        change("cockroach_cluster.a", ["delete"], before={}) | {"provider_name": "registry.terraform.io/x/cockroach"}
    )
    assert note.undoing is Undoing.REVERT_WITH_LOSS
    assert "No fact table says what it held, or whether there is a way back." in note.undo


def test_what_others_stand_on_is_undone_first() -> None:
    document = {
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_subnet.a",
                        "mode": "managed",
                        "type": "aws_subnet",
                        "name": "a",
                        "expressions": {"vpc_id": {"references": ["aws_vpc.main.id", "aws_vpc.main"]}},
                    },
                    {
                        "address": "aws_vpc.main",
                        "mode": "managed",
                        "type": "aws_vpc",
                        "name": "main",
                        "expressions": {},
                    },
                ]
            }
        },
        "resource_changes": [
            change("aws_subnet.a", ["delete"], before={"vpc_id": "vpc-1"}),
            change("aws_vpc.main", ["delete"], before={"id": "vpc-1"}),
        ],
    }
    assert [note.address for note in notes_of(document)] == ["aws_vpc.main", "aws_subnet.a"]


def test_what_is_left_alone_has_no_note() -> None:
    assert notes_of({"resource_changes": [change("aws_vpc.main", ["no-op"], before={}, after={})]}) == ()


@pytest.mark.parametrize("way_back", ["none", "window", "backup", "partial"])
def test_everything_that_loses_data_has_a_recipe(way_back: str) -> None:
    rows = [row.cells for row in facts().table("stateful").all_rows()]
    types = [str(cells["type"]) for cells in rows if cells["way_back"] == way_back]
    recipes_of = builtin_rules().recipes_for_type
    without = [name for name in types if not any(Event.DESTROY in recipe.actions for recipe in recipes_of(name))]
    assert types
    assert without == []
