"""Writes plan files of any size, shaped as terraform's own.

    python -m benchmarks.generate 10000 --output plan.json

Repeats the modules of the recorded estate under other names, regions, accounts and ids: one network a region, then as
many teams as it takes, each standing on the network of its region and, in chains, on the team before it. The same
arguments give the same bytes. Written as a stream: memory does not grow with the plan.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

from benchmarks.estate import HOME, REGIONS, Estate, Region, Shape, Slots, lay_out, slots_of
from benchmarks.seed import FOLLOWER, HEAD, NETWORK, ROOT, Json, Piece, Pieces, Seed, dump


class Writer:
    """Writes the plan of an estate by way of ``write``, a module at a time."""

    def __init__(self, shape: Shape, write: Callable[[str], object], regions: tuple[Region, ...] = REGIONS) -> None:
        self.write = write
        self.seed = Seed(shape.create)
        self.estate = lay_out(shape, {role: self._size(role, shape.copies) for role in (NETWORK, HEAD)}, regions)

    def _size(self, role: str, copies: int) -> int:
        pieces = (*self.seed.changes(role), *self.seed.nested_changes(role))
        return sum(copies if piece.counted else 1 for piece in pieces if piece.address)

    def plan(self) -> None:
        """Write the whole plan, its sections in terraform's order."""
        opening = "{"
        for key, value in self.seed.document.items():
            self.write(f"{opening}{dump(key)}:")
            self._section(key, value)
            opening = ","
        self.write("}\n")

    def _section(self, key: str, value: Json) -> None:
        shape = self.estate.shape
        match key:
            case "variables":
                self.write(dump({**value, "copies": {"value": shape.copies}}))
            case "planned_values":
                self._values(value, self.seed.planned)
            case "resource_changes":
                self._list(chain(self._root(self.seed.changes), self._modules(self.seed.changes)), end=",")
                self._list(self._modules(self.seed.nested_changes), start="")
            case "output_changes":
                self.write(dump(self._everywhere(value)))
            case "prior_state":
                self.write(dump({**value, "values": None}).removesuffix("null}"))
                self._values(value["values"], self.seed.prior, prior=True)
                self.write("}")
            case "configuration":
                self._configuration(value)
            case "relevant_attributes":
                self._list(self._modules(self.seed.relevant))
            case "applyable":
                self.write(dump(shape.create or shape.share > 0))
            case _:
                self.write(dump(value))

    def _values(self, section: Json, pieces: Callable[[str], Pieces], prior: bool = False) -> None:
        self.write("{")
        if "outputs" in section:
            self.write(f'"outputs":{dump(self._everywhere(section["outputs"]))},')
        self.write('"root_module":{')
        if "resources" in section["root_module"]:
            self.write('"resources":')
            self._list(self._root(pieces, prior), end="],")
        self.write('"child_modules":')
        self._list(self._modules(pieces, prior), end="]}}")

    def _configuration(self, section: Json) -> None:
        root = section["root_module"]
        (audits,) = root["resources"]
        audits = {**audits, "count_expression": {"constant_value": self.estate.audits}}
        self.write(f'{{"provider_config":{dump(self._everywhere(section["provider_config"]))},"root_module":{{')
        self.write(f'"outputs":{dump(self._everywhere(root["outputs"]))},"resources":{dump([audits])},"module_calls":')
        self._list(self._modules(self.seed.call), start="{", end="},")
        self.write(f'"variables":{dump(root["variables"])}}}}}')

    def _list(self, texts: Iterable[str], start: str = "[", end: str = "]") -> None:
        for text in texts:
            self.write(start)
            self.write(text)
            start = ","
        self.write(end)

    def _root(self, pieces: Callable[[str], Pieces], prior: bool = False) -> Iterator[str]:
        """Yield the text of the root module's own resources."""
        slots = slots_of(HOME, 0) | (self.estate.needed_by(ROOT, 0) if prior else {})
        yield self._fill(pieces(ROOT), slots, self.estate.audits)

    def _modules(self, pieces: Callable[[str], Pieces], prior: bool = False) -> Iterator[str]:
        """Yield the text of each network, then of each team, where the recorded one has any."""
        estate = self.estate
        recorded = {role: pieces(role) for role in (NETWORK, HEAD, FOLLOWER)}
        networks = ((NETWORK, number, estate.network_slots(number)) for number in range(len(estate.regions)))
        teams = ((HEAD, team, estate.team_slots(team)) for team in range(estate.teams))
        for role, number, slots in chain(networks, teams):
            repeated = recorded[FOLLOWER if role == HEAD and estate.position(number) else role]
            if repeated:
                needed = estate.needed_by(role, number) if prior else {}
                yield self._fill(repeated, slots | needed, estate.shape.copies)

    def _fill(self, pieces: Pieces, slots: Slots, copies: int) -> str:
        return "".join(text for piece in pieces for text in self._texts(piece, slots, copies))

    def _texts(self, piece: Piece, slots: Slots, copies: int) -> Iterator[str]:
        separator = ""
        for index in sorted(range(copies if piece.counted else 1), key=piece.index_order):
            filled = slots | {"index": index, "own_serial": f"{slots['serial'] + index:05x}"}
            text = piece.settled
            if piece.edited and self.estate.is_changed(piece.address % filled, slots["region"]):
                text = piece.edited
            yield separator + text % filled
            separator = ","

    def _everywhere(self, value: Json) -> Json:
        """Return ``value`` with all that names the recorded region said of every region."""
        if isinstance(value, list):
            return [one for item in value for one in self._each(item, item)]
        if isinstance(value, dict):
            members = (self._each({key: item}, key) for key, item in value.items())
            return {key: item for each in members for member in each for key, item in member.items()}
        return value

    def _each(self, value: Json, name: Json) -> list[Json]:
        if isinstance(name, str) and self.seed.slotted(name, NETWORK) != name:
            template = self.seed.slotted(dump(value), NETWORK)
            return [
                json.loads(template % self.estate.network_slots(number)) for number in range(len(self.estate.regions))
            ]
        if isinstance(value, dict):
            return [{key: self._everywhere(item) for key, item in value.items()}]
        return [value]


def main(arguments: list[str] | None = None) -> None:
    """Write the plan the arguments ask for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.generate", description="Write a plan as terraform would."
    )
    parser.add_argument("resources", type=int, help="how many resources the plan has")
    parser.add_argument("--output", type=Path, help="the plan file (default: standard output)")
    parser.add_argument("--oracle", type=Path, help="also write the true graph: each block and its direct dependencies")
    parser.add_argument("--share", type=float, default=0.05, help="how much of it changes (default: 0.05)")
    parser.add_argument("--create", action="store_true", help="everything is new")
    parser.add_argument("--hot", action="store_true", help="all changes are in one region")
    parser.add_argument("--chains", type=int, default=3, help="teams in a row that read each other (default: 3)")
    parser.add_argument("--count", type=int, default=2, help="the count of each counted block (default: 2)")
    given = parser.parse_args(arguments)
    shape = Shape(given.resources, given.share, given.create, given.hot, given.chains, given.count)
    try:
        estate = write_plan(shape, given.output)
    except ValueError as error:
        parser.error(str(error))
    if given.oracle:
        write_oracle(estate, given.oracle)


def write_plan(shape: Shape, output: Path | None) -> Estate:
    """Write the plan to ``output``, or to standard output, and return the estate it describes."""
    with output.open("w", encoding="utf-8") if output else nullcontext(sys.stdout) as stream:
        writer = Writer(shape, stream.write)
        writer.plan()
    return writer.estate


def write_oracle(estate: Estate, output: Path) -> None:
    """Write a JSON object that maps each block to the blocks it depends on, one block a line."""
    with output.open("w", encoding="utf-8") as stream:
        opening = "{\n"
        for block, dependencies in estate.edges():
            stream.write(f"{opening}{json.dumps(block)}: {json.dumps(dependencies)}")
            opening = ",\n"
        stream.write("\n}\n")


if __name__ == "__main__":
    main()
