"""Plans that a run left behind: which are taken, and how much of a hostile archive is unpacked."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from scopegate.errors import PlanError
from scopegate.forge import artifact
from scopegate.forge.artifact import (
    Origin,
    OtherRequest,
    PlanBytes,
    newest_of,
    plans_in,
    plans_of_run,
    runs_of,
    scopes_of_run,
)
from scopegate.forge.people import NO_HANDS, Hands
from scopegate.forge.rest import Api, Response

HEAD = "a" * 40
WORKFLOW = ".github/workflows/plan.yml"
RUN: dict[str, Any] = {
    "id": 7,
    "head_sha": HEAD,
    "path": f"{WORKFLOW}@refs/heads/x",
    "event": "pull_request",
    "conclusion": "success",
    "created_at": "2026-11-22T12:00:00Z",
    "head_branch": "x",
    "head_repository": {"full_name": "a/b"},
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


def test_of_artifacts_of_one_name_the_newest_is_taken() -> None:
    """Where one job of a run is run again, what it left before is listed as well, and both are of the same folder."""
    left = Left({"scopegate-plan": packed(("plan.json", b"old"))})
    host = left.host()
    listed = host.answers["/runs/7/artifacts"]["artifacts"]
    again: dict[str, Any] = {"id": 1, "name": "scopegate-plan", "size_in_bytes": 1, "expired": False}
    for artifacts in ([*listed, again], [again, *listed], [again, listed[0] | {"expired": True}]):
        answers = {
            **host.answers,
            "/runs/7/artifacts": {"total_count": 2, "artifacts": artifacts},
            "/artifacts/1/zip": packed(("plan.json", b"new")),
        }
        found = plans_of_run(Host("https://api.example", "t", answers=answers), "a/b", 7, HEAD, WORKFLOW)
        assert found == (PlanBytes("plan.json", b"new"),)


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


class Runs(Api, frozen=True):
    """A code host that lists runs in pages."""

    runs: tuple[Mapping[str, Any], ...] = ()
    requests: list[tuple[str, int]] = msgspec.field(default_factory=list)

    def _once(self, method: str, url: str, body: bytes | None, most_bytes: int) -> Response:  # noqa: ARG002
        asked = dict(parse_qsl(urlsplit(url).query))
        self.requests.append((asked["event"], int(asked["page"])))
        found = [run for run in self.runs if run["event"] == asked["event"]]
        start = (int(asked["page"]) - 1) * int(asked["per_page"])
        page = found[start : start + int(asked["per_page"])]
        return Response(200, {}, json.dumps({"workflow_runs": page}).encode())


def newest(*runs: Mapping[str, Any], origin: Origin | None = None, hands: Hands = NO_HANDS) -> int:
    host = Runs("https://api.example", "t", runs=runs)
    return newest_of(runs_of(host, "a/b", HEAD, WORKFLOW, hands=hands), origin)


def test_the_newest_run_of_the_workflow_counts_and_no_other() -> None:
    assert newest(RUN, RUN | {"id": 9}, RUN | {"id": 11, "path": "other.yml"}, RUN | {"id": 12, "event": "push"}) == 9


ANN = {"id": 3, "login": "ann", "type": "User"}
BOT = {"id": 4, "login": "github-actions[bot]", "type": "Bot"}
CI = {"id": 5, "login": "acme-ci", "type": "User"}
EVE = {"id": 6, "login": "eve", "type": "User"}


@pytest.mark.parametrize(
    ("first", "again", "counts"),
    [
        (ANN, ANN, True),
        (ANN, None, False),
        (None, ANN, False),
        (BOT, BOT, False),
        (CI, CI, False),
        (EVE, ANN, False),
        (ANN, EVE, False),
    ],
    ids=["a person", "nobody now", "nobody at first", "a bot", "a program", "the author at first", "the author now"],
)
def test_a_run_by_hand_counts_where_a_person_without_a_hand_started_it_and_started_it_again(
    first: Mapping[str, Any] | None, again: Mapping[str, Any] | None, counts: bool
) -> None:
    """A workflow of the author's starts another as a bot; who starts a run again starts it with its first inputs."""
    by_hand = RUN | {"id": 9, "event": "workflow_dispatch", "actor": first, "triggering_actor": again}
    hands = Hands({6: "the author of the change"}, {}, {}).and_programs({"acme-ci"})
    assert newest(RUN, by_hand, hands=hands) == (9 if counts else 7)


def test_no_run_is_no_plan() -> None:
    with pytest.raises(PlanError, match="There is no run"):
        newest(RUN | {"path": "other.yml"})


@pytest.mark.parametrize("others", [99, 100, 250])
def test_runs_of_other_workflows_do_not_crowd_the_plan_out(others: int) -> None:
    """Each label that is put on starts one of every workflow that listens to labels."""
    assert newest(*(RUN | {"id": 1000 - n, "path": "label.yml"} for n in range(others)), RUN) == 7


def test_after_a_page_of_runs_that_is_not_full_no_other_is_asked_for() -> None:
    """A workflow's token has a thousand requests an hour for the whole repository (docs.github.com, "Rate limits")."""
    host = Runs("https://api.example", "t", runs=(RUN,) * 100)
    runs_of(host, "a/b", HEAD, WORKFLOW)
    assert host.requests == [("pull_request", 1), ("pull_request", 2), ("workflow_dispatch", 1)]


def at(minute: int) -> datetime:
    return datetime(2026, 11, 22, 12, minute, tzinfo=UTC)


def begun(minute: int, number: int = 7, **more: Any) -> dict[str, Any]:
    return RUN | {"id": number, "created_at": f"2026-11-22T12:{minute:02}:00Z"} | more


OURS = Origin("x", "A/B")


@pytest.mark.parametrize(
    ("run", "origin"),
    [
        (begun(5), OURS),
        (begun(5), Origin("x", "a/b", (OtherRequest(8, at(1), at(4)), OtherRequest(9, at(6), None)))),
        (begun(5), Origin("x", "a/b", (), at(3), at(4))),
        (begun(4), Origin("x", "a/b", (), at(3), at(4))),
        (begun(5, event="workflow_dispatch", head_branch="main", actor=ANN, triggering_actor=ANN), OURS),
    ],
    ids=["ours", "before and after others", "pushed since", "in the second of the push", "by hand"],
)
def test_a_run_is_of_this_merge(run: Mapping[str, Any], origin: Origin) -> None:
    assert newest(run, origin=origin) == 7


@pytest.mark.parametrize(
    ("run", "origin", "why"),
    [
        (begun(5, head_branch="y"), OURS, "run 7 is of another branch with this head"),
        (begun(5, head_repository={"full_name": "eve/b"}), OURS, "run 7 is of another branch with this head"),
        (begun(5, head_repository=None), OURS, "run 7 is of another branch with this head"),
        (begun(5), Origin("x", "a/b", (OtherRequest(8, at(5), at(6)),)), "#8 of the same branch was open when run 7"),
        (begun(5), Origin("x", "a/b", (OtherRequest(8, at(4), at(5)),)), "#8 of the same branch was open when run 7"),
        (begun(5), Origin("x", "a/b", (OtherRequest(8, at(4), None),)), "#8 of the same branch was open when run 7"),
        (begun(5), Origin("x", "a/b", (), at(6), at(4)), "another target at 2026-11-22 12:06:00 UTC, and run 7"),
        (begun(5), Origin("x", "a/b", (), at(3), at(2)), "another target at 2026-11-22 12:03:00 UTC, and run 7"),
        (begun(5), Origin("x", "a/b", (), at(3), at(3)), "another target at 2026-11-22 12:03:00 UTC, and run 7"),
        (begun(5), Origin("x", "a/b", (), at(3), at(6)), "another target at 2026-11-22 12:03:00 UTC, and run 7"),
        (begun(5), Origin("x", "a/b", (), at(3), None), "another target at 2026-11-22 12:03:00 UTC, and run 7"),
    ],
)
def test_a_run_that_may_have_planned_another_merge_of_the_head_does_not_count(
    run: Mapping[str, Any], origin: Origin, why: str
) -> None:
    with pytest.raises(PlanError, match=re.escape("No plan is known to be of this merge: ")) as refused:
        newest(run, origin=origin)
    assert why in str(refused.value)


def test_an_older_run_counts_where_a_newer_one_is_of_another_merge() -> None:
    origin = Origin("x", "a/b", (OtherRequest(8, at(6), at(9)),))
    assert newest(begun(5, 7), begun(7, 8), origin=origin) == 7


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
