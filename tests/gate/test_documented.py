"""The way from a fresh repository to an enforced gate, as the README and docs/github.md show it."""

import json
import re
from typing import Any

import pytest
import yaml

from forge.fake_github import HEAD
from gate.running import EVERYWHERE, ROOT, Gate
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


def test_the_page_shows_every_workflow_that_is_to_be_saved() -> None:
    assert [workflow["name"] for workflow in WORKFLOWS] == ["plan", "review-pulse", "gate", "gate", "apply"]
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


def test_reviews_and_a_new_target_wake_the_gate() -> None:
    """Of a pull request that gets another target no plan is made, and the old verdict would stand."""
    pulse = next(workflow for workflow in WORKFLOWS if workflow["name"] == "review-pulse")
    assert pulse[True]["pull_request_review"]["types"] == ["submitted", "edited", "dismissed"]
    assert pulse[True]["pull_request"]["types"] == ["edited"]


def test_every_workflow_begins_without_rights() -> None:
    assert all(workflow["permissions"] == {} for workflow in WORKFLOWS)


def test_the_gate_listens_to_the_workflows_that_the_page_names() -> None:
    names = {workflow["name"] for workflow in WORKFLOWS}
    for workflow in WORKFLOWS:
        if "workflow_run" in workflow[True]:
            assert set(workflow[True]["workflow_run"]["workflows"]) <= names


def rules(source: int | None) -> list[dict[str, Any]]:
    """The ruleset of the page as GitHub gives its rules back, by the app of this number if one is named."""
    (text,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    ruleset = json.loads(text)
    assert (ruleset["enforcement"], ruleset["bypass_actors"]) == ("active", [])
    for rule in ruleset["rules"]:
        for check in rule.get("parameters", {}).get("required_status_checks", ()):
            check |= {} if source is None else {"integration_id": source}
    return [rule | SOURCE for rule in ruleset["rules"]]


def code_owners() -> str:
    (text,) = re.findall(r"^```text\n(/\.github/.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def test_the_first_four_steps_reach_the_level_split(gate: Gate) -> None:
    gate.world.rules = rules(None)
    gate.world.file(".github/workflows/gate.yml", TEXTS[2])
    gate.world.file(".github/CODEOWNERS", code_owners())
    code, said = doctor(gate)
    assert (code, "Level reached: split" in said) == (0, True)


def test_the_fifth_step_reaches_the_level_app(gate: Gate) -> None:
    gate.world.rules = rules(77)
    gate.world.file(".github/workflows/gate.yml", TEXTS[3])
    gate.world.file(".github/CODEOWNERS", code_owners())
    code, said = doctor(gate, "app")
    assert (code, "Level reached: app" in said) == (0, True)


def test_the_sixth_step_reaches_the_level_apply_gate(gate: Gate) -> None:
    gate.world.rules = rules(77)
    gate.world.file(".github/workflows/gate.yml", TEXTS[3])
    gate.world.file(".github/workflows/apply.yml", TEXTS[4])
    gate.world.file(".github/CODEOWNERS", code_owners())
    gate.world.environments = {"apply"}
    code, said = doctor(gate, "apply gate")
    assert (code, "Level reached: apply gate" in said, "TODO" in said) == (0, True, False)


def test_under_the_ruleset_of_the_page_a_claim_of_its_owners_opens_the_gate(gate: Gate) -> None:
    (line,) = re.findall(r"^/\.scopegate/claims/.*$", PAGE, re.MULTILINE)
    gate.world.rules = rules(None)
    gate.world.file(".github/CODEOWNERS", code_owners() + line + "\n")
    gate.world.changed(".scopegate/claims/root/cn-owners.json")
    gate.here("--into", str(gate.folder), command="claim")
    claim = ".scopegate/claims/root/cn-owners.json"
    gate.world.file(claim, (gate.folder / claim).read_text(), ref=HEAD)
    assert gate.here("--mode", "claim").code == 0


def test_the_policy_step_makes_a_policy_that_is_one(gate: Gate) -> None:
    (gate.folder / "plan.json").write_bytes(EVERYWHERE.read_bytes())
    (gate.folder / ".scopegate").mkdir()
    block = next(text for text in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if "init" in text)
    commands = [line.split() for line in block.splitlines() if line.startswith("scopegate ")]
    assert [gate.run(words, gate.folder).code for words in commands] == [0, 0]
    assert (gate.folder / ".scopegate/policy.yaml").is_file()


def test_the_break_glass_of_the_page_is_one() -> None:
    (shown,) = (block for block in BLOCKS if "break_glass" in block)
    assert parse_break_glass(yaml.safe_dump(shown), "page").ticket == "INC-4711"


README = (ROOT / "README.md").read_text()
ON_GITHUB = README[README.index("## On GitHub") : README.index("## Write a policy")]


def in_page(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def in_readme(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", ON_GITHUB, re.MULTILINE | re.DOTALL)


def test_the_readme_shows_the_files_of_the_page() -> None:
    """What linters and the tests here say of those holds for these."""
    assert [yaml.safe_load(text) for text in in_readme("yaml")] == WORKFLOWS[:3]
    assert in_readme("text") == [code_owners()]
    assert list(map(json.loads, in_readme("json"))) == list(map(json.loads, in_page("json")))
    assert in_readme("sh") == [
        "".join(text for text in in_page("sh") if "ORG/REPOSITORY" in text and "attestation" not in text)
    ]


def test_a_reader_of_the_readme_alone_reaches_the_level_that_it_names(gate: Gate) -> None:
    plan, pulse, judge = in_readme("yaml")
    gate.world.rules = [rule | SOURCE for rule in json.loads(in_readme("json")[0])["rules"]]
    gate.world.file(".github/workflows/plan.yml", plan)
    gate.world.file(".github/workflows/review-pulse.yml", pulse)
    gate.world.file(".github/workflows/gate.yml", judge)
    gate.world.file(".github/CODEOWNERS", in_readme("text")[0])
    code, said = doctor(gate)
    (level,) = re.findall(r"`(Level reached: \w+)`", ON_GITHUB)
    assert (code, level in said) == (0, True)
