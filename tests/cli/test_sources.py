"""Which files are taken for the sources of a plan."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from scopegate.cli.main import cli

KIRO = Path(__file__).parents[2] / "fixtures" / "kiro"
PLAN = KIRO / "setting-for-one-region-changed-everywhere" / "plan.json"


def _sources(*options: str) -> set[str]:
    """Return the files that the resources of the report are said to stand in."""
    done = CliRunner().invoke(cli, ["review", str(PLAN), "--format", "json", *options], catch_exceptions=False)
    found = {resource["source"] and resource["source"]["file"] for resource in json.loads(done.stdout)["resources"]}
    return {Path(file).name for file in found if file}


def test_the_folder_that_is_named_gives_each_block_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert _sources("--source", str(KIRO / "estate")) == {"dns.tf", "service.tf"}


def test_the_working_directory_counts_when_the_root_module_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(KIRO / "estate")
    assert _sources() == {"dns.tf", "service.tf"}


def test_a_working_directory_with_another_configuration_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(KIRO / "estate" / "versions.tf", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert _sources() == set()


def test_a_folder_without_a_configuration_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["review", str(PLAN), "--source", str(tmp_path)])
    assert "holds no .tf or .tf.json file" in str(done.exception)
