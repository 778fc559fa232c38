"""No value of a plan and no secret of the environment comes out of the gate: into no log, file, or request."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from forge.fake_github import World, served
from gate.running import POLICY, Gate
from scopegate.forge import rest
from trust.canaries import Canaries, escaped_everywhere
from trust.gate_cases import GATE_CASES, GateCase

PLAN_CANARIES = Canaries()
WRITTEN = json.dumps(escaped_everywhere(PLAN_CANARIES)).encode()
ENVIRONMENT = Canaries()
HELD = {
    name: ENVIRONMENT.new(name.lower())
    for name in (
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "ARM_CLIENT_SECRET", "GOOGLE_CREDENTIALS"),
        *("ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "TF_VAR_password", "TF_TOKEN_app_terraform_io"),
        *("GH_TOKEN", "SCOPEGATE_SECRET", "HTTPS_PROXY_PASSWORD"),
    )
}
TOKEN = ENVIRONMENT.new("token-test-token")  # the fake asks for the end of it
EVERYTHING = ("--audit-log", "log.jsonl", "--attestation", "record.json", "--scopes", "scopes.json", "--check-run")


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Gate]:
    monkeypatch.setattr(rest, "LONGEST_WAIT_SECONDS", 0)
    with served(World()) as world:
        world.user_token = True
        made = Gate(world, tmp_path, monkeypatch, capsys)
        (tmp_path / "given.json").write_bytes(WRITTEN)
        made.plans = {"plan.json": tmp_path / "given.json"}
        whole = made.environment
        monkeypatch.setattr(made, "environment", lambda: {**whole(), **HELD, "GITHUB_TOKEN": TOKEN})
        yield made


def leaked(text: str) -> list[str]:
    lower = text.lower()
    forms = {**PLAN_CANARIES.forms(), **ENVIRONMENT.forms()}
    return [value for value, each in forms.items() if any(form.lower() in lower for form in each)]


def written(gate: Gate) -> dict[str, str]:
    """What the gate left: its files, and what it sent to the code host."""
    mine = [path for path in gate.folder.rglob("*") if path.is_file() and path.name not in ("plan.json", "given.json")]
    files = {str(path.relative_to(gate.folder)): path.read_text() for path in mine}
    sent = {f"{method} {path}": json.dumps(body) for method, path, body in gate.world.log}
    return {**files, **sent}


def leaks(gate: Gate, said: str) -> dict[str, list[str]]:
    found = {name: leaked(f"{name}\n{text}") for name, text in {**written(gate), "said": said}.items()}
    return {name: values for name, values in found.items() if values}


def test_the_search_finds_the_token_and_what_the_plan_holds() -> None:
    assert leaked(f"a {TOKEN}b") == [TOKEN]
    assert set(PLAN_CANARIES.planted) <= set(leaked(WRITTEN.decode()))


def test_nothing_leaves_with_a_verdict(gate: Gate) -> None:
    done = gate.here(*EVERYTHING)
    assert done.code == 10
    left = written(gate)
    assert {"log.jsonl", "record.json", "scopes.json", "summary.md", "outputs"} <= set(left)
    assert any(name.startswith("POST") and "/check-runs" in name for name in left)
    assert any(name.startswith("POST") and name.endswith("/comments") for name in left)
    assert any(name.startswith("POST") and "/statuses/" in name for name in left)
    assert "(sensitive 1)" in left["scopes.json"]
    assert leaks(gate, done.said) == {}


def test_nothing_leaves_when_people_agreed_to_less_before(gate: Gate) -> None:
    gate.here("--scopes", "scopes.json")
    gate.world.reviewed("bob")
    (gate.folder / "given.json").write_bytes(WRITTEN.replace(PLAN_CANARIES.planted[0].encode(), b"another-secret"))
    done = gate.here(*EVERYTHING)
    assert done.code == 10
    assert leaks(gate, done.said) == {}


def test_nothing_is_in_a_claim_or_in_what_verifying_says(gate: Gate) -> None:
    said = gate.here("--into", "repository", command="claim").said
    assert list(gate.folder.glob("repository/.scopegate/claims/*/*.json"))
    (gate.folder / "policy.yaml").write_text(POLICY)
    given = ["--policy", "policy.yaml", "--claims"]
    for claims in ("repository/.scopegate/claims", "."):
        said += gate.run(["scopegate", "verify", "plan.json", *given, claims], gate.folder).said
    assert leaks(gate, said) == {}


def test_nothing_is_in_what_is_read_from_the_log(gate: Gate) -> None:
    gate.here("--audit-log", "log.jsonl")
    for command in ("show", "verify"):
        done = gate.run(["scopegate", "audit", command, "log.jsonl"], gate.folder)
        assert done.code == 0
        assert leaked(done.said) == []


def test_nothing_is_in_what_the_doctor_says(gate: Gate) -> None:
    assert leaks(gate, gate.run(["scopegate", "doctor"], gate.folder).said) == {}


ABOUT_THE_HOST = [case for case in GATE_CASES if case.command == "gate" and case.about in ("forge answer", "plan")]


@pytest.mark.parametrize("case", ABOUT_THE_HOST, ids=lambda case: case.how)
def test_nothing_is_in_an_error_about_the_code_host(case: GateCase, gate: Gate) -> None:
    gate.published().world.reviewed("bob")
    more = case.spoil(gate) or ()
    done = gate.here(*more)
    assert done.code not in (0, 1)
    assert leaks(gate, done.said) == {}


@pytest.mark.parametrize(
    "url",
    ["http://user:{0}@api.example", "https://user:{0}@127.0.0.1:9", "https://{0}@[", "{0}@x", "http://x/?token={0}"],
)
def test_a_password_in_the_address_of_the_code_host_is_not_repeated(gate: Gate, url: str) -> None:
    done = gate.here("--api-url", url.format(HELD["SCOPEGATE_SECRET"]))
    assert done.code not in (0, 1)
    assert leaked(done.said) == []


def _crash(*_: Any, **__: Any) -> None:
    raise KeyError(TOKEN, PLAN_CANARIES.planted[0])


def _fault(*_: Any, **__: Any) -> None:
    raise OSError(f"{TOKEN} {PLAN_CANARIES.planted[0]}")


@pytest.mark.parametrize("raises", [_crash, _fault])
@pytest.mark.parametrize(
    "place", ["forge.trusted.knowledge_at", "forge.rest._answer", "analyze.draw_graph", "attest.log.append"]
)
def test_nothing_is_in_what_a_crash_of_the_gate_says(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, place: str, raises: Callable[..., None]
) -> None:
    monkeypatch.setattr(f"scopegate.{place}", raises)
    done = gate.here(*EVERYTHING)
    assert done.code not in (0, 10)
    assert leaks(gate, done.said) == {}
