"""Signal rules: data, read from YAML, checked when loaded, run on each change.

The YAML files are the source of truth. The built-in ones are also shipped as one JSON index without their examples, so
that a review parses no YAML; a test holds the two together.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from scopegate.errors import FactsError
from scopegate.signals.change import Event
from scopegate.signals.model import Category, Severity
from scopegate.signals.predicates import PlanPredicate, Predicate
from scopegate.signals.strict_yaml import ValuePath, YamlDocument, load_yaml

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
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None
    after_unknown: dict[str, object] = {}
    importing: bool = False
    moved_from: str | None = None
    deposed: str | None = None
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    plan: dict[str, object] | None = None


class Examples(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule must fire on and what it must leave alone; at least one of each."""

    fires: tuple[Example, ...] = ()
    quiet: tuple[Example, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One named, explained fact about a change and how it is recognised.

    ``types`` are type names, or globs of them; ``except_types`` are taken out again. ``actions`` are what the plan
    must do with the object; all predicates in ``when`` must hold, one of ``any`` if there are any, none of ``unless``.
    Or there is one predicate on the whole plan, ``plan``, instead of these. ``message`` is one sentence without its
    full stop. ``why``, ``do`` and ``rollback`` are for the reader; ``references`` are links. ``origin`` is the file.
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
    references: tuple[str, ...] = ()
    examples: Examples = Examples()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a review, sorted by id."""

    rules: tuple[Rule, ...]

    def for_type(self, resource_type: str) -> tuple[Rule, ...]:
        """Return the rules that look at changes of ``resource_type``, sorted by id."""
        return tuple(rule for rule in self.rules if covers(rule, resource_type))


def covers(rule: Rule, resource_type: str) -> bool:
    """Return whether ``rule`` looks at changes of ``resource_type``."""
    return _matches(resource_type, rule.types) and not _matches(resource_type, rule.except_types)


def _matches(resource_type: str, globs: Sequence[str]) -> bool:
    return any(resource_type == glob or ("*" in glob and fnmatchcase(resource_type, glob)) for glob in globs)


@cache
def builtin_rules() -> RuleSet:
    """Return the rules that ship with scopegate.

    Raises:
        FactsError: the installed index is damaged.
    """
    text = files("scopegate_rules").joinpath("signals", INDEX).read_bytes()
    try:
        return RuleSet(_INDEX_DECODER.decode(text))
    except msgspec.MsgspecError as error:
        raise FactsError(
            f"The built-in signal rules cannot be read ({error}), so no change can be judged; install scopegate again."
        ) from error


_INDEX_DECODER = msgspec.json.Decoder(tuple[Rule, ...])


def load_rules(paths: Iterable[str]) -> RuleSet:
    """Return the built-in rules and those in the rule files ``paths``.

    Raises:
        FactsError: a file is no rule file, or a rule id is taken; the message begins with ``file:line``.
    """
    own = [rule for path in paths for rule in read_rules(path)]
    return rule_set([*builtin_rules().rules, *own])


def rule_set(rules: Sequence[Rule]) -> RuleSet:
    """Return ``rules`` sorted by id.

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
    return RuleSet(tuple(sorted(rules, key=lambda rule: rule.id)))


def read_rules(path: str, name: str | None = None) -> tuple[Rule, ...]:
    """Return the rules in the YAML file ``path``, in the order of the file; messages and origins call it ``name``.

    Raises:
        FactsError: it cannot be read, or is no rule file; the message begins with ``file:line``.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FactsError(f"{path}: this rule file cannot be read ({error}), so its rules would be missing.") from error
    return parse_rules(text, name or path)


def parse_rules(text: str, path: str) -> tuple[Rule, ...]:
    """Return the rules in ``text``, a rule file named ``path``.

    Raises:
        FactsError: as ``read_rules``.
    """
    document = load_yaml(text, path, FactsError)
    items = document.value.get("rules") if isinstance(document.value, Mapping) else None
    if not isinstance(items, list) or not items:
        raise FactsError(f"{document.where()}: a rule file is a mapping with a list `rules` of at least one rule.")
    return tuple(_rule(item, position, document) for position, item in enumerate(items))


def _rule(item: object, position: int, document: YamlDocument) -> Rule:
    here: ValuePath = ("rules", position)
    try:
        rule = msgspec.convert(_with_tags(item), Rule)
    except msgspec.ValidationError as error:
        sentence, path = _error_place(str(error))
        raise FactsError(f"{document.where((*here, *path))}: {sentence}.") from error
    for problem in _problems(rule):
        raise FactsError(f"{document.where(here)}: the rule {rule.id!r} {problem}.")
    return msgspec.structs.replace(rule, origin=f"{document.path}:{document.line_of(here)}")


_PLACE = re.compile(r"\A(?P<sentence>.*?)(?: - at `\$(?P<path>.*)`)?\Z", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def _error_place(message: str) -> tuple[str, ValuePath]:
    match = _PLACE.match(message)
    assert match is not None  # noqa: S101 - the pattern matches every text
    steps = _STEP.findall(match["path"] or "")
    return match["sentence"], tuple(name or int(index) for name, index in steps)


def _with_tags(item: object) -> object:
    """Return a rule with ``{became: {…}}`` written as ``{predicate: became, …}``."""
    if not isinstance(item, Mapping):
        return item
    lists = {
        name: [_with_tag(one) for one in item[name]] for name in ("when", "any", "unless") if _is_list(item.get(name))
    }
    plan = {"plan": _with_tag(item["plan"])} if "plan" in item else {}
    return {**item, **lists, **plan}


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _with_tag(predicate: object) -> object:
    if not isinstance(predicate, Mapping) or len(predicate) != 1:
        return predicate
    ((name, parameters),) = predicate.items()
    return {"predicate": name, **parameters} if isinstance(parameters, Mapping) else predicate


_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


def _problems(rule: Rule) -> Iterator[str]:
    checks: tuple[tuple[Callable[[Rule], bool], str], ...] = (
        (lambda rule: bool(_ID.match(rule.id)), "needs an id of small letters, digits and single hyphens"),
        (lambda rule: bool(rule.types), "names no types; `*` stands for all"),
        (
            lambda rule: bool(rule.plan) != bool(rule.actions or rule.when or rule.any or rule.unless),
            "needs either `actions` (and what must hold of a change, in `when`) or a predicate on the `plan`",
        ),
        (lambda rule: bool(rule.plan) or bool(rule.actions), "names no actions, so it could never fire"),
        (lambda rule: bool(rule.examples.fires), "has no example that fires, so nobody can know that it works"),
        (
            lambda rule: bool(rule.examples.quiet),
            "has no example that stays quiet, so nobody can know its limits",
        ),
    )
    yield from (problem for check, problem in checks if not check(rule))


def index_text(rules: Iterable[Rule]) -> str:
    """Return ``rules`` as the text of the index: JSON, one rule a line, examples left out."""
    lean = [msgspec.structs.replace(rule, examples=Examples()) for rule in rules]
    lines = ",\n".join(json.dumps(msgspec.to_builtins(rule), ensure_ascii=False) for rule in lean)
    return f"[\n{lines}\n]\n"
