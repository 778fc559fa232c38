"""Which places a change reaches."""

from handmade import FACTS, graph, instance, placement, plan
from scopegate.place.placement import AlsoReaches
from scopegate.plan.actions import Action
from scopegate.reach.compute import compute_reach
from scopegate.reach.footprint import Footprint, ProviderKey, RegionKey, Tally, footprint


def _footprint(*placements: object) -> Footprint:
    """The footprint of a deleted VPC, a load balancer in it, and a listener on that."""
    judged = plan(instance("aws_vpc.a", Action.DELETE), instance("aws_lb.a"), instance("aws_lb_listener.a"))
    return footprint(compute_reach(judged, graph(3, [(1, 0), (2, 1)]), FACTS), placements)  # type: ignore[arg-type]


def test_each_touch_counts_in_its_region_by_how_it_is_touched() -> None:
    places = _footprint(
        placement("eu-central-1"), placement("eu-central-1"), placement("us-east-1", jurisdictions=["US"])
    )
    assert places.regions == {
        RegionKey("aws", "aws", "eu-central-1"): Tally(direct=(0,), affected=(1,)),
        RegionKey("aws", "aws", "us-east-1"): Tally(exposed=(2,)),
    }
    assert places.jurisdictions == {"EU": Tally((0,), (1,)), "US": Tally(exposed=(2,))}


def test_an_unknown_place_is_a_row_of_its_own() -> None:
    unknown = placement(None, partition=None, jurisdictions=None)
    places = _footprint(unknown, placement(), placement())
    assert places.regions[RegionKey("aws", None, None)] == Tally(direct=(0,))
    assert places.partitions[ProviderKey("aws", None)] == Tally(direct=(0,))
    assert places.jurisdictions[None] == Tally(direct=(0,))


def test_a_helper_without_a_place_is_in_no_row() -> None:
    places = _footprint(placement(located=False, region=None), placement(), placement())
    assert places.regions == {RegionKey("aws", "aws", "eu-central-1"): Tally(affected=(1,), exposed=(2,))}


def test_a_replica_abroad_is_reached_with_its_law() -> None:
    replica = AlsoReaches("replicates", "replica.region_name", "us-east-1", "aws", None, frozenset({"US"}))
    places = _footprint(placement(also=(replica,)), placement(), placement())
    assert places.regions[RegionKey("aws", "aws", "us-east-1")] == Tally(direct=(0,))
    assert places.region_jurisdictions[RegionKey("aws", "aws", "us-east-1")] == {"US"}
    assert places.jurisdictions["US"] == Tally(direct=(0,))


def test_a_copy_that_nobody_can_place_is_reached_in_an_unknown_region_under_an_unknown_law() -> None:
    copy = AlsoReaches("replicates", "rule.destination.bucket", unknown="names no region")
    places = _footprint(placement(also=(copy,)), placement(), placement())
    assert places.regions[RegionKey("aws", "aws", None)] == Tally(direct=(0,))
    assert places.jurisdictions[None] == Tally(direct=(0,))
    in_china = AlsoReaches("replicates", "b", jurisdictions=frozenset({"CN"}), unknown="names no region")
    assert None not in _footprint(placement(also=(in_china,)), placement(), placement()).jurisdictions


def test_what_is_also_reached_counts_where_it_says_it_is_and_nowhere_else() -> None:
    near = AlsoReaches("replicates", "replica.region_name", "us-east-1", None, None, frozenset({"US"}))
    other = AlsoReaches("peers", "peer_owner_id", None, None, "210987654321", frozenset())
    china = AlsoReaches("peers", "peer_region", "cn-north-1", "aws-cn", None, frozenset({"CN"}))
    own = placement(account="123456789012")
    places = _footprint(placement(account="123456789012", also=(near, other, china)), own, own)
    assert places.regions == {
        RegionKey("aws", "aws", "eu-central-1"): Tally((0,), (1,), (2,)),
        RegionKey("aws", "aws", "us-east-1"): Tally(direct=(0,)),
        RegionKey("aws", "aws-cn", "cn-north-1"): Tally(direct=(0,)),
    }
    assert places.partitions == {
        ProviderKey("aws", "aws"): Tally((0,), (1,), (2,)),
        ProviderKey("aws", "aws-cn"): Tally(direct=(0,)),
    }
    assert places.accounts == {
        ProviderKey("aws", "123456789012"): Tally((0,), (1,), (2,)),
        ProviderKey("aws", "210987654321"): Tally(direct=(0,)),
    }


def test_the_estate_is_every_region_something_of_the_plan_stands_in_touched_or_not() -> None:
    places = _footprint(
        placement("global", jurisdictions=[]),
        placement("eu-central-1"),
        placement("cn-north-1", partition="aws-cn", jurisdictions=["CN"]),
    )
    assert places.estate == {"aws": ("eu-central-1",), "aws-cn": ("cn-north-1",)}
