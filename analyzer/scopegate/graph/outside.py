"""The other stacks whose state a plan reads, and which state is whose: what links the plans of several stacks.

A plan does not hold the name of its own state. It is what the caller says (``--backend``), or else the source files.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from scopegate.plan.model import Instance, Plan, decode_values
from scopegate.source.model import Sources

_LOCATING = (
    "bucket",
    "container_name",
    "storage_account_name",
    "organization",
    "hostname",
    "prefix",
    "path",
    "key",
    "name",
)
"""The settings of a backend that say where a state is; credentials and all else are left alone."""

_NEEDED: Final = None
_IDENTIFYING: Final[Mapping[str, Mapping[str, str | None]]] = {
    "azurerm": {"storage_account_name": _NEEDED, "container_name": _NEEDED, "key": _NEEDED},
    "consul": {"path": _NEEDED},
    "gcs": {"bucket": _NEEDED, "prefix": ""},
    "http": {"address": _NEEDED},
    "local": {"path": "terraform.tfstate"},
    "remote": {"hostname": "app.terraform.io", "organization": _NEEDED, "name": _NEEDED},
    "s3": {"bucket": _NEEDED, "key": _NEEDED},
}
"""What tells two states of one kind of backend apart, with the defaults, in the order of their names.

hashicorp/terraform internal/backend/local, remote and remote-state/*, ``backend.go``: their schemas. A ``cloud`` block
names what ``remote`` does.
"""

DEFAULT_WORKSPACE: Final = "default"


class State(Struct, frozen=True):
    """Where a state is kept (``s3://company-states/network.tfstate``), and of which workspace; None where not said."""

    name: str
    workspace: str | None


class OutsideStack(Struct, frozen=True):
    """A state that a ``terraform_remote_state`` data source reads.

    ``instance`` is its position in ``Plan.instances``; ``name`` says where the state is
    (``s3: bucket company-states, key network/prod.tfstate``), as far as the plan knows. ``state`` is None where it
    does not know enough to tell that one from others.
    """

    instance: int
    name: str
    state: State | None = None


def outside_stacks(plan: Plan, folder: str | None = None) -> tuple[OutsideStack, ...]:
    """Return the stacks whose outputs the plan reads, in plan order; ``folder`` is that of its root module."""
    return tuple(
        _outside(position, instance, folder) for position, instance in enumerate(plan.instances) if instance.reads_state
    )


def own_state(sources: Sources | None, backend: str | None, workspace: str | None, folder: str | None) -> State | None:
    """Return the state that a plan is of: the one that ``backend`` names, or else its source files; None if neither."""
    if backend is not None:
        return State(backend, workspace)
    if sources is None:
        return None
    kind = "remote" if sources.backend.kind == "cloud" else sources.backend.kind
    return _state(kind, sources.backend.settings, workspace, folder)


def readers(states: Iterable[State | None], read: Mapping[int, State | None]) -> Mapping[int, tuple[int, ...]]:
    """Return for each data source that reads a state the plans whose state that may be, by number.

    ``states`` are those of the plans. A plan of which nobody said the workspace may be of any.
    """
    by_name: dict[str, list[tuple[int, str | None]]] = {}
    for number, own in enumerate(states):
        if own is not None:
            by_name.setdefault(own.name, []).append((number, own.workspace))
    found = {
        reader: tuple(
            number
            for number, workspace in by_name.get(state.name, ())
            if workspace is None or workspace == (state.workspace or DEFAULT_WORKSPACE)
        )
        for reader, state in read.items()
        if state is not None
    }
    return {reader: plans for reader, plans in found.items() if plans}


def _outside(position: int, instance: Instance, folder: str | None) -> OutsideStack:
    values = {**decode_values(instance.before), **decode_values(instance.after)}
    backend, config, workspace = values.get("backend"), values.get("config"), values.get("workspace")
    settings = dict(_flat(config)) if isinstance(config, dict) else {}
    kind = backend if isinstance(backend, str) else ""
    of_workspace = workspace if isinstance(workspace, str) else None
    state = _state(kind, settings, of_workspace, folder) if kind else None
    return OutsideStack(position, _name(kind, settings, of_workspace), state)


def _flat(settings: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the settings that are texts, those of ``workspaces`` first."""
    workspaces = settings.get("workspaces")
    for one in workspaces if isinstance(workspaces, list) else [workspaces]:
        if isinstance(one, dict):
            yield from ((name, value) for name, value in one.items() if isinstance(value, str))
    yield from ((name, value) for name, value in settings.items() if isinstance(value, str))


def _name(kind: str, settings: Mapping[str, str], workspace: str | None) -> str:
    known = {**settings, **({"workspace": workspace} if workspace is not None else {})}
    located = [f"{key} {known[key]}" for key in (*_LOCATING, "workspace") if key in known]
    return ": ".join(filter(None, [kind, ", ".join(located)]))


def _state(kind: str, settings: Mapping[str, str], workspace: str | None, folder: str | None) -> State | None:
    identifying = _IDENTIFYING.get(kind)
    if identifying is None or (kind == "local" and folder is None):
        return None
    values = [settings.get(name, default) for name, default in identifying.items()]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if kind == "local":
        known = [posixpath.normpath(posixpath.join(folder or "", *known))]
    return State(f"{kind}://{'/'.join(filter(None, known))}", workspace)
