"""What a single attribute was, and what it becomes."""

from collections import Counter

import pytest

from handmade import raw
from scopegate.signals import values
from scopegate.signals.finding import Fires, Undecidable
from scopegate.signals.globs import matches
from scopegate.signals.predicates import (
    Added,
    Became,
    Changed,
    Decreased,
    Emptied,
    Gained,
    Increased,
    IsOneOf,
    Lost,
    Lowered,
    Removed,
    WasOneOf,
)
from scopegate.signals.values import number_of
from signals.written_changes import change


def test_what_was_so_before_did_not_become_so() -> None:
    off = Became(path="on", to=(False,))
    assert off.holds(change({"on": True}, {"on": False})) == Fires()
    assert off.holds(change({"on": False}, {"on": False})) is None
    assert off.holds(change({"on": False}, {"on": True})) is None


def test_an_absent_value_stands_for_the_default_of_the_provider() -> None:
    off = Became(path="on", to=(False,), default=False)
    assert off.holds(change({"on": True}, {"on": None})) == Fires()
    assert off.holds(change({"on": None}, {"on": False})) is None
    assert off.holds(change({}, {})) is None


def test_one_of_several_blocks_is_enough() -> None:
    off = Became(path="pool.on", to=(False,))
    before = {"pool": [{"on": True}, {"on": False}]}
    assert off.holds(change(before, {"pool": [{"on": False}, {"on": False}]})) == Fires()
    assert off.holds(change(before, {"pool": [{"on": False}, {"on": True}]})) is None


def test_a_star_stands_for_every_key_of_a_map() -> None:
    world = Became(path="who.*.from", to=("world",))
    before, after = {"who": {"a": {"from": "office"}}}, {"who": {"a": {"from": "office"}, "b": {"from": "world"}}}
    assert world.holds(change(before, after)) == Fires()
    assert world.holds(change(after, before)) is None


def test_strings_are_globs_and_capitals_no_difference() -> None:
    admin = Became(path="role", to=("arn:*:policy/Admin*",))
    assert admin.holds(change(None, {"role": "arn:aws-cn:iam::aws:policy/AdministratorAccess"})) == Fires()
    assert Became(path="mode", to=("OFF",)).holds(change({"mode": "on"}, {"mode": "off"})) == Fires()
    assert Became(path="who", to=("[*]",)).holds(change(None, {"who": "anybody"})) is None
    assert Became(path="who", to=("[*]",)).holds(change(None, {"who": "*"})) == Fires()


def test_true_is_not_one_and_the_word_is_not_the_value() -> None:
    assert Became(path="n", to=(1,)).holds(change({"n": 0}, {"n": True})) is None
    assert Became(path="n", to=(True,)).holds(change({"n": 0}, {"n": 1})) is None
    assert Became(path="n", to=("1",)).holds(change({"n": 0}, {"n": 1})) is None


def test_what_is_known_only_after_apply_cannot_be_told() -> None:
    off = Became(path="on", to=(False,), default=False)
    assert off.holds(change({"on": True}, {}, unknown={"on": True})) == Undecidable("on", is_choice=True)
    assert Lost(path="who").holds(change({"who": ["a"]}, {}, unknown={"who": True})) == Undecidable("who", of_new=True)
    assert Emptied(path="who").holds(change({"who": ["a"]}, {}, unknown={"who": True})) == Undecidable(
        "who", of_new=True
    )
    assert Decreased(path="n").holds(change({"n": 4}, {}, unknown={"n": True})) == Undecidable("n", is_choice=True)
    assert Changed(path="key").holds(change({"key": "a"}, {}, unknown={"key": True})) == Undecidable("key", of_new=True)


def test_what_is_known_decides_although_something_beside_it_is_not() -> None:
    opened = Gained(path="who", matching=("everybody",))
    partly = change({"who": ["a"]}, {"who": ["everybody", None]}, unknown={"who": [False, True]})
    assert opened.holds(partly) == Fires()


def test_one_block_of_several_that_is_not_known_is_enough() -> None:
    on = Became(path="pool.on", to=(True,))
    partly = change({"pool": [{"on": False}]}, {"pool": [{"on": False}, {}]}, unknown={"pool": [{}, {"on": True}]})
    assert on.holds(partly) == Undecidable("pool.on", is_choice=True)


def test_one_block_of_which_the_switch_is_not_known_is_enough_although_only_what_is_in_that_of_another_is_not() -> None:
    on = Became(path="pool.on", to=("yes",))
    unknown = {"pool": [{"on": {"since": True}}, {"on": True}]}
    assert on.holds(change(None, {"pool": [{"on": {}}, {}]}, unknown=unknown)) == Undecidable("pool.on", is_choice=True)


@pytest.mark.parametrize(
    ("written", "rules", "is_left_to_provider"),
    [
        ("rule.port", [{"who": True}], True),
        ("rule.port", [{"who": {"name": True}}], True),
        ("rule.port", [True, {"who": True}], False),
        ("rule.who", [{"who": True}], False),
        ("rule.who.name", [{"who": {"name": True}}], False),
    ],
)
def test_what_nobody_writes_in_a_written_block_is_left_to_the_provider(
    written: str, rules: list[object], is_left_to_provider: bool
) -> None:
    """A rule of which nothing is known is another: whoever writes it hides who is let in."""
    after = {"rule": [{"port": 1} for _ in rules]}
    opened = change(None, after, unknown={"rule": rules}, written=("name", written))
    assert Gained(path="rule.who").holds(opened) == Undecidable("rule.who", of_new=is_left_to_provider)


@pytest.mark.parametrize("predicate", [Removed(path="rule"), Emptied(path="rule"), Lost(path="rule")])
def test_what_nobody_writes_and_the_provider_computes_anew_was_not_taken_away(
    predicate: Removed | Emptied | Lost,
) -> None:
    before, unknown = {"rule": [{"port": 1}]}, {"rule": True}
    assert predicate.holds(change(before, {}, unknown=unknown, written=("name",))) is None
    assert predicate.holds(change(before, {}, unknown=unknown, written=("rule",))) == Undecidable("rule")
    assert predicate.holds(change(before, {}, unknown=unknown)) == Undecidable("rule", of_new=True)


def test_what_is_known_in_part_is_not_left_to_the_provider() -> None:
    before: dict[str, object] = {"rule": [{"port": 1}, {"port": 2}]}
    after: dict[str, object] = {"rule": [{}]}
    fewer = change(before, after, unknown={"rule": [{"port": True, "to": False}]}, written=("name",))
    assert Removed(path="rule").holds(fewer) == Undecidable("rule")


def test_touched_is_what_differs_or_is_known_only_after_apply() -> None:
    before = {"same": 1, "other": 1, "gone": 1, "nulled": 1, "null": None}
    after = {"same": 1, "other": 2, "nulled": None, "new": 1, "unset": None}
    assert change(before, after, unknown={"later": True}).touched == {"other", "gone", "nulled", "new", "later"}


def test_a_block_that_comes_or_goes_is_added_or_removed() -> None:
    more = change({"rule": [{"days": 1}]}, {"rule": [{"days": 1}, {"days": 2}]})
    less = change({"rule": [{"days": 1}, {"days": 2}]}, {"rule": [{"days": 2}]})
    assert Added(path="rule.days").holds(more) == Fires()
    assert Added(path="rule.days").holds(less) is None
    assert Removed(path="rule").holds(less) == Fires()
    assert Removed(path="rule").holds(more) is None
    assert Emptied(path="rule").holds(change({"rule": [{"days": 1}]}, {"rule": []})) == Fires()
    assert Emptied(path="rule").holds(less) is None


def test_an_empty_string_is_an_absent_value() -> None:
    assert Emptied(path="acl").holds(change({"acl": "arn"}, {"acl": ""})) == Fires()
    assert Emptied(path="acl").holds(change({"acl": ""}, {"acl": None})) is None


def test_a_value_in_a_list_is_gained_or_lost_whatever_the_order() -> None:
    swapped = change({"who": ["a", "b"]}, {"who": ["c", "a"]})
    assert Gained(path="who").holds(swapped) == Fires()
    assert Lost(path="who").holds(swapped) == Fires()
    turned = change({"who": ["a", "b"]}, {"who": ["b", "a"]})
    assert Gained(path="who").holds(turned) is None
    assert Lost(path="who").holds(turned) is None


def test_what_an_old_pattern_covers_is_not_new() -> None:
    narrower = change({"actions": ["Web/*"]}, {"actions": ["Web/sites/read"]})
    wider = change({"actions": ["Web/sites/read"]}, {"actions": ["Web/*"]})
    assert Gained(path="actions", globs=True).holds(narrower) is None
    assert Gained(path="actions", globs=True).holds(wider) == Fires()


def test_a_star_covers_nothing_where_values_are_no_patterns() -> None:
    assert Gained(path="who").holds(change({"who": ["*"]}, {"who": ["*", "a"]})) == Fires()
    assert Gained(path="who", globs=True).holds(change({"who": ["*"]}, {"who": ["*", "a"]})) is None


def test_what_is_no_text_is_no_pattern() -> None:
    assert Gained(path="ports", globs=True).holds(change({"ports": [80, None]}, {"ports": [80, "*"]})) == Fires()
    assert Gained(path="ports", globs=True).holds(change({"ports": ["*"]}, {"ports": [80, "*"]})) == Fires()


def test_each_value_is_held_against_few_of_very_many_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()

    def counted(text: str, glob: str) -> bool:
        asked[text] += 1
        return matches(text, glob)

    monkeypatch.setattr(values, "matches_glob", counted)
    wide, narrow = ([f"Microsoft.Web/a{number}/{end}" for number in range(1_000)] for end in ("*", "read"))
    assert Gained(path="actions", globs=True).holds(change({"actions": wide}, {"actions": narrow})) is None
    assert Lost(path="actions", globs=True).holds(change({"actions": wide}, {"actions": narrow})) == Fires()
    assert 0 < max(asked.values()) < 10


def test_json_in_a_string_is_compared_as_json() -> None:
    assert Changed(path="policy").holds(change({"policy": '{"a":1,"b":2}'}, {"policy": '{ "b": 2, "a": 1 }'})) is None
    assert Changed(path="policy").holds(change({"policy": '{"a":1}'}, {"policy": '{"a":2}'})) == Fires()
    assert Changed(path="text").holds(change({"text": "{a"}, {"text": "{b"})) == Fires()


def test_json_of_another_shape_holds_nothing_at_a_path() -> None:
    assert Added(path="policy.rules.n").holds(change({"policy": '{"rules":5}'}, {"policy": '{"rules":true}'})) is None


def test_numbers_in_strings_are_compared_as_they_are_written() -> None:
    assert Changed(path="version").holds(change({"version": "1.1"}, {"version": "1.10"})) == Fires()


def test_json_in_a_string_is_walked_into() -> None:
    inside = change({"policy": '{"rules":[{"n":5}]}'}, {"policy": '{"rules":[{"n":2}]}'})
    assert Decreased(path="policy.rules.n").holds(inside) == Fires("from 5 to 2")


def test_a_number_falls_by_a_share_of_itself() -> None:
    half = Decreased(path="size", share=0.5)
    assert half.holds(change({"size": 10}, {"size": 5})) == Fires("from 10 to 5")
    assert half.holds(change({"size": 10}, {"size": 6})) is None
    assert half.holds(change({"size": 1}, {"size": 0})) == Fires("from 1 to 0")
    assert half.holds(change({"size": 0}, {"size": 0})) is None
    assert half.holds(change({"size": "10"}, {"size": "4"})) == Fires("from 10 to 4")
    assert Decreased(path="size").holds(change({"size": 10}, {"size": 9})) == Fires("from 10 to 9")


def test_below_zero_more_is_no_fall_and_less_no_rise() -> None:
    less, more = change({"by": -10}, {"by": -12}), change({"by": -10}, {"by": -7})
    assert Decreased(path="by", share=0.5).holds(more) is None
    assert Decreased(path="by").holds(less) == Fires("from -10 to -12")
    assert Increased(path="by", share=0.5).holds(less) is None
    assert Increased(path="by").holds(more) == Fires("from -10 to -7")


def test_a_number_falls_to_at_most_another() -> None:
    alone = Decreased(path="size", to_at_most=1)
    assert alone.holds(change({"size": 3}, {"size": 1})) == Fires("from 3 to 1")
    assert alone.holds(change({"size": 3}, {"size": 2})) is None
    assert alone.holds(change({"size": 0}, {"size": 1})) is None


def test_a_number_that_is_new_or_has_a_known_one_in_its_place_can_be_told() -> None:
    fewer = Decreased(path="rule.days")
    second = {"rule": [{"days": 4}, {}]}
    assert fewer.holds(change(None, {}, unknown={"rule": True})) is None
    assert fewer.holds(change(days(4), second, unknown={"rule": [{}, {"days": True}]})) is None


def test_some_values_stand_for_without_bound() -> None:
    kept = Decreased(path="days", unlimited=(0,), default=0)
    assert kept.holds(change({"days": 0}, {"days": 365})) == Fires("from unlimited to 365")
    assert kept.holds(change({"days": None}, {"days": 365})) == Fires("from unlimited to 365")
    assert kept.holds(change({"days": 365}, {"days": 0})) is None


def test_a_number_rises_by_a_share_of_itself() -> None:
    doubled = Increased(path="ttl", share=1.0)
    assert doubled.holds(change({"ttl": 60}, {"ttl": 120})) == Fires("from 60 to 120")
    assert doubled.holds(change({"ttl": 60}, {"ttl": 100})) is None
    assert Increased(path="ttl").holds(change({"ttl": 60}, {"ttl": 61})) == Fires("from 60 to 61")


def test_a_sensitive_number_is_not_repeated() -> None:
    secret = change({"size": 10}, {"size": 1}, before_sensitive=raw({"size": True}))
    assert Decreased(path="size").holds(secret) == Fires("")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1h30m", 5400), ("7d", 604800), ("P7D", 604800), ("PT1H30M", 5400), ("250ms", 0.25), ("12", 12)],
)
def test_durations_are_numbers(text: str, seconds: float) -> None:
    assert number_of(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "h", "1x", "s90", "1h ", "many", True, None, [1]])
def test_what_is_no_number_is_none(text: object) -> None:
    assert number_of(text) is None


def test_a_value_is_lowered_on_a_scale() -> None:
    floor = Lowered(path="tls", order=("1.0", "1.1", "1.2*", "1.3"))
    assert floor.holds(change({"tls": "1.2_2021"}, {"tls": "1.0"})) == Fires()
    assert floor.holds(change({"tls": "1.0"}, {"tls": "1.2_2021"})) is None
    assert floor.holds(change({"tls": "1.2_2021"}, {"tls": "1.2_2019"})) is None
    assert floor.holds(change(None, {"tls": "1.0"})) is None
    assert floor.holds(change({"tls": "1.2_2021"}, {}, unknown={"tls": True})) == Undecidable("tls", is_choice=True)


def test_of_several_values_on_a_scale_the_weakest_counts() -> None:
    floor = Lowered(path="listener.tls", order=("1.0", "1.1", "1.2"))
    strong, mixed = ({"listener": [{"tls": "1.2"}, {"tls": version}]} for version in ("1.1", "1.0"))
    assert floor.holds(change(strong, mixed)) == Fires()
    assert floor.holds(change(mixed, strong)) is None


def test_an_absent_value_stands_nowhere_on_a_scale() -> None:
    assert Lowered(path="tls", order=("1.0", "*")).holds(change(None, {"tls": "1.0"})) is None


def test_a_condition_looks_at_what_will_be_and_at_what_was_if_it_goes() -> None:
    ingress = IsOneOf(path="type", one_of=("ingress",))
    assert ingress.holds(change({"type": "egress"}, {"type": "ingress"})) == Fires()
    assert ingress.holds(change({"type": "ingress"}, None)) == Fires()
    assert ingress.holds(change({"type": "ingress"}, {"type": "egress"})) is None
    assert WasOneOf(path="type", one_of=("ingress",)).holds(change({"type": "ingress"}, {"type": "egress"})) == Fires()


def test_of_several_paths_any_will_do() -> None:
    off = Became(path=("on", "enabled"), to=(False,))
    assert off.holds(change({"enabled": True}, {"enabled": False})) == Fires()
    assert off.holds(change({"on": True}, {}, unknown={"on": True})) == Undecidable("on", is_choice=True)
    both = change({"on": True, "enabled": True}, {"enabled": False}, unknown={"on": True})
    assert off.holds(both) == Fires()


def days(*numbers: int) -> dict[str, object]:
    return {"rule": [{"days": number} for number in numbers]}


def test_of_several_numbers_each_is_compared_with_the_one_in_its_place() -> None:
    fewer = Decreased(path="rule.days")
    assert fewer.holds(change(days(1, 365), days(30, 1))) == Fires("from 365 to 30")
    assert fewer.holds(change(days(1, 365), days(7, 365))) is None
    assert fewer.holds(change(days(1, 365), days(365))) is None
    assert fewer.holds(change(days(365), days(365, 30))) is None
    assert Decreased(path="rule.days", share=0.5).holds(change(days(3, 5), days(3, 2))) == Fires("from 5 to 2")
    assert Increased(path="rule.days").holds(change(days(60, 300), days(60, 3600))) == Fires("from 300 to 3600")


def test_where_numbers_come_or_go_as_well_the_smallest_are_compared() -> None:
    fewer = Decreased(path="rule.days")
    assert fewer.holds(change(days(3, 10), days(4, 5))) == Fires("from 10 to 5")
    assert fewer.holds(change(days(365), days(30, 7))) == Fires("from 365 to 7")


def test_a_number_is_written_as_people_write_it() -> None:
    assert Decreased(path="share").holds(change({"share": 0.5}, {"share": 0.25})) == Fires("from 0.5 to 0.25")
    fewer = change({"size": 5_000_000}, {"size": 1_000_000})
    assert Decreased(path="size").holds(fewer) == Fires("from 5000000 to 1000000")


def test_only_blocks_with_something_beside_it_are_looked_at() -> None:
    on = Became(path="rule.status", to=("Enabled",), beside={"expiration.days": ()})
    tidies = {"status": "Enabled", "abort": [{"days": 7}]}
    expires = {"status": "Enabled", "expiration": [{"days": 7}]}
    assert on.holds(change({"rule": []}, {"rule": [tidies]})) is None
    assert on.holds(change({"rule": [tidies]}, {"rule": [tidies, expires]})) == Fires()


def test_what_stands_beside_it_may_have_to_be_a_certain_value() -> None:
    sooner = Decreased(path="rule.age", beside={"action": ("Delete",)})
    deletes, moves = {"action": "Delete", "age": 365}, {"action": "SetStorageClass", "age": 365}
    assert sooner.holds(change({"rule": [deletes, moves]}, {"rule": [deletes, {**moves, "age": 30}]})) is None
    assert sooner.holds(change({"rule": [deletes]}, {"rule": [{**deletes, "age": 30}]})) == Fires("from 365 to 30")
