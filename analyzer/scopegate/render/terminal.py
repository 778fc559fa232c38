"""The report as text for a terminal or a pipe: verdict first, then why, then the rest, cut and counted.

Every colour has a word or a mark beside it that says the same. Lines hold to the width asked for, except that an
address is never cut.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from scopegate.place.placement import Known, Placement, Unknown
from scopegate.policy.kinds import AuthorKind
from scopegate.policy.sign_off import ANYONE
from scopegate.reach.footprint import RegionKey, Tally
from scopegate.reach.model import How
from scopegate.render.escape import plain
from scopegate.signals.model import Severity, Signal
from scopegate.signals.recipes import Undoing
from scopegate.signals.rollback import RollbackNote
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Dimension, Report, Resource, Step
from scopegate.verdict.requirements import Requirement

NO_LIMIT: Final = "no limit"
ROWS_SHOWN: Final = 8
"""How many resources are shown one by one; a reader stops after about so many."""
REGIONS_SHOWN: Final = 20
NOTES_SHOWN: Final = 6
STEPS_SHOWN: Final = 4

NARROWEST: Final = 70

_VERDICT_COLOURS = {Verdict.PASS: "32", Verdict.NEEDS_SIGN_OFF: "33", Verdict.BLOCKED: "31"}
_VERDICT_WORDS = {Verdict.PASS: "PASS", Verdict.NEEDS_SIGN_OFF: "NEEDS SIGN-OFF", Verdict.BLOCKED: "BLOCKED"}


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    colour: bool

    def paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def heading(self, text: str) -> str:
        return self.paint("1", text)

    def wrapped(self, text: str, indent: str = "  ", hanging: str | None = None) -> list[str]:
        """Return ``text`` in lines of the page's width; a word longer than a line is left whole."""
        return textwrap.wrap(
            text,
            self.width,
            initial_indent=indent,
            subsequent_indent=indent if hanging is None else hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )


def render(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as lines of text, with a line break at the end."""
    page = _Page(max(width, NARROWEST), colour)
    sections = (
        _verdict(report, page),
        _beyond(report, page),
        _dimensions(report, page),
        _must_read(report, page),
        _regions(report, page),
        _not_seen(report, page),
        _undo(report, page),
        _next_steps(report, page),
    )
    return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"


def _verdict(report: Report, page: _Page) -> Iterator[str]:
    word = page.paint(f"1;{_VERDICT_COLOURS[report.verdict]}", _VERDICT_WORDS[report.verdict])
    mode = "  (report only: the exit code does not say so)" if report.report_only else ""
    yield f"{word}  {_who(report)}{mode}"
    yield from page.wrapped(_reach_in_words(report))
    for line in _circumstances(report):
        yield from page.wrapped(line, "  ", "    ")
    for plan in report.plans:
        version = f"  {plan.terraform_version}" if plan.terraform_version else ""
        yield f"  {plain(plan.path)}  sha256:{plan.sha256[:12]}{plain(version)}"


def _who(report: Report) -> str:
    match report.verdict:
        case Verdict.PASS if report.circumstances.break_glass:
            return "BY BREAK-GLASS: nobody had to agree to what is beyond"
        case Verdict.PASS:
            return "nothing beyond what was agreed" if not report.excesses else "everything beyond was signed off"
        case Verdict.BLOCKED:
            return "nobody can release this under the policy; change the plan or the policy"
        case Verdict.NEEDS_SIGN_OFF:
            return "; ".join(_requirement(requirement) for requirement in report.requirements if not requirement.met)


def _circumstances(report: Report) -> Iterator[str]:
    """Yield what was said beside the plan, where somebody said something."""
    beside = report.circumstances
    if beside.author is AuthorKind.AGENT:
        yield "Written by an AI agent: what the policy asks of agents comes on top."
    for scope in beside.declared:
        said = "; ".join(f"{kind.value} {_some([plain(v) for v in values], 6)}" for kind, values in scope.allow.items())
        yield f"Declared to reach only ({plain(scope.source)}): {said}."
    if beside.barred:
        yield f"Cannot sign: {'; '.join(f'{plain(who)} ({plain(why)})' for who, why in beside.barred.items())}."
    for use in beside.waived:
        waiver = use.waiver
        what = f"{plain(waiver.limit or waiver.rule)} for {_some([plain(address) for address in use.addresses], 3)}"
        reason = f"{plain(waiver.reason)} ({plain(waiver.origin)})"
        yield f"Waived until {waiver.expires.isoformat()} by {plain(waiver.by)}, {what}: {reason}"
    if beside.break_glass:
        broken = beside.break_glass
        by = ", ".join(plain(person.who) for person in broken.by)
        yield (
            f"Break-glass by {by} until {broken.expires.isoformat()}, {plain(broken.ticket)}: {plain(broken.reason)}"
        )


def _requirement(requirement: Requirement) -> str:
    groups = " or ".join("anyone eligible" if group == ANYONE else plain(group) for group in requirement.groups)
    given = len(requirement.satisfied_by)
    return f"{given} of {requirement.count} signed ({groups})"


def _reach_in_words(report: Report) -> str:
    places = report.footprint
    regions = [key for key, tally in places.regions.items() if tally.direct or tally.affected]
    named = list(dict.fromkeys(plain(key.region or "a region not known") for key in regions))
    partitions = sorted({partition_in_words(key.provider, key.partition) for key in regions})
    counts = ", ".join(f"{report.touched(how)} {how.value}" for how in How)
    if not report.resources:
        return "Changes nothing."
    if not named:
        return f"Reaches no place: {counts}."
    return f"Reaches {_some(named, 6)} in {_some(partitions, 4)} ({_jurisdictions_in_words(report)}): {counts}."


def _jurisdictions_in_words(report: Report) -> str:
    rows = report.footprint.jurisdictions.items()
    reached = [plain(value or "unknown") for value, tally in rows if tally.direct or tally.affected]
    return f"law of {_some(reached, 6)}" if reached else "no jurisdiction of its own"


def _beyond(report: Report, page: _Page) -> Iterator[str]:
    if report.excesses:
        yield page.heading("Beyond what was agreed")
        for excess in report.excesses:
            count = f"  [{_plural(len(excess.addresses), 'resource')}]" if excess.addresses else ""
            text = f"{plain(excess.limit)}: {plain(excess.message)}{count}"
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
    agreed = textwrap.wrap(plain(row.agreed), _COLUMNS[1])
    named = ", ".join(plain(value) for value in row.beyond) or "-"
    beyond = textwrap.wrap(named, room, break_long_words=False, break_on_hyphens=False)
    cells = zip_longest([row.kind.value], agreed, [str(row.direct)], [str(row.affected)], beyond, fillvalue="")
    yield from map(_table_line, cells)


def _table_line(cells: Iterable[str]) -> str:
    return "  " + "  ".join(cell.ljust(width) for cell, width in zip(cells, (*_COLUMNS, 0), strict=True)).rstrip()


def _must_read(report: Report, page: _Page) -> Iterator[str]:
    ranked = ranked_resources(report)
    if not ranked:
        return
    shown = ranked[:ROWS_SHOWN]
    counted = f" ({len(shown)} of {len(ranked)})" if len(ranked) > len(shown) else ""
    yield page.heading(f"Read these first{counted}")
    signals = _signals_by_address(report.signals)
    for resource in shown:
        yield from _resource(resource, signals.get(resource.address, ()), page)


def ranked_resources(report: Report) -> list[Resource]:
    """Return the touched resources, first what must be read: high signals, destruction, direct, beyond a limit."""
    beyond = {address for excess in report.excesses for address in excess.addresses}
    severe = {signal.address for signal in report.signals if signal.severity is Severity.HIGH}
    order = list(How)

    def rank(resource: Resource) -> tuple[bool, bool, int, bool]:
        return (
            resource.address not in severe,
            not (resource.destructive and resource.how is How.DIRECT),
            order.index(resource.how),
            resource.address not in beyond,
        )

    return sorted(report.resources, key=rank)


def _signals_by_address(signals: Iterable[Signal]) -> dict[str, tuple[Signal, ...]]:
    found: dict[str, tuple[Signal, ...]] = {}
    for signal in signals:
        found[signal.address] = (*found.get(signal.address, ()), signal)
    return found


def _resource(resource: Resource, signals: Sequence[Signal], page: _Page) -> Iterator[str]:
    mark = "!" if resource.destructive and resource.how is How.DIRECT else "~"
    word = resource.change or resource.how.value
    deposed = f" (deposed {plain(resource.deposed)})" if resource.deposed else ""
    line = f"  {mark} {word}  {plain(resource.address)}{deposed}"
    yield page.paint("31", line) if mark == "!" else line
    yield from page.wrapped(place_in_words(resource.placement), "      ")
    for other in resource.placement.also_reaches:
        if other.kind == "moves":  # said with the region itself
            continue
        place = ", ".join(plain(part) for part in (other.region, other.account) if part)
        yield from page.wrapped(f"also {plain(other.kind)} {place} (by {plain(other.evidence)})", "      ")
    for signal in sorted(signals, key=lambda signal: list(Severity).index(signal.severity)):
        text = f"{signal.severity.value}: {plain(signal.message)} [{plain(signal.rule)}]"
        yield from page.wrapped(text, "      ", "        ")
    if resource.why:
        yield from page.wrapped(plain(resource.why), "      ", "        ")
    if len(resource.path) > 1:
        yield from page.wrapped(f"because {path_in_words(resource.path)}", "      ", "        ")


def place_in_words(placement: Placement) -> str:
    """Return where an instance is on one line: region, partition, law, service, account, effect."""
    if not placement.located:
        return "no place (a helper of the configuration)"
    parts = [_region_in_words(placement)]
    if isinstance(placement.service, Known):
        parts.append(plain(placement.service.value))
    if isinstance(placement.account, Known):
        parts.append(f"account {plain(placement.account.value)}")
    if placement.effect:
        parts.append(f"effect: {plain(placement.effect)}")
    return " | ".join(parts)


def _region_in_words(placement: Placement) -> str:
    if isinstance(placement.region, Unknown):
        return f"region unknown: {plain(placement.region.reason)}"
    region = plain(placement.region.value)
    if placement.home_region:
        region += f", run from {plain(placement.home_region)}"
    if placement.previous_region:
        region += f", moved away from {plain(placement.previous_region.value)}"
    law = placement.jurisdictions
    codes = "/".join(sorted(law.value)) or "no law of its own" if isinstance(law, Known) else "law unknown"
    partition = placement.partition.value if isinstance(placement.partition, Known) else None
    return f"{region} ({partition_in_words(placement.provider, partition)}, {plain(codes)})"


def partition_in_words(provider: str, partition: str | None) -> str:
    """Return a partition, those of Azure (``public``, ``china``) with the word their own name lacks."""
    if partition is None:
        return f"{plain(provider)}, partition unknown"
    return f"azure {plain(partition)}" if provider.startswith("az") else plain(partition)


def path_in_words(path: Sequence[Step]) -> str:
    """Return a path of cause, the change first: ``a -> b (its subnet_id)``; long paths lose their middle, counted."""
    steps = [_step(step) for step in path]
    if len(steps) > STEPS_SHOWN:
        left_out = len(steps) - STEPS_SHOWN
        steps = [*steps[:2], f"({left_out} more)", *steps[-2:]]
    return " -> ".join(steps)


def _step(step: Step) -> str:
    reason = f" ({plain(step.attribute or step.kind)})" if step.kind else ""
    return plain(step.address) + reason


def _regions(report: Report, page: _Page) -> Iterator[str]:
    rows = list(report.footprint.regions.items())
    if len(report.resources) <= ROWS_SHOWN and len(rows) < 2:
        return
    if rows:
        yield page.heading("By region")
    for key, tally in rows[:REGIONS_SHOWN]:
        counts = ", ".join(f"{len(found)} {how.value}" for how, found in _by_how(tally) if found)
        law = ", ".join(sorted(report.footprint.region_jurisdictions.get(key, ())))
        yield from page.wrapped(f"{_region_name(key)}{f' [{plain(law)}]' if law else ''}: {counts}", "  ", "      ")
        yield from page.wrapped(_modules_in_words(report, key), "      ", "      ")
    if len(rows) > REGIONS_SHOWN:
        yield f"  and {len(rows) - REGIONS_SHOWN} more regions"


def _by_how(tally: Tally) -> tuple[tuple[How, tuple[int, ...]], ...]:
    return ((How.DIRECT, tally.direct), (How.AFFECTED, tally.affected), (How.EXPOSED, tally.exposed))


def _region_name(key: RegionKey) -> str:
    return f"{partition_in_words(key.provider, key.partition)}: {plain(key.region or 'region unknown')}"


def _modules_in_words(report: Report, key: RegionKey) -> str:
    """Return the modules (or, in the root, the types) with most touches in a region, the rest counted."""
    groups: Counter[str] = Counter()
    for resource in report.resources:
        own = resource.placement.region
        if (
            resource.placement.provider == key.provider
            and (own.value if isinstance(own, Known) else None) == key.region
        ):
            groups[_group(resource)] += 1
    return _some([f"{plain(name)} ({count})" for name, count in groups.most_common()], 4)


def _group(resource: Resource) -> str:
    address = resource.path[-1].address
    return address.rpartition(f"{resource.type}.")[0].rstrip(".") or resource.type


def _not_seen(report: Report, page: _Page) -> Iterator[str]:
    lines = list(_gaps(report))
    if lines:
        yield page.heading("What could not be seen")
        for line in lines[:NOTES_SHOWN]:
            yield from page.wrapped(line, "  - ", "    ")
        if len(lines) > NOTES_SHOWN:
            yield f"  and {len(lines) - NOTES_SHOWN} more, all in --format json"


def _gaps(report: Report) -> Iterator[str]:
    coverage = report.coverage
    if coverage.region_unknown:
        yield f"the region of {coverage.region_unknown} of {_plural(coverage.resources, 'resource')} in the plan"
    if accounts := sum(len(tally.direct) for key, tally in report.footprint.accounts.items() if key.value is None):
        yield f"the account of {_plural(accounts, 'direct change')}"
    if coverage.edges_incomplete:
        hidden = [
            f"{plain(item.block)} (by {_some([plain(n) for n in item.locals], 2) or 'what is not in the plan'})"
            for item in coverage.edges_incomplete
        ]
        yield f"edges may be incomplete, hidden behind locals: {_some(hidden, 3)}"
    if coverage.types_unmapped:
        yield f"types in no fact table: {_some([plain(name) for name in coverage.types_unmapped], 5)}"
    yield from (plain(note) for note in coverage.notes)


def _undo(report: Report, page: _Page) -> Iterator[str]:
    lasting = sorted((note for note in report.rollback if note.undoing is not Undoing.REVERT), key=_how_lasting)
    if not lasting:
        return
    lost = sum(note.undoing is Undoing.IRREVERSIBLE for note in lasting)
    reverted = len(report.rollback) - len(lasting)
    yield page.heading("How to undo")
    yield f"  by the old commit: {reverted}, with loss: {len(lasting) - lost}, not at all: {lost}"
    for note in lasting[:NOTES_SHOWN]:
        word = "lost for good" if note.undoing is Undoing.IRREVERSIBLE else "with loss"
        yield from page.wrapped(f"{plain(note.address)}: {word}", "  - ", "    ")
        for step in note.before_apply:
            yield from page.wrapped(f"before: {plain(step)}", "      ", "        ")
    if len(lasting) > NOTES_SHOWN:
        yield f"  and {len(lasting) - NOTES_SHOWN} more, with every step, in --format json"


def _how_lasting(note: RollbackNote) -> int:
    return -list(Undoing).index(note.undoing)


def _next_steps(report: Report, page: _Page) -> Iterator[str]:
    if report.verdict is Verdict.PASS:
        return
    yield page.heading("What now")
    if report.verdict is Verdict.NEEDS_SIGN_OFF:
        yield from page.wrapped(f"To open it: {_people_in_words(report.requirements)}", "  ", "    ")
        yield from page.wrapped(f"To sign: agree to exactly this, {report.fingerprint}", "  ", "    ")
    regions = [key.region for key, tally in report.footprint.regions.items() if key.region and tally.direct]
    if len(regions) > 1:
        yield from page.wrapped("To narrow: one change per region, each with its own plan", "  ", "    ")
    yield from page.wrapped("To see why an address is here: scopegate explain PLAN ADDRESS", "  ", "    ")


def _people_in_words(requirements: Iterable[Requirement]) -> str:
    """Return the smallest set of people that opens the gate."""
    missing = [requirement for requirement in requirements if not requirement.met]
    people = sum(requirement.missing for requirement in missing)
    return f"{people} {'person' if people == 1 else 'people'}: {', and '.join(map(_missing_in_words, missing))}"


def _missing_in_words(requirement: Requirement) -> str:
    if requirement.groups == (ANYONE,):
        return f"{requirement.missing} who {'has' if requirement.missing == 1 else 'have'} no hand in the change"
    such = f" (such as {', '.join(plain(who) for who in requirement.suggested)})" if requirement.suggested else ""
    return f"{requirement.missing} of {' or '.join(plain(group) for group in requirement.groups)}{such}"


def _some(values: Sequence[str], shown: int) -> str:
    """Return the first values in words, the rest counted."""
    if len(values) <= shown:
        return ", ".join(values)
    return f"{', '.join(values[:shown])} and {len(values) - shown} more"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
