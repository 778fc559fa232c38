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
# A stand-in for a module that is not loaded has no spec.
loaded = [name for name, module in sys.modules.items() if getattr(module, "__spec__", None)]
print(code or 0, *sorted(loaded), file=sys.stderr)
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


HELP = {
    "scopegate",
    "scopegate.cli",
    "scopegate.cli.late",
    "scopegate.cli.main",
    "scopegate.cli.version",
    "scopegate.errors",
}


def test_the_list_of_commands_loads_none_of_them() -> None:
    _, modules = imported_by("--help")
    assert {name for name in modules if name.startswith("scopegate")} == HELP
    assert modules & {"dataclasses", "gettext", "inspect", "msgspec", "pathlib", "platform"} == set()


LATE = {
    "ast",
    "bz2",
    "csv",
    "dataclasses",
    "decimal",
    "difflib",
    "dis",
    "fnmatch",
    "gettext",
    "hashlib",
    "html",
    "inspect",
    "ipaddress",
    "json",
    "locale",
    "lzma",
    "msgspec._json_schema",
    "msgspec.inspect",
    "msgspec.msgpack",
    "msgspec.toml",
    "msgspec.yaml",
    "pathlib",
    "platform",
    "shlex",
    "shutil",
    "signal",
    "tempfile",
    "textwrap",
    "threading",
    "typing_extensions",
    "uuid",
    "weakref",
    "zipfile",
}
"""What a review of a small plan does without: loading these takes longer than the review."""

OTHER_CASES = {
    "scopegate.cli.doctor",
    "scopegate.cli.gate",
    "scopegate.forge",
    "scopegate.graph.across",
    "scopegate.graph.elsewhere",
    "scopegate.graph.outside",
    "scopegate.place.inherit",
    "scopegate.place.invocation",
    "scopegate.plan.log_text",
    "scopegate.plan.not_a_plan",
    "scopegate.policy.break_glass",
    "scopegate.policy.crossings",
    "scopegate.policy.freeze",
    "scopegate.policy.guard_rails",
    "scopegate.policy.load",
    "scopegate.policy.owners",
    "scopegate.policy.waivers",
    "scopegate.signals.aws_grants",
    "scopegate.signals.azure_scope",
    "scopegate.signals.google_grants",
    "scopegate.signals.lifecycle",
    "scopegate.signals.networks",
    "scopegate.signals.siblings",
    "scopegate.source.read",
}
"""What is there for other commands, for several plans, and for what few plans and policies have."""


@pytest.fixture(scope="module")
def loaded_by_a_review() -> set[str]:
    code, modules = imported_by("review", PLAN, "--format", "json")
    assert code in {10, 11}
    return modules


def test_a_review_of_a_small_plan_loads_little_of_the_standard_library(loaded_by_a_review: set[str]) -> None:
    assert loaded_by_a_review & LATE == set()


def test_a_review_of_a_small_plan_loads_only_what_it_needs(loaded_by_a_review: set[str]) -> None:
    assert loaded_by_a_review & OTHER_CASES == set()
