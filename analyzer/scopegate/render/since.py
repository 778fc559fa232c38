"""What got wider and what got narrower since an earlier report of the same change.

Both reports are read in their published form, so that a report of any version of scopegate can be the earlier one.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from scopegate.errors import UsageError
from scopegate.reach.model import How
from scopegate.render.json import document
from scopegate.signals.model import Severity
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Report, Since


class _Resource(msgspec.Struct):
    address: str
    how: How
    change: str | None


class _Signal(msgspec.Struct):
    rule: str
    severity: Severity
    address: str


class _Excess(msgspec.Struct):
    limit: str


class _Earlier(msgspec.Struct):
    """What is read of a report; its other fields are not."""

    verdict: Verdict
    fingerprint: str
    reach: dict[str, list[dict[str, Any]]]
    resources: list[_Resource]
    signals: list[_Signal]
    excesses: list[_Excess]


Difference = tuple[str, str]


def with_since(report: Report, earlier: bytes, path: str) -> Report:
    """Return ``report`` with what differs from the JSON report ``earlier``, which was read from ``path``.

    Raises:
        UsageError: it is no JSON report.
    """
    try:
        before = msgspec.json.decode(earlier, type=_Earlier)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{path} is no report of `scopegate review --format json` ({error}), so nothing can be compared with it; "
            "name one."
        ) from error
    after = msgspec.convert(document(report), type=_Earlier)
    old, new = dict.fromkeys(_claims(before)), dict.fromkeys(_claims(after))
    wider = tuple(claim for claim in new if claim not in old)
    narrower = tuple(claim for claim in old if claim not in new)
    return replace(report, since=Since(before.verdict, before.fingerprint, wider, narrower))


_DIMENSIONS = {
    "partitions": "partition",
    "regions": "region",
    "accounts": "account",
    "services": "service",
    "jurisdictions": "jurisdiction",
    "environments": "environment",
}


def _claims(report: _Earlier) -> Iterator[Difference]:
    """Yield everything that makes a reach wide, the widest first."""
    yield from (("goes beyond", excess.limit) for excess in report.excesses)
    for dimension, name in _DIMENSIONS.items():
        for row in report.reach.get(dimension, ()):
            if row.get("direct") or row.get("affected"):
                yield f"reaches {name}", _named(row, name)
    for resource in report.resources:
        if resource.how is How.DIRECT and resource.change and _destroys(resource.change):
            yield "destroys", resource.address
    for signal in report.signals:
        if signal.severity is Severity.HIGH:
            yield "raises", f"{signal.rule} at {signal.address}"
    for resource in report.resources:
        if resource.how is not How.EXPOSED:
            yield "changes" if resource.how is How.DIRECT else "affects", resource.address


def _named(row: dict[str, Any], name: str) -> str:
    value = str(row.get(name) or "unknown")
    return f"{row.get('partition') or 'unknown'}: {value}" if name == "region" else value


def _destroys(change: str) -> bool:
    return "delete" in change or "forget" in change
