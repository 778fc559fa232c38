"""What is released: the wheel and the source archive, and that the wheel works where nothing else is installed."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
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
    done = run(sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet", wheel)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "bin"


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
    assert kinds >= {("facts", ".csv"), ("signals", ".yaml"), ("schemas", ".json")}


def test_the_wheel_states_its_licence_and_its_python(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        stated = message_from_bytes(archive.read(metadata))
        licence = archive.read(metadata.replace("METADATA", "licenses/LICENSE"))
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
    done = run(installed / "scopegate", "review", PLAN, cwd=tmp_path)
    assert done.returncode in (10, 11), done.stderr
    assert "cn-north-1" in done.stdout
    assert done.stderr == ""


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
