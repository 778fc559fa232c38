"""``scopegate claim``: write down what is to be agreed, for its owners to review as a diff."""

from pathlib import Path
from typing import Any

import click

from scopegate.cli.gate import Asked, forge_for, gate_options, judged
from scopegate.cli.output import write_output


@click.command()
@click.argument("plans", nargs=-1, metavar="[PLAN]...")
@gate_options
@click.option("--into", type=click.Path(file_okay=False), default=".", help="Top of the repository to write into.")
@click.option("--branch", metavar="NAME", help="Branch of the pull request, where it is not the one checked out.")
def claim(plans: tuple[str, ...], into: str, branch: str | None, **asked: Any) -> None:
    """Write a claim for every group that must agree to the PLANs: .scopegate/claims/STACK/GROUP.json.

    \b
    Example:
      scopegate claim plan.json --forge local --base origin/main
    """
    from scopegate.forge.claims import claims_for
    from scopegate.verdict.claim import as_json

    said = Asked(**asked)
    forge = forge_for(said)
    request = forge.pull_request()
    outcome = judged(forge, request, plans, said, claims=True)
    claims = claims_for(outcome.analysis, branch or request.head_branch)
    wanted = {one.path: one for some in claims for one in some}
    for written in wanted.values():
        path = Path(into, written.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_output(as_json(written), str(path))
        click.echo(f"{written.path}  {written.count} of {' or '.join(written.groups)}")
    if not wanted:
        click.echo("Nothing is beyond what was agreed, so there is nothing to claim.")
