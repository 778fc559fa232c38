"""The report as GitHub-flavoured Markdown, for a comment or a step summary.

Verdict first, then why, who, what is at risk and how to undo it; the rest folded. A page has a size: what does not fit
is left out by stages and counted, the verdict and what is beyond the scope never. All names are code spans, see
``render.escape``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from msgspec import Struct

from scopegate.reach.model import How
from scopegate.render.escape import LONGEST_SENTENCE, code, html, in_table, prose, prose_of_policy, visible
from scopegate.render.findings import relative_uri
from scopegate.render.mermaid import flowchart, place_in_words
from scopegate.render.picture import (
    Grouping,
    Picture,
    left_behind,
    module_or_type,
    picture_of,
    resources_by_region,
    standing_in_words,
)
from scopegate.render.whereabouts import by_place
from scopegate.render.wording import (
    VERDICT_WORDS,
    Undo,
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
from scopegate.source.model import Location
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Dimension, PlanSummary, Report, Resource

COMMENT: Final = 65_536
"""The longest comment that GitHub takes (actions/dependency-review-action, src/comment-pr.ts)."""

NO_LIMIT: Final = "no limit"
WORDS: Final = Wording(code, prose)
_IN_TABLE: Final = Wording(lambda text: in_table(code(text)), lambda text: in_table(prose(text)))
_MARKS: Final = {Verdict.PASS: "✅", Verdict.NEEDS_SIGN_OFF: "✋", Verdict.BLOCKED: "⛔"}


class _Detail(Struct, frozen=True):
    """How much of each part is shown."""

    rows: int
    resources: int
    regions: int
    notes: int
    nodes: int
    excesses: int


_STAGES: Final = (
    _Detail(rows=8, resources=200, regions=60, notes=40, nodes=40, excesses=100),
    _Detail(rows=8, resources=60, regions=40, notes=20, nodes=40, excesses=60),
    _Detail(rows=8, resources=12, regions=20, notes=10, nodes=40, excesses=40),
    _Detail(rows=8, resources=0, regions=20, notes=6, nodes=24, excesses=20),
    _Detail(rows=5, resources=0, regions=8, notes=3, nodes=0, excesses=12),
    _Detail(rows=2, resources=0, regions=0, notes=0, nodes=0, excesses=6),
    _Detail(rows=0, resources=0, regions=0, notes=0, nodes=0, excesses=2),
)
"""From the most detail to the least: the first that fits is shown."""


def render(report: Report, *, budget: int = COMMENT, blob: str = "") -> str:
    """Return the report in at most ``budget`` bytes of UTF-8, or in its shortest form.

    ``blob`` is the address below which the code host shows files at the head commit, such as
    ``https://github.com/acme/infra/blob/<sha>``. Without it, the places of blocks are named and not linked.
    """
    report = by_place(report)
    picture = cache(lambda most: picture_of(report, most))
    for detail in _STAGES[:-1]:
        page = _page(report, detail, blob, picture)
        if len(page.encode()) <= budget:
            return page
    return _page(report, _STAGES[-1], blob, picture)


def _page(report: Report, detail: _Detail, blob: str, picture: Callable[[int], Picture]) -> str:
    parts = (
        _verdict(report),
        _since(report, detail),
        _in_short(report),
        _beyond(report, detail),
        _dimensions(report),
        _must_read(report, detail, blob),
        _picture(picture(detail.nodes)) if report.resources and detail.nodes else (),
        _regions(report, detail),
        _not_seen(report, detail),
        _what_now(report),
        _undo(report, detail),
        _rest(report),
    )
    return "\n\n".join(text for part in parts if (text := "\n".join(part))) + "\n"


def _verdict(report: Report) -> Iterator[str]:
    yield f"## {_MARKS[report.verdict]} {VERDICT_WORDS[report.verdict]}"
    yield ""
    yield f"**{WORDS.standing(report)}**{' Report only: the exit code does not say so.' if report.report_only else ''}"
    yield ""
    yield WORDS.reach(report)
    for line in WORDS.circumstances(report):
        yield ""
        yield line


def _since(report: Report, detail: _Detail) -> Iterator[str]:
    if report.since is None:
        return
    yield f"**Since the report before:** {WORDS.since(report.since)}"
    yield ""
    for word, differences in (("wider", report.since.wider), ("narrower", report.since.narrower)):
        yield from (f"- {word}: {line}" for line in WORDS.differences(differences, detail.rows))


def _in_short(report: Report) -> Iterator[str]:
    for heading, text in WORDS.in_short(report):
        yield f"- **{heading}** {text}"


def _beyond(report: Report, detail: _Detail) -> Iterator[str]:
    if not report.excesses:
        return
    yield "### Beyond what was agreed"
    yield ""
    for excess in report.excesses[: detail.excesses]:
        count = f" ({plural(len(excess.addresses), 'resource')})" if excess.addresses else ""
        yield f"- **{WORDS.name(excess.limit)}**: {prose(excess.message)}{count}"
        yield f"  <br>Why: {prose_of_policy(excess.why)}; {prose_of_policy(excess.advice)}"
    yield from _more(len(report.excesses), detail.excesses, "limit exceeded", "limits exceeded")


def _dimensions(report: Report) -> Iterator[str]:
    rows = [row for row in report.dimensions if row.agreed != NO_LIMIT or row.beyond]
    if not report.resources or not rows:
        return
    yield "| Dimension | Agreed | Direct | Affected | Beyond |"
    yield "| --- | --- | ---: | ---: | --- |"
    yield from map(_dimension, rows)


def _dimension(row: Dimension) -> str:
    beyond = [_IN_TABLE.name(value) for value in row.beyond]
    shown = ", ".join(beyond[:8]) + (f" and {len(beyond) - 8} more" if len(beyond) > 8 else "")
    return (
        f"| {row.kind.value} | {_IN_TABLE.sentence(row.agreed)} | {row.direct} | {row.affected} | {shown or 'none'} |"
    )


def _must_read(report: Report, detail: _Detail, blob: str) -> Iterator[str]:
    ranked = ranked_resources(report)
    shown = ranked[: detail.rows]
    if not shown:
        yield from [f"{plural(len(ranked), 'resource')} touched, none shown for want of room."] if ranked else []
        return
    counted = f" ({len(shown)} of {len(ranked)})" if len(ranked) > len(shown) else ""
    yield f"### Read these first{counted}"
    yield ""
    signals = signals_by_address(report.signals)
    explained = explained_at(shown, signals)
    for resource, place in zip(shown, WORDS.places(shown), strict=True):
        yield from _resource(resource, place, blob)
        for signal in signals.get(resource.address, ()):
            yield f"  <br>**{signal.severity.value}**: {prose(signal.message)} ({WORDS.name(signal.rule)})"
            if (resource.address, signal.rule) in explained:
                yield f"  <br>{prose_of_policy(signal.do)}"
        for line in WORDS.cause(resource):
            yield f"  <br>{line}"


def _resource(resource: Resource, place: Sequence[str], blob: str) -> Iterator[str]:
    yield f"- {_headline(resource)}"
    if resource.source:
        yield f"  <br>{_source(resource.source, blob)}"
    yield f"  <br>{' · '.join(place)}"
    for line in WORDS.also(resource.placement):
        yield f"  <br>{line}"


def _headline(resource: Resource) -> str:
    mark = "‼️ " if is_destroyed(resource) else ""
    deposed = f" (deposed {WORDS.name(resource.deposed)})" if resource.deposed else ""
    return f"{mark}**{WORDS.sentence(resource.change or resource.how.value)}** {WORDS.name(resource.address)}{deposed}"


def _source(place: Location, blob: str) -> str:
    named = WORDS.name(str(place))
    return f"[{named}]({blob}/{relative_uri(place.file)}#L{place.line})" if blob else f"at {named}"


def _picture(picture: Picture) -> Iterator[str]:
    together = {
        Grouping.RESOURCE: "",
        Grouping.MODULE: " Too many to draw one by one: drawn together by module, or by type in the root module.",
        Grouping.TYPE: " Too many to draw one by one: drawn together by type.",
        Grouping.REGION: " Too many to draw one by one: drawn together by region.",
    }[picture.grouping]
    left_out = f" {plural(picture.left_out, 'resource')} not drawn." if picture.left_out else ""
    yield "### Picture of the reach"
    yield ""
    yield "```mermaid"
    yield flowchart(picture)
    yield "```"
    yield ""
    yield (
        "An arrow goes from what changes to what depends on it. `!` and a bold edge: destroyed or replaced; "
        f"dashed: exposed only.{together}{left_out}"
    )


def _regions(report: Report, detail: _Detail) -> Iterator[str]:
    rows = list(report.footprint.regions.items())
    members, left = resources_by_region(ranked_resources(report)), left_behind(report.resources)
    if not rows or not detail.regions:
        yield from [f"{plural(len(rows), 'region')} touched, not shown one by one."] if rows else []
        return
    yield "### By region"
    for key, tally in rows[: detail.regions]:
        law = ", ".join(sorted(report.footprint.region_jurisdictions.get(key, ())))
        standing = members.get(key, [])
        counted = counts_in_words(tally) + standing_in_words(len(standing), left[key])
        title = f"{html(place_in_words(key))}{f' ({html(law)})' if law else ''}: {counted}"
        yield from _fold(title, _by_module(standing, detail.resources)) if standing else ["", f"{title}"]
    yield from _more(len(rows), detail.regions, "region", "regions")


def _fold(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"


def _by_module(resources: Sequence[Resource], most: int) -> Iterator[str]:
    groups: dict[str, list[Resource]] = {}
    for resource in resources:
        groups.setdefault(module_or_type(resource), []).append(resource)
    shown = 0
    for name, group in groups.items():
        listed = group[: max(0, most - shown)]
        counted = f", {len(listed)} shown" if len(listed) < len(group) else ""
        yield f"- {WORDS.name(name)}: {plural(len(group), 'resource')}{counted}"
        yield from (f"  - {_headline(resource)}" for resource in listed)
        shown += len(listed)
        if len(groups) > _MODULES_SHOWN and name == list(groups)[_MODULES_SHOWN - 1]:
            yield f"- and {len(groups) - _MODULES_SHOWN} more"
            return


_MODULES_SHOWN: Final = 30


def _not_seen(report: Report, detail: _Detail) -> Iterator[str]:
    lines = list(WORDS.gaps(report))
    if lines:
        yield "### What could not be seen"
        yield ""
        yield from (f"- {line}" for line in lines[: detail.notes])
        yield from _more(len(lines), detail.notes, "gap", "gaps")


def _what_now(report: Report) -> Iterator[str]:
    if report.verdict is Verdict.PASS:
        return
    yield "### What now"
    yield ""
    if report.verdict is Verdict.NEEDS_SIGN_OFF:
        yield f"- To sign: agree to exactly this, `{report.fingerprint}`"
    for requirement in report.requirements:
        for rejected in requirement.rejected:
            yield f"- Does not count: {WORDS.name(rejected.who)}, {prose(rejected.why)}"
        break
    regions = [key.region for key, tally in report.footprint.regions.items() if key.region and tally.direct]
    if len(regions) > 1:
        yield "- To narrow: one change per region, each with its own plan"
    yield "- To see why an address is here: `scopegate explain PLAN ADDRESS`"


def _undo(report: Report, detail: _Detail) -> Iterator[str]:
    if not report.rollback:
        return
    shown = undos(report.rollback)[: detail.notes]
    if shown:
        counted = sum(len(way.addresses) for way in shown)
        yield "### How to undo"
        yield from _fold(f"Steps for {counted} of {plural(len(report.rollback), 'change')}", _steps(shown))


def _steps(ways: Iterable[Undo]) -> Iterator[str]:
    for way in ways:
        yield f"- {some(map(WORDS.name, way.addresses), _ADDRESSES_SHOWN)}{f': {way.kind}' if way.kind else ''}"
        # Not "[ ]": cmark-gfm ticks a box where "[x]" stands anywhere behind it, and a name in the plan may hold that.
        yield from (f"  - ☐ {when}: {_step(step)}" for when, step in way.steps)


_ADDRESSES_SHOWN: Final = 12


def _step(text: str) -> str:
    """Return a step of a rollback note: a sentence, which begins with a capital, or else a command to be copied."""
    return prose(text) if text[:1].isupper() else code(text, LONGEST_SENTENCE)


def _rest(report: Report) -> Iterator[str]:
    plans = some(map(_plan, report.plans), 12)
    touched = ", ".join(f"{report.touched(how)} {how.value}" for how in How)
    version = visible(report.tool_version)
    yield f"<sub>scopegate {version} on {plans}. Everything ({touched}) is in `--format json`.</sub>"


def _plan(plan: PlanSummary) -> str:
    version = f", {prose(plan.terraform_version)}" if plan.terraform_version else ""
    return f"{WORDS.name(plan.path)} (`sha256:{plan.sha256[:12]}`{version})"


def _more(every: int, shown: int, noun: str, nouns: str) -> Iterator[str]:
    if every > shown:
        yield ""
        yield f"And {every - shown} more {noun if every - shown == 1 else nouns}, all in `--format json`."
