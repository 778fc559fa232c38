"""``scopegate facts``: what is known about a word, and how much is known at all."""

from pathlib import Path

import click

from scopegate.cli.output import write_output


@click.group()
def facts() -> None:
    """Look into the fact tables that placement rests on."""


own_facts_option = click.option(
    "--facts",
    "own",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A CSV file of own facts, named after its table, such as accounts.csv; repeat it for each file.",
)


@facts.command()
@click.argument("word", metavar="TYPE|REGION|PROVIDER|JURISDICTION")
@own_facts_option
def show(word: str, own: tuple[Path, ...]) -> None:
    """Print what is known about a word, and from where.

    \b
    Examples:
      scopegate facts show aws_dynamodb_table
      scopegate facts show cn-north-1
    """
    from scopegate.facts.describe import describe
    from scopegate.facts.load import load_facts

    write_output(describe(load_facts(own), word), None)


@facts.command(short_help="Check every fact table, row by row.")
@own_facts_option
def check(own: tuple[Path, ...]) -> None:
    """Check every fact table, the own ones included, row by row and against each other.

    \b
    Example:
      scopegate facts check --facts .scopegate/types.csv
    """
    from scopegate.facts.check import check_facts
    from scopegate.facts.load import load_facts

    loaded = load_facts(own)
    check_facts(loaded)
    write_output(f"All fact tables are in order: {loaded.version}\n", None)


@facts.command(short_help="Print how much is known, as Markdown.")
def coverage() -> None:
    """Print as Markdown how many types and regions are known, by provider and version, and the sources.

    \b
    Example:
      scopegate facts coverage > coverage.md
    """
    from scopegate.facts.coverage import coverage_markdown
    from scopegate.facts.load import load_facts

    write_output(coverage_markdown(load_facts()), None)
