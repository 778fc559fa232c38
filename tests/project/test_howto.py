"""What the how-to pages tell people to paste is well formed, and runs where it can run without the service."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from scopegate.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/howto").glob("*.md"))
SCOPEGATE = Path(sys.executable).parent
PASSES = ROOT / "examples/monorepo/pull-requests/1-virginia-keeps-logs-longer/commercial.plan.json"
ASKS = ROOT / "examples/monorepo/pull-requests/2-beijing-refreshes-less-often/china.plan.json"
EVERYWHERE = "version: 1\nlimits:\n  {name}:\n    regions: {{allow: [us-east-1]}}\n    {beyond}\n    why: w\n"


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def bash(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{SCOPEGATE}:/usr/bin:/bin"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"PATH": path, "LANG": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_to_be_pasted_is_well_formed(page: Path, tmp_path: Path) -> None:
    assert all(yaml.safe_load(block) for block in fenced(page, "yaml"))
    for script in fenced(page, "bash"):
        assert bash(f"set -n\n{script}", tmp_path).stderr == ""


# ---- Atlantis --------------------------------------------------------------------------------------------------------


def policy_check_step() -> str:
    (block,) = [text for text in fenced(ROOT / "docs/howto/atlantis.md", "yaml") if "custom_policy_check" in text]
    steps: list[Any] = yaml.safe_load(block)["workflows"]["scopegate"]["policy_check"]["steps"]
    return str(steps[1]["run"])


@pytest.mark.parametrize(
    ("plan", "beyond", "code", "says"),
    [
        (PASSES, "sign_off: 1", 0, "scopegate: pass\n"),
        (ASKS, "sign_off: 1", 0, "scopegate: fail, needs sign-off\nNEEDS SIGN-OFF"),
        (ASKS, "block: true", 1, "scopegate: fail, and nobody can agree to it\nBLOCKED"),
    ],
)
def test_atlantis_is_told_by_code_and_by_word(plan: Path, beyond: str, code: int, says: str, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(EVERYWHERE.format(name="virginia", beyond=beyond))
    (tmp_path / "main.tf").write_text('terraform {\n  required_version = ">= 1.9"\n}\n')
    step = policy_check_step().replace("/etc/scopegate/", "")
    done = bash(step, tmp_path, SHOWFILE=str(plan))
    assert done.returncode == code
    assert done.stdout.startswith(says), done.stdout + done.stderr


# ---- Terragrunt ------------------------------------------------------------------------------------------------------


def judging_together() -> str:
    return fenced(ROOT / "docs/howto/terragrunt.md", "bash")[1]


def units(folder: Path, **plans: Path) -> None:
    for unit, plan in plans.items():
        (folder / "plans" / unit).mkdir(parents=True)
        shutil.copy(plan, folder / "plans" / unit / "tfplan.json")


def test_all_units_are_one_change(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    units(tmp_path, china=ASKS, virginia=PASSES)
    done = bash(judging_together(), tmp_path)
    assert done.returncode == 10
    assert "2 plans judged as one change" in done.stdout


def test_all_units_pass(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    units(tmp_path, virginia=PASSES)
    assert bash(judging_together(), tmp_path).returncode == 0


def test_a_unit_that_cannot_be_judged_ends_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    units(tmp_path, china=ROOT / "fixtures/kiro/targeted/plan.json", virginia=PASSES)
    assert bash(judging_together(), tmp_path).returncode == 3


# ---- hooks and forms -------------------------------------------------------------------------------------------------


def test_every_hook_runs_a_command_that_exists() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["scopegate-policy", "scopegate-policy-test", "scopegate-review"]
    for hook in hooks:
        program, *words = shlex.split(hook["entry"])
        assert program == "scopegate"
        command: click.Command = cli
        while isinstance(command, click.Group):
            command, *words = command.commands[words[0]], *words[1:]


def test_every_issue_form_asks_for_something() -> None:
    forms = [path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"]
    assert len(forms) == 4
    for path in forms:
        form = yaml.safe_load(path.read_text())
        assert form.keys() >= {"name", "description", "body"}
        assert any(part.get("validations", {}).get("required") for part in form["body"])
