"""Which values count as marked, wherever a plan marks them."""

from base64 import b64encode
from typing import Any

import pytest

from plan.documents import Json, change, plan, written
from scopegate.plan.contained import texts_in
from scopegate.plan.decode import decode_plan
from scopegate.plan.kept import kept
from scopegate.plan.marked import marked_values


def marked(*changes: Json, **sections: Any) -> list[str]:
    return sorted(marked_values(decode_plan(written(plan(*changes, **sections)), "plan.json")))


@pytest.mark.parametrize(
    ("after", "marks", "texts"),
    [
        ({"a": "x", "b": "y"}, {"a": True}, ["x"]),
        ({"a": "x", "b": "y"}, {"a": True, "b": False}, ["x"]),
        ({"a": "x"}, {}, []),
        ({"a": "x", "b": {"c": "y", "d": "z"}}, {"b": {"c": True}}, ["y"]),
        ({"a": ["x", "y", "z"]}, {"a": [False, True]}, ["y"]),
        ({"a": [{"b": "x"}, {"b": "y"}]}, {"a": [{}, {"b": True}]}, ["y"]),
        ({"a": {"k": ["v", None, True, False, 7, 1.5]}}, {"a": True}, ["1.5", "7", "k", "v"]),
        ({"a": '{"b": ["x", 3]}'}, {"a": True}, ["3", "b", "x", '{"b": ["x", 3]}']),
        ({"a": ' ["x"]'}, {"a": True}, [' ["x"]', "x"]),
        ({"a": "{no JSON"}, {"a": True}, ["{no JSON"]),
        ({"a": "12"}, {"a": True}, ["12"]),
        # What is known only after apply is not there, and is marked all the same.
        ({"b": "y"}, {"a": True, "b": True}, ["y"]),
        ({"a": None, "b": None}, {"a": {"c": True}, "b": [True]}, []),
        ({"a": [1], "b": {"c": 2}}, {"a": {"c": True}, "b": [True]}, []),
    ],
)
def test_what_stands_under_a_mark_is_marked_and_nothing_beside_it(after: Json, marks: Json, texts: list[str]) -> None:
    assert marked(change(before=None, after=after, after_sensitive=marks, before_sensitive=False)) == texts


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("first-one,second-one; third-one", ["first-one", "second-one", "third-one"]),
        ("first-one\nsecond-one\n", ["first-one", "second-one"]),
        ("postgres://app:a%20password@db.example/x", ["a%20password", "a password"]),
        ("Server=db;Password=hunter2-secret", ["hunter2-secret"]),
        ("user:hunter2-secret", ["hunter2-secret"]),
        (_base64("user:hunter2-secret"), ["user:hunter2-secret", "hunter2-secret"]),
        (_base64('{"private_key": "hunter2-secret"}').rstrip("="), ["private_key", "hunter2-secret"]),
        (_base64(_base64("hunter2?secret>>")).replace("+", "-").replace("/", "_"), ["hunter2?secret>>"]),
    ],
)
def test_what_is_written_inside_of_a_marked_text_is_marked(text: str, inside: list[str]) -> None:
    assert set(inside) < set(marked(change(after={"a": text}, after_sensitive={"a": True})))


@pytest.mark.parametrize(
    "text",
    [
        "eu,prod,staging",
        "one line with many words in it",
        "gIGCg4SFhoeIiYqLjI2O",
        "not base64 at all!",
        "hunter2secret",
        "https://user@host.example/path",
    ],
)
def test_short_pieces_words_and_bytes_that_are_no_text_are_not_marked(text: str) -> None:
    found = marked(change(after={"a": text}, after_sensitive={"a": True}))
    assert [one for one in found if not one.startswith("//")] == [text]


def test_each_section_of_values_has_its_own_marks() -> None:
    one = change(before={"a": "x"}, after={"a": "y"}, before_sensitive={"a": True}, after_sensitive={})
    two = change("aws_sqs_queue.b", before={"a": "z"}, after={"a": "w"}, after_sensitive={"a": True})
    assert marked(one, two) == ["w", "x"]


def test_an_object_that_is_new_has_no_values_under_the_marks_of_before() -> None:
    assert marked(change(before=None, after={"a": "x"}, before_sensitive={"a": True}, after_sensitive={})) == []


VARIABLES = {
    "secret": {"sensitive": True, "default": "default"},
    "open": {"default": "shown"},
    "needed": {"sensitive": True},
}


def test_what_a_variable_stands_for_is_marked_where_the_variable_is() -> None:
    said = {"secret": {"value": "given"}, "open": {"value": "also shown"}}
    assert marked(configuration={"root_module": {"variables": VARIABLES}}, variables=said) == ["default", "given"]
    assert marked(configuration=None, variables=said) == []


def test_what_a_call_passes_to_a_variable_is_marked_where_the_variable_is() -> None:
    passed = {"secret": {"constant_value": "passed"}, "open": {"constant_value": "shown"}}
    call = {"source": "./m", "expressions": passed, "module": {"variables": VARIABLES}}
    assert marked(configuration={"root_module": {"module_calls": {"m": call}}}) == ["default", "passed"]


CHILD = {"variables": {"secret": {"sensitive": True}}}


def _called(expression: Json, child: Json = CHILD) -> Json:
    return {"module_calls": {"m": {"source": "./m", "expressions": {"secret": expression}, "module": child}}}


@pytest.mark.parametrize(
    ("references", "texts"),
    [
        (["var.plain"], ["given", "k"]),
        (["var.plain.k", "var.plain"], ["given"]),
        (["var.plain.other", "var.plain"], []),
        (["var.plain", "var.region"], []),  # put together of two values: which of them is the secret is not said
        (["local.plain"], []),
        (['var.plain["k"]', "var.plain"], []),
    ],
)
def test_what_a_call_hands_on_is_marked_where_the_variable_of_the_module_is(
    references: list[str], texts: list[str]
) -> None:
    root = {**_called({"references": references}), "variables": {"plain": {}, "region": {}}}
    said = {"plain": {"value": {"k": "given"}}, "region": {"value": "eu-central-1"}}
    assert marked(configuration={"root_module": root}, variables=said) == texts


def test_what_is_handed_on_from_module_to_module_is_marked_as_the_innermost_says() -> None:
    middle = {**_called({"references": ["var.secret.deep", "var.secret"]}), "variables": {"secret": {}}}
    root = _called({"constant_value": {"deep": "constant", "beside": "shown"}}, middle)
    assert marked(configuration={"root_module": root}) == ["constant"]


def test_the_constant_of_an_output_is_marked_where_the_output_is() -> None:
    outputs = {
        "token": {"sensitive": True, "expression": {"constant_value": "constant"}},
        "name": {"expression": {"constant_value": "shown"}},
    }
    calls = _called({}, {"outputs": outputs})
    assert marked(configuration={"root_module": calls}) == ["constant"]


def test_what_a_provider_is_given_as_a_secret_is_marked_by_its_name() -> None:
    given = {
        "region": {"constant_value": "eu-central-1"},
        "access_key": {"constant_value": "AKIA"},
        "token": {"references": ["var.token"]},
        "app_key": {"constant_value": "application"},
        "ignore_tags": [{"keys": {"constant_value": ["CostCentre"]}}],
        "auth": [{"password_file": {"constant_value": "file"}}],
    }
    providers = {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": given}}
    assert marked(configuration={"root_module": {}, "provider_config": providers}) == ["AKIA", "application", "file"]


def test_what_is_kept_of_a_plan_holds_what_it_marked() -> None:
    whole = decode_plan(written(plan(change(after={"a": "x"}, after_sensitive={"a": True}))), "plan.json")
    assert list(marked_values(whole)) == list(marked_values(kept(whole))) == ["x"]


def test_a_piece_of_a_marked_text_counts_from_eight_characters_on() -> None:
    assert "hunter2x" in list(texts_in("user=abc,password=hunter2x"))
    assert "hunter2" not in list(texts_in("user=abc,password=hunter2"))
