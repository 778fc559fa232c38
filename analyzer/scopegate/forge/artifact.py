"""Plans that a workflow run left behind: taken by run, workflow and head, capped, and only files named plan.json.

What the run's author says in names and in files is not believed: the head is the host's record of the run, and the
archive is read in memory, so that no path in it leads anywhere.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct

from scopegate.errors import PlanError
from scopegate.forge import wire
from scopegate.forge.model import Account
from scopegate.forge.people import NO_HANDS, Hands
from scopegate.forge.rest import Api, decoded

PLAN_FILE: Final = "plan.json"
SCOPES_FILE: Final = "scopes.json"
SCOPES: Final = "scopegate-scopes"
"""The artifact in which a run of the gate keeps the scopes behind what it published."""
PREFIX: Final = "scopegate-plan"
"""Artifacts of plans begin with this name."""
MOST_ARTIFACTS: Final = 50
MOST_FILES: Final = 100
MOST_PACKED_BYTES: Final = 64 * 1024**2
MOST_BYTES: Final = 256 * 1024**2
"""Of all plans of a run together, unpacked: some bytes of a hostile archive unpack to thousands."""

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


def newest_run(
    api: Api, repository: str, head: str, workflow: str, events: frozenset[str] = OF_A_CHANGE, hands: Hands = NO_HANDS
) -> int:
    """Return the newest run of ``workflow`` for ``head``: a review starts no new plan.

    Who starts a run by hand chooses its inputs, and so how narrow the plan is: those with a ``hands`` in the change
    cannot.

    Raises:
        PlanError: there is none.
    """
    path = f"/repos/{repository}/actions/runs"
    # Asked by event, or a hundred reviews would crowd the plan out of the list.
    found = [
        run
        for event in sorted(events)
        for run in api.read(path, wire.Runs, {"head_sha": head, "event": event, "per_page": 100}).workflow_runs
    ]
    runs = [run.id for run in found if run.path.partition("@")[0] == workflow and _counts(run, events, hands)]
    if not runs:
        raise PlanError(
            f"There is no run of {workflow} for the head {head[:12]}, so there is no plan to judge; the workflows of "
            "a pull request that GITHUB_TOKEN or a stranger opened wait for somebody's approval, and a run that is "
            "started by hand counts where the starter has no hand in the change."
        )
    return max(runs)


def _counts(run: wire.Run, events: frozenset[str], hands: Hands) -> bool:
    if run.event != BY_HAND:
        return run.event in events
    starter = run.triggering_actor
    return starter is not None and run.event in events and not hands.why(Account(starter.id, starter.login), None)


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
    chosen = [artifact for artifact in listed.artifacts if artifact.name.startswith(PREFIX)]
    if any(artifact.expired for artifact in chosen):
        raise PlanError(f"Plans of the run {run_id} have expired, so not all are there; let the plan job run again.")
    if listed.total_count > len(listed.artifacts) or len(chosen) > MOST_ARTIFACTS:
        raise PlanError(f"The run {run_id} left more artifacts than are read; plan in at most {MOST_ARTIFACTS} parts.")
    plans = tuple(plan for artifact in chosen for plan in _plans(api, repository, artifact))
    if sum(len(plan.data) for plan in plans) > MOST_BYTES:
        raise PlanError(f"The plans of the run {run_id} are larger than {MOST_BYTES // 1024**2} MiB together.")
    if not plans:
        raise PlanError(
            f"The run {run_id} left no plan, so there is nothing to agree to; let it upload artifacts named "
            f"{PREFIX}…, with a {PLAN_FILE} in each. From a fork without secrets, a maintainer has to run the plan."
        )
    return plans


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
    if not plain or path.name != wanted or kind not in (0, 0o100000):
        raise PlanError(
            f"The artifact {name!r} holds something else than files named {wanted}, so it is not the job's work "
            "alone; upload nothing but them."
        )
