"""What can be missing, broken or hostile in front of the gate: the code host's answers, sign-offs, claims, the log.

Each case begins with a gate that opens, in front of a world in which an owner agreed; then one thing is spoiled.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forge.fake_github import HEAD, NUMBER, Answer
from gate.running import EVERYWHERE, POLICY, Gate

OTHER_HEAD = "e" * 40
BLANK = "\n"
CLAIM = ".scopegate/claims/root/cn-owners.json"
WIDER = EVERYWHERE.parents[1] / "kept-in-its-region/plan.json"

Spoil = Callable[[Gate], tuple[str, ...] | None]
"""Spoils one thing of a gate that opens, and returns further words of its command line."""


@dataclass(frozen=True)
class GateCase:
    """One cell: what goes wrong with what, the exit code, and words of what is said. ``command`` is what is run."""

    about: str
    state: str
    how: str
    code: int
    sentence: str
    spoil: Spoil
    command: str = "gate"


def first_answer(status: int, body: Any = None, **headers: str) -> Spoil:
    def spoil(gate: Gate) -> None:
        gate.world.faults = [Answer(status, body, headers)] * 4

    return spoil


def reviews(change: Callable[[list[dict[str, Any]]], object]) -> Spoil:
    def spoil(gate: Gate) -> None:
        change(gate.world.reviews)

    return spoil


def unreachable(_: Gate) -> tuple[str, ...]:
    return ("--api-url", "http://127.0.0.1:9")


def no_host(_: Gate) -> tuple[str, ...]:
    return ("--api-url", "http://api.example")


def too_many_commits(gate: Gate) -> None:
    gate.world.pull["commits"] = 251


def another_account(gate: Gate) -> None:
    gate.world.users["bob"]["id"] = 99


def another_page(gate: Gate) -> None:
    gate.world.faults = [Answer(200, gate.world.user("github-actions[bot]"))]
    gate.world.before_answer = lambda _, path: (
        gate.world.faults.append(Answer(200, [], {"Link": '<https://evil.example/x>; rel="next"'}))
        if path.endswith("/reviews")
        else None
    )


def head_moves(gate: Gate) -> None:
    gate.world.pull["head"]["sha"] = OTHER_HEAD


def stale_plan(_: Gate) -> tuple[str, ...]:
    return ("--commit", OTHER_HEAD)


def team_unreadable(gate: Gate) -> None:
    gate.world.readable_teams = False
    gate.world.teams = {}


def by_two(gate: Gate) -> None:
    gate.world.file(".scopegate/policy.yaml", POLICY.replace("from: team:cn-owners", "from: team:cn-owners, count: 2"))


def glass_left_behind(gate: Gate) -> tuple[str, ...]:
    text = "break_glass: {by: [bob], reason: down, ticket: T-1, expires: '2026-11-22T20:00:00Z'}\n"
    at_one = ("--now", "2026-11-22T13:00:00Z")
    gate.world.file(".scopegate/break-glass.yaml", text, ref=HEAD)
    gate.world.teams["incident"]["bob"] = "active"
    by_two(gate)
    gate.here(*at_one)
    gate.world.reviewed("bob")
    return at_one


def taken_back(gate: Gate) -> None:
    gate.world.reviewed("bob", "CHANGES_REQUESTED")


def by_the_author(gate: Gate) -> None:
    gate.world.reviews.clear()
    gate.world.teams["cn-owners"]["ada"] = "active"
    gate.world.reviewed("ada")


def environment(**changed: str | None) -> Spoil:
    def spoil(gate: Gate) -> None:
        whole = gate.environment

        def spoiled() -> dict[str, str]:
            return {**whole(), **{name: value or "" for name, value in changed.items()}}

        gate.environment = spoiled  # type: ignore[method-assign]

    return spoil


def claim(change: Callable[[dict[str, Any]], object]) -> Spoil:
    def spoil(gate: Gate) -> None:
        path = gate.folder / "claims" / "root" / "cn-owners.json"
        read = json.loads(path.read_text())
        change(read)
        path.write_text(json.dumps(read))

    return spoil


def claim_bytes(data: bytes) -> Spoil:
    def spoil(gate: Gate) -> None:
        (gate.folder / "claims/root/cn-owners.json").write_bytes(data)

    return spoil


def claim_gone(gate: Gate) -> None:
    (gate.folder / "claims/root/cn-owners.json").unlink()


def claim_pipe(gate: Gate) -> None:
    claim_gone(gate)
    os.mkfifo(gate.folder / "claims/root/cn-owners.json")


def stricter_policy(gate: Gate) -> None:
    (gate.folder / "policy.yaml").write_text(POLICY.replace("from: team:cn-owners", "from: team:cn-owners, count: 2"))


def of_another_branch(_: Gate) -> tuple[str, ...]:
    return ("--branch", "another")


def narrower(read: dict[str, Any]) -> None:
    read["scope"]["cells"] = []


def log(prepare: Callable[[Path], object], file: str = "log.jsonl") -> Spoil:
    def spoil(gate: Gate) -> tuple[str, ...]:
        gate.here("--audit-log", "log.jsonl", "--now", "2026-11-22T13:00:00Z")
        gate.here("--audit-log", "log.jsonl", "--now", "2026-11-22T13:01:00Z")
        prepare(gate.folder / "log.jsonl")
        return ("--audit-log", file, "--now", "2026-11-22T13:02:00Z")

    return spoil


def half_a_line(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def changed_line(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"verdict":"pass"', b'"verdict":"none"', 1))


def line_taken_out(path: Path) -> None:
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[1])


GATE_CASES = (
    GateCase("plan", "stale", "of another commit than the head", 3, "the head is", stale_plan),
    GateCase("forge answer", "absent", "the host cannot be reached", 6, "cannot be reached", unreachable),
    GateCase("forge answer", "empty", "no byte", 6, "in a form that is not known here", first_answer(200)),
    GateCase(
        "forge answer", "malformed", "a page of words", 6, "in a form that is not known", first_answer(200, "<p>")
    ),
    GateCase("forge answer", "malformed", "a fault, again and again", 6, "has a fault (500)", first_answer(500)),
    GateCase("forge answer", "stale", "the token is not valid any more", 6, "answers 401", first_answer(401, {})),
    GateCase("forge answer", "stale", "the head moved on since the plan", 10, "not the head", head_moves),
    GateCase("forge answer", "partial", "more commits than are listed", 10, "commits are listed", too_many_commits),
    GateCase(
        "forge answer", "contradictory", "a login that is another account's", 10, "cannot be read", another_account
    ),
    GateCase("forge answer", "hostile", "the next page is on another host", 6, "another host", another_page),
    GateCase(
        "forge answer",
        "hostile",
        "sends the token elsewhere",
        6,
        "no token is taken along",
        first_answer(302, {}, Location="https://evil.example/"),
    ),
    GateCase("sign-off", "absent", "nobody said anything", 10, "0 of 1 signed", reviews(list.clear)),
    GateCase(
        "sign-off",
        "empty",
        "by an account that is gone",
        10,
        "their account is gone",
        reviews(lambda r: r[0].update(user=None)),
    ),
    GateCase(
        "sign-off",
        "malformed",
        "in a state nobody knows",
        6,
        "which is not known here",
        reviews(lambda r: r[0].update(state="PERHAPS")),
    ),
    GateCase(
        "sign-off",
        "stale",
        "given before the scope was published",
        10,
        "not after this was published",
        reviews(lambda r: r[0].update(submitted_at="2026-11-22T11:00:00Z")),
    ),
    GateCase(
        "sign-off",
        "stale",
        "given on another commit",
        10,
        "not the head",
        reviews(lambda r: r[0].update(commit_id=OTHER_HEAD)),
    ),
    GateCase("sign-off", "stale", "given before the policy asked for two", 10, "0 of 2 signed", by_two),
    GateCase(
        "sign-off",
        "partial",
        "by a member of a team that cannot be read",
        10,
        "nobody counts as its member",
        team_unreadable,
    ),
    GateCase("sign-off", "contradictory", "agreed, then asked for changes", 10, "asks for changes", taken_back),
    GateCase("sign-off", "hostile", "by the author", 10, "ada, ", by_the_author),
    GateCase("break-glass", "stale", "of an earlier change", 10, "1 of 2 signed", glass_left_behind),
    GateCase("environment", "absent", "no token", 2, "no usable token", environment(GITHUB_TOKEN=None)),
    GateCase("environment", "empty", "a token of blanks", 2, "no usable token", environment(GITHUB_TOKEN=BLANK)),
    GateCase(
        "environment",
        "malformed",
        "a repository that is none",
        2,
        "is no repository",
        environment(GITHUB_REPOSITORY="acme"),
    ),
    GateCase(
        "environment", "partial", "a token and no repository", 2, "repository", environment(GITHUB_REPOSITORY=None)
    ),
    GateCase("environment", "hostile", "an address without encryption", 2, "in clear text", no_host),
    GateCase("claim", "absent", "no claim", 10, "NOT AGREED", claim_gone, "verify"),
    GateCase("claim", "empty", "no byte", 4, "this is no claim", claim_bytes(b""), "verify"),
    GateCase("claim", "malformed", "no JSON", 4, "this is no claim", claim_bytes(b"{"), "verify"),
    GateCase("claim", "malformed", "no UTF-8", 4, "this is no claim", claim_bytes(b'{"\xff": 1}'), "verify"),
    GateCase("claim", "stale", "the policy is stricter since", 10, "NOT AGREED", stricter_policy, "verify"),
    GateCase("claim", "stale", "of an older change", 10, "NOT AGREED", of_another_branch, "verify"),
    GateCase(
        "claim",
        "partial",
        "without its fingerprint",
        4,
        "this is no claim",
        claim(lambda c: c.pop("fingerprint")),
        "verify",
    ),
    GateCase(
        "claim",
        "contradictory",
        "a scope that is not its fingerprint's",
        4,
        "edited it by hand",
        claim(narrower),
        "verify",
    ),
    GateCase("claim", "hostile", "a pipe", 4, "cannot be read", claim_pipe, "verify"),
    GateCase("audit log", "absent", "no such folder", 2, "cannot be written", log(Path.exists, "none/log.jsonl")),
    GateCase(
        "audit log",
        "malformed",
        "a line of something else",
        2,
        "no line of a log",
        log(lambda path: path.write_bytes(b"x\n")),
    ),
    GateCase("audit log", "stale", "its first line taken out", 2, "does not follow", log(line_taken_out)),
    GateCase("audit log", "partial", "half a line", 2, "no line of a log", log(half_a_line)),
    GateCase("audit log", "contradictory", "a line that was changed", 2, "was changed after", log(changed_line)),
    GateCase(
        "audit log", "hostile", "a device without an end", 2, "it is no regular file", log(Path.exists, "/dev/full")
    ),
)
"""Every way that is tried."""

__all__ = ["CLAIM", "GATE_CASES", "HEAD", "NUMBER", "GateCase"]
