"""The rules look at attributes that the providers really have."""

from fnmatch import fnmatchcase
from functools import cache

import pytest

from scopegate.signals.rule_file import builtin_rules_with_examples
from scopegate.signals.rules import Rule, covers
from signals.record_attributes import RECORDED, paths_of

RULES = tuple(
    rule
    for rule in builtin_rules_with_examples().rules
    if rule.plan is None and rule.types != ("*",) and not rule.id.startswith("other-")
)
"""The rules for providers whose schema is recorded."""

NOT_RECORDED = frozenset({"azapi_resource_action"})
"""Types of other providers in these rules (registry.terraform.io/providers/Azure/azapi/latest/docs/resources)."""


@cache
def recorded() -> dict[str, frozenset[str]]:
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    return {name: frozenset(paths) for name, *paths in (line.split(" ") for line in lines)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_type_of_a_rule_exists(rule: Rule) -> None:
    names = NOT_RECORDED.union(recorded())
    assert [glob for glob in rule.types if not any(fnmatchcase(name, glob) for name in names)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_attribute_of_a_rule_exists_in_one_of_its_types(rule: Rule) -> None:
    types = [paths for name, paths in recorded().items() if covers(rule, name)]
    missing = [path for path in paths_of(rule) if not any(path in paths or _in_text(path, paths) for paths in types)]
    assert missing == [], "or run tests/signals/record_attributes.py for an attribute that is new here"


@pytest.mark.parametrize("rule", [rule for rule in RULES if [*paths_of(rule)]], ids=lambda rule: rule.id)
def test_each_type_named_by_a_rule_has_one_of_its_attributes(rule: Rule) -> None:
    named = [name for name in rule.types if name in recorded()]
    without = [
        name
        for name in named
        if not any(path in recorded()[name] or _in_text(path, recorded()[name]) for path in paths_of(rule))
    ]
    assert without == []


def _in_text(path: str, paths: frozenset[str]) -> bool:
    """Whether ``path`` leads into a string that holds JSON, or into a map: then no schema says what is inside."""
    steps = path.split(".")
    whole = next(
        (".".join(steps[:length]) for length in range(len(steps) - 1, 0, -1) if ".".join(steps[:length]) in paths), ""
    )
    return bool(whole) and not any(other.startswith(f"{whole}.") for other in paths)
