"""From the bytes of one plan document to a ``Plan``: one typed decode, nothing kept that no step reads.

Cost: linear in the bytes; attribute values are skipped over, not built.
"""

import hashlib
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Raw, Struct

from scopegate.errors import PlanError
from scopegate.plan.actions import Action, action_of
from scopegate.plan.address import (
    ConfigAddress,
    Mode,
    ModuleAddress,
    ModulePath,
    parse_module_address,
)
from scopegate.plan.configuration import (
    ABSENT,
    Block,
    Configuration,
    Expression,
    Module,
    ModuleCall,
    ProviderConfig,
)
from scopegate.plan.model import NULL, ActionInvocation, Drift, Instance, Plan
from scopegate.plan.reference import longest


class _Change(Struct, gc=False):
    actions: list[str]
    before: Raw = NULL
    after: Raw = NULL
    after_unknown: Raw = NULL
    before_sensitive: Raw = NULL
    after_sensitive: Raw = NULL
    before_identity: Raw = NULL
    after_identity: Raw = NULL
    replace_paths: list[list[str | int]] = []
    importing: dict[str, object] | None = None


class _ResourceChange(Struct, gc=False):
    address: str
    type: str
    name: str
    change: _Change
    mode: str = "managed"
    module_address: str = ""
    index: int | str | None = None
    provider_name: str = ""
    deposed: str | None = None
    previous_address: str | None = None
    action_reason: str | None = None


class _OutputChange(Struct, gc=False):
    actions: list[str]


class _StateResource(Struct, gc=False):
    address: str
    type: str
    name: str
    mode: str = "managed"
    index: int | str | None = None
    provider_name: str = ""
    values: Raw = NULL
    depends_on: list[str] = []
    deposed_key: str | None = None


class _StateModule(Struct, gc=False):
    address: str = ""
    resources: list[_StateResource] = []
    child_modules: list["_StateModule"] = []


class _StateValues(Struct, gc=False):
    root_module: _StateModule | None = None


class _State(Struct, gc=False):
    values: _StateValues | None = None


class _Provisioner(Struct, gc=False):
    type: str = ""


class _ConfigResource(Struct, gc=False):
    type: str
    name: str
    mode: str = "managed"
    provider_config_key: str = ""
    expressions: dict[str, object] = {}
    count_expression: object = None
    for_each_expression: object = None
    depends_on: list[str] = []
    provisioners: list[_Provisioner] = []


class _ConfigOutput(Struct, gc=False):
    expression: object = None
    depends_on: list[str] = []


class _ConfigVariable(Struct, gc=False):
    default: object = ABSENT


class _ConfigCall(Struct, gc=False):
    source: object = ""
    expressions: dict[str, object] = {}
    count_expression: object = None
    for_each_expression: object = None
    depends_on: list[str] = []
    version_constraint: str | None = None
    module: "_ConfigModule | None" = None


class _ConfigModule(Struct, gc=False):
    resources: list[_ConfigResource] = []
    module_calls: dict[str, _ConfigCall] = {}
    outputs: dict[str, _ConfigOutput] = {}
    variables: dict[str, _ConfigVariable] = {}


class _ConfigProvider(Struct, gc=False):
    name: str = ""
    full_name: str = ""
    alias: str | None = None
    module_address: str = ""
    version_constraint: str | None = None
    expressions: dict[str, object] = {}


class _Config(Struct, gc=False):
    root_module: _ConfigModule | None = None
    provider_config: dict[str, _ConfigProvider] = {}


class _Variable(Struct, gc=False):
    value: object = None


class _Invocation(Struct, gc=False):
    address: str
    type: str
    name: str = ""
    provider_name: str = ""
    config_values: Raw = NULL
    lifecycle_action_trigger: dict[str, object] | None = None


class _Document(Struct, gc=False):
    format_version: str = ""
    terraform_version: str = ""
    resource_changes: list[_ResourceChange] = []
    resource_drift: list[_ResourceChange] = []
    output_changes: dict[str, _OutputChange] = {}
    prior_state: _State | None = None
    configuration: _Config | None = None
    variables: dict[str, _Variable] = {}
    action_invocations: list[_Invocation] = []


_DECODER = msgspec.json.Decoder(_Document)


def decode_plan(text: bytes, path: str, digest_of: bytes | None = None) -> Plan:
    """Return the plan that the JSON document ``text`` holds.

    ``digest_of`` are the raw bytes as they came in, when ``text`` is cut or re-encoded from them.

    Raises:
        PlanError: the document is not a plan, or not one a verdict can rest on.
    """
    try:
        document = _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PlanError(f"{path} is not a plan scopegate can read ({error}).") from error
    return Plan(
        path=path,
        sha256=hashlib.sha256(text if digest_of is None else digest_of).hexdigest(),
        format_version=document.format_version,
        terraform_version=document.terraform_version,
        instances=tuple(_instances(document, path)),
        configuration=_configuration(document.configuration),
        variables={name: variable.value for name, variable in document.variables.items()},
        drift=tuple(_drift(document, path)),
        output_changes={
            name: _action(change.actions, f"output {name}", path) for name, change in document.output_changes.items()
        },
        action_invocations=tuple(_invocation(item) for item in document.action_invocations),
    )


def _instances(document: _Document, path: str) -> Iterator[Instance]:
    prior = {
        (resource.address, resource.deposed_key): (module, resource) for module, resource in _state_resources(document)
    }
    modules: dict[str, ModuleAddress] = {}
    for item in document.resource_changes:
        module = modules.get(item.module_address)
        if module is None:
            module = modules[item.module_address] = parse_module_address(item.module_address)
        _, state = prior.pop((item.address, item.deposed), ("", None))
        if state is None and item.previous_address is not None:
            _, state = prior.pop((item.previous_address, item.deposed), ("", None))
        change = item.change
        yield Instance(
            address=item.address,
            module=module,
            mode=Mode(item.mode),
            type=item.type,
            name=item.name,
            key=item.index,
            action=_action(change.actions, item.address, path),
            provider_name=item.provider_name,
            deposed=item.deposed,
            previous_address=item.previous_address if item.previous_address != item.address else None,
            action_reason=item.action_reason,
            importing=change.importing is not None,
            before=change.before,
            after=change.after,
            after_unknown=change.after_unknown,
            before_sensitive=change.before_sensitive,
            after_sensitive=change.after_sensitive,
            before_identity=change.before_identity,
            after_identity=change.after_identity,
            replace_paths=tuple(tuple(steps) for steps in change.replace_paths),
            prior_dependencies=tuple(state.depends_on) if state else None,
        )
    for module_text, state in prior.values():
        module = modules.get(module_text)
        if module is None:
            module = modules[module_text] = parse_module_address(module_text)
        mode = Mode(state.mode)
        yield Instance(
            address=state.address,
            module=module,
            mode=mode,
            type=state.type,
            name=state.name,
            key=state.index,
            action=Action.READ if mode is Mode.DATA else Action.NO_OP,
            provider_name=state.provider_name,
            deposed=state.deposed_key,
            before=state.values,
            after=state.values,
            prior_dependencies=tuple(state.depends_on),
            only_in_prior_state=True,
        )


def _state_resources(document: _Document) -> Iterator[tuple[str, _StateResource]]:
    root = document.prior_state and document.prior_state.values and document.prior_state.values.root_module
    waiting = [root] if root else []
    while waiting:
        module = waiting.pop()
        for resource in module.resources:
            yield module.address, resource
        waiting.extend(reversed(module.child_modules))


def _drift(document: _Document, path: str) -> Iterator[Drift]:
    for item in document.resource_drift:
        yield Drift(
            address=item.address,
            type=item.type,
            action=_action(item.change.actions, item.address, path),
            before=item.change.before,
            after=item.change.after,
        )


def _invocation(item: _Invocation) -> ActionInvocation:
    trigger = item.lifecycle_action_trigger or {}
    resource = trigger.get("triggering_resource_address")
    return ActionInvocation(
        address=item.address,
        type=item.type,
        name=item.name,
        provider_name=item.provider_name,
        config_values=item.config_values,
        triggering_resource=resource if isinstance(resource, str) else None,
    )


def _action(actions: list[str], address: str, path: str) -> Action:
    action = action_of(actions)
    if action is None:
        raise PlanError(
            f"{path} plans {actions!r} for {address!r}, which no Terraform or OpenTofu version known here writes, so what "
            "it would do cannot be told; update scopegate, or make the plan JSON again with `terraform show -json`."
        )
    return action


def _configuration(config: _Config | None) -> Configuration:
    if config is None or config.root_module is None:
        return Configuration({(): Module(())}, {}, {}, present=False)
    modules: dict[ModulePath, Module] = {}
    waiting: list[tuple[ModulePath, _ConfigModule]] = [((), config.root_module)]
    while waiting:
        module_path, source = waiting.pop()
        modules[module_path] = _module(module_path, source)
        waiting.extend(((*module_path, name), call.module) for name, call in source.module_calls.items() if call.module)
    return Configuration(
        modules=modules,
        blocks={block.address: block for module in modules.values() for block in module.blocks},
        providers={key: _provider(key, provider) for key, provider in config.provider_config.items()},
    )


def _module(path: ModulePath, source: _ConfigModule) -> Module:
    return Module(
        path=path,
        blocks=tuple(_block(path, resource) for resource in source.resources),
        calls={name: _call(call) for name, call in source.module_calls.items()},
        outputs={name: tuple(walk_expression(output.expression, ())) for name, output in source.outputs.items()},
        defaults={name: variable.default for name, variable in source.variables.items()},
        output_depends_on={name: tuple(output.depends_on) for name, output in source.outputs.items()},
    )


def _block(module: ModulePath, resource: _ConfigResource) -> Block:
    return Block(
        address=ConfigAddress(module, Mode(resource.mode), resource.type, resource.name),
        provider_config_key=resource.provider_config_key,
        expressions=tuple(_arguments(resource.expressions)),
        repetition=_repetition(resource.count_expression, resource.for_each_expression),
        depends_on=tuple(resource.depends_on),
        provisioners=tuple(provisioner.type for provisioner in resource.provisioners),
    )


def _call(call: _ConfigCall) -> ModuleCall:
    return ModuleCall(
        source=call.source if isinstance(call.source, str) else "",
        arguments={name: tuple(walk_expression(value, (name,))) for name, value in call.expressions.items()},
        repetition=_repetition(call.count_expression, call.for_each_expression),
        depends_on=tuple(call.depends_on),
        version=call.version_constraint,
    )


def _repetition(count: object, for_each: object) -> Expression | None:
    for name, value in (("count", count), ("for_each", for_each)):
        for expression in walk_expression(value, (name,)):
            return expression
    return None


def _provider(key: str, provider: _ConfigProvider) -> ProviderConfig:
    module = parse_module_address(provider.module_address)
    return ProviderConfig(
        key=key,
        name=provider.name,
        full_name=provider.full_name,
        alias=provider.alias,
        module=tuple(step.name for step in module),
        expressions=tuple(_arguments(provider.expressions)),
        version_constraint=provider.version_constraint,
    )


def _arguments(expressions: Mapping[str, object]) -> Iterator[Expression]:
    for name, value in expressions.items():
        yield from walk_expression(value, (name,))


def walk_expression(value: object, path: tuple[str, ...]) -> Iterator[Expression]:
    """Yield the expressions in ``value``, nested blocks included; list indexes are left out of the paths.

    A nested block is an object, or a list of objects, of named expressions; an expression is an object with
    ``constant_value`` or ``references``, or the empty object for one that has neither, such as a call of ``timestamp()``.
    """
    if isinstance(value, list):
        for item in value:
            yield from walk_expression(item, path)
    elif isinstance(value, dict):
        if value.keys() <= {"constant_value", "references"}:
            references = value.get("references")
            yield Expression(
                path=path,
                constant=value.get("constant_value", ABSENT),
                references=longest(references) if isinstance(references, list) else (),
            )
        else:
            for name, item in value.items():
                yield from walk_expression(item, (*path, name))
