"""Every way in which what a verdict rests on can be missing, broken or hostile: none of them is a pass.

The table of ``docs/failing-closed.md`` is made from these cases: ``pytest tests/trust/test_failing_closed.py --accept``
writes it.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from trust.commands import run
from trust.gate_cases import GATE_CASES, GateCase

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/failing-closed.md"

Setup = Callable[[Path], list[str]]
"""Prepares a folder that holds a good plan.json, and returns the arguments of ``scopegate review``."""


@dataclass(frozen=True)
class Case:
    """One cell: what goes wrong with what, the exit code, and how the sentence goes on (the paths cut off)."""

    about: str
    state: str
    how: str
    code: int
    sentence: str
    setup: Setup


def document(**sections: object) -> dict[str, object]:
    change = {
        "address": "aws_sqs_queue.a",
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "a",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["update"], "before": {"region": "eu-central-1"}, "after": {"region": "eu-central-1"}},
    }
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [{"address": "aws_sqs_queue.a", "mode": "managed"}]}},
        "resource_changes": [change],
        "configuration": {"root_module": {}},
        **sections,
    }


GOOD = json.dumps(document(), separators=(",", ":")).encode()
POLICY = "version: 1\nlimits:\n  few: {direct_changes: {at_most: 5}, sign_off: 1, why: because}\n"


def plan(raw: bytes) -> Setup:
    def prepare(folder: Path) -> list[str]:
        (folder / "plan.json").write_bytes(raw)
        return ["plan.json"]

    return prepare


def no_plan(folder: Path) -> list[str]:
    (folder / "plan.json").unlink()
    return []


def second_plan(folder: Path) -> list[str]:
    (folder / "tfplan.json").write_bytes(GOOD)
    return []


def sections(**changed: object) -> Setup:
    return plan(
        json.dumps({name: value for name, value in document(**changed).items() if value != "left out"}).encode()
    )


def change_with(**changed: object) -> Setup:
    (good,) = json.loads(GOOD)["resource_changes"]
    return sections(resource_changes=[{**good, **changed}])


def policy(text: str | bytes, **files: str | bytes) -> Setup:
    def prepare(folder: Path) -> list[str]:
        for name, content in {
            "policy.yaml": text,
            **{key.replace("__", "."): value for key, value in files.items()},
        }.items():
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return ["plan.json", "--policy", "policy.yaml"]

    return prepare


def options(*arguments: str, **files: str) -> Setup:
    def prepare(folder: Path) -> list[str]:
        for name, content in files.items():
            (folder / name.replace("__", ".")).write_text(content)
        return ["plan.json", *arguments]

    return prepare


def pipe_of_facts(folder: Path) -> list[str]:
    os.mkfifo(folder / "accounts.csv")
    return policy(FACTS)(folder)


def declared_elsewhere(_: Path) -> list[str]:
    return ["plan.json", "--declare", "regions=us-east-1"]


def special(make: Callable[[Path], object], *arguments: str) -> Setup:
    def prepare(folder: Path) -> list[str]:
        make(folder / "special")
        return [*arguments, "special"]

    return prepare


def deep(opening: str, closing: str, levels: int) -> str:
    return opening * levels + closing * levels


FACTS = f"{POLICY}facts: [accounts.csv]\n"
RULES = f"{POLICY}rules: [rules.yaml]\n"
HEADER = "id,name,environment,provider,partition\n"
GOOD_RULE = "rules:\n  - {id: own, title: t, category: network, severity: high, types: ['*'], actions: [update], "
EXAMPLES = (
    "{fires: [{says: s, type: a, before: {x: true}, after: {x: false}}], "
    "quiet: [{says: s, type: a, before: {x: false}, after: {x: true}}]}"
)
WHOLE_RULE = (
    f"{GOOD_RULE} message: m, why: w, do: d, when: [{{became: {{path: [x], to: [false]}}}}], examples: {EXAMPLES}}}\n"
)

WAIVER = "waivers: [{limit: few, addresses: [a.b], reason: r, by: b, expires: 2030-01-01}]\n"
FEW = POLICY.replace("at_most: 5", "at_most: 0")
GLASS_TERMS = f"{FEW}break_glass: {{from: 'user:ann', longest_hours: 12}}\n"
GLASS = "break_glass: {by: [ann], reason: fire, ticket: T-1, expires: '2026-11-22T13:00:00Z'}\n"
AT_NOON = ("--now", "2026-11-22T12:00:00Z")
EDGES = POLICY.replace("direct_changes: {at_most: 5}", "unknowns: [edges]")
HIDDEN_SWITCH = {
    "address": "aws_db_instance.a",
    "mode": "managed",
    "type": "aws_db_instance",
    "name": "a",
    "provider_name": "registry.terraform.io/hashicorp/aws",
    "change": {
        "actions": ["update"],
        "before": {"region": "eu-central-1", "deletion_protection": True},
        "after": {"region": "eu-central-1"},
        "after_unknown": {"deletion_protection": True},
    },
}
BOMB = "a: &a [x]\nb: [*a, *a]\n"


def waiver(text: str, *more: str) -> Setup:
    return lambda folder: [*policy(FEW + text)(folder), *AT_NOON, *more]


def glass(text: str, *more: str) -> Setup:
    def prepare(folder: Path) -> list[str]:
        (folder / "glass.yaml").write_text(text)
        return [*policy(GLASS_TERMS)(folder), "--break-glass", "glass.yaml", *(more or AT_NOON)]

    return prepare


def scope(text: str) -> Setup:
    return options("--scope", "scope.yaml", scope__yaml=text)


def earlier(data: bytes) -> Setup:
    def prepare(folder: Path) -> list[str]:
        (folder / "earlier.json").write_bytes(data)
        return ["plan.json", "--since", "earlier.json"]

    return prepare


def sources(prepare_sources: Callable[[Path], object]) -> Setup:
    """Give a plan with edges behind a local, under a policy that wants them known, and a folder of sources."""

    def prepare(folder: Path) -> list[str]:
        block = {
            "address": "aws_sqs_queue.a",
            "mode": "managed",
            "type": "aws_sqs_queue",
            "name": "a",
            "provider_config_key": "aws",
            "expressions": {"name": {"references": ["local.name"]}},
        }
        (folder / "plan.json").write_text(json.dumps(document(configuration={"root_module": {"resources": [block]}})))
        (folder / "src").mkdir()
        prepare_sources(folder / "src")
        return [*policy(EDGES)(folder), "--source", "src"]

    return prepare


def source_text(data: bytes) -> Setup:
    return sources(lambda folder: (folder / "main.tf").write_bytes(data))


MORE = (
    Case(
        "facts",
        "partial",
        "a region that no table knows",
        10,
        "an unknown partition of aws",
        change_with(
            change={"actions": ["update"], "before": {"region": "xx-moon-1"}, "after": {"region": "xx-moon-1"}}
        ),
    ),
    Case(
        "signals",
        "partial",
        "a rule without examples",
        5,
        "examples",
        policy(RULES, rules__yaml=WHOLE_RULE.replace(f", examples: {EXAMPLES}", "")),
    ),
    Case(
        "signals",
        "contradictory",
        "two rules of one name",
        5,
        "rules.yaml",
        policy(RULES, rules__yaml=WHOLE_RULE + WHOLE_RULE.removeprefix("rules:\n")),
    ),
    Case("sources", "absent", "no such folder", 2, "none", options("--source", "none")),
    Case(
        "sources",
        "empty",
        "a folder without a file",
        2,
        "holds no .tf or .tf.json file",
        sources(lambda folder: folder),
    ),
    Case("sources", "malformed", "no HCL", 10, "edges hidden", source_text(b"locals { name = \n")),
    Case("sources", "malformed", "no UTF-8", 10, "edges hidden", source_text(b'locals { name = "\xff" }\n')),
    Case(
        "sources",
        "partial",
        "another local than the plan's",
        10,
        "edges hidden",
        source_text(b'locals { other = "x" }\n'),
    ),
    Case(
        "sources",
        "hostile",
        "a pipe",
        2,
        "holds no .tf or .tf.json file",
        sources(lambda folder: os.mkfifo(folder / "main.tf")),
    ),
    Case(
        "sources",
        "hostile",
        "a link out of the repository",
        10,
        "edges hidden",
        sources(lambda folder: (folder / "main.tf").symlink_to("/etc/passwd")),
    ),
    Case("declared scope", "partial", "a scope of nothing", 4, "at least one key", scope("scope: {}\n")),
    Case("declared scope", "malformed", "no YAML", 4, "this is not YAML", scope("scope: [\n")),
    Case("declared scope", "hostile", "a YAML bomb", 4, "an anchor (&) stands here", scope(BOMB)),
    Case("waiver", "absent", "no waiver", 10, "few", waiver("")),
    Case("waiver", "empty", "of no address", 4, "addresses", waiver(WAIVER.replace("[a.b]", "[]"))),
    Case("waiver", "malformed", "until no day", 4, "is no moment", waiver(WAIVER.replace("2030-01-01", "soon"))),
    Case("waiver", "stale", "expired", 4, "expired", waiver(WAIVER.replace("2030", "2026"))),
    Case("waiver", "partial", "by nobody", 4, "lacks the key 'by'", waiver(WAIVER.replace(", by: b", ""))),
    Case("waiver", "partial", "of another resource", 10, "few", waiver(WAIVER)),
    Case(
        "waiver",
        "contradictory",
        "of a limit that there is not",
        4,
        "nothing",
        waiver(WAIVER.replace("limit: few", "limit: nothing")),
    ),
    Case("waiver", "hostile", "a YAML bomb", 4, "an anchor (&) stands here", waiver("waivers: &a [*a]\n")),
    Case(
        "break-glass",
        "malformed",
        "until no moment",
        4,
        "is no moment",
        glass(GLASS.replace("2026-11-22T13:00:00Z", "soon")),
    ),
    Case("break-glass", "stale", "it has ended", 4, "it expired at", glass(GLASS, "--now", "2026-11-22T14:00:00Z")),
    Case("break-glass", "partial", "without a ticket", 4, "ticket", glass(GLASS.replace(", ticket: T-1", ""))),
    Case(
        "break-glass",
        "contradictory",
        "by somebody the policy does not name",
        4,
        "0 of those who ask are known",
        glass(GLASS.replace("ann", "bob")),
    ),
    Case(
        "break-glass",
        "hostile",
        "for longer than the policy allows",
        4,
        "it would last longer than",
        glass(GLASS.replace("2026-11-22T13", "2026-12-22T13")),
    ),
    Case(
        "break-glass",
        "hostile",
        "by the author",
        4,
        "0 of those who ask are known",
        glass(GLASS, *AT_NOON, "--author", "ann"),
    ),
    Case("clock", "empty", "a time of nothing", 2, "is no moment", options("--now", "")),
    Case(
        "clock",
        "hostile",
        "a time that is none in any calendar",
        2,
        "is no moment",
        options("--now", "2026-99-99T99:99:99Z"),
    ),
    Case("earlier report", "absent", "no such file", 2, "cannot be read", options("--since", "none.json")),
    Case("earlier report", "empty", "no byte", 2, "is no report", earlier(b"")),
    Case("earlier report", "malformed", "no JSON", 2, "is no report", earlier(b"{")),
    Case("earlier report", "malformed", "no UTF-8", 2, "is no report", earlier(b'{"\xff": 1}')),
    Case("earlier report", "partial", "without a verdict", 2, "is no report", earlier(b'{"schema_version": "1"}')),
    Case("earlier report", "hostile", "a pipe", 2, "regular file", special(os.mkfifo, "plan.json", "--since")),
    Case(
        "code owners",
        "malformed",
        "an owner that is none",
        4,
        "CODEOWNERS",
        lambda folder: ((folder / "CODEOWNERS").write_text("* nobody\n"), ["plan.json", "--codeowners", "CODEOWNERS"])[
            1
        ],
    ),
)


CASES = (
    Case("plan", "absent", "no such file", 3, "cannot be read (No such file or directory)", lambda _: ["none.json"]),
    Case("plan", "absent", "nothing on standard input", 3, "standard input is empty", lambda _: ["-"]),
    Case("plan", "absent", "a folder", 3, "is a directory, not a plan", lambda _: ["."]),
    Case("plan", "absent", "not named, and none here", 2, "No plan is named and none is here", no_plan),
    Case(
        "plan", "contradictory", "not named, and two here", 2, "several are here (plan.json, tfplan.json)", second_plan
    ),
    Case("plan", "empty", "no byte", 3, "is empty, so there is no plan to judge", plan(b"")),
    Case(
        "plan", "empty", "100 MB of white space", 3, "is empty, so there is no plan to judge", plan(b" \n" * 50_000_000)
    ),
    Case("plan", "empty", "an empty object", 3, "is JSON but not a plan", plan(b"{}")),
    Case("plan", "malformed", "breaks off", 3, "breaks off in the middle of a value", plan(GOOD[:-40])),
    Case("plan", "malformed", "binary data", 3, "is binary data and neither plan JSON", plan(bytes(range(256)))),
    Case("plan", "malformed", "a zip archive that is damaged", 3, "a damaged zip archive", plan(b"PK\x03\x04junk")),
    Case("plan", "malformed", "a NUL inside", 3, "is binary data", plan(GOOD.replace(b"update", b"up\0date"))),
    Case("plan", "malformed", "a lone surrogate", 3, "is not valid JSON", plan(GOOD.replace(b"update", b"\\ud800"))),
    Case(
        "plan",
        "malformed",
        "an unknown action",
        3,
        "which no Terraform or OpenTofu version known here writes",
        change_with(change={"actions": ["annihilate"]}),
    ),
    Case("plan", "malformed", "a change without actions", 3, "plans [] for", change_with(change={})),
    Case(
        "plan",
        "malformed",
        "an entry without a change",
        3,
        "without a `change`",
        sections(planned_values={}, resource_changes=[{"address": "a.b", "type": "a", "name": "b"}]),
    ),
    Case(
        "plan",
        "malformed",
        "no address of Terraform's grammar",
        3,
        "is not a Terraform address",
        change_with(module_address="module..x"),
    ),
    Case(
        "plan",
        "malformed",
        "a section of another type",
        3,
        "has a section resource_changes that Terraform does not",
        sections(resource_changes={"a": 1}),
    ),
    Case(
        "plan",
        "malformed",
        "a number that is none",
        3,
        "that Terraform does not write",
        plan(GOOD.replace(b'"after":{', b'"after":{"n":1e999,')),
    ),
    Case(
        "plan",
        "malformed",
        "a format nobody knows",
        3,
        "this scopegate reads 0.1 to 1.x",
        sections(format_version="9.0"),
    ),
    Case("plan", "malformed", "no format_version", 3, "has no format_version", sections(format_version="left out")),
    Case("plan", "partial", "errored", 3, "is the plan of a run that failed", sections(errored=True)),
    Case("plan", "partial", "made with -target", 3, "is incomplete (complete: false)", sections(complete=False)),
    Case(
        "plan",
        "partial",
        "deferred changes",
        3,
        "it has deferred_changes",
        sections(deferred_changes=[{"reason": "x", "resource_change": {}}]),
    ),
    Case(
        "plan",
        "partial",
        "changes cut out",
        3,
        "in planned_values but not in resource_changes",
        sections(resource_changes=[]),
    ),
    Case(
        "plan",
        "partial",
        "trimmed to nothing",
        3,
        "has neither resource_changes nor planned_values",
        sections(resource_changes="left out", planned_values="left out"),
    ),
    Case(
        "plan",
        "partial",
        "a change cut out of many",
        3,
        "in planned_values but not in resource_changes",
        change_with(address="aws_sqs_queue.b", name="b"),
    ),
    Case(
        "plan",
        "partial",
        "no place for a change",
        10,
        "region unknown",
        change_with(change={"actions": ["create"], "before": None, "after": {}}),
    ),
    Case(
        "plan",
        "hostile",
        "a switch that is hidden until apply",
        10,
        "is known only after apply",
        sections(planned_values={"root_module": {}}, resource_changes=[HIDDEN_SWITCH]),
    ),
    Case(
        "plan",
        "contradictory",
        "one object twice",
        3,
        "twice in resource_changes",
        sections(resource_changes=json.loads(GOOD)["resource_changes"] * 2),
    ),
    Case(
        "plan",
        "contradictory",
        "a key twice in one object",
        3,
        "names the key 'after' twice",
        plan(GOOD.replace(b'"after":', b'"after":{},"after":')),
    ),
    Case(
        "plan",
        "contradictory",
        "two plans in one file",
        3,
        "holds 2 plans",
        plan(GOOD + b"\n" + GOOD.replace(b"1.11.4", b"1.11.5")),
    ),
    Case(
        "plan",
        "contradictory",
        "an address of something else",
        3,
        "a module, mode, type or name of something else",
        change_with(type="random_id"),
    ),
    Case(
        "plan",
        "hostile",
        "100,000 levels deep",
        3,
        "nested deeper than 200 levels",
        plan(GOOD.replace(b'"after":{', b'"after":{"x":' + deep("[", "]", 100_000).encode() + b",")),
    ),
    Case(
        "plan",
        "hostile",
        "100,000 levels in a module",
        3,
        "nested deeper than 200 levels",
        plan(
            GOOD.replace(
                b'"root_module":{}',
                b'"root_module":'
                + deep('{"module_calls":{"m":{"module":', "}}}", 50_000).encode().replace(b":}", b":{}}", 1),
            )
        ),
    ),
    Case("plan", "hostile", "a pipe", 3, "is no regular file", special(os.mkfifo)),
    Case(
        "plan",
        "hostile",
        "a device without an end",
        3,
        "is no regular file",
        special(lambda path: path.symlink_to("/dev/zero")),
    ),
    Case(
        "plan",
        "hostile",
        "a link to itself",
        3,
        "cannot be read (Too many levels of symbolic links)",
        special(lambda path: path.symlink_to("special")),
    ),
    Case("policy", "absent", "no such file", 4, "the policy cannot be read", options("--policy", "none.yaml")),
    Case("policy", "absent", "a folder", 2, "is a directory", options("--policy", ".")),
    Case("policy", "empty", "no byte", 4, "the policy is empty, so anything would pass", policy("")),
    Case("policy", "empty", "only comments", 4, "the policy is empty, so anything would pass", policy("# nothing\n")),
    Case("policy", "empty", "no limit", 4, "the policy has no limits, so anything would pass", policy("version: 1\n")),
    Case(
        "policy",
        "empty",
        "limits without a limit",
        4,
        "must be a mapping with at least one key",
        policy("version: 1\nlimits: {}\n"),
    ),
    Case(
        "policy",
        "empty",
        "a limit that asks nobody",
        4,
        "must be a whole number of at least 1, not 0",
        policy(POLICY.replace("sign_off: 1", "sign_off: 0")),
    ),
    Case("policy", "malformed", "no YAML", 4, "this is not YAML", policy("version: 1\nlimits: [\n")),
    Case("policy", "malformed", "no UTF-8", 4, "is not UTF-8 text", policy(b"version: \xff\xfe")),
    Case(
        "policy",
        "malformed",
        "a key nobody knows",
        4,
        "has no key 'limitz'; did you mean `limits`?",
        policy(POLICY.replace("limits", "limitz")),
    ),
    Case(
        "policy",
        "malformed",
        "a kind of limit nobody knows",
        4,
        "has no key 'direct_chnges'; did you mean `direct_changes`?",
        policy(POLICY.replace("changes", "chnges")),
    ),
    Case(
        "policy",
        "malformed",
        "a version nobody knows",
        4,
        "`version` must be 1",
        policy(POLICY.replace("version: 1", "version: 2")),
    ),
    Case(
        "policy",
        "malformed",
        "a limit of another type",
        4,
        "must be a whole number or a share such as 20%",
        policy(POLICY.replace("at_most: 5", "at_most: many")),
    ),
    Case(
        "policy",
        "partial",
        "a limit without a reason",
        4,
        "the limit 'few' lacks `why`",
        policy(POLICY.replace(", why: because", "")),
    ),
    Case(
        "policy",
        "partial",
        "no stack for the plan",
        4,
        "may belong to the stack 'x', but that depends on what nobody said",
        policy(
            POLICY
            + "stacks:\n  x: {match: {workspaces: [prod]}, owner: 'team:x', limits: {l: {affected: {at_most: 1}, "
            "sign_off: 1, why: y}}}\n"
        ),
    ),
    Case("policy", "contradictory", "a key twice", 4, "stands twice in one mapping", policy(POLICY + "version: 1\n")),
    Case(
        "policy",
        "hostile",
        "a YAML bomb",
        4,
        "an anchor (&) stands here",
        policy("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"),
    ),
    Case(
        "policy", "hostile", "a YAML tag", 4, "a tag (!) stands here", policy("version: !!python/object:os.system 1\n")
    ),
    Case(
        "policy",
        "hostile",
        "two documents in one file",
        4,
        "a second document begins here",
        policy(f"{POLICY}---\n{POLICY}"),
    ),
    Case(
        "policy",
        "hostile",
        "100,000 levels deep",
        4,
        "nested deeper than 40 levels",
        policy(f"version: {deep('[', ']', 100_000)}\n"),
    ),
    Case("policy", "hostile", "larger than any policy", 4, "larger than 1 MB", policy(POLICY + "#" * 1_000_001)),
    Case("policy", "hostile", "a pipe", 4, "it is no regular file", special(os.mkfifo, "plan.json", "--policy")),
    Case(
        "policy",
        "hostile",
        "a device without an end",
        4,
        "it is no regular file",
        special(lambda path: path.symlink_to("/dev/zero"), "plan.json", "--policy"),
    ),
    Case("facts", "absent", "no such file", 5, "own facts cannot be read", policy(FACTS)),
    Case("facts", "empty", "no byte", 5, "accounts.csv:1: unknown column", policy(FACTS, accounts__csv="")),
    Case("facts", "malformed", "another header", 5, "accounts.csv:1", policy(FACTS, accounts__csv="id,name\n1,2\n")),
    Case("facts", "malformed", "no UTF-8", 5, "it is not UTF-8 text", policy(FACTS, accounts__csv=b"\xff\xfe")),
    Case(
        "facts",
        "malformed",
        "a cell too few",
        5,
        "accounts.csv:2",
        policy(FACTS, accounts__csv=HEADER + "123456789012,a\n"),
    ),
    Case(
        "facts",
        "malformed",
        "a table nobody knows",
        5,
        "is named after its table",
        policy(FACTS.replace("accounts.csv", "x.csv"), x__csv=HEADER),
    ),
    Case(
        "facts",
        "contradictory",
        "one account twice",
        5,
        "accounts.csv:3",
        policy(FACTS, accounts__csv=HEADER + "123456789012,a,prod,aws,aws\n" + "123456789012,b,test,aws,aws\n"),
    ),
    Case(
        "facts",
        "contradictory",
        "another partition for a region that is known",
        5,
        "has a row already at",
        policy(
            FACTS.replace("accounts.csv", "regions.csv"),
            regions__csv="cloud,id,name,partition,country,pair,operator,code,note,source\n"
            "aws,cn-north-1,Beijing,aws,US,,,,,own\n",
        ),
    ),
    Case(
        "facts",
        "hostile",
        "a pipe",
        5,
        "it is no regular file",
        pipe_of_facts,
    ),
    Case("signals", "absent", "no such file", 5, "cannot be read", policy(RULES)),
    Case(
        "signals", "empty", "no byte", 5, "a rule file is a mapping with a list `rules`", policy(RULES, rules__yaml="")
    ),
    Case(
        "signals",
        "empty",
        "no rule",
        5,
        "is a list of at least one item, and here is none",
        policy(RULES, rules__yaml="rules: []\n"),
    ),
    Case(
        "signals",
        "empty",
        "a rule without a condition",
        5,
        "rules.yaml",
        policy(RULES, rules__yaml=GOOD_RULE + "message: m, why: w, do: d}\n"),
    ),
    Case("signals", "malformed", "no YAML", 5, "this is not YAML", policy(RULES, rules__yaml="rules: [\n")),
    Case(
        "signals",
        "malformed",
        "a predicate nobody knows",
        5,
        "Invalid value 'explodes', so this cannot be run",
        policy(RULES, rules__yaml=GOOD_RULE + "when: [{explodes: {}}]}\n"),
    ),
    Case(
        "signals",
        "hostile",
        "a YAML bomb",
        5,
        "an anchor (&) stands here",
        policy(RULES, rules__yaml="a: &a [x]\nb: [*a, *a]\n"),
    ),
    Case("declared scope", "absent", "no such file", 2, "cannot be read", options("--scope", "none.yaml")),
    Case(
        "declared scope",
        "empty",
        "a file of no byte",
        4,
        "must be a mapping with at least one key, not nothing",
        options("--scope", "scope.yaml", scope__yaml=""),
    ),
    Case(
        "declared scope",
        "malformed",
        "a dimension nobody knows",
        2,
        "does not say what the change is meant to reach",
        options("--declare", "planets=mars"),
    ),
    Case("declared scope", "contradictory", "another region than the plan's", 10, "declared", declared_elsewhere),
    Case("clock", "malformed", "no moment", 2, "is no moment", options("--now", "yesterday")),
    Case("clock", "partial", "no time zone", 2, "is no moment", options("--now", "2026-01-01T00:00:00")),
    Case("break-glass", "absent", "no such file", 2, "cannot be read", options("--break-glass", "none.yaml")),
    Case(
        "break-glass",
        "empty",
        "no byte",
        4,
        "must be a mapping with at least one key, not nothing",
        options("--break-glass", "glass.yaml", glass__yaml=""),
    ),
    Case("code owners", "absent", "no such file", 2, "cannot be read", options("--codeowners", "none")),
    Case("command line", "malformed", "a form nobody knows", 2, "There is no form 'pdf'", options("--format", "pdf")),
    Case("command line", "malformed", "an option nobody knows", 2, "No such option", options("--force")),
    Case(
        "command line",
        "malformed",
        "a region for no provider",
        2,
        "is not PROVIDER=REGION",
        options("--default-region", "eu-central-1"),
    ),
    *MORE,
    Case("output", "absent", "no such folder", 2, "cannot write the report", options("--output", "none/report.json")),
    Case("output", "hostile", "a full disk", 2, "No space left on device", options("--output", "/dev/full")),
)


def name(case: Case) -> str:
    return f"{case.about} {case.state}: {case.how}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_it_fails_closed(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "plan.json").write_bytes(GOOD)
    outcome = run("review", *case.setup(tmp_path))
    told = " ".join((outcome.out if outcome.code == 10 else outcome.err).split())
    assert (outcome.code, case.sentence in told) == (case.code, True), told
    assert outcome.code != 0
    assert outcome.code == 10 or outcome.out == ""


def test_what_is_broken_above_passes_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Otherwise every cell would be shut for a reason of its own.
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "plan.json").write_bytes(GOOD)
    assert run("review", "plan.json").code == 0
    facts = HEADER + "123456789012,a,prod,aws,aws\n"
    assert run("review", *policy(FACTS, accounts__csv=facts)(tmp_path)).code == 0
    assert run("review", *policy(RULES, rules__yaml=WHOLE_RULE)(tmp_path)).code == 0


def test_no_code_of_a_cell_is_a_pass() -> None:
    assert {case.code for case in ALL} <= {2, 3, 4, 5, 6, 10}


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--accept"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


STATES = ("absent", "empty", "malformed", "stale", "partial", "contradictory", "hostile")
ALL: tuple[Case | GateCase, ...] = (*CASES, *GATE_CASES)
EACH_TIME = "it is read anew each time, from where the command or the trusted branch names it"
IN_THE_WHEEL = "the report names the version it was judged with; what a region or a type is called does not expire"
ADDS_ONLY = "it can only add"
NOT_POSSIBLE: dict[tuple[str, str], str] = {
    ("policy", "stale"): f"{EACH_TIME}; a claim under an older policy is in the row of claims",
    ("facts", "stale"): IN_THE_WHEEL,
    ("signals", "stale"): IN_THE_WHEEL,
    ("sources", "stale"): f"{ADDS_ONLY} edges, lines and doubts to what the plan says",
    ("sources", "contradictory"): f"{ADDS_ONLY} edges, lines and doubts to what the plan says",
    ("clock", "absent"): "without `--now` it is the machine's",
    ("clock", "stale"): "a time that has passed is a time; what had not expired then is shown with it",
    ("clock", "contradictory"): "there is one",
    ("environment", "stale"): "a token that is not valid any more is in the row of the forge's answers",
    ("environment", "contradictory"): "an option says more than a variable, and is in the report of the run",
    ("earlier report", "stale"): "it is any earlier one; the verdict does not look at it",
    ("earlier report", "contradictory"): "it is any earlier one; the verdict does not look at it",
    ("declared scope", "stale"): f"{EACH_TIME}; it can only narrow",
    ("audit log", "empty"): "it is begun",
}
"""The cells in which nothing can go wrong, each with the reason."""
EVERYWHERE = (
    *("plan", "policy", "facts", "signals", "sources", "forge answer", "sign-off", "claim", "clock", "environment"),
    *("earlier report", "declared scope", "waiver", "break-glass", "audit log"),
)


def ways(about: str, state: str) -> int:
    return sum((case.about, case.state) == (about, state) for case in ALL)


@pytest.mark.parametrize("about", EVERYWHERE)
@pytest.mark.parametrize("state", STATES)
def test_every_cell_is_tried_or_said_to_be_impossible(about: str, state: str) -> None:
    assert (ways(about, state) > 0) is ((about, state) not in NOT_POSSIBLE)


def page() -> str:
    table = [f"| {about} | {' | '.join(_count(about, state) for state in STATES)} |" for about in EVERYWHERE]
    notes = [
        f"{number}. {about[0].upper()}{about[1:]}, {state}: {why}."
        for number, ((about, state), why) in enumerate(NOT_POSSIBLE.items(), start=1)
    ]
    rows = [
        f"| {case.about} | {case.state} | {case.how} | `{case.code}` | … {_cell(case.sentence)} … |" for case in ALL
    ]
    return "\n".join(
        [
            "# Failing closed",
            "",
            "What happens when something that a verdict rests on is absent, empty, malformed, stale, partial,",
            "contradictory or hostile. No row is a pass. Each is a test of `tests/trust/test_failing_closed.py` or",
            "`tests/trust/test_failing_closed_gate.py`, which write this page.",
            "[Exit codes](exit-codes.md) says what each code means; 10 is a verdict (needs sign-off), the others are",
            "none.",
            "",
            f"{len(ALL)} ways, tried in every test run. How many for each, or the note that says why there is none:",
            "",
            f"| | {' | '.join(STATES)} |",
            f"|---|{'---|' * len(STATES)}",
            *table,
            "",
            *notes,
            "",
            "| what | is | how | exit code | the message says |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "[Security](../SECURITY.md)",
            "",
        ]
    )


def _count(about: str, state: str) -> str:
    noted = list(NOT_POSSIBLE)
    return f"({noted.index((about, state)) + 1})" if (about, state) in noted else str(ways(about, state))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
