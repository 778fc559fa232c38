"""The report as SARIF 2.1.0, for code scanning.

What people released (signed, waived, break-glass) is there as a suppressed result. GitHub takes 5,000 results of a run
and 100 places of a result (api.github.com, "Upload an analysis as SARIF data", read 2026-11-22); the gravest stay, and
the run says how many were left out.
"""

from typing import Any, Final
from urllib.parse import quote

from scopegate.render.encode import as_json
from scopegate.render.escape import plain
from scopegate.render.findings import Finding, Rule, findings_of, relative_uri, stacks_of
from scopegate.render.wording import Wording
from scopegate.signals.model import Severity
from scopegate.source.model import Location
from scopegate.verdict.report import Report

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS: Final = 5_000
MOST_PLACES: Final = 100
_LEVELS: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}

_WORDS: Final = Wording(plain, plain)

Json = dict[str, Any]


def render(report: Report) -> str:
    """Return a SARIF log with one run, with a line break at the end."""
    found = findings_of(report)
    shown = found[:MOST_RESULTS]
    rules = {finding.rule.id: finding.rule for finding in shown}
    indices = {rule: index for index, rule in enumerate(rules)}
    run: Json = {
        "tool": {
            "driver": {
                "name": "scopegate",
                "version": report.tool_version,
                "rules": [_rule(rule) for rule in rules.values()],
            }
        },
        "automationDetails": {"id": _category(report)},
        "invocations": [_invocation(len(found) - len(shown))],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, indices[finding.rule.id]) for finding in shown],
        "properties": {
            "verdict": report.verdict.value,
            "fingerprint": report.fingerprint,
            **{heading.lower().replace(" ", "-"): text for heading, text in _WORDS.in_short(report)},
        },
    }
    return as_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _category(report: Report) -> str:
    """Return what tells the analyses of one commit apart; where no stack is named, the upload must say ``category``."""
    stacks = stacks_of(report)
    return f"scopegate/{quote(stacks, safe='', errors='replace')}/" if stacks else "scopegate/"


def _invocation(left_out: int) -> Json:
    note = {"level": "warning", "message": {"text": f"{left_out} more results are in --format json"}}
    return {"executionSuccessful": True, "toolExecutionNotifications": [note] if left_out else []}


def _rule(rule: Rule) -> Json:
    return {
        "id": plain(rule.id),
        "name": plain(rule.id.partition("/")[2]),
        "shortDescription": {"text": _text(rule.summary)},
        "fullDescription": {"text": _text(rule.help)},
        "help": {"text": _text(rule.help)},
        "properties": {"tags": [plain(tag) for tag in rule.tags]},
    }


def _result(finding: Finding, rule_index: int) -> Json:
    result: Json = {
        "ruleId": plain(finding.rule.id),
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _text(finding.message)},
        "locations": [_location(place, finding) for place in finding.places[:MOST_PLACES]],
        # GitHub compares this one; without it, it reads the line of the file, which moves.
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.fingerprint[:16]}:1"},
        "fingerprints": {"scopegate/v1": finding.fingerprint},
    }
    if finding.released:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": _text(finding.released)}]
    return result


def _location(place: Location, finding: Finding) -> Json:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": relative_uri(place.file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line},
        },
        "logicalLocations": [
            {"fullyQualifiedName": plain(address), "kind": "resource"} for address in finding.addresses[:1]
        ],
    }


def _text(text: str) -> str:
    """Return words for a message, in which ``[text](target)`` would be a link (SARIF 2.1.0, 3.11.6)."""
    return plain(text).replace("](", "] (")
