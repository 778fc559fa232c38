"""Where in the change the resources stand: lines of the diff, for annotations on it and for links to the head.

The head is not checked out, so the lines come from the diff that the code host shows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from scopegate.errors import PlanError
from scopegate.forge.gate import Outcome
from scopegate.forge.model import ChangedFile
from scopegate.plan.address import Mode, parse_resource_address, told_apart
from scopegate.source.model import Location
from scopegate.verdict.report import Report

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")
_BLOCK = re.compile(r'\s*resource\s+"([\w-]+)"\s+"([\w-]+)"')

Block = tuple[str, str]
"""Type and name of a resource, as its block begins."""


class Annotation(Struct, frozen=True):
    """A sentence at a line of a file of the head."""

    path: str
    line: int
    message: str


class Blocks(Struct, frozen=True):
    """The first lines of the blocks that the diff shows, by type and name."""

    places: dict[Block, tuple[Location, ...]]

    def place_of(self, address: str, folder: PurePosixPath) -> Location | None:
        """Return the first line shown of a block that is planned in ``folder``; None where it cannot be told.

        Of the root module it lies in the folder itself, of another module elsewhere; two that fit are none.
        """
        try:
            parsed = parse_resource_address(address)
        except PlanError:  # an action of a provider is touched too, and ``action.type.name`` is no resource's address
            return None
        shown = self.places.get((parsed.type, parsed.name), ()) if parsed.mode is Mode.MANAGED else ()
        found = [place for place in shown if (PurePosixPath(place.file).parent == folder) is not bool(parsed.module)]
        return found[0] if len(found) == 1 else None


def blocks_in(files: Iterable[ChangedFile]) -> Blocks:
    """Return the blocks that are in the shown lines of the changed files."""
    places: dict[Block, tuple[Location, ...]] = {}
    for file in files:
        for block, place in _blocks(file):
            places[block] = (*places.get(block, ()), place)
    return Blocks(places)


def annotations_of(outcome: Outcome, blocks: Blocks) -> tuple[Annotation, ...]:
    """Return a sentence at each block of the diff whose resource is beyond a limit, in the order of the limits."""
    folders = _folders(outcome.analysis.report)
    found = (
        Annotation(place.file, place.line, f"{excess.limit}: {excess.message}")
        for excess in outcome.analysis.report.excesses
        for stack, address in (told_apart(address, folders) for address in excess.addresses)
        if (place := blocks.place_of(address, folders[stack]))
    )
    return tuple(dict.fromkeys(found))


def with_places(report: Report, blocks: Blocks) -> Report:
    """Return a report that says where the blocks of its resources are, as far as the diff shows them."""
    folders = _folders(report)
    places = (blocks.place_of(told_apart(r.address, [r.stack])[1], folders[r.stack]) for r in report.resources)
    resources = (replace(r, source=r.source or place) for r, place in zip(report.resources, places, strict=True))
    return replace(report, resources=tuple(resources))


def _folders(report: Report) -> Mapping[str, PurePosixPath]:
    """Return the folder of each plan of a report by its name."""
    return {plan.name: folder_of(plan.path) for plan in report.plans}


def folder_of(plan: str) -> PurePosixPath:
    """Return the folder that a plan is of: the one it lies in."""
    return PurePosixPath(plan).parent


def _blocks(file: ChangedFile) -> Iterator[tuple[Block, Location]]:
    """Yield the blocks that are in the shown lines of a file, each with the first of its lines in the head."""
    shown = file.patch if file.path.endswith((".tf", ".tofu")) else None
    places: dict[Block, int] = {}
    line, within = 0, None
    for text in (shown or "").split("\n"):
        if hunk := _HUNK.match(text):
            # A change deep in a block shows its beginning only behind the numbers of the hunk, as git does.
            line, within = int(hunk[1]) - 1, _BLOCK.match(hunk[2])
        elif not text.startswith("-"):
            line += 1
            begins = _BLOCK.match(text[1:])
            if found := begins or (within if _is_inside(text[1:]) else None):
                places.setdefault((found[1], found[2]), line)
            within = within if not text[1:].strip() else None
    yield from ((block, Location(file.path, first)) for block, first in places.items())


def _is_inside(text: str) -> bool:
    """Return whether a line of formatted code lies in a block, or ends it."""
    return text[:1] == "}" or (text[:1].isspace() and bool(text.strip()))
