"""``scopegate explain``: why an address is in the reach, edge by edge, and how its place is known."""

import difflib

import click

from scopegate.cli.context import Stated, knowledge_for, policy_option, stack_options, without_limits
from scopegate.cli.output import write_output
from scopegate.cli.review import default_region_option, jobs_option, planned_of, regions_stated
from scopegate.cli.sources import sources_option
from scopegate.errors import UsageError


@click.command()
@click.argument("plans", metavar="PLAN...", nargs=-1, required=True)
@click.argument("address", metavar="ADDRESS")
@default_region_option
@sources_option
@stack_options
@policy_option
@jobs_option
def explain(
    plans: tuple[str, ...],
    address: str,
    default_regions: tuple[str, ...],
    source: tuple[str, ...],
    workspace: tuple[str, ...],
    backend: tuple[str, ...],
    policy: str | None,
    jobs: int | None,
) -> None:
    """Say why ADDRESS is in the reach of PLAN: the path, edge by edge, and the evidence of its placement.

    Of several plans, which are one change, the address begins with the stack, as in their report.

    \b
    Examples:
      scopegate explain plan.json 'module.net["cn"].aws_subnet.a[0]'
      scopegate explain network/plan.json app/plan.json 'app: aws_instance.web'
    """
    from scopegate import Options, analyze_together
    from scopegate.render.explain import render

    known = without_limits(knowledge_for(policy), len(plans))
    said = Stated(source=source, workspace=workspace, backend=backend)
    options = Options(default_regions=regions_stated(default_regions))
    analysis = analyze_together(planned_of(plans, said, known, options, jobs), known, options)
    instances = analysis.change.plan.instances
    positions = [position for position, instance in enumerate(instances) if instance.full_address == address]
    if not positions:
        near = difflib.get_close_matches(
            address, [item.full_address for item in analysis.shown.change.plan.instances], n=1
        )
        hint = f" did you mean {near[0]!r}?" if near else " look at the addresses in `scopegate review --format json`."
        raise UsageError(
            f"{', '.join(plans)} has no resource instance {address!r}, so there is nothing to explain;{hint}"
        )
    write_output("\n".join(render(analysis.shown.change, analysis.graph, position) for position in positions), None)
