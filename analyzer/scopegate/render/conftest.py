"""The report in the shape of conftest's JSON output, for tools that read that.

Each limit is a test: within is a success, beyond is a failure, and beyond but released is a warning
(https://www.conftest.dev/output, read 2026-11-26). Rego of one's own runs on ``--format json`` instead.
"""

from collections.abc import Mapping
from typing import Any, Final

from scopegate.render.encode import as_json
from scopegate.render.escape import plain
from scopegate.render.wording import Wording
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import BeyondLimit, Report

NAMESPACE: Final = "scopegate"
_WORDS: Final = Wording(plain, plain)

Json = dict[str, Any]


def render(report: Report) -> str:
    """Return one result a plan as JSON, with a line break at the end."""
    results = [_result(report, plan.path) for plan in report.plans]
    return as_json(results)


def _result(report: Report, path: str) -> Json:
    places = {resource.address: str(resource.source) for resource in report.resources if resource.source}
    found = [_message(excess, places) for excess in report.excesses]
    released = report.verdict is Verdict.PASS
    return {
        "filename": path,
        "namespace": NAMESPACE,
        "successes": len(report.limits) - len(found),
        "warnings": [*_since(report), *(found if released else [])],
        "failures": [] if released else found,
    }


def _since(report: Report) -> list[Json]:
    since = report.since
    if since is None:
        return []
    differences = {"wider": list(since.wider), "narrower": list(since.narrower)}
    named = {word: [" ".join(difference) for difference in each] for word, each in differences.items()}
    return [{"msg": f"since the report before: {_WORDS.since(since)}", "metadata": named}]


def _message(excess: BeyondLimit, places: Mapping[str, str]) -> Json:
    located = {address: places[address] for address in excess.addresses if address in places}
    return {
        "msg": plain(f"{excess.limit}: {excess.message} ({excess.why}; {excess.advice})"),
        "metadata": {
            "limit": excess.limit,
            "dimension": excess.dimension.value,
            "values": list(excess.values),
            "addresses": list(excess.addresses),
            **({"locations": located} if located else {}),
        },
    }
