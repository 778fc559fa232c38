"""The rules that ship: each does what its own examples say, and the index is what the files say."""

from functools import cache
from pathlib import Path

import pytest

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.signals.examples import failures
from scopegate.signals.generate import documentation_folder, generated
from scopegate.signals.rule_file import builtin_rules_with_examples
from scopegate.signals.rules import Rule, builtin_rules


@cache
def facts() -> Facts:
    return load_facts()


@pytest.mark.parametrize("rule", builtin_rules_with_examples().rules, ids=lambda rule: rule.id)
def test_a_rule_fires_and_stays_quiet_as_its_examples_say(rule: Rule) -> None:
    assert failures(rule, facts()) == ()


@pytest.mark.parametrize(
    ("path", "text"), tuple(generated()), ids=lambda value: value.name if isinstance(value, Path) else ""
)
def test_what_is_made_from_the_rule_files_is_current(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `python -m scopegate.signals.generate`"


def test_no_page_is_left_over_from_a_rule_file_that_is_gone() -> None:
    written_by_hand = {"README.md"}
    made = {path.name for path, _ in generated() if path.parent == documentation_folder()}
    assert {path.name for path in documentation_folder().glob("*.md")} - written_by_hand == made


def test_a_review_uses_the_rules_of_the_files() -> None:
    shipped, written = builtin_rules(), builtin_rules_with_examples()
    assert [rule.id for rule in shipped.rules] == [rule.id for rule in written.rules]
    assert shipped.recipes == written.recipes
