"""Files that are none, by the real command line: a sentence, and never a pass, a crash or a wait.

Links in a circle, names too long, pipes, devices, folders, and what /proc calls a file.
"""

import os
import shutil
from pathlib import Path

import pytest

from scopegate.errors import PolicyError
from scopegate.regular_file import beginning_of, read_regular_file
from scopegate.signals.strict_yaml import load_yaml
from trust.commands import run

PLAN = Path(__file__).parents[2] / "fixtures" / "kiro" / "setting-for-one-region-changed-everywhere" / "plan.json"
HERE = "plan.json"
COMMANDS: dict[tuple[str, ...], int] = {
    ("review", "?"): 3,
    ("review", HERE, "--policy", "?"): 4,
    ("review", HERE, "--scope", "?"): 2,
    ("review", HERE, "--description", "?"): 2,
    ("review", HERE, "--changed-files", "?"): 2,
    ("review", HERE, "--codeowners", "?"): 2,
    ("review", HERE, "--break-glass", "?"): 2,
    ("review", HERE, "--since", "?"): 2,
    ("review", HERE, "--source", "?"): 2,
    ("explain", "?", "aws_vpc.a"): 3,
    ("graph", "?"): 3,
    ("init", "?"): 3,
    ("claim", "?", "--branch", "b"): 3,
    ("verify", "?"): 3,
    ("verify", HERE, "--claims", "?"): 10,
    ("policy", "check", "?"): 4,
    ("policy", "test", "?"): 4,
    ("policy", "explain", "?"): 3,
    ("policy", "diff", "?", "?", HERE): 4,
    ("audit", "verify", "?"): 2,
    ("audit", "show", "?"): 2,
    ("rules", "test", "?"): 5,
    ("facts", "check", "--facts", "?"): 5,
}
NAMES = ("loop", "dangling", "pipe", "zero", "a" * 300, "folder", "plan.json/below")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(PLAN, tmp_path / HERE)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_no_file_is_said_to_be_none(command: tuple[str, ...], name: str) -> None:
    said = run(*(name if word == "?" else word for word in command))
    # No folder of claims is no claim, and so nobody agreed; one that cannot be looked into is an error.
    assert said.code in (2, COMMANDS[command], *((4,) if "--claims" in command else ()))
    assert len(said.err.strip().splitlines()) <= 5
    assert "crash" not in said.err


def test_a_policy_that_cannot_be_looked_for_is_not_taken_for_none(here: Path) -> None:
    """As in a folder that may not be looked into, which the user of these tests may be allowed to."""
    (here / ".scopegate").symlink_to(".scopegate")
    for command in (("review", HERE), ("policy", "check"), ("graph", HERE)):
        said = run(*command)
        assert said.code == 4
        assert "policy.yaml cannot be looked for (Too many levels of symbolic links)" in said.err


def test_a_working_directory_that_is_gone_is_no_place_without_a_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    said = run("review", str(PLAN))
    assert said.code == 2
    assert "The working directory is not there any more" in said.err


@pytest.mark.usefixtures("here")
def test_a_report_takes_the_place_of_a_link_to_itself() -> None:
    assert run("review", HERE, "--format", "json=loop").code == 10
    assert Path("loop").read_text().startswith("{")


def test_no_more_is_read_than_was_said_though_the_file_says_it_is_empty() -> None:
    """So it is with what /proc calls a regular file."""
    whole = Path("/proc/self/environ").read_bytes()
    assert Path("/proc/self/environ").stat().st_size == 0
    with pytest.raises(OSError, match="larger than 0 MB"):
        read_regular_file("/proc/self/environ", len(whole) - 1)
    assert read_regular_file("/proc/self/environ", len(whole)) == whole


def test_the_beginning_of_what_cannot_be_read_is_none(here: Path) -> None:
    assert beginning_of(here / HERE, 1) == b"{"
    assert {beginning_of(name, 1) for name in (*NAMES, "a\0b", "/proc/self/mem")} == {b""}


def test_a_text_from_standard_input_has_an_end(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegate.cli.context.MAX_BYTES", 1_000)
    assert run("review", str(here / HERE), "--description", "-", stdin=b"x" * 1_000).code in (0, 10, 11)
    said = run("review", str(here / HERE), "--description", "-", stdin=b"x" * 1_001)
    assert said.code == 2
    assert "larger than" in said.err


def test_a_text_that_would_take_the_parser_minutes_is_no_file_of_ours() -> None:
    assert load_yaml("a: " + "x" * 999_997, "f.yaml", PolicyError).value == {"a": "x" * 999_997}
    with pytest.raises(PolicyError, match=r"f\.yaml:1: this has more than 1,000,000 characters"):
        load_yaml("a: " + "x" * 999_998, "f.yaml", PolicyError)
