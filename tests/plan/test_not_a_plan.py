"""Each thing that people hand over instead of a plan has its own sentence and its own way out."""

import json
from typing import Any

import pytest

from plan.documents import change, plan, written
from scopegate.errors import ExitCode, PlanError
from scopegate.plan.decode import decode_plan

PLAN = plan(change())


def refusal(document: Any) -> str:
    with pytest.raises(PlanError) as refused:
        decode_plan(json.dumps(document).encode(), "plan.json")
    assert refused.value.exit_code is ExitCode.PLAN
    return str(refused.value)


def test_a_ui_log_of_several_lines_is_refused_as_such() -> None:
    lines = [
        {"@level": "info", "@message": "Terraform 1.11.4", "type": "version", "ui": "1.2"},
        {"@level": "info", "@message": "Plan: 1 to add", "type": "change_summary"},
    ]
    with pytest.raises(PlanError, match="is a log of Terraform's JSON user interface") as refused:
        decode_plan("\n".join(map(json.dumps, lines)).encode(), "plan.json")
    assert "terraform plan -out tfplan" in str(refused.value)


def test_a_ui_log_of_one_line_is_refused_as_such() -> None:
    assert "is a log of Terraform's JSON user interface" in refusal({"@level": "info", "@message": "Terraform 1.11.4"})


@pytest.mark.parametrize(
    "document",
    [
        {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}},
        {"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x", "outputs": {}, "resources": []},
    ],
    ids=["show -json", "file"],
)
def test_a_state_is_refused_as_such(document: Any) -> None:
    assert refusal(document).startswith("plan.json is a state, which says what exists and not what is planned")


def test_a_bookmark_of_a_plan_at_hcp_terraform_is_refused_as_such() -> None:
    bookmark = {"remote_plan_format": 1, "run_id": "run-GXfuHMkbyHccAGUg", "hostname": "app.terraform.io"}
    assert refusal(bookmark).startswith("plan.json is a bookmark of a plan saved at HCP Terraform, not the plan itself")


def test_a_plan_encrypted_by_opentofu_is_refused_as_such() -> None:
    assert "is a plan encrypted by OpenTofu" in refusal({"meta": {}, "encrypted_data": "x", "encryption_version": "v0"})


@pytest.mark.parametrize(
    ("document", "key", "command"),
    [
        ({"tfplan": PLAN, "tfrun": {"is_destroy": False}}, ".tfplan", "jq .tfplan FILE"),
        ({"plandata": PLAN}, ".plandata", "jq .plandata FILE"),
        ({"mock": {"create case": PLAN}}, '.mock["create case"]', "jq '.mock[\"create case\"]' FILE"),
        ({"format_version": "1.0", "values": {}, "plan": PLAN}, ".plan", "jq .plan FILE"),
        ({"it's": PLAN}, '.["it\'s"]', "jq '.[\"it'\"'\"'s\"]' FILE"),
    ],
)
def test_a_plan_inside_another_object_is_named_and_not_guessed(document: Any, key: str, command: str) -> None:
    message = refusal(document)
    assert message.startswith(f"plan.json holds a plan inside the key {key}, ")
    assert command in message


def test_a_plan_without_format_version_is_refused() -> None:
    assert refusal(plan(change(), format_version=None)).startswith("plan.json has no format_version")
    with pytest.raises(PlanError, match=r"^plan\.json has no format_version, so what its sections mean cannot be told"):
        decode_plan(written(plan(change(), format_version=None)), "plan.json")


@pytest.mark.parametrize(
    "document", [{}, {"format_version": "1.0"}, {"format_version": "1.0", "valid": True}, {"a": 1}, {"@id": "x"}]
)
def test_json_without_any_section_of_a_plan_is_refused(document: Any) -> None:
    assert refusal(document).startswith("plan.json is JSON but not a plan: it has none of the sections planned_values")
