"""The commands a newcomer types first."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # With the environment the tests run in, and without a look at whether it is up to date.
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    command = ["make", "--silent", "--old-file=.venv/user", f"BIN={Path(sys.executable).parent}", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_demo_shows_a_stopped_change_and_succeeds() -> None:
    done = make("demo")
    assert done.returncode == 0, done.stderr
    assert {"aws-cn", "cn-north-1", "CN"} <= set(done.stdout.replace(",", " ").replace("(", " ").split())
    assert done.stdout.splitlines()[-1].startswith("Exit code 10: it needs sign-off.")


def test_a_demo_without_a_verdict_fails() -> None:
    done = make("demo", "DEMO_PLAN=LICENSE")
    assert done.returncode != 0
    assert "Exit code 3" in done.stderr
