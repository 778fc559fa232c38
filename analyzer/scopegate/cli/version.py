"""``scopegate --version``: which scopegate, which facts, and how old they are."""

from datetime import UTC, date, datetime
from typing import Any

import click

from scopegate import __version__


def print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    """Print the versions and leave, where the option was given. The clock is read here and in no verdict."""
    if not wanted or context.resilient_parsing:
        return
    from scopegate.facts.load import load_facts

    click.echo(f"scopegate {__version__}\n{facts_line(load_facts().version, datetime.now(UTC).date())}")
    context.exit()


def facts_line(version: str, today: date) -> str:
    """Return what to know of the facts: the day their sources were read, its age, the releases they cover."""
    day, _, releases = version.partition(" ")
    age = (today - date.fromisoformat(day)).days
    # A clock that is behind the facts says nothing about their age.
    old = {0: ", today", 1: ", yesterday"}.get(age, f", {age} days ago" if age > 0 else "")
    return f"facts read on {day}{old}, up to {releases}"


def version_option(command: Any) -> Any:
    """Give ``command`` the option ``--version``."""
    return click.option(
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=print_version,
        help="Show the version, and that of the facts with their age, and exit.",
    )(command)
