"""What `scopegate review --since` reads is a file, and no more than a file."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from scopegate.cli.main import cli
from scopegate.errors import UsageError

PLAN = Path(__file__).parents[2] / "fixtures/kiro/kept-in-its-region/plan.json"


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_has_no_end_is_no_earlier_report(tmp_path: Path, kind: str) -> None:
    path = Path("/dev/zero")
    if kind == "pipe":
        path = tmp_path / "report.json"
        os.mkfifo(path)
    done = CliRunner().invoke(cli, ["review", str(PLAN), "--since", str(path)])
    assert isinstance(done.exception, UsageError)
    assert "it is no regular file" in str(done.exception)
