"""Plans other people published: each is read, or refused with its own sentence.

What a test says a plan holds was looked up in its file.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from plan.documents import PUBLISHED, REPOSITORY, published
from scopegate.errors import PlanError
from scopegate.plan.actions import Action
from scopegate.plan.address import parse_resource_address
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan
from scopegate.plan.sections import unknown_sections

REFUSED = {
    "aws-azure-gcp-in-one-plan-wrapped-in-tfplan-key.json": "holds a plan inside the key .tfplan, ",
    "no-resource-changes-key.json": "has 'aws_s3_bucket.example' in planned_values but not in resource_changes",
    "opentofu-errored-plan.json": "is the plan of a run that failed (errored: true)",
}

# Top-level keys that only the people who published these files wrote.
ADDED_BY_HAND = {"comment-for-reader", "tfplan", "tfrun"}


def all_published() -> list[Path]:
    if PUBLISHED is None:
        return []
    return sorted(path for pattern in ("*.json", "*/plan.json") for path in PUBLISHED.glob(pattern))


def case_name(path: Path) -> str:
    return path.name if path.name != "plan.json" else f"{path.parent.name}.json"


def read(name: str) -> Plan:
    path = published(name)
    if path is None:
        pytest.skip(f"the published plan {name} is not here")
    return read_plan(str(path))


@pytest.mark.parametrize("path", all_published(), ids=case_name)
def test_every_published_plan_is_read_or_has_its_own_sentence(path: Path) -> None:
    expected = REFUSED.get(case_name(path))
    if expected is None:
        assert read_plan(str(path)).sha256
        return
    with pytest.raises(PlanError) as refused:
        read_plan(str(path))
    assert str(refused.value).startswith(f"{path} {expected}")


@pytest.mark.parametrize("path", [path for path in all_published() if case_name(path) not in REFUSED], ids=case_name)
def test_every_published_address_is_read_back_from_how_it_is_written(path: Path) -> None:
    for instance in read_plan(str(path)).instances:
        address = parse_resource_address(instance.address)
        assert str(address) == instance.address
        assert (address.module, address.mode, address.type, address.name, address.key) == (
            instance.module,
            instance.mode,
            instance.type,
            instance.name,
            instance.key,
        )


@pytest.mark.parametrize("path", all_published(), ids=case_name)
def test_every_top_level_key_of_a_published_plan_is_used_or_ignored_for_a_reason(path: Path) -> None:
    assert set(unknown_sections(document(path))) <= ADDED_BY_HAND


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "fixtures").glob("*/*/plan.json")), ids=lambda path: path.parent.name
)
def test_every_top_level_key_of_a_recorded_plan_is_used_or_ignored_for_a_reason(path: Path) -> None:
    assert set(unknown_sections(document(path))) <= ADDED_BY_HAND


def document(path: Path) -> dict[str, Any]:
    raw = path.read_bytes()
    text = raw.decode("utf-16" if raw[:2] == b"\xff\xfe" else "utf-8-sig")
    parsed: dict[str, Any] = json.JSONDecoder().raw_decode(text, text.index("{"))[0]
    return parsed


def acted_on(plan: Plan) -> dict[str, Action]:
    return {item.address: item.action for item in plan.instances if item.action.changes_something}


def test_a_plan_from_powershell_is_read() -> None:
    plan = read("encoding-utf16le-bom-powershell.json")
    assert acted_on(plan) == {"aws_s3_bucket.data": Action.CREATE}
    assert plan.notes == ()


@pytest.mark.parametrize("name", ["junk-debug-lines-after-json.json", "junk-setup-terraform-wrapper-around-json.json"])
def test_the_copies_of_a_plan_in_wrapper_lines_are_no_further_plans(name: str) -> None:
    plan = read(name)
    assert [note.split(" ", 1)[1] for note in plan.notes] == ["holds log text around the plan; it was left aside."]
    assert len(acted_on(plan)) == 2


def test_a_state_of_terraform_0_12_joins_the_changes() -> None:
    plan = read("aws-tf012-nested-modules-mixed.json")
    managed_in_state_only = [item for item in plan.instances if item.only_in_prior_state and item.mode != "data"]
    assert managed_in_state_only == []
    unknown_to_the_state = {item.address for item in plan.instances if item.prior_dependencies is None}
    assert unknown_to_the_state == {a for a, action in acted_on(plan).items() if action is Action.CREATE}
    assert any("Terraform below 1.2" in note for note in plan.notes)


def test_drift_without_addresses_is_counted_and_the_changes_stand() -> None:
    plan = read("aws-mixed-actions-drift15.json")
    assert [note.partition(".json ")[2].partition(" entries")[0] for note in plan.notes] == ["15 of 15"]
    assert sorted(action.value for action in acted_on(plan).values()) == ["create"] * 5 + ["delete"] * 2 + ["update"]


def test_an_import_without_a_change_is_direct() -> None:
    (instance,) = read("import-as-no-op-trimmed.json").instances
    assert (instance.action, instance.importing, instance.is_direct) == (Action.NO_OP, True, True)


def test_a_move_is_direct_and_knows_where_it_came_from() -> None:
    plan = read("opentofu-moved-with-drift.json")
    assert {item.address: item.previous_address for item in plan.instances} == {
        "test_instance.no_refresh": None,
        "test_instance.should_refresh_with_move": "test_instance.should_refresh",
    }


def test_a_forgotten_resource_is_forgotten() -> None:
    assert [item.action for item in read("removed-block-forget.json").instances] == [Action.FORGET]


def test_an_action_on_its_own_is_an_invocation() -> None:
    (action,) = read("action-invocations-tf114-trimmed.json").action_invocations
    assert (action.address, action.type, action.triggering_resource) == (
        "action.bufo_print.success",
        "bufo_print",
        None,
    )


def test_digits_in_quotes_stay_text() -> None:
    keys = {item.key for item in read("for-each-200-digit-string-keys.json").instances}
    assert keys == {str(number) for number in range(200)}


def test_a_replace_path_keeps_its_list_index() -> None:
    (instance,) = read("opentofu-replace-path-with-list-index.json").instances
    assert instance.replace_paths == (("list", 1, "id"),)
