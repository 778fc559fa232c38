"""The map of the world's cloud regions with what is touched, as SVG that needs no script to be seen."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from math import log2
from typing import Final

from msgspec import Struct

from scopegate.reach.footprint import RegionKey
from scopegate.render.escape import visible

WIDTH: Final = 2000
HEIGHT: Final = 767
_NORTH: Final = 80
_SCALE: Final = WIDTH / 360
"""The drawing of ``land.path``: degrees as they are, from 80 north to 58 south."""
_LABEL_HEIGHT: Final = 34
_LETTER_WIDTH: Final = 17
_LABELS_SHOWN: Final = 30

Point = tuple[float, float]


class Spot(Struct, frozen=True):
    """A place on the map: ``number`` is its position in the page's list, ``kind`` how it is touched, in one word."""

    number: int
    key: RegionKey
    kind: str
    count: int
    title: str


@cache
def _coordinates() -> Mapping[tuple[str, str], Point]:
    """Return where each region is, as ``(longitude, latitude)`` by partition and id."""
    text = (files("scopegate_rules") / "web" / "region_coordinates.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {(row["partition"], row["region"]): (float(row["longitude"]), float(row["latitude"])) for row in rows}


def on_map(key: RegionKey | None) -> Point | None:
    """Return where a region is on the drawing; None for what is no single place, or none that is known."""
    place = _coordinates().get((key.partition or "", key.region or "")) if key else None
    return ((place[0] + 180) * _SCALE, (_NORTH - place[1]) * _SCALE) if place else None


def map_of(spots: Sequence[Spot], routes: Sequence[tuple[RegionKey, RegionKey]]) -> str:
    """Return the map; ``routes`` lead from a region to another that an attribute names."""
    placed = [(spot, point) for spot in spots if (point := on_map(spot.key))]
    land = (files("scopegate_rules") / "web" / "land.path").read_text(encoding="ascii").strip()
    parts = [
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="Map of the regions touched">',
        f'<path class="land" d="{land}"/>',
        *_routes(routes),
        *_spots(placed),
        "</svg>",
    ]
    return "\n".join(parts)


def _routes(routes: Sequence[tuple[RegionKey, RegionKey]]) -> Iterator[str]:
    for start, end in dict.fromkeys(routes):
        first, last = on_map(start), on_map(end)
        if first and last and first != last:
            (x, y), (to_x, to_y) = first, last
            bend = min(y, to_y) - abs(to_x - x) / 6 - 20
            yield f'<path class="route" d="M{x:.0f} {y:.0f}Q{(x + to_x) / 2:.0f} {bend:.0f} {to_x:.0f} {to_y:.0f}"/>'


def _spots(placed: Sequence[tuple[Spot, Point]]) -> Iterator[str]:
    # Small spots are drawn last, so that none is under another.
    drawn = [(spot, x, y, _radius(spot)) for spot, (x, y) in sorted(placed, key=lambda item: -item[0].count)]
    taken = [_Box(x - radius, x + radius, y - radius, y + radius) for _, x, y, radius in drawn]
    for position, (spot, x, y, radius) in enumerate(drawn):
        label = ""
        if position < _LABELS_SHOWN:
            name = visible(spot.key.region or "")
            box = _free(x, y, radius, len(name) * _LETTER_WIDTH, taken)
            taken.append(box)
            label = f'<text x="{box.left:.0f}" y="{box.bottom - 8:.0f}" aria-hidden="true">{escape(name)}</text>'
        title = escape(visible(spot.title))
        yield (
            f'<g class="region {spot.kind}" data-place="{spot.number}" tabindex="0" role="button" aria-pressed="false"'
            f' aria-label="{title}"><title>{title}</title>'
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}"/>{label}</g>'
        )


def _radius(spot: Spot) -> float:
    return min(30, 12 + 3 * log2(1 + spot.count))


class _Box(Struct, frozen=True):
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def _free(x: float, y: float, radius: float, width: float, taken: Sequence[_Box]) -> _Box:
    """Return a place for a label: right of its spot, else left, else lower and lower, where it meets nothing."""
    tried = (
        _Box(left, left + width, y + down - _LABEL_HEIGHT / 2, y + down + _LABEL_HEIGHT / 2)
        for down in range(0, _LABEL_HEIGHT * 8, _LABEL_HEIGHT // 2)
        for left in (x + radius + 8, x - radius - 8 - width)
        if left >= 0 and left + width <= WIDTH
    )
    first = next(tried)
    return next((box for box in (first, *tried) if not any(map(box.meets, taken))), first)
