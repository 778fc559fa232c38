"""The documentation of rules, made from their files: one page a file, a list of all, and the predicates."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

import msgspec

from scopegate.signals.predicates import PlanPredicate, Predicate
from scopegate.signals.rules import Rule
from scopegate.signals.schema import tag_of

_MADE = "<!-- Made from the rule files by `python -m scopegate.signals.generate`. -->\n"
_BACK = "[All rules](list.md) · [What a rule is](README.md)"


def pages(rules: Sequence[Rule]) -> dict[str, str]:
    """Return the text of every page by its file name, from rules that carry their examples and origins."""
    by_page: dict[str, list[Rule]] = {}
    for rule in rules:
        by_page.setdefault(_page_of(rule), []).append(rule)
    described = {name: _page(name, listed) for name, listed in sorted(by_page.items())}
    return {**described, "list.md": _list(rules), "predicates.md": _predicates()}


def _page_of(rule: Rule) -> str:
    """``aws/identity.yaml:12`` is described in ``aws-identity.md``; ``kubernetes/kubernetes.yaml`` in one word."""
    folder, _, file = rule.origin.rpartition(":")[0].removesuffix(".yaml").rpartition("/")
    return f"{file if file.startswith(folder) else f'{folder}-{file}'}.md"


def _page(name: str, rules: Iterable[Rule]) -> str:
    title = name.removesuffix(".md").replace("-", " ")
    return "\n".join([_MADE, f"# Rules: {title}", "", _BACK, "", *(line for rule in rules for line in describe(rule))])


def describe(rule: Rule) -> Iterator[str]:
    """Yield the lines of Markdown that say everything about ``rule``."""
    yield from (f"## {rule.id}", "", f"**{rule.title}** · {rule.category.value} · {rule.severity.value}", "")
    yield from (f"> {rule.message}.", "", rule.why, "", f"**What to do.** {rule.do}", "")
    if rule.rollback:
        undoing = f" ({rule.undoing.value})" if rule.undoing else ""
        yield from (f"**Rollback{undoing}.** {rule.rollback}", "")
    yield from _conditions(rule)
    yield from ("", *(f"- fires: {example.says}" for example in rule.examples.fires))
    yield from (*(f"- stays quiet: {example.says}" for example in rule.examples.quiet), "")
    if rule.references:
        yield from (f"See {', '.join(f'<{link}>' for link in rule.references)}.", "")


def _conditions(rule: Rule) -> Iterator[str]:
    yield f"- types: {_words(rule.types)}" + (f", except {_words(rule.except_types)}" if rule.except_types else "")
    if rule.plan is not None:
        yield f"- of the whole plan: {_predicate(rule.plan)}"
        return
    yield f"- actions: {', '.join(action.value for action in rule.actions)}"
    for word, predicates in (("all of", rule.when), ("one of", rule.any), ("none of", rule.unless)):
        if predicates:
            yield f"- {word}:"
            yield from (f"  - {_predicate(predicate)}" for predicate in predicates)
    if rule.if_unknown.value == "report":
        yield "- where it cannot be told before apply, for names of new objects too, that is a signal `unknown-scope`"


def _predicate(predicate: msgspec.Struct) -> str:
    parameters = {
        name: value
        for name, value in msgspec.structs.asdict(predicate).items()
        if value not in (None, (), {}, "", False, 0.0) or (isinstance(value, bool) and value)
    }
    written = ", ".join(f"{name}: {_value(value)}" for name, value in parameters.items())
    return f"`{tag_of(type(predicate))}`" + (f" {written}" if written else "")


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"`{path}`" + (f" ({_words(values)})" if values else "") for path, values in value.items())
    return _words(value) if isinstance(value, tuple) else f"`{_yaml(value)}`"


def _words(values: Iterable[object]) -> str:
    return ", ".join(f"`{_yaml(value)}`" for value in values)


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(rules: Sequence[Rule]) -> str:
    rows = [
        f"| [{rule.id}]({_page_of(rule)}#{rule.id}) | {rule.title} | {rule.category.value} | {rule.severity.value} |"
        for rule in rules
    ]
    head = ["| rule | what it finds | category | severity |", "|---|---|---|---|"]
    return "\n".join(
        [_MADE, "# All rules", "", f"{len(rules)} rules. [What a rule is](README.md)", "", *head, *rows, ""]
    )


def _predicates() -> str:
    lines = [
        _MADE,
        "# Predicates",
        "",
        _BACK,
        "",
        "What a rule may ask of one change, in `when`, `any` and `unless`:",
        "",
    ]
    for predicate in get_args(Predicate):
        lines.extend(_predicate_lines(predicate))
    lines.extend(["What a rule may ask of a whole plan, in `plan`:", ""])
    for predicate in get_args(PlanPredicate):
        lines.extend(_predicate_lines(predicate))
    return "\n".join(lines)


def _predicate_lines(predicate: type[msgspec.Struct]) -> Iterator[str]:
    yield from (f"## {tag_of(predicate)}", "", inspect.getdoc(predicate) or "", "")
    fields = msgspec.structs.fields(predicate)
    for field in fields:
        default = "" if field.required else f", otherwise `{_default(field.default)}`"
        yield f"- `{field.name}`{default}"
    if fields:
        yield ""


def _default(value: object) -> str:
    return "[]" if value == () else "nothing" if value in (None, "", {}) else _yaml(value)
