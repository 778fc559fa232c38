"""Signal rules: data, checked when loaded, run on each change.

The YAML files are the source of truth. The built-in ones are also shipped as one JSON index without their examples, so
that a review parses no YAML; a test holds the two together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cache, cached_property
from typing import Any

import msgspec
from msgspec import Struct

from scopegate.errors import FactsError
from scopegate.regular_file import read_shipped
from scopegate.signals.change import Event
from scopegate.signals.globs import matches
from scopegate.signals.model import Category, Severity
from scopegate.signals.predicates import PlanPredicate, Predicate
from scopegate.signals.recipes import Recipe, Undoing, matches_type

INDEX = "index.json"
"""The built-in rules without their examples, made by ``generate``."""


class IfUnknown(Enum):
    """What a rule does when a value it needs is known only after apply."""

    IGNORE = "ignore"
    REPORT = "report"


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change (or, with ``plan``, a whole small plan) that a rule must fire on, or must not.

    ``actions`` are Terraform's own words; ``type`` is the rule's first type where it is left out.
    """

    says: str
    type: str = ""
    actions: tuple[str, ...] = ("update",)
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    after_unknown: dict[str, Any] = {}
    importing: bool = False
    moved_from: str | None = None
    deposed: str | None = None
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    plan: dict[str, Any] | None = None


class Examples(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule must fire on and what it must leave alone; at least one of each."""

    fires: tuple[Example, ...] = ()
    quiet: tuple[Example, ...] = ()


class Rule(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"undoing": "class"},
):
    """One named, explained fact about a change and how it is recognised.

    ``types`` are type names, or globs of them; ``except_types`` are taken out again. ``actions`` are what the plan
    must do with the object; all predicates in ``when`` must hold, one of ``any`` if there are any, none of ``unless``.
    Or there is one predicate on the whole plan, ``plan``, instead of these. ``message`` is one sentence without its
    full stop. ``why``, ``do`` and ``rollback`` are for the reader; ``references`` are links. ``undoing`` is worse than
    what the action itself means. ``origin`` is the file.
    """

    id: str
    title: str
    category: Category
    severity: Severity
    types: tuple[str, ...]
    except_types: tuple[str, ...] = ()
    actions: tuple[Event, ...] = ()
    when: tuple[Predicate, ...] = ()
    any: tuple[Predicate, ...] = ()
    unless: tuple[Predicate, ...] = ()
    plan: PlanPredicate | None = None
    if_unknown: IfUnknown = IfUnknown.IGNORE
    message: str
    why: str
    do: str
    rollback: str = ""
    undoing: Undoing | None = None
    references: tuple[str, ...] = ()
    examples: Examples = Examples()
    origin: str = ""


class RuleSet(Struct, frozen=True, dict=True):
    """All rules of a review, sorted by id, and all recipes for undoing, in the order of their files."""

    rules: tuple[Rule, ...]
    recipes: tuple[Recipe, ...] = ()

    def for_type(self, resource_type: str) -> tuple[Rule, ...]:
        """Return the rules that look at changes of ``resource_type``, sorted by id."""
        rules = (self.rules[number] for number in self._rule_numbers.about(resource_type))
        return tuple(rule for rule in rules if not (rule.except_types and _is_excepted(rule, resource_type)))

    def recipes_for_type(self, resource_type: str) -> tuple[Recipe, ...]:
        """Return the recipes for changes of ``resource_type``."""
        return tuple(self.recipes[number] for number in self._recipe_numbers.about(resource_type))

    @cached_property
    def _rule_numbers(self) -> "_ByType":
        return _by_type([rule.types for rule in self.rules])

    @cached_property
    def _recipe_numbers(self) -> "_ByType":
        return _by_type([recipe.types for recipe in self.recipes])


class _ByType(Struct, frozen=True):
    """Which of a list are about a resource type, by its name or a glob of names; each glob with how it begins."""

    named: Mapping[str, Sequence[int]]
    globs: Sequence[tuple[str, str]]

    def about(self, resource_type: str) -> Sequence[int]:
        """Return the numbers of those that are about ``resource_type``, in order."""
        names = [resource_type]
        for start, glob in self.globs:
            if resource_type.startswith(start) and matches(resource_type, glob):
                names.append(glob)
        return sorted({number for name in names for number in self.named.get(name, ())})


def _by_type(types: Iterable[Sequence[str]]) -> _ByType:
    named: dict[str, list[int]] = {}
    for number, names in enumerate(types):
        for name in names:
            named.setdefault(name, []).append(number)
    return _ByType(named, [(_beginning(name), name) for name in named if "*" in name])


def _beginning(glob: str) -> str:
    return glob.split("*", 1)[0].split("?", 1)[0].split("[", 1)[0]


def covers(rule: Rule, resource_type: str) -> bool:
    """Return whether ``rule`` looks at changes of ``resource_type``."""
    return matches_type(resource_type, rule.types) and not _is_excepted(rule, resource_type)


def _is_excepted(rule: Rule, resource_type: str) -> bool:
    return matches_type(resource_type, rule.except_types)


@cache
def builtin_rules() -> RuleSet:
    """Return the rules that ship with scopegate.

    Raises:
        FactsError: the installed index is damaged.
    """
    text = read_shipped("signals", INDEX)
    try:
        index = _INDEX_DECODER.decode(text)
    except msgspec.MsgspecError as error:
        raise FactsError(
            f"The built-in signal rules cannot be read ({error}), so no change can be judged; install scopegate again."
        ) from error
    return RuleSet(index.rules, index.recipes)


class _Index(msgspec.Struct, frozen=True):
    rules: tuple[Rule, ...]
    recipes: tuple[Recipe, ...]


_INDEX_DECODER = msgspec.json.Decoder(_Index)


def rule_set(rules: Sequence[Rule], recipes: Iterable[Recipe] = ()) -> RuleSet:
    """Return ``rules`` sorted by id, and ``recipes``.

    Raises:
        FactsError: two rules have the same id.
    """
    counts = Counter(rule.id for rule in rules)
    for rule in reversed(rules):
        if counts[rule.id] > 1:
            raise FactsError(
                f"{rule.origin}: a rule {rule.id!r} exists already, so a signal would not say which of the two it is "
                "from; give this one another id."
            )
    return RuleSet(tuple(sorted(rules, key=lambda rule: rule.id)), tuple(recipes))


def index_text(rules: RuleSet) -> str:
    """Return ``rules`` as the text of the index: JSON, one rule or recipe a line, examples left out."""
    lean = [msgspec.structs.replace(rule, examples=Examples()) for rule in rules.rules]
    return f'{{"rules": [\n{_lines(lean)}\n],\n"recipes": [\n{_lines(rules.recipes)}\n]}}\n'


def _lines(items: Iterable[object]) -> str:
    import json

    return ",\n".join(json.dumps(msgspec.to_builtins(item), ensure_ascii=False) for item in items)
