"""AWS policy documents as statements that can be compared: does one grant all that another grants?

Grammar: AWS IAM User Guide, "IAM JSON policy elements reference". Containment is decided on the patterns themselves and
errs towards "not contained": what is not proven to be covered counts as new.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from operator import attrgetter
from typing import Final, TypeVar

from msgspec import Struct

from scopegate.pattern import Pattern
from scopegate.signals.aws_conditions import Condition, implies
from scopegate.signals.change import json_in
from scopegate.signals.globs import Globs, contains, may_overlap

_Key = TypeVar("_Key", bound=Hashable)

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
        wild = list(filter(_is_wild, self.globs))
        return globs & self.globs | {glob for glob in globs - self.globs if any(contains(own, glob) for own in wild)}


class Statement(Struct, frozen=True):
    """One statement; ``principals`` are written ``aws:…``, ``service:…``, ``federated:…``."""

    allows: bool
    actions: Patterns
    resources: Patterns
    principals: Patterns
    conditions: frozenset[Condition]


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
    at one by one. So does all that is not the same in both, where it is too much to be compared.
    """
    changed = _changed(statements, by)
    if _are_too_many(changed, by):
        return changed
    compared = _Compared(changed, by)
    most = _MOST_KINDS // max(1, len(changed))
    return tuple(rest for statement in changed for rest in _rest(statement, compared, most))


def may_be_covered(statements: tuple[Statement, ...], by: tuple[Statement, ...]) -> bool:
    """Return whether one of ``statements`` holds only where one of ``by`` does; True where that is too much work."""
    changed = _changed(statements, by)
    if len(changed) < len(statements) or _are_too_many(changed, by):
        return True
    compared = _Compared(changed, by)
    return any(map(compared.coverers, changed))


def _changed(statements: tuple[Statement, ...], by: tuple[Statement, ...]) -> tuple[Statement, ...]:
    same = frozenset(by)
    return tuple(statement for statement in statements if statement not in same)


def _are_too_many(statements: tuple[Statement, ...], others: tuple[Statement, ...]) -> bool:
    """Whether comparing them would take long: AWS takes no policy with half as many statements or parts.

    A key policy has at most 32 KB (AWS KMS Developer Guide, "Quotas"), which is 400 statements; the access policy of an
    OpenSearch domain 100 KB ("Amazon OpenSearch Service quotas"), which is 15,000 names in few statements.
    """
    return _clauses(statements) * _clauses(others) > _MOST_PAIRS or max(map(_parts, (statements, others))) > _MOST_PARTS


_MOST_PAIRS: Final = 640_000
_MOST_PARTS: Final = 30_000


def _clauses(statements: tuple[Statement, ...]) -> int:
    return sum(1 + len(statement.conditions) for statement in statements)


def _parts(statements: tuple[Statement, ...]) -> int:
    return sum(map(_size, statements))


def _size(statement: Statement) -> int:
    patterns = statement.actions, statement.resources, statement.principals
    return sum(len(some.globs) for some in patterns) + sum(1 + len(values) for *_, values in statement.conditions)


_Kinds = Mapping[int, Sequence[str]]
"""Globs by which of some statements cover them, a bit for each statement; inverted ones are all of one kind."""


class _Compared:
    """Some statements held against others: which of the others, a bit for each, cover them or a part of them."""

    def __init__(self, statements: Sequence[Statement], others: Sequence[Statement]) -> None:
        self._dimensions = [
            (of, _Dimension([of(statement) for statement in statements], [of(other) for other in others]))
            for of in map(attrgetter, ("actions", "resources", "principals"))
        ]
        self._bound = _bits(enumerate((other.allows, other.conditions) for other in others))

    def able(self, statement: Statement) -> int:
        """Return which have the effect of ``statement``, and hold wherever its conditions do."""
        found = 0
        for (allows, conditions), bits in self._bound.items():
            if allows == statement.allows and _hold_under(conditions, statement.conditions):
                found |= bits
        return found

    def coverers(self, statement: Statement) -> int:
        """Return which hold wherever ``statement`` does."""
        found = self.able(statement)
        for of, dimension in self._dimensions:
            for bits in dimension.kinds(of(statement)):
                found &= bits
        return found

    def kinds(self, statement: Statement) -> list[_Kinds]:
        """Return the kinds of actions, resources and principals."""
        return [dimension.kinds(of(statement)) for of, dimension in self._dimensions]


class _Dimension:
    """The actions, the resources or the principals of some statements held against those of others."""

    def __init__(self, patterns: Sequence[Patterns], others: Sequence[Patterns]) -> None:
        self._others = others
        self._by_glob = _coverers({glob for some in patterns if not some.inverted for glob in some.globs}, others)
        self._inverted: dict[Patterns, int] = {}

    def kinds(self, patterns: Patterns) -> _Kinds:
        """Return the globs of ``patterns`` by which of the others cover them."""
        if patterns.inverted:
            return {self._covering(patterns): ()}
        found: dict[int, list[str]] = {}
        for glob in patterns.globs:
            found.setdefault(self._by_glob[glob], []).append(glob)
        return found

    def _covering(self, inverted: Patterns) -> int:
        if inverted not in self._inverted:
            self._inverted[inverted] = _covering_all_but(inverted.globs, self._others)
        return self._inverted[inverted]


def _bits(numbered: Iterable[tuple[int, _Key]]) -> dict[_Key, int]:
    """Return each key with the numbers that it has, as bits."""
    found: dict[_Key, int] = {}
    for number, key in numbered:
        found[key] = found.get(key, 0) | 1 << number
    return found


def _coverers(globs: Set[str], others: Sequence[Patterns]) -> dict[str, int]:
    """Return each glob with which of ``others`` hold all that it matches, a bit for each."""
    numbered = list(enumerate(others))
    listing = _bits((number, glob) for number, some in numbered if not some.inverted for glob in some.globs)
    wild = Globs(filter(_is_wild, listing))
    found = {glob: listing.get(glob, 0) for glob in globs}
    for glob in globs:
        for outer in wild.that_may_match(glob):
            if contains(outer, glob):
                found[glob] |= listing[outer]
    inverted = _bits((number, some) for number, some in numbered if some.inverted)
    if len(globs) * sum(1 + len(some.globs) for some in inverted) <= _MOST_SPARED:
        for some, bits in inverted.items():
            for glob in globs:
                if not any(may_overlap(own, glob) for own in some.globs):
                    found[glob] |= bits
    return found


_MOST_SPARED: Final = 1_000_000
"""Pairs of a name and one that is excepted; policies of 10 KB for organizations have as many in the worst case."""


def _is_wild(glob: str) -> bool:
    return "*" in glob or "?" in glob


def _covering_all_but(excepted: frozenset[str], others: Sequence[Patterns]) -> int:
    """Return which of ``others`` hold everything but what is ``excepted``: they except no more, or nothing."""
    within = Globs(excepted)
    found = 0
    for number, other in enumerate(others):
        if _spares_only(other.globs - excepted, within) if other.inverted else "*" in other.globs:
            found |= 1 << number
    return found


def _spares_only(globs: frozenset[str], excepted: Globs) -> bool:
    return all(any(contains(outer, glob) for outer in excepted.that_may_match(glob)) for glob in globs)


def _hold_under(conditions: frozenset[Condition], given: frozenset[Condition]) -> bool:
    """Return whether what is ``given`` implies each of ``conditions``."""
    return all(any(implies(theirs, own) for theirs in given) for own in conditions)


def _rest(statement: Statement, compared: _Compared, most: int) -> Iterator[Statement]:
    if compared.coverers(statement):
        return
    if statement.actions.inverted:
        yield statement
        return
    able = compared.able(statement)
    actions, resources, principals = (_among(able, kinds) for kinds in compared.kinds(statement))
    if len(actions) * len(resources) * len(principals) > most:
        yield statement
        return
    fresh_actions, fresh_resources, fresh_principals = (
        _fresh(actions, resources, principals),
        _fresh(resources, actions, principals),
        _fresh(principals, actions, resources),
    )
    if fresh_actions:
        yield Statement(
            statement.allows,
            Patterns(frozenset(glob for kind in fresh_actions for glob in actions[kind])),
            _cut_down(statement.resources, resources, fresh_resources),
            _cut_down(statement.principals, principals, fresh_principals),
            statement.conditions,
        )


def _fresh(kinds: _Kinds, others: _Kinds, more: _Kinds) -> set[int]:
    """Return those of ``kinds`` that no statement covers together with some one of ``others`` and one of ``more``."""
    return {kind for kind in kinds if any(not kind & other & one for other in others for one in more)}


_MOST_KINDS: Final = 1_000_000
"""Combinations of what is covered by different statements, in all statements of a policy."""


def _among(able: int, kinds: _Kinds) -> _Kinds:
    """Return the kinds that are left where only the statements that are ``able`` cover anything."""
    found: dict[int, list[str]] = {}
    for bits, globs in kinds.items():
        found.setdefault(bits & able, []).extend(globs)
    return found


def _cut_down(whole: Patterns, kinds: _Kinds, left: Iterable[int]) -> Patterns:
    return whole if whole.inverted else Patterns(frozenset(glob for kind in left for glob in kinds[kind]))
