"""A gate that runs on every push must start at once: nothing is imported that the command at hand does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAN = "fixtures/kiro/setting-for-one-region-changed-everywhere/plan.json"

HEAVY = {
    "asyncio",
    "concurrent.futures",
    "email",
    "hcl2",
    "http",
    "jsonschema",
    "lark",
    "multiprocessing",
    "networkx",
    "numpy",
    "orjson",
    "referencing",
    "rich",
    "sqlite3",
    "ssl",
    "tabulate",
    "unittest",
    "urllib.request",
    "xml",
    "yaml",
}

PRINT_MODULES = """
import sys
from scopegate.cli.main import main
sys.argv = ["scopegate", *sys.argv[1:]]
try:
    code = main()
except SystemExit as exit:
    code = exit.code
print(code or 0, *sorted(sys.modules), file=sys.stderr)
"""


def imported_by(*arguments: str) -> tuple[int, set[str]]:
    """Run the command line and return its exit code and the modules it has imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT_MODULES, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    code, *modules = done.stderr.splitlines()[-1].split()
    return int(code), set(modules)


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["--help"], {0}),
        (["--version"], {0}),
        (["review", PLAN], {10, 11}),
        (["review", PLAN, "--format", "json"], {10, 11}),
    ],
)
def test_nothing_heavy_is_imported(arguments: list[str], codes: set[int]) -> None:
    code, modules = imported_by(*arguments)
    assert code in codes
    assert modules & HEAVY == set()


def test_help_reads_no_plan() -> None:
    _, modules = imported_by("--help")
    assert not [name for name in modules if name.startswith(("scopegate.plan", "scopegate.analyze", "msgspec"))]


LATE = {
    "bz2",
    "difflib",
    "fnmatch",
    "html",
    "ipaddress",
    "json",
    "lzma",
    "pathlib",
    "shutil",
    "tempfile",
    "zipfile",
}
"""What a review of a small plan does without: loading these takes longer than the review."""


def test_a_review_of_a_small_plan_loads_little_of_the_standard_library() -> None:
    code, modules = imported_by("review", PLAN, "--format", "json")
    assert code in {10, 11}
    assert modules & LATE == set()


def test_a_command_does_not_load_the_others() -> None:
    _, modules = imported_by("review", PLAN, "--format", "json")
    assert {
        name for name in modules if name in {"scopegate.cli.gate", "scopegate.cli.doctor", "scopegate.forge"}
    } == set()
