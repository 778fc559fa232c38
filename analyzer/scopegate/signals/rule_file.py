"""Rule files: YAML in, rules and recipes out, every error with its file and line."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeVar

import msgspec

from scopegate.errors import FactsError
from scopegate.regular_file import read_regular_file
from scopegate.signals.recipes import Recipe
from scopegate.signals.rules import Rule, RuleSet, builtin_rules, rule_set
from scopegate.signals.strict_yaml import ValuePath, YamlDocument, load_yaml

S = TypeVar("S", bound=msgspec.Struct)


def load_rules(paths: Iterable[str]) -> RuleSet:
    """Return the built-in rules and those in the rule files ``paths``.

    Raises:
        FactsError: a file is no rule file, or a rule id is taken; the message begins with ``file:line``.
    """
    builtin = builtin_rules()
    own = [read_rule_file(path) for path in paths]
    return rule_set(
        [*builtin.rules, *(rule for file in own for rule in file.rules)],
        [*builtin.recipes, *(recipe for file in own for recipe in file.recipes)],
    )


def builtin_folder() -> Path:
    """Return the folder of the built-in rule files."""
    with as_file(files("scopegate_rules").joinpath("signals")) as folder:
        return folder


def is_builtin(path: str) -> bool:
    """Return whether the file ``path`` is one of the built-in rule files."""
    # realpath, for a link that leads to itself is none of ours, and no crash.
    return Path(os.path.realpath(path)).is_relative_to(builtin_folder().resolve())


@cache
def builtin_rules_with_examples() -> RuleSet:
    """Return the built-in rules as their YAML files say, sorted by id, each with its origin inside the folder.

    Raises:
        FactsError: a file is no rule file.
    """
    folder = builtin_folder()
    found = [
        read_rule_file(str(path), name=path.relative_to(folder).as_posix()) for path in sorted(folder.rglob("*.yaml"))
    ]
    return rule_set(
        [rule for file in found for rule in file.rules], [recipe for file in found for recipe in file.recipes]
    )


def read_rule_file(path: str, name: str | None = None) -> RuleSet:
    """Return the rules and recipes in the YAML file ``path``, in its order; messages and origins call it ``name``.

    Raises:
        FactsError: it cannot be read, or is no rule file; the message begins with ``file:line``.
    """
    try:
        text = read_regular_file(path).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise FactsError(
            f"{path}: this rule file cannot be read ({reason}), so its rules would be missing; name another."
        ) from error
    return parse_rule_file(text, name or path)


def parse_rule_file(text: str, path: str) -> RuleSet:
    """Return the rules and recipes in ``text``, a rule file named ``path``.

    Raises:
        FactsError: as ``read_rule_file``.
    """
    document = load_yaml(text, path, FactsError)
    found = document.value if isinstance(document.value, Mapping) else {}
    if not found or found.keys() - {"rules", "recipes"}:
        raise FactsError(
            f"{document.where()}: a rule file is a mapping with a list `rules`, a list `recipes`, or both, and nothing "
            "else; see docs/rules for rules to begin from."
        )
    return RuleSet(
        tuple(_rule(item, ("rules", position), document) for position, item in _listed(document, "rules")),
        tuple(
            _decoded(item, Recipe, ("recipes", position), document) for position, item in _listed(document, "recipes")
        ),
    )


def _listed(document: YamlDocument, name: str) -> Iterator[tuple[int, object]]:
    items = document.value.get(name, []) if isinstance(document.value, Mapping) else []
    if not isinstance(items, list) or (name in document.value and not items):  # type: ignore[operator]
        raise FactsError(
            f"{document.where((name,))}: `{name}` is a list of at least one item, and here is none; add one, or leave "
            "it out."
        )
    return enumerate(items)


def _rule(item: object, here: ValuePath, document: YamlDocument) -> Rule:
    rule = _decoded(_with_tags(item), Rule, here, document)
    for problem in _problems(rule):
        raise FactsError(f"{document.where(here)}: the rule {rule.id!r} {problem}; docs/rules has examples of rules.")
    return msgspec.structs.replace(rule, origin=f"{document.path}:{document.line_of(here)}")


def _decoded(item: object, kind: type[S], here: ValuePath, document: YamlDocument) -> S:
    try:
        return msgspec.convert(item, kind)
    except msgspec.ValidationError as error:
        sentence, path = _error_place(str(error))
        raise FactsError(
            f"{document.where((*here, *path))}: {sentence}, so this cannot be run; docs/rules says what may stand here."
        ) from error


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
