"""Which source files belong to a plan: those the caller names, or the working directory when it is their home."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scopegate import Plan, Sources

sources_option = click.option(
    "--source",
    multiple=True,
    metavar="DIR",
    help="Folder of the root module the plan was made in; of several plans, one for each, in their order. Its files "
    "complete the edges that plan JSON hides behind locals, and tell whose outputs are read. Default: the working "
    "directory, or beside the plans, where these are the plan's files.",
)


def sources_for(plan: "Plan", stated: str | None) -> "Sources | None":
    """Return the sources of ``plan``: from the folder the caller names, else from the working directory if they fit.

    Raises:
        UsageError: the folder named holds no configuration.
    """
    return _read(stated) if stated is not None else _fitting(plan, ".")


def sources_of_each(plans: "Sequence[Plan]", stated: Sequence[str | None]) -> "tuple[Sources | None, ...]":
    """Return the sources of each plan; of several, those beside the plan's file are looked at first.

    Raises:
        UsageError: a folder named holds no configuration.
    """
    if len(plans) == 1:
        return (sources_for(plans[0], stated[0]),)
    return tuple(
        _read(named) if named is not None else _fitting(plan, os.path.dirname(plan.path) or ".") or _fitting(plan, ".")
        for plan, named in zip(plans, stated, strict=True)
    )


def _fitting(plan: "Plan", folder: str) -> "Sources | None":
    from scopegate.graph.written import is_source_of

    found = _read(folder) if _holds_configuration(folder) else None
    return found if found is not None and is_source_of(found, plan.configuration) else None


def _read(folder: str) -> "Sources":
    from scopegate import read_sources

    return read_sources(folder)


def _holds_configuration(folder: str) -> bool:
    try:
        return any(name.endswith((".tf", ".tf.json")) for name in os.listdir(folder))
    except OSError:
        return False
