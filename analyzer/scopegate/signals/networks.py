"""Predicates on who may connect: addresses compared as networks, ports as ranges.

What a rule lets in is a set of openings: a network, a protocol, a range of ports. An opening is new where the openings
before do not cover it; so a rule that was open to the world already, or is described in another way, is no signal.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from scopegate.signals.change import Change, leaves, steps
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.words import RULE_HOLDERS, Form, Width

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

Network: TypeAlias = "IPv4Network | IPv6Network"

Ports: TypeAlias = tuple[int, int]
"""The first and the last of a range."""

_EVERY_PORT: Final = (0, 65535)
_ANY: Final = "*"


class Opening(Struct, frozen=True):
    """What is let in: from ``network``, by ``protocol`` (``*`` for all), to the ports from ``low`` to ``high``."""

    network: Network
    protocol: str
    low: int
    high: int


def opens_ingress(
    change: Change, form: Form, to: Width, except_ports: Sequence[int], only_ports: Sequence[int]
) -> Finding:
    """Return whether a firewall rule lets in what it did not before; the detail names the ports if they may be read.

    With ``except_ports`` openings of these ports alone do not count; with ``only_ports`` nothing but these may be open.
    """
    reader = _READERS[form]
    elsewhere = not reader.blocks and change.names_another(RULE_HOLDERS)
    before, after = [] if elsewhere else _openings(form, change.before), _openings(form, change.after)
    if len(after) > MOST_OPENINGS:
        return Fires(f"more than {MOST_OPENINGS:,} combinations of networks and ports")
    wide = [opening for opening in _joined(_fresh(before, after)) if to == "wider" or is_world(opening.network)]
    beyond = [opening for opening in wide if not _within(opening, except_ports or only_ports)]
    found = beyond if except_ports else wide if not (only_ports and beyond) else []
    if found:
        hidden = any(change.is_sensitive(steps(path)) for path in reader.port_paths)
        return Fires("" if hidden else _ports_in_words(found))
    unknown = [path for path in reader.source_paths if change.is_unknown(steps(path))]
    return Undecidable(unknown[0]) if unknown else None


def widens_networks(change: Change, paths: Sequence[str], to: Width) -> Finding:
    """Return whether the networks listed at ``paths`` hold addresses that they did not hold before."""
    before = _collapsed(network for path in paths for network in _networks(change.values_before(steps(path))))
    after = _collapsed(network for path in paths for network in _networks(change.values_after(steps(path))))
    fresh = list(outside(after, frozenset(before)))
    if any(to == "wider" or is_world(network) for network in fresh):
        return Fires("the whole Internet" if any(map(is_world, fresh)) else "")
    unknown = [path for path in paths if change.is_unknown(steps(path))]
    return Undecidable(unknown[0]) if unknown else None


def narrows_networks(change: Change, paths: Sequence[str]) -> Finding:
    """Return whether the networks listed at ``paths`` lack addresses that they held before; a wider one lacks none."""
    before = [network for path in paths for network in _networks(change.values_before(steps(path)))]
    after = [network for path in paths for network in _networks(change.values_after(steps(path)))]
    unknown = [path for path in paths if change.is_unknown(steps(path))]
    if unknown and before:
        return Undecidable(unknown[0])
    return Fires() if any(outside(before, frozenset(_collapsed(after)))) else None


def spans_addresses(change: Change, first: str, last: str) -> Finding:
    """Return whether the range from ``first`` to ``last`` becomes one that holds a network as wide as the Internet."""
    before = any(map(is_world, _range(change.before, first, last)))
    after = any(map(is_world, _range(change.after, first, last)))
    if after and not before:
        return Fires("the whole Internet")
    unknown = [path for path in (first, last) if change.is_unknown(steps(path))]
    return Undecidable(unknown[0]) if unknown else None


def is_world(network: Network) -> bool:
    """Return whether ``network`` is wider than any one owner's: no registry gives out more than a /8, or a /16 of IPv6.

    Two halves such as 0.0.0.0/1 and 128.0.0.0/1 are the whole Internet too.
    """
    return network.prefixlen < (8 if network.version == 4 else 16) and not network.is_private


MOST_OPENINGS: Final = 50_000
"""What is compared at most: each network of a rule goes with each of its ports, so a short plan may have millions.

Azure takes 4,000 networks of a security group (Microsoft Learn, "Azure subscription and service limits", 2026-11), the
others fewer; what is more counts as new.
"""


def _openings(form: Form, values: Mapping[str, object]) -> Sequence[Opening]:
    """Return what ``values`` let in, and where that is more than is compared, one more than that."""
    return list(islice(_each_opening(form, values), MOST_OPENINGS + 1))


def _each_opening(form: Form, values: Mapping[str, object]) -> Iterator[Opening]:
    reader = _READERS[form]
    for rule in reader.rules(values):
        networks = list(_networks(leaf for name in reader.sources for leaf in leaves(rule, steps(name))))
        for low, high, protocol in reader.ports(rule):
            yield from (Opening(network, protocol, low, high) for network in networks)


def _networks(texts: Iterable[object]) -> Iterator[Network]:
    for text in texts:
        yield from _network(text)


_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")


_EVERYBODYS_TAGS: Final = frozenset({"*", "any", "internet", "azurecloud"})
"""Tags of Azure's network security rules that anybody is in: a machine rented there has an address of AzureCloud.

Microsoft Learn, "Virtual network service tags"; a region is written behind the tag (``AzureCloud.westeurope``).
"""


def _network(text: object) -> Iterator[Network]:
    from ipaddress import ip_network

    if not isinstance(text, str):
        return
    if text.lower().split(".")[0] in _EVERYBODYS_TAGS:
        yield from map(ip_network, _EVERYWHERE)
        return
    yield from network_of(text.strip())  # none of a prefix list, a service tag, a group


@lru_cache(maxsize=4096)
def network_of(text: str) -> tuple[Network, ...]:
    """Return the network that is written down, and none where it is something else."""
    from ipaddress import ip_network

    try:
        return (ip_network(text, strict=False),)
    except ValueError:
        return ()


def _range(values: Mapping[str, object], first: str, last: str) -> Iterator[Network]:
    from ipaddress import IPv4Address, summarize_address_range

    texts = [str(leaf) for path in (first, last) for leaf in leaves(values, steps(path))]
    try:
        low, high = map(IPv4Address, texts)
        yield from summarize_address_range(low, high)
    except ValueError:
        return  # not two addresses in order: the cloud refuses it


def outside(networks: Iterable[Network], others: frozenset[Network]) -> Iterator[Network]:
    """Yield the networks that are not within one of ``others``."""
    lengths = _lengths(others)
    return (network for network in networks if others.isdisjoint(_around(network, lengths)))


def _lengths(networks: Iterable[Network]) -> frozenset[tuple[int, int]]:
    """Return the versions and prefix lengths that networks have: there are few, of however many networks."""
    return frozenset((network.version, network.prefixlen) for network in networks)


def _around(network: Network, lengths: Iterable[tuple[int, int]]) -> Iterator[Network]:
    """Yield the networks of these versions and lengths that ``network`` is in, itself included."""
    for version, length in lengths:
        if version == network.version and length <= network.prefixlen:
            yield network.supernet(new_prefix=length)


def _collapsed(networks: Iterable[Network]) -> list[Network]:
    from ipaddress import IPv4Network, IPv6Network, collapse_addresses

    found = list(networks)
    four = [network for network in found if isinstance(network, IPv4Network)]
    six = [network for network in found if isinstance(network, IPv6Network)]
    return [*collapse_addresses(four), *collapse_addresses(six)]


def _joined(openings: Iterable[Opening]) -> Iterator[Opening]:
    """Yield ``openings`` with the networks of the same ports joined, so that many small ones show as what they are."""
    groups: dict[tuple[str, int, int], list[Network]] = {}
    for opening in openings:
        groups.setdefault((opening.protocol, opening.low, opening.high), []).append(opening.network)
    for (protocol, low, high), networks in groups.items():
        yield from (Opening(network, protocol, low, high) for network in _collapsed(networks))


def _fresh(before: Iterable[Opening], after: Iterable[Opening]) -> Iterator[Opening]:
    """Yield the parts of the openings ``after`` whose ports are not open ``before`` to all of their network."""
    opened = _by_network(_joined(before))
    lengths = _lengths(network for network, _ in opened)
    for opening in after:
        gaps = [(opening.low, opening.high)]
        for network in _around(opening.network, lengths):
            for protocol in (_ANY, opening.protocol):
                ranges = opened.get((network, protocol), ())
                gaps = [part for gap in gaps for part in _without(gap, ranges)]
        yield from (Opening(opening.network, opening.protocol, low, high) for low, high in gaps)


def _by_network(openings: Iterable[Opening]) -> Mapping[tuple[Network, str], Sequence[Ports]]:
    """Return the ports that are open to each network by each protocol, as ranges apart from each other, in order."""
    found: dict[tuple[Network, str], list[Ports]] = {}
    for opening in openings:
        found.setdefault((opening.network, opening.protocol), []).append((opening.low, opening.high))
    return {key: _merged(ranges) for key, ranges in found.items()}


def _merged(ranges: Iterable[Ports]) -> Sequence[Ports]:
    merged: list[Ports] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _without(gap: Ports, ranges: Sequence[Ports]) -> Iterator[Ports]:
    """Yield what is left of ``gap`` without ``ranges``, which are apart and in order."""
    low, high = gap
    for index in range(bisect_left(ranges, low, key=_last), len(ranges)):
        cut_low, cut_high = ranges[index]
        if cut_low > high:
            break
        if low < cut_low:
            yield low, cut_low - 1
        low = cut_high + 1
    if low <= high:
        yield low, high


def _last(ports: Ports) -> int:
    return ports[1]


def _within(opening: Opening, ports: Sequence[int]) -> bool:
    return opening.protocol != _ANY and opening.low == opening.high and opening.low in ports


def _ports_in_words(openings: Iterable[Opening]) -> str:
    ranges = sorted({(opening.low, opening.high) for opening in openings})
    words = [_range_in_words(low, high) for low, high in ranges]
    return ", ".join(words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")


def _range_in_words(low: int, high: int) -> str:
    if (low, high) == _EVERY_PORT:
        return "all ports"
    return f"port {low}" if low == high else f"ports {low}-{high}"


class _Reader(Struct, frozen=True, kw_only=True):
    """How a form is read: where its rules are, which of them let somebody in, from where, and to which ports.

    Without ``blocks`` the object is a rule itself. A rule lets somebody in where its arguments are those ``wanted``.
    ``ports`` yields the ports and protocol of a rule, from its arguments ``ports_at``.
    """

    blocks: str = ""
    wanted: Mapping[str, str] = {}
    sources: tuple[str, ...]
    ports: Callable[[Mapping[str, object]], Iterator[tuple[int, int, str]]]
    ports_at: tuple[str, ...]

    @property
    def source_paths(self) -> tuple[str, ...]:
        """Where the sources stand in an object."""
        return self._in_object(self.sources)

    @property
    def port_paths(self) -> tuple[str, ...]:
        """Where the ports and the protocol stand in an object."""
        return self._in_object(self.ports_at)

    def _in_object(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{self.blocks}.{name}" if self.blocks else name for name in names)

    def rules(self, values: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
        """Yield the rules in ``values`` that let somebody in."""
        for rule in leaves(values, (self.blocks,)) if self.blocks else [values]:
            if rule and isinstance(rule, Mapping) and _has(rule, self.wanted):
                yield rule


def arguments_of(form: Form) -> tuple[str, ...]:
    """Return the arguments of an object in which its rules, or the one that it is, are written down."""
    reader = _READERS[form]
    if reader.blocks:
        return (reader.blocks,)
    return (*reader.wanted, *(steps(path)[0] for path in (*reader.sources, *reader.ports_at)))


def _has(values: Mapping[str, object], wanted: Mapping[str, str]) -> bool:
    """Return whether each argument is the one wanted; an absent one is taken to be."""
    found = {name: values.get(name) for name in wanted}
    return all(value is None or str(value).lower() == wanted[name] for name, value in found.items())


_PROTOCOLS = {"6": "tcp", "17": "udp", "-1": _ANY, "all": _ANY, "any": _ANY, "*": _ANY}
_PORTLESS = frozenset({"icmp", "icmpv6", "1", "58", "esp", "ah", "50", "51"})
"""Protocols without ports; that they are answered opens no service."""


def _from_to(protocol_name: str) -> Callable[[Mapping[str, object]], Iterator[tuple[int, int, str]]]:
    def ports(rule: Mapping[str, object]) -> Iterator[tuple[int, int, str]]:
        protocol = _protocol(rule.get(protocol_name))
        if protocol in _PORTLESS:
            return
        low, high = rule.get("from_port"), rule.get("to_port")
        if protocol == _ANY or not isinstance(low, int) or not isinstance(high, int):
            yield (*_EVERY_PORT, protocol)
        else:
            yield low, high, protocol

    return ports


def _azure_ports(rule: Mapping[str, object]) -> Iterator[tuple[int, int, str]]:
    protocol = _protocol(rule.get("protocol"))
    if protocol in _PORTLESS:
        return
    texts = (*leaves(rule, ("destination_port_range",)), *leaves(rule, ("destination_port_ranges",)))
    yield from ((low, high, protocol) for low, high in _ranges(texts))


def _google_ports(blocks: str, protocol_name: str, rule: Mapping[str, object]) -> Iterator[tuple[int, int, str]]:
    # A rule allows or denies: one that does neither yet has blocks that are known only after apply.
    for block in leaves(rule, steps(blocks)) or ([] if rule.get("deny") else [{}]):
        if not isinstance(block, Mapping) or (protocol := _protocol(block.get(protocol_name))) in _PORTLESS:
            continue
        yield from ((low, high, protocol) for low, high in _ranges(leaves(block, ("ports",))))


def _protocol(value: object) -> str:
    text = str(_ANY if value is None else value).lower()
    return _PROTOCOLS.get(text, text)


def _ranges(texts: Iterable[object]) -> list[tuple[int, int]]:
    """Return the ranges of ports written in ``texts``; all ports where none is written, or known yet."""
    return [found for text in texts for found in _port_range(text)] or [_EVERY_PORT]


def _port_range(text: object) -> Iterator[tuple[int, int]]:
    low, _, high = str(text).partition("-")
    if text == _ANY:
        yield _EVERY_PORT
    elif low.isdecimal() and (not high or high.isdecimal()):
        yield int(low), int(high or low)


_AWS_PORTS: Final = ("from_port", "to_port", "protocol")
_AZURE_SOURCES: Final = ("source_address_prefix", "source_address_prefixes")
_AZURE_PORTS: Final = ("protocol", "destination_port_range", "destination_port_ranges")

_READERS: Mapping[Form, _Reader] = {
    "aws-group": _Reader(
        blocks="ingress",
        sources=("cidr_blocks", "ipv6_cidr_blocks"),
        ports=_from_to("protocol"),
        ports_at=_AWS_PORTS,
    ),
    "aws-rule": _Reader(
        wanted={"type": "ingress"},
        sources=("cidr_blocks", "ipv6_cidr_blocks"),
        ports=_from_to("protocol"),
        ports_at=_AWS_PORTS,
    ),
    "aws-ingress-rule": _Reader(
        sources=("cidr_ipv4", "cidr_ipv6"),
        ports=_from_to("ip_protocol"),
        ports_at=("from_port", "to_port", "ip_protocol"),
    ),
    "aws-acl": _Reader(
        blocks="ingress",
        wanted={"action": "allow"},
        sources=("cidr_block", "ipv6_cidr_block"),
        ports=_from_to("protocol"),
        ports_at=_AWS_PORTS,
    ),
    "aws-acl-rule": _Reader(
        wanted={"rule_action": "allow", "egress": "false"},
        sources=("cidr_block", "ipv6_cidr_block"),
        ports=_from_to("protocol"),
        ports_at=_AWS_PORTS,
    ),
    "azure-group": _Reader(
        blocks="security_rule",
        wanted={"access": "allow", "direction": "inbound"},
        sources=_AZURE_SOURCES,
        ports=_azure_ports,
        ports_at=_AZURE_PORTS,
    ),
    "azure-rule": _Reader(
        wanted={"access": "allow", "direction": "inbound"},
        sources=_AZURE_SOURCES,
        ports=_azure_ports,
        ports_at=_AZURE_PORTS,
    ),
    "google-firewall": _Reader(
        wanted={"direction": "ingress", "disabled": "false"},
        sources=("source_ranges",),
        ports=partial(_google_ports, "allow", "protocol"),
        ports_at=("allow", "deny"),
    ),
    "google-policy-rule": _Reader(
        wanted={"action": "allow", "direction": "ingress", "disabled": "false"},
        sources=("match.src_ip_ranges",),
        ports=partial(_google_ports, "match.layer4_configs", "ip_protocol"),
        ports_at=("match.layer4_configs",),
    ),
}
