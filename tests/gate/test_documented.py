"""The way from a fresh repository to an enforced gate, as docs/github.md shows it."""

import re
from typing import Any

import pytest
import yaml

from gate.running import ROOT, Gate
from gate.test_doctor import SOURCE, doctor
from scopegate.policy.read_break_glass import parse_break_glass

PAGE = (ROOT / "docs/github.md").read_text()
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
WORKFLOWS = [block for block in BLOCKS if "jobs" in block and "name" in block]
JOBS = [job for block in BLOCKS for job in block.get("jobs", {}).values()]
TEXTS = [
    text for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if text.startswith("name:")
]
CALLED = re.compile(r"OWNER/scopegate(/\.github/workflows/[\w-]+\.yml)?@SHA\Z")


def uses() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Everything of ours that the page calls: what, with which inputs, with which rights."""
    return [
        (item["uses"], item.get("with", {}), job["permissions"])
        for job in JOBS
        for item in (job, *job.get("steps", ()))
        if CALLED.match(item.get("uses", ""))
    ]


def test_the_page_shows_three_workflows_and_the_one_of_an_app() -> None:
    assert [workflow["name"] for workflow in WORKFLOWS] == ["plan", "review-pulse", "gate", "gate"]
    assert len(uses()) == 5


@pytest.mark.parametrize(("called", "given", "rights"), uses(), ids=lambda value: str(value)[:60])
def test_what_is_called_exists_and_takes_what_it_is_given(called: str, given: dict[str, Any], rights: Any) -> None:
    path = CALLED.match(called)
    assert path
    document = yaml.safe_load((ROOT / (path[1] or "/action.yml").lstrip("/")).read_text())
    # YAML 1.1 reads the key "on" as true.
    inputs = document["inputs"] if "inputs" in document else (document[True]["workflow_call"] or {}).get("inputs", {})
    assert set(given) <= set(inputs)
    for job in document.get("jobs", {}).values():
        assert job["permissions"] == rights


def test_every_workflow_begins_without_rights() -> None:
    assert all(workflow["permissions"] == {} for workflow in WORKFLOWS)


def test_the_gate_listens_to_the_workflows_that_the_page_names() -> None:
    names = {workflow["name"] for workflow in WORKFLOWS}
    for workflow in WORKFLOWS:
        if "workflow_run" in workflow[True]:
            assert set(workflow[True]["workflow_run"]["workflows"]) <= names


def rules(source: int | None) -> list[dict[str, Any]]:
    check = {"context": "scopegate"} | ({} if source is None else {"integration_id": source})
    reviews = {
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": True,
        "required_approving_review_count": 1,
        "required_review_thread_resolution": False,
    }
    checks = {"strict_required_status_checks_policy": True, "required_status_checks": [check]}
    return [
        {"type": "required_status_checks", "parameters": checks, **SOURCE},
        {"type": "pull_request", "parameters": reviews, **SOURCE},
    ]


def test_the_first_four_steps_reach_the_level_split(gate: Gate) -> None:
    gate.world.rules = rules(None)
    gate.world.file(".github/workflows/gate.yml", TEXTS[2])
    gate.world.file(".github/CODEOWNERS", "/.github/ @acme/platform\n/.scopegate/ @acme/platform\n")
    code, said = doctor(gate)
    assert (code, "Level reached: split" in said) == (0, True)


def test_the_fifth_step_reaches_the_level_app(gate: Gate) -> None:
    gate.world.rules = rules(77)
    gate.world.file(".github/workflows/gate.yml", TEXTS[3])
    gate.world.file(".github/CODEOWNERS", "/.github/ @acme/platform\n/.scopegate/ @acme/platform\n")
    code, said = doctor(gate, "app")
    assert (code, "Level reached: app" in said) == (0, True)


def test_the_break_glass_of_the_page_is_one() -> None:
    (shown,) = (block for block in BLOCKS if "break_glass" in block)
    assert parse_break_glass(yaml.safe_dump(shown), "page").ticket == "INC-4711"
