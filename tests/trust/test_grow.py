"""What grows, of whatever strangers write: an outcome or a declared error comes at any size, and a square is noticed.

``python -m benchmarks.trust.grow`` does it in sizes in which time shows; how work grows is counted in the tests of each
area.
"""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from benchmarks.trust import grow
from benchmarks.trust.grow import SIDES, Example, Input, Read, Tally
from benchmarks.trust.grown import WAYS, marks, sides
from benchmarks.trust.large_inputs import KINDS, by_analysis
from benchmarks.trust.large_plans import PLANS

LARGE = [(kind, name) for kind, said in KINDS.items() for name in said.inputs]
POLICY = json.dumps({"Statement": [{"Action": ["s3:Get"], "Resource": "arn:a"}]})
VALUES = {"cidr_blocks": ["10.0.0.0/8"], "tags": {"a": "b"}, "on": True, "port": 443, "none": None, "policy": POLICY}


@pytest.mark.parametrize(("kind", "name"), LARGE)
def test_an_outcome_or_a_declared_error_comes_of_what_is_large(kind: str, name: str) -> None:
    said = KINDS[kind]
    assert grow.read(Input(name, said.inputs[name], said.reading), 7).find == ""


@pytest.mark.parametrize(("way", "side"), [*((way, "both") for way in WAYS), *(("lists", side) for side in SIDES)])
def test_an_outcome_or_a_declared_error_comes_of_values_that_are_grown(way: str, side: str) -> None:
    made = Example("aws_security_group", VALUES, {**VALUES, "on": False}, WAYS[way], side)
    assert grow.read(Input(way, made, by_analysis), 9).find == ""


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_is_large_in_one_way_is_larger_in_a_larger_size(name: str) -> None:
    small, large = (PLANS[name](size) for size in (30, 480))
    assert len(large) > 1.5 * len(small)


def test_values_are_grown_wherever_they_stand() -> None:
    """By hand: of the lists two items, of the maps two keys more, of the strings two pieces, in JSON as well."""
    value = {"a": ["10.0.0.0/8"], "b": json.dumps({"c": ["x"]}), "d": {"e": "y"}, "f": True}
    assert WAYS["lists"](value, 2) == {**value, "a": ["11.0.0.0/24", "11.0.1.0/24"], "b": '{"c": ["x0", "x1"]}'}
    assert WAYS["inner maps"](value, 2)["d"] == {"e": "y", "e_0": "y0", "e_1": "y1"}
    assert set(WAYS["maps"](value, 2)) == {*"abdf", "a_0", "b_1"}
    assert WAYS["strings of '.'"](value, 2) == {
        **value,
        "a": ["10.0.0.0/8.0.1"],
        "b": '{"c": ["x.0.1"]}',
        "d": {"e": "y.0.1"},
    }
    assert WAYS["nesting"]({"a": 1}, 3) == {"a": [[{"a": [1]}]]}
    assert WAYS["inner lists"]([{"a": ["1"]}, {"a": []}], 3) == [{"a": ["1", "2", "3"]}, {"a": []}]


def test_each_side_of_a_change_is_grown_by_itself_and_the_marks_with_it() -> None:
    found = dict(sides({"a": [1]}, {"a": [1, 2], "b": None}))
    assert {name: part["actions"] for name, part in found.items()} == {
        "both": ["update"],
        "created": ["create"],
        "destroyed": ["delete"],
        "unknown": ["update"],
        "sensitive": ["update"],
    }
    assert found["created"] == {"actions": ["create"], "before": None, "after": {"a": [1, 2], "b": None}}
    assert found["destroyed"]["before"] == {"a": [1, 2], "b": None}
    assert found["unknown"]["after"] == {}
    assert found["unknown"]["after_unknown"] == found["sensitive"]["after_sensitive"] == {"a": [True, True], "b": {}}
    assert found["sensitive"]["before_sensitive"] == marks({"a": [1]}) == {"a": [True]}


def reading(clock: list[float], work: Callable[[int], float]) -> Input:
    """Return an input that takes ``work`` of its length in seconds, on a clock of its own."""

    def read(data: bytes) -> Iterator[str]:
        yield "reading"
        clock[0] += work(len(data))
        yield "looking"

    return Input("x", lambda size: b" " * size, read)


@pytest.mark.parametrize(
    ("work", "finds"),
    [
        (lambda size: size / 1_000, 0),
        (lambda size: size / 1_000 + 5, 0),
        (lambda size: size * size / 100_000, 1),
        (lambda size: size**1.5 / 10_000, 1),
        (lambda size: min(size, 400) ** 2 / 100_000, 0),  # capped
        (lambda size: size * size / 10_000_000, 0),  # below the floor
        (lambda size: size * (size.bit_length() - 1) / 10_000, 0),
    ],
)
def test_what_takes_longer_than_it_is_long_is_a_find_and_what_is_capped_is_none(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[int], float], finds: int
) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "process_time", lambda: clock[0])
    tally = Tally()
    grow.grow(reading(clock, work), 100, tally)
    assert [find.split(" takes")[0] for find in tally.finds] == ["x: looking"] * finds
    assert tally.slowest[0][1:] == ("x", 400)


def test_a_crash_and_what_never_ends_are_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(data: bytes) -> Iterator[str]:
        yield "reading"
        raise KeyError(len(data))

    def never(_: bytes) -> Iterator[str]:
        yield "reading"
        raise grow.TooLongError

    found = [grow.read(Input("x", bytes, how), 3) for how in (crash, never)]
    assert "KeyError: 3" in found[0].find
    assert found[1].find == "3 items, 3 bytes: not done after 60 seconds, past reading"
    monkeypatch.setattr(grow, "read", lambda *_: Read(1, {}, "", "broken"))
    tally = Tally()
    grow.grow(Input("x", bytes, crash), 1, tally)
    assert tally.finds == ["x: broken"]
