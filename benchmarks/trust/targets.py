"""What reads bytes that a stranger may have written, each with good bytes to begin with: for tests and fuzzers alike.

A target reads the bytes and returns, or ends with a declared error; anything else is a find.
"""

import contextlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.attest.log import append, entries_of, problems_in, said_in
from scopegate.errors import ScopegateError
from scopegate.forge.artifact import plans_in
from scopegate.forge.eligibility import Evidence, tally_of
from scopegate.forge.github import GitHub, viewer_of
from scopegate.forge.model import Account
from scopegate.forge.people import Hands
from scopegate.forge.rest import Api, Response
from scopegate.plan.address import module_around, parse_module_address, parse_resource_address, string_keys
from scopegate.plan.decode import decode_plan
from scopegate.policy.codeowners import owners_of_path, parse_code_owners
from scopegate.policy.declared import declared_in_file, declared_in_text
from scopegate.policy.from_report import change_in_report
from scopegate.policy.load import decoded, parse_policy
from scopegate.policy.read_break_glass import parse_break_glass
from scopegate.render.since import with_since
from scopegate.signals.rule_file import parse_rule_file
from scopegate.source.json_syntax import read_json
from scopegate.source.native import read_native
from scopegate.verdict.claim import read_claim

ROOT: Final = Path(__file__).parents[2]
HEAD: Final = "a" * 40
KNOWLEDGE: Final = default_knowledge()
EARLIER: Final = analyze(
    decode_plan((ROOT / "fixtures/real/aws-ssm-29-no-op-drift/plan.json").read_bytes(), "plan.json"),
    KNOWLEDGE,
    Options(),
).report


@dataclass(frozen=True)
class Target:
    """A reader, good bytes for it, and words of its language for a fuzzer to put in."""

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()


def ends_well(target: Target, data: bytes) -> bool:
    """Return whether the bytes were read, or refused by a declared error in a sentence; raises what else there is."""
    try:
        target.read(data)
    except ScopegateError as error:
        return bool(str(error).strip())
    return True


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _review(data: bytes) -> object:
    return analyze(decode_plan(data, "plan.json"), KNOWLEDGE, Options()).report


def _address(data: bytes) -> object:
    text = _text(data)
    string_keys(text)
    for read in (parse_resource_address, parse_module_address, module_around):
        try:
            found = read(text)
        except ScopegateError:
            continue
        if read is parse_resource_address and parse_resource_address(str(found)) != found:
            raise AssertionError(f"{text!r} is read as {found}, which is read as something else")
    return None


def _policy(data: bytes) -> object:
    return parse_policy(decoded(data, "p.yaml"), "p.yaml")


def _rules(data: bytes) -> object:
    return parse_rule_file(_text(data), "r.yaml")


def _scope(data: bytes) -> object:
    text = _text(data)
    with contextlib.suppress(ScopegateError):
        declared_in_text(text, "the description")
    return declared_in_file(text, "s.yaml")


def _break_glass(data: bytes) -> object:
    return parse_break_glass(_text(data), "g.yaml")


def _code_owners(data: bytes) -> object:
    rules = parse_code_owners(_text(data), "CODEOWNERS")
    return [
        owners_of_path(rules, path) for path in ("a.tf", "infra/cn/main.tf", "docs/" + "a/" * 20 + "x", _text(data))
    ]


def _native(data: bytes) -> object:
    return read_native(_text(data), "main.tf")


def _json_syntax(data: bytes) -> object:
    return read_json(_text(data), "main.tf.json")


def _report(data: bytes) -> object:
    """Read a report as that of a change that a policy is to judge, and as the one of an earlier push."""
    with contextlib.suppress(ScopegateError):
        with_since(EARLIER, data, "earlier.json")
    return change_in_report(data, "report.json")


def _log(data: bytes) -> object:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        problems_in(Path(file.name))
        return [said_in(statement, Path(file.name)) for _, statement in entries_of(Path(file.name))]


def _claim(data: bytes) -> object:
    return read_claim(data, "claim.json")


def _artifact(data: bytes) -> object:
    return plans_in(data, "plan")


class _Canned(Api, frozen=True):
    """A code host that answers with the same lines again and again: one to each kind of question."""

    status: int = 200
    lines: tuple[bytes, ...] = ()

    def _ask(self, method: str, url: str, body: bytes | None) -> Response:  # noqa: ARG002 - one answer to all
        kind = 1 if "/reviews" in url else 2 if "/statuses" in url else 0
        return Response(self.status, {}, self.lines[kind % len(self.lines)])


def _host(status: int, lines: bytes) -> GitHub:
    api = _Canned("https://api.example", "token", status=status, lines=tuple(lines.split(b"\n")))
    return GitHub(api, "acme/infra", 7, Account(1, "gate[bot]"))


def _answers(data: bytes) -> object:
    """Ask everything that the gate asks; the first byte says with which status it is answered."""
    status = (200, 200, 200, 404, 403, 500, 201, 204)[data[0] % 8] if data else 200
    host = _host(status, data[1:])
    ann = Account(2, "ann")
    for ask in (
        host.pull_request,
        lambda: host.files(_REQUEST),
        host.commits,
        host.pushes,
        lambda: host.can_write(ann),
        lambda: host.is_member(ann, "acme/owners"),
        lambda: host.file_at("policy.yaml", HEAD),
        lambda: host.rules("main"),
        lambda: host.code_owners_errors("main"),
        lambda: host.open_requests_of(HEAD),
        lambda: viewer_of(host.api, ""),
        lambda: tally_of(Evidence(HEAD, "sha256:0", host.statuses(HEAD), Hands({}, {}, {}), host.reviews())),
    ):
        try:
            ask()
        except ScopegateError as error:
            if not str(error).strip():
                raise AssertionError("an error without a sentence") from error
    return None


def _answer(*lines: object) -> bytes:
    return b"0" + b"\n".join(json.dumps(line).encode() for line in lines)


_USER = {"id": 2, "login": "ann", "type": "User"}
_SIDE = {"sha": HEAD, "ref": "main", "repo": {"full_name": "acme/infra", "owner": _USER, "default_branch": "main"}}
_PULL = {
    "number": 7,
    "state": "open",
    "user": _USER,
    "head": _SIDE,
    "base": _SIDE,
    "commits": 1,
    "changed_files": 1,
    "body": "words",
}
_REQUEST: Final = _host(200, json.dumps(_PULL).encode()).pull_request()
_MOMENT = "2026-11-22T12:00:00Z"
_REVIEW = {"id": 1, "state": "APPROVED", "user": _USER, "submitted_at": _MOMENT, "commit_id": HEAD}
_STATUS = {
    "state": "pending",
    "context": "scopegate",
    "created_at": _MOMENT,
    "description": "sha256:0",
    "creator": {"id": 1, "login": "gate[bot]"},
}
_CHECKS = {"required_status_checks": [{"context": "scopegate", "integration_id": 1}]}
_RULES = [{"type": "required_status_checks", "parameters": _CHECKS}, {"type": "pull_request", "parameters": {}}]
_COMMIT = {"sha": HEAD, "author": _USER, "commit": {"message": "m", "author": {"name": "Ann", "email": "a@x"}}}


def _line() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        append(Path(folder) / "log", {"predicate": {"verdict": "pass", "sign_offs": {"accepted": [{"who": "ann"}]}}})
        return (Path(folder) / "log").read_bytes()


def _files(*patterns: str, most_bytes: int = 40_000) -> tuple[bytes, ...]:
    found = (path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern)))
    return tuple(data for data in found if len(data) <= most_bytes)


_RULE = b"""rules:
  - id: own
    title: t
    category: network
    severity: high
    types: ['aws_*']
    actions: [update]
    message: m
    why: w
    do: d
    when: [{became: {path: [x], to: [false]}}, {not: {removed: {path: [y, z]}}}]
    examples:
      fires: [{says: s, type: aws_a, before: {x: true}, after: {x: false}}]
      quiet: [{says: s, type: aws_a, before: {x: false}, after: {x: true}}]
"""
_GLASS = b"break_glass: {by: [ann], reason: fire, ticket: T-1, expires: '2027-01-01T00:00:00Z'}\n"
_YAML = (
    b"version: 1",
    b"limits:",
    b"sign_off",
    b"any_of",
    b"at_least",
    b"why",
    b"stacks:",
    b"&a ",
    b"*a",
    b"!!",
    b"---\n",
)

TARGETS: Final[Mapping[str, Target]] = {
    "plan": Target(
        _review,
        _files("fixtures/real/*/plan.json", "fixtures/kiro/*/plan.json", most_bytes=20_000),
        (b'"resource_changes"', b'"actions"', b'"delete"', b'"after_unknown"', b'"configuration"', b'"references"'),
    ),
    "address": Target(
        _address,
        (b'module.a["b.c"].data.aws_x.y[0]', b"module.a.module.b[1].aws_x.y", b'aws_x.y["\\u00e9\\"${"]'),
        (b"module.", b"data.", b'["', b'"]', b"[0]", b"\\u", b"ephemeral.", b"${", b"%{"),
    ),
    "policy": Target(_policy, _files("fixtures/policies/*/policy.yaml", "examples/*/.scopegate/policy.yaml"), _YAML),
    "rules": Target(_rules, (_RULE,), _YAML),
    "scope": Target(
        _scope, (b"scope: {regions: [eu-central-1]}\n", b"x\n```scope\nscope: {regions: [a]}\n```\n"), _YAML
    ),
    "break-glass": Target(_break_glass, (_GLASS,), _YAML),
    "code owners": Target(
        _code_owners, (b"*.tf @ann\n/a/ @org/team\n**/x/* a@b.example\n",), (b"**/", b"/**", b"@", b"\\ ", b"!", b"[a]")
    ),
    "HCL": Target(
        _native,
        _files("fixtures/*/*/*.tf", "tests/place/truth/plans/*/*.tf", most_bytes=3_000),
        (b'resource "a" "b" {', b"dynamic", b"<<EOT\n", b"${", b"%{ if", b"for_each", b"/*", b"locals {", b"content {"),
    ),
    "HCL in JSON": Target(
        _json_syntax, (b'{"resource": {"aws_x": {"y": {"a": "${local.b}"}}}, "locals": {"b": [1]}}',)
    ),
    "report": Target(_report, _files("fixtures/kiro/*/expected/report.json", most_bytes=30_000)),
    "claim": Target(_claim, (b'{"kind":"claim","schema_version":"1","stack":"s","branch":"b","from":["anyone"]}',)),
    "audit log": Target(_log, (_line(),), (b'"statement":', b'"previous":', b'"predicate":', b'"sign_offs":')),
    "artifact": Target(_artifact, (b"PK\x05\x06" + bytes(18),)),
    "forge answers": Target(
        _answers,
        (
            _answer(_PULL, [_REVIEW], [_STATUS]),
            _answer([_COMMIT], [_REVIEW, _REVIEW], [_STATUS, _STATUS]),
            _answer(_RULES, [], []),
            _answer({"type": "file", "encoding": "base64", "content": "YQ=="}, [], []),
            _answer({"permission": "write", "user": _USER}, [], []),
            _answer({"state": "active"}, [], []),
            _answer({"errors": [{"path": "CODEOWNERS", "line": 1, "kind": "x"}]}, [], []),
            _answer([{"timestamp": _MOMENT, "activity_type": "push", "actor": _USER}], [], []),
        ),
        (b'"state"', b'"submitted_at"', b"2026-01-01T00:00:00", b'"user":null', b'"id"', b'"login"'),
    ),
}
