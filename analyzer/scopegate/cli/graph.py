"""``scopegate graph``: who depends on whom, as a picture or as data."""

import click

from scopegate.cli.context import Stated, knowledge_for, policy_option, stack_options, without_limits
from scopegate.cli.output import write_output
from scopegate.cli.review import default_region_option, jobs_option, planned_of, regions_stated
from scopegate.cli.sources import sources_option


@click.command()
@click.argument("plans", metavar="PLAN...", nargs=-1, required=True)
@click.option(
    "--format", "form", type=click.Choice(("dot", "mermaid", "json")), default="dot", show_default=True, help="Form."
)
@click.option("--reach", is_flag=True, help="Draw only what the change reaches.")
@click.option("--output", type=click.Path(dir_okay=False), help="Write to this file instead of standard output.")
@default_region_option
@sources_option
@stack_options
@policy_option
@jobs_option
def graph(
    plans: tuple[str, ...],
    form: str,
    reach: bool,
    output: str | None,
    default_regions: tuple[str, ...],
    source: tuple[str, ...],
    workspace: tuple[str, ...],
    backend: tuple[str, ...],
    policy: str | None,
    jobs: int | None,
) -> None:
    """Draw who depends on whom in PLAN, or in several as one change: whole, or only what is reached.

    An arrow points at what is depended on, and says by which argument. No attribute values are in it.

    \b
    Examples:
      scopegate graph plan.json --reach | dot -Tsvg > reach.svg
      scopegate graph plan.json --reach --format mermaid --output reach.mmd
      scopegate graph network/plan.json app/plan.json --format json
    """
    from scopegate import Options, analyze_together
    from scopegate.render.graph import FORMS, drawing_of

    known = without_limits(knowledge_for(policy), len(plans))
    said = Stated(source=source, workspace=workspace, backend=backend)
    options = Options(default_regions=regions_stated(default_regions))
    analysis = analyze_together(planned_of(plans, said, known, options, jobs), known, options)
    drawing = drawing_of(analysis.shown.change, analysis.graph, reach_only=reach)
    write_output(FORMS[form](drawing), output)
