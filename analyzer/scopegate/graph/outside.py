"""The other stacks whose state a plan reads: what it depends on that it does not hold."""

from msgspec import Struct

from scopegate.plan.address import Mode
from scopegate.plan.model import Instance, Plan, decode_values

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


class OutsideStack(Struct, frozen=True):
    """A state that a ``terraform_remote_state`` data source reads.

    ``instance`` is its position in ``Plan.instances``; ``name`` says where the state is
    (``s3: bucket company-states, key network/prod.tfstate``), as far as the plan knows.
    """

    instance: int
    name: str


def outside_stacks(plan: Plan) -> tuple[OutsideStack, ...]:
    """Return the stacks whose outputs the plan reads, in plan order."""
    return tuple(
        OutsideStack(position, _name(instance))
        for position, instance in enumerate(plan.instances)
        if instance.mode is Mode.DATA and instance.type == "terraform_remote_state"
    )


def _name(instance: Instance) -> str:
    values = {**decode_values(instance.before), **decode_values(instance.after)}
    backend = values.get("backend")
    config = values.get("config")
    settings = config if isinstance(config, dict) else {}
    workspaces = settings.get("workspaces")
    known = {**(workspaces if isinstance(workspaces, dict) else {}), **settings, "workspace": values.get("workspace")}
    located = [f"{key} {known[key]}" for key in (*_LOCATING, "workspace") if isinstance(known.get(key), str)]
    return ": ".join(filter(None, [backend if isinstance(backend, str) else "", ", ".join(located)]))
