"""``scopegate plan``: the engine makes a plan, it is judged, and nothing of it is left or shown."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scopegate.errors import ExitCode, PlanError
from scopegate.plan import engine

SCOPEGATE = Path(sys.executable).parent / "scopegate"
CANARY = "canary-4d1f"

real_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")

CONFIGURATION = """
variable "word" {
  type    = string
  default = "canary-4d1f"
}
variable "refused" {
  type    = string
  default = ""
  validation {
    condition     = var.refused == ""
    error_message = "no ${var.refused} here"
  }
}
resource "terraform_data" "first" {
  input = { word = var.word, workspace = terraform.workspace }
}
resource "terraform_data" "second" {
  count = var.word == "twice" ? 1 : 0
  input = terraform_data.first.output
  provisioner "local-exec" {
    command = "true"
  }
}
"""


class Stack:
    """A folder with a configuration, another one for temporary files, and an environment that knows both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "infra"
        self.temporary = folder / "tmp"
        self.home = folder / "home"
        for made in (self.folder, self.temporary, self.home, self.folder / ".git"):
            made.mkdir()
        (self.folder / "main.tf").write_text(CONFIGURATION)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("TF_", "PYTHON"))
        } | {"TMPDIR": str(self.temporary), "HOME": str(self.home), "CHECKPOINT_DISABLE": "1"}

    def initialised(self) -> "Stack":
        done = subprocess.run(
            ["terraform", "init", "-input=false"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return self

    def run(self, *arguments: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run ``scopegate plan``; whatever it does, it prints no value and leaves no file."""
        before = sorted(self.folder.rglob("*"))
        done = subprocess.run(
            [SCOPEGATE, "plan", *arguments],
            cwd=folder or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert CANARY not in done.stdout + done.stderr
        assert list(self.temporary.iterdir()) == []
        assert sorted(self.folder.rglob("*")) == before
        return done

    def with_engine(self, script: str, *names: str) -> "Stack":
        """Put engines on the PATH that do what ``script`` says, and no others."""
        programs = self.home / "bin"
        programs.mkdir()
        for name in names:
            (programs / name).write_text(f"#!/bin/sh\n{script}")
            (programs / name).chmod(0o755)
        for name in ("sh", "sleep", "cat", "touch"):
            (programs / name).symlink_to(shutil.which(name) or "")
        self.environment["PATH"] = str(programs)
        return self


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path)


# ---- with the real engine --------------------------------------------------------------------------------------------


@real_terraform
def test_a_plan_is_made_and_judged(stack: Stack) -> None:
    done = stack.initialised().run("--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["verdict"], done.stderr) == (ExitCode.PASS, "pass", "")
    assert [(resource["address"], resource["change"]) for resource in report["resources"]] == [
        ("terraform_data.first", "create")
    ]
    assert report["plans"][0]["path"] == "terraform plan"


@real_terraform
def test_what_stands_after_two_dashes_is_for_the_engine(stack: Stack) -> None:
    done = stack.initialised().run("--format", "json", "--", "-var", "word=twice")
    assert [resource["address"] for resource in json.loads(done.stdout)["resources"]] == [
        "terraform_data.first",
        "terraform_data.second[0]",
    ]


@real_terraform
def test_the_exit_codes_are_those_of_a_review(stack: Stack) -> None:
    assert stack.initialised().run().returncode == ExitCode.PASS
    assert stack.run("--", "-var=word=twice").returncode == ExitCode.NEEDS_SIGN_OFF
    assert stack.run("--report-only", "--", "-var=word=twice").returncode == ExitCode.PASS


@real_terraform
def test_the_folder_and_the_workspace_are_those_of_the_engine(stack: Stack) -> None:
    subprocess.run(
        ["terraform", "workspace", "new", "blue"],
        cwd=stack.initialised().folder,
        env=stack.environment,
        capture_output=True,
        check=True,
    )
    subprocess.run(
        ["terraform", "apply", "-auto-approve"],
        cwd=stack.folder,
        env=stack.environment,
        capture_output=True,
        check=True,
    )
    there = ("--source", str(stack.folder), "--format", "json")
    applied = json.loads(stack.run(*there, "--workspace", "blue", folder=stack.home).stdout)
    elsewhere = json.loads(stack.run(*there, "--workspace", "default", folder=stack.home).stdout)
    assert [resource["change"] for resource in applied["resources"]] == []
    assert [resource["change"] for resource in elsewhere["resources"]] == ["create"]


@real_terraform
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-var", f"refused={CANARY}"), "`terraform plan` made no plan (Invalid value for variable), so"),
        (("-var", f"{CANARY}=x"), "`terraform plan` made no plan (Value for undeclared variable), so"),
        (("-bogus",), "`terraform plan` made no plan (Failed to parse command-line flags), so"),
        (("-help",), "`terraform plan` made no plan with these arguments;"),
    ],
    ids=["a refused value", "an undeclared variable", "an unknown option", "no plan at all"],
)
def test_an_engine_that_makes_no_plan_is_no_verdict(stack: Stack, arguments: tuple[str, ...], said: str) -> None:
    done = stack.initialised().run("--", *arguments)
    assert done.returncode == ExitCode.PLAN
    assert done.stderr.startswith(f"scopegate: {said}")


@real_terraform
def test_a_detailed_exit_code_of_changes_is_no_failure(stack: Stack) -> None:
    assert stack.initialised().run("--", "-detailed-exitcode").returncode == ExitCode.PASS


# ---- arguments and engines -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("argument", ["-out=tfplan", "--out=tfplan", "-out", "-json"])
def test_what_happens_to_the_plan_is_not_for_the_arguments_to_say(stack: Stack, argument: str) -> None:
    done = stack.with_engine("exit 0", "terraform").run("--", argument)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.startswith(f"scopegate: {argument} says what happens to the plan")


def test_of_two_engines_none_is_taken(stack: Stack) -> None:
    done = stack.with_engine("exit 0", "terraform", "tofu").run()
    assert done.returncode == ExitCode.USAGE
    assert "Both terraform and tofu are on the PATH" in done.stderr


def test_without_an_engine_it_is_said_what_else_can_be_done(stack: Stack) -> None:
    done = stack.with_engine("exit 0").run()
    assert done.returncode == ExitCode.USAGE
    assert "hand a plan that was made elsewhere to `scopegate review`" in done.stderr


@pytest.mark.parametrize("binary", ["tofu", "/nowhere/terraform"])
def test_a_binary_that_is_not_there_is_said_to_be(stack: Stack, binary: str) -> None:
    done = stack.with_engine("exit 0", "terraform").run("--binary", binary)
    assert done.returncode == ExitCode.USAGE
    assert f"--binary {binary!r} is no program that can be run here" in done.stderr


def test_the_binary_that_is_named_makes_and_shows_the_plan(stack: Stack) -> None:
    plan = Path(__file__).parents[2] / "fixtures/kiro/kept-in-its-region/plan.json"
    script = f'for word; do case $word in -out=*) touch "${{word#-out=}}";; -json) cat "{plan}";; esac; done\n'
    done = stack.with_engine(script, "terraform", "tofu").run("--binary", "tofu")
    assert done.returncode == ExitCode.PASS, done.stderr
    assert "tofu plan  sha256:" in done.stdout


def test_a_binary_beside_me_runs_in_the_folder_of_the_configuration(stack: Stack) -> None:
    stack.with_engine("echo 'Error: it ran' >&2; exit 1", "terraform")
    done = stack.run("--binary", "bin/terraform", "--source", str(stack.folder), folder=stack.home)
    assert "`terraform plan` made no plan (it ran)" in done.stderr


def test_a_plan_larger_than_is_read_is_refused(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegate.plan.read.MAX_BYTES", 1000)
    endless = stack.with_engine("exec cat /dev/zero", "terraform")
    program = engine.Engine("terraform", f"{endless.home}/bin/terraform")
    with pytest.raises(PlanError, match=r"^terraform plan is larger than"):
        engine.show_plan(program, Path("tfplan"), stack.folder, endless.environment, "terraform plan")


# ---- stopped ---------------------------------------------------------------------------------------------------------

TELLS_OF_ITS_END = """
trap 'touch ended; exit 1' INT
touch begun
while true; do sleep 0.05; done
"""
DEAF = "trap '' INT TERM\ntouch begun\nwhile true; do sleep 0.05; done\n"


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_lets_the_engine_give_back_its_lock(stack: Stack, number: signal.Signals) -> None:
    stack.with_engine(TELLS_OF_ITS_END, "terraform")
    process = subprocess.Popen([SCOPEGATE, "plan"], cwd=stack.folder, env=stack.environment, start_new_session=True)
    until((stack.folder / "begun").exists)
    assert [entry.name.startswith("scopegate-") for entry in stack.temporary.iterdir()] == [True]
    os.killpg(process.pid, number)  # as a terminal does: to the whole group, of which the engine is no part
    assert process.wait(timeout=20) == -number
    assert (stack.folder / "ended").exists()
    assert list(stack.temporary.iterdir()) == []


def test_a_signal_while_the_engine_is_started_waits_until_it_can_be_stopped(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child may run before ``Popen`` returns; a signal then left an engine behind that nobody knew of."""
    stack.with_engine(TELLS_OF_ITS_END, "terraform")
    popen = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
        process = popen(*arguments, **options)
        until((stack.folder / "begun").exists)
        signal.raise_signal(signal.SIGINT)
        return process

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    program = engine.Engine("terraform", f"{stack.home}/bin/terraform")
    with pytest.raises(KeyboardInterrupt):
        engine.plan_now(program, stack.folder, (), stack.environment)
    assert (stack.folder / "ended").exists()


def test_a_second_signal_ends_an_engine_that_does_not_end(stack: Stack) -> None:
    stack.with_engine(DEAF, "terraform")
    process = subprocess.Popen([SCOPEGATE, "plan"], cwd=stack.folder, env=stack.environment)
    until((stack.folder / "begun").exists)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == -signal.SIGTERM
    assert list(stack.temporary.iterdir()) == []
