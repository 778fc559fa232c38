"""The benchmark runs and says what it measured. How fast anything is, no test asks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.estates import estates
from benchmarks.many import memory_of_all
from benchmarks.run import measure

from scopegate.cli.forms import FORMS

ROOT = Path(__file__).parents[2]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_line_is_printed_for_each_plan_and_each_goal() -> None:
    command = [sys.executable, "-m", "benchmarks.run", "--largest", "100", "--runs", "1", "--many", "2"]
    without_terraform = os.environ | {"PATH": str(Path(sys.executable).parent)}  # planning with it takes a minute
    done = subprocess.run(command, cwd=ROOT, env=without_terraform, capture_output=True, text=True, check=True)
    plans, goals = done.stdout.partition("\n| goal ")[::2]
    header, _, line, *_ = plans.splitlines()
    heading, _, *measured = goals.splitlines()
    assert cells(header)[:3] == ["plan", "resources", "file, MB"]
    assert cells(line)[:3] == ["mixed", "100", "0.4"]
    assert len(cells(line)) == len(cells(header))
    assert heading == "| measured | at most | |"
    on_two_processors = ["review of 2 plans of 100 ÷ by one process"] * (os.cpu_count() != 1)
    assert [cells(goal)[0] for goal in measured] == [
        "`--help` ÷ bare Python",
        "review of 100 ÷ `orjson.loads`",
        *on_two_processors,
    ]
    of_many, _, two = plans.splitlines()[-3:]
    assert cells(of_many)[:3] == ["plans", "resources of each", "files, MB"]
    assert cells(two)[:3] == ["2", "100", "0.9"]
    assert len(cells(two)) == len(cells(of_many))


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of children is told by /proc")
def test_the_memory_of_all_processes_is_measured_at_once() -> None:
    held = "x = b'x' * 100_000_000; time.sleep(0.5)"
    parent = f"import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', {'import time; ' + held!r}]); "
    command = [sys.executable, "-c", f"{parent}{held}; p.wait()"]
    assert 200 < memory_of_all(command) < 250


def test_the_plans_of_an_estate_are_alike_but_for_their_accounts() -> None:
    first, second = estates(2, 100)
    assert first != second
    assert set(re.findall(r"\b0{6}\d{6}\b", first)).isdisjoint(re.findall(r"\b0{6}\d{6}\b", second))
    assert re.sub(r"\b0{6}\d{6}\b", "", first) == re.sub(r"\b0{6}\d{6}\b", "", second)


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
