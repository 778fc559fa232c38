"""A decision as it may be shown: what the plan marks as sensitive is hidden wherever else it stands.

Values reach a report on two ways only: as the string keys of addresses, and as the names of places and accounts.
Everything decides on the true values first; otherwise a change could escape a limit by marking a word as sensitive.
Names that anybody knows (a region of the fact tables) are shown, so that marking them hides no reach: the value of a
parameter may be the name of a region, or a word that is a part of one (``west``).
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scopegate.facts.facts import Facts
from scopegate.graph.edges import Edge, Link
from scopegate.graph.graph import DependencyGraph
from scopegate.place.placement import GLOBAL, AlsoReaches, Known, Placement, Unknown
from scopegate.plan.address import string_keys, with_keys
from scopegate.plan.conceal import Concealer, concealer_for
from scopegate.plan.marked import marked_values
from scopegate.plan.model import Plan
from scopegate.policy.model import Change, Excess, WaiverUse
from scopegate.reach.footprint import footprint
from scopegate.reach.model import Reach
from scopegate.signals.model import Signal
from scopegate.verdict.decision import Decision

T = TypeVar("T")
NO_GRAPH: Final = DependencyGraph(0, (), (), ())


def as_shown(decision: Decision, facts: Facts, graph: DependencyGraph = NO_GRAPH) -> tuple[Decision, DependencyGraph]:
    """Return ``decision`` and its graph, every marked value hidden behind a number; the same where there is none.

    Linear in the plan; the marked values are collected only where an address has a string key or a place is one that
    the fact tables do not know.
    """
    keys = tuple(chain.from_iterable(map(string_keys, _keyed_parts(decision.change, graph))))
    unlisted = tuple(dict.fromkeys(_unlisted_places(decision.change.placements, facts)))
    if not keys and not unlisted:
        return decision, graph
    plans = [part.plan for part in decision.change.parts]
    marked = frozenset(chain.from_iterable(map(marked_values, plans)))
    hidden = _Hidden(concealer_for(keys, marked), concealer_for((name for _, name in unlisted), marked), frozenset())
    if hidden.keys or hidden.places:  # anybody knows a region that is newer than the tables, too: that takes patterns
        public = frozenset(_public_regions(decision.change.placements, facts))
        secret = frozenset(value for value in marked if value.lower() not in public)
        names = (name for _, name in unlisted if name not in public)
        hidden = _Hidden(concealer_for(keys, secret), concealer_for(names, secret), public)
    if not hidden.keys and not hidden.places:
        return decision, graph
    return hidden.decision(decision), replace(graph, links=tuple(map(hidden.link, graph.links)))


def _keyed_parts(change: Change, graph: DependencyGraph) -> Iterator[str]:
    """Yield of the addresses what may hold a key, once: all that is in one module instance begins alike."""
    instances = change.plan.instances
    moved = (item.previous_address for item in instances if item.previous_address is not None)
    signalled = (signal.address for signal in change.signals)  # one on the plan may be of no instance
    drifted = (item.address for item in change.plan.drift)
    linked = (text for link in graph.links for text in (link.reference, *link.via))
    addresses = chain((item.address for item in instances), moved, signalled, drifted, linked)
    return (f"{before}]" for before in dict.fromkeys([address.rpartition("]")[0] for address in addresses]))


def _unlisted_places(placements: Iterable[Placement], facts: Facts) -> Iterator[tuple[str | None, str]]:
    """Yield the names of places that stand in no fact table, each with its cloud, and of accounts with none."""
    partition = cache(facts.partition_of_listed_region)  # of many plans the same few are asked for again and again
    for placement in {id(placement): placement for placement in placements}.values():
        for region in _regions(placement):
            if region != GLOBAL and partition(placement.provider, region) is None:
                yield placement.provider, region
        yield from ((None, account) for account in _accounts(placement))


def _public_regions(placements: Iterable[Placement], facts: Facts) -> Iterator[str]:
    """Yield the names of regions that anybody knows."""
    different = {id(placement): placement for placement in placements}.values()
    named = {(placement.provider, region) for placement in different for region in _regions(placement)}
    yield GLOBAL
    yield from (region for cloud, region in named if facts.partition_of_region(cloud, region) is not None)


def _regions(placement: Placement) -> Iterator[str]:
    for answer in (placement.region, placement.zone, placement.previous_region):
        yield from _names(answer)
    yield from (other.region for other in placement.also_reaches if other.region)


def _accounts(placement: Placement) -> Iterator[str]:
    yield from _names(placement.account)
    yield from (other.account for other in placement.also_reaches if other.account)


def _names(answer: Known[str] | Unknown | None) -> Sequence[str]:
    if isinstance(answer, Known):
        return (answer.value,)
    return answer.candidates if answer is not None else ()


class _Hidden(Struct, frozen=True, dict=True):
    """What is hidden in the keys of addresses and the names of places; ``public`` are the places that are shown."""

    keys: Concealer
    places: Concealer
    public: frozenset[str]

    def decision(self, decision: Decision) -> Decision:
        change = self.change(decision.change)
        return replace(
            decision,
            change=change,
            excesses=tuple(map(self.excess, decision.excesses)),
            waived=tuple(map(self.waiver_use, decision.waived)),
        )

    def change(self, change: Change) -> Change:
        placements = self.placements(change.placements)
        return replace(
            change,
            plan=self.plan(change.plan),
            placements=placements,
            reach=self.reach(change.reach),
            footprint=footprint(change.reach, placements),
            signals=tuple(map(self.signal, change.signals)),
        )

    def reach(self, reach: Reach) -> Reach:
        touches = {
            position: replace(touch, edge=touch.edge and self.edge(touch.edge), why=self.address(touch.why))
            for position, touch in reach.touches.items()
        }
        return Reach(touches, {position: self.edge(edge) for position, edge in reach.trail.items()})

    def edge(self, edge: Edge) -> Edge:
        return replace(edge, link=self.link(edge.link))

    def link(self, link: Link) -> Link:
        return replace(link, reference=self.address(link.reference), via=tuple(map(self.address, link.via)))

    def plan(self, plan: Plan) -> Plan:
        instances = (
            msgspec.structs.replace(
                item,
                address=self.address(item.address),
                previous_address=item.previous_address and self.address(item.previous_address),
            )
            for item in plan.instances
        )
        return replace(plan, instances=tuple(instances))

    def said(self, sentence: str) -> str:
        """Return a sentence of ours, which may name places and addresses."""
        return self.address(self.places.conceal(sentence))

    def place(self, name: str) -> str:
        return name if name in self.public else self.places.conceal(name)

    def address(self, address: str) -> str:
        return with_keys(address, self.keys.conceal)

    def placements(self, placements: tuple[Placement, ...]) -> tuple[Placement, ...]:
        # Instances of one place share one object, and a footprint counts on that.
        shown = {key: self.placement(item) for key, item in {id(item): item for item in placements}.items()}
        return tuple(shown[id(item)] for item in placements)

    def placement(self, placement: Placement) -> Placement:
        return replace(
            placement,
            partition=self.answer(placement.partition),
            region=self.answer(placement.region),
            account=self.answer(placement.account),
            environment=self.answer(placement.environment),
            jurisdictions=self.unknown(placement.jurisdictions),
            zone=placement.zone and self.answer(placement.zone),
            previous_region=placement.previous_region and self.known(placement.previous_region),
            also_reaches=tuple(map(self.also, placement.also_reaches)),
        )

    def answer(self, answer: Known[str] | Unknown) -> Known[str] | Unknown:
        return self.known(answer) if isinstance(answer, Known) else self.unknown(answer)

    def unknown(self, answer: T) -> T:
        if not isinstance(answer, Unknown):
            return answer
        return replace(answer, reason=self.said(answer.reason), candidates=tuple(map(self.place, answer.candidates)))

    def known(self, answer: Known[str]) -> Known[str]:
        return Known(self.place(answer.value), self.said(answer.evidence))

    def also(self, other: AlsoReaches) -> AlsoReaches:
        return replace(
            other,
            region=other.region and self.place(other.region),
            account=other.account and self.place(other.account),
            evidence=self.said(other.evidence),
            unknown=self.said(other.unknown),
        )

    def signal(self, signal: Signal) -> Signal:
        return replace(signal, address=self.address(signal.address), message=self.said(signal.message))

    def excess(self, excess: Excess) -> Excess:
        return replace(
            excess,
            beyond={kind: tuple(map(self.place, values)) for kind, values in excess.beyond.items()},
            values=tuple(map(self.place, excess.values)),
            message=self.places.conceal(excess.message),
        )

    def waiver_use(self, use: WaiverUse) -> WaiverUse:
        return replace(use, addresses=tuple(map(self.address, use.addresses)))
