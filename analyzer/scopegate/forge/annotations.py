"""Where in the change the resources stand that are beyond a limit: lines of the diff, for annotations on it.

The head is not checked out, so the lines come from the diff that the code host shows.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from scopegate.forge.gate import Outcome
from scopegate.forge.model import ChangedFile
from scopegate.plan.address import parse_resource_address

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_BLOCK = re.compile(r'\s*resource\s+"([\w-]+)"\s+"([\w-]+)"')

Block = tuple[str, str]
"""Type and name of a resource, as its block begins."""


class Annotation(Struct, frozen=True):
    """A sentence at a line of a file of the head."""

    path: str
    line: int
    message: str


def annotations_of(outcome: Outcome, files: Iterable[ChangedFile]) -> tuple[Annotation, ...]:
    """Return a sentence at each block of the diff whose resource is beyond a limit, in the order of the limits."""
    places = {block: place for file in files for block, place in _blocks(file)}
    found = (
        Annotation(*places[block], f"{excess.limit}: {excess.message}")
        for analysis in outcome.analyses
        for excess in analysis.report.excesses
        for block in dict.fromkeys(map(_block_of, excess.addresses))
        if block in places
    )
    return tuple(dict.fromkeys(found))


def _block_of(address: str) -> Block:
    parsed = parse_resource_address(address)
    return parsed.type, parsed.name


def _blocks(file: ChangedFile) -> Iterator[tuple[Block, tuple[str, int]]]:
    """Yield the blocks that begin in the shown lines of a file, with their line in the head."""
    line = 0
    for text in (file.patch or "").splitlines() if file.path.endswith((".tf", ".tofu")) else ():
        if hunk := _HUNK.match(text):
            line = int(hunk[1]) - 1
        elif not text.startswith("-"):
            line += 1
            if begins := _BLOCK.match(text[1:]):
                yield (begins[1], begins[2]), (file.path, line)
