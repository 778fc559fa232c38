"""Where a change lands, and what else it reaches."""

import pytest
from msgspec.structs import replace

from handmade import placement
from scopegate.place.placement import AlsoReaches, Known, Placement
from scopegate.signals.change import Change
from scopegate.signals.finding import Fires
from scopegate.signals.places import Beyond
from scopegate.signals.predicates import EffectIs, MovesRegion, ReachesBeyond
from signals.written_changes import change

TABLE = change({"replica": []}, {"replica": [{"region_name": "us-east-1"}]})


def at(where: Placement, planned: Change = TABLE) -> Change:
    """Return a change that lands there."""
    return replace(planned, around=replace(planned.around, placements=[where]))


def test_an_effect_is_one_of_those_asked_for() -> None:
    edge = at(replace(placement(), effect="edge"))
    assert EffectIs(one_of=("account", "edge")).holds(edge) == Fires()
    assert EffectIs(one_of=("account",)).holds(edge) is None
    assert EffectIs(one_of=("account",)).holds(TABLE) is None


def test_an_object_leaves_one_region_for_another() -> None:
    moved = replace(placement("us-east-1"), previous_region=Known("eu-west-1", "region"))
    assert MovesRegion().holds(at(moved)) == Fires("from eu-west-1 to us-east-1")
    assert MovesRegion().holds(at(replace(moved, region=placement(None).region))) is None
    assert MovesRegion().holds(at(placement("us-east-1"))) is None


def also(kind: str = "replicates", evidence: str = "replica.region_name", **where: object) -> AlsoReaches:
    return AlsoReaches(kind, evidence, **where)  # type: ignore[arg-type]


OTHER = also(region="us-east-1", partition="aws-us-gov", account="444455556666", jurisdictions=frozenset({"US", "EU"}))
OWN = also(region="eu-central-1", partition="aws", account="111122223333", jurisdictions=frozenset({"EU"}))
HERE = placement("eu-central-1", account="111122223333", jurisdictions=("EU",))
NOWHERE = placement(None, partition=None, jurisdictions=None)


@pytest.mark.parametrize(
    ("dimension", "words"),
    [
        ("region", "us-east-1 by replica.region_name"),
        ("partition", "aws-us-gov by replica.region_name"),
        ("account", "by replica.region_name"),
        ("jurisdiction", "EU, US by replica.region_name"),
    ],
)
def test_what_is_not_its_own_is_beyond(dimension: Beyond, words: str) -> None:
    beyond = ReachesBeyond(dimension=dimension)
    assert beyond.holds(at(replace(HERE, also_reaches=(OWN, OTHER)))) == Fires(words)
    assert beyond.holds(at(replace(HERE, also_reaches=(OWN,)))) is None
    assert beyond.holds(at(replace(HERE, also_reaches=(also(),)))) is None
    assert beyond.holds(at(replace(NOWHERE, also_reaches=(also(),)))) is None
    assert isinstance(beyond.holds(at(replace(NOWHERE, also_reaches=(OWN,)))), Fires)


def test_only_the_relations_that_are_asked_for_count() -> None:
    reaches = at(replace(HERE, also_reaches=(also("peers", region="us-east-1"), also("sends", region="us-west-2"))))
    assert ReachesBeyond(dimension="region", kinds=("sends", "creates")).holds(reaches) == Fires(
        "us-west-2 by replica.region_name"
    )
    assert ReachesBeyond(dimension="region", kinds=("creates",)).holds(reaches) is None


def test_places_are_named_in_order_once_and_five_at_most() -> None:
    named = [f"us-west-{number}" for number in (7, 6, 6, 5, 4, 3, 2, 1)]
    reaches = at(replace(HERE, also_reaches=tuple(also(region=region) for region in named)))
    assert ReachesBeyond(dimension="region").holds(reaches) == Fires(
        "us-west-1, us-west-2, us-west-3, us-west-4, us-west-5 by replica.region_name"
    )


def test_what_an_attribute_names_is_compared_once_for_all_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []
    monkeypatch.setattr(Change, "values_after", lambda _, path: compared.append(path))
    reaches = at(replace(HERE, also_reaches=tuple(also(region=f"us-west-{number}") for number in range(100))))
    assert isinstance(ReachesBeyond(dimension="region").holds(reaches), Fires)
    assert compared == [("replica", "region_name")]


def test_what_an_attribute_named_before_is_not_reached_anew() -> None:
    there = replace(HERE, also_reaches=(OTHER,))
    replica = {"replica": [{"region_name": "us-east-1"}]}
    kept = change({**replica, "name": "a"}, {**replica, "name": "b"})
    assert ReachesBeyond(dimension="region").holds(at(there, kept)) is None
    unknown = change(replica, replica, unknown={"replica": [{}, {"region_name": True}]})
    assert ReachesBeyond(dimension="region").holds(at(there, unknown)) == Fires("us-east-1 by replica.region_name")


def test_a_place_that_a_reference_leads_to_is_reached_anew_where_the_argument_is_set_anew() -> None:
    by_reference = replace(HERE, also_reaches=(also(evidence="destination.bucket by reference", region="us-east-1"),))
    beyond, copy = ReachesBeyond(dimension="region"), {"destination": [{"bucket": "arn:aws:s3:::copy"}]}
    named = change({"destination": []}, copy)
    awaited = change({"destination": []}, {"destination": [{}]}, unknown={"destination": [{"bucket": True}]})
    assert beyond.holds(at(by_reference, named)) == Fires("us-east-1 by destination.bucket by reference")
    assert beyond.holds(at(by_reference, awaited)) == Fires("us-east-1 by destination.bucket by reference")
    assert beyond.holds(at(by_reference, change({**copy, "priority": 1}, {**copy, "priority": 2}))) is None


def test_what_is_in_all_regions_reaches_no_other_by_naming_one() -> None:
    topic = at(replace(placement("global"), also_reaches=(OTHER,)))
    assert ReachesBeyond(dimension="region").holds(topic) is None
    assert isinstance(ReachesBeyond(dimension="account").holds(topic), Fires)
