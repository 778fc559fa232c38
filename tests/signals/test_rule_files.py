"""Rule files: what loads, and what is refused with its line."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scopegate.errors import ExitCode, FactsError
from scopegate.facts.load import load_facts
from scopegate.signals.examples import check_examples
from scopegate.signals.model import Category, Severity
from scopegate.signals.rule_file import builtin_folder, load_rules, parse_rule_file
from scopegate.signals.rules import builtin_rules
from scopegate.signals.schema import SCHEMA
from scopegate.signals.strict_yaml import load_yaml

RULE = """\
rules:
  - id: own-queue-opened
    title: A queue is opened
    category: exposure
    severity: high
    types: [aws_sqs_queue_policy]
    actions: [create, update]
    when:
      - became: {path: open, to: [true]}
    message: Everybody may send
    why: Orders come in by it.
    do: Name who sends.
    examples:
      fires: [{says: opened, before: {open: false}, after: {open: true}}]
      quiet: [{says: closed, before: {open: true}, after: {open: false}}]
"""


def written(tmp_path: Path, text: str, name: str = "own.yaml") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def refusal(text: str) -> str:
    with pytest.raises(FactsError) as caught:
        parse_rule_file(text, "own.yaml")
    assert caught.value.exit_code is ExitCode.FACTS
    return str(caught.value)


def test_a_users_rule_stands_beside_those_that_ship(tmp_path: Path) -> None:
    rules = load_rules([written(tmp_path, RULE)])
    (own,) = [rule for rule in rules.rules if rule.id == "own-queue-opened"]
    assert (own.category, own.severity) == (Category.EXPOSURE, Severity.HIGH)
    assert own.origin == f"{tmp_path}/own.yaml:2"
    assert len(rules.rules) == len(builtin_rules().rules) + 1
    assert [rule.id for rule in rules.rules] == sorted(rule.id for rule in rules.rules)


def test_without_files_the_rules_that_ship_hold() -> None:
    found = load_rules([])
    assert [*found.rules] == [*builtin_rules().rules]
    assert [*found.recipes] == [*builtin_rules().recipes]


def test_a_taken_id_is_refused_whoever_has_it(tmp_path: Path) -> None:
    taken = written(tmp_path, RULE.replace("own-queue-opened", "any-forget"))
    with pytest.raises(FactsError, match=r"own\.yaml:2: a rule 'any-forget' exists already"):
        load_rules([taken])
    first, second = written(tmp_path, RULE, "a.yaml"), written(tmp_path, RULE, "b.yaml")
    with pytest.raises(FactsError, match=r"b\.yaml:2: a rule 'own-queue-opened' exists already"):
        load_rules([first, second])


def test_a_file_that_is_not_there_is_no_empty_file() -> None:
    with pytest.raises(FactsError, match=r"nosuch\.yaml: this rule file cannot be read \(No such file or directory\)"):
        load_rules(["nosuch.yaml"])


WHEN = "    when:\n      - became: {path: open, to: [true]}\n"
FIRES = "      fires: [{says: opened, before: {open: false}, after: {open: true}}]\n"
QUIET = "      quiet: [{says: closed, before: {open: true}, after: {open: false}}]\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("severity: high", "severity: extreme", 5, "Invalid enum value 'extreme'"),
        ("category: exposure", "category: fear", 4, "Invalid enum value 'fear'"),
        ("[create, update]", "[create, delete]", 7, "Invalid enum value 'delete'"),
        ("    why: Orders come in by it.\n", "", 2, "Object missing required field `why`"),
        ("    do: Name", "    Do: Name", 2, "Object contains unknown field `Do`"),
        ("became:", "become:", 9, "Invalid value 'become'"),
        ("to: [true]", "too: [true]", 9, "Object contains unknown field `too`"),
        ("to: [true]", "to: true", 9, "Expected `array`, got `bool`"),
        ("path: open, ", "", 9, "Object missing required field `path`"),
        ("own-queue-opened", "Own_Queue", 2, "needs an id of small letters, digits and single hyphens"),
        ("[aws_sqs_queue_policy]", "[]", 2, "names no types; `*` stands for all"),
        (FIRES, "", 2, "has no example that fires, so nobody can know that it works"),
        (QUIET, "", 2, "has no example that stays quiet, so nobody can know its limits"),
        ("    actions: [create, update]\n", "", 2, "names no actions, so it could never fire"),
        ("    message:", "    plan: {index_shift: {}}\n    message:", 2, "needs either `actions`"),
        ("rules:\n", "rules:\n  - any-forget\n", 2, "Expected `object`, got `str`"),
        ("- became: {path: open, to: [true]}", "- became", 9, "Expected `object`, got `str`"),
        ("to: [true]}", "to: [true]}\n        removed: {path: open}", 9, "missing required field `predicate`"),
        ("became: {path: open, to: [true]}", "became: open", 9, "missing required field `predicate`"),
        ("rules:\n", "rules: []\nrulez:\n", 1, "a rule file is a mapping with a list `rules`"),
        ("id: own", "id: &a own", 2, "an anchor (&) stands here"),
        ("title: A", "title: A\n    title: A", 4, "the key 'title' stands twice"),
    ],
)
def test_a_mistake_is_refused_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in RULE
    sentence = refusal(RULE.replace(old, new))
    assert sentence.startswith(f"own.yaml:{line}: ")
    assert words in sentence


@pytest.mark.parametrize(
    ("predicate", "least"),
    [
        ("mass_replacement: {at_least: 1}", 2),
        ("mass_destruction: {at_least: 0, share: 0.5}", 1),
        ("vanished: {at_least: 0, share: 0.5}", 1),
    ],
)
def test_less_than_a_mass_is_refused(predicate: str, least: int) -> None:
    of_plan = RULE.replace("actions: [create, update]", f"plan: {{{predicate}}}").replace(WHEN, "")
    assert WHEN in RULE
    assert refusal(of_plan).startswith(f"own.yaml:7: Expected `int` >= {least}")


@pytest.mark.parametrize("text", ["", "[]", "rules", "# nothing\n", "other: [1]\n"])
def test_what_holds_no_rules_is_no_rule_file(text: str) -> None:
    assert "a rule file is a mapping with a list `rules`" in refusal(text)


@pytest.mark.parametrize("text", ["rules: []\n", "rules: {}\n", "recipes: []\n", "rules:\n"])
def test_an_empty_list_of_rules_is_a_mistake(text: str) -> None:
    assert "is a list of at least one item" in refusal(text)


def test_examples_that_do_not_do_what_they_say_are_named_each() -> None:
    check_examples(parse_rule_file(RULE, "own.yaml").rules, load_facts())
    turned = RULE.replace("to: [true]", "to: [false]")
    with pytest.raises(FactsError) as caught:
        check_examples(parse_rule_file(turned, "own.yaml").rules, load_facts())
    assert str(caught.value).splitlines() == [
        "own.yaml:2: own-queue-opened does not fire, but should: opened.",
        "own.yaml:2: own-queue-opened fires, but should not: closed.",
        "Correct the rule or the example: a rule that does not do what it says watches for nothing.",
    ]


def test_a_recipe_is_read_and_a_wrong_one_refused() -> None:
    recipe = "recipes:\n  - types: [aws_sqs_queue]\n    actions: [destroy]\n    class: irreversible\n    undo: [ask]\n"
    (read,) = parse_rule_file(recipe, "own.yaml").recipes
    assert read.undo == ("ask",)
    assert refusal(recipe.replace("irreversible", "maybe")).startswith("own.yaml:4: Invalid enum value 'maybe'")


@cache
def schema() -> dict[str, Any]:
    text = files("scopegate_rules").joinpath("schemas", SCHEMA).read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.mark.parametrize("path", sorted(builtin_folder().rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_accepts_each_rule_file_that_ships(path: Path) -> None:
    document = load_yaml(path.read_text(encoding="utf-8"), path.name, FactsError).value
    jsonschema.Draft202012Validator(schema()).validate(document)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("severity: high", "severity: extreme"),
        ("became:", "become:"),
        ("to: [true]", "too: [true]"),
        ("    why: Orders come in by it.\n", ""),
        ("actions: [create, update]", "actions: [create, delete]"),
        ("rules:\n", "other: 1\nrules:\n"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(old: str, new: str) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    good, bad = (load_yaml(text, "f", FactsError).value for text in (RULE, RULE.replace(old, new)))
    validator.validate(good)
    assert not validator.is_valid(bad)
    assert refusal(RULE.replace(old, new))
