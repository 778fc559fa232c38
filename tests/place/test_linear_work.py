"""The work of placing grows with the plan, also where many instances depend on many. Calls are counted, not timed."""

import sys
from collections.abc import Callable
from types import FrameType

import msgspec
import pytest

from place.documents import AWS, AZURE, FACTS, Json, change, config, document, placements, reference
from scopegate.graph.build import build_graph
from scopegate.place.place import place_all
from scopegate.place.placement import Known
from scopegate.plan.decode import decode_plan

SMALL, LARGE = 25, 100


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions ``work`` calls, generators each time they go on."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def numbered(number: int, item: Json) -> Json:
    return {**item, "index": number}


def subnets_of_networks(count: int) -> Json:
    """Return so many networks and four times as many subnets, each of which may be in any of the networks."""
    networks = [
        numbered(n, change(f"azurerm_virtual_network.v[{n}]", {"location": "eastus"}, provider=AZURE, key="azurerm"))
        for n in range(count)
    ]
    named = {"virtual_network_name": reference("azurerm_virtual_network.v")}
    subnets = [
        numbered(n, change(f"azurerm_subnet.s[{n}]", {}, provider=AZURE, key="azurerm", arguments=named))
        for n in range(4 * count)
    ]
    return document(*networks, *subnets, providers=config("azurerm"))


def networks_of_one_name(count: int) -> Json:
    """Return so many groups, each with a network and a subnet in it that are called the same as everywhere."""
    items: list[Json] = []
    for n in range(count):
        own = {"resource_group_name": f"g{n}"}
        network = {**own, "name": "main", "location": "eastus"}
        subnet = {**own, "name": "a", "virtual_network_name": "main"}
        items.append(change(f"azurerm_virtual_network.v{n}", network, network, provider=AZURE, key="azurerm"))
        items.append(change(f"azurerm_subnet.s{n}", subnet, subnet, provider=AZURE, key="azurerm"))
    return document(*items, providers=config("azurerm"))


def alarms_of_topics(count: int) -> Json:
    """Return so many topics and four times as many alarms, each of which may tell any of the topics."""
    topics = [numbered(n, change(f"aws_sns_topic.t[{n}]", {"name": f"t{n}"}, provider=AWS)) for n in range(count)]
    told = {"alarm_actions": reference("aws_sns_topic.t")}
    alarms = [
        numbered(n, change(f"aws_cloudwatch_metric_alarm.a[{n}]", {}, provider=AWS, arguments=told))
        for n in range(4 * count)
    ]
    return document(*topics, *alarms, providers=config("aws", region="eu-central-1"))


@pytest.mark.parametrize("made", [subnets_of_networks, networks_of_one_name, alarms_of_topics])
def test_four_times_the_plan_is_four_times_the_work(made: Callable[[int], Json]) -> None:
    def work(count: int) -> int:
        plan = decode_plan(msgspec.json.encode(made(count)), "plan.json")
        graph = build_graph(plan)
        place_all(plan, FACTS, graph, {})  # what is remembered of facts is remembered
        return calls_of(lambda: place_all(plan, FACTS, graph, {}))

    assert work(LARGE) < 1.25 * LARGE / SMALL * work(SMALL)


def test_every_child_of_many_parents_is_where_they_all_are() -> None:
    found = placements(subnets_of_networks(3))
    subnets = [own for address, own in found.items() if address.startswith("azurerm_subnet")]
    evidence = "virtual_network_name is azurerm_virtual_network.v[0]: attribute location"
    assert [own.region for own in subnets] == [Known("eastus", evidence)] * 12
