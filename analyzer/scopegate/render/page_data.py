"""What the page's script works with: every text once, everything else numbers that point at it.

A page about 10,000 resources is read by a browser in the time that one about ten is, as long as it is small.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from scopegate.place.placement import Known, Placement, value_of
from scopegate.reach.footprint import RegionKey
from scopegate.reach.model import How
from scopegate.render.escape import plain
from scopegate.render.picture import also_in, module_of, region_of
from scopegate.render.wording import UNDOING_WORDS, Wording, is_destroyed, ranked_resources, signals_by_address
from scopegate.signals.model import Signal
from scopegate.signals.rollback import RollbackNote
from scopegate.verdict.report import Report, Resource

_HOWS: Final = {how: number for number, how in enumerate(How)}
_WORDS: Final = Wording(plain, plain)

Json = dict[str, Any]


class _Words(Struct):
    """Every text of the page once. Mutable, used within one call only."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.numbers.setdefault(plain(text), len(self.numbers))


def places_of(report: Report) -> tuple[RegionKey, ...]:
    """Return the places of a report in the order of the page; what the page says of a place, it says by its number."""
    return tuple(report.footprint.regions)


def island(report: Report) -> str:
    """Return the data of the page as JSON that cannot end the element it stands in."""
    text = msgspec.json.encode(_document(report)).decode()
    # "</script", "<!--" and "]]>" would end or change the element; as escapes they are the same strings.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _document(report: Report) -> Json:
    table = _Table(report)
    return {
        "resources": [table.row(resource) for resource in report.resources],
        "evidence": table.evidence,
        "places": [{"name": _WORDS.region(key)} for key in table.places],
        "rules": [_rule(signal) for signal in table.rules.values()],
        "limits": [
            {"name": plain(excess.limit), "resources": sorted({*map(table.positions.get, excess.addresses)} - {None})}
            for excess in report.excesses
        ],
        "notes": [table.note(note) for note in report.rollback],
        "words": list(table.words.numbers),
    }


class _Table:
    """The rows of the page and what they point at."""

    def __init__(self, report: Report) -> None:
        self.words = _Words()
        self.places = {key: number for number, key in enumerate(places_of(report))}
        self.rules = {signal.rule: signal for signal in report.signals}
        self.rule_numbers = {rule: number for number, rule in enumerate(self.rules)}
        self.signals = signals_by_address(report.signals)
        self.notes = {note.address: number for number, note in enumerate(report.rollback)}
        self.positions = {r.address: number for number, r in reversed(list(enumerate(report.resources)))}
        self.ranks = {id(resource): rank for rank, resource in enumerate(ranked_resources(report))}
        self.evidence: list[list[int]] = []
        self.evidence_of: dict[int, int] = {}

    def row(self, resource: Resource) -> list[Any]:
        """Return what is said of a resource, in the order that the script reads it in."""
        number, placement = self.words.number, resource.placement
        region = region_of(resource)
        return [
            number(resource.address + (f" (deposed {resource.deposed})" if resource.deposed else "")),
            number(resource.type),
            number(resource.change) if resource.change else -1,
            _HOWS[resource.how],
            self.places.get(region, -1) if region else -1,
            number(value_of(placement.service) or ""),
            number(value_of(placement.account) or ""),
            number(module_of(resource)),
            self.positions.get(resource.path[-2].address, -1) if len(resource.path) > 1 else -1,
            number(resource.path[-1].attribute),
            number(resource.why),
            number(str(resource.source) if resource.source else ""),
            int(is_destroyed(resource)),
            [[self.rule_numbers[s.rule], number(s.message)] for s in self.signals.get(resource.address, ())],
            self.notes.get(resource.address, -1) if resource.how is How.DIRECT else -1,
            self._evidence_number(placement),
            [[number(o.kind), self.places.get(key, -1), number(o.evidence)] for o, key in also_in(resource)],
            self.ranks[id(resource)],
        ]

    def note(self, note: RollbackNote) -> Json:
        number = self.words.number
        return {
            "undoing": number(UNDOING_WORDS[note.undoing]),
            "before": list(map(number, note.before_apply)),
            "undo": list(map(number, note.undo)),
        }

    def _evidence_number(self, placement: Placement) -> int:
        # Instances of one place share one placement, see reach.footprint.
        if id(placement) not in self.evidence_of:
            self.evidence_of[id(placement)] = len(self.evidence)
            self.evidence.append(list(map(self.words.number, _evidence(placement))))
        return self.evidence_of[id(placement)]


def _evidence(placement: Placement) -> Iterator[str]:
    if not placement.located:
        yield "no place: a helper of the configuration"
        return
    law = placement.jurisdictions
    joined = Known(", ".join(sorted(law.value)) or "none of its own", law.evidence) if isinstance(law, Known) else law
    for name, answer in (
        ("partition", placement.partition),
        ("region", placement.region),
        ("account", placement.account),
        ("environment", placement.environment),
        ("service", placement.service),
        ("jurisdictions", joined),
    ):
        known_as = f"{answer.value} ({answer.evidence})" if isinstance(answer, Known) else f"unknown: {answer.reason}"
        yield f"{name} {known_as}"
    if placement.effect:
        yield f"effect {placement.effect}"


def _rule(signal: Signal) -> Json:
    return {
        "name": plain(signal.rule),
        "category": signal.category.value,
        "severity": signal.severity.value,
        "advice": plain(f"{signal.why} {signal.do}".strip()),
    }
