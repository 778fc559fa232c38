"""The gate and ``verify``, with one thing spoiled at a time: they stay shut, and the last status is no success."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from forge.fake_github import World, served
from gate.running import EVERYWHERE, POLICY, Done, Gate
from scopegate.forge import rest
from trust.gate_cases import GATE_CASES, GateCase


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Gate]:
    monkeypatch.setattr(rest, "LONGEST_WAIT_SECONDS", 0)  # how long it waits is no matter here
    with served(World()) as world:
        yield Gate(world, tmp_path, monkeypatch, capsys)


def opened(gate: Gate) -> Gate:
    """Return a gate that opens, and a claim of what it is about that may be applied."""
    gate.published().world.reviewed("bob")
    gate.here("--into", str(gate.folder / "repository"), command="claim")
    (gate.folder / "repository/.scopegate/claims").rename(gate.folder / "claims")
    (gate.folder / "plan.json").write_bytes(EVERYWHERE.read_bytes())
    (gate.folder / "policy.yaml").write_text(POLICY)
    return gate


def ran(gate: Gate, command: str, *more: str) -> Done:
    if command == "gate":
        return gate.here(*more)
    words = ["scopegate", "verify", "plan.json", "--policy", "policy.yaml", "--claims", "claims", *more]
    return gate.run(words, gate.folder)


@pytest.mark.parametrize("command", ["gate", "verify"])
def test_what_is_spoiled_below_opens_when_it_is_whole(gate: Gate, command: str) -> None:
    assert ran(opened(gate), command).code == 0


def name(case: GateCase) -> str:
    return f"{case.about} {case.state}: {case.how}"


@pytest.mark.parametrize("case", GATE_CASES, ids=name)
def test_it_stays_shut(case: GateCase, gate: Gate) -> None:
    more = case.spoil(opened(gate)) or ()
    done = ran(gate, case.command, *more)
    assert (done.code, case.sentence in done.said) == (case.code, True), done.said
    assert case.about == "audit log" or gate.world.last_status[0] != "success"
