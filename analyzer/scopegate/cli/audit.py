"""``scopegate audit``: check and read the log of decisions."""

import sys
from pathlib import Path

import click

from scopegate.errors import ExitCode


@click.group()
def audit() -> None:
    """Check and read a log of decisions, as `scopegate gate --audit-log FILE` writes it."""


@audit.command(short_help="Check that no line was changed, taken out or put in.")
@click.argument("file", type=click.Path(dir_okay=False))
def verify(file: str) -> None:
    """Check that no line of FILE was changed, taken out or put in. Exit code 4 where one was.

    \b
    Example:
      scopegate audit verify decisions.jsonl
    """
    from scopegate.attest.log import entries_of

    _refuse_broken(file)
    digests = [digest for digest, _ in entries_of(Path(file))]
    click.echo(
        f"{len(digests)} decisions, unbroken. Keep the newest digest elsewhere: {digests[-1] if digests else '-'}"
    )


@audit.command(short_help="Print the decisions, one a line.")
@click.argument("file", type=click.Path(dir_okay=False))
def show(file: str) -> None:
    """Print the decisions of FILE, one a line: when, what, which commit, who signed. Exit code 4 where one was changed.

    \b
    Example:
      scopegate audit show decisions.jsonl
    """
    from scopegate.attest.log import entries_of, said_in
    from scopegate.render.escape import plain

    for digest, statement in entries_of(Path(file)):
        said = said_in(statement, Path(file))
        occasion = said.occasion
        signed = ", ".join(person.who for person in said.sign_offs.accepted) or "nobody"
        words = (
            occasion.decided_at,
            said.verdict,
            f"{occasion.repository} {occasion.change} {occasion.commit[:12]}",
            f"signed by {signed}",
            digest[:12],
        )
        click.echo(plain("  ".join(words)))
    _refuse_broken(file)


def _refuse_broken(file: str) -> None:
    """End with exit code 4 where the chain of a log breaks, and say where."""
    from scopegate.attest.log import problems_in

    problems = problems_in(Path(file))
    for problem in problems:
        click.echo(f"{file}:{problem.line}: {problem.why}")
    if problems:
        sys.exit(ExitCode.POLICY)
