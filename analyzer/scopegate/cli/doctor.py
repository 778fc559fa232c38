"""``scopegate doctor``: does the repository really keep the gate?"""

import os
import sys
from typing import TYPE_CHECKING

import click

from scopegate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from scopegate.forge.doctor import Setup

WORKFLOWS = (
    ".github/workflows/gate.yml",
    ".github/workflows/scopegate.yml",
    ".github/workflows/plan.yml",
    ".github/workflows/apply.yml",
)


@click.command(
    epilog="Exit codes: 0 the level asked for is reached, 4 it is not, 6 code host.",
)
@click.option("--repository", envvar="GITHUB_REPOSITORY", metavar="OWNER/NAME", help="Repository on GitHub.")
@click.option("--api-url", envvar="GITHUB_API_URL", default="https://api.github.com", help="Address of GitHub's API.")
@click.option("--branch", default="main", show_default=True, help="The branch that is to be kept.")
@click.option("--context", default="scopegate", show_default=True, help="Name of the commit status.")
@click.option("--environment", default="apply", show_default=True, help="Environment that guards apply.")
@click.option("--workflow", multiple=True, metavar="PATH", help="Further workflow to look at; repeatable.")
@click.option(
    "--level",
    type=click.Choice(("advisory", "split", "app", "apply gate")),
    default="split",
    show_default=True,
    help="The level to be reached at least.",
)
def doctor(
    repository: str | None,
    api_url: str,
    branch: str,
    context: str,
    environment: str,
    workflow: tuple[str, ...],
    level: str,
) -> None:
    """Say what the rules of the branch stop, and the next step to a gate that holds.

    The token is GITHUB_TOKEN. Who may bypass the rules is seen by administrators only: look there yourself.

    \b
    Example:
      scopegate doctor --repository acme/infra
    """
    from scopegate.forge.doctor import STOPS, Level, findings_of, level_of, next_step

    if not repository:
        raise UsageError("It is not said which repository is meant; pass --repository OWNER/NAME.")
    setup = _setup(repository, api_url, branch, context, environment, (*WORKFLOWS, *workflow))
    findings = findings_of(setup)
    for finding in findings:
        click.echo(f"  {'ok  ' if finding.ok else 'TODO'}  {finding.what if finding.ok else finding.todo}")
    reached = level_of(setup)
    click.echo(f"Level reached: {reached.value}. It stops {STOPS[reached]}.")
    if step := next_step(findings):
        click.echo(f"Next: {step}.")
    order = list(Level)
    sys.exit(ExitCode.PASS if order.index(reached) >= order.index(Level(level)) else ExitCode.POLICY)


def _setup(
    repository: str, api_url: str, branch: str, context: str, environment: str, workflows: tuple[str, ...]
) -> "Setup":
    from scopegate.forge.doctor import Setup
    from scopegate.forge.github import connect_repository
    from scopegate.forge.trusted import CODE_OWNERS

    host = connect_repository(api_url, os.environ.get("GITHUB_TOKEN", ""), repository)
    found = {path: data for path in workflows if (data := host.file_at(path, branch)) is not None}
    return Setup(
        rules=host.rules(branch),
        context=context,
        workflows={path: data.decode("utf-8", "replace") for path, data in found.items()},
        code_owners=any(host.file_at(path, branch) is not None for path in CODE_OWNERS),
        code_owners_errors=host.code_owners_errors(branch),
        apply_environment=host.has_environment(environment),
    )
