"""Rules of the house that no linter knows."""

import ast
import os
import re
import stat
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "analyzer", ROOT / "rules")

NO_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "managers", "shared", "stuff"}
# Paths of a workshop or of a person's home. (The brackets keep this line from matching itself.)
MACHINE_PATH = re.compile(rb"(?<![\w.])/(?:[w]ork|[f]arm|[r]oot|[h]ome/[a-z]\w*|[U]sers/\w+)/")


def tracked() -> list[Path]:
    """The files under version control; without git (an unpacked archive) every file that is not made by a tool."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
        return [path for path in paths if path.is_file()]
    made = {".venv", "__pycache__", ".git", "out", "dist", "build"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.parts)]


def is_written_here(path: Path) -> bool:
    """Whether we wrote it: plans and the like are as their tools printed them."""
    return path.suffix != ".json"


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode()}"
        for path in tracked()
        if is_written_here(path)
        for match in MACHINE_PATH.finditer(path.read_bytes())
    ]
    assert found == []


def test_every_module_is_named_after_what_it_knows() -> None:
    named = {path for folder in PACKAGES for path in folder.rglob("*.py") if path.stem.strip("_") in NO_NAMES}
    assert named == set()


def functions() -> dict[str, int]:
    """Maps each function of the analyzer to its number of lines, docstring and decorators left out."""
    return {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": (node.end_lineno or 0) - body_start(node) + 1
        for path in (ROOT / "analyzer").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def body_start(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return body[0].lineno


def test_functions_stay_small() -> None:
    lengths = functions()
    ordered = sorted(lengths.values())
    assert statistics.median(ordered) <= 8
    assert ordered[len(ordered) * 95 // 100] <= 35
    assert {name: length for name, length in lengths.items() if length > 60} == {}


@pytest.mark.parametrize("path", [".ci/run"])
def test_what_is_run_can_be_run(path: str) -> None:
    assert (ROOT / path).stat().st_mode & stat.S_IXUSR
