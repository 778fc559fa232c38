"""Proof that JSON says one thing only: no object names a key twice, and nothing is nested absurdly.

JSON readers take the last of two equal keys (json, orjson, msgspec) or the first (simdjson) without a word, so a
doctored plan could show one thing to the gate and another to a reviewer's tool. A second full reading would cost more
than the rest of the program. The proof: what was decoded, written again, is as long as what came. Writing takes the
fewest bytes there are for it and copies undecoded values as they stand, so a pair that decoding dropped is missing in
the length. Only where the length differs (unusual spelling, an unknown key, or a doctored plan) is the piece read
again, slowly, by a reader that reports every pair.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError
from scopegate.pattern import Pattern

T = TypeVar("T")

MAX_NESTING: Final = 200
"""Levels of objects and lists in a value that is read in full. Real plans have at most 22 in the whole document."""

# A colon after white space, or after a quote that two backslashes precede: then quotes cannot be counted.
_UNCOUNTABLE = (b'" :', b'"\t:', b'"\n:', b'"\r:', b'\\\\":')


def decode_object(raw: Raw, decoder: msgspec.json.Decoder[T], where: str) -> T:
    """Return the typed value of ``raw`` after proof that none of the objects it is made of names a key twice.

    Undecoded values in it are not looked into. ``where`` begins the message: ``"plan.json has in prior_state"``.

    Raises:
        PlanError: a key is repeated.
        msgspec.DecodeError: ``raw`` is of another type.
    """
    value = decoder.decode(raw)
    if len(msgspec.json.encode(value)) != len(raw):
        refuse_repeated_keys(raw, where)
    return value


def account_for(members: Mapping[str, Raw], length: int) -> bool:
    """Whether compact JSON of these members fills ``length`` bytes, so that none was dropped.

    Braces, and for each member two quotes, a colon and a comma; not written to be measured, since that would copy all.
    """
    return length == 1 + sum(4 + len(name.encode()) + len(raw) for name, raw in members.items())


_MEMBERS = msgspec.json.Decoder(dict[str, Raw])


def decode_objects(raw: Raw, decoder: msgspec.json.Decoder[list[T]], where: str) -> list[T]:
    """Return the typed items of a list as ``decode_object`` does, without a copy of the whole.

    They are objects of simple values and of objects of these, and no deeper.

    Raises:
        PlanError: a key is repeated.
        msgspec.DecodeError: ``raw`` is of another type.
    """
    items = decoder.decode(raw)
    if written_length(items) != len(raw):
        for item, text in zip(items, _ITEMS.decode(raw), strict=True):
            # An ampersand in one key of ``for_each`` is spelled with an escape; and a newer writer adds keys to all.
            if len(_WRITER.encode(item)) != len(text) and not _all_account_for(text, levels=2):
                refuse_repeated_keys(text, where)
    return items


def _all_account_for(raw: Raw, levels: int) -> bool:
    """Whether the members of an object fill it, as those of the objects in it do, so many levels down."""
    members = _MEMBERS.decode(raw)
    inner = (member for member in members.values() if levels > 1 and memoryview(member)[0] == _BRACE)
    return account_for(members, len(raw)) and all(_all_account_for(member, levels - 1) for member in inner)


_BRACE: Final = ord("{")
_ITEMS = msgspec.json.Decoder(list[Raw])


def written_length(items: Sequence[object]) -> int:
    """Return how many bytes a list takes when it is written, without writing more than a few items at a time."""
    brackets_and_commas = 1 + len(items) if items else 2
    pieces = [items[start : start + _AT_A_TIME] for start in range(0, len(items), _AT_A_TIME)]
    return brackets_and_commas + sum([len(_WRITER.encode(piece)) - 1 - len(piece) for piece in pieces])


_WRITER = msgspec.json.Encoder()
_AT_A_TIME: Final = 32
"""Items written together: fewer make more calls, more no longer fit into a processor's cache."""


def decode_in_full(raw: Raw | bytes, where: str) -> object:
    """Return the decoded value of ``raw`` after proof that no object in it, at any depth, names a key twice.

    Raises:
        PlanError: a key is repeated, or the value is nested deeper than ``MAX_NESTING``.
        msgspec.DecodeError: a number is out of range.
    """
    text = bytes(raw)
    value = decode_any_depth(text, where)
    if text.count(b"{") + text.count(b"[") > MAX_NESTING:
        try:
            check_nesting(value)
        except RecursionError:
            raise nested_too_deeply(where) from None
    return value


def decode_any_depth(raw: Raw | bytes, where: str) -> object:
    """Return what ``decode_in_full`` returns, for callers that look at the nesting while they walk through the value.

    Raises:
        PlanError: a key is repeated, or the value is nested so deeply that it cannot be decoded.
        msgspec.DecodeError: a number is out of range.
    """
    text = bytes(raw)
    try:
        value: object = msgspec.json.decode(text)
    except RecursionError:
        raise nested_too_deeply(where) from None
    if not _keys_are_unique(text, value):
        refuse_repeated_keys(text, where)
    return value


def keys_stand_once(text: bytes) -> bool:
    """Whether a value is seen at a glance to name no key twice and to be nested no deeper than it may be.

    Where it is not, ``decode_in_full`` tells whether it is only spelled in an unusual way, or large.
    """
    try:
        value = _ANYTHING.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return _keys_are_unique(text, value) and (
        len(text) < 2 * MAX_NESTING or text.count(b"{") + text.count(b"[") < MAX_NESTING
    )


_ANYTHING = msgspec.json.Decoder()


def _keys_are_unique(text: bytes, value: object) -> bool:
    # Where only spelling differs (Go writes < as \u003c), at least the number of keys must not.
    encoded = msgspec.json.encode(value)
    return text == encoded or (not any(map(text.__contains__, _UNCOUNTABLE)) and _pairs(text) == _pairs(encoded))


def _pairs(text: bytes) -> int:
    # Of two quotes with a colon behind them, one closes a key and the other, after a backslash, stands inside a string.
    return text.count(b'":') - text.count(b'\\":')


def refuse_repeated_keys(raw: Raw | bytes, where: str) -> None:
    """Read ``raw`` pair by pair.

    Raises:
        PlanError: an object in it names a key twice.
    """
    import json

    try:
        # Numbers stay text: Python makes none of more than 4,300 digits, and says so with another error.
        json.loads(bytes(raw), object_pairs_hook=_refuse_repeats, parse_int=str, parse_float=str)
    except RecursionError:
        raise nested_too_deeply(where) from None
    except _RepeatedKeyError as repeated:
        raise PlanError(
            f"{where} an object that names {_named(repeated.key)} twice, so two readers may see two different "
            "plans; Terraform never writes that: make the plan JSON again with `terraform show -json`."
        ) from None


def _named(key: str) -> str:
    """Return a key in words: the keys of maps may be secrets, the names of sections and arguments are not."""
    return f"the key {key!r}" if _ARGUMENT.fullmatch(key) else "a key"


_ARGUMENT = Pattern(r"[a-z_]{1,40}")


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


def check_nesting(value: object) -> None:
    """Let a value pass that is nested no deeper than ``MAX_NESTING``.

    Raises:
        RecursionError: it is nested deeper, as Python says it of what is nested deeper still.
    """
    level = [value]
    for _ in range(MAX_NESTING):
        level = [child for node in level for child in _children(node) if isinstance(child, _CONTAINERS)]
        if not level:
            return
    raise RecursionError


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
