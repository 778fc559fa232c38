"""What the documents say is true: links lead somewhere, paths exist, commands run and print what is shown."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from scopegate.cli.main import cli
from scopegate.errors import ExitCode

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
        *(ROOT / "examples").rglob("README.md"),
    ]
)

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
SKIPPED = "..."


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text())


def blocks(language: str) -> Iterator[tuple[Path, str]]:
    for path in DOCUMENTS:
        for match in FENCE.finditer(path.read_text()):
            if match.group(1) == language:
                yield path, match.group(2)


# ---- links and paths -------------------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """The anchors a code host gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(prose(path)):
        if re.match(r"https?://|mailto:", link):
            continue
        target, _, anchor = link.partition("#")
        page = (path.parent / target).resolve() if target else path
        assert page.exists(), link
        assert not anchor or anchor in anchors(page), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_path_that_is_named_exists(path: Path) -> None:
    homes = tuple(f"{folder.name}/" for folder in ROOT.iterdir() if folder.is_dir() and folder.name != ".git")
    for span in CODE_SPAN.findall(prose(path)):
        if span.startswith(homes) and not re.search(r"[<>…{} ]", span):
            assert list(ROOT.glob(span.rstrip("/"))), span


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [
                (page.parent / link.partition("#")[0]).resolve()
                for link in LINK.findall(prose(page))
                if "://" not in link
            ]
    assert {name(page) for page in DOCUMENTS} - {name(page) for page in reached} == set()


# ---- commands --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One command of a console block and the lines shown under it."""

    command: str
    shown: list[str]


def steps_of(block: str) -> list[Step]:
    """Split a console block at its prompts; a command goes on after a backslash at the end of its line."""
    steps: list[Step] = []
    for line in block.replace("\\\n", "\x00").splitlines():
        if line.startswith("$ "):
            steps.append(Step(line[2:].replace("\x00", "\\\n"), []))
        else:
            steps[-1].shown.append(line)
    return steps


def outputs_of(steps: list[Step]) -> list[list[str]]:
    """Run the commands in one shell, in the root of the project, and return the lines each printed."""
    mark = "\x01"
    script = "status=0\n" + "".join(
        # $? is the exit code of the command before, as it would be for a reader who types them.
        f"echo {mark}; (exit $status); {step.command}\nstatus=$?\n"
        for step in steps
    )
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
    }
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return [part.splitlines() for part in done.stdout.split(f"{mark}\n")[1:]]


def matches(shown: list[str], printed: list[str]) -> bool:
    """Whether the lines are the same, where a line of three dots stands for any number of lines."""
    pattern = "".join("(?:.*\n)*?" if line.strip() == SKIPPED else re.escape(line.rstrip()) + "\n" for line in shown)
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed)) is not None


CONSOLE = list(blocks("console"))


@pytest.mark.parametrize(
    ("path", "block"), CONSOLE, ids=[f"{name(path)}: {block.splitlines()[0]}" for path, block in CONSOLE]
)
def test_a_console_block_prints_what_it_shows(path: Path, block: str) -> None:
    steps = steps_of(block)
    for step, printed in zip(steps, outputs_of(steps), strict=True):
        assert matches(step.shown, printed), f"{name(path)}: {step.command} prints\n" + "\n".join(printed)


def commands_shown() -> Iterator[tuple[str, list[str]]]:
    """Every command line of a shell block, and every code span that is one of ours."""
    for path in DOCUMENTS:
        lines = [line for at, block in blocks("sh") if at == path for line in block.replace("\\\n", " ").splitlines()]
        spans = [span for span in CODE_SPAN.findall(prose(path)) if span.startswith(("scopegate ", "make "))]
        for line in [*lines, *spans]:
            for command in re.split(r"&&|\|", line.partition(" # ")[0]):
                if command.strip():
                    yield name(path), shlex.split(command)


COMMANDS = list(commands_shown())


@pytest.mark.parametrize(("path", "words"), COMMANDS, ids=[f"{path}: {' '.join(words)}" for path, words in COMMANDS])
def test_a_command_that_is_named_exists(path: str, words: list[str]) -> None:
    program, *arguments = words
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    elif program == "scopegate":
        assert_options_exist(cli, arguments)
    else:
        assert program in {"git", "cd", "pip", "pipx", "terraform", "tofu", "python", "bash"}, f"{path} names {program}"


def assert_options_exist(command: click.Command, arguments: list[str]) -> None:
    if isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        assert arguments[0] in command.commands, arguments[0]
        command, arguments = command.commands[arguments[0]], arguments[1:]
    if "--" in arguments:  # what follows is for the engine
        arguments = arguments[: arguments.index("--")]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
    assert {word.partition("=")[0] for word in arguments if word.startswith("--")} <= known


# ---- what is stated in two places ------------------------------------------------------------------------------------


def test_the_exit_codes_are_documented_as_they_are() -> None:
    rows = re.findall(r"^\| `?(\d+)`? \| `(\w+)` \|", (ROOT / "docs/exit-codes.md").read_text(), re.MULTILINE)
    assert {(int(code), word) for code, word in rows} == {(code.value, code.name) for code in ExitCode}


def test_the_layers_are_documented_as_they_are_checked() -> None:
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (listed,) = (
        block for path, block in blocks("text") if name(path) == "docs/architecture.md" and block.startswith("cli")
    )
    assert [line.split("  ")[0].strip() for line in listed.splitlines()] == contract["layers"]
