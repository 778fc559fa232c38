"""Reports in which every text that is not scopegate's own is one hostile string."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import fields, replace

from scopegate.plan.address import format_key
from scopegate.verdict.report import Report

CASES: list[tuple[str, str, str]] = json.loads((Path(__file__).parent / "data" / "hostile-strings.json").read_text())[
    "cases"
]
STRINGS = {kind: text for kind, text, _ in CASES}

_OURS = {"tool_version", "facts_version", "fingerprint", "sha256", "effect", "kind"}
"""Fields whose words come from closed sets of scopegate itself."""


_ADDRESSES = {"address", "addresses"}


def poisoned(report: Report, text: str) -> Report:
    """Return ``report`` with ``text`` in every field that a plan's or a policy's author has a say in.

    An address has it for its key, as Terraform would print it.
    """
    poison: Report = _poisoned(report, text)
    return poison


def _poisoned(value: Any, text: str) -> Any:
    match value:
        case Enum() | date() | datetime():
            return value
        case str():
            return text
        case Mapping():
            return {_poisoned(key, text): _poisoned(item, text) for key, item in value.items()}
        case tuple() | frozenset():
            return type(value)(_poisoned(item, text) for item in value)
        case Struct():
            return replace(value, **_poisoned_fields(value, text))
        case _:
            return value


def _poisoned_fields(value: Any, text: str) -> dict[str, Any]:
    named = {field.name: getattr(value, field.name) for field in fields(value)}
    address = f"aws_sqs_queue.a{format_key(text)}"
    return {
        name: item if name in _OURS else _poisoned(item, address if name in _ADDRESSES else text)
        for name, item in named.items()
    }
