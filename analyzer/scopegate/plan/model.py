"""A plan as scopegate sees it: resource instances, the configuration they come from, and what else was planned.

Attribute values stay undecoded bytes (``msgspec.Raw``) until a step needs them: most of a plan is values that no
decision looks at.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec
from msgspec import Struct, field

from scopegate.errors import PlanError
from scopegate.plan.actions import Action
from scopegate.plan.address import InstanceKey, Mode, ModuleAddress, in_stack
from scopegate.plan.configuration import Configuration

NULL = msgspec.Raw(b"null")
"""An absent value section."""


class Instance(msgspec.Struct, frozen=True, gc=False):
    """One resource instance that the plan knows: planned, drifted away, or only in the prior state.

    ``(address, deposed)`` is its identity. ``before``, ``after``, ``after_unknown``, ``before_sensitive``,
    ``after_sensitive``, ``before_identity`` and ``after_identity`` are raw JSON; an instance known only from the prior
    state has action ``NO_OP`` (``READ`` for data) and its state values in both ``before`` and ``after``.
    ``prior_dependencies`` are the configuration addresses (no keys) that the state recorded at the last apply,
    transitively closed; None where the prior state does not know the instance. ``stack`` names the plan that it is of
    where several are judged as one change; it is empty otherwise.
    """

    address: str
    module: ModuleAddress
    mode: Mode
    type: str
    name: str
    key: InstanceKey
    action: Action
    provider_name: str = ""
    deposed: str | None = None
    previous_address: str | None = None
    action_reason: str | None = None
    importing: bool = False
    before: msgspec.Raw = NULL
    after: msgspec.Raw = NULL
    after_unknown: msgspec.Raw = NULL
    before_sensitive: msgspec.Raw = NULL
    after_sensitive: msgspec.Raw = NULL
    before_identity: msgspec.Raw = NULL
    after_identity: msgspec.Raw = NULL
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    prior_dependencies: tuple[str, ...] | None = None
    only_in_prior_state: bool = False
    stack: str = ""

    @property
    def full_address(self) -> str:
        """The address with the stack that it is in: two plans may hold the same one."""
        return in_stack(self.stack, self.address)

    @property
    def is_direct(self) -> bool:
        """Whether the plan itself acts on this instance: a change, an import, a move or a forget."""
        return self.action.changes_something or self.importing or self.previous_address is not None

    @property
    def reads_state(self) -> bool:
        """Whether it reads the outputs of another stack from the state of that."""
        return self.type == "terraform_remote_state" and self.mode is Mode.DATA


class ActionInvocation(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A provider action that Terraform 1.14 and newer run beside the resource changes (start, stop, invoke, send).

    ``triggering_resource`` is the address of the instance whose ``event`` (``AfterCreate``) runs it, or for which the
    command line asked for it (``event`` is then empty); None for an action that stands alone.
    """

    address: str
    type: str
    name: str
    provider_name: str = ""
    config_values: msgspec.Raw = NULL
    triggering_resource: str | None = None
    event: str = ""
    config_sensitive: msgspec.Raw = NULL


class Drift(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A difference between the last state and the real object, found while planning."""

    address: str
    type: str
    action: Action
    before: msgspec.Raw = NULL
    after: msgspec.Raw = NULL
    before_sensitive: msgspec.Raw = NULL
    after_sensitive: msgspec.Raw = NULL


class OutputChange(Struct, frozen=True):
    """What is planned for an output of the root module; ``before``, ``after`` and ``after_unknown`` are raw JSON."""

    action: Action
    before: msgspec.Raw = NULL
    after: msgspec.Raw = NULL
    after_unknown: msgspec.Raw = NULL


class Plan(Struct, frozen=True, dict=True):
    """Everything a verdict may rest on.

    ``instances`` are in plan order: ``resource_changes`` as listed, then what only the prior state knows.
    ``variables`` maps a root variable to the value the plan was made with (may be secret: never printed).
    ``marked_outputs`` are the values of outputs, each with its sensitive section. ``marked`` are all values that are
    marked as sensitive, where the sections that mark them are kept no longer (see ``plan.kept``).
    ``notes`` are sentences about how the input was read that every report repeats.
    """

    path: str
    sha256: str
    format_version: str
    terraform_version: str
    instances: tuple[Instance, ...]
    configuration: Configuration
    variables: Mapping[str, object] = field(default_factory=dict)
    drift: tuple[Drift, ...] = ()
    output_changes: Mapping[str, OutputChange] = field(default_factory=dict)
    marked_outputs: tuple[tuple[msgspec.Raw, msgspec.Raw], ...] = ()
    action_invocations: tuple[ActionInvocation, ...] = ()
    notes: tuple[str, ...] = ()
    marked: frozenset[str] | None = None

    @cached_property
    def direct(self) -> Sequence[int]:
        """The positions of the instances that the plan itself acts on, which every step after the graph asks for."""
        return [position for position, instance in enumerate(self.instances) if instance.is_direct]


class Attributes(Struct, gc=False):
    """The attributes that most often say where and whose an object is, and those that others name it by."""

    region: object = None
    location: object = None
    zone: object = None
    availability_zone: object = None
    availability_zones: object = None
    arn: object = None
    id: object = None
    self_link: object = None
    project: object = None
    owner_id: object = None
    owner: object = None
    account_id: object = None
    registry_id: object = None
    name: object = None
    bucket: object = None
    resource_group_name: object = None


Sections = Mapping[int, Attributes]
"""Value sections that are decoded already, by twice the position of the instance, and one more for that after."""

NO_SECTIONS: Final[Sections] = {}


def attributes_type(names: Sequence[str], kind: object, missing: object, base: type[Struct] = Struct) -> type[Struct]:
    """Return a structure of the attributes ``names`` of a value section, in this order, each of a ``kind``.

    A decoder of it skips over all the others. ``missing`` stands for what is not there. Attributes may be named as no
    field can be, so the fields have names of their own. Those of ``base`` come first.
    """
    renamed = {f"attribute_{number}": name for number, name in enumerate(names)}
    fields = [(field, kind, missing) for field in renamed]
    return msgspec.defstruct("Attributes", fields, bases=(base,), rename=renamed, gc=False)


def decode_values(raw: msgspec.Raw) -> dict[str, object]:
    """Return the attributes of a value section; null, absent and non-object sections are empty.

    Raises:
        PlanError: a value of an unchanged resource cannot be read; those of changed ones were tried when the plan was.
    """
    value = decode_value(raw)
    return value if isinstance(value, dict) else {}


def decode_value(raw: msgspec.Raw | bytes) -> object:
    """Return a value of a plan.

    Raises:
        PlanError: as ``decode_values``.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PlanError(
            f"An attribute value in the plan cannot be read ({error}), and Terraform writes none like it; "
            "make the plan JSON again with `terraform show -json`."
        ) from None
