"""No key twice in anything that decides, at no depth, in no spelling; and nothing nested absurdly."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plan.documents import change, plan, spelled_out, state, written
from scopegate.errors import PlanError
from scopegate.plan.decode import decode_plan
from scopegate.plan.unambiguous import MAX_NESTING, decode_in_full, decode_objects, refuse_repeated_keys

MODULE_CALLS = {"net": {"source": "./net", "module": {"resources": []}}}
DOCUMENT = plan(
    change(
        before={"before": 0},
        after={"delay": 1, "redrive": {"arn": "a", "max": [{"n": 1}]}},
        after_unknown={"unknown": True},
        before_sensitive={"was_secret": True},
        after_sensitive={"secret": True},
        importing={"id": "q"},
        before_identity={"was": "q"},
        after_identity={"is": "q"},
    ),
    change("aws_sqs_queue.same", ("no-op",)),
    variables={"region": {"value": {"eu": "eu-central-1"}}},
    output_changes={"url": {"actions": ["create"], "before": None, "after": "x", "after_unknown": False}},
    prior_state=state({"address": "aws_sqs_queue.a", "type": "aws_sqs_queue", "name": "a", "values": {"delay": 0}}),
    configuration={
        "root_module": {
            "resources": [{"type": "aws_sqs_queue", "name": "a", "expressions": {"delay": {"constant_value": 1}}}],
            "module_calls": MODULE_CALLS,
        }
    },
    action_invocations=[{"address": "action.a.b", "type": "a", "config_values": {"key": 1}}],
)
COMPACT = written(DOCUMENT).decode()

# What stands in the document once, and the same with a key repeated: every section that decides, at every level.
REPEATS = [
    ('{"format_version":"1.2"', '{"format_version":"1.1","format_version":"1.2"'),
    ('"resource_changes":', '"resource_changes":[],"resource_changes":'),
    ('{"address":"aws_sqs_queue.a","mode"', '{"address":"aws_sqs_queue.b","address":"aws_sqs_queue.a","mode"'),
    ('"name":"a","provider_name"', '"change":{},"name":"a","provider_name"'),
    ('{"actions":["update"]', '{"actions":["no-op"],"actions":["update"]'),
    ('{"actions":["no-op"]', '{"actions":["delete"],"actions":["no-op"]'),
    ('"after":{"delay":1,"redrive"', '"after":{},"after":{"delay":1,"redrive"'),
    ('"after":{"delay":1,"redrive"', '"after":{"delay":2,"delay":1,"redrive"'),
    ('{"arn":"a"', '{"arn":"b","arn":"a"'),
    ('[{"n":1}]', '[{"n":2,"n":1}]'),
    ('{"before":0}', '{"before":1,"before":0}'),
    ('{"unknown":true}', '{"unknown":false,"unknown":true}'),
    ('{"was_secret":true}', '{"was_secret":false,"was_secret":true}'),
    ('{"secret":true}', '{"secret":false,"secret":true}'),
    ('{"id":"q"}', '{"id":"p","id":"q"}'),
    ('{"was":"q"}', '{"was":"p","was":"q"}'),
    ('{"is":"q"}', '{"is":"p","is":"q"}'),
    ('{"region":', '{"region":{},"region":'),
    ('{"value":{', '{"value":1,"value":{'),
    ('{"eu":', '{"eu":"us-east-1","eu":'),
    ('{"url":', '{"url":{},"url":'),
    ('{"actions":["create"],"before":null', '{"actions":["delete"],"actions":["create"],"before":null'),
    ('"prior_state":{', '"prior_state":{"values":{},'),
    ('"values":{"root_module":', '"values":{"root_module":{},"root_module":'),
    (
        '{"root_module":{"resources":[{"address":"aws_sqs_queue.a","type"',
        '{"root_module":{"resources":[],"resources":[{"address":"aws_sqs_queue.a","type"',
    ),
    ('{"address":"aws_sqs_queue.a","type"', '{"address":"aws_sqs_queue.b","address":"aws_sqs_queue.a","type"'),
    ('"configuration":{', '"configuration":{"root_module":{},'),
    ('"module_calls":', '"module_calls":{},"module_calls":'),
    ('{"source":', '{"source":"./other","source":'),
    ('{"constant_value":1}', '{"constant_value":2,"constant_value":1}'),
    ('{"address":"action.a.b"', '{"address":"action.a.c","address":"action.a.b"'),
    ('{"key":1}', '{"key":2,"key":1}'),
]


@pytest.mark.parametrize(("once", "twice"), REPEATS, ids=[twice for _, twice in REPEATS])
@pytest.mark.parametrize("form", ["compact", "pretty", "newer"])
def test_a_repeated_key_is_refused_wherever_it_decides(once: str, twice: str, form: str) -> None:
    assert COMPACT.count(once) == 1
    doctored = COMPACT.replace(once, twice).encode()
    if form == "newer":
        doctored = doctored.replace(b'"provider_name"', b'"added_in_9.9":{"a":1},"provider_name"')
    with pytest.raises(PlanError, match=r"an object that names the key '[a-z_]+' twice, so two readers may see two"):
        decode_plan(msgspec.json.format(doctored, indent=2 if form == "pretty" else -1), "plan.json")


@pytest.mark.parametrize("indent", [-1, 0, 2])
def test_the_same_document_without_a_repeat_is_read(indent: int) -> None:
    read = decode_plan(msgspec.json.format(COMPACT.encode(), indent=indent), "plan.json")
    assert [instance.address for instance in read.instances] == ["aws_sqs_queue.a", "aws_sqs_queue.same"]


def test_the_message_names_the_section_and_the_key() -> None:
    doctored = COMPACT.replace('{"arn":"a"', '{"arn":"b","arn":"a"').encode()
    with pytest.raises(
        PlanError, match=r"^plan\.json has in resource_changes an object that names the key 'arn' twice"
    ):
        decode_plan(doctored, "plan.json")


def test_a_repeat_spelled_with_an_escape_is_still_a_repeat() -> None:
    doctored = COMPACT.replace('{"actions":["update"]', '{"\\u0061ctions":["no-op"],"actions":["update"]').encode()
    with pytest.raises(PlanError, match="names the key 'actions' twice"):
        decode_plan(doctored, "plan.json")


def test_keys_no_version_writes_are_read_past() -> None:
    extended = COMPACT.replace('"mode":"managed"', '"mode":"managed","added_in_9.9":{"a":1}')
    assert len(decode_plan(extended.encode(), "plan.json").instances) == 2


def test_a_plan_as_terraform_spells_it_is_passed_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("scopegate.plan.document._SECTIONS")
    monkeypatch.delattr("scopegate.plan.decode._RESOURCE_CHANGES")
    monkeypatch.delattr("scopegate.plan.decode_state._STATE")
    assert len(decode_plan(COMPACT.encode(), "plan.json").instances) == 2


def test_a_plan_says_the_same_read_at_once_and_section_by_section(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = decode_plan(COMPACT.encode(), "plan.json")
    monkeypatch.setattr("scopegate.plan.document._read_at_once", lambda *_: None)
    by_section = decode_plan(COMPACT.encode(), "plan.json")
    assert spelled_out(at_once) == spelled_out(by_section)


@pytest.mark.parametrize(
    ("as_it_is", "other", "address"),
    [
        ("aws_sqs_queue.same", "aws_sqs_queue.same", "aws_sqs_queue.same"),
        ("aws_sqs_queue.same", 'aws_sqs_queue.same[\\"R\\u0026D\\"]', 'aws_sqs_queue.same["R&D"]'),
        ('"provider_name"', '"added_in_9.9":{"a":1},"provider_name"', "aws_sqs_queue.same"),
    ],
    ids=["as it is", "an escape in a key", "an argument of a newer version"],
)
def test_a_compact_plan_is_never_read_pair_by_pair(
    monkeypatch: pytest.MonkeyPatch, as_it_is: str, other: str, address: str
) -> None:
    """What keeps reading fast: the slow reader is for what Terraform does not write."""
    slow: list[object] = []
    monkeypatch.setattr("json.loads", lambda *arguments, **_: slow.append(arguments))
    read = decode_plan(COMPACT.replace(as_it_is, other).encode(), "plan.json")
    assert read.instances[1].address == address
    assert slow == []


KEYS = st.one_of(st.sampled_from(["a", "\\", 'a"', 'b":', "\\\\", "<é", "", ":", '":', "\n"]), st.text(max_size=3))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), KEYS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
STYLES = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",\n", "\t:\r\n")])


@given(VALUES, STYLES, st.booleans())
@settings(max_examples=300)
def test_a_value_in_any_spelling_is_read_in_full(value: Any, style: tuple[str, str], ascii_only: bool) -> None:
    text = json.dumps(value, separators=style, ensure_ascii=ascii_only).encode()
    assert decode_in_full(text, "plan.json has") == value


class _Pairs(dict[str, Any]):
    """A dictionary that is written with one pair more."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__({key or " ": value for key, value in pairs})
        self.pairs = pairs

    def items(self) -> Any:
        return self.pairs


@given(st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=4), st.data(), STYLES, st.booleans(), VALUES)
@example([("\\", 1)], None, (",", ":"), False, 1)
@settings(max_examples=300)
def test_a_repeated_key_in_any_spelling_is_refused(
    pairs: list[tuple[str, Any]], data: Any, style: tuple[str, str], ascii_only: bool, other: Any
) -> None:
    index = data.draw(st.integers(0, len(pairs) - 1)) if data else 0
    doctored = _Pairs([*pairs, (pairs[index][0], other)])
    text = json.dumps([[doctored]], separators=style, ensure_ascii=ascii_only).encode()
    with pytest.raises(PlanError, match="twice, so two readers may see two different plans"):
        decode_in_full(text, "plan.json has")


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


def test_the_stated_depth_is_read_and_one_level_more_is_not() -> None:
    decode_in_full(nested(MAX_NESTING), "plan.json has")
    with pytest.raises(PlanError, match=f"nested deeper than {MAX_NESTING} levels"):
        decode_in_full(nested(MAX_NESTING + 1), "plan.json has")


def test_what_the_innermost_list_holds_is_no_level_more() -> None:
    text = b"[[]," + b"[" * (MAX_NESTING - 1) + b"1" + b"]" * MAX_NESTING
    assert decode_in_full(text, "plan.json has") == json.loads(text)


def test_width_is_not_depth() -> None:
    assert decode_in_full(b"[" + b"{}," * 1000 + b"{}]", "plan.json has") == [{}] * 1001


@pytest.mark.parametrize("levels", [MAX_NESTING + 20, 2000, 100_000])
@pytest.mark.parametrize("place", ["after", "variable", "constant", "expression", "list of expressions", "state"])
def test_absurd_nesting_is_refused_wherever_it_is_looked_into(place: str, levels: int) -> None:
    deep = nested(levels).decode()
    pieces = {
        "after": COMPACT.replace('"max":[', f'"max":[{deep},'),
        "variable": COMPACT.replace('{"eu":', f'{{"us":{deep},"eu":'),
        "constant": COMPACT.replace('{"constant_value":1}', f'{{"constant_value":{deep}}}'),
        "expression": COMPACT.replace(
            '{"delay":{"constant_value":1}}', f'{{"delay":{deep}}}'.replace("{}", '{"constant_value":1}')
        ),
        "list of expressions": COMPACT.replace('{"constant_value":1}', "[" * levels + "]" * levels),
        "state": COMPACT.replace('"values":{"delay":0}', f'"values":{nested(100_000).decode()}'),
    }
    with pytest.raises(PlanError, match=f"nested deeper than {MAX_NESTING} levels"):
        decode_plan(pieces[place].encode(), "plan.json")


def test_a_number_too_large_for_a_computer_is_refused() -> None:
    with pytest.raises(
        PlanError, match=r"has a value in the change of 'aws_sqs_queue\.a' that Terraform does not write"
    ):
        decode_plan(COMPACT.replace('"delay":1,', '"delay":1e400,').encode(), "plan.json")


@pytest.mark.parametrize("before", ["", "log\n"], ids=["alone", "in a log"])
def test_a_number_of_more_digits_than_python_takes_is_refused_too(before: str) -> None:
    long = before + COMPACT.replace('"delay":1,', '"delay":' + "9" * 5000 + ",")
    with pytest.raises(
        PlanError, match=r"has a value in the change of 'aws_sqs_queue\.a' that Terraform does not write"
    ):
        decode_plan(long.encode(), "plan.json")


def test_a_long_number_where_nobody_looks_does_no_harm() -> None:
    unusual = COMPACT.replace('"before":{"delay":0},"after":{"delay":1},', '"before" : {"delay":' + "9" * 5000 + "},")
    assert unusual != COMPACT
    assert len(decode_plan(unusual.encode(), "plan.json").instances) == 2


def test_whole_numbers_of_any_length_are_kept() -> None:
    read = decode_plan(COMPACT.replace('"delay":1,', '"delay":123456789012345678901234567890,').encode(), "plan.json")
    assert b"123456789012345678901234567890" in bytes(read.instances[0].after)


def test_a_list_of_objects_is_proved_item_by_item() -> None:
    class Item(msgspec.Struct, omit_defaults=True):
        a: int = 0

    decoder = msgspec.json.Decoder(list[Item])
    assert decode_objects(msgspec.Raw(b"[]"), decoder, "plan.json has") == []
    assert decode_objects(msgspec.Raw(b'[{"a":1},{}]'), decoder, "plan.json has") == [Item(1), Item()]
    with pytest.raises(PlanError, match="names the key 'a' twice"):
        decode_objects(msgspec.Raw(b'[{"a":1,"a":2}]'), decoder, "plan.json has")


def test_the_slow_reader_lets_unusual_spelling_pass() -> None:
    refuse_repeated_keys(b'{ "a" : {"\\u0062":1, "a":[{"a":1}]}}', "plan.json has")
