"""Many plans of one change: neither what comes out nor what goes wrong depends on how many processes read them."""

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest

from scopegate.cli.progress import counting
from scopegate.processes import _Reader
from together.stacks import ESTATE, ROOT, queue

SCOPEGATE = str(Path(sys.executable).with_name("scopegate"))
ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
WORKERS = (1, 2, 5)


def run(*arguments: str | Path) -> tuple[int, str, str]:
    done = subprocess.run([SCOPEGATE, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


def python(code: str, *arguments: str | Path) -> tuple[int, str, str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


# ---- the same, however many processes --------------------------------------------------------------------------------


@ONLY_LINUX
@pytest.mark.parametrize("workers", WORKERS)
def test_the_report_does_not_depend_on_the_number_of_processes(workers: int) -> None:
    reports = {run("review", *ESTATE, "--format", "json", "--jobs", count) for count in (str(workers), "1")}
    ((code, out, err),) = reports
    assert (code, err) == (10, "")
    assert len(json.loads(out)["plans"]) == len(ESTATE)


@ONLY_LINUX
def test_edges_between_plans_are_drawn_of_what_came_back() -> None:
    stacks = ROOT / "fixtures/stacks"
    plans = [stacks / "cases/zone-resized" / stack / "plan.json" for stack in ("network", "app")]
    sources = [word for stack in ("network", "app") for word in ("--source", stacks / "estate" / stack)]
    code, out, _ = run("review", *plans, *sources, "--format", "json", "--jobs", "2")
    assert code == 10
    assert {resource["address"]: resource["how"] for resource in json.loads(out)["resources"]} == {
        'network: aws_subnet.app["a"]': "direct",
        "app: aws_instance.web": "affected",
        "network: aws_ssm_parameter.web": "affected",
    }
    graphs = {run("graph", *plans, *sources, "--format", "json", "--jobs", jobs) for jobs in "12"}
    assert len(graphs) == 1


@ONLY_LINUX
@pytest.mark.parametrize("files", [30, 9], ids=["fewer than asked for", "none"])
def test_where_the_system_grants_fewer_processes_those_do_the_work(files: int) -> None:
    program = (
        "import sys, resource, scopegate.many, scopegate.processes; from scopegate.errors import ScopegateError\n"
        "from scopegate.processes import share_out\n"
        "import os; before = len(os.listdir('/proc/self/fd'))\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), 4096))\n"
        "found = share_out(lambda piece: piece * piece, range(50), 40, name=str)\n"
        "print(sum(found.values()), len(os.listdir('/proc/self/fd')) - before)"
    )
    assert python(program, str(files)) == (0, "40425 0\n", "")


# ---- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path) -> dict[str, Path]:
    bad = {"cut": '{"format_version": "1.2", "resource_cha', "list": "[]", "not-json": "Plan: 3 to add"}
    for name, text in bad.items():
        (tmp_path / name).write_text(text)
    return {name: tmp_path / name for name in bad}


@ONLY_LINUX
@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["cut", *"0123", "list"], "cut breaks off in the middle of a value"),
        ([*"0123", "list"], "list is a JSON value but no object"),
        ([*"01", "not-json", *"23", "cut", "list"], "not-json is the plan as text for people"),
        ([*"0", "gone", *"123", "cut"], "gone cannot be read (No such file or directory)"),
    ],
    ids=["in the first and the last", "in the last", "in three", "a file that is not there"],
)
def test_the_first_plan_that_cannot_be_judged_is_named(
    names: Sequence[str], told: str, broken: dict[str, Path]
) -> None:
    plans = [ESTATE[int(name)] if name.isdigit() else broken["cut"].with_name(name) for name in names]
    outcomes = {run("review", *plans, "--jobs", str(workers)) for workers in WORKERS}
    ((code, out, err),) = outcomes
    assert (code, out) == (3, "")
    assert told in err


CRASHING = """
import sys
import scopegate.graph.build
import scopegate.analyze
from scopegate.cli.main import main
draw = scopegate.analyze.draw_graph
def crash(plan, *more, **named):
    if "kiro" in plan.path:
        raise ValueError("a secret of " + plan.path)
    return draw(plan, *more, **named)
scopegate.analyze.draw_graph = crash
main()
"""


@ONLY_LINUX
def test_a_crash_is_said_as_if_one_process_had_crashed_and_leaks_nothing() -> None:
    plans = [str(path) for path in ESTATE]
    outcomes = {python(CRASHING, "review", *plans, "--jobs", str(workers)) for workers in WORKERS}
    ((code, out, err),) = outcomes
    assert (code, out) == (1, "")
    assert re.fullmatch(r"scopegate: crashed with ValueError at <string>:\d+; there is no verdict\. .*\n", err)


KILLED = """
import os, signal, sys
import scopegate.analyze
from scopegate.cli.main import main
draw = scopegate.analyze.draw_graph
def die(plan, *more, **named):
    if "atlassian" in plan.path:
        os.kill(os.getpid(), signal.SIGKILL)
    return draw(plan, *more, **named)
scopegate.analyze.draw_graph = die
main()
"""


@ONLY_LINUX
@pytest.mark.parametrize("workers", [2, 5])
def test_a_process_that_is_killed_is_no_verdict(workers: int) -> None:
    (read,) = (path for path in ESTATE if "atlassian" in str(path))
    code, out, err = python(KILLED, "review", *ESTATE, "--jobs", str(workers))
    assert (code, out) == (1, "")
    assert err == (
        f"scopegate: the process that read {read} was ended by signal 9 (SIGKILL), so there is no verdict; if the "
        "memory ran out, let fewer plans be read at once with --jobs.\n"
    )


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Plans that take some seconds together."""
    changes = [queue(f"q{n}", "eu-central-1", address=f"aws_sqs_queue.q{n}") for n in range(1500)]
    document = {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes}
    folder = tmp_path_factory.mktemp("slow")
    paths = [folder / f"{number}.json" for number in range(16)]
    for path in paths:
        path.write_text(json.dumps({**document, "configuration": {"root_module": {}}}))
    return [str(path) for path in paths]


def children_of(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@ONLY_LINUX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("workers", [2, 5])
def test_a_signal_ends_all_processes_and_this_one_by_the_signal(
    number: signal.Signals, workers: int, slow: list[str]
) -> None:
    process = subprocess.Popen(
        [SCOPEGATE, "review", *slow, "--jobs", str(workers)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    limit = time.monotonic() + 30
    while len(found := children_of(process.pid)) < workers and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.002)
    process.send_signal(number)
    assert process.communicate(timeout=30) == (b"", b"")
    assert process.returncode == -number
    assert len(found) == workers
    assert [child for child in found if is_there(child)] == []


@ONLY_LINUX
def test_processes_end_where_the_one_that_started_them_is_killed(slow: list[str]) -> None:
    process = subprocess.Popen([SCOPEGATE, "review", *slow, "--jobs", "3"], stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 30
    while len(found := children_of(process.pid)) < 3 and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert len(found) == 3
    while any(map(is_there, found)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert [child for child in found if is_there(child)] == []


# ---- what comes back, and what is kept -------------------------------------------------------------------------------


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


@pytest.mark.parametrize(
    "answer",
    [
        pickle.dumps(_Harmful()),
        b"\x80\x04\x8c\x0escopegate.many\x8c\x0agc.collect\x93)R.",
        b"\x80\x04\x8c\x12scopegate.cli.main\x8c\x04main\x93)R.",
        pickle.dumps(Path("x")),
    ],
    ids=["a function", "a function by way of a module of ours", "a function of ours", "a type of others"],
)
def test_an_answer_that_is_no_value_of_ours_is_refused(answer: bytes) -> None:
    with pytest.raises(pickle.UnpicklingError, match="not expected here"):
        _Reader(BytesIO(answer)).load()


# ---- whoever waits ---------------------------------------------------------------------------------------------------


def test_whoever_waits_at_a_terminal_is_told_which_plan_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with counting("Reading plan", 200) as begun:
        begun("network/plan.json")
        assert capsys.readouterr().err == "\r\x1b[KReading plan 1 of 200: network/plan.json"
        begun("\x1b]0;x\x07" + "stacks/" * 20 + "plan.json")
        second = capsys.readouterr().err
        assert second.startswith("\r\x1b[KReading plan 2 of 200: …cks/stacks/")
        assert second.endswith("/stacks/plan.json")
        assert len(second) - len("\r\x1b[K") == 79  # the cursor stays on the line, so that it can be taken back
    assert capsys.readouterr().err == "\r\x1b[K"


def test_nobody_is_told_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with counting("Reading plan", 2) as begun:
        begun("network/plan.json")
    assert capsys.readouterr() == ("", "")
