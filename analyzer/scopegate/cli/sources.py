"""Which source files belong to a plan: those the caller names, or the working directory when it is their home."""

import os
from functools import cached_property
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


class SourcesOf:
    """Finds the sources of each of several plans: those the caller names, beside the plan's file, or here."""

    def __call__(self, plan: "Plan", stated: str | None) -> "Sources | None":
        """Return the sources of a plan.

        Raises:
            UsageError: the folder named holds no configuration.
        """
        if stated is not None:
            return _read(stated)
        folder = os.path.dirname(plan.path) or "."
        beside = _fitting(plan, folder) if folder != "." else None
        return beside or _if_of(plan, self._here)

    @cached_property
    def _here(self) -> "Sources | None":
        return _found_in(".")


def _fitting(plan: "Plan", folder: str) -> "Sources | None":
    return _if_of(plan, _found_in(folder))


def _if_of(plan: "Plan", found: "Sources | None") -> "Sources | None":
    from scopegate.graph.written import is_source_of

    return found if found is not None and is_source_of(found, plan.configuration) else None


def _found_in(folder: str) -> "Sources | None":
    return _read(folder) if _holds_configuration(folder) else None


def _read(folder: str) -> "Sources":
    from scopegate import read_sources

    return read_sources(folder)


def _holds_configuration(folder: str) -> bool:
    try:
        return any(name.endswith((".tf", ".tf.json")) for name in os.listdir(folder))
    except OSError:
        return False
