"""The rules that ship: each does what its own examples say, and the index is what the files say."""

from functools import cache

import pytest

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.signals.examples import failures
from scopegate.signals.generate import builtin_folder, builtin_rules_with_examples
from scopegate.signals.rules import INDEX, Rule, builtin_rules, index_text


@cache
def facts() -> Facts:
    return load_facts()


@pytest.mark.parametrize("rule", builtin_rules_with_examples().rules, ids=lambda rule: rule.id)
def test_a_rule_fires_and_stays_quiet_as_its_examples_say(rule: Rule) -> None:
    assert failures(rule, facts()) == ()


def test_the_index_is_what_the_files_say() -> None:
    text = (builtin_folder() / INDEX).read_text(encoding="utf-8")
    assert text == index_text(builtin_rules_with_examples()), "run `python -m scopegate.signals.generate`"


def test_a_review_uses_the_rules_of_the_files() -> None:
    shipped, written = builtin_rules(), builtin_rules_with_examples()
    assert [rule.id for rule in shipped.rules] == [rule.id for rule in written.rules]
    assert shipped.recipes == written.recipes
