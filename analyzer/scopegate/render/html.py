"""The report as one page that needs nothing but a browser: no network, no other file, readable without its script.

What a person must know first is plain HTML; the graph and the table are drawn by ``page.js`` from the data island. The
page's policy lets exactly its own two scripts and its own style run, by their digests, and lets it load nothing.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from scopegate.reach.footprint import RegionKey
from scopegate.reach.model import How
from scopegate.render.escape import plain
from scopegate.render.page_data import island, places_of
from scopegate.render.picture import also_in, left_behind, region_of, resources_by_region, standing_in_words
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
from scopegate.render.world import Spot, map_of, on_map
from scopegate.signals.model import Signal
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Dimension, Report, Resource

NO_LIMIT: Final = "no limit"
ROWS_SHOWN: Final = 8
NOTES_SHOWN: Final = 40
ADDRESSES_SHOWN: Final = 12
_MARKS: Final = {Verdict.PASS: "✓", Verdict.NEEDS_SIGN_OFF: "!", Verdict.BLOCKED: "×"}


def _text(text: str) -> str:
    return escape(plain(text))


def _name(text: str) -> str:
    return f"<code>{_text(text)}</code>"


WORDS: Final = Wording(_name, _text)


def render(report: Report) -> str:
    """Return the page, with a line break at the end."""
    report = by_place(report)
    return "\n".join([*_head(report), *_body(report), *_scripts(report), "</body>", "</html>"]) + "\n"


@cache
def _asset(name: str) -> str:
    return (files("scopegate_rules") / "web" / name).read_text(encoding="utf-8")


def _head(report: Report) -> Iterator[str]:
    title = f"{VERDICT_WORDS[report.verdict]}: scopegate on {', '.join(plan.path for plan in report.plans)}"
    scripts = " ".join(_digest(_asset(name)) for name in ("cytoscape.min.js", "page.js"))
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"script-src {scripts}; style-src {_digest(_asset('page.css'))}; base-uri 'none'; form-action 'none'\">"
    )
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(title)}</title>"
    # The graph library adds a style of its own unless it finds one with this id; ours holds its one rule.
    yield f'<style id="__________cytoscape_stylesheet">{_asset("page.css")}</style>'
    yield "</head>"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _scripts(report: Report) -> Iterator[str]:
    yield f'<script type="application/json" id="data">{island(report)}</script>'
    yield f"<script>{_asset('cytoscape.min.js')}</script>"
    yield f"<script>{_asset('page.js')}</script>"


def _body(report: Report) -> Iterator[str]:
    yield "<body>"
    yield from _verdict(report)
    yield "<main>"
    yield from _beyond(report)
    yield from _dimensions(report)
    yield from _map(report)
    yield from _must_read(report)
    yield _asset("explorer.html")
    yield from _undo(report)
    yield from _not_seen(report)
    yield from _what_now(report)
    yield "</main>"
    yield from _foot(report)


def _verdict(report: Report) -> Iterator[str]:
    yield f'<header><div class="top"><div class="verdict {report.verdict.value}">'
    yield f'<h1><span aria-hidden="true">{_MARKS[report.verdict]}</span> {VERDICT_WORDS[report.verdict]}</h1>'
    yield f"<p><strong>{WORDS.standing(report)}</strong></p>"
    if report.report_only:
        yield "<p>Report only: the exit code does not say so.</p>"
    yield '</div><button type="button" class="theme screen" id="theme" hidden>Light or dark</button></div>'
    yield f"<p>{WORDS.reach(report)}</p>"
    yield from _since(report)
    yield '<dl class="short">'
    yield from (f"<dt>{heading}</dt> <dd>{text}</dd>" for heading, text in WORDS.in_short(report))
    yield "</dl>"
    yield from (f"<p>{line}</p>" for line in WORDS.circumstances(report))
    yield "</header>"


def _since(report: Report) -> Iterator[str]:
    if report.since is None:
        return
    yield f"<h2>Since the report before: {WORDS.since(report.since)}</h2>"
    yield "<ul>"
    for word, differences in (("wider", report.since.wider), ("narrower", report.since.narrower)):
        yield from (f"<li>{word}: {line}</li>" for line in WORDS.differences(differences, NOTES_SHOWN))
    yield "</ul>"


def _beyond(report: Report) -> Iterator[str]:
    if report.excesses:
        yield '<h2>Beyond what was agreed</h2>\n<ul class="cards">'
        for number, excess in enumerate(report.excesses):
            yield f"<li><h3>{_name(excess.limit)}</h3><p>{_text(excess.message)}</p>"
            yield f'<p class="quiet">Why: {_text(excess.why)}; {_text(excess.advice)}</p>'
            if excess.addresses:
                yield (
                    f'<p><button type="button" data-limit="{number}">Show {plural(len(excess.addresses), "resource")}'
                    f'<span class="heard"> of {_text(excess.limit)}</span></button></p>'
                )
            yield "</li>"
        yield "</ul>"


def _dimensions(report: Report) -> Iterator[str]:
    rows = [row for row in report.dimensions if row.agreed != NO_LIMIT or row.beyond]
    if report.resources and rows:
        yield '<h2 id="agreed">Agreed and reached</h2>'
        yield '<div class="scroll" tabindex="0" role="region" aria-labelledby="agreed">'
        yield '<table><thead><tr><th scope="col">Dimension</th><th scope="col">Agreed</th>'
        yield '<th scope="col" class="number">Direct</th><th scope="col" class="number">Affected</th>'
        yield '<th scope="col">Beyond</th></tr></thead><tbody>'
        yield from map(_dimension, rows)
        yield "</tbody></table></div>"


def _dimension(row: Dimension) -> str:
    beyond = ", ".join(map(_name, row.beyond)) or "nothing"
    return (
        f'<tr><th scope="row">{row.kind.value}</th><td>{_text(row.agreed)}</td><td class="number">{row.direct}</td>'
        f'<td class="number">{row.affected}</td><td>{beyond}</td></tr>'
    )


def _map(report: Report) -> Iterator[str]:
    spots = _spots(report)
    if not spots:
        return
    yield "<h2>Where it reaches</h2>"
    yield map_of([spot for spot in spots if on_map(spot.key)], _routes(report))
    yield '<ul class="key"><li>filled: changed or affected there</li>'
    yield "<li>dashed: exposed only, named by an attribute, or moved away from</li>"
    yield "<li>line: an attribute leads there</li><li>! destroyed, replaced or let go of</li></ul>"
    yield '<ul class="places">'
    for spot in spots:
        button = f'<button type="button" data-place="{spot.number}" aria-pressed="false">'
        yield f"<li>{button}{_text(spot.title)}</button></li>"
    yield "</ul>"


def _spots(report: Report) -> list[Spot]:
    members, left = resources_by_region(report.resources), left_behind(report.resources)
    return [_spot(report, number, key, members.get(key, []), left[key]) for number, key in enumerate(places_of(report))]


def _spot(report: Report, number: int, key: RegionKey, members: Sequence[Resource], left: int) -> Spot:
    tally = report.footprint.regions[key]
    destroyed = sum(map(is_destroyed, members))
    law = ", ".join(sorted(report.footprint.region_jurisdictions.get(key, ())))
    own = next((how.value for how in How if any(resource.how is how for resource in members)), "named")
    title = (
        f"{'! ' if destroyed else ''}{_RAW.region(key)}{f' (law of {law})' if law else ''}: {counts_in_words(tally)}"
        f"{f', {destroyed} destroyed' if destroyed else ''}{standing_in_words(len(members), left)}"
    )
    count = len(tally.direct) + len(tally.affected) + len(tally.exposed)
    return Spot(number, key, "destroyed" if destroyed else own, count, title)


_RAW: Final = Wording(str, str)


def _routes(report: Report) -> list[tuple[RegionKey, RegionKey]]:
    return [
        (own, place)
        for resource in report.resources
        if resource.placement.also_reaches and (own := region_of(resource))
        for _, place in also_in(resource)
    ]


def _must_read(report: Report) -> Iterator[str]:
    ranked = ranked_resources(report)
    shown = ranked[:ROWS_SHOWN]
    if shown:
        counted = f" ({len(shown)} of {len(ranked)})" if len(ranked) > len(shown) else ""
        signals = signals_by_address(report.signals)
        yield f'<h2>Read these first{counted}</h2>\n<ul class="cards">'
        explained = explained_at(shown, signals)
        for resource, place in zip(shown, WORDS.places(shown), strict=True):
            yield "<li>"
            yield from _resource(resource, place)
            for signal in signals.get(resource.address, ()):
                yield from _signal(signal, (resource.address, signal.rule) in explained)
            yield from (f"<p>{line}</p>" for line in WORDS.cause(resource))
            yield "</li>"
        yield "</ul>"


def _resource(resource: Resource, place: Sequence[str]) -> Iterator[str]:
    mark = "! " if is_destroyed(resource) else ""
    kind = "mark destroyed" if mark else "mark"
    word = f'<span class="{kind}">{mark}{_text(resource.change or resource.how.value)}</span>'
    deposed = f" (deposed {_name(resource.deposed)})" if resource.deposed else ""
    yield f"<p>{word} {_name(resource.address)}{deposed}</p>"
    yield f'<p class="quiet">{" · ".join(place)}</p>'
    yield from (f'<p class="quiet">{line}</p>' for line in WORDS.also(resource.placement))
    if resource.source:
        yield f'<p class="quiet">at {_name(str(resource.source))}</p>'


def _signal(signal: Signal, is_explained: bool) -> Iterator[str]:
    severity = f'<span class="mark {signal.severity.value}">{signal.severity.value}</span>'
    yield f"<p>{severity}: {_text(signal.message)}</p>"
    if is_explained:
        yield f"<p>{_text(signal.do)}</p>"


def _undo(report: Report) -> Iterator[str]:
    ways = undos(report.rollback)
    if ways:
        shown = ways[:NOTES_SHOWN]
        counted = f"{sum(len(way.addresses) for way in shown)} of {plural(len(report.rollback), 'change')}"
        yield "<h2>How to undo</h2>"
        yield f"<details><summary>Steps for {counted}</summary><ul>"
        for way in shown:
            yield f"<li>{some(map(_name, way.addresses), ADDRESSES_SHOWN)}{f': {way.kind}' if way.kind else ''}"
            yield f"<ul>{''.join(f'<li>{when}: {_text(step)}</li>' for when, step in way.steps)}</ul></li>"
        yield "</ul></details>"


def _not_seen(report: Report) -> Iterator[str]:
    lines = list(WORDS.gaps(report))
    if lines:
        yield "<h2>What could not be seen</h2>\n<ul>"
        yield from (f"<li>{line}</li>" for line in lines)
        yield "</ul>"


def _what_now(report: Report) -> Iterator[str]:
    if report.verdict is Verdict.NEEDS_SIGN_OFF:
        yield "<h2>To sign</h2>"
        yield f"<p>{WORDS.people(report.requirements)}. They agree to exactly this: {_name(report.fingerprint)}</p>"


def _foot(report: Report) -> Iterator[str]:
    plans = ", ".join(f"{_name(plan.path)} (sha256:{plan.sha256[:12]})" for plan in report.plans)
    versions = f"scopegate {_text(report.tool_version)}, facts {_text(report.facts_version)}"
    yield f"<footer>{versions}, policy {_text(report.policy)}, on {plans}."
    yield "Coastlines: Natural Earth. Places of regions: GeoNames, to a tenth of a degree.</footer>"
