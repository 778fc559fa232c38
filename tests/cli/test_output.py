"""Where a report goes."""

import os
import threading
from pathlib import Path

import pytest

from scopegate.cli.output import write_output
from scopegate.errors import UsageError


def test_a_report_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    write_output("new", str(target))
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_to_a_report_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "report.json", tmp_path / "latest.json"
    link.symlink_to(target)
    write_output("new", str(link))
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    # As /dev/null would be: run as root, --output /dev/null once left a plain file there.
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_output("report", str(pipe))
    reader.join(timeout=10)
    assert read == ["report"]
    assert pipe.is_fifo()


def test_a_report_that_cannot_be_written_is_an_error_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write the report"):
        write_output("report", str(tmp_path / "no-such-folder" / "report.json"))
