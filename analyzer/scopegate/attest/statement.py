"""The audit record of one decision: an in-toto Statement in plain JSON, made to be signed by ``actions/attest``.

The form is that of in-toto/attestation, spec/v1/statement.md; the predicate is ours, with a published schema
(``scopegate_rules/schemas/attestation.schema.json``). Fields are only ever added.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from scopegate.analyze import Analysis
from scopegate.verdict.claim import scope_document
from scopegate.verdict.report import Report
from scopegate.verdict.requirements import Rejected

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:scopegate:decision:1"

Json = dict[str, Any]


class SignedOff(Struct, frozen=True):
    """A sign-off that counted: who, by which review, when by the server's clock, for which groups."""

    who: str
    review: int
    at: datetime
    groups: tuple[str, ...]


class Occasion(Struct, frozen=True):
    """Where a decision was made, and about what: a commit of a change in a repository, by a run."""

    repository: str
    change: str
    commit: str
    policy_ref: str
    run: str
    decided_at: datetime


class People(Struct, frozen=True):
    """Who agreed, and who did not count and why."""

    accepted: tuple[SignedOff, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def statement(analysis: Analysis, occasion: Occasion, people: People) -> Json:
    """Return the Statement on a decision; its subjects are the plans and the commit. It holds no attribute value."""
    report = analysis.report
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            *({"name": plan.path, "digest": {"sha256": plan.sha256}} for plan in report.plans),
            {"name": occasion.repository, "digest": {"gitCommit": occasion.commit}},
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "verdict": report.verdict.value,
            "fingerprint": report.fingerprint,
            "occasion": _occasion(occasion),
            "tool": _tool(report),
            "decisions": [_decision(analysis)],
            "sign_offs": {
                "accepted": [_signed_off(person) for person in people.accepted],
                "rejected": _rejected(people.rejected),
            },
        },
    }


def as_line(document: Json) -> bytes:
    """Return a Statement as JSON on one line, keys in order."""
    return msgspec.json.encode(document, order="deterministic")


def _occasion(occasion: Occasion) -> Json:
    return {
        "repository": occasion.repository,
        "change": occasion.change,
        "commit": occasion.commit,
        "policy_ref": occasion.policy_ref,
        "run": occasion.run,
        "decided_at": occasion.decided_at.isoformat(),
    }


def _tool(report: Report) -> Json:
    return {"name": "scopegate", "version": report.tool_version, "facts_version": report.facts_version}


def _decision(analysis: Analysis) -> Json:
    report, beside = analysis.report, analysis.report.circumstances
    return {
        "plan": ", ".join(plan.path for plan in report.plans),
        "stack": ", ".join(plan.stack for plan in report.plans if plan.stack) or None,
        "verdict": report.verdict.value,
        "fingerprint": report.fingerprint,
        "policy": report.policy,
        "scope": scope_document(analysis.scope),
        "excesses": [
            {"limit": e.limit, "dimension": e.dimension.value, "values": list(e.values), "message": e.message}
            for e in report.excesses
        ],
        "requirements": [
            {"from": list(r.groups), "count": r.count, "why": list(r.why), "satisfied_by": list(r.satisfied_by)}
            for r in report.requirements
        ],
        "author": beside.author.value,
        "waivers": [
            {"by": use.waiver.by, "reason": use.waiver.reason, "expires": use.waiver.expires.isoformat()}
            for use in beside.waived
        ],
        "break_glass": beside.break_glass
        and {
            "by": [person.who for person in beside.break_glass.by],
            "reason": beside.break_glass.reason,
            "ticket": beside.break_glass.ticket,
            "expires": beside.break_glass.expires.isoformat(),
        },
        "not_known": _not_known(report),
        "rollback": [
            {"address": note.address, "class": note.undoing.value, "undo": list(note.undo)} for note in report.rollback
        ],
    }


def _not_known(report: Report) -> Json:
    coverage = report.coverage
    return {
        "regions": coverage.region_unknown,
        "types": list(coverage.types_unmapped),
        "edges": [hidden.block for hidden in coverage.edges_incomplete],
        "notes": list(coverage.notes),
    }


def _signed_off(person: SignedOff) -> Json:
    return {
        "who": person.who,
        "review": person.review,
        "at": person.at.isoformat(),
        "groups": list(person.groups),
    }


def _rejected(rejected: Iterable[Rejected]) -> list[Json]:
    return [{"who": person.who, "why": person.why} for person in rejected]
