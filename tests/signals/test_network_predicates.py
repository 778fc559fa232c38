"""Who may connect, before and after."""

import ipaddress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.networks import is_world
from scopegate.signals.predicates import NarrowsNetworks, OpensIngress, SpansAddresses, WidensNetworks
from scopegate.signals.words import Form
from signals.written_changes import change

WORLD = OpensIngress(form="aws-group")
BUT_WEB = OpensIngress(form="aws-group", except_ports=(80, 443))
ONLY_WEB = OpensIngress(form="aws-group", only_ports=(80, 443))
WIDER = OpensIngress(form="aws-group", to="wider")


def rule(low: int, high: int, *cidrs: str, protocol: str = "tcp") -> dict[str, Any]:
    return {"from_port": low, "to_port": high, "protocol": protocol, "cidr_blocks": list(cidrs)}


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"ingress": list(rules)}


def test_a_port_that_was_open_is_no_news() -> None:
    opened = group(rule(22, 22, "0.0.0.0/0"))
    assert WORLD.holds(change(opened, {**opened, "tags": {"a": "b"}})) is None
    assert WORLD.holds(change(None, opened)) == Fires("port 22")


@pytest.mark.parametrize(
    "marks", [True, {"ingress": True}, {"ingress": [{"to_port": True}]}, {"ingress": [{}, {"from_port": True}]}]
)
def test_a_port_that_is_marked_as_sensitive_is_not_repeated(marks: object) -> None:
    opened = group(rule(22, 22, "0.0.0.0/0"), rule(23, 23, "0.0.0.0/0"))
    assert WORLD.holds(change(None, opened, after_sensitive=msgspec.Raw(msgspec.json.encode(marks)))) == Fires("")
    beside = msgspec.Raw(b'{"ingress": [{"description": true}], "tags": true}')
    assert WORLD.holds(change(None, opened, after_sensitive=beside)) == Fires("port 22, port 23")


def test_a_range_that_several_rules_opened_together_is_no_news() -> None:
    before = group(rule(20, 29, "0.0.0.0/0"), rule(30, 40, "0.0.0.0/0"))
    assert WORLD.holds(change(before, group(rule(22, 35, "0.0.0.0/0")))) is None
    assert WORLD.holds(change(before, group(rule(22, 45, "0.0.0.0/0")))) == Fires("ports 41-45")


def test_parts_that_are_written_as_the_whole_they_made_up_are_no_news() -> None:
    halves = group(rule(22, 22, "10.0.0.0/17", "10.0.128.0/17"))
    assert WIDER.holds(change(halves, group(rule(22, 22, "10.0.0.0/16")))) is None
    assert WIDER.holds(change(halves, group(rule(22, 22, "10.0.0.0/15")))) == Fires("port 22")
    listed = WidensNetworks(paths=("c",), to="wider")
    assert listed.holds(change({"c": ["10.0.0.0/17", "10.0.128.0/17"]}, {"c": ["10.0.0.0/16"]})) is None


@pytest.mark.parametrize(
    ("tag", "open_to_all"),
    [("Internet", True), ("*", True), ("AzureCloud", True), ("AzureCloud.westeurope", True), ("VirtualNetwork", False)],
)
def test_a_tag_of_azure_may_stand_for_everybody(tag: str, open_to_all: bool) -> None:
    opened = {"protocol": "Tcp", "source_address_prefix": tag, "destination_port_range": "22"}
    found = OpensIngress(form="azure-rule").holds(change(None, opened))
    assert found == (Fires("port 22") if open_to_all else None)


def test_a_rule_of_another_group_lets_in_where_nobody_was() -> None:
    shell = {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    opened = OpensIngress(form="aws-ingress-rule")
    first, second = ({**shell, "security_group_id": name} for name in ("sg-1", "sg-2"))
    assert opened.holds(change(first, second)) == Fires("port 22")
    assert opened.holds(change(first, {**first, "description": "shell"})) is None


def test_all_protocols_cover_each() -> None:
    before = group(rule(0, 0, "0.0.0.0/0", protocol="-1"))
    assert WORLD.holds(change(before, group(rule(22, 22, "0.0.0.0/0")))) is None
    assert WORLD.holds(change(group(rule(22, 22, "0.0.0.0/0")), before)) == Fires("all ports")


def test_tcp_and_udp_are_two_things() -> None:
    before = group(rule(53, 53, "0.0.0.0/0"))
    assert WORLD.holds(change(before, group(rule(53, 53, "0.0.0.0/0", protocol="udp")))) == Fires("port 53")


def test_a_ping_opens_no_service() -> None:
    assert WORLD.holds(change(None, group(rule(8, -1, "0.0.0.0/0", protocol="icmp")))) is None


def test_the_web_ports_are_told_from_the_others() -> None:
    web, shell = rule(443, 443, "0.0.0.0/0"), rule(22, 22, "0.0.0.0/0")
    assert BUT_WEB.holds(change(None, group(web))) is None
    assert ONLY_WEB.holds(change(None, group(web))) == Fires("port 443")
    assert BUT_WEB.holds(change(None, group(web, shell))) == Fires("port 22")
    assert ONLY_WEB.holds(change(None, group(web, shell))) is None
    assert BUT_WEB.holds(change(None, group(rule(80, 443, "0.0.0.0/0")))) == Fires("ports 80-443")
    assert BUT_WEB.holds(change(None, group(rule(443, 443, "0.0.0.0/0", protocol="-1")))) == Fires("all ports")
    assert ONLY_WEB.holds(change(None, group(rule(443, 443, "0.0.0.0/0", protocol="-1")))) is None
    unknown = {"ingress": [{"protocol": True}]}
    assert BUT_WEB.holds(change(None, group({**web, "protocol": None}), unknown=unknown)) == Fires("all ports")
    assert ONLY_WEB.holds(change(None, group(rule(80, 80, "0.0.0.0/0"), web))) == Fires("port 80, port 443")
    assert ONLY_WEB.holds(change(None, group(rule(443, 443, "10.0.0.0/8")))) is None


def test_halves_and_many_small_parts_are_the_world_too() -> None:
    assert WORLD.holds(change(None, group(rule(22, 22, "0.0.0.0/1", "128.0.0.0/1")))) == Fires("port 22")
    parts = [str(part) for part in ipaddress.ip_network("0.0.0.0/0").subnets(new_prefix=8)]
    assert WORLD.holds(change(None, group(rule(22, 22, *parts)))) == Fires("port 22")


def test_a_wider_network_is_wider_and_a_narrower_one_is_not() -> None:
    wide, narrow = group(rule(22, 22, "10.0.0.0/8")), group(rule(22, 22, "10.1.0.0/16"))
    assert WIDER.holds(change(narrow, wide)) == Fires("port 22")
    assert WIDER.holds(change(wide, narrow)) is None
    assert WORLD.holds(change(narrow, wide)) is None


def test_a_network_that_is_not_known_yet_cannot_be_told() -> None:
    unknown = {"ingress": [{"cidr_blocks": [True]}]}
    after = group({"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": [None]})
    assert WORLD.holds(change(None, after, unknown=unknown)) == Undecidable("ingress.cidr_blocks")


SHELL = {"from_port": 22, "to_port": 22, "protocol": "tcp"}
WORLDWIDE = {"cidr_blocks": ["0.0.0.0/0"]}
AZURE = {"access": "Allow", "direction": "Inbound", "protocol": "Tcp", "destination_port_range": "22"}
AZURE_WORLD = AZURE | {"source_address_prefix": "*"}
GOOGLE = {"direction": "INGRESS", "source_ranges": ["0.0.0.0/0"], "allow": [{"protocol": "tcp", "ports": ["22"]}]}
HIERARCHICAL = {
    "action": "allow",
    "direction": "INGRESS",
    "match": [{"src_ip_ranges": ["0.0.0.0/0"], "layer4_configs": [{"ip_protocol": "tcp", "ports": ["22"]}]}],
}
ACL = {"from_port": 22, "to_port": 22, "protocol": "6", "cidr_block": "0.0.0.0/0"}


@pytest.mark.parametrize(
    ("form", "opened", "closed"),
    [
        ("aws-group", {"ingress": [SHELL | WORLDWIDE]}, {"egress": [SHELL | WORLDWIDE]}),
        ("aws-group", {"ingress": [SHELL | {"ipv6_cidr_blocks": ["::/0"]}]}, {"ingress": [SHELL, None]}),
        ("aws-rule", {"type": "ingress", **SHELL, **WORLDWIDE}, {"type": "egress", **SHELL, **WORLDWIDE}),
        ("aws-acl", {"ingress": [{"action": "allow", **ACL}]}, {"ingress": [{"action": "deny", **ACL}]}),
        (
            "aws-acl-rule",
            {"rule_action": "ALLOW", "egress": False, **ACL},
            {"rule_action": "allow", "egress": True, **ACL},
        ),
        ("aws-acl-rule", {"rule_action": "allow", **ACL}, {"rule_action": "deny", "egress": False, **ACL}),
        ("azure-rule", AZURE_WORLD, AZURE_WORLD | {"access": "Deny"}),
        ("azure-rule", AZURE | {"source_address_prefixes": ["0.0.0.0/0"]}, AZURE_WORLD | {"direction": "Outbound"}),
        ("azure-group", {"security_rule": [AZURE_WORLD]}, {"security_rule": [AZURE_WORLD | {"protocol": "Icmp"}]}),
        ("google-firewall", GOOGLE, GOOGLE | {"direction": "EGRESS"}),
        ("google-firewall", GOOGLE | {"disabled": False}, GOOGLE | {"disabled": True}),
        ("google-policy-rule", HIERARCHICAL, HIERARCHICAL | {"action": "deny"}),
        ("google-policy-rule", HIERARCHICAL, HIERARCHICAL | {"action": "goto_next"}),
    ],
)
def test_each_form_of_rule_tells_what_lets_in_from_what_does_not(form: Form, opened: Any, closed: Any) -> None:
    opens = OpensIngress(form=form)
    assert opens.holds(change(None, opened)) == Fires("port 22")
    assert opens.holds(change(None, closed)) is None
    assert opens.holds(change(closed, opened)) == Fires("port 22")
    assert opens.holds(change(opened, closed)) is None


@pytest.mark.parametrize(
    ("form", "rule", "ports"),
    [
        ("aws-rule", {"protocol": "-1", "from_port": 0, "to_port": 0, **WORLDWIDE}, "all ports"),
        ("aws-rule", {"protocol": -1, "from_port": 22, "to_port": 22, **WORLDWIDE}, "all ports"),
        ("aws-rule", SHELL | WORLDWIDE | {"protocol": "ICMP"}, None),
        ("aws-rule", SHELL | WORLDWIDE | {"from_port": None}, "all ports"),
        ("aws-rule", SHELL | WORLDWIDE | {"to_port": None}, "all ports"),
        ("aws-rule", SHELL | WORLDWIDE | {"from_port": 0, "to_port": 65535}, "all ports"),
        ("aws-rule", SHELL | WORLDWIDE | {"from_port": 20}, "ports 20-22"),
        ("azure-rule", AZURE_WORLD | {"protocol": "*", "destination_port_range": "*"}, "all ports"),
        ("azure-rule", AZURE_WORLD | {"destination_port_range": "20-22"}, "ports 20-22"),
        ("azure-rule", AZURE_WORLD | {"destination_port_range": None}, "all ports"),
        ("azure-rule", AZURE_WORLD | {"destination_port_range": "", "destination_port_ranges": ["80-"]}, "port 80"),
        ("azure-rule", AZURE_WORLD | {"destination_port_range": "shell"}, "all ports"),
        ("azure-rule", AZURE_WORLD | {"destination_port_ranges": ["*"]}, "all ports, port 22"),
        ("azure-rule", AZURE_WORLD | {"destination_port_range": "22-up"}, "all ports"),
        (
            "azure-rule",
            AZURE_WORLD | {"destination_port_range": None, "destination_port_ranges": ["22", "80-90", "8080", "9000"]},
            "port 22, ports 80-90, port 8080 and 1 more",
        ),
        (
            "azure-rule",
            AZURE_WORLD | {"destination_port_range": None, "destination_port_ranges": ["1", "3", "5"]},
            "port 1, port 3, port 5",
        ),
        ("google-firewall", GOOGLE | {"allow": [{"protocol": "all"}]}, "all ports"),
        ("google-firewall", GOOGLE | {"allow": [{"protocol": "tcp", "ports": []}]}, "all ports"),
        ("google-firewall", GOOGLE | {"allow": [{"protocol": "icmp"}, {"protocol": "udp", "ports": [53]}]}, "port 53"),
        ("google-firewall", GOOGLE | {"allow": []}, "all ports"),
        ("google-firewall", GOOGLE | {"allow": [], "deny": [{"protocol": "all"}]}, None),
        ("google-firewall", GOOGLE | {"allow": ["no block"]}, None),
        ("google-policy-rule", HIERARCHICAL | {"match": [{"src_ip_ranges": ["0.0.0.0/0"]}]}, "all ports"),
    ],
)
def test_ports_are_those_of_the_rule_and_all_where_it_names_none(form: Form, rule: Any, ports: str | None) -> None:
    assert OpensIngress(form=form).holds(change(None, rule)) == (Fires(ports) if ports else None)


@pytest.mark.parametrize(
    ("form", "after", "unknown", "expected"),
    [
        ("aws-rule", {"type": "ingress", **SHELL}, {"cidr_blocks": True}, Undecidable("cidr_blocks")),
        ("aws-rule", {"type": "ingress", **SHELL}, {"source_security_group_id": True}, None),
        ("aws-rule", {**SHELL, **WORLDWIDE}, {"type": True}, Fires("port 22")),
        ("aws-group", {}, {"ingress": True}, Undecidable("ingress.cidr_blocks")),
        (
            "aws-group",
            {"ingress": [SHELL | WORLDWIDE, SHELL]},
            {"ingress": [{}, {"cidr_blocks": True}]},
            Fires("port 22"),
        ),
        ("azure-rule", AZURE, {"source_address_prefixes": [True]}, Undecidable("source_address_prefixes")),
        ("google-firewall", GOOGLE | {"allow": None}, {"allow": True}, Fires("all ports")),
        ("google-policy-rule", {"action": "allow"}, {"match": True}, Undecidable("match.src_ip_ranges")),
    ],
)
def test_a_rule_that_is_not_known_in_full_is_told_where_the_rest_decides(
    form: Form, after: Any, unknown: Any, expected: Finding
) -> None:
    assert OpensIngress(form=form).holds(change(None, after, unknown=unknown)) == expected


def test_part_of_the_ports_that_were_open_is_no_news() -> None:
    before = group(rule(20, 30, "0.0.0.0/0"))
    for low, high, fresh in ((20, 30, None), (15, 20, "ports 15-19"), (30, 31, "port 31"), (31, 40, "ports 31-40")):
        assert WORLD.holds(change(before, group(rule(low, high, "0.0.0.0/0")))) == (Fires(fresh) if fresh else None)
    assert WORLD.holds(change(before, group(rule(10, 40, "0.0.0.0/0")))) == Fires("ports 10-19, ports 31-40")
    assert WORLD.holds(change(before, group(rule(10, 19, "0.0.0.0/0")))) == Fires("ports 10-19")
    assert WORLD.holds(change(before, group(rule(20, 30, "::/0")))) == Fires("ports 20-30")
    assert WORLD.holds(change(group(rule(20, 30, "0.0.0.0/1")), before)) == Fires("ports 20-30")


def test_groups_and_prefix_lists_are_no_networks() -> None:
    assert WORLD.holds(change(None, group(rule(22, 22, "pl-63a5400a", "sg-1")))) is None


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "::/0", "0.0.0.0/7", "2000::/3", "128.0.0.0/2"])
def test_wider_than_any_registry_gives_out_is_the_world(cidr: str) -> None:
    assert is_world(ipaddress.ip_network(cidr))


@pytest.mark.parametrize(
    "cidr",
    [
        "10.0.0.0/8",
        "8.0.0.0/8",
        "240.0.0.0/4",
        "fc00::/7",
        "2600::/16",
        "fd00::/8",
        "fe80::/10",
        "2001:db8::/32",
        "203.0.113.7/32",
    ],
)
def test_what_one_owner_can_have_is_not(cidr: str) -> None:
    assert not is_world(ipaddress.ip_network(cidr))


def test_lists_of_networks_are_compared_as_addresses() -> None:
    widens, narrows = WidensNetworks(paths=("c",), to="wider"), NarrowsNetworks(paths=("c",))
    wide, narrow = {"c": ["10.0.0.0/16"]}, {"c": ["10.0.0.0/17", "10.0.128.0/17"]}
    assert widens.holds(change(wide, narrow)) is None
    assert narrows.holds(change(wide, narrow)) is None
    assert narrows.holds(change(wide, {"c": ["10.0.0.0/17"]})) == Fires()
    assert WidensNetworks(paths=("c",)).holds(change(narrow, {"c": ["0.0.0.0/0"]})) == Fires("the whole Internet")
    assert WidensNetworks(paths=("c",)).holds(change(narrow, {"c": ["10.0.0.0/8"]})) is None
    assert widens.holds(change(narrow, {"c": ["10.0.0.0/8"]})) == Fires("")
    assert widens.holds(change(wide, {"c": ["10.0.0.0/16", "2001:db8::/32"]})) == Fires("")
    assert widens.holds(change({"c": ["0.0.0.0/0"]}, {"c": ["0.0.0.0/0", "::/0"]})) == Fires("the whole Internet")
    assert widens.holds(change(wide, {"c": ["2001:db8::/32", "0.0.0.0/0"]})) == Fires("the whole Internet")
    assert widens.holds(change(narrow, {"c": ["10.0.0.0/16", "192.0.2.7", 7, None, "sg-1"]})) == Fires("")
    assert narrows.holds(change({"c": ["10.0.0.0/16", "::/0"]}, {"c": ["0.0.0.0/0"]})) == Fires()
    assert narrows.holds(change(wide, {"c": []})) == Fires()


def test_a_list_of_networks_that_is_not_known_yet_cannot_be_told() -> None:
    widens, narrows = WidensNetworks(paths=("c", "d"), to="wider"), NarrowsNetworks(paths=("c", "d"))
    some = {"c": ["10.0.0.0/16"]}
    assert widens.holds(change(some, {}, unknown={"c": True})) == Undecidable("c")
    assert widens.holds(change(some, {"c": ["10.0.0.0/8"]}, unknown={"d": True})) == Fires("")
    assert narrows.holds(change(some, {}, unknown={"c": True})) == Undecidable("c")
    assert narrows.holds(change(some, some, unknown={"d": True})) == Undecidable("d")
    assert narrows.holds(change(None, {}, unknown={"c": True})) is None
    assert narrows.holds(change(some, some, unknown={"e": True})) is None
    assert widens.holds(change(some, some, unknown={"e": True})) is None


def test_a_range_of_addresses_may_be_the_world() -> None:
    spans = SpansAddresses(first="start", last="end")
    world = {"start": "0.0.0.0", "end": "255.255.255.255"}  # noqa: S104 - an address in a rule, nothing is bound
    assert spans.holds(change(None, world)) == Fires("the whole Internet")
    assert spans.holds(change(world, {**world, "name": "x"})) is None
    assert spans.holds(change(world, None)) is None
    assert spans.holds(change(None, {"start": "0.0.0.0"}, unknown={"end": True})) == Undecidable("end")  # noqa: S104
    assert spans.holds(change(None, {"start": "203.0.113.1", "end": "203.0.113.9"})) is None
    assert spans.holds(change(None, {"start": "9.9.9.9", "end": "1.1.1.1"})) is None
    assert spans.holds(change(None, {"start": "nonsense", "end": "1.1.1.1"})) is None


NETWORKS = st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "203.0.113.0/24", "128.0.0.0/1"])
PORTS = st.integers(0, 5)
RULES = st.lists(
    st.builds(lambda low, span, cidr: rule(low, low + span, cidr), PORTS, PORTS, NETWORKS), min_size=1, max_size=4
)


def allowed(rules: list[dict[str, Any]]) -> set[tuple[str, int]]:
    """Every (single address, port) that the rules let in, for one address out of each network above."""
    addresses = ["8.8.8.8", "10.2.0.1", "10.1.0.1", "203.0.113.1", "200.0.0.1"]
    return {
        (address, port)
        for one in rules
        for port in range(one["from_port"], one["to_port"] + 1)
        for address in addresses
        if ipaddress.ip_address(address) in ipaddress.ip_network(one["cidr_blocks"][0])
    }


@settings(max_examples=150, deadline=None)
@given(before=RULES, after=RULES)
def test_wider_fires_just_where_somebody_gets_in_who_could_not(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    # The addresses stand one in each of the networks and none is in a narrower one besides, so they tell all apart.
    if allowed(after) - allowed(before):
        assert isinstance(WIDER.holds(change(group(*before), group(*after))), Fires)
    if WIDER.holds(change(group(*before), group(*after))) is None:
        assert allowed(after) <= allowed(before)
    assert WIDER.holds(change(group(*before), group(*before))) is None


def test_one_among_thousands_of_networks_is_found_without_holding_each_against_each() -> None:
    """Those that hold a network are looked up by their lengths: 5,000 against 5,000 took minutes."""
    cidrs = [f"10.{number // 256}.{number % 256}.0/24" for number in range(0, 10_000, 2)]
    before = group(rule(22, 22, *cidrs))
    assert WIDER.holds(change(before, group(rule(22, 22, *cidrs[::-1])))) is None
    assert WIDER.holds(change(before, group(rule(22, 22, *cidrs, "10.0.1.0/24")))) == Fires("port 22")


def google(ports: list[str], networks: list[str]) -> dict[str, Any]:
    return {"direction": "INGRESS", "source_ranges": networks, "allow": [{"protocol": "tcp", "ports": ports}]}


def test_many_ports_of_many_networks_are_compared_up_to_a_bound() -> None:
    """Each port goes with each network: 600 of each, 18 KB of plan, took more than 15 seconds."""
    holds = OpensIngress(form="google-firewall", to="wider").holds
    ports = [str(2 * number) for number in range(100)]
    cidrs = [f"10.{number}.0.0/24" for number in range(100)]
    before = google(ports, cidrs)
    assert holds(change(before, google(ports[::-1], cidrs[::-1]))) is None
    assert holds(change(before, google([*ports, "7"], cidrs))) == Fires("port 7")
    assert holds(change(before, google(["0-9"], cidrs[:1]))) == Fires("port 1, port 3, port 5 and 2 more")
    too_many = google([str(2 * number) for number in range(501)], cidrs)
    said = Fires("more than 50,000 combinations of networks and ports")
    assert holds(change(before, too_many)) == said
    assert holds(change(too_many, too_many)) == said
    just_as_many = google([str(2 * number) for number in range(500)], cidrs)
    assert holds(change(just_as_many, just_as_many)) is None
    # Of what was more than that before, only so much is known to have been open.
    assert holds(change(too_many, google(["1000"], cidrs))) == Fires("port 1000")
    assert holds(change(too_many, google(["0"], cidrs))) is None
