"""The report as text for a terminal or a pipe: verdict first, then why, then the rest, cut and counted.

Every colour has a word or a mark beside it that says the same. Lines hold to the width asked for, except that an
address is never cut.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from msgspec import Struct

from scopegate.render.columns import padded, wrapped
from scopegate.render.escape import in_one_direction, plain
from scopegate.render.picture import left_behind, modules_counted, resources_by_region, standing_in_words
from scopegate.render.tree import branches, in_words
from scopegate.render.whereabouts import by_place
from scopegate.render.wording import (
    VERDICT_WORDS,
    Wording,
    counts_in_words,
    explained_at,
    is_destroyed,
    plural,
    ranked_resources,
    signals_by_address,
    some,
    undos,
)
from scopegate.signals.model import Signal
from scopegate.signals.recipes import Undoing
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Dimension, Report, Resource

NO_LIMIT: Final = "no limit"
ROWS_SHOWN: Final = 8
"""How many resources are shown one by one; a reader stops after about so many."""
BRANCHES_SHOWN: Final = 12
DIFFERENCES_SHOWN: Final = 8
REGIONS_SHOWN: Final = 20
MODULES_SHOWN: Final = 4
NOTES_SHOWN: Final = 6
ADDRESSES_SHOWN: Final = 4

NARROWEST: Final = 70

_COMMAND: Final = re.compile(r"^(\s*)(?=::)", re.MULTILINE)
"""Where a name was wrapped so that GitHub's runner would take the line for a command (see ``escape``)."""

_VERDICT_COLOURS = {Verdict.PASS: "32", Verdict.NEEDS_SIGN_OFF: "33", Verdict.BLOCKED: "31"}
WORDS: Final = Wording(in_one_direction, in_one_direction)


class _Page(Struct, frozen=True):
    width: int
    colour: bool
    verbose: bool

    def most(self, usual: int) -> int:
        """Return how many of something are shown."""
        return sys.maxsize if self.verbose else usual

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def heading(self, text: str) -> str:
        return self.paint("1", text)

    def wrapped(self, text: str, indent: str = "  ", hanging: str | None = None) -> list[str]:
        """Return ``text`` in lines of the page's width; a word longer than a line is left whole."""
        return wrapped(text, self.width, indent, indent if hanging is None else hanging)


def render(report: Report, *, width: int = 80, colour: bool = False, verbose: bool = False) -> str:
    """Return the report as lines of text, with a line break at the end; ``verbose`` leaves nothing out."""
    report = by_place(report)
    page = _Page(max(width, NARROWEST), colour, verbose)
    sections = (
        _verdict(report, page),
        _since(report, page),
        _beyond(report, page),
        _dimensions(report, page),
        _must_read(report, page),
        _tree(report, page),
        _regions(report, page),
        _not_seen(report, page),
        _undo(report, page),
        _next_steps(report, page),
    )
    text = "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"
    return _COMMAND.sub(r"\1| ", text)


def _verdict(report: Report, page: _Page) -> Iterator[str]:
    word = page.paint(f"1;{_VERDICT_COLOURS[report.verdict]}", VERDICT_WORDS[report.verdict])
    mode = "  (report only: the exit code does not say so)" if report.report_only else ""
    yield f"{word}  {WORDS.standing(report)}{mode}"
    yield from page.wrapped(WORDS.reach(report))
    for heading, text in WORDS.in_short(report):
        yield from page.wrapped(text, f"  {heading:<10}  ", " " * 14)
    for line in WORDS.circumstances(report):
        yield from page.wrapped(line, "  ", "    ")
    for plan in report.plans:
        version = f"  {plan.terraform_version}" if plan.terraform_version else ""
        yield from page.wrapped(
            f"{WORDS.name(plan.path)}  sha256:{plan.sha256[:12]}{WORDS.name(version)}", "  ", "    "
        )


def _since(report: Report, page: _Page) -> Iterator[str]:
    if report.since is None:
        return
    yield page.heading(f"Since the report before: {WORDS.since(report.since)}")
    for mark, differences in (("+", report.since.wider), ("-", report.since.narrower)):
        for line in WORDS.differences(differences, page.most(DIFFERENCES_SHOWN)):
            yield from page.wrapped(line, f"  {mark} ", "    ")


def _beyond(report: Report, page: _Page) -> Iterator[str]:
    if report.excesses:
        yield page.heading("Beyond what was agreed")
        for excess in report.excesses:
            count = f"  [{plural(len(excess.addresses), 'resource')}]" if excess.addresses else ""
            text = f"{plain(excess.limit)}: {WORDS.sentence(excess.message)}{count}"
            yield from page.wrapped(text, "  x ", "      ")
            yield from page.wrapped(f"why: {plain(excess.why)}; {plain(excess.advice)}", "      ")


def _dimensions(report: Report, page: _Page) -> Iterator[str]:
    rows = [row for row in report.dimensions if row.agreed != NO_LIMIT or row.beyond]
    if not report.resources or not rows:
        return
    yield page.heading(_table_line(("dimension", "agreed", "direct", "affected", "beyond")))
    for row in rows:
        yield from _dimension(row, page.width)


_COLUMNS: Final = (13, 20, 6, 8)
"""The widths of the table of dimensions; what is beyond gets the rest."""


def _dimension(row: Dimension, width: int) -> Iterator[str]:
    room = width - len(_table_line(("", "", "", "", ".")))
    agreed = wrapped(plain(row.agreed), _COLUMNS[1])
    beyond = wrapped(", ".join(map(WORDS.name, row.beyond)) or "-", room)
    cells = zip_longest([row.kind.value], agreed, [str(row.direct)], [str(row.affected)], beyond, fillvalue="")
    yield from map(_table_line, cells)


def _table_line(cells: Iterable[str]) -> str:
    return "  " + "  ".join(padded(cell, width) for cell, width in zip(cells, (*_COLUMNS, 0), strict=True)).rstrip()


def _must_read(report: Report, page: _Page) -> Iterator[str]:
    ranked = ranked_resources(report)
    if not ranked:
        return
    shown = ranked[: page.most(ROWS_SHOWN)]
    counted = f" ({len(shown)} of {len(ranked)})" if len(ranked) > len(shown) else ""
    yield page.heading(f"Read these first{counted}")
    signals = signals_by_address(report.signals)
    explained = explained_at(shown, signals)
    for resource, place in zip(shown, WORDS.places(shown), strict=True):
        yield from _resource(resource, place, page)
        for signal in signals.get(resource.address, ()):
            yield from _signal(signal, (resource.address, signal.rule) in explained, page)
        for line in WORDS.cause(resource):
            yield from page.wrapped(line, "      ", "        ")


def _resource(resource: Resource, place: Sequence[str], page: _Page) -> Iterator[str]:
    mark = "!" if is_destroyed(resource) else "~"
    word = WORDS.name(resource.change or resource.how.value)
    deposed = f" (deposed {WORDS.name(resource.deposed)})" if resource.deposed else ""
    line = f"  {mark} {word}  {WORDS.name(resource.address)}{deposed}"
    yield page.paint("31", line) if mark == "!" else line
    if resource.source:
        yield f"      at {WORDS.name(str(resource.source))}"
    yield from page.wrapped(" | ".join(place), "      ")
    for other in WORDS.also(resource.placement):
        yield from page.wrapped(other, "      ")


def _signal(signal: Signal, is_explained: bool, page: _Page) -> Iterator[str]:
    text = f"{signal.severity.value}: {WORDS.name(signal.message)} [{WORDS.name(signal.rule)}]"
    yield from page.wrapped(text, "      ", "        ")
    if is_explained:
        yield from page.wrapped(plain(signal.do), "        ")


def _tree(report: Report, page: _Page) -> Iterator[str]:
    lines = list(branches(report))
    if lines:
        yield page.heading("What hangs on what")
        for branch in lines[: page.most(BRANCHES_SHOWN)]:
            yield f"  {in_words(branch, WORDS.name, page.most(page.width - 2))}"
        if len(lines) > page.most(BRANCHES_SHOWN):
            yield f"  and {len(lines) - BRANCHES_SHOWN} more, all with --verbose"


def _regions(report: Report, page: _Page) -> Iterator[str]:
    rows = list(report.footprint.regions.items())
    if len(report.resources) <= ROWS_SHOWN and len(rows) < 2:
        return
    if rows:
        yield page.heading("By region")
    members, left = resources_by_region(report.resources), left_behind(report.resources)
    for key, tally in rows[: page.most(REGIONS_SHOWN)]:
        law = ", ".join(sorted(report.footprint.region_jurisdictions.get(key, ())))
        standing = members.get(key, ())
        counted = counts_in_words(tally) + standing_in_words(len(standing), left[key])
        yield from page.wrapped(f"{WORDS.region(key)}{f' [{plain(law)}]' if law else ''}: {counted}", "  ", "      ")
        named = [f"{WORDS.name(name)} ({count})" for name, count in modules_counted(standing)]
        yield from page.wrapped(some(named, page.most(MODULES_SHOWN)), "      ", "      ")
    if len(rows) > page.most(REGIONS_SHOWN):
        yield f"  and {len(rows) - REGIONS_SHOWN} more regions"


def _not_seen(report: Report, page: _Page) -> Iterator[str]:
    lines = list(WORDS.gaps(report))
    if lines:
        yield page.heading("What could not be seen")
        for line in lines[: page.most(NOTES_SHOWN)]:
            yield from page.wrapped(line, "  - ", "    ")
        if len(lines) > page.most(NOTES_SHOWN):
            yield f"  and {len(lines) - NOTES_SHOWN} more, all with --verbose"


def _undo(report: Report, page: _Page) -> Iterator[str]:
    ways = undos(note for note in report.rollback if page.verbose or note.undoing is not Undoing.REVERT)
    if not ways:
        return
    yield page.heading("How to undo")
    for way in ways[: page.most(NOTES_SHOWN)]:
        named = some(map(WORDS.name, way.addresses), page.most(ADDRESSES_SHOWN))
        yield from page.wrapped(f"{named}{f': {way.kind}' if way.kind else ''}", "  - ", "    ")
        for when, step in way.steps:
            if page.verbose or when == "before":
                yield from page.wrapped(f"{when}: {WORDS.name(step)}", "      ", "        ")
    if left := sum(len(way.addresses) for way in ways[page.most(NOTES_SHOWN) :]):
        yield f"  and {plural(left, 'more change')}, with every step, with --verbose"


def _next_steps(report: Report, page: _Page) -> Iterator[str]:
    if report.verdict is Verdict.PASS:
        return
    yield page.heading("What now")
    if report.verdict is Verdict.NEEDS_SIGN_OFF:
        yield from page.wrapped(f"To open it: {WORDS.people(report.requirements)}", "  ", "    ")
        yield from page.wrapped(f"To sign: agree to exactly this, {report.fingerprint}", "  ", "    ")
    regions = [key.region for key, tally in report.footprint.regions.items() if key.region and tally.direct]
    if len(regions) > 1:
        yield from page.wrapped("To narrow: one change per region, each with its own plan", "  ", "    ")
    yield from page.wrapped("To see why an address is here: scopegate explain PLAN ADDRESS", "  ", "    ")
