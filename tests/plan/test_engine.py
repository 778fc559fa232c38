"""An engine makes a plan and shows it; whatever goes wrong, it is said and no process is left."""

import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plan.documents import change, plan, written
from scopegate.errors import PlanError, UsageError
from scopegate.plan import engine
from scopegate.plan.engine import Engine, Failed, engines_found, plan_now, show_plan, the_engine

# Makes a plan, or says why not; shows it, or says why not.
ENGINE = """#!/bin/sh
case "$1" in
plan) for word; do case "$word" in -out=*) {made} ;; esac; done; {planned} ;;
show) {shown} ;;
esac
"""
MADE = ': > "${word#-out=}"'


class Tools:
    """A PATH that holds nothing but what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shown = folder / "shown.json"
        self.shown.write_bytes(written(plan(change())))
        for program in ("sh", "cat", "sleep"):
            (folder / program).symlink_to(shutil.which(program) or "")

    def add(self, name: str = "terraform", made: str = MADE, planned: str = "exit 0", shown: str = "") -> Engine:
        """Put an engine on it."""
        program = self.folder / name
        program.write_text(ENGINE.format(made=made, planned=planned, shown=shown or f"cat {self.shown}"))
        program.chmod(0o755)
        return Engine(name, str(program))

    def plan(self, found: Engine) -> Any:
        return plan_now(found, self.folder, (), {"PATH": str(self.folder)})

    def show(self, found: Engine) -> bytes | Failed:
        return show_plan(found, self.folder / "tfplan", self.folder, {"PATH": str(self.folder)}, "tfplan")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    tools = Tools(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tools


def test_the_only_engine_is_taken_and_of_two_the_one_that_is_named(path: Tools) -> None:
    assert list(engines_found()) == []
    with pytest.raises(UsageError, match="Neither terraform nor tofu is on the PATH"):
        the_engine(None)
    tofu = path.add("tofu")
    assert the_engine(None) == tofu
    terraform = path.add("terraform")
    assert list(engines_found()) == [terraform, tofu]
    with pytest.raises(UsageError, match="Both terraform and tofu are on the PATH"):
        the_engine(None)
    assert the_engine("tofu") == the_engine(tofu.program) == tofu
    with pytest.raises(UsageError, match="--binary 'terragrunt' is no program"):
        the_engine("terragrunt")


@pytest.mark.parametrize("code", [0, 2])
def test_a_plan_is_made_with_changes_or_without(path: Tools, code: int) -> None:
    made = path.plan(path.add(planned=f"exit {code}"))
    assert [instance.address for instance in made.instances] == ["aws_sqs_queue.a"]
    assert made.notes == ("Made by `terraform plan` to be judged, and not kept: what is applied is another.",)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"planned": "echo 'Error: No configuration files' >&2; exit 1"}, r"made no plan \(No configuration files\)"),
        ({"planned": "echo 'Error: reading EC2 Instance i-0a1b of hunter2' >&2; exit 1"}, r"\(reading EC2 Instance\)"),
        ({"planned": "echo 'Error: \"hunter2\" is wrong' >&2; exit 1"}, r"made no plan \(an error\)"),
        ({"planned": "echo hunter2 >&2; exit 1"}, r"made no plan \(it failed without saying why\)"),
        ({"made": ":"}, "made no plan with these arguments"),
        ({"shown": "echo 'Error: Failed to load plan' >&2; exit 1"}, r"just made \(Failed to load plan\)"),
        ({"shown": "echo {}; exit 1"}, r"just made \(it failed without saying why\)"),
        ({"shown": "echo; exit 0"}, r"just made \(it failed without saying why\)"),
    ],
)
def test_an_engine_that_fails_is_no_verdict_and_its_error_is_not_quoted(
    path: Tools, parts: dict[str, str], said: str
) -> None:
    with pytest.raises(PlanError, match=said) as refused:
        path.plan(path.add(**parts))
    assert "hunter2" not in str(refused.value)


def test_an_engine_that_cannot_be_started_is_said_to_be(path: Tools) -> None:
    with pytest.raises(PlanError, match="cannot be started in"):
        path.show(Engine("terraform", str(path.folder / "gone")))


def gone(folder: Path) -> bool:
    """Return whether the process that wrote down its number has ended."""
    number = int((folder / "number").read_text())
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("trapped", ["", "trap '' INT; "])
def test_an_engine_is_stopped_where_its_plan_is_refused_while_it_speaks(
    path: Tools, trapped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        while not (path.folder / "number").exists() or not (path.folder / "number").read_text():
            time.sleep(0.01)
        raise PlanError("too large")

    monkeypatch.setattr(engine, "read_stream", refuse)
    monkeypatch.setattr(engine, "_PATIENCE_SECONDS", 0.3)
    with pytest.raises(PlanError, match="too large"):
        path.show(path.add(shown=f"{trapped}echo $$ > {path.folder}/number; exec sleep 60"))
    assert gone(path.folder)


class StoppedError(Exception):
    """What a signal raises here."""


def test_a_signal_while_an_engine_is_started_waits_until_it_can_be_stopped(
    path: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise StoppedError

    begin: Any = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> Any:
        process = begin(*arguments, **options)
        (path.folder / "number").write_text(str(process.pid))
        signal.raise_signal(signal.SIGTERM)
        return process

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(StoppedError):
            path.show(path.add(shown="exec sleep 60"))
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert gone(path.folder)


def test_an_engine_goes_on_at_the_signals_that_we_go_on_at(path: Tools) -> None:
    # As under nohup: a signal that is ignored is ignored by the programs that are started, too.
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert path.show(path.add(shown=f"kill -HUP $$; cat {path.shown}")) == path.shown.read_bytes()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_engine_can_be_run_beside_the_main_thread(path: Tools) -> None:
    found = path.add()
    with ThreadPoolExecutor(1) as beside:
        assert beside.submit(path.show, found).result() == path.show(found) == path.shown.read_bytes()
