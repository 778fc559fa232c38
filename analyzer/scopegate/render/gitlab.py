"""The report for GitLab's Code Quality widget.

The fields that GitLab asks for are those of its own check (gitlabhq/gitlabhq,
app/validators/json_schemas/codeclimate.json), the severities those of docs.gitlab.com/ci/testing/code_quality.
"""

from typing import Any, Final

from scopegate.render.encode import as_json
from scopegate.render.escape import plain
from scopegate.render.findings import Finding, findings_of, relative_path
from scopegate.signals.model import Severity
from scopegate.verdict.report import Report

_SEVERITIES: Final = {Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}


def render(report: Report) -> str:
    """Return a list of issues as JSON, with a line break at the end; what was released is only for information."""
    return as_json([_issue(finding) for finding in findings_of(report)])


def _issue(finding: Finding) -> dict[str, Any]:
    place = finding.places[0]
    released = f" ({finding.released})" if finding.released else ""
    return {
        "description": plain(finding.message + released),
        "check_name": plain(finding.rule.id),
        "fingerprint": finding.fingerprint,
        "severity": "info" if finding.released else _SEVERITIES[finding.severity],
        "location": {"path": relative_path(place.file), "lines": {"begin": place.line}},
    }
