"""The plans of one change that a command line names, each read by itself, in several processes where that pays."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scopegate.cli.progress import counting
from scopegate.cli.sources import SourcesOf

if TYPE_CHECKING:
    from scopegate import Context, Knowledge, LaidOut, Options, Planned, Unread


def unread(path: str, read: "Callable[[str], Planned]") -> "Unread":
    """Return a plan that will be read from the file ``path``."""
    from scopegate import Unread

    return Unread(path, partial(read, path), _size(path))


def laid_out_of(
    paths: Sequence[str],
    contexts: "Sequence[Context]",
    sources: Sequence[str | None],
    knowledge: "Knowledge",
    options: "Options",
    jobs: int | None,
) -> "tuple[LaidOut, ...]":
    """Return the plans in the files ``paths``; ``sources`` are the folders that are stated for them.

    Raises:
        ScopegateError: one of them cannot be read or judged.
    """
    from scopegate import Planned, read_plan

    said = dict(zip(paths, zip(contexts, sources, strict=True), strict=True))
    sources_of = SourcesOf()

    def read(path: str) -> "Planned":
        plan = read_plan(path)
        context, source = said[path]
        return Planned(plan, context, sources_of(plan, source))

    return laid_out([unread(path, read) for path in paths], knowledge, options, jobs)


def laid_out(
    plans: "Sequence[Unread]", knowledge: "Knowledge", options: "Options", jobs: int | None
) -> "tuple[LaidOut, ...]":
    """Return what is known of each plan by itself, while a line on a terminal tells which is being read.

    Raises:
        ScopegateError: one of them cannot be read or judged.
    """
    from scopegate import lay_out_all

    with counting("Reading plan", len(plans)) as begun:
        return lay_out_all(plans, knowledge, options, jobs=jobs, begun=begun)


def _size(path: str) -> int:
    """Return the bytes of a file, 0 where they cannot be told; reading it says why."""
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0
