"""Damaged plans: cut off, bits turned over, values replaced, parts lost. The same seed makes the same damage."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from scopegate.analyze import Knowledge, Options, analyze
from scopegate.errors import ScopegateError
from scopegate.plan.decode import decode_plan
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Report

RANKS = {Verdict.PASS: 0, Verdict.NEEDS_SIGN_OFF: 1, Verdict.BLOCKED: 2}

Path = tuple[str | int, ...]


class Damage(Enum):
    """How a plan is damaged; the value is the word in what the campaign prints."""

    CUT = "cut off"
    BIT = "a bit turned over"
    VALUE = "a value replaced"
    LOSS = "a part lost"


@dataclass(frozen=True)
class Outcome:
    """What came of one input: a report, or the message of a declared error."""

    report: Report | None
    error: str = ""

    @property
    def rank(self) -> int:
        """How bad it is: 0 is a pass, an error is worse than any verdict."""
        return RANKS[self.report.verdict] if self.report else len(RANKS)


def chance_for(name: str) -> random.Random:
    """Return chance that is the same for the same name."""
    return random.Random(name)


def judged(raw: bytes, knowledge: Knowledge) -> Outcome:
    """Return what scopegate makes of ``raw``. Whatever is no declared error comes out as it is: that is the find."""
    try:
        return Outcome(analyze(decode_plan(raw, "plan.json"), knowledge, Options()).report)
    except ScopegateError as error:
        return Outcome(None, str(error))


def damaged(raw: bytes, kind: Damage, chance: random.Random) -> bytes:
    """Return ``raw`` damaged in one place."""
    return _WAYS[kind](raw, chance)


def _cut(raw: bytes, chance: random.Random) -> bytes:
    return raw[: chance.randrange(len(raw))]


def _turn_a_bit(raw: bytes, chance: random.Random) -> bytes:
    position, bit = chance.randrange(len(raw)), 1 << chance.randrange(8)
    return b"".join((raw[:position], bytes([raw[position] ^ bit]), raw[position + 1 :]))


REPLACEMENTS: tuple[object, ...] = (
    *(None, True, False, 0, -1, 2**63, 10**400, 1e300, 0.1, "", "x", "\u0000", "\ud7ff", "a" * 10_000),
    *("delete", "managed", "global", "cn-north-1", "arn:aws:s3:::x", "module.a.b", 'a.b["', "0", "{", "[1]"),
    *(
        [],
        {},
        [None],
        [[]],
        {"": None},
        {"a": {"b": []}},
        [{}],
        ["x"],
        [0],
        {"constant_value": 1},
        {"references": ["a"]},
    ),
)


def _replace_a_value(raw: bytes, chance: random.Random) -> bytes:
    document = read(raw)
    place = chance.choice(list(places(document)))
    return _written(with_value(document, place, chance.choice(REPLACEMENTS)))


def _lose_a_part(raw: bytes, chance: random.Random) -> bytes:
    document = read(raw)
    place = chance.choice([place for place in places(document) if place])
    return _written(without(document, place))


_WAYS: dict[Damage, Callable[[bytes, random.Random], bytes]] = {
    Damage.CUT: _cut,
    Damage.BIT: _turn_a_bit,
    Damage.VALUE: _replace_a_value,
    Damage.LOSS: _lose_a_part,
}


def read(raw: bytes) -> Any:
    """Return the JSON value of a plan; of one that is wrapped in other text, the text itself."""
    try:
        return json.loads(raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"))
    except ValueError:
        return {"resource_changes": raw.decode(errors="replace")}


def _written(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def places(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value in a document."""
    yield path
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def with_value(document: Any, path: Path, value: object) -> Any:
    """Return ``document`` with another value at ``path``; everything else is shared with it."""
    if not path:
        return value
    copy = document.copy()
    copy[path[0]] = with_value(document[path[0]], path[1:], value)
    return copy


def without(document: Any, path: Path) -> Any:
    """Return ``document`` without what stands at ``path``."""
    copy = document.copy()
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(document[path[0]], path[1:])
    return copy


def without_change(document: Any, position: int) -> bytes:
    """Return a plan that has lost one of its changes, and says it still in every other section."""
    return _written(without(document, ("resource_changes", position)))
