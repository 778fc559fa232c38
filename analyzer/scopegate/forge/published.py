"""The scopes behind a fingerprint, as one run of the gate keeps them for the next: what was shown, and to be signed.

A status has room for a digest only. The document that stands behind it counts where its digest is the one in our own
status, so nothing has to be believed of where it lay; nothing is read back from a comment.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scopegate.analyze import Analysis
from scopegate.errors import ScopegateError
from scopegate.forge.gate import Outcome
from scopegate.forge.model import State, Status
from scopegate.forge.port import Forge
from scopegate.policy.model import PolicyDocument
from scopegate.verdict.claim import ScopeForm, differences, scope_document, scope_in
from scopegate.verdict.decide import Verdict
from scopegate.verdict.fingerprint import SignedScope, document_digest, wider_than
from scopegate.verdict.report import Since
from scopegate.verdict.scopes import scope_of_plan

KIND: Final = "scopegate-scopes"
SCHEMA_VERSION: Final = "1"
HEADS_LOOKED_AT: Final = 3
"""How many of the heads before this one are asked about: what was approved is rarely further back."""
_VERDICTS = {State.SUCCESS: Verdict.PASS, State.PENDING: Verdict.NEEDS_SIGN_OFF, State.FAILURE: Verdict.BLOCKED}


class Published(Struct, frozen=True):
    """What was published of a change: the digest of the policy file, and the scope.

    ``scopes`` maps the path of each plan to its own scope, in the names that it has alone.
    """

    policy: str
    scope: SignedScope
    scopes: Mapping[str, SignedScope]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    schema_version: str
    policy: str
    scope: ScopeForm
    plans: dict[str, ScopeForm]


def published_of(analysis: Analysis, policy: PolicyDocument) -> Published:
    """Return what is published of a change under the policy of the trusted branch."""
    hides = analysis.shown is not analysis.decision
    scopes = {
        part.plan.path: scope_of_plan(analysis.shown, number, hides=hides)
        for number, part in enumerate(analysis.shown.change.parts)
    }
    return Published(document_digest(policy), analysis.scope, scopes)


def document_of(published: Published) -> bytes:
    """Return what is published as JSON with keys in order. It holds no attribute value."""
    document = {
        "kind": KIND,
        "schema_version": SCHEMA_VERSION,
        "policy": published.policy,
        "scope": scope_document(published.scope),
        "plans": {path: scope_document(scope) for path, scope in published.scopes.items()},
    }
    return msgspec.json.encode(document, order="deterministic")


def published_by(forge: Forge, status: Status) -> Published | None:
    """Return what stands behind one of our statuses; None where it is not kept, or is not that of the status.

    Raises:
        ForgeError: the code host does not answer.
    """
    data = forge.kept(status)
    try:
        read = None if data is None else msgspec.json.decode(data, type=_Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if read is None or (read.kind, read.schema_version) != (KIND, SCHEMA_VERSION):
        return None
    scope = scope_in(read.scope)
    scopes = {path: scope_in(form) for path, form in read.plans.items()}
    return Published(read.policy, scope, scopes) if scope.fingerprint == status.fingerprint else None


def with_delta(forge: Forge, outcome: Outcome) -> Outcome:
    """Return the outcome with what got wider and narrower since another scope was published, and in words if unknown.

    It is held against what was approved last, or else against what was published last.
    """
    try:
        status = _before(outcome, _shown(forge, outcome))
        published = published_by(forge, status) if status else None
    except ScopegateError as error:
        return replace(outcome, notes=(*outcome.notes, f"What it was before is not known: {error}"))
    if status is None:
        return outcome
    if published is None:
        told = (
            f"Another scope was published at {status.at:%Y-%m-%d %H:%M:%S} UTC, and no run keeps it any more, so "
            "what got wider is not shown."
        )
        return replace(outcome, notes=(*outcome.notes, told))
    return replace(outcome, analysis=_compared(outcome.analysis, status, published.scope))


def _shown(forge: Forge, outcome: Outcome) -> Sequence[Status]:
    """Return our verdicts on this head and on those before it, oldest first."""
    pushes = sorted(outcome.proposal.pushes.items, key=lambda push: push.at, reverse=True)
    now = outcome.request.head_sha
    before = tuple(dict.fromkeys(push.after for push in pushes if push.after not in ("", now)))
    heads = (now, *before[:HEADS_LOOKED_AT])
    return sorted((s for head in heads for s in forge.statuses(head) if s.fingerprint), key=lambda status: status.at)


def _before(outcome: Outcome, shown: Sequence[Status]) -> Status | None:
    others = [status for status in shown if status.fingerprint != outcome.fingerprint]
    approved = [s for at in outcome.tally.approved_at if (s := _shown_at(shown, at)) in others]
    return max(approved or others, key=lambda status: status.at, default=None)


def _shown_at(shown: Iterable[Status], at: datetime) -> Status | None:
    return max((status for status in shown if status.at < at), key=lambda status: status.at, default=None)


def _compared(analysis: Analysis, status: Status, before: SignedScope) -> Analysis:
    since = Since(
        _VERDICTS[status.state],
        status.fingerprint,
        differences(wider_than(analysis.scope, before) or SignedScope()),
        differences(wider_than(before, replace(analysis.scope, policy=before.policy)) or SignedScope()),
    )
    return replace(analysis, report=replace(analysis.report, since=since))
