"""Plans that a run left behind: which are taken, and how much of a hostile archive is unpacked."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from scopegate.errors import PlanError
from scopegate.forge import artifact
from scopegate.forge.artifact import PlanBytes, newest_run, plans_in, plans_of_run, scopes_of_run
from scopegate.forge.rest import Api, Response

HEAD = "a" * 40
WORKFLOW = ".github/workflows/plan.yml"
RUN: dict[str, Any] = {
    "id": 7,
    "head_sha": HEAD,
    "path": f"{WORKFLOW}@refs/heads/x",
    "event": "pull_request",
    "conclusion": "success",
}
GATE = RUN | {"event": "workflow_run"}


class Host(Api, frozen=True):
    """A code host that answers each path with its document, or with bytes."""

    answers: Mapping[str, Any] = {}

    def _once(self, method: str, url: str, body: bytes | None, most_bytes: int) -> Response:  # noqa: ARG002
        path = url.removeprefix(self.url).partition("?")[0].removeprefix("/repos/a/b/actions")
        if path not in self.answers:
            return Response(404, {}, b"")
        answer = self.answers[path]
        return Response(200, {}, answer if isinstance(answer, bytes) else json.dumps(answer).encode())


@dataclass
class Left:
    """What a run left, by the name of its artifact."""

    archives: Mapping[str, bytes]
    run: dict[str, Any] = field(default_factory=lambda: RUN)
    size: int = 1
    expired: tuple[str, ...] = ()
    total: int | None = None

    def host(self) -> Host:
        listed = [
            {"id": number, "name": name, "size_in_bytes": self.size, "expired": name in self.expired}
            for number, name in enumerate(self.archives)
        ]
        answers: dict[str, Any] = {f"/artifacts/{n}/zip": data for n, data in enumerate(self.archives.values())}
        total = len(listed) if self.total is None else self.total
        answers["/runs/7/artifacts"] = {"total_count": total, "artifacts": listed}
        return Host("https://api.example", "t", answers=answers | {"/runs/7": self.run})


def packed(*files: tuple[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files:
            opened.writestr(name, data)
    return archive.getvalue()


ONE = packed(("plan.json", b"{}"))


def taken(left: Left) -> tuple[PlanBytes, ...]:
    return plans_of_run(left.host(), "a/b", 7, HEAD, WORKFLOW)


def test_the_plans_of_all_artifacts_of_plans_are_taken_and_nothing_else() -> None:
    left = Left({"scopegate-plan-1": ONE, "coverage": b"no archive", "scopegate-plan": packed(("x/plan.json", b"[]"))})
    assert taken(left) == (PlanBytes("plan.json", b"{}"), PlanBytes("x/plan.json", b"[]"))


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ({"head_sha": "b" * 40}, "a stale plan says nothing"),
        ({"path": ".github/workflows/other.yml"}, "could be anybody's"),
        ({"event": "push"}, "was started by 'push'"),
        ({"conclusion": "failure"}, "ended with 'failure'"),
        ({"conclusion": None}, "has not ended"),
    ],
)
def test_a_run_of_something_else_has_no_plans(run: dict[str, Any], why: str) -> None:
    with pytest.raises(PlanError, match=why):
        taken(Left({"scopegate-plan": ONE}, RUN | run))


def test_a_run_whose_artifacts_are_not_all_listed_is_not_judged_by_those_that_are() -> None:
    with pytest.raises(PlanError, match="more artifacts than are read"):
        taken(Left({"scopegate-plan": ONE}, total=2))


def test_a_run_that_left_too_many_plans_is_refused_and_one_fewer_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "MOST_ARTIFACTS", 2)
    names = ("scopegate-plan-1", "scopegate-plan-2", "scopegate-plan-3")
    assert len(taken(Left(dict.fromkeys(names[:2], ONE)))) == 2
    with pytest.raises(PlanError, match="more artifacts than are read"):
        taken(Left(dict.fromkeys(names, ONE)))


def test_a_plan_that_has_expired_stops_the_run_but_not_something_else_that_has() -> None:
    assert taken(Left({"scopegate-plan": ONE, "logs": b""}, expired=("logs",))) == (PlanBytes("plan.json", b"{}"),)
    with pytest.raises(PlanError, match="have expired"):
        taken(Left({"scopegate-plan": ONE, "scopegate-plan-2": ONE}, expired=("scopegate-plan-2",)))


def test_a_run_without_a_plan_is_no_empty_change() -> None:
    with pytest.raises(PlanError, match="left no plan"):
        taken(Left({"coverage": ONE}))
    with pytest.raises(PlanError, match="left no plan"):
        taken(Left({"scopegate-plan": packed()}))


def test_an_artifact_that_says_it_is_too_large_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "MOST_PACKED_BYTES", 1024**2)
    assert taken(Left({"scopegate-plan": ONE}, size=1024**2)) == (PlanBytes("plan.json", b"{}"),)
    with pytest.raises(PlanError, match="is larger than 1 MiB"):
        taken(Left({"scopegate-plan": ONE}, size=1024**2 + 1))


def test_plans_are_unpacked_up_to_a_size_in_one_archive_and_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "MOST_BYTES", 4)
    whole = packed(("plan.json", b"1234"))
    assert plans_in(whole, "x") == (PlanBytes("plan.json", b"1234"),)
    assert taken(Left({"scopegate-plan": whole})) == (PlanBytes("plan.json", b"1234"),)
    with pytest.raises(PlanError, match="unpacks to more"):
        plans_in(packed(("a/plan.json", b"123"), ("b/plan.json", b"45")), "x")
    with pytest.raises(PlanError, match="larger than 0 MiB together"):
        taken(Left({"scopegate-plan-1": whole, "scopegate-plan-2": packed(("plan.json", b"5"))}))


def test_an_archive_of_too_many_files_is_refused_and_folders_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "MOST_FILES", 2)
    files = [(f"{letter}/plan.json", b"") for letter in "abc"]
    assert len(plans_in(packed(("a/", b""), *files[:2]), "x")) == 2
    with pytest.raises(PlanError, match="holds more than 2 files"):
        plans_in(packed(*files), "x")


@pytest.mark.parametrize("name", ["/plan.json", "../plan.json", "a\\plan.json", "a\n/plan.json", "plan.json.sh"])
def test_a_file_of_another_name_or_a_path_that_leads_away_is_refused(name: str) -> None:
    with pytest.raises(PlanError, match=r"something else than files named plan\.json"):
        plans_in(packed((name, b"{}")), "x")


@pytest.mark.parametrize(("mode", "is_file"), [(0o100644, True), (0o120777, False), (0o040755, False)])
def test_a_link_in_an_archive_is_no_plan(mode: int, is_file: bool) -> None:
    entry = zipfile.ZipInfo("plan.json")
    entry.external_attr = mode << 16
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(entry, b"/etc/passwd")
    if is_file:
        assert plans_in(archive.getvalue(), "x") == (PlanBytes("plan.json", b"/etc/passwd"),)
    else:
        with pytest.raises(PlanError, match="something else than files"):
            plans_in(archive.getvalue(), "x")


# ---- the newest run --------------------------------------------------------------------------------------------------


def newest(*runs: Mapping[str, Any]) -> int:
    host = Host("https://api.example", "t", answers={"/runs": {"workflow_runs": list(runs)}})
    return newest_run(host, "a/b", HEAD, WORKFLOW)


def test_the_newest_run_of_the_workflow_counts_and_no_other() -> None:
    assert newest(RUN, RUN | {"id": 9}, RUN | {"id": 11, "path": "other.yml"}, RUN | {"id": 12, "event": "push"}) == 9


@pytest.mark.parametrize("actor", [None, {"id": 3, "login": "ann"}])
def test_a_run_by_hand_counts_where_somebody_is_known_to_have_started_it(actor: Mapping[str, Any] | None) -> None:
    by_hand = RUN | {"id": 9, "event": "workflow_dispatch", "triggering_actor": actor}
    assert newest(RUN, by_hand) == (9 if actor else 7)


def test_no_run_is_no_plan() -> None:
    with pytest.raises(PlanError, match="There is no run"):
        newest(RUN | {"path": "other.yml"})


# ---- the scopes that a run of the gate kept --------------------------------------------------------------------------


def kept(left: Left) -> bytes | None:
    return scopes_of_run(left.host(), "a/b", 7, WORKFLOW)


SCOPES = packed(("scopes.json", b"[1]"))


def test_the_scopes_that_a_run_of_the_gate_kept_are_found() -> None:
    assert kept(Left({"logs": b"", "scopegate-scopes": SCOPES}, GATE)) == b"[1]"


@pytest.mark.parametrize(
    "left",
    [
        Left({"scopegate-scopes": SCOPES}, GATE | {"path": "other.yml"}),
        Left({"scopegate-scopes": SCOPES}, GATE | {"event": "pull_request"}),
        Left({"scopegate-scopes": SCOPES}, GATE, expired=("scopegate-scopes",)),
        Left({"scopegate-plan": SCOPES}, GATE),
        Left({"scopegate-scopes": packed()}, GATE),
    ],
    ids=["another workflow", "of a pull request", "expired", "another name", "empty"],
)
def test_scopes_of_anything_else_are_not_taken(left: Left) -> None:
    assert kept(left) is None


def test_scopes_of_a_run_that_is_gone_are_not_there() -> None:
    assert scopes_of_run(Host("https://api.example", "t"), "a/b", 7, WORKFLOW) is None
