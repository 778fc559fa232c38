"""Inputs beside a plan that are large in one way each, and the readings that are timed of each kind of input."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from benchmarks.trust.large_plans import PLANS, block, bucket, many, plan_of
from benchmarks.trust.targets import HEAD, KNOWLEDGE
from msgspec import Struct
from msgspec.structs import replace

from scopegate.analyze import Analysis, Knowledge, Options, Planned, analyze, analyze_together
from scopegate.attest.log import append, entries_of, problems_in, said_in
from scopegate.cli.forms import FORMS
from scopegate.forge.annotations import blocks_in
from scopegate.forge.claims import claims_for, claims_that_cover
from scopegate.forge.eligibility import Evidence, tally_of
from scopegate.forge.integrity import paths_of, self_reported, with_guard_rails
from scopegate.forge.model import (
    Account,
    Answer,
    ChangedFile,
    Commit,
    Listing,
    PullRequest,
    Push,
    Review,
    ReviewState,
    State,
    Status,
)
from scopegate.forge.people import authorship_of, hands_in
from scopegate.plan.decode import decode_plan
from scopegate.policy.codeowners import owners_of_path, parse_code_owners
from scopegate.policy.declared import declared_in_text
from scopegate.policy.from_report import change_in_report
from scopegate.policy.load import parse_policy
from scopegate.policy.model import Context
from scopegate.policy.people import Approval
from scopegate.policy.proposal import propose
from scopegate.render import json as json_form
from scopegate.render.explain import render as explain
from scopegate.render.graph import FORMS as GRAPHS
from scopegate.render.graph import drawing_of
from scopegate.render.since import with_since
from scopegate.signals.examples import check_examples
from scopegate.signals.rule_file import parse_rule_file
from scopegate.signals.rules import rule_set
from scopegate.source.contents import Contents
from scopegate.source.json_syntax import read_json
from scopegate.source.model import LOCAL, Sources
from scopegate.source.native import read_native
from scopegate.verdict.claim import as_json, read_claim
from scopegate.verdict.requirements import SignOffs

Reading = Callable[[bytes], Iterator[str]]
"""Reads an input in steps; yields the name of each when it is done."""

SMALL: Final = plan_of([bucket("b")], {"resources": [block("b")]})
EVERYBODY: Final = parse_policy(
    "version: 1\nlimits:\n  everything:\n    direct_changes: {at_most: 0}\n"
    "    sign_off: {from: team:a, count: 2}\n    why: w\nteams: {a: [ann, bob]}\n",
    "p.yaml",
)


def analysed(raw: bytes, knowledge: Knowledge = KNOWLEDGE, options: Options | None = None) -> Analysis:
    """Return what is made of a plan."""
    return analyze(decode_plan(raw, "plan.json"), knowledge, options or Options())


def by_analysis(raw: bytes) -> Iterator[str]:
    """Judge a plan."""
    plan = decode_plan(raw, "plan.json")
    yield "reading"
    analyze(plan, KNOWLEDGE, Options())
    yield "analysis"


def by_all_commands(raw: bytes) -> Iterator[str]:
    """Judge a plan, and show and use the outcome in every way that a command does."""
    plan = decode_plan(raw, "plan.json")
    yield "reading"
    analysis = analyze(plan, KNOWLEDGE, Options())
    yield "analysis"
    for form in FORMS:
        import_module(f"scopegate.render.{form}").render(analysis.report)
        yield form
    import_module("scopegate.render.terminal").render(analysis.report, verbose=True)
    yield "terminal, verbose"
    import_module("scopegate.render.comment").comment(analysis.report, ())
    yield "comment"
    for position in {0, len(plan.instances) - 1}:
        explain(analysis.shown.change, analysis.graph, position)
        yield "explain"
    yield from _claimed(raw)
    written = json_form.render(analysis.report).encode()
    with_since(analysis.report, written, "earlier.json")
    yield "since an earlier report"
    change_in_report(written, "report.json")
    yield "policy on a report"
    propose([analysis.change], KNOWLEDGE.facts)
    yield "init"
    yield from _drawn(analysis)


def _drawn(analysis: Analysis) -> Iterator[str]:
    analysis.to_networkx()
    yield "networkx"
    for reach_only in (False, True):
        drawing = drawing_of(analysis.shown.change, analysis.graph, reach_only=reach_only)
        for form, drawn in GRAPHS.items():
            drawn(drawing)
            yield f"graph as {form}"


def _claimed(raw: bytes) -> Iterator[str]:
    analysis = analysed(raw, replace(KNOWLEDGE, policy=EVERYBODY))
    yield "analysis under another policy"
    claims = [claim for some in claims_for(analysis, "main") for claim in some]
    written = [as_json(claim).encode() for claim in claims]
    yield "claim"
    claims_that_cover(
        analysis, [read_claim(text, claim.path) for text, claim in zip(written, claims, strict=True)], None
    )
    yield "verify"


def by_policy(raw: bytes) -> Iterator[str]:
    """Read a policy, and judge a small plan by it."""
    policy = parse_policy(raw.decode(), "p.yaml")
    yield "reading"
    sign_offs = SignOffs(tuple(Approval(f"u{n}") for n in range(len(raw) // 100)))
    context = Context(changed_files=("a.tf",), now=datetime(2026, 11, 27, tzinfo=UTC))
    analysis = analysed(SMALL, replace(KNOWLEDGE, policy=policy), Options(context, sign_offs))
    yield "analysis"
    for form in FORMS:
        import_module(f"scopegate.render.{form}").render(analysis.report)
        yield form
    import_module("scopegate.render.policy").explain(analysis.shown, policy)
    yield "policy explain"


def _limits(size: int, outcome: str, tail: str = "") -> bytes:
    limits = "".join(
        f"  l{n}:\n    direct_changes: {{at_most: 0}}\n    sign_off: {outcome.format(n=n)}\n    why: w{n}\n"
        for n in range(size)
    )
    return f"version: 1\nlimits:\n{limits}{tail}".encode()


def _rows(size: int, row: str) -> str:
    return "".join(row.format(n=n) for n in range(size))


def _lines(size: int, *lines: str) -> str:
    return _rows(size, "".join(f"{line}\n" for line in lines))


_ONE: Final = "version: 1\nlimits:\n  l:\n    regions: {{allow: [{}]}}\n    sign_off: {}\n    why: w\n"

POLICIES: Final[Mapping[str, Callable[[int], bytes]]] = {
    "limits": lambda size: _limits(size, "1"),
    "limits with a team each": lambda size: _limits(
        size, "team:t{n}", f"teams:\n{_lines(size, '  t{n}: [u{n}, v{n}]')}"
    ),
    "limits with a person each": lambda size: _limits(size, "user:u{n}"),
    "limits with a choice each": lambda size: _limits(size, "{{any_of: [user:u{n}, user:v{n}]}}"),
    "places": lambda size: _ONE.format(_rows(size, "r{n}-*, ") + "x", "1").encode(),
    "a place of stars": lambda size: _ONE.format('"' + "*a" * size + '"', "1").encode(),
    "owners": lambda size: (
        _ONE.format("x", "{owner-of: region}")
        + f"owners:\n  regions:\n{_lines(size, '    r{n}-*: user:u{n}')}    '*': user:z\n"
    ).encode(),
    "people": lambda size: (
        _ONE.format("x", "{from: team:a, count: 2}") + f"teams: {{a: [{_rows(size, 'u{n}, ')}z]}}\n"
    ).encode(),
    "people asked": lambda size: (
        _ONE.format("x", f"{{from: team:a, count: {size}}}") + f"teams: {{a: [{_rows(size, 'u{n}, ')}z]}}\n"
    ).encode(),
    "groups of one rule": lambda size: _ONE.format("x", f"{{from: [{_rows(size, 'user:u{n}, ')}user:z]}}").encode(),
    "all of many": lambda size: _ONE.format("x", f"{{all_of: [{_rows(size, 'user:u{n}, ')}user:z]}}").encode(),
    "any of many": lambda size: _ONE.format("x", f"{{any_of: [{_rows(size, 'user:u{n}, ')}user:z]}}").encode(),
    "waivers": lambda size: (
        _ONE.format("x", "1")
        + "waivers:\n"
        + _lines(size, "  - {{limit: l, addresses: [m{n}.*], reason: r, by: user:u, expires: 2027-01-01}}")
    ).encode(),
    "stacks": lambda size: (
        _ONE.format("x", "1").replace("limits:", "defaults:")
        + "stacks:\n"
        + _lines(size, "  s{n}:", "    match: {{paths: [p{n}/**]}}", "    owner: user:u{n}", "    inherits: defaults")
    ).encode(),
    "paths": lambda size: (
        "version: 1\nlimits:\n  l:\n    guard_rails: {rails: [policy], paths: ["
        + _rows(size, "a{n}/**/b*, ")
        + "z]}\n    sign_off: 1\n    why: w\n"
    ).encode(),
    "frozen days": lambda size: (
        "version: 1\nlimits:\n  l:\n    time:\n      zone: UTC\n      frozen:\n"
        + _lines(size, "        - {{days: [sat]}}")
        + "    sign_off: 1\n    why: w\n"
    ).encode(),
}


def by_code_owners(raw: bytes) -> Iterator[str]:
    """Read a CODEOWNERS file, and ask it about a few paths."""
    rules = parse_code_owners(raw.decode(), "CODEOWNERS")
    yield "reading"
    for path in ("a.tf", "a/" * 20 + "x.tf", "x" * 200):
        owners_of_path(rules, path)
        yield "owners"


CODE_OWNERS: Final[Mapping[str, Callable[[int], bytes]]] = {
    "lines": lambda size: _rows(size, "/a{n}/**/*.tf @ann @org/t{n}\n").encode(),
    "owners of a line": lambda size: f"* {_rows(size, '@u{n} ')}\n".encode(),
    "folders of a pattern": lambda size: ("**/a/" * size + "* @ann\n").encode(),
    "stars of a pattern": lambda size: ("*x" * size + " @ann\n").encode(),
}


_NOON: Final = datetime(2026, 11, 27, 12, tzinfo=UTC)


def _moment(number: int) -> datetime:
    return _NOON + timedelta(seconds=number)


def by_gate(raw: bytes) -> Iterator[str]:
    """Ask who may sign a change of so many commits, pushes, reviews, statuses and files; ``raw`` is as many spaces."""
    size = len(raw)
    people = [Account(n, f"u{n}") for n in range(size)]
    request = PullRequest(
        1, Account(-1, "ann"), HEAD, "b", "o/r", None, HEAD, "main", "o/r", text="on behalf of @x " * size
    )
    commits = Listing(
        tuple(
            Commit(
                f"{n:040x}", (Account(-n - 2, f"c{n}"),), (f"C {n}",), (f"c{n}@x",), f"m\n\nCo-authored-by: C <d{n}@x>"
            )
            for n in range(size)
        )
    )
    pushes = Listing(tuple(Push(account, _moment(n)) for n, account in enumerate(people)))
    hands = hands_in(request, commits, pushes, by_agent=True, barred={})
    authorship_of(request, commits.items)
    yield "hands"
    published = tuple(Status(State.PENDING, f"needs sign-off - {n:064x}", _moment(2 * n)) for n in range(size))
    reviews = tuple(
        Review(n, account, ReviewState.APPROVED, _moment(2 * size + n), HEAD) for n, account in enumerate(people)
    )
    evidence = Evidence(
        HEAD,
        published[-1].fingerprint if published else "",
        published,
        replace(hands, ids={}, logins={}),
        reviews,
        writers={account.id: Answer.YES for account in people},
        members={(account.id, "team:a"): Answer.YES for account in people},
    )
    tally_of(evidence)
    yield "sign-offs"
    hunk = '@@ -1,2 +1,2 @@\n resource "aws_s3_bucket" "b" {\n+  version = "1"\n'
    files = tuple(ChangedFile(f"m{n}/main.tf", None, hunk, 1) for n in range(size))
    told = self_reported(files)
    blocks_in(files)
    yield "files"
    policy = with_guard_rails(EVERYBODY, told)
    analysed(SMALL, replace(KNOWLEDGE, policy=policy), Options(Context(changed_files=paths_of(files))))
    yield "guard rails"


def by_text(raw: bytes) -> Iterator[str]:
    """Look for a declared scope in the words of a pull request."""
    declared_in_text(raw.decode(), "the description")
    yield "reading"


def by_report(raw: bytes) -> Iterator[str]:
    """Read a report as that of a change that a policy is to judge, and as the one of an earlier push."""
    change_in_report(raw, "report.json")
    yield "policy on a report"
    with_since(_small_report(), raw, "earlier.json")
    yield "since an earlier report"


@cache
def _small_report() -> Any:
    return analysed(SMALL).report


def by_log(raw: bytes) -> Iterator[str]:
    """Check a log of decisions and read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        path.write_bytes(raw)
        problems_in(path)
        yield "audit"
        for _, statement in entries_of(path):
            said_in(statement, path)
        yield "entries"


def _log(size: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        for number in range(size):
            append(
                path, {"predicate": {"verdict": "pass", "number": number, "sign_offs": {"accepted": [{"who": "ann"}]}}}
            )
        return path.read_bytes()


def by_native(raw: bytes) -> Iterator[str]:
    """Read a file of HCL, and judge a plan with what stands in it."""
    yield from _with_blocks(read_native(raw.decode(), "main.tf"))


def by_json_syntax(raw: bytes) -> Iterator[str]:
    """Read a file of HCL in JSON, and judge a plan with what stands in it."""
    yield from _with_blocks(read_json(raw.decode(), "main.tf.json"))


def _with_blocks(contents: Contents) -> Iterator[str]:
    yield "reading"
    sources = Sources({(): {found.name: found for found in contents.blocks}}, (), LOCAL)
    analysed(READS_A_LOCAL, KNOWLEDGE, Options(sources=sources))
    yield "analysis"


READS_A_LOCAL: Final = plan_of(
    [bucket("b"), bucket("c")],
    {"resources": [block("b"), block("c", "local.l")], "variables": {"v": {}}},
)

HCL: Final[Mapping[str, Callable[[int], bytes]]] = {
    "blocks": lambda size: _lines(size, 'resource "aws_s3_bucket" "b{n}" {{', '  bucket = "x"', "}}").encode(),
    "dynamic blocks": lambda size: (
        'resource "aws_s3_bucket" "b" {\n'
        + _lines(
            size,
            '  dynamic "x{n}" {{',
            "    for_each = var.v",
            "    content {{",
            "      a = x{n}.value",
            "    }}",
            "  }}",
        )
        + "}\n"
    ).encode(),
    "local values in a row": lambda size: (
        "locals {\n"
        + _rows(size, "  l{n}x = local.l{n}\n")
        + "".join(f"  l{n + 1} = local.l{n}\n" for n in range(size))
        + f"  l0 = aws_s3_bucket.b.id\n  l = local.l{size}\n}}\n"
    ).encode(),
    "local values that read all before": lambda size: (
        "locals {\n"
        + "".join(f"  l{n} = [{', '.join(f'local.l{m}' for m in range(max(0, n - 20), n))}]\n" for n in range(size))
        + f"  l = local.l{size - 1}\n}}\n"
    ).encode(),
    "a local value of many references": lambda size: (
        f"locals {{\n  l = [{_rows(size, 'aws_s3_bucket.b[{n}].id, ')}]\n}}\n".encode()
    ),
    "a long sum": lambda size: f"locals {{\n  l = {' + '.join(f'var.v{n}' for n in range(size))}\n}}\n".encode(),
    "interpolations": lambda size: ('locals {\n  l = "' + "${var.v}-" * size + '"\n}\n').encode(),
    "interpolations in each other": lambda size: (
        "locals {\n  l = " + '"${' * (size // 40) + "var.v" + '}"' * (size // 40) + "\n}\n"
    ).encode(),
    "brackets in each other": lambda size: (
        "locals {\n  l = " + "[" * (size // 40) + "]" * (size // 40) + "\n}\n"
    ).encode(),
    "heredocs": lambda size: ("locals {\n" + _rows(size, "  l{n} = <<E{n}\n${{var.v}}\nE{n}\n") + "}\n").encode(),
    "comments": lambda size: ("/* x */ # y\n" * size + "locals {\n l = 1\n}\n").encode(),
    "blanks": lambda size: ('resource "a"' + " " * size * 10 + "x").encode(),
    "names of a header": lambda size: ("resource" + " a" * size + " !").encode(),
    "calls": lambda size: _lines(
        size, 'module "m{n}" {{', '  source = "./m"', "  v = [for x in var.v : x.y]", "}}"
    ).encode(),
    "text that does not end": lambda size: ("/* " * size).encode(),
    "loops in a template": lambda size: (
        'locals {\n  l = "' + "%{ for a in var.v }${a}" * size + "%{ endfor }" * size + '"\n}\n'
    ).encode(),
    "calls of functions": lambda size: (
        "locals {\n  l = " + "f(" * (size // 40) + "var.v" + ")" * (size // 40) + "\n}\n"
    ).encode(),
    "steps": lambda size: ("locals {\n  l = var.v" + ".a[0]" * size + "\n}\n").encode(),
    "keys of an object": lambda size: ("locals {\n  l = {\n" + _rows(size, "    k{n} = var.v\n") + "  }\n}\n").encode(),
    "conditions": lambda size: ("locals {\n  l = " + "var.v ? 1 : " * (size // 20) + "2\n}\n").encode(),
}

HCL_IN_JSON: Final[Mapping[str, Callable[[int], bytes]]] = {
    "blocks": lambda size: json.dumps(
        {
            "resource": {
                "aws_s3_bucket": {
                    f"b{n}": {"bucket": "x", "dynamic": {"y": {"for_each": "${var.v}", "content": {"a": "${y.value}"}}}}
                    for n in range(size)
                }
            }
        }
    ).encode(),
    "local values": lambda size: json.dumps(
        {"locals": {**{f"l{n + 1}": f"${{local.l{n}}}" for n in range(size)}, "l": f"${{local.l{size}}}"}}
    ).encode(),
    "a local value of many references": lambda size: json.dumps(
        {"locals": {"l": "".join(f"${{aws_s3_bucket.b[{n}].id}}" for n in range(size))}}
    ).encode(),
}

TEXTS: Final[Mapping[str, Callable[[int], bytes]]] = {
    "fences": lambda size: b"```scope\nx\n```\n" * size,
    "quotes": lambda size: b"> " * size + b"scope:",
    "lines": lambda size: b"scope\n \n" * size,
    "regions": lambda size: f"scope:\n  regions: [{_rows(size, 'r{n}, ')}x]\n".encode(),
    "blanks": lambda size: b" " * size * 20 + b"scope:\n",
    "comments": lambda size: b"<!-- " * size + b"scope:\n  regions: [a]\n",
}

_RULE: Final = """
  - id: own{n}
    title: t
    category: network
    severity: high
    types: ['aws_s3_bucket']
    actions: [update]
    message: m
    why: w
    do: d
    when: [{{became: {{path: [x{n}], to: [false]}}}}]
    examples:
      fires: [{{says: s, before: {{x{n}: true}}, after: {{x{n}: false}}}}]
      quiet: [{{says: s, before: {{x{n}: false}}, after: {{x{n}: true}}}}]
"""
RULES: Final[Mapping[str, Callable[[int], bytes]]] = {
    "rules": lambda size: ("rules:" + _rows(size // 5, _RULE)).encode(),
    "types of a rule": lambda size: (
        "rules:" + _RULE.format(n=0).replace("['aws_s3_bucket']", f"[{_rows(size, 'aws_{n}_*, ')}aws_s3_bucket]")
    ).encode(),
    "values of a rule": lambda size: (
        "rules:" + _RULE.format(n=0).replace("[false]", f"[false, {_rows(size, 'v{n}*, ')}x]")
    ).encode(),
}


def by_rules(raw: bytes) -> Iterator[str]:
    """Read signal rules, with their examples, and judge a plan by them."""
    rules = rule_set(parse_rule_file(raw.decode(), "r.yaml").rules)
    yield "reading"
    check_examples(rules.rules, KNOWLEDGE.facts)
    yield "rules test"
    analysed(SMALL, replace(KNOWLEDGE, rules=rules))
    yield "analysis"


def by_plans(raw: bytes) -> Iterator[str]:
    """Judge so many plans as one change; ``raw`` is as many times ten spaces."""
    plan = many(1)
    plans = [Planned(decode_plan(plan, f"s{n}/plan.json")) for n in range(len(raw) // 10)]
    yield "reading"
    analysis = analyze_together(plans, KNOWLEDGE, Options())
    yield "analysis"
    for form in FORMS:
        import_module(f"scopegate.render.{form}").render(analysis.report)
        yield form


REPORTS: Final[Mapping[str, Callable[[int], bytes]]] = {
    name: lambda size, make=make: json_form.render(analysed(make(size)).report).encode()  # type: ignore[misc]
    for name, make in PLANS.items()
    if name in ("many", "chain", "regions", "deposed")
}


class Kind(Struct, frozen=True):
    """Inputs that are read in one way: how each is made in a size, and by what it is read."""

    inputs: Mapping[str, Callable[[int], bytes]]
    reading: Reading


KINDS: Final[Mapping[str, Kind]] = {
    "plan": Kind(PLANS, by_all_commands),
    "plans": Kind({"stacks": lambda size: b" " * size}, by_plans),
    "policy": Kind(POLICIES, by_policy),
    "code owners": Kind(CODE_OWNERS, by_code_owners),
    "gate": Kind({"everything": lambda size: b" " * size}, by_gate),
    "words": Kind(TEXTS, by_text),
    "report": Kind(REPORTS, by_report),
    "log": Kind({"entries": _log}, by_log),
    "HCL": Kind(HCL, by_native),
    "HCL in JSON": Kind(HCL_IN_JSON, by_json_syntax),
    "rules": Kind(RULES, by_rules),
}
