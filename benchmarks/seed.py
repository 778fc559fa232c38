"""The recorded estate as text with slots: everything a generated plan says was printed by terraform.

``recorded/`` holds a small configuration, the plans terraform made of it (``create.json`` before the first apply,
``settled.json`` after it, ``edited.json`` after one variable was changed) and its ``terraform graph``.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"

Json = Any

ROOT, NETWORK, HEAD, FOLLOWER = "", "network_eu_north_1", "team_first", "team_second"
"""The parts of the estate by module call: the network of a region, a team that heads a chain, one that follows."""

ROLES = (NETWORK, HEAD, FOLLOWER)

_REGION_SLOTS = (
    ("eu-north-1.amazonaws.com", "%(region)s.%(suffix)s"),
    ("eu-north-1", "%(region)s"),
    ("eu_north_1", "%(alias)s"),
    ("arn:aws:", "arn:%(partition)s:"),
    ("111122223333", "%(account)s"),
)
_TEAM_SLOTS = {
    ROOT: (),
    NETWORK: (),
    HEAD: (("team_first", "team_%(team)s"), ("team-first", "team-%(team)s")),
    FOLLOWER: (
        ("team_second", "team_%(team)s"),
        ("team-second", "team-%(team)s"),
        ("team_first", "team_%(upstream)s"),
        ("team-first", "team-%(upstream)s"),
    ),
}
_INDEX_SLOTS = (
    ('"index":0,', '"index":%(index)s,'),
    ("work[0]", "work[%(index)s]"),
    ("work-0", "work-%(index)s"),
    ("audit[0]", "audit[%(index)s]"),
    ("/audit/0", "/audit/%(index)s"),
)
# Ids, digests and the runs of an UUID that are long enough to carry a serial number of five digits.
MADE_UP_ID = re.compile(r"(?<![0-9a-z])(?!111122223333)([0-9a-f]{3,12})[0-9a-f]{5}(?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of recorded text with ``%(slot)s`` slots.

    ``edited`` is the text where the resource changes, None where it never does; ``address`` the slotted address that
    decides whether it does. A ``counted`` piece is written once for each index, in the order of ``index_order``.
    """

    settled: str
    edited: str | None = None
    address: str = ""
    counted: bool = False
    index_order: Callable[[int], str | int] = int


Pieces = tuple[Piece, ...]


def dump(value: Json) -> str:
    """Return ``value`` as terraform prints it: one line, and Go's escapes for the signs of HTML."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def role_of(address: str) -> str:
    """Return the part of the estate that a recorded address stands in."""
    return next((role for role in ROLES if address.startswith(f"module.{role}")), ROOT)


def block_of(address: str) -> str:
    """Return the block of a recorded address: no keys, and without the module call of its role."""
    return re.sub(r"\[[^]]*\]", "", address).removeprefix(f"module.{role_of(address)}.")


def needs(block: str) -> str:
    """Return the name of the slot for everything ``block`` depends on."""
    return f"needs {block}"


class Seed:
    """The recorded plans, cut into pieces by role. ``create`` takes the plan before the first apply."""

    def __init__(self, create: bool) -> None:
        self.document: Json = json.loads((RECORDED / ("create.json" if create else "settled.json")).read_bytes())
        edited: Json = {} if create else json.loads((RECORDED / "edited.json").read_bytes())
        self._edited_changes = _by_address(edited.get("resource_changes", []))
        self._edited_values = _by_address(_resources(edited.get("planned_values", {}).get("root_module", {})))
        network = [change for change in self.document["resource_changes"] if role_of(change["address"]) == NETWORK]
        self._network_ids = frozenset(match.group() for match in MADE_UP_ID.finditer(dump(network)))

    def changes(self, role: str) -> Pieces:
        """Return the resource changes of a role, without those in its nested modules."""
        return self._changes(role, nested=False)

    def nested_changes(self, role: str) -> Pieces:
        """Return the resource changes in the nested modules of a role.

        Terraform sorts by the depth of the module first: the nested ones of all teams come last.
        """
        return self._changes(role, nested=True)

    def _changes(self, role: str, nested: bool) -> Pieces:
        entries = [entry for entry in self.document["resource_changes"] if role_of(entry["address"]) == role]
        here = [entry for entry in entries if (entry.get("module_address", "").count("module.") > 1) == nested]
        return self._entries(here, role, self._edited_changes)

    def planned(self, role: str) -> Pieces:
        """Return the modules of a role in ``planned_values``; of the root its resources.

        Terraform sorts the addresses there as text, so ``[10]`` comes before ``[1]``.
        """
        pieces = self._section(self.document["planned_values"], role, self._edited_values)
        return tuple(replace(piece, index_order="{}]".format) for piece in pieces)

    def prior(self, role: str) -> Pieces:
        """Return the modules of a role in ``prior_state``; of the root its resources."""
        return self._section(self.document["prior_state"]["values"], role, {})

    def call(self, role: str) -> Pieces:
        """Return the module call of a role as a member of ``module_calls``."""
        call = self.document["configuration"]["root_module"]["module_calls"][role]
        return (Piece(self.slotted(f"{dump(role)}:{dump(call)}", role)),)

    def relevant(self, role: str) -> Pieces:
        """Return the ``relevant_attributes`` of a role."""
        rows = [row for row in self.document["relevant_attributes"] if role_of(row["resource"]) == role]
        return (Piece(self.slotted(",".join(dump(row) for row in rows), role)),)

    def slotted(self, text: str, role: str, counted: bool = False) -> str:
        """Return recorded ``text`` of a role as a template for ``%``."""
        text = MADE_UP_ID.sub(self._slotted_id, text.replace("%", "%%"))
        for recorded, slot in (*_REGION_SLOTS, *_TEAM_SLOTS[role], *(_INDEX_SLOTS if counted else ())):
            text = text.replace(recorded, slot)
        return text

    def _slotted_id(self, match: re.Match[str]) -> str:
        owner = "network" if match.group() in self._network_ids else "own"
        return f"{match.group(1)}%({owner}_serial)s"

    def _section(self, values: Json, role: str, edited: Mapping[str, Json]) -> Pieces:
        root = values["root_module"]
        if role == ROOT:
            return self._entries(root.get("resources", []), role, edited)
        modules = [module for module in root["child_modules"] if role_of(module["address"]) == role]
        return _joined(self._module(module, role, edited) for module in modules)

    def _module(self, module: Json, role: str, edited: Mapping[str, Json]) -> Pieces:
        members = (self._member(key, value, role, edited) for key, value in module.items())
        return (Piece("{"), *_joined(members), Piece("}"))

    def _member(self, key: str, value: Json, role: str, edited: Mapping[str, Json]) -> Pieces:
        if key == "resources":
            return (Piece('"resources":['), *self._entries(value, role, edited), Piece("]"))
        if key == "child_modules":
            children = _joined(self._module(child, role, edited) for child in value)
            return (Piece('"child_modules":['), *children, Piece("]"))
        return (Piece(self.slotted(f"{dump(key)}:{dump(value)}", role)),)

    def _entries(self, entries: Iterable[Json], role: str, edited: Mapping[str, Json]) -> Pieces:
        return _joined((self._entry(entry, role, edited),) for entry in entries)

    def _entry(self, entry: Json, role: str, edited: Mapping[str, Json]) -> Piece:
        counted = entry.get("index") == 0
        other = edited.get(entry["address"], entry)
        needed = f'"depends_on":[%({needs(block_of(entry["address"]))})s]'
        settled = self.slotted(dump({**entry, "depends_on": []} if "depends_on" in entry else entry), role, counted)
        # A service reads the ARN of its task definition's new revision, so the two change together.
        address = entry["address"].replace("aws_ecs_service", "aws_ecs_task_definition")
        return Piece(
            settled=settled.replace('"depends_on":[]', needed),
            edited=None if other == entry else self.slotted(dump(other), role, counted),
            address=self.slotted(address, role, counted),
            counted=counted,
        )


def _joined(groups: Iterable[Pieces]) -> Pieces:
    pieces: list[Piece] = []
    for group in groups:
        pieces += (Piece(","), *group) if pieces else group
    return tuple(pieces)


def _by_address(entries: Iterable[Json]) -> dict[str, Json]:
    return {entry["address"]: entry for entry in entries}


def _resources(module: Json) -> Iterator[Json]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)
