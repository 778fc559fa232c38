"""What the documents say is true: links lead somewhere, paths exist, commands run and print what is shown.

Each check is a function from text to what is wrong with it, and the last test plants one fault of each kind.
"""

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
README = ROOT / "README.md"
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
        *(ROOT / "examples").rglob("README.md"),
    ]
)
"""What is written for readers of the project, and can be reached from the README."""

DOCUMENTS = sorted(
    [
        *PAGES,
        *(ROOT / "fixtures").glob("**/README.md"),
        *(ROOT / "fixtures").glob("**/SOURCES.md"),
        *(ROOT / "rules").rglob("*.md"),
        *(ROOT / ".github").rglob("*.md"),
        *(path for path in (ROOT / "tests").rglob("*.md") if "node_modules" not in path.parts),
        *(ROOT / "examples").rglob("pull-request.md"),
    ]
)
RUN_BY_OTHERS = sorted(
    [
        ROOT / "action.yml",
        ROOT / ".pre-commit-hooks.yaml",
        *(ROOT / ".github/workflows").glob("*.yml"),
        *(ROOT / "examples").rglob(".github/workflows/*.yml"),
    ]
)

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(
    r"\[[^]]*\]\(<?([^)\s>]+)>?[^)]*\)|^\[[^]]+\]: *(\S+)|<(?:a|img)\b[^>]*?(?:href|src)=\"([^\"]+)\"", re.MULTILINE
)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
ELSEWHERE = re.compile(r"https?://|mailto:")
SKIPPED = "..."

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: name(path))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(text: str) -> str:
    return FENCE.sub("", text)


def fenced(text: str, *languages: str) -> list[str]:
    return [block for _, language, block in FENCE.findall(text) if language in languages]


def blocks(language: str) -> Iterator[tuple[Path, str]]:
    for path in DOCUMENTS:
        yield from ((path, block) for block in fenced(path.read_text(), language))


# ---- links and paths -------------------------------------------------------------------------------------------------


def links(text: str) -> list[str]:
    return [found for groups in LINK.findall(CODE_SPAN.sub("", prose(text))) for found in groups if found]


def anchors(path: Path) -> set[str]:
    """The anchors a code host gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(text: str, path: Path) -> list[str]:
    """The links of a page at ``path`` that lead nowhere, or out of the project."""
    return [link for link in links(text) if not ELSEWHERE.match(link) and not leads_somewhere(link, path)]


def leads_somewhere(link: str, path: Path) -> bool:
    target, _, anchor = link.partition("#")
    page = (path.parent / target).resolve() if target else path
    return page.exists() and page.is_relative_to(ROOT) and (not anchor or anchor in anchors(page))


HOMES = tuple(f"{folder.name}/" for folder in ROOT.iterdir() if folder.is_dir() and folder.name != ".git")


def missing_paths(text: str) -> list[str]:
    """The paths of the project that code spans and shell commands name, and that do not exist."""
    words = [word for block in fenced(text, "sh", "bash") for word in block.split()]
    return [
        path
        for path in [*CODE_SPAN.findall(prose(text)), *words]
        if path.startswith(HOMES) and not re.search(r"[<>…{}$ ]", path) and not list(ROOT.glob(path.rstrip("/")))
    ]


@each_document
def test_every_link_leads_somewhere(path: Path) -> None:
    assert dead_links(path.read_text(), path) == []


@each_document
def test_every_path_that_is_named_exists(path: Path) -> None:
    assert missing_paths(path.read_text()) == []


def linked_from(page: Path) -> set[Path]:
    targets = [link.partition("#")[0] for link in links(page.read_text()) if not ELSEWHERE.match(link)]
    return {(page.parent / target).resolve() for target in targets} - {page}


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += linked_from(page)
    assert {name(page) for page in PAGES} - {name(page) for page in reached} == set()


def test_every_page_leads_back_to_one_that_leads_to_it() -> None:
    onward = {page: linked_from(page) for page in PAGES}
    pages_before = {page: {other for other in PAGES if page in onward[other]} for page in PAGES}
    assert [name(page) for page in PAGES if page != README and not onward[page] & pages_before[page]] == []


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
    """Whether the lines are the same; a line of three dots stands for any lines, and dots at an end for the rest."""
    return re.fullmatch("".join(map(pattern_of, shown)), "".join(f"{line.rstrip()}\n" for line in printed)) is not None


def pattern_of(line: str) -> str:
    if line.strip() == SKIPPED:
        return "(?:.*\n)*?"
    begins = line.rstrip().removesuffix(SKIPPED)
    return re.escape(begins) + (".*\n" if begins != line.rstrip() else "\n")


CONSOLE = list(blocks("console"))


@pytest.mark.parametrize(
    ("path", "block"), CONSOLE, ids=[f"{name(path)}: {block.splitlines()[0]}" for path, block in CONSOLE]
)
def test_a_console_block_prints_what_it_shows(path: Path, block: str) -> None:
    steps = steps_of(block)
    for step, printed in zip(steps, outputs_of(steps), strict=True):
        assert matches(step.shown, printed), f"{name(path)}: {step.command} prints\n" + "\n".join(printed)


OTHERS = {"git", "gh", "cd", "export", "pip", "pipx", "uvx", "terraform", "tofu", "python", "bash"}
PLACEHOLDERS = {"COMMAND"}
LINE_ENDS = re.compile(r"&&|\|\||[|;>)`]")


def commands_in(text: str) -> Iterator[list[str]]:
    """Every command line of a shell block, and every code span that is one of ours."""
    lines = [line for block in fenced(text, "sh") for line in block.replace("\\\n", " ").splitlines()]
    spans = [span for span in CODE_SPAN.findall(prose(text)) if span.startswith(("scopegate ", "make ", "python -m "))]
    for line in [*lines, *spans]:
        for command in re.split(r"&&|\|", line.partition(" # ")[0]):
            if command.strip():
                yield shlex.split(command)


def commands_within(text: str) -> Iterator[list[str]]:
    """Every call of ours in what others run: scripts, workflows, hooks."""
    for found in re.finditer(
        r"^(?!\s*(?:#|- ?(?:name|id):|name:)).*?\bscopegate ((?:[a-z-]).*)$", text.replace("\\\n", " "), re.MULTILINE
    ):
        yield ["scopegate", *LINE_ENDS.split(found.group(1).strip("\"'"))[0].split()]


def wrong_with(words: list[str]) -> str | None:
    """What of a command does not exist; None where all of it does."""
    program, *arguments = words
    if program == "scopegate":
        return unknown_part(cli, arguments)
    if program == "make":
        targets = [word for word in arguments if "=" not in word]
        made = (ROOT / "Makefile").read_text()
        return next((target for target in targets if not re.search(rf"^{target}:", made, re.MULTILINE)), None)
    if program == "python" and arguments[:1] == ["-m"]:
        return None if is_module(arguments[1]) else arguments[1]
    return None if program in OTHERS else program


def is_module(dotted: str) -> bool:
    """Whether a module is one of the project, wherever it is run from, or one that everybody has."""
    path = dotted.removesuffix(".NAME").replace(".", "/")
    return dotted in {"pytest", "venv", "pip"} or any(
        (home / path).is_dir() or (home / f"{path}.py").is_file() for home in (ROOT, ROOT / "analyzer", ROOT / "rules")
    )


def unknown_part(command: click.Command, arguments: list[str]) -> str | None:
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        if arguments[0] in PLACEHOLDERS:
            return None
        if arguments[0] not in command.commands:
            return arguments[0]
        command, arguments = command.commands[arguments[0]], arguments[1:]
    if "--" in arguments:  # what follows is for the engine
        arguments = arguments[: arguments.index("--")]
    known = options_of(command) | {"--help", "-h"}
    return next((word for word in arguments if word.startswith("--") and word.partition("=")[0] not in known), None)


def options_of(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def all_options(command: click.Command) -> set[str]:
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return options_of(command).union(*map(all_options, below))


def options_of_our_programs() -> set[str]:
    """Every option that a program of the benchmarks, or the tests, takes or gives to another program."""
    programs = [*(ROOT / "benchmarks").rglob("*.py"), ROOT / "tests/conftest.py"]
    return {option for path in programs for option in re.findall(r"--[a-z][a-z-]+", path.read_text())}


KNOWN_OPTIONS = all_options(cli) | options_of_our_programs() | {"--help"}


def unknown_options(text: str) -> list[str]:
    """The options that stand alone in a code span and that no program here has."""
    named = [re.split(r"[ =]", span)[0] for span in CODE_SPAN.findall(prose(text)) if re.match(r"--\w", span)]
    return [option for option in named if option not in KNOWN_OPTIONS]


@each_document
def test_every_command_that_is_named_exists(path: Path) -> None:
    text = path.read_text()
    within = [words for block in fenced(text, "bash", "yaml") for words in commands_within(block)]
    assert [(words, wrong) for words in [*commands_in(text), *within] if (wrong := wrong_with(words))] == []


@each_document
def test_every_option_that_is_named_exists(path: Path) -> None:
    assert unknown_options(path.read_text()) == []


@pytest.mark.parametrize("path", RUN_BY_OTHERS, ids=name)
def test_what_others_run_exists(path: Path) -> None:
    assert [(words, wrong) for words in commands_within(path.read_text()) if (wrong := wrong_with(words))] == []


# ---- that faults are found -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "[a](docs/nowhere.md)",
        "[a](docs/concepts.md#nowhere)",
        "[a](#nowhere)",
        "![a](docs/images/nowhere.png)",
        "[a]: docs/nowhere.md",
        '<img src="docs/nowhere.png">',
        "[a](../outside.md)",
    ],
)
def test_a_link_that_leads_nowhere_is_found(link: str) -> None:
    assert len(dead_links(f"Before.\n\n{link}\n", README)) == 1


@pytest.mark.parametrize(
    "text", ["`docs/nowhere.md`", "`fixtures/nowhere`", "```sh\nscopegate review fixtures/nowhere/plan.json\n```"]
)
def test_a_path_that_does_not_exist_is_found(text: str) -> None:
    assert len(missing_paths(f"Before.\n\n{text}\n")) == 1


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`scopegate revue`", "revue"),
        ("`scopegate policy chek`", "chek"),
        ("`scopegate review --fromat json`", "--fromat"),
        ("`make tset`", "tset"),
        ("`python -m benchmarks.nowhere`", "benchmarks.nowhere"),
        ("```sh\nscopegate review plan.json --fromat=json\n```", "--fromat=json"),
        ("```sh\nterraform plan && scopegate revue\n```", "revue"),
        ("```sh\nterrafrom plan\n```", "terrafrom"),
    ],
)
def test_a_command_or_option_that_does_not_exist_is_found(text: str, wrong: str) -> None:
    assert [wrong_with(words) for words in commands_in(f"Before.\n\n{text}\n") if wrong_with(words)] == [wrong]


@pytest.mark.parametrize("text", ["      run: scopegate gate --fromat x\n", "if scopegate revue plan.json; then\n"])
def test_a_wrong_call_in_a_workflow_is_found(text: str) -> None:
    assert len([wrong for words in commands_within(text) if (wrong := wrong_with(words))]) == 1


def test_an_option_that_stands_alone_and_does_not_exist_is_found() -> None:
    assert unknown_options("`--report-only` and `--report-olny` and `--fromat json`") == ["--report-olny", "--fromat"]


def test_a_console_block_that_prints_something_else_is_found() -> None:
    steps = steps_of("$ echo one\ntwo\n")
    assert [matches(step.shown, printed) for step, printed in zip(steps, outputs_of(steps), strict=True)] == [False]


# ---- what is stated in two places ------------------------------------------------------------------------------------


def test_the_exit_codes_are_documented_as_they_are() -> None:
    rows = re.findall(r"^\| `?(\d+)`? \| `(\w+)` \|", (ROOT / "docs/exit-codes.md").read_text(), re.MULTILINE)
    assert {(int(code), word) for code, word in rows} == {(code.value, code.name) for code in ExitCode}


def test_the_layers_are_documented_as_they_are_checked() -> None:
    contract, *_ = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (listed,) = (
        block for path, block in blocks("text") if name(path) == "docs/architecture.md" and block.startswith("cli")
    )
    assert [line.split("  ")[0].strip() for line in listed.splitlines()] == contract["layers"]
