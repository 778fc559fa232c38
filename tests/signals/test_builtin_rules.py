"""The rules that ship: each does what its own examples say, and the index is what the files say."""

from functools import cache

import pytest
from msgspec.structs import replace

from scopegate.errors import FactsError
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.regular_file import read_shipped
from scopegate.signals import rules
from scopegate.signals.examples import failures
from scopegate.signals.generate import documentation_folder, generated
from scopegate.signals.rule_file import builtin_rules_with_examples
from scopegate.signals.rules import INDEX, Examples, Rule, builtin_rules


@cache
def facts() -> Facts:
    return load_facts()


@pytest.mark.parametrize("rule", builtin_rules_with_examples().rules, ids=lambda rule: rule.id)
def test_a_rule_fires_and_stays_quiet_as_its_examples_say(rule: Rule) -> None:
    assert failures(rule, facts()) == ()


def test_what_is_made_from_the_rule_files_is_current() -> None:
    old = [path.name for path, text in generated() if path.read_text(encoding="utf-8") != text]
    assert old == [], "run `python -m scopegate.signals.generate`"


def test_no_page_is_left_over_from_a_rule_file_that_is_gone() -> None:
    written_by_hand = {"README.md"}
    made = {path.name for path, _ in generated() if path.parent == documentation_folder()}
    assert {path.name for path in documentation_folder().glob("*.md")} - written_by_hand == made


def test_a_review_uses_the_rules_of_the_files() -> None:
    shipped, written = builtin_rules(), builtin_rules_with_examples()
    assert [*shipped.rules] == [replace(rule, examples=Examples()) for rule in written.rules]
    assert [*shipped.recipes] == [*written.recipes]
    assert [*shipped.of_plan()] == [(rule, rule.plan) for rule in shipped.rules if rule.plan]
    assert shipped.named({"any-drift-reverted", "none"}) == {
        rule.id: rule for rule in shipped.rules if rule.id == "any-drift-reverted"
    }


def test_a_rule_is_decoded_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    contents, first, *others = read_shipped("signals", INDEX).splitlines()
    damaged = b"\n".join((contents, first, *(b"{" for _ in others)))
    monkeypatch.setattr(rules, "read_shipped", lambda *_: damaged)
    found = builtin_rules.__wrapped__()
    assert found.rules[0] == builtin_rules().rules[0]
    with pytest.raises(FactsError, match=r"signal rules cannot be read .* so no change can be judged; install"):
        found.rules[1]
    with pytest.raises(FactsError, match=r"signal rules cannot be read"):
        found.for_type("aws_db_instance")


@pytest.mark.parametrize("text", [b"", b"{}\n", b'{"ids": 1}\n'])
def test_an_index_without_its_contents_is_refused(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr(rules, "read_shipped", lambda *_: text)
    with pytest.raises(FactsError, match=r"signal rules cannot be read"):
        builtin_rules.__wrapped__()


def test_some_of_the_rules_are_taken_by_their_numbers() -> None:
    rules = builtin_rules().rules
    assert rules[1:3] == (rules[1], rules[2])
