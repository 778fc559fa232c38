"""What is released: the wheel and the source archive, and that the wheel works where nothing else is installed.

That is how ``pipx`` and ``uvx`` run it: in an environment of its own, from anywhere.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "fixtures/kiro/setting-for-one-region-changed-everywhere/plan.json"


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    # Outside the checkout and without Python's variables: what is found is what was installed.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([*command], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (wheel,) = dist.glob("scopegate-*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of a fresh environment with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    install = (sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet")
    done = run(*install, wheel)
    asked_for = metadata_of(wheel).get_all("Requires-Dist") or []
    if done.returncode != 0 and run(*install, *asked_for).returncode != 0:
        pytest.skip("no package index can be reached, so what the wheel asks for cannot be installed")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "bin"


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def packaged() -> set[str]:
    """Every file of the two packages, by its path in the wheel."""
    return {
        str(path.relative_to(folder))
        for folder, package in ((ROOT / "analyzer", "scopegate"), (ROOT / "rules", "scopegate_rules"))
        for path in (folder / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_both_packages_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if ".dist-info/" not in name} == packaged()
    assert "scopegate/py.typed" in names


def test_the_wheel_holds_every_kind_of_knowledge() -> None:
    kinds = {(Path(name).parts[1], Path(name).suffix) for name in packaged() if name.startswith("scopegate_rules/")}
    assert kinds >= {
        ("facts", ".csv"),
        ("signals", ".yaml"),
        ("policies", ".yaml"),
        ("schemas", ".json"),
        ("web", ".js"),
    }


def test_the_wheel_states_its_licence_and_its_python(wheel: Path) -> None:
    stated = metadata_of(wheel)
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("licenses/LICENSE"))
        licence = archive.read(name)
    assert stated["License-Expression"] == "Apache-2.0"
    assert stated["Requires-Python"] == ">=3.11"
    assert licence == (ROOT / "LICENSE").read_bytes()


def test_the_source_archive_holds_what_the_wheel_is_built_from(dist: Path) -> None:
    (archive,) = dist.glob("scopegate-*.tar.gz")
    with tarfile.open(archive) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "analyzer/scopegate/analyze.py"} <= names
    assert not [name for name in names if name.startswith(("tests/", "fixtures/", "benchmarks/"))]


def test_the_installed_wheel_reviews_a_plan(installed: Path, tmp_path: Path) -> None:
    shutil.copy(PLAN, tmp_path)
    done = run(installed / "scopegate", "review", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (10, "")
    assert "Reaches eu-central-1, us-east-1, cn-north-1 in aws, aws-cn" in done.stdout


def test_the_installed_wheel_reads_its_rules_facts_schemas_and_page(installed: Path, tmp_path: Path) -> None:
    scopegate = installed / "scopegate"
    done = run(scopegate, "review", PLAN, "--format", "json", "--format", "html=report.html", cwd=tmp_path)
    report = json.loads(done.stdout)
    read_on, _, releases = report["tool"]["facts_version"].partition(" ")
    version = run(scopegate, "--version", cwd=tmp_path).stdout
    assert f"facts read on {read_on}, " in version
    assert version.endswith(f", up to {releases}\n")
    assert {"aws", "aws-cn"} == {row["partition"] for row in report["reach"]["partitions"]}
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert "$schema" in json.loads(run(scopegate, "policy", "schema", cwd=tmp_path).stdout)
    assert "aws-trust-opened" in run(scopegate, "rules", "list", cwd=tmp_path).stdout


def test_the_installed_wheel_is_a_typed_library(installed: Path, tmp_path: Path) -> None:
    code = f"from scopegate import review; print(review({str(PLAN)!r}).verdict.value)"
    done = run(installed / "python", "-W", "error", "-c", code, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("needs-sign-off\n", "")


def test_the_installed_wheel_brings_all_it_imports(installed: Path, tmp_path: Path) -> None:
    code = (
        "import importlib, pkgutil, scopegate\n"
        "for module in pkgutil.walk_packages(scopegate.__path__, 'scopegate.'):\n"
        "    importlib.import_module(module.name)\n"
        "print(scopegate.__file__)"
    )
    done = run(installed / "python", "-W", "error", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed.parent)
