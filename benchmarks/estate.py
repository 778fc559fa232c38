"""The estate a generated plan describes: which regions, how many teams, who depends on whom, what changes."""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.seed import FOLLOWER, HEAD, NETWORK, RECORDED, ROOT, block_of, needs, role_of


@dataclass(frozen=True, slots=True)
class Region:
    """A region and the partition, account and endpoint suffix that go with it."""

    id: str
    partition: str = "aws"
    account: str = "111122223333"
    suffix: str = "amazonaws.com"

    @property
    def alias(self) -> str:
        """The alias of the region's provider, and the name of its network module."""
        return self.id.replace("-", "_")


REGIONS = (
    Region("ap-southeast-2"),
    Region("cn-north-1", "aws-cn", "444455556666", "amazonaws.com.cn"),
    Region("eu-north-1"),
    Region("eu-west-1"),
    Region("us-east-1"),
    Region("us-gov-west-1", "aws-us-gov", "777788889999"),
)
HOT_REGION = "cn-north-1"
HOME = Region("eu-central-1")
"""The region of the default provider, where the root module's own resources are."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a plan is to look like.

    ``share`` of the resources change; ``hot`` puts all changes into one region; ``create`` makes everything new.
    ``chains`` teams in a row read each other's address; ``copies`` is the count of each counted block.
    """

    resources: int
    share: float = 0.05
    create: bool = False
    hot: bool = False
    chains: int = 3
    copies: int = 2


Slots = dict[str, Any]
"""What fills the slots of recorded text."""

Needed = tuple[int, str, str]
"""A dependency seen from a team: how many teams back in its chain; ``NETWORK`` or ``HEAD``; the block there."""


class Graph:
    """Who depends on whom, as ``terraform graph`` states it of the recorded estate: it knows the locals."""

    def __init__(self) -> None:
        text = (RECORDED / "graph.dot").read_text()
        self._edges: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._closures: dict[tuple[str, int, str], frozenset[Needed]] = {}
        for node in re.findall(r'^ *"(.+)" \[label', text, re.MULTILINE):
            self._edges.setdefault(role_of(node), {})[block_of(node)] = []
        for dependent, dependency in re.findall(r'^ *"(.+)" -> "(.+)";', text, re.MULTILINE):
            self._edges[role_of(dependent)][block_of(dependent)].append((role_of(dependency), block_of(dependency)))

    def blocks(self, role: str) -> Iterable[str]:
        """Return the blocks of a role, data sources included."""
        return self._edges[role]

    def direct(self, role: str, position: int, block: str) -> frozenset[Needed]:
        """Return what ``block`` needs itself; ``position`` is the team's place in its chain.

        A follower needs what a head needs, and something of the team before it. Its own recorded edges do not do:
        terraform leaves out an edge to the network which the team before it implies, and here that one may stand on
        another network.
        """
        needed = {(0, other, name) for other, name in self._edges[role][block]}
        if role == HEAD and position:
            needed |= {(1, HEAD, name) for other, name in self._edges[FOLLOWER][block] if other == HEAD}
        return frozenset(needed)

    def closure(self, role: str, position: int, block: str) -> frozenset[Needed]:
        """Return everything ``block`` needs, through any chain."""
        key = (role, position, block)
        if key not in self._closures:
            direct = self.direct(role, position, block)
            further = (
                {
                    (back + more, role_there, name_there)
                    for more, role_there, name_there in self.closure(other, position - back, name)
                }
                for back, other, name in direct
            )
            self._closures[key] = direct.union(*further)
        return self._closures[key]


@dataclass(frozen=True, slots=True)
class Estate:
    """The recorded estate, repeated: ``teams`` teams, and ``audits`` log groups in the root that make up the number."""

    shape: Shape
    teams: int
    audits: int
    graph: Graph
    regions: tuple[Region, ...]

    def position(self, team: int) -> int:
        """Return how many teams stand before ``team`` in its chain."""
        return team % self.shape.chains

    def network_slots(self, number: int) -> Slots:
        """Return what fills the slots of the network of a region."""
        return slots_of(self.regions[number], number)

    def team_slots(self, team: int) -> Slots:
        """Return what fills the slots of a team; its serial numbers leave room for every index."""
        number = team % len(self.regions)
        names = {"team": f"{team:05d}", "upstream": f"{team - 1:05d}", "serial": team * self.shape.copies}
        return slots_of(self.regions[number], number) | names

    def is_changed(self, address: str, region: str) -> bool:
        """Whether the resource at ``address`` changes: always the same ones, spread evenly."""
        share = self.shape.share
        if self.shape.hot:
            share = share * len(self.regions) if region == HOT_REGION else 0
        return zlib.crc32(address.encode()) < share * 2**32

    def needed_by(self, role: str, number: int) -> dict[str, str]:
        """Map the slot of each block of a team or a network to all that it needs: JSON strings, comma separated."""
        position = self.position(number)
        return {
            needs(block): ",".join(
                f'"{address}"' for address in self._addresses(number, self.graph.closure(role, position, block))
            )
            for block in self.graph.blocks(role)
        }

    def edges(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each block of the configuration with the blocks it depends on, those behind locals included."""
        yield from ((block, []) for block in self.graph.blocks(ROOT))
        for role, count in ((NETWORK, len(self.regions)), (HEAD, self.teams)):
            for number in range(count):
                for block in self.graph.blocks(role):
                    direct = self.graph.direct(role, self.position(number), block)
                    yield self._address(number, (0, role, block)), self._addresses(number, direct)

    def _addresses(self, number: int, needed: Iterable[Needed]) -> list[str]:
        return sorted({self._address(number, one) for one in needed})

    def _address(self, number: int, needed: Needed) -> str:
        back, role, block = needed
        if role == NETWORK:
            return f"module.network_{self.regions[(number - back) % len(self.regions)].alias}.{block}"
        return f"module.team_{number - back:05d}.{block}"


def slots_of(region: Region, number: int) -> Slots:
    """Return what fills the slots that a region decides."""
    return {
        "region": region.id,
        "alias": region.alias,
        "partition": region.partition,
        "account": region.account,
        "suffix": region.suffix,
        "network_serial": f"{number:05x}",
        "serial": number,
    }


def lay_out(shape: Shape, sizes: Mapping[str, int], regions: tuple[Region, ...]) -> Estate:
    """Return the estate with exactly ``shape.resources`` resources; ``sizes`` maps each role to the resources in it.

    Raises:
        ValueError: there are too few for one network a region and one team.
    """
    networks = len(regions) * sizes[NETWORK]
    room = shape.resources - networks - 1
    if room < sizes[HEAD]:
        raise ValueError(f"This shape takes at least {networks + sizes[HEAD] + 1} resources.")
    return Estate(shape, teams=room // sizes[HEAD], audits=room % sizes[HEAD] + 1, graph=Graph(), regions=regions)
