"""Proof that JSON says one thing only: no object names a key twice, and nothing is nested absurdly.

JSON readers take the last of two equal keys (json, orjson, msgspec) or the first (simdjson) without a word, so a
doctored plan could show one thing to the gate and another to a reviewer's tool. Reading everything a second time would
cost more than the rest of the program, so the proof is arithmetic on what is decoded anyway, and only where it does not
hold (unusual spelling, or a doctored plan) is the piece read again, slowly, by a reader that reports every pair.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import methodcaller
from typing import Final

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError

MAX_NESTING: Final = 200
"""Levels of objects and lists in one section that is read in full. Real plans have at most 22 in the whole document."""

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_OBJECTS = msgspec.json.Decoder(list[dict[str, Raw]])

# A colon after white space, or after a quote that two backslashes precede: then quotes cannot be counted.
_UNCOUNTABLE = re.compile(rb'"\s+:|\\\\":')


def members_of(raw: Raw, where: str) -> dict[str, Raw]:
    """Return the values of one object by key, undecoded, after proof that no key stands there twice.

    ``where`` begins the message: ``"plan.json has in resource_changes"``.

    Raises:
        PlanError: a key is repeated.
        msgspec.ValidationError: ``raw`` is no object.
    """
    members = _OBJECT.decode(raw)
    if not account_for([members], len(raw)):
        refuse_repeated_keys(raw, where)
    return members


def refuse_repeats_in_objects(raw: Raw, where: str) -> None:
    """Let a list of objects pass in which no object names a key of its own twice.

    Raises:
        PlanError: a key is repeated.
        msgspec.ValidationError: ``raw`` is no list of objects.
    """
    objects = _OBJECTS.decode(raw)
    brackets_and_commas = 1 + len(objects) if objects else 2
    if not account_for(objects, len(raw) - brackets_and_commas):
        refuse_repeated_keys(raw, where)


def account_for(objects: Sequence[Mapping[str, Raw]], length: int) -> bool:
    """Whether the objects fill ``length`` bytes of compact JSON to the last byte, which leaves no room for another key.

    Braces, and for each member two quotes, a colon and a comma: the least that they can take. A repeated key adds bytes
    that no member accounts for; so do white space and escapes in keys, which prove nothing.
    """
    least = sum(1 + 4 * len(members) if members else 2 for members in objects)
    keys = sum(map(len, chain.from_iterable(objects)))
    values = sum(map(len, chain.from_iterable(map(_VALUES, objects))))
    return length == least + keys + values


_VALUES = methodcaller("values")


def decode_in_full(raw: Raw | bytes, where: str) -> object:
    """Return the decoded value of ``raw`` after proof that no object in it, at any depth, names a key twice.

    Raises:
        PlanError: a key is repeated, or the value is nested deeper than ``MAX_NESTING``.
        msgspec.DecodeError: a number is out of range.
    """
    text = bytes(raw)
    try:
        value: object = msgspec.json.decode(text)
    except RecursionError:
        raise nested_too_deeply(where) from None
    if text.count(b"{") + text.count(b"[") > MAX_NESTING:
        _refuse_deep_nesting(value, where)
    if not _keys_are_unique(text, value):
        refuse_repeated_keys(text, where)
    return value


def _keys_are_unique(text: bytes, value: object) -> bool:
    # Encoding never repeats a key. Where only spelling differs (Go writes < as \u003c), the number of keys must not.
    encoded = msgspec.json.encode(value)
    return text == encoded or (not _UNCOUNTABLE.search(text) and _pairs(text) == _pairs(encoded))


def _pairs(text: bytes) -> int:
    # Of two quotes with a colon behind them, one closes a key and the other, after a backslash, stands inside a string.
    return text.count(b'":') - text.count(b'\\":')


def refuse_repeated_keys(raw: Raw | bytes, where: str) -> None:
    """Read ``raw`` pair by pair.

    Raises:
        PlanError: an object in it names a key twice.
    """
    try:
        json.loads(bytes(raw), object_pairs_hook=_refuse_repeats)
    except RecursionError:
        raise nested_too_deeply(where) from None
    except _RepeatedKeyError as repeated:
        raise PlanError(
            f"{where} an object that names the key {repeated.key[:80]!r} twice, so two readers may see two different "
            "plans; Terraform never writes that: make the plan JSON again with `terraform show -json`."
        ) from None


class _RepeatedKeyError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _refuse_repeats(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _RepeatedKeyError(key)
        seen.add(key)


def _refuse_deep_nesting(value: object, where: str) -> None:
    level = [value]
    for _ in range(MAX_NESTING + 1):
        level = [child for node in level for child in _children(node) if isinstance(child, _CONTAINERS)]
        if not level:
            return
    raise nested_too_deeply(where)


_CONTAINERS = (dict, list)


def _children(node: object) -> Iterable[object]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def nested_too_deeply(where: str) -> PlanError:
    """Return the error for nesting beyond the limit."""
    return PlanError(
        f"{where} values nested deeper than {MAX_NESTING} levels, which no plan of Terraform is (22 is the most seen), "
        "so it is not read; make the plan JSON again with `terraform show -json`."
    )
