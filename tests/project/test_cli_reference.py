"""``docs/reference/cli.md`` is made from the commands (``--accept`` writes it), and each of them can be learnt from."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from scopegate.cli.main import cli

PAGE = Path(__file__).parents[2] / "docs/reference/cli.md"

HEAD = """# Commands

What `scopegate --help` and the help of each command say. This page is made from them.

Exit codes are in [Exit codes](../exit-codes.md); only 0 lets a merge through. With [completion](completion.md) on, Tab
completes commands, options and files. A mistyped word is answered with the one that was probably meant.
"""


def commands(command: click.Command, words: tuple[str, ...] = ("scopegate",)) -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, groups before their commands."""
    yield " ".join(words), command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from commands(command.commands[name], (*words, name))


COMMANDS = list(commands(cli))
each_command = pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[words for words, _ in COMMANDS])


def page() -> str:
    return "\n".join([HEAD, *(section(words, command) for words, command in COMMANDS)])


def section(words: str, command: click.Command) -> str:
    context = click.Context(command, info_name=words)
    usage = " ".join([words, *command.collect_usage_pieces(context)])
    parts = [f"## {words}\n", f"```text\n{usage}\n```\n", described(command)]
    if options := [parameter for parameter in command.params if isinstance(parameter, click.Option)]:
        parts.append("| option | means |\n|---|---|\n" + "".join(row(option, context) for option in options))
    return "\n".join(part for part in parts if part)


def described(command: click.Command) -> str:
    """The help text as Markdown: a paragraph that click must not wrap is one of commands."""
    paragraphs = re.sub(r"[ ]*\n[ ]*\n", "\n\n", command.help or "").strip().split("\n\n")
    return (
        "".join(f"{paragraph_of(text.strip())}\n\n" for text in [*paragraphs, command.epilog or ""] if text).rstrip(
            "\n"
        )
        + "\n"
    )


def paragraph_of(text: str) -> str:
    if not text.startswith("\b"):
        return " ".join(text.split())
    title, *lines = text.removeprefix("\b").strip("\n").splitlines()
    return f"{title.strip()}\n\n```text\n" + "\n".join(line.strip() for line in lines) + "\n```"


def row(option: click.Option, context: click.Context) -> str:
    names, means = option.get_help_record(context) or ("", "")
    return f"| `{names.replace('|', chr(92) + '|')}` | {' '.join(means.split()).replace('|', chr(92) + '|')} |\n"


def test_the_page_says_what_the_commands_say(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--accept"):
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page())
    assert page() == PAGE.read_text()


@each_command
def test_every_command_says_what_it_does_in_a_sentence(words: str, command: click.Command) -> None:
    first = (command.help or "").partition("\n\n")[0].strip()
    assert first.endswith((".", "?")), words


@each_command
def test_every_option_is_explained(words: str, command: click.Command) -> None:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not (option.help or "").endswith((".", "?"))] == [], words


@each_command
def test_every_command_shows_an_example_of_itself(words: str, command: click.Command) -> None:
    if isinstance(command, click.Group) and command is not cli:
        return
    examples = (command.help or "").partition("Example")[2]
    assert re.search(rf"^ +(?:.*&& )?{words} ", examples, re.MULTILINE), words


def test_no_summary_of_a_command_is_cut_off() -> None:
    groups = [(words, command) for words, command in COMMANDS if isinstance(command, click.Group)]
    for words, group in groups:
        summaries = group.get_help(click.Context(group, info_name=words)).partition("\nCommands:\n")[2]
        assert summaries, words
        assert [line for line in summaries.splitlines() if line.endswith("...")] == []
