"""The benchmark runs and says what it measured. How fast anything is, no test asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.run import measure

from scopegate.cli.forms import FORMS

ROOT = Path(__file__).parents[2]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_line_is_printed_for_each_plan_and_each_goal() -> None:
    command = [sys.executable, "-m", "benchmarks.run", "--largest", "100", "--runs", "1"]
    without_terraform = os.environ | {"PATH": str(Path(sys.executable).parent)}  # planning with it takes a minute
    done = subprocess.run(command, cwd=ROOT, env=without_terraform, capture_output=True, text=True, check=True)
    plans, goals = done.stdout.partition("\n| goal ")[::2]
    header, _, line, *_ = plans.splitlines()
    heading, _, *measured = goals.splitlines()
    assert cells(header)[:3] == ["plan", "resources", "file, MB"]
    assert cells(line)[:3] == ["mixed", "100", "0.4"]
    assert len(cells(line)) == len(cells(header))
    assert heading == "| measured | at most | |"
    assert [cells(goal)[0] for goal in measured] == ["`--help` ÷ bare Python", "review of 100 ÷ `orjson.loads`"]


def test_the_peak_memory_of_the_process_is_measured() -> None:
    # From a small process: the kernel counts what the starting one holds until the started one has replaced it.
    program = (
        "import sys; from benchmarks.run import measure; print(measure([sys.executable, '-c', sys.argv[1]]).megabytes)"
    )
    command = [sys.executable, "-c", program, "b'x' * 200_000_000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert 200 < float(done.stdout) < 230


def test_a_command_without_a_verdict_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="exit code 3"):
        measure([sys.executable, "-c", "raise SystemExit(3)"])


def test_every_form_of_the_report_is_timed() -> None:
    command = [sys.executable, "-m", "benchmarks.forms", "--largest", "100", "--runs", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    header, *lines = done.stdout.splitlines()
    assert header.split() == ["form", "100"]
    assert {line[:20].strip() for line in lines} == {*FORMS, "terminal --verbose"}
    assert all(line.split()[-3:-2] == ["ms"] and line.endswith(" kB") for line in lines)


def test_the_growth_of_the_reach_is_told_by_its_size() -> None:
    command = [sys.executable, "-m", "benchmarks.reach", "--largest", "1000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    header, line = done.stdout.splitlines()
    assert header.split()[:4] == ["resources", "changes", "touched", "size"]
    resources, changes, touched, size = (int(word.replace(",", "")) for word in line.split()[:4])
    assert (resources, changes < touched < resources < size) == (1_006, True)
