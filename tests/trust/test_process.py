"""The command as a process: signals, full disks, closed streams, and every environment it may meet."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scopegate.plan.document import _refuse_without_room
from trust.canaries import Canaries, escaped_everywhere

ROOT = Path(__file__).parents[2]
ROOT_OF_TEMPORARY = Path(tempfile.gettempdir())
PLAN = ROOT / "fixtures/kiro/setting-for-one-region-changed-everywhere/plan.json"


def start(*arguments: str | Path, **options: object) -> "subprocess.Popen[bytes]":
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([SCOPEGATE, *map(str, arguments)], **pipes)  # type: ignore[call-overload,no-any-return]


SCOPEGATE = str(Path(sys.executable).with_name("scopegate"))


def finished(*arguments: str | Path, **options: object) -> "subprocess.CompletedProcess[bytes]":
    process = start(*arguments, **options)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


# ---- memory ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="how much a process may have is said otherwise")
@pytest.mark.parametrize("megabytes", [110, 170])
@pytest.mark.parametrize("command", [("review",), ("explain",)], ids=" ".join)
def test_without_memory_there_is_a_sentence_and_no_verdict(
    command: tuple[str, ...], megabytes: int, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_bytes(PLAN.read_bytes() + b" " * (90 * 2**20))
    most = megabytes * 2**20
    words = (*command, plan, *(("aws_s3_bucket.b",) if command == ("explain",) else ()))
    limited = finished(*words, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)))
    err = limited.stderr.decode()
    assert (limited.returncode, limited.stdout) in ((1, b""), (3, b""))
    assert ("ran out of memory, so there is no verdict" in err) != (
        "(Cannot allocate memory), so there is no plan" in err
    )
    assert len(err.splitlines()) == 1


def test_a_plan_is_not_begun_where_there_is_no_room_for_it() -> None:
    """There msgspec would end the process with a segmentation fault."""
    with pytest.raises(MemoryError):
        _refuse_without_room(2**46)
    _refuse_without_room(2**20)


# ---- signals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_while_waiting_ends_the_process_as_the_signal_would(number: signal.Signals) -> None:
    process = start("review", "-")
    time.sleep(0.8)  # it waits for a plan that does not come
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == -number
    assert (out, err) == (b"", b"")


def test_a_signal_that_the_caller_ignores_stays_ignored() -> None:
    process = start("review", "-", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    time.sleep(0.8)
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(PLAN.read_bytes(), timeout=30)
    assert process.returncode == 10
    assert out


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan whose report takes long enough to be hit while it is made and while it is written."""
    document = escaped_everywhere(Canaries())
    change = next(entry for entry in document["resource_changes"] if entry["address"] == "aws_dynamodb_table.t")
    document["resource_changes"] = [
        {**change, "address": f"aws_dynamodb_table.t[{number}]", "index": number} for number in range(1500)
    ]
    document["planned_values"] = {}
    path = tmp_path_factory.mktemp("large") / "plan.json"
    path.write_text(json.dumps(document))
    return path


def test_a_signal_at_any_time_leaves_the_old_report_or_the_new_one(large: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    old = "the old report\n"
    began = time.monotonic()
    target.write_text(old)
    assert finished("review", large, "--format", "json", "--output", target).returncode == 10
    whole, seconds = target.read_text(), time.monotonic() - began
    outcomes = set()
    for step in range(1, 7):
        target.write_text(old)
        process = start("review", large, "--format", "json", "--output", target)
        time.sleep(seconds * step / 6)
        process.send_signal((signal.SIGTERM, signal.SIGINT)[step % 2])
        process.communicate(timeout=30)
        assert target.read_text() in (old, whole)
        assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
        outcomes.add(process.returncode)
    assert outcomes <= {-signal.SIGTERM, -signal.SIGINT, 10}
    assert outcomes & {-signal.SIGTERM, -signal.SIGINT}


# ---- disks and streams -----------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_old_report_whole(large: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("the old report\n")

    def little_room() -> None:
        # What a full disk does to a file: writing fails in the middle of it.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    outcome = finished("review", large, "--format", "json", "--output", target, preexec_fn=little_room)
    assert outcome.returncode == 2
    assert outcome.stderr.startswith(b"scopegate: cannot write the report to ")
    assert target.read_text() == "the old report\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [[], ["--output", "/dev/full"], ["--format", "json"]], ids=" ".join)
def test_what_cannot_be_written_is_an_error(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        outcome = finished("review", PLAN, *arguments, stdout=full)
    assert outcome.returncode == 2
    assert b"(No space left on device), so there is none" in outcome.stderr


def test_an_error_that_cannot_be_told_keeps_its_code() -> None:
    with Path("/dev/full").open("wb") as full:
        assert finished("review", "no-such-plan", stderr=full).returncode == 3


@pytest.mark.parametrize("stream", [0, 1, 2])
def test_a_closed_stream_is_no_crash(stream: int) -> None:
    closed = {"preexec_fn": lambda: os.close(stream)}
    assert finished("review", PLAN, **closed).returncode == 10
    assert finished("review", "no-such-plan", **closed).returncode == 3
    assert finished("review", "-", **closed, **({} if stream == 0 else {"stdin": subprocess.DEVNULL})).returncode == 3


def test_a_reader_that_goes_away_gets_no_pass() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        outcome = finished("review", PLAN, "--format", "json", stdout=pipe)
    assert outcome.returncode == 1
    assert b"Traceback" not in outcome.stderr


# ---- the same bytes everywhere ---------------------------------------------------------------------------------------


def report(form: str, plan: str = "plan.json", **options: object) -> bytes:
    outcome = finished("review", plan, "--format", form, **options)
    assert outcome.stderr == b""
    assert outcome.returncode == 10
    return outcome.stdout


@pytest.fixture(scope="module")
def canary_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("same")
    document = escaped_everywhere(Canaries())
    document["resource_changes"][0]["change"]["after"]["bucket"] = "ünïcode-\u202e"
    document["resource_changes"][0]["address"] = 'aws_s3_bucket.b["ünï\\ncode"]'
    (folder / "plan.json").write_text(json.dumps(document))
    return folder


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "hash seed, C locale, time zone": {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Pacific/Kiritimati"},
    "hash seed, ASCII streams, no home": {"PYTHONHASHSEED": "2", "PYTHONIOENCODING": "ascii", "HOME": "/nonexistent"},
    "Latin-1 streams, colour, CI": {
        "PYTHONHASHSEED": "4294967295",
        "PYTHONIOENCODING": "latin-1",
        "FORCE_COLOR": "1",
        "CLICOLOR_FORCE": "1",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": "/",
    },
    "no UTF-8 mode, narrow": {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "COLUMNS": "20"},
    "Turkish, development mode": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONDEVMODE": "1"},
    "without docstrings and assertions": {"PYTHONOPTIMIZE": "2"},
}


def both_reports(folder: Path, target: Path, environment: dict[str, str]) -> tuple[bytes, bytes]:
    bare = {"PATH": os.environ["PATH"], **environment}
    arguments = ("review", "plan.json", "--format", "terminal", "--format", f"json={target}")
    outcome = finished(*arguments, cwd=folder, env=bare)
    assert (outcome.returncode, outcome.stderr) == (10, b"")
    return outcome.stdout, target.read_bytes()


def test_the_same_bytes_come_out_in_every_environment(canary_folder: Path, tmp_path: Path) -> None:
    expected = both_reports(canary_folder, tmp_path / "report.json", {})
    differing = [
        name
        for name, environment in ENVIRONMENTS.items()
        if both_reports(canary_folder, tmp_path / "report.json", environment) != expected
    ]
    assert differing == []


def test_the_same_bytes_come_out_in_every_folder(tmp_path: Path) -> None:
    for folder in ("a", "b/c"):
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(PLAN, tmp_path / folder / "plan.json")
    assert report("json", cwd=tmp_path / "a") == report("json", cwd=tmp_path / "b/c")


def python(*arguments: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([sys.executable, *arguments], capture_output=True, check=False, timeout=60, **options)  # type: ignore[call-overload,no-any-return]


MAIN = "import sys; sys.argv = ['scopegate', 'review', sys.argv[1]]; from scopegate.cli.main import main; main()"


def test_an_isolated_interpreter_says_the_same() -> None:
    outcome = python("-I", "-W", "error", "-c", MAIN, str(PLAN))
    assert (outcome.returncode, outcome.stderr) == (10, b"")
    assert outcome.stdout == finished("review", PLAN).stdout


def test_the_package_runs_as_a_module_too() -> None:
    outcome = python("-I", "-m", "scopegate", "review", str(PLAN))
    assert (outcome.returncode, outcome.stderr) == (10, b"")
    assert outcome.stdout == finished("review", PLAN).stdout
    assert python("-I", "-m", "scopegate", "revue").stderr.startswith(b"Usage: python -m scopegate [OPTIONS] COMMAND")


def test_no_socket_is_opened() -> None:
    # ``-X`` audit hooks see every way to the network, also those of libraries.
    refuse = (
        "import sys\n"
        "def refuse(event, arguments):\n"
        "    if event.startswith(('socket.', 'urllib.', 'http.', 'ftplib.', 'subprocess.', 'os.exec', 'os.fork')):\n"
        "        raise RuntimeError(event)\n"
        "sys.addaudithook(refuse)\n"
    )
    outcome = python("-c", refuse + MAIN, str(PLAN))
    assert (outcome.returncode, outcome.stderr) == (10, b"")


def test_nothing_is_written_anywhere() -> None:
    # A read-only file system refuses every file that is opened for writing.
    refuse = (
        "import os, sys\n"
        "def refuse(event, arguments):\n"
        "    writes = event == 'open' and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)\n"
        "    if writes or event in ('os.mkdir', 'os.rename', 'os.remove', 'os.link', 'os.symlink', 'os.chmod'):\n"
        "        raise OSError(30, 'Read-only file system')\n"
        "sys.addaudithook(refuse)\n"
    )
    outcome = python("-B", "-c", refuse + MAIN, str(PLAN))
    assert (outcome.returncode, outcome.stderr) == (10, b"")


def demoted() -> Callable[[], None]:
    def demote() -> None:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    return demote


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can become somebody else")
def test_a_user_without_rights_gets_the_same_and_no_more(tmp_path: Path) -> None:
    folders = {*Path(sys.executable).parents, *Path(sys.base_prefix).resolve().parents, *ROOT.parents}
    if not all(folder.stat().st_mode & 0o001 for folder in folders):
        pytest.skip("the interpreter lies where nobody else may go")
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:
        if folder != ROOT_OF_TEMPORARY and folder.is_relative_to(ROOT_OF_TEMPORARY):
            folder.chmod(0o755)
    plan = tmp_path / "plan.json"
    shutil.copy(PLAN, plan)
    unprivileged = {"preexec_fn": demoted(), "cwd": "/", "env": {"PATH": os.environ["PATH"]}}
    assert finished("review", plan, **unprivileged).stdout == finished("review", plan, cwd="/").stdout
    plan.chmod(0)
    refused = finished("review", plan, **unprivileged)
    assert refused.returncode == 3
    assert b"Permission denied" in refused.stderr


LOCKED_UP = 'mount -o remount,ro,bind / && ! touch "$1/x" 2>/dev/null && shift && exec "$@"'
"""In name spaces of its own: nothing can be written where the project lies, and there is no network."""


def test_a_read_only_file_system_without_a_network_and_a_home_says_the_same(tmp_path: Path) -> None:
    shutil.copy(PLAN, tmp_path / "plan.json")
    alone: list[str | Path] = ["unshare", "--mount", "--net", "sh", "-c", LOCKED_UP, "sh", tmp_path]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("name spaces cannot be made here, or the folder of the tests is mounted by itself")
    environment = {"PATH": os.environ["PATH"]}
    outcome = subprocess.run(
        [*alone, SCOPEGATE, "review", "plan.json"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (outcome.returncode, outcome.stderr) == (10, b"")
    assert outcome.stdout == finished("review", "plan.json", cwd=tmp_path).stdout


def other_interpreters() -> Iterator[str]:
    """Yield the interpreters named in the environment: paths separated by colons, each with scopegate installed."""
    yield from filter(None, os.environ.get("SCOPEGATE_OTHER_PYTHONS", "").split(":"))


@pytest.mark.parametrize("interpreter", list(other_interpreters()) or [None])
def test_another_version_of_python_says_the_same(interpreter: str | None) -> None:
    if interpreter is None:
        pytest.skip("name others in SCOPEGATE_OTHER_PYTHONS, each with scopegate installed")
    outcome = subprocess.run([interpreter, "-c", MAIN, str(PLAN)], capture_output=True, check=False, timeout=60)
    assert (outcome.returncode, outcome.stderr) == (10, b"")
    assert outcome.stdout == finished("review", PLAN).stdout
