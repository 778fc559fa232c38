"""Plan JSON as it is written.

Source: internal/command/jsonplan, jsonstate and jsonconfig of hashicorp/terraform and opentofu/opentofu. Everything
that some version leaves out or writes as null has a default. The structures marked ``omit_defaults`` name every field
there is, read or not, so that written again they are as long as they came (see ``unambiguous``).
"""

from typing import Final

from msgspec import UNSET, Raw, Struct, UnsetType

from scopegate.plan.configuration import ABSENT

NULL: Final = Raw(b"null")


class Change(Struct, gc=False, omit_defaults=True):
    """What is planned for one object, or for an output."""

    actions: tuple[str, ...] | None = None
    before: Raw = NULL
    after: Raw = NULL
    after_unknown: Raw = NULL
    before_sensitive: Raw = NULL
    after_sensitive: Raw = NULL
    replace_paths: list[list[str | int]] | None = None
    importing: Raw = NULL
    generated_config: Raw = NULL
    before_identity: Raw = NULL
    after_identity: Raw = NULL


class ResourceChange(Struct, gc=False, omit_defaults=True):
    """An entry of ``resource_changes``."""

    address: str
    type: str
    name: str
    change: Change | UnsetType = UNSET
    mode: str | None = None
    module_address: str | None = None
    index: int | str | None = None
    provider_name: str | None = None
    deposed: str | None = None
    previous_address: str | None = None
    action_reason: str | None = None


class StateResource(Struct, gc=False, omit_defaults=True):
    """A resource instance of ``prior_state``."""

    address: str
    type: str
    name: str
    mode: str | None = None
    index: int | str | None = None
    provider_name: str | None = None
    schema_version: Raw = NULL
    values: Raw = NULL
    sensitive_values: Raw = NULL
    depends_on: Raw = NULL
    tainted: Raw = NULL
    deposed_key: str | None = None
    identity: Raw = NULL
    identity_schema_version: Raw = NULL


class StateModule(Struct, gc=False, omit_defaults=True):
    """A module instance of ``prior_state``."""

    address: str | None = None
    resources: list[StateResource] | None = None
    child_modules: "list[StateModule] | None" = None


class StateValues(Struct, gc=False, omit_defaults=True):
    """``prior_state.values``."""

    outputs: Raw = NULL
    root_module: StateModule | None = None


class State(Struct, gc=False, omit_defaults=True):
    """``prior_state``."""

    format_version: Raw = NULL
    terraform_version: Raw = NULL
    values: StateValues | None = None
    checks: Raw = NULL


class Whole(Struct, gc=False):
    """A plan with the sections read that are made of resource instances, and every other known one undecoded.

    Without the two sections that every plan of Terraform has, it is none that is read in one go.
    """

    planned_values: Raw
    resource_changes: list[ResourceChange]
    prior_state: State | UnsetType = UNSET
    format_version: Raw | UnsetType = UNSET
    terraform_version: Raw | UnsetType = UNSET
    variables: Raw | UnsetType = UNSET
    resource_drift: Raw | UnsetType = UNSET
    deferred_changes: Raw | UnsetType = UNSET
    output_changes: Raw | UnsetType = UNSET
    action_invocations: Raw | UnsetType = UNSET
    deferred_action_invocations: Raw | UnsetType = UNSET
    configuration: Raw | UnsetType = UNSET
    relevant_attributes: Raw | UnsetType = UNSET
    checks: Raw | UnsetType = UNSET
    condition_results: Raw | UnsetType = UNSET
    timestamp: Raw | UnsetType = UNSET
    applyable: Raw | UnsetType = UNSET
    complete: Raw | UnsetType = UNSET
    errored: Raw | UnsetType = UNSET


class DriftChange(Struct, gc=False):
    """What changed of one object outside Terraform."""

    actions: tuple[str, ...]
    before: Raw = NULL
    after: Raw = NULL
    before_sensitive: Raw = NULL
    after_sensitive: Raw = NULL


class ResourceDrift(Struct, gc=False):
    """An entry of ``resource_drift``."""

    address: str
    type: str
    change: DriftChange


class PlannedResource(Struct, gc=False):
    """A resource instance of ``planned_values``, of which only the existence counts."""

    address: str = ""
    mode: str | None = None


class PlannedModule(Struct, gc=False):
    """A module instance of ``planned_values``."""

    resources: list[PlannedResource] | None = None
    child_modules: "list[PlannedModule] | None" = None


class PlannedValues(Struct, gc=False):
    """``planned_values``."""

    root_module: PlannedModule | None = None


class Provisioner(Struct, gc=False):
    """A provisioner of a resource block."""

    type: str = ""
    expressions: dict[str, object] | None = None


class ConfigResource(Struct, gc=False):
    """A resource block."""

    type: str
    name: str
    mode: str | None = None
    provider_config_key: str = ""
    expressions: dict[str, object] | None = None
    count_expression: object = None
    for_each_expression: object = None
    depends_on: list[str] | None = None
    provisioners: list[Provisioner] | None = None


class ConfigOutput(Struct, gc=False):
    """An output block."""

    expression: object = None
    sensitive: bool | None = None
    depends_on: list[str] | None = None


class ConfigVariable(Struct, gc=False):
    """A variable block."""

    default: object = ABSENT
    sensitive: bool | None = None


class ConfigCall(Struct, gc=False):
    """A module block. Terraform 0.12 wrote ``source`` as an expression for a while."""

    source: object = ""
    expressions: dict[str, object] | None = None
    count_expression: object = None
    for_each_expression: object = None
    depends_on: list[str] | None = None
    version_constraint: str | None = None
    module: "ConfigModule | None" = None


class ConfigModule(Struct, gc=False):
    """A module's content. ``module_calls`` as a list is old test data: nothing says which call an item is."""

    resources: list[ConfigResource] | None = None
    module_calls: dict[str, ConfigCall] | list[object] | None = None
    outputs: dict[str, ConfigOutput] | None = None
    variables: dict[str, ConfigVariable | None] | None = None


class ConfigProvider(Struct, gc=False):
    """A value of ``provider_config``."""

    name: str = ""
    full_name: str = ""
    alias: str | None = None
    module_address: str = ""
    version_constraint: str | None = None
    expressions: dict[str, object] | None = None


class Config(Struct, gc=False):
    """``configuration``."""

    root_module: ConfigModule | None = None
    provider_config: dict[str, ConfigProvider] | None = None


class Variable(Struct, gc=False):
    """A value of ``variables``."""

    value: object = None


class LifecycleTrigger(Struct, gc=False):
    """Why an action runs: an event of a resource."""

    triggering_resource_address: str = ""
    action_trigger_event: str = ""


class InvokeTrigger(Struct, gc=False):
    """Why an action runs: the command line asked for it (``-invoke``)."""

    calling_resource_address: str = ""


class Invocation(Struct, gc=False):
    """An entry of ``action_invocations``: internal/command/jsonplan/action_invocations.go, Terraform 1.14."""

    address: str
    type: str
    name: str = ""
    provider_name: str = ""
    config_values: Raw = NULL
    config_sensitive: Raw = NULL
    lifecycle_action_trigger: LifecycleTrigger | None = None
    invoke_action_trigger: InvokeTrigger | None = None
