"""The library is what its page says, and costs nothing until it is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

import scopegate

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/library.md"


def block(language: str) -> str:
    return PAGE.read_text().partition(f"```{language}\n")[2].partition("```")[0]


def test_the_example_prints_what_the_page_shows() -> None:
    done = subprocess.run(
        [sys.executable, "-c", block("python")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (block("text"), "")


def test_every_name_of_the_library_is_on_its_page() -> None:
    page = PAGE.read_text()
    assert [name for name in scopegate.__all__ if name != "__version__" and f"| `{name}" not in page] == []


def test_every_name_of_the_library_is_there() -> None:
    assert all(getattr(scopegate, name) is not None for name in scopegate.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rewiew'"):
        _ = scopegate.rewiew


def test_importing_the_package_imports_no_step_of_it() -> None:
    code = "import scopegate, sys; print([name for name in sys.modules if name.startswith('scopegate.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_type_checker_knows_the_library(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text("from scopegate import review\nreveal_type(review('plan.json'))\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "use.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert 'Revealed type is "scopegate.verdict.report.Report"' in done.stdout
