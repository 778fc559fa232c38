"""``scopegate plan``: make a plan and judge it, with no plan file for anybody to guard or to delete."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec.structs import replace

from scopegate.cli.context import Stated, context_of, context_options, knowledge_for, only_one
from scopegate.cli.forms import form_options, wanted_forms, write_forms
from scopegate.cli.progress import waiting_for
from scopegate.cli.review import default_region_option, regions_stated
from scopegate.cli.sources import sources_for
from scopegate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from scopegate import Plan

_OURS: Final = ("out", "json")
"""Options of ``terraform plan`` that say where the plan goes and how errors look; both are settled here."""


@click.command(
    epilog="Exit codes: as of `scopegate review`; 3 also where no plan could be made.",
)
@click.argument("arguments", nargs=-1, metavar="[-- ARGUMENT...]", type=click.UNPROCESSED)
@click.option(
    "--binary",
    metavar="PROGRAM",
    help="What makes the plan: terraform, tofu, or the path of one. Without it, the one that is on the PATH.",
)
@form_options
@default_region_option
@context_options
@click.option("--report-only", is_flag=True, help="Exit with 0 whatever the verdict; the report says so.")
def plan(
    arguments: tuple[str, ...],
    binary: str | None,
    formats: tuple[str, ...],
    output: str | None,
    verbose: bool,
    default_regions: tuple[str, ...],
    report_only: bool,
    **stated: Any,
) -> None:
    """Make a plan with Terraform or OpenTofu and judge it as `scopegate review` does.

    It runs `terraform plan` (or `tofu plan`), with the ARGUMENTs after --, in the working directory or in --source. The
    plan is private and gone at the end, and what the engine prints is not shown: both hold values. Run `terraform init`
    before. What is to be applied needs a plan that is kept: `terraform plan -out tfplan && scopegate review tfplan`.

    \b
    Examples:
      scopegate plan
      scopegate plan --source stacks/china --workspace prod
      scopegate plan --binary tofu -- -var-file=prod.tfvars
    """
    from scopegate import Options, Planned, analyze_together

    wanted = wanted_forms(formats, output)
    said = Stated(**stated)
    folder = only_one(said.source, "--source") or "."
    said = replace(said, source=(folder,))
    knowledge = knowledge_for(said.policy)
    judged = _plan_made(Path(folder), binary, arguments, only_one(said.workspace, "--workspace"))
    context = context_of(said, knowledge.policy, judged.path)
    options = Options(context, default_regions=regions_stated(default_regions), report_only=report_only)
    with waiting_for("Working out the reach"):
        planned = Planned(judged, context, sources_for(judged, folder))
        report = analyze_together([planned], knowledge, options).report
    write_forms(report, wanted, verbose=verbose)
    sys.exit(ExitCode.PASS if report_only else report.verdict.exit_code)


def _plan_made(folder: Path, binary: str | None, arguments: Sequence[str], workspace: str | None) -> "Plan":
    from scopegate.plan.engine import plan_now, the_engine

    _refuse_what_is_settled(arguments)
    engine = the_engine(binary)
    environment = {**os.environ, "TF_IN_AUTOMATION": "1", **({"TF_WORKSPACE": workspace} if workspace else {})}
    with waiting_for(f"Running {engine.name} plan"):
        return plan_now(engine, folder, arguments, environment)


def _refuse_what_is_settled(arguments: Sequence[str]) -> None:
    for argument in arguments:
        if argument.startswith("-") and argument.lstrip("-").partition("=")[0] in _OURS:
            raise UsageError(
                f"{argument} says what happens to the plan, but here it is made to be judged and not to be kept; leave "
                "it out, or make the plan yourself with `terraform plan -out tfplan` and say `scopegate review tfplan`."
            )
