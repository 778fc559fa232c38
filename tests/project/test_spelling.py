"""What people read is spelled right, in British English with -ize; what is excepted stands in pyproject.toml."""

import re
import subprocess
import sys
from pathlib import Path

import codespell_lib
import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "benchmarks").glob("*.md"),
    *(ROOT / "examples").rglob("README.md"),
    *(ROOT / "examples").rglob("pull-request.md"),
    *(ROOT / "fixtures").rglob("case.md"),
    *(ROOT / "rules").rglob("*.yaml"),
    *(ROOT / ".github").rglob("*.yml"),
]

TO_AMERICAN = Path(codespell_lib.__file__).parent / "data" / "dictionary_en-GB_to_en-US.txt"


@pytest.fixture(scope="module")
def british(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The American spellings, each with the British one. Words in -ize and -yze are both; the clouds write them so."""
    pairs = [line.strip().split("->") for line in TO_AMERICAN.read_text().splitlines() if "->" in line]
    file = tmp_path_factory.mktemp("spelling") / "american.txt"
    file.write_text("".join(f"{american}->{word}\n" for word, american in pairs if not re.search(r"[iy]z|,", american)))
    return file


def misspelled(*arguments: str | Path) -> list[str]:
    command = [sys.executable, "-m", "codespell_lib", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 65), done.stderr
    return done.stdout.splitlines()


def test_what_people_read_is_spelled_right() -> None:
    assert misspelled(*PAGES, ROOT / "analyzer") == []


def test_what_people_read_is_british(british: Path) -> None:
    assert misspelled("--dictionary", british, *PAGES) == []


def test_a_misspelling_is_found(british: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("An enviroment of another color.\n")
    assert [line.partition(": ")[2] for line in misspelled(page)] == ["enviroment ==> environment"]
    assert [line.partition(": ")[2] for line in misspelled("--dictionary", british, page)] == ["color ==> colour"]
