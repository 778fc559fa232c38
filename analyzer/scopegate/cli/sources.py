"""Which source files belong to a plan: those the caller names, or the working directory when it is their home."""

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scopegate.plan.model import Plan
    from scopegate.source.model import Sources

source_option = click.option(
    "--source",
    metavar="DIR",
    help="Folder of the root module the plan was made in. Its files complete the edges that plan JSON hides behind "
    "locals and give each block its line. Default: the working directory, when it holds the plan's root module.",
)


def sources_for(plan: "Plan", stated: str | None) -> "Sources | None":
    """Return the sources of ``plan``: from the folder the caller names, else from the working directory if they fit.

    Raises:
        UsageError: the folder named holds no configuration.
    """
    if stated is None and not _holds_configuration("."):
        return None
    from scopegate.graph.written import is_source_of
    from scopegate.source.read import read_sources

    found = read_sources(stated or ".")
    return found if stated is not None or is_source_of(found, plan.configuration) else None


def _holds_configuration(folder: str) -> bool:
    try:
        return any(name.endswith((".tf", ".tf.json")) for name in os.listdir(folder))
    except OSError:
        return False
