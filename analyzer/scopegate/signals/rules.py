"""Signal rules: data, checked when loaded, run on each change.

The YAML files are the source of truth. The built-in ones are also shipped as one index without their examples, JSON by
lines, so that a review parses no YAML and reads only the rules about the types that it meets; a test holds the two
together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from enum import Enum
from functools import cache, cached_property
from io import BytesIO
from typing import Any, TypeVar, overload

import msgspec
from msgspec import Struct

from scopegate.errors import FactsError
from scopegate.regular_file import read_shipped
from scopegate.signals.change import Event
from scopegate.signals.globs import matches
from scopegate.signals.model import Category, Severity
from scopegate.signals.predicates import PlanPredicate, Predicate
from scopegate.signals.recipes import Recipe, Undoing, matches_type

S = TypeVar("S", bound=Struct)

INDEX = "index.jsonl"
"""The built-in rules without their examples, made by ``generate``: a line about its contents, rules, recipes."""


class IfUnknown(Enum):
    """What a rule does when a value it needs is known only after apply, being the name of a new object.

    What may be anything is reported in any case.
    """

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
    """All rules of a review, sorted by id, and all recipes for undoing, in the order of their files.

    ``contents`` says what is where among them, unless it is to be looked up in themselves.
    """

    rules: Sequence[Rule]
    recipes: Sequence[Recipe] = ()
    contents: "Contents | None" = None

    def for_type(self, resource_type: str) -> tuple[Rule, ...]:
        """Return the rules that look at changes of ``resource_type``, sorted by id."""
        rules = (self.rules[number] for number in self._contents.rules.about(resource_type))
        return tuple(rule for rule in rules if not (rule.except_types and _is_excepted(rule, resource_type)))

    def recipes_for_type(self, resource_type: str) -> tuple[Recipe, ...]:
        """Return the recipes for changes of ``resource_type``."""
        return tuple(self.recipes[number] for number in self._contents.recipes.about(resource_type))

    def of_plan(self) -> Iterator[tuple[Rule, PlanPredicate]]:
        """Yield the rules that look at whole plans, sorted by id, with their predicates."""
        rules = (self.rules[number] for number in self._contents.of_plan)
        return ((rule, rule.plan) for rule in rules if rule.plan is not None)

    def named(self, ids: Set[str]) -> dict[str, Rule]:
        """Return the rules that are among ``ids``, by their ids."""
        return {name: self.rules[number] for number, name in enumerate(self._contents.ids) if name in ids}

    @cached_property
    def _contents(self) -> "Contents":
        return self.contents or contents_of(self.rules, self.recipes)


class _ByType(Struct, frozen=True):
    """Which of a list are about a resource type, by its name or a glob of names; each glob with how it begins."""

    named: dict[str, tuple[int, ...]]
    globs: tuple[tuple[str, str], ...]

    def about(self, resource_type: str) -> Sequence[int]:
        """Return the numbers of those that are about ``resource_type``, in order."""
        names = [resource_type]
        for start, glob in self.globs:
            if resource_type.startswith(start) and matches(resource_type, glob):
                names.append(glob)
        return sorted({number for name in names for number in self.named.get(name, ())})


class Contents(Struct, frozen=True):
    """What is where among rules and recipes: the ids of the rules, the numbers of those that look at whole plans."""

    ids: tuple[str, ...]
    of_plan: tuple[int, ...]
    rules: _ByType
    recipes: _ByType


def contents_of(rules: Sequence[Rule], recipes: Sequence[Recipe]) -> Contents:
    """Return what is where among ``rules`` and ``recipes``."""
    return Contents(
        tuple(rule.id for rule in rules),
        tuple(number for number, rule in enumerate(rules) if rule.plan is not None),
        _by_type([rule.types for rule in rules]),
        _by_type([recipe.types for recipe in recipes]),
    )


def _by_type(types: Iterable[Sequence[str]]) -> _ByType:
    named: dict[str, tuple[int, ...]] = {}
    for number, names in enumerate(types):
        for name in names:
            named[name] = (*named.get(name, ()), number)
    return _ByType(named, tuple((_beginning(name), name) for name in named if "*" in name))


def _beginning(glob: str) -> str:
    return glob.split("*", 1)[0].split("?", 1)[0].split("[", 1)[0]


def covers(rule: Rule, resource_type: str) -> bool:
    """Return whether ``rule`` looks at changes of ``resource_type``."""
    return matches_type(resource_type, rule.types) and not _is_excepted(rule, resource_type)


def _is_excepted(rule: Rule, resource_type: str) -> bool:
    return matches_type(resource_type, rule.except_types)


@cache
def builtin_rules() -> RuleSet:
    """Return the rules that ship with scopegate; each is decoded when it is first asked for.

    Raises:
        FactsError: the installed index is damaged, now or where a rule is asked for.
    """
    # bytes.splitlines goes byte by byte, which takes as long as all that is decoded here.
    first, *lines = BytesIO(read_shipped("signals", INDEX)).readlines() or [b""]
    contents = _decoded(first, Contents)
    count = len(contents.ids)
    return RuleSet(_Lines(lines[:count], Rule), _Lines(lines[count:], Recipe), contents)


class _Lines(Sequence[S]):
    """The structs on lines of JSON, each decoded when it is first asked for."""

    def __init__(self, lines: Sequence[bytes], kind: type[S]) -> None:
        self._lines = lines
        self._kind = kind
        self._decoded: dict[int, S] = {}

    @overload
    def __getitem__(self, number: int) -> S: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[S, ...]: ...
    def __getitem__(self, number: int | slice) -> S | tuple[S, ...]:
        if isinstance(number, slice):
            return tuple(self)[number]
        if number not in self._decoded:
            self._decoded[number] = _decoded(self._lines[number], self._kind)
        return self._decoded[number]

    def __len__(self) -> int:
        return len(self._lines)


def _decoded(line: bytes, kind: type[S]) -> S:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.MsgspecError as error:
        raise FactsError(
            f"The built-in signal rules cannot be read ({error}), so no change can be judged; install scopegate again."
        ) from error


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
    """Return ``rules`` as the text of the index, examples left out."""
    lean = [msgspec.structs.replace(rule, examples=Examples()) for rule in rules.rules]
    return "".join(map(_line, (contents_of(lean, rules.recipes), *lean, *rules.recipes)))


def _line(item: Struct) -> str:
    import json

    return json.dumps(msgspec.to_builtins(item), ensure_ascii=False) + "\n"
