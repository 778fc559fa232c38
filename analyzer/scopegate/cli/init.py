"""``scopegate init``: a first policy out of real plans."""

import os
from pathlib import Path

import click

from scopegate.cli.context import POLICY_FILE
from scopegate.cli.output import write_output
from scopegate.cli.review import default_region_option, regions_stated
from scopegate.errors import UsageError


@click.command()
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
@click.option(
    "--output",
    type=click.Path(dir_okay=False),
    help=f"Write the policy to this new file, such as {POLICY_FILE}, instead of standard output.",
)
@default_region_option
def init(plans: tuple[str, ...], output: str | None, default_regions: tuple[str, ...]) -> None:
    """Propose a policy from what your PLANs reach: tight, commented, and yours to read and correct.

    PLANs may be plans or JSON reports of them; the more of them, the better it fits.

    \b
    Example:
      scopegate init plans/*.json --output .scopegate/policy.yaml
    """
    from scopegate import Options, decide_file, default_knowledge
    from scopegate.policy.load import parse_policy
    from scopegate.policy.proposal import propose

    if output and os.path.lexists(output):
        raise UsageError(f"{output} is there already, and a policy is not overwritten; name another file.")
    knowledge = default_knowledge()
    options = Options(default_regions=regions_stated(default_regions))
    text = propose([decide_file(plan, knowledge, options).change for plan in plans], knowledge.facts)
    parse_policy(text, output or "the proposal")
    if output:
        Path(output).parent.mkdir(parents=True, exist_ok=True)
    write_output(text, output)
