"""``scopegate explain``: why an address is in the reach, edge by edge, and how its place is known."""

import difflib

import click

from scopegate.cli.context import knowledge_for, policy_option
from scopegate.cli.output import write_output
from scopegate.cli.review import default_region_option, regions_stated
from scopegate.cli.sources import source_option, sources_for
from scopegate.errors import UsageError


@click.command(short_help="Say why an address is in the reach of a plan.")
@click.argument("plan", metavar="PLAN")
@click.argument("address", metavar="ADDRESS")
@default_region_option
@source_option
@policy_option
def explain(plan: str, address: str, default_regions: tuple[str, ...], source: str | None, policy: str | None) -> None:
    """Say why ADDRESS is in the reach of PLAN: the path, edge by edge, and the evidence of its placement.

    \b
    Example:
      scopegate explain plan.json 'module.net["cn"].aws_subnet.a[0]'
    """
    from msgspec.structs import replace

    from scopegate import Options, Planned, analyze_together, read_plan
    from scopegate.policy.default import default_policy
    from scopegate.render.explain import render

    judged = read_plan(plan)
    planned = Planned(judged, sources=sources_for(judged, source))
    options = Options(default_regions=regions_stated(default_regions))
    known = knowledge_for(policy)
    # Its facts and rules count here and its limits do not: one may ask for what is not at hand, such as code owners.
    analysis = analyze_together([planned], replace(known, policy=default_policy(known.facts)), options)
    instances = analysis.change.plan.instances
    positions = [position for position, instance in enumerate(instances) if instance.address == address]
    if not positions:
        near = difflib.get_close_matches(address, [item.address for item in analysis.shown.change.plan.instances], n=1)
        hint = f" did you mean {near[0]!r}?" if near else " look at the addresses in `scopegate review --format json`."
        raise UsageError(f"{plan} has no resource instance {address!r}, so there is nothing to explain;{hint}")
    write_output("\n".join(render(analysis.shown.change, analysis.graph, position) for position in positions), None)
