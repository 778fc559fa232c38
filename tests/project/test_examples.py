"""The pull requests of ``examples/``: what the gate says to each, and what a human judged it must.

``STACK.said.txt`` is compared word for word (``--accept`` rewrites it); verdict, limits and signals in the head of
``pull-request.md`` were judged from the plan, so that accepting a wrong report does not make it right.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from scopegate.cli.main import main
from scopegate.errors import ExitCode
from scopegate.policy.load import load_policy

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
EXIT_CODES = {"pass": ExitCode.PASS, "needs-sign-off": ExitCode.NEEDS_SIGN_OFF, "blocked": ExitCode.BLOCKED}


@dataclass(frozen=True)
class Reviewed:
    """One plan of one pull request, and what its head says of it."""

    request: Path
    stack: str
    arguments: tuple[str, ...]
    judged: Mapping[str, Any]

    @property
    def example(self) -> Path:
        return self.request.parents[1]

    @property
    def plan(self) -> str:
        return f"{self.request.relative_to(self.example)}/{self.stack}.plan.json"

    def changed_files(self) -> str:
        diff = (self.request / "change.diff").read_text()
        return "".join(f"{path}\n" for path in re.findall(r"^\+\+\+ b/(.+)$", diff, re.MULTILINE))


def reviewed() -> Iterator[Reviewed]:
    for page in sorted(EXAMPLES.glob("*/pull-requests/*/pull-request.md")):
        head = yaml.safe_load(page.read_text().partition("\n---\n")[0])
        for stack, judged in head["stacks"].items():
            yield Reviewed(page.parent, stack, tuple(head.get("arguments", ())), judged)


REVIEWED = list(reviewed())
each_plan = pytest.mark.parametrize(
    "case", REVIEWED, ids=[f"{case.example.name}/{case.request.name}/{case.stack}" for case in REVIEWED]
)


def say(case: Reviewed, form: str, folder: Path, capture: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Review the plan as the gate would: in the repository, with the change applied and its files named."""
    repository = folder / form
    shutil.copytree(case.example, repository)
    subprocess.run(["git", "init", "--quiet"], cwd=repository, check=True)
    subprocess.run(["git", "apply", case.request / "change.diff"], cwd=repository, check=True)
    (repository / "changed-files").write_text(case.changed_files())
    given = ["--source", case.judged.get("folder", "."), "--changed-files", "changed-files", *case.arguments]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(repository)
        patch.setattr(sys, "argv", ["scopegate", "review", case.plan, "--format", form, *given])
        with pytest.raises(SystemExit) as stop:
            main()
    said = capture.readouterr()
    assert said.err == ""
    assert isinstance(stop.value.code, int)
    return stop.value.code, said.out


def without_versions(text: str) -> str:
    """The report without the fingerprint, which changes with the facts."""
    return re.sub(r"sha256:[0-9a-f]{12,}", "sha256:…", text)


@each_plan
def test_the_gate_says_what_was_accepted(
    case: Reviewed, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    _, said = say(case, "terminal", tmp_path, capsys)
    expected = case.request / f"{case.stack}.said.txt"
    if request.config.getoption("--accept"):
        expected.write_text(without_versions(said))
    assert without_versions(said) == expected.read_text()


@each_plan
def test_the_gate_decides_what_a_human_judged(
    case: Reviewed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = say(case, "json", tmp_path, capsys)
    report = json.loads(said)
    assert code == EXIT_CODES[case.judged["verdict"]]
    assert {excess["limit"] for excess in report["excesses"]} == set(case.judged["beyond"])
    assert {signal["category"] for signal in report["signals"]} >= set(case.judged.get("signals", ()))


def test_every_example_has_three_pull_requests() -> None:
    found = {folder.name: len(list(folder.glob("pull-requests/*/pull-request.md"))) for folder in EXAMPLES.glob("*/")}
    assert found == {"one-stack": 3, "monorepo": 3, "platform": 3}


@pytest.mark.parametrize("policy", sorted(EXAMPLES.glob("*/.scopegate/policy.yaml")), ids=lambda path: path.parts[-3])
def test_every_policy_is_without_fault(policy: Path) -> None:
    assert load_policy(str(policy)).name == str(policy)
