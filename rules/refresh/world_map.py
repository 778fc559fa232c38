"""Draw the coastlines of the page's map.

    npm pack world-atlas && tar xzf world-atlas-*.tgz
    python -m refresh.world_map --land package/land-110m.json

The package holds Natural Earth's 1:110m land, which is in the public domain, as TopoJSON. Longitude and latitude are
drawn as they are (equirectangular), in whole units of a drawing 2,000 wide; the poles are cut.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from refresh.region_coordinates import WEB

WIDTH: Final = 2000
NORTH: Final = 80
SOUTH: Final = -58
SCALE: Final = WIDTH / 360

Point = tuple[int, int]


def main(arguments: list[str] | None = None) -> None:
    """Write land.path, the ``d`` of one SVG path."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--land", type=Path, required=True)
    options = parser.parse_args(arguments)
    rings = _rings(json.loads(options.land.read_bytes()))
    (WEB / "land.path").write_text("".join(_drawn(ring) for ring in rings) + "\n", encoding="ascii")


def _rings(topology: Any) -> Iterator[list[Point]]:
    """Yield the outer rings of land, on the drawing; holes are the Caspian Sea and smaller."""
    arcs = [_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            ring = [point for index in polygon[0] for point in (arcs[index] if index >= 0 else arcs[~index][::-1])]
            if max(latitude for _, latitude in ring) > SOUTH:
                yield from _within([_on_drawing(*point) for point in ring])


def _within(ring: list[Point]) -> Iterator[list[Point]]:
    """Yield a ring, and once more at the other edge where it goes over one: Chukotka and Fiji lie on both."""
    whole = [ring[0]]
    for x, y in ring[1:]:
        turns = round((x - whole[-1][0]) / WIDTH)
        whole.append((x - turns * WIDTH, y))
    yield whole
    for turn in (-WIDTH, WIDTH):
        if any(not 0 <= x <= WIDTH and 0 <= x + turn <= WIDTH for x, _ in whole):
            yield [(x + turn, y) for x, y in whole]


def _arc(arc: Sequence[Sequence[int]], transform: Any) -> list[tuple[float, float]]:
    """Return an arc in degrees: its points are stored as steps from the one before."""
    (scale_x, scale_y), (left, top) = transform["scale"], transform["translate"]
    steps = accumulate(arc, lambda a, b: [a[0] + b[0], a[1] + b[1]])
    return [(x * scale_x + left, y * scale_y + top) for x, y in steps]


def _on_drawing(longitude: float, latitude: float) -> Point:
    inside = min(NORTH, max(SOUTH, latitude))
    return round((longitude + 180) * SCALE), round((NORTH - inside) * SCALE)


def _drawn(ring: Sequence[Point]) -> str:
    points = [point for position, point in enumerate(ring) if position == 0 or point != ring[position - 1]]
    start, *rest = points
    steps = [f"{x - before[0]} {y - before[1]}" for before, (x, y) in zip(points, rest, strict=False)]
    return f"M{start[0]} {start[1]}l{' '.join(steps)}z" if len(rest) > 1 else ""


if __name__ == "__main__":
    main()
