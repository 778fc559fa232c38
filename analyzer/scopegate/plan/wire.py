"""Plan JSON as it is written.

Source: internal/command/jsonplan, jsonstate and jsonconfig of hashicorp/terraform and opentofu/opentofu.

Only what a step reads is named. Everything that some version leaves out or writes as null has a default.
"""

from msgspec import UNSET, Raw, Struct, UnsetType

from scopegate.plan.configuration import ABSENT

NULL = Raw(b"null")


class Change(Struct, gc=False):
    """What is planned for one object."""

    actions: list[str] = []
    before: Raw = NULL
    after: Raw = NULL
    after_unknown: Raw = NULL
    before_sensitive: Raw = NULL
    after_sensitive: Raw = NULL
    before_identity: Raw = NULL
    after_identity: Raw = NULL
    replace_paths: list[list[str | int]] | None = None
    importing: dict[str, object] | None = None


class ResourceChange(Struct, gc=False):
    """An entry of ``resource_changes``."""

    address: str
    type: str
    name: str
    change: Raw | UnsetType = UNSET
    mode: str | None = None
    module_address: str | None = None
    index: int | str | None = None
    provider_name: str | None = None
    deposed: str | None = None
    previous_address: str | None = None
    action_reason: str | None = None


class DriftChange(Struct, gc=False):
    """What changed of one object outside Terraform."""

    actions: list[str]
    before: Raw = NULL
    after: Raw = NULL


class ResourceDrift(Struct, gc=False):
    """An entry of ``resource_drift``."""

    address: str
    type: str
    change: DriftChange


class OutputChange(Struct, gc=False):
    """A value of ``output_changes``."""

    actions: list[str] = []


class StateResource(Struct, gc=False):
    """A resource instance of ``prior_state``."""

    address: str
    type: str
    name: str
    mode: str | None = None
    index: int | str | None = None
    provider_name: str | None = None
    values: Raw = NULL
    depends_on: list[str] | None = None
    deposed_key: str | None = None


class PlannedResource(Struct, gc=False):
    """A resource instance of ``planned_values``, of which only the existence counts."""


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
    depends_on: list[str] | None = None


class ConfigVariable(Struct, gc=False):
    """A variable block."""

    default: object = ABSENT


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
