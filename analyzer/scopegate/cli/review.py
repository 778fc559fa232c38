"""``scopegate review``: judge a plan here and now, without a network."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from scopegate.cli.context import Stated, context_options, contexts_of, each_of, knowledge_for
from scopegate.cli.forms import form_options, wanted_forms, write_forms
from scopegate.cli.progress import waiting_for
from scopegate.cli.sources import sources_for
from scopegate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from scopegate import Knowledge, LaidOut, Options, Planned, Report

LARGEST_REPORT: Final = 256 * 1024**2
"""Of the report that is compared with; a plan of 100,000 resources makes about a fifth of it."""

default_region_option = click.option(
    "--default-region",
    "default_regions",
    metavar="PROVIDER=REGION",
    multiple=True,
    help="Region a provider works in where the plan names none, such as aws=eu-central-1. Evidence of last resort; "
    "repeat it for each provider.",
)

jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of several plans read at most so many at once, each in a process of its own. Without it as many as pays, one "
    "a processor and 8 at most. What comes out does not depend on it. On Linux; elsewhere it is always one at a time.",
)


@click.command(
    epilog="Exit codes: 0 pass, 10 needs sign-off, 11 blocked, 2 usage, 3 plan cannot be judged, 4 policy.",
)
@click.argument("plans", metavar="[PLAN]...", nargs=-1, type=click.Path(readable=False, allow_dash=True))
@form_options
@click.option(
    "--since",
    type=click.Path(dir_okay=False),
    help="JSON report of the push before: every form then begins with what got wider and what got narrower.",
)
@default_region_option
@context_options
@jobs_option
@click.option("--report-only", is_flag=True, help="Exit with 0 whatever the verdict; the report says so.")
def review(
    plans: tuple[str, ...],
    formats: tuple[str, ...],
    output: str | None,
    verbose: bool,
    since: str | None,
    default_regions: tuple[str, ...],
    jobs: int | None,
    report_only: bool,
    **stated: Any,
) -> None:
    """Judge PLAN, or several as one change: what does it reach, is that agreed, and who must sign?

    PLAN is the JSON of `terraform show -json` or `tofu show -json`, a saved binary plan, or - for standard input.
    Without it, the only plan in the working directory, such as tfplan or plan.json.

    \b
    Examples:
      terraform plan -out tfplan && scopegate review tfplan
      scopegate review plan.json --format markdown=report.md --format sarif=report.sarif --format terminal
      terraform show -json tfplan | scopegate review - --default-region aws=eu-central-1
      scopegate review network/plan.json app/plan.json
    """
    from msgspec.structs import replace

    from scopegate import Options, analyze_together

    wanted = wanted_forms(formats, output)
    said = Stated(**stated)
    knowledge = knowledge_for(said.policy)
    options = Options(default_regions=regions_stated(default_regions), report_only=report_only)
    planned = planned_of(plans or (_plan_here(),), said, knowledge, options, jobs)
    options = replace(options, context=planned[0].context)
    with waiting_for("Working out the reach"):
        report = analyze_together(planned, knowledge, options).report
    del planned  # a large plan takes more memory than its report, and is needed no more
    if since:
        report = _compared(report, since)
    with waiting_for("Writing the report"):
        write_forms(report, wanted, verbose=verbose)
    sys.exit(ExitCode.PASS if report_only else report.verdict.exit_code)


def _plan_here() -> str:
    from pathlib import Path

    from scopegate.cli.plan_here import plan_here

    return plan_here(Path())


def planned_of(
    paths: Sequence[str], said: Stated, knowledge: "Knowledge", options: "Options", jobs: int | None
) -> "Sequence[Planned | LaidOut]":
    """Return the plans in the files ``paths``, each with what is said of it and its sources.

    Several are laid out as they are read, at most ``jobs`` at once, so that no more is kept of them than it takes.

    Raises:
        ScopegateError: one of them cannot be read or judged.
    """
    contexts = contexts_of(said, knowledge.policy, paths)
    sources = each_of(said.source, len(paths), "--source")
    if len(paths) > 1:
        from scopegate.cli.plans import laid_out_of

        return laid_out_of(paths, contexts, sources, knowledge, options, jobs)
    from scopegate import Planned, read_plan

    with waiting_for("Reading the plan"):
        plan = read_plan(paths[0])
    return (Planned(plan, contexts[0], sources_for(plan, sources[0])),)


def _compared(report: "Report", path: str) -> "Report":
    from scopegate.regular_file import read_regular_file
    from scopegate.render.since import with_since

    try:
        earlier = read_regular_file(path, LARGEST_REPORT)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}), so nothing can be compared with it; name another report."
        ) from error
    return with_since(report, earlier, path)


def regions_stated(pairs: Iterable[str]) -> dict[str, str]:
    """Return the regions stated on the command line, by provider.

    Raises:
        UsageError: one is not of the form PROVIDER=REGION.
    """
    stated: dict[str, str] = {}
    for pair in pairs:
        provider, _, region = pair.partition("=")
        if not provider or not region:
            raise UsageError(
                f"--default-region {pair!r} is not PROVIDER=REGION, so it cannot be told which provider it is for; "
                "write for example --default-region aws=eu-central-1."
            )
        stated[provider] = region
    return stated
