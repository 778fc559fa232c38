"""Whatever is done to the bytes of a plan: it is read, or refused in a sentence. Nothing else comes out."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from plan.documents import change, plan, state, written
from scopegate.errors import PlanError
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan, decode_values

DOCUMENT = written(
    plan(
        change(after={"delay": 1, "policy": '{"a":["<&>"]}'}, replace_paths=[["a", 0]], importing={"id": "q"}),
        change('module.m["k"].a.b', ("delete", "create"), top={"module_address": 'module.m["k"]', "index": 0}),
        prior_state=state({"address": "a.b", "type": "a", "name": "b", "values": {}, "depends_on": ["x.y"]}),
        configuration={
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "cn-north-1"}}}},
            "root_module": {
                "resources": [{"type": "a", "name": "b", "expressions": {"c": {"references": ["var.x"]}}}],
                "module_calls": {"m": {"source": "./m", "module": {}}},
            },
        },
        variables={"x": {"value": [1.5, None]}},
        output_changes={"o": {"actions": ["no-op"]}},
        resource_drift=[change()],
        action_invocations=[{"address": "action.a.b", "type": "a"}],
        errored=False,
        complete=True,
    )
)
PIECES = [b"", *(character.encode() for character in '{}[]",:\\\n \u2028\ufeff')]
PIECES += [b"null", b"true", b"0", b"-1", b"1e999", b"NaN", b'"x"', b"{}", b"[]", b"[[[[", b"\xff", b"\x00"]
PIECES += [b'{"a":1,"a":2}', b'"\\ud800"', b"9" * 5000]
POSITIONS = st.integers(0, len(DOCUMENT))
EDITS = st.lists(
    st.tuples(POSITIONS, st.integers(0, 12), st.one_of(st.sampled_from(PIECES), st.binary(max_size=3))),
    min_size=1,
    max_size=3,
)


def read_or_refuse(raw: bytes) -> None:
    refusal, read = outcome(raw)
    if refusal:
        assert refusal.startswith(("plan.json ", "'", '"'))
        assert refusal.endswith(".")
    else:
        assert isinstance(read, Plan)
        for instance in read.instances:
            decode_values(instance.after)


def outcome(raw: bytes) -> tuple[str, Plan | None]:
    try:
        return "", decode_plan(raw, "plan.json")
    except PlanError as error:
        return str(error), None


@given(EDITS)
@settings(max_examples=400, deadline=None)
def test_edited_bytes_are_a_plan_or_a_sentence(edits: list[tuple[int, int, bytes]]) -> None:
    raw = DOCUMENT
    for position, length, piece in edits:
        raw = raw[:position] + piece + raw[position + length :]
    read_or_refuse(raw)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


PARSED = json.loads(DOCUMENT)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=4),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.sampled_from(["address", "actions", "values", "a"]), st.integers(), max_size=2),
)


def replaced(value: object, path: tuple[str | int, ...], new: object) -> object:
    if not path:
        return new
    if isinstance(value, dict):
        return {key: replaced(item, path[1:], new) if key == path[0] else item for key, item in value.items()}
    assert isinstance(value, list)
    return [replaced(item, path[1:], new) if number == path[0] else item for number, item in enumerate(value)]


@given(st.sampled_from(places(PARSED)), VALUES)
@settings(max_examples=400, deadline=None)
def test_a_value_of_another_type_is_a_plan_or_a_sentence(path: tuple[str | int, ...], new: object) -> None:
    read_or_refuse(json.dumps(replaced(PARSED, path, new), separators=(",", ":")).encode())


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_sentence(raw: bytes) -> None:
    read_or_refuse(raw)
