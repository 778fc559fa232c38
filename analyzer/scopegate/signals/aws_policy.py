"""AWS policy documents as statements that can be compared: does one grant all that another grants?

Grammar: AWS IAM User Guide, "IAM JSON policy elements reference". Containment is decided on the patterns themselves and
errs towards "not contained": what is not proven to be covered counts as new.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final

from msgspec import Struct

from scopegate.pattern import Pattern
from scopegate.signals.aws_conditions import Condition, implies
from scopegate.signals.change import json_in
from scopegate.signals.globs import contains, may_overlap

ITSELF: Final = "(itself)"
"""The resource of a statement without one (a trust policy), and of one whose resource is known only after apply."""

HOLDER: Final = "aws:(holder)"
"""The principal of a statement without one: whoever the policy is attached to."""

EVERYONE: Final = "aws:*"


class Patterns(Struct, frozen=True):
    """Patterns with ``*`` and ``?``; with ``inverted``, everything but what they match (``NotAction`` and the like)."""

    globs: frozenset[str]
    inverted: bool = False

    def covered(self, globs: frozenset[str]) -> frozenset[str]:
        """Return those of ``globs`` of which everything that they match is in here."""
        if self.inverted:
            return frozenset(glob for glob in globs if not any(may_overlap(own, glob) for own in self.globs))
        wild = [own for own in self.globs if "*" in own or "?" in own]
        return globs & self.globs | {glob for glob in globs - self.globs if any(contains(own, glob) for own in wild)}

    def covers_all(self, other: "Patterns") -> bool:
        """Return whether everything in ``other`` is in here."""
        if not other.inverted:
            return self.covered(other.globs) == other.globs
        if self.inverted:
            return all(any(contains(theirs, own) for theirs in other.globs) for own in self.globs)
        return "*" in self.globs


class Statement(Struct, frozen=True):
    """One statement; ``principals`` are written ``aws:…``, ``service:…``, ``federated:…``."""

    allows: bool
    actions: Patterns
    resources: Patterns
    principals: Patterns
    conditions: frozenset[Condition]

    def covers(self, other: "Statement") -> bool:
        """Return whether this statement holds wherever ``other`` does."""
        return (
            self.allows == other.allows
            and self.actions.covers_all(other.actions)
            and self.resources.covers_all(other.resources)
            and self.principals.covers_all(other.principals)
            and self.holds_under(other.conditions)
        )

    def holds_under(self, conditions: frozenset[Condition]) -> bool:
        """Return whether ``conditions`` imply each condition of this statement."""
        return all(any(implies(theirs, own) for theirs in conditions) for own in self.conditions)


def statements_of(document: object) -> tuple[Statement, ...]:
    """Return the statements of a policy document; what is none has none."""
    return tuple(map(_statement, _items(document)))


def _items(document: object) -> Iterator[Mapping[str, object]]:
    return _mappings(document.get("Statement")) if isinstance(document, Mapping) else iter(())


def _statement(item: Mapping[str, object]) -> Statement:
    return Statement(
        allows=item.get("Effect") != "Deny",
        actions=_patterns(item, "Action", "NotAction", "*", lower=True),
        resources=_patterns(item, "Resource", "NotResource", ITSELF, lower=False),
        principals=_principals(item),
        conditions=frozenset(_conditions(item.get("Condition"))),
    )


def _patterns(item: Mapping[str, object], name: str, inverse: str, absent: str, *, lower: bool) -> Patterns:
    inverted = inverse in item
    texts = [text for text in _list(item.get(inverse if inverted else name)) if isinstance(text, str)]
    nothing = frozenset() if inverted else frozenset({absent})
    return Patterns(frozenset(text.lower() if lower else text for text in texts) or nothing, inverted)


def _principals(item: Mapping[str, object]) -> Patterns:
    inverted = "NotPrincipal" in item
    value = item.get("NotPrincipal" if inverted else "Principal")
    if value is None:
        return Patterns(frozenset({HOLDER}))
    if not isinstance(value, Mapping):
        return Patterns(frozenset({EVERYONE}), inverted)
    named = {principal(str(kind), str(name)) for kind, names in value.items() for name in _list(names)}
    return Patterns(frozenset(named), inverted)


_ACCOUNT = Pattern(r"(?:aws:)?(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?\Z")


def principal(kind: str, name: str) -> str:
    """Return a principal as written in statements; an account, however spelled, covers everyone in it."""
    if kind.lower() == "aws" and (match := _ACCOUNT.match(name)):
        return f"aws:arn:*:*::{match[1]}:*"
    return f"{kind.lower()}:{name}"


def _conditions(value: object) -> Iterator[Condition]:
    if not isinstance(value, Mapping):
        return
    for operator, keys in value.items():
        if isinstance(keys, Mapping):
            yield from ((operator.lower(), key.lower(), _texts(values)) for key, values in keys.items())


def _texts(values: object) -> frozenset[str]:
    return frozenset(str(value).lower() if isinstance(value, bool) else str(value) for value in _list(values))


def statements_of_data_source(values: Mapping[str, object]) -> tuple[Statement, ...]:
    """Return the statements that a ``data.aws_iam_policy_document`` will have, as far as the plan knows them.

    One with the ``sid`` of an earlier one takes its place (hashicorp/terraform-provider-aws
    ``internal/service/iam/policy_model.go``, 2026-11).
    """
    own = (dict(_document_of(block)) for block in _mappings(values.get("statement")))
    written: dict[object, Mapping[str, object]] = {}
    for item in (*_items_of(values, _BEFORE), *own, *_items_of(values, _AFTER)):
        sid = item.get("Sid")
        written[sid if sid and isinstance(sid, str) else len(written)] = item
    return tuple(map(_statement, written.values()))


_BEFORE: Final = ("source_json", "source_policy_documents")
_AFTER: Final = ("override_json", "override_policy_documents")
INCLUDED: Final = (*_BEFORE, *_AFTER)
"""Arguments of the data source with whole documents, whose statements come before its own and after them."""


def _items_of(values: Mapping[str, object], names: Iterable[str]) -> Iterator[Mapping[str, object]]:
    for text in (text for name in names for text in _list(values.get(name)) if isinstance(text, str)):
        yield from _items(json_in(text))


_ARGUMENTS = {
    "sid": "Sid",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def _document_of(block: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the elements of a statement; one of which the values alone are not known yet is there all the same."""
    yield "Effect", block.get("effect") or "Allow"
    yield from ((element, block[argument]) for argument, element in _ARGUMENTS.items() if block.get(argument))
    for argument, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        named: dict[str, list[object]] = {}
        for principals in _mappings(block.get(argument)):
            kind = str(principals.get("type"))
            named.setdefault("AWS" if kind == "*" else kind, []).extend(_list(principals.get("identifiers")))
        if named:
            yield element, named
    yield "Condition", _tests(block.get("condition"))


def _tests(blocks: object) -> Mapping[str, object]:
    tests: dict[str, dict[str, list[object]]] = {}
    for block in _mappings(blocks):
        variables = tests.setdefault(str(block.get("test")), {})
        variables.setdefault(str(block.get("variable")), []).extend(_list(block.get("values")))
    return tests


def _mappings(value: object) -> Iterator[Mapping[str, object]]:
    return (item for item in _list(value) if isinstance(item, Mapping))


def _list(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@lru_cache(maxsize=8)  # a dozen rules ask about the same policies
def uncovered(statements: tuple[Statement, ...], by: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Return what ``statements`` hold that no statement of ``by`` covers, each cut down to its uncovered actions.

    What several statements cover only together counts as uncovered, resources and principals aside: those are looked
    at one by one. So does all of what is too large to be compared.
    """
    if are_too_large(statements, by):
        return statements
    return tuple(rest for statement in statements for rest in _rest(statement, by))


def are_too_large(statements: tuple[Statement, ...], others: tuple[Statement, ...]) -> bool:
    """Whether comparing them would take long, each part with each: AWS takes no policy with half as many parts.

    A bucket policy has at most 20 KB, which is 1,300 accounts (Amazon S3 User Guide, "Bucket policies").
    """
    return sum(map(_size, statements)) * sum(map(_size, others)) > _MOST_PAIRS


_MOST_PAIRS: Final = 4_000_000


def _size(statement: Statement) -> int:
    patterns = statement.actions, statement.resources, statement.principals
    return sum(len(some.globs) for some in patterns) + sum(1 + len(values) for *_, values in statement.conditions)


def _rest(statement: Statement, others: tuple[Statement, ...]) -> Iterator[Statement]:
    if any(other.covers(statement) for other in others):
        return
    if statement.actions.inverted:
        yield statement
        return
    able = [other for other in others if other.allows == statement.allows and other.holds_under(statement.conditions)]
    actions, resources, principals = (
        _by_coverers(own, [of(other) for other in able])
        for own, of in ((of(statement), of) for of in (_ACTIONS, _RESOURCES, _PRINCIPALS))
    )
    if len(actions) * len(resources) * len(principals) > _MOST_KINDS:
        yield statement
        return
    fresh = [
        (action, resource, principal)
        for action in actions
        for resource in resources
        for principal in principals
        if not action & resource & principal
    ]
    if fresh:
        yield Statement(
            statement.allows,
            Patterns(frozenset(glob for kind in {action for action, _, _ in fresh} for glob in actions[kind])),
            _cut_down(statement.resources, resources, {resource for _, resource, _ in fresh}),
            _cut_down(statement.principals, principals, {principal for _, _, principal in fresh}),
            statement.conditions,
        )


_ACTIONS, _RESOURCES, _PRINCIPALS = map(attrgetter, ("actions", "resources", "principals"))

_MOST_KINDS: Final = 100_000
"""Combinations of what is covered by different statements; a policy of a few hundred statements may have as many."""


def _by_coverers(patterns: Patterns, others: Sequence[Patterns]) -> Mapping[int, Sequence[str]]:
    """Return the globs of ``patterns`` by which of the ``others`` cover them, a bit for each; inverted ones are one."""
    if patterns.inverted:
        return {sum(1 << number for number, other in enumerate(others) if other.covers_all(patterns)): ()}
    coverers = dict.fromkeys(patterns.globs, 0)
    for number, other in enumerate(others):
        for glob in other.covered(patterns.globs):
            coverers[glob] |= 1 << number
    found: dict[int, list[str]] = {}
    for glob, bits in coverers.items():
        found.setdefault(bits, []).append(glob)
    return found


def _cut_down(whole: Patterns, kinds: Mapping[int, Sequence[str]], left: Iterable[int]) -> Patterns:
    return whole if whole.inverted else Patterns(frozenset(glob for kind in left for glob in kinds[kind]))
