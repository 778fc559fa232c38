"""``scopegate verify``: before apply, is this plan within what was agreed?"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scopegate.cli.context import Stated, context_options, contexts_of, knowledge_for, moment_stated
from scopegate.cli.review import default_region_option, regions_stated
from scopegate.errors import ExitCode, PolicyError
from scopegate.regular_file import read_regular_file

if TYPE_CHECKING:
    from datetime import datetime

    from scopegate import Analysis, Context, Knowledge
    from scopegate.verdict.claim import Claim


@click.command(
    epilog="Exit codes: 0 within what was agreed, 10 wider, 11 nobody can agree, 3 plan, 4 policy or claim.",
)
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
@default_region_option
@context_options
@click.option(
    "--claims",
    type=click.Path(file_okay=False),
    default=".scopegate/claims",
    show_default=True,
    help="Folder of the claims, of the merged commit.",
)
@click.option("--branch", metavar="NAME", help="Count only claims of this branch, not those of older changes.")
@click.option(
    "--max-age",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Count only claims that were merged in the last DAYS, by the history of the branch that is checked out.",
)
def verify(
    plans: tuple[str, ...],
    default_regions: tuple[str, ...],
    claims: str,
    branch: str | None,
    max_age: int | None,
    **stated: Any,
) -> None:
    """Refuse to apply PLANs that reach further than the claims say. Uses no network.

    \b
    Example:
      terraform plan -out tfplan && scopegate verify tfplan && terraform apply tfplan
    """
    said = Stated(**stated)
    knowledge = knowledge_for(said.policy)
    signed = _claims_in(Path(claims), None if max_age is None else _since(max_age, said.now))
    code = ExitCode.PASS
    for path, context in zip(plans, contexts_of(said, knowledge.policy, plans), strict=True):
        analysis = _analysed(path, context, knowledge, regions_stated(default_regions))
        code = max(code, _checked(analysis, signed, branch))
    click.echo("Within what was agreed." if code is ExitCode.PASS else "Do not apply this.")
    sys.exit(code)


def _analysed(path: str, context: "Context", knowledge: "Knowledge", regions: dict[str, str]) -> "Analysis":
    from msgspec.structs import replace

    from scopegate import Options, Planned, analyze_together, read_plan

    # The change is merged: which files it touched was judged then.
    judged = replace(context, changed_files=context.changed_files or ())
    options = Options(judged, default_regions=regions)
    return analyze_together([Planned(read_plan(path), judged)], knowledge, options)


def _checked(analysis: "Analysis", signed: "list[Claim]", branch: str | None) -> ExitCode:
    """Print what of a plan was not agreed to, and return the exit code for it."""
    from scopegate import Verdict
    from scopegate.forge.claims import claims_that_cover
    from scopegate.render.escape import plain

    found = claims_that_cover(analysis, signed, branch)
    wider = [(name, fact) for name, facts in found.items() for fact in facts]
    for name, fact in wider:
        click.echo(f"NOT AGREED  {plain(analysis.change.plan.path)}: {plain(fact)} ({plain(name)})")
    if analysis.report.verdict is Verdict.BLOCKED:
        return ExitCode.BLOCKED
    return ExitCode.NEEDS_SIGN_OFF if wider else ExitCode.PASS


def _since(days: int, now: str | None) -> "datetime":
    from datetime import UTC, datetime, timedelta

    return (moment_stated(now) if now else datetime.now(UTC)) - timedelta(days=days)


def _claims_in(folder: Path, since: "datetime | None") -> "list[Claim]":
    """Return the claims of a folder, of which those that were merged before ``since`` do not count, and are named."""
    from scopegate.forge.local import merged_at
    from scopegate.render.escape import plain

    try:
        found = {file: _claim_in(folder, file) for file in sorted(folder.rglob("*.json"))}
        old = {file: at for file in found if since is not None and (at := merged_at(file)) < since}
    except OSError as error:
        raise PolicyError(f"{folder}: the claims cannot be read ({error.strerror}); name their folder.") from error
    for file, at in old.items():
        click.echo(f"TOO OLD  {plain(str(file))}: agreed to {at:%Y-%m-%d}, so it does not count any more")
    return [claim for file, claim in found.items() if file not in old]


def _claim_in(folder: Path, file: Path) -> "Claim":
    """Return the claim in a file, which must lie where its owners are asked about it.

    A claim for the China owners in a file that nobody owns, or behind a link to one, is nobody's agreement.
    """
    from scopegate.verdict.claim import CLAIMS, read_claim

    inside = file.relative_to(folder)
    if any((folder / part).is_symlink() for part in (inside, *inside.parents)):
        raise PolicyError(f"{file}: this is a link, so its owners were not asked about what it says; make it a file.")
    claim = read_claim(read_regular_file(file), str(file))
    if f"{CLAIMS}/{inside.as_posix()}" != claim.path:
        raise PolicyError(
            f"{file}: the claim in it belongs to {claim.path}, and whoever owns that was not asked about this file; "
            "move it there, or take it away."
        )
    return claim
