"""Plans that a workflow run left behind: taken by run, workflow and head, capped, and only files named plan.json.

What the run's author says in names and in files is not believed: the head is the host's record of the run, and the
archive is read in memory, so that no path in it leads anywhere.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct

from scopegate.errors import PlanError
from scopegate.forge import wire
from scopegate.forge.model import Account
from scopegate.forge.people import NO_HANDS, Hands
from scopegate.forge.rest import PAGE_SIZE, Api, decoded

PLAN_FILE: Final = "plan.json"
SCOPES_FILE: Final = "scopes.json"
SCOPES: Final = "scopegate-scopes"
"""The artifact in which a run of the gate keeps the scopes behind what it published."""
PREFIX: Final = "scopegate-plan"
"""Artifacts of plans begin with this name."""
MOST_ARTIFACTS: Final = 50
MOST_FILES: Final = 100
MOST_ENTRIES: Final = 10_000
"""Of an archive, folders included: each takes ten times the memory it has bytes."""
MOST_PACKED_BYTES: Final = 64 * 1024**2
MOST_BYTES: Final = 256 * 1024**2
"""Of all plans of a run together, unpacked: some bytes of a hostile archive unpack to thousands."""

_ENTRY: Final = b"PK\x01\x02"
"""What each entry of an archive's list begins with."""
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What GitHub packs with, and zipfile unpacks bit by bit: a few bytes of bzip2 or LZMA become gigabytes at once."""

PAGES_OF_RUNS: Final = 10
"""A search for runs finds a thousand at most (docs.github.com, "List workflow runs for a repository")."""

BY_HAND: Final = "workflow_dispatch"
OF_A_CHANGE: Final = frozenset({"pull_request", BY_HAND})
OF_A_GROUP: Final = frozenset({"merge_group"})
"""What starts the plan of a pull request, and of a merge group."""
_DECIDING: Final = frozenset({"workflow_run"})
"""What starts a gate that runs from the default branch and judges pull requests."""


class PlanBytes(Struct, frozen=True):
    """A plan as it came: where it lies from the top of the repository, and what it says."""

    path: str
    data: bytes


class OtherRequest(Struct, frozen=True):
    """Another pull request of the same branch, and when it was open; ``closed`` is None where it still is."""

    number: int
    opened: datetime
    closed: datetime | None


class Origin(Struct, frozen=True):
    """What a plan must have come from for it to be of this merge: the branch of the change, and since when.

    A run is recorded with its head, and not with the branch that this was merged into for it. So its author can have
    the same head planned as merged into a branch of their own, where the plan is narrower or its workflow another: by
    another pull request, or by another target for a while, for a new target starts no new run (actions/runner#980).

    ``retargeted`` is when the change last got another target, ``pushed`` when its branch was last pushed to, as far as
    that is known.
    """

    branch: str
    repository: str
    others: tuple[OtherRequest, ...] = ()
    retargeted: datetime | None = None
    pushed: datetime | None = None

    def why_not(self, run: wire.Run) -> str:
        """Return why a run may have planned another merge of the same head, or nothing."""
        if run.event == BY_HAND:
            return ""  # it plans the head itself
        repository = run.head_repository.full_name if run.head_repository else ""
        if (run.head_branch, repository.casefold()) != (self.branch, self.repository.casefold()):
            return f"run {run.id} is of another branch with this head"
        for other in self.others:
            if other.opened <= run.created_at and (other.closed is None or run.created_at <= other.closed):
                return f"#{other.number} of the same branch was open when run {run.id} began"
        return self._before_the_target(run)

    def _before_the_target(self, run: wire.Run) -> str:
        if self.retargeted is None:
            return ""
        # The merge that a run checks out is made anew by a push only (actions/checkout#919).
        if self.pushed is None or not self.retargeted < self.pushed <= run.created_at:
            at = f"{self.retargeted:%Y-%m-%d %H:%M:%S} UTC"
            return f"it got another target at {at}, and run {run.id} is of no push since"
        return ""


def runs_of(
    api: Api, repository: str, head: str, workflow: str, events: frozenset[str] = OF_A_CHANGE, hands: Hands = NO_HANDS
) -> tuple[wire.Run, ...]:
    """Return the runs of ``workflow`` for ``head``, newest first: a review starts no new plan.

    Who starts a run by hand chooses its inputs, and so how narrow the plan is: those with a ``hands`` in the change
    cannot.

    Raises:
        PlanError: there is none.
    """
    path = f"/repos/{repository}/actions/runs"
    # Asked by event, or a hundred reviews would crowd the plan out of the list.
    found = [run for event in sorted(events) for run in _listed(api, path, {"head_sha": head, "event": event})]
    runs = [run for run in found if run.path.partition("@")[0] == workflow and _counts(run, events, hands)]
    if not runs:
        raise PlanError(
            f"There is no run of {workflow} for the head {head[:12]}, so there is no plan to judge; the workflows of "
            "a pull request that GITHUB_TOKEN or a stranger opened wait for somebody's approval, and a run that is "
            "started by hand counts where the starter is a person with no hand in the change."
        )
    return tuple(sorted(runs, key=lambda run: run.id, reverse=True))


def _listed(api: Api, path: str, query: Mapping[str, str]) -> Iterator[wire.Run]:
    """Yield all runs that are listed: a label or an edit can start a run of each of many other workflows."""
    for page in range(1, PAGES_OF_RUNS + 1):
        runs = api.read(path, wire.Runs, {**query, "per_page": PAGE_SIZE, "page": page}).workflow_runs
        yield from runs
        if len(runs) < PAGE_SIZE:
            return


def newest_of(runs: Sequence[wire.Run], origin: Origin | None) -> int:
    """Return the newest of ``runs`` that is of this merge; without an ``origin`` the newest.

    Raises:
        PlanError: each may have planned another merge of the same head.
    """
    doubts = [(run.id, origin.why_not(run) if origin else "") for run in runs]
    found = next((number for number, doubt in doubts if not doubt), None)
    if found is None:
        raise PlanError(
            f"No plan is known to be of this merge: {doubts[0][1]}, so it may be of a merge into another branch; close "
            "other pull requests of the branch, and push a new commit."
        )
    return found


def _counts(run: wire.Run, events: frozenset[str], hands: Hands) -> bool:
    """Return whether a run may have the plans. Whoever starts it anew starts it with the inputs it had at first."""
    if run.event != BY_HAND:
        return run.event in events
    return run.event in events and all(_starts(user, hands) for user in (run.actor, run.triggering_actor))


def _starts(user: wire.User | None, hands: Hands) -> bool:
    """Return whether somebody may start a plan by hand: a person, for a workflow of the author's starts as a bot."""
    if user is None or user.type != "User":
        return False
    return not hands.why(Account(user.id, user.login), None)


def plans_of_run(
    api: Api, repository: str, run_id: int, head: str, workflow: str, events: frozenset[str] = OF_A_CHANGE
) -> tuple[PlanBytes, ...]:
    """Return the plans that a run of ``workflow`` made for ``head``.

    Raises:
        PlanError: the run is another's, or left no plan, or something else than plans.
    """
    run = api.read(f"/repos/{repository}/actions/runs/{run_id}", wire.Run)
    _refuse_other_runs(run, head, workflow, events)
    listed = api.read(f"/repos/{repository}/actions/runs/{run_id}/artifacts", wire.Artifacts, {"per_page": 100})
    chosen = _newest_by_name(artifact for artifact in listed.artifacts if artifact.name.startswith(PREFIX))
    if any(artifact.expired for artifact in chosen):
        raise PlanError(f"Plans of the run {run_id} have expired, so not all are there; let the plan job run again.")
    if listed.total_count > len(listed.artifacts) or len(chosen) > MOST_ARTIFACTS:
        raise PlanError(f"The run {run_id} left more artifacts than are read; plan in at most {MOST_ARTIFACTS} parts.")
    plans: list[PlanBytes] = []
    for artifact in chosen:  # each is weighed before the next is fetched
        plans += _plans(api, repository, artifact)
        if sum(len(plan.data) for plan in plans) > MOST_BYTES:
            raise PlanError(f"The plans of the run {run_id} are larger than {MOST_BYTES // 1024**2} MiB together.")
    if not plans:
        raise PlanError(
            f"The run {run_id} left no plan, so there is nothing to agree to; let it upload artifacts named "
            f"{PREFIX}…, with a {PLAN_FILE} in each. From a fork without secrets, a maintainer has to run the plan."
        )
    return tuple(plans)


def _newest_by_name(artifacts: Iterable[wire.Artifact]) -> list[wire.Artifact]:
    """Return the newest artifact of each name: where one job of a run is run again, what it left before is listed too.

    So does GitHub's own client (actions/toolkit, packages/artifact, ``listArtifacts`` with ``latest``).
    """
    return list({artifact.name: artifact for artifact in sorted(artifacts, key=lambda a: a.id)}.values())


def scopes_of_run(api: Api, repository: str, run_id: int, workflow: str) -> bytes | None:
    """Return the scopes that a run of the gate kept, None where it is no run of it, or nothing is left."""
    found = api.call("GET", f"/repos/{repository}/actions/runs/{run_id}")
    run = decoded(found, wire.Run, "actions/runs") if found.status == 200 else None
    if run is None or run.path.partition("@")[0] != workflow or run.event not in _DECIDING:
        return None
    listed = api.read(f"/repos/{repository}/actions/runs/{run_id}/artifacts", wire.Artifacts, {"per_page": 100})
    kept = next((artifact for artifact in listed.artifacts if artifact.name == SCOPES and not artifact.expired), None)
    files = _plans(api, repository, kept, SCOPES_FILE) if kept else ()
    return files[0].data if files else None


def plans_in(archive: bytes, name: str, file: str = PLAN_FILE) -> tuple[PlanBytes, ...]:
    """Return the plans in a zip archive, or other files of one name; ``name`` is what to call it.

    Raises:
        PlanError: it holds something else than plans, or too much.
    """
    if archive.count(_ENTRY) > MOST_ENTRIES:
        raise PlanError(f"The artifact {name!r} holds more than {MOST_ENTRIES} entries, which are not all plans.")
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return tuple(_read(opened, name, file))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise PlanError(f"The artifact {name!r} is no archive that can be read, so it holds no plan.") from error


def _refuse_other_runs(run: wire.Run, head: str, workflow: str, events: frozenset[str]) -> None:
    if run.head_sha != head:
        raise PlanError(
            f"The plan of run {run.id} is of {run.head_sha[:12]}, and the head is {head[:12]} now: a stale plan says "
            "nothing about it; wait for the run of the new head."
        )
    # GitHub writes the workflow as path@ref.
    if run.path.partition("@")[0] != workflow:
        raise PlanError(
            f"Run {run.id} is of the workflow {run.path[:80]!r}, not of {workflow!r}: its plan could be anybody's; "
            "take plans only from that workflow."
        )
    if run.event not in events:
        raise PlanError(f"Run {run.id} was started by {run.event[:40]!r}, so it is no plan of what is judged.")
    if run.conclusion != "success":
        how = f"ended with {run.conclusion!r}" if run.conclusion else "has not ended"
        raise PlanError(f"Run {run.id} of {workflow} {how}, so its plans may not be whole; see its log.")


def _plans(api: Api, repository: str, artifact: wire.Artifact, file: str = PLAN_FILE) -> tuple[PlanBytes, ...]:
    if artifact.size_in_bytes > MOST_PACKED_BYTES:
        raise PlanError(f"The artifact {artifact.name!r} is larger than {MOST_PACKED_BYTES // 1024**2} MiB.")
    path = f"/repos/{repository}/actions/artifacts/{artifact.id}/zip"
    return plans_in(api.download(path, MOST_PACKED_BYTES), artifact.name, file)


def _read(opened: zipfile.ZipFile, name: str, wanted: str) -> Iterator[PlanBytes]:
    entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise PlanError(f"The artifact {name!r} holds more than {MOST_FILES} files, which are not all plans.")
    left = MOST_BYTES
    for entry in entries:
        _refuse_other_files(entry, name, wanted)
        with opened.open(entry) as file:
            data = file.read(left + 1)
        left -= len(data)
        if left < 0:
            raise PlanError(f"The artifact {name!r} unpacks to more than {MOST_BYTES // 1024**2} MiB.")
        yield PlanBytes(entry.filename, data)


def _refuse_other_files(entry: zipfile.ZipInfo, name: str, wanted: str) -> None:
    path = PurePosixPath(entry.filename)
    plain = not path.is_absolute() and ".." not in path.parts and "\\" not in entry.filename
    plain = plain and entry.filename.isprintable()
    # The upper half of a Unix archive's attributes is the file's mode: a link is no plan.
    kind = entry.external_attr >> 16 & 0o170000
    regular = kind in (0, 0o100000) and entry.compress_type in _PACKED
    if not plain or path.name != wanted or not regular:
        raise PlanError(
            f"The artifact {name!r} holds something else than files named {wanted}, so it is not the job's work "
            "alone; upload nothing but them."
        )
