"""The record of a decision, and the log that shows when somebody touched it."""

import hashlib
import json
import resource
import signal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from forge.fake_github import HEAD
from gate.running import AT_HOME, EVERYWHERE, POLICY, Gate
from scopegate.attest.log import BEGINNING, append, entries_of, problems_in, said_in
from scopegate.errors import UsageError


def schema(name: str) -> Draft202012Validator:
    text = files("scopegate_rules").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def recorded(gate: Gate) -> dict[str, Any]:
    gate.here("--attestation", "decision.json", "--audit-log", "log.jsonl", "--now", "2026-11-22T13:00:00Z")
    read: dict[str, Any] = json.loads((gate.folder / "decision.json").read_text())
    return read


def test_the_record_says_who_signed_when_and_who_did_not_count(gate: Gate) -> None:
    gate.published().world.reviewed("ada")
    review = gate.world.reviewed("bob")
    statement = recorded(gate)
    schema("attestation").validate(statement)
    predicate = statement["predicate"]
    assert predicate["verdict"] == "pass"
    assert predicate["sign_offs"] == {
        "accepted": [
            {
                "who": "bob",
                "review": review["id"],
                "at": review["submitted_at"].replace("Z", "+00:00"),
                "groups": ["team:cn-owners"],
            }
        ],
        "rejected": [{"who": "ada", "why": "the author of the change"}],
    }
    assert predicate["occasion"]["commit"] == HEAD
    assert predicate["fingerprint"] == f"sha256:{gate.world.last_status[1][-64:]}"


def test_the_record_is_of_the_plan_and_the_commit(gate: Gate) -> None:
    statement = recorded(gate)
    assert statement["subject"] == [
        {"name": "plan.json", "digest": {"sha256": hashlib.sha256(EVERYWHERE.read_bytes()).hexdigest()}},
        {"name": "acme/infra", "digest": {"gitCommit": HEAD}},
    ]


def test_the_record_names_the_stacks_of_its_plans(gate: Gate) -> None:
    assert recorded(gate)["predicate"]["decisions"][0]["stack"] is None
    stacks = "stacks:\n  prod: {match: {paths: [prod]}, owner: team:cn-owners}\n"
    gate.world.file(".scopegate/policy.yaml", POLICY + stacks)
    gate.plans = {"dev/plan.json": AT_HOME, "prod/plan.json": EVERYWHERE}
    (decision,) = recorded(gate)["predicate"]["decisions"]
    assert (decision["plan"], decision["stack"]) == ("dev/plan.json, prod/plan.json", "prod")


def test_the_record_names_what_is_beyond_and_what_was_asked(gate: Gate) -> None:
    (decision,) = recorded(gate)["predicate"]["decisions"]
    assert [(e["limit"], e["values"]) for e in decision["excesses"]] == [("china", ["CN"])]
    assert decision["requirements"] == [{"from": ["team:cn-owners"], "count": 1, "why": ["china"], "satisfied_by": []}]


def test_the_record_of_a_break_glass_says_so(gate: Gate) -> None:
    text = "break_glass: {by: [carol], reason: down, ticket: INC-1, expires: '2026-11-22T20:00:00Z'}\n"
    gate.world.file(".scopegate/break-glass.yaml", text, ref=HEAD)
    gate.world.changed(".scopegate/break-glass.yaml")
    gate.here("--now", "2026-11-22T13:00:00Z")
    gate.world.reviewed("carol")
    statement = recorded(gate)
    schema("attestation").validate(statement)
    assert statement["predicate"]["decisions"][0]["break_glass"]["ticket"] == "INC-1"


def test_every_claim_follows_its_schema(gate: Gate) -> None:
    gate.here("--into", str(gate.folder), command="claim")
    claim = json.loads((gate.folder / ".scopegate/claims/root/cn-owners.json").read_text())
    schema("claim").validate(claim)


def test_each_run_adds_a_line_and_audit_reads_them(gate: Gate) -> None:
    recorded(gate)
    gate.world.reviewed("bob")
    recorded(gate)
    shown = gate.run(["scopegate", "audit", "show", "log.jsonl"], gate.folder)
    assert [line.split("  ")[1] for line in shown.stdout.splitlines()] == ["needs-sign-off", "pass"]
    assert "signed by bob" in shown.stdout
    checked = gate.run(["scopegate", "audit", "verify", "log.jsonl"], gate.folder)
    assert (checked.code, "2 decisions, unbroken" in checked.said) == (0, True)


def test_a_log_that_somebody_changed_is_not_shown_as_if_nobody_had(gate: Gate) -> None:
    recorded(gate)
    log = gate.folder / "log.jsonl"
    log.write_text(log.read_text().replace('"verdict":"needs-sign-off"', '"verdict":"pass"'))
    shown = gate.run(["scopegate", "audit", "show", "log.jsonl"], gate.folder)
    assert shown.stdout.splitlines()[0].split("  ")[1] == "pass"
    assert (shown.code, shown.stdout.splitlines()[1:]) == (4, ["log.jsonl:1: it was changed after it was written"])


# ---- the chain -------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log.jsonl"
    for number in range(3):
        append(file, {"number": number})
    return file


def test_an_untouched_log_has_no_problems(log: Path) -> None:
    assert problems_in(log) == ()
    assert [statement["number"] for _, statement in entries_of(log)] == [0, 1, 2]
    assert json.loads(log.read_text().splitlines()[0])["previous"] == BEGINNING


def test_a_changed_line_is_named(log: Path) -> None:
    log.write_text(log.read_text().replace('"number":1', '"number":7'))
    assert [(problem.line, problem.why) for problem in problems_in(log)] == [(2, "it was changed after it was written")]


@pytest.mark.parametrize("order", [[0, 2], [1, 2], [0, 2, 1], [0, 0, 1, 2]])
def test_lines_taken_out_put_in_or_moved_are_named(log: Path, order: list[int]) -> None:
    lines = log.read_text().splitlines()
    log.write_text("".join(f"{lines[number]}\n" for number in order))
    assert any("does not follow the line before" in problem.why for problem in problems_in(log))


def test_a_broken_log_is_not_added_to(log: Path) -> None:
    log.write_text(log.read_text().replace('"number":1', '"number":7'))
    with pytest.raises(UsageError, match=r"log\.jsonl:2: it was changed"):
        append(log, {"number": 3})


def test_a_last_line_without_its_end_does_not_become_one_with_the_next(log: Path) -> None:
    log.write_text(log.read_text().removesuffix("\n"))
    assert problems_in(log) == ()
    append(log, {"number": 3})
    assert problems_in(log) == ()
    assert [statement["number"] for _, statement in entries_of(log)] == [0, 1, 2, 3]


def test_a_log_that_is_larger_than_any_is_neither_read_nor_added_to(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scopegate.attest.log.LARGEST_LOG", log.stat().st_size - 1)
    with pytest.raises(UsageError, match=r"cannot be written \(it is larger than"):
        append(log, {"number": 3})
    with pytest.raises(UsageError, match=r"cannot be read \(it is larger than"):
        problems_in(log)
    monkeypatch.setattr("scopegate.attest.log.LARGEST_LOG", log.stat().st_size)
    assert problems_in(log) == ()
    append(log, {"number": 3})


def test_a_line_of_something_else_is_named(log: Path) -> None:
    log.write_text(log.read_text() + "hello\n")
    assert problems_in(log)[-1].why == "this is no line of a log of decisions"
    with pytest.raises(UsageError, match=r"log\.jsonl:4"):
        list(entries_of(log))


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, {"number": 0})
    before = log.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, limit[1]))
    try:
        with pytest.raises(UsageError, match="cannot be written"):
            append(log, {"number": 1})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)
    assert log.read_bytes() == before
    append(log, {"number": 2})
    assert problems_in(log) == ()


def test_a_line_that_holds_no_decision_is_named(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    append(log, {"predicate": ["pass"]})
    ((_, statement),) = entries_of(log)
    with pytest.raises(UsageError, match="a line holds no decision"):
        said_in(statement, log)
