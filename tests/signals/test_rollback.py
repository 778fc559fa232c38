"""What to do before a change, and how to undo it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import pytest

from handmade import graph, instance, placement, plan
from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.graph.graph import DependencyGraph
from scopegate.place.place import place_all
from scopegate.place.placement import GLOBAL, Placement
from scopegate.plan.actions import Action
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Instance
from scopegate.signals.change import Event
from scopegate.signals.find import find_signals
from scopegate.signals.model import Severity, Signal
from scopegate.signals.recipes import Recipe, Undoing
from scopegate.signals.rollback import RollbackNote, rollback_notes
from scopegate.signals.rules import Rule, RuleSet, builtin_rules


@cache
def facts() -> Facts:
    return load_facts()


def notes_of(document: Mapping[str, Any]) -> tuple[RollbackNote, ...]:
    whole = {"format_version": "1.2", "terraform_version": "1.9.0", **document}
    judged = decode_plan(msgspec.json.encode(whole), "plan.json")
    built = build_graph(judged)
    placements = place_all(judged, facts(), built, {})
    signals = find_signals(judged, placements, facts(), builtin_rules(), graph=built)
    return rollback_notes(judged, placements, facts(), builtin_rules(), signals, graph=built)


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


def handmade(
    *instances: Instance,
    at: Placement | None = None,
    rules: RuleSet = RuleSet(()),  # noqa: B008 - it is frozen
    fired: Mapping[int, Sequence[str]] = {},
    drawn: DependencyGraph | None = None,
) -> tuple[RollbackNote, ...]:
    """Return the notes of these changes in one place, of which these rules ``fired`` on some."""
    by_id = {rule.id: rule for rule in rules.rules}
    signals = [
        Signal(name, by_id[name].category, by_id[name].severity, "", "", position)
        for position, names in fired.items()
        for name in names
    ]
    placements = [at or placement()] * len(instances)
    drawn = drawn or graph(len(instances), ())
    return rollback_notes(plan(*instances), placements, facts(), rules, signals, graph=drawn)


def own_rule(name: str, **fields: Any) -> Rule:
    return msgspec.structs.replace(builtin_rules().rules[0], **{"id": name, "undoing": None, "rollback": "", **fields})


AGAIN = "Re-apply the old commit: it makes it again, with another id and nothing in it."
THIRD = "Re-apply the old commit: it makes a third one, with another id and nothing in it."
EDIT = "Re-apply the old commit."
NOT_KNOWN = "No fact table says what it held, or whether there is a way back."
LOGS, VOLUME = "Save what is lost otherwise: all log events.", "Save what is lost otherwise: the volume."
NO_TABLE = msgspec.structs.replace(placement(), mapped=False)


@pytest.mark.parametrize(
    ("kind", "action", "at", "undoing", "before_apply", "undo"),
    [
        ("aws_acm_certificate", Action.DELETE, None, "revert-with-loss", (), (AGAIN, "Way back: validated again.")),
        ("aws_autoscaling_group", Action.DELETE, None, "revert", (), (AGAIN,)),
        ("aws_cloudwatch_log_group", Action.DELETE, None, "irreversible", (LOGS,), (AGAIN,)),
        (
            "aws_ebs_volume",
            Action.CREATE_THEN_DELETE,
            None,
            "revert-with-loss",
            (VOLUME,),
            (THIRD, "Way back: snapshot."),
        ),
        ("aws_ebs_volume", Action.UPDATE, None, "revert", (), (EDIT,)),
        ("aws_ebs_volume", Action.FORGET, None, "revert", (), ("terraform import aws_ebs_volume.a <id>",)),
        ("aws_thing", Action.DELETE, None, "revert", (), (AGAIN,)),
        ("aws_thing", Action.DELETE, NO_TABLE, "revert-with-loss", (), (AGAIN, NOT_KNOWN)),
        ("aws_thing", Action.UPDATE, NO_TABLE, "revert", (), (EDIT,)),
        ("aws_thing", Action.DELETE, msgspec.structs.replace(NO_TABLE, located=False), "revert", (), (AGAIN,)),
        ("aws_ebs_volume", Action.DELETE, NO_TABLE, "revert-with-loss", (VOLUME,), (AGAIN, "Way back: snapshot.")),
    ],
)
def test_a_note_says_by_the_tables_what_is_lost_and_how_it_comes_back(
    kind: str, action: Action, at: Placement | None, undoing: str, before_apply: tuple[str, ...], undo: tuple[str, ...]
) -> None:
    (note,) = handmade(instance(f"{kind}.a", action, {}, {}), at=at)
    assert note == RollbackNote(f"{kind}.a", Undoing(undoing), before_apply, undo)


def test_what_an_interrupted_replacement_left_behind_never_comes_back() -> None:
    (note,) = handmade(instance("aws_autoscaling_group.a", Action.DELETE, {}, deposed="a1b2c3d4"))
    assert (note.undoing, note.undo[0]) == (
        Undoing.IRREVERSIBLE,
        "Not at all: the old object is gone; the current one stays.",
    )


def test_what_is_done_in_several_ways_is_undone_in_each() -> None:
    moved = instance("aws_thing.b", Action.UPDATE, {}, {}, importing=True, previous_address="aws_thing.a['x']")
    (note,) = handmade(moved)
    assert note.undo == (
        EDIT,
        "terraform state rm aws_thing.b",
        """terraform state mv aws_thing.b 'aws_thing.a['"'"'x'"'"']'""",
    )


def test_each_of_several_changes_alike_has_its_own_address() -> None:
    keys = ("b", "a")
    forgotten = handmade(*(instance(f"aws_s3_bucket.{key}", Action.FORGET, {}, {}) for key in keys))
    assert [note.undo for note in forgotten] == [(f"terraform import aws_s3_bucket.{key} <id>",) for key in keys]
    moves = (instance(f"aws_s3_bucket.{key}", previous_address=f"aws_s3_bucket.old_{key}") for key in keys)
    ask = RuleSet((), (Recipe(types=("aws_s3_bucket",), actions=(Event.MOVE,), undo=("look for {previous}",)),))
    assert [note.undo for note in handmade(*moves, rules=ask)] == [
        (
            f"terraform state mv aws_s3_bucket.{key} aws_s3_bucket.old_{key}",
            f"look for aws_s3_bucket.old_{key}",
        )
        for key in keys
    ]


RULES = RuleSet(
    (
        own_rule("high", severity=Severity.HIGH, rollback="By the high rule."),
        own_rule("low", severity=Severity.LOW, rollback="By the low rule."),
        own_rule("medium", severity=Severity.MEDIUM),
    ),
    (
        Recipe(types=("aws_thing",), actions=(Event.UPDATE,), undo=("ask in {region}",), before_apply=("look",)),
        Recipe(types=("aws_thing",), actions=(Event.DESTROY,), undo=("of a destroy",)),
        Recipe(
            types=("aws_thing",),
            actions=(Event.UPDATE,),
            rules=("high", "other"),
            undoing=Undoing.REVERT_WITH_LOSS,
            before_apply=("save <name>",),
        ),
        Recipe(types=("aws_thing",), actions=(Event.UPDATE,), rules=("other",), undoing=Undoing.IRREVERSIBLE),
    ),
)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
def test_of_changes_alike_each_has_the_recipes_of_the_rules_that_fired_on_it(first: int, second: int) -> None:
    names = ("aws_thing.a", "aws_thing.b")
    things = [instance(name, Action.UPDATE, {}, {}) for name in names]
    notes = handmade(*things, rules=RULES, fired={first: ("high", "low", "medium")})
    shared = (EDIT, "ask in eu-central-1")
    assert notes[second] == RollbackNote(names[second], Undoing.REVERT, ("look",), shared)
    assert notes[first] == RollbackNote(
        names[first],
        Undoing.REVERT_WITH_LOSS,
        (f"terraform state show {names[first]}", "look", "save <name>"),
        (*shared, "By the high rule."),
    )


@pytest.mark.parametrize("region", [GLOBAL, None])
def test_what_has_no_region_leaves_it_to_fill_in(region: str | None) -> None:
    (note,) = handmade(instance("aws_thing.a", Action.UPDATE, {}, {}), at=placement(region), rules=RULES)
    assert note.undo == (EDIT, "ask in <region>")


def test_what_a_rule_calls_worse_is_worse() -> None:
    worse = RuleSet((own_rule("worse", undoing=Undoing.IRREVERSIBLE), own_rule("none")))
    (note,) = handmade(instance("aws_thing.a", Action.UPDATE, {}, {}), rules=worse, fired={0: ("none", "worse")})
    assert note.undoing is Undoing.IRREVERSIBLE


def things(names: str) -> list[Instance]:
    return [instance(f"aws_thing.{name}", Action.UPDATE, {}, {}) for name in names]


def test_the_longer_the_chain_below_it_the_later_a_change_is_undone() -> None:
    """d stands on c and a, c on b, b on a; e and f stand on each other."""
    drawn = graph(6, [(3, 2), (3, 0), (2, 1), (1, 0), (4, 5), (5, 4)])
    assert [note.address[-1] for note in handmade(*things("abcdef"), drawn=drawn)] == ["a", "e", "f", "b", "c", "d"]


def test_a_hub_is_no_step_of_a_chain() -> None:
    """b stands on a by a hub, c on a itself: both are one step above it."""
    drawn = msgspec.structs.replace(graph(4, [(1, 3), (3, 0), (2, 0)]), size=3)
    assert [note.address[-1] for note in handmade(*things("abc"), drawn=drawn)] == ["a", "b", "c"]


def test_the_run_of_an_action_is_no_object_to_undo() -> None:
    run = {"address": "action.aws_lambda_invoke.a", "type": "aws_lambda_invoke", "name": "a"}
    changes = [change("aws_sqs_queue.q", ["update"], before={"delay_seconds": 1}, after={"delay_seconds": 2})]
    whole = {"format_version": "1.2", "terraform_version": "1.14.0", "resource_changes": changes}
    judged = decode_plan(msgspec.json.encode(whole | {"action_invocations": [run]}), "plan.json")
    report = analyze(judged, default_knowledge(), Options()).report
    assert "action.aws_lambda_invoke.a" in [resource.address for resource in report.resources]
    assert [note.address for note in report.rollback] == ["aws_sqs_queue.q"]
