"""What the command line does for whoever mistypes, asks for its version, completes with Tab, or names no plan."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from scopegate import __version__
from scopegate.cli.main import main
from scopegate.cli.plan_here import plan_here
from scopegate.cli.version import facts_line
from scopegate.errors import ExitCode, UsageError
from scopegate.facts.load import load_facts

ROOT = Path(__file__).parents[2]
PASSES = ROOT / "fixtures/kiro/kept-in-its-region/plan.json"
SCOPEGATE = Path(sys.executable).parent / "scopegate"


def run(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["scopegate", *arguments])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


# ---- mistyped --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(("reveiw",), "review"), (("review", "x", "--ouptut", "y"), "--output"), (("policy", "chek"), "check")],
)
def test_what_was_probably_meant_is_named(
    typed: tuple[str, ...], meant: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*typed, monkeypatch=monkeypatch) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "Did you mean" in said
    assert f"'{meant}'" in said


# ---- version ---------------------------------------------------------------------------------------------------------


def test_the_version_names_the_facts_and_the_day_they_were_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--version", monkeypatch=monkeypatch) == ExitCode.PASS
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"scopegate {__version__}"
    read_on = max(source.read_on for source in load_facts().sources.values())
    assert second.startswith(f"facts read on {read_on}, ")
    assert "aws 6." in second


@pytest.mark.parametrize(
    ("today", "age"),
    [
        ("2026-11-26", ", today"),
        ("2026-11-27", ", yesterday"),
        ("2027-01-05", ", 40 days ago"),
        ("2026-11-25", ""),  # a clock that is behind
    ],
)
def test_the_age_of_the_facts_is_counted_in_days(today: str, age: str) -> None:
    line = facts_line("2026-11-26 aws 6.69.1 google 8.7.0", date.fromisoformat(today))
    assert line == f"facts read on 2026-11-26{age}, up to aws 6.69.1 google 8.7.0"


# ---- completion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shell", "begins"), [("bash", "_scopegate_completion()"), ("zsh", "#compdef scopegate")])
def test_the_completion_script_of_a_shell_is_printed(shell: str, begins: str) -> None:
    environment = os.environ | {"_SCOPEGATE_COMPLETE": f"{shell}_source"}
    done = subprocess.run([SCOPEGATE], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(begins)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("scopegate", "rev"), ["plain,review"]),
        (("scopegate", "policy", "ch"), ["plain,check"]),
        (("scopegate", "review", "--report"), ["plain,--report-only"]),
        (("scopegate", "review", "x"), ["file,x"]),
    ],
)
def test_tab_completes_commands_options_and_files(typed: tuple[str, ...], offered: list[str]) -> None:
    words = {"COMP_WORDS": " ".join(typed), "COMP_CWORD": str(len(typed) - 1), "_SCOPEGATE_COMPLETE": "bash_complete"}
    done = subprocess.run([SCOPEGATE], env=os.environ | words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == offered


# ---- no plan named ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tfplan", "plan.json", "payments.tfplan", "plan.out", "tfplan.json", "a.plan.json"])
def test_the_only_plan_here_is_meant(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    (tmp_path / "main.tf").touch()
    (tmp_path / "report.json").touch()
    assert plan_here(tmp_path) == name


def test_a_folder_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "tfplan").mkdir()
    with pytest.raises(UsageError, match="none is here"):
        plan_here(tmp_path)


def test_without_a_plan_it_is_said_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("review", monkeypatch=monkeypatch) == ExitCode.USAGE
    assert "make one with `terraform plan -out tfplan`" in capsys.readouterr().err


def test_of_several_plans_none_is_taken(tmp_path: Path) -> None:
    for name in ("tfplan", "plan.json"):
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match=r"several are here \(plan\.json, tfplan\)"):
        plan_here(tmp_path)


def test_a_review_without_a_plan_judges_the_one_that_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plan.json").write_bytes(PASSES.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert run("review", monkeypatch=monkeypatch) == ExitCode.PASS
    assert "plan.json" in capsys.readouterr().out
