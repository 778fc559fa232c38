"""The library is what its page says, and costs nothing until it is asked for."""

import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import scopegate

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/library.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("example", "shown"), list(zip(blocks("python"), blocks("text"), strict=True)))
def test_an_example_prints_what_the_page_shows(example: str, shown: str) -> None:
    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (shown, "")


def test_every_name_of_the_library_is_on_its_page() -> None:
    page = PAGE.read_text()
    assert [name for name in scopegate.__all__ if name != "__version__" and f"| `{name}" not in page] == []


def test_every_name_of_the_library_is_there_and_not_taken_by_a_module() -> None:
    # `from scopegate import analyze` is the module of that name as soon as anybody has imported it.
    modules = {module.name for module in pkgutil.iter_modules(scopegate.__path__)}
    assert [name for name in scopegate.__all__ if not hasattr(scopegate, name) or name in modules] == []


def test_the_command_line_imports_the_verdict_from_the_library() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (forbidden,) = (set(contract["forbidden_modules"]) for contract in contracts if contract["type"] == "forbidden")
    assert set(scopegate._HOMES.values()) - forbidden == {"scopegate.errors"}


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
