"""From the ``configuration`` section to ``Configuration``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from scopegate.plan.address import ConfigAddress, Mode, ModulePath, module_path, parse_module_address
from scopegate.plan.configuration import (
    ABSENT,
    Block,
    Configuration,
    Expression,
    Module,
    ModuleCall,
    ProviderConfig,
)
from scopegate.plan.reference import by_own_key, longest
from scopegate.plan.unambiguous import MAX_NESTING, check_nesting
from scopegate.plan.wire import Config, ConfigCall, ConfigModule, ConfigProvider, ConfigResource

_MODES = {mode.value: mode for mode in Mode}


NO_CONFIGURATION: Final = Configuration({(): Module(())}, {}, {}, present=False)
"""The configuration of a plan that came without one."""


def decode_configuration(config: Config) -> Configuration:
    """Return the configuration that a plan was made from.

    Raises:
        RecursionError: an expression is nested absurdly.
        PlanError: a provider configuration does not name its module.
    """
    if config.root_module is None:
        return NO_CONFIGURATION
    modules: dict[ModulePath, Module] = {}
    contents = _Contents()
    waiting: list[tuple[ModulePath, ConfigModule]] = [((), config.root_module)]
    while waiting:
        path, source = waiting.pop()
        modules[path] = contents.at(path, source)
        waiting.extend(((*path, name), call.module) for name, call in _calls(source).items() if call.module)
    return Configuration(
        modules=modules,
        blocks={block.address: block for module in modules.values() for block in module.blocks},
        providers={key: _provider(key, provider) for key, provider in (config.provider_config or {}).items()},
    )


def lists_module_calls(config: Config) -> bool:
    """Whether a module's calls come as a list, as in some hand-made test data: then nothing names them."""
    waiting = [config.root_module] if config.root_module else []
    for module in waiting:
        if isinstance(module.module_calls, list) and module.module_calls:
            return True
        waiting.extend(call.module for call in _calls(module).values() if call.module)
    return False


def _calls(source: ConfigModule) -> Mapping[str, ConfigCall]:
    return source.module_calls if isinstance(source.module_calls, dict) else {}


class _Contents:
    """Makes modules; what does not depend on where a module is called is made once for each different one."""

    def __init__(self) -> None:
        self._made: dict[int, Module] = {}

    def at(self, path: ModulePath, source: ConfigModule) -> Module:
        """Return the module of the content ``source`` under the call names ``path``."""
        made = self._made.get(id(source))  # the configuration keeps its modules alive
        if made is None:
            made = self._made[id(source)] = _module(path, source)
        return made if made.path == path else replace(made, path=path, blocks=tuple(_moved(made.blocks, path)))


def _module(path: ModulePath, source: ConfigModule) -> Module:
    outputs = source.outputs or {}
    return Module(
        path=path,
        blocks=tuple(_blocks(path, source.resources or ())),
        calls={name: _call(call) for name, call in _calls(source).items()},
        outputs={name: _expressions(output.expression) for name, output in outputs.items()},
        defaults={
            name: variable.default if variable else ABSENT for name, variable in (source.variables or {}).items()
        },
        sensitive=frozenset(
            name for name, variable in (source.variables or {}).items() if variable and variable.sensitive
        ),
        sensitive_outputs=frozenset(name for name, output in outputs.items() if output.sensitive),
        output_depends_on={name: tuple(output.depends_on or ()) for name, output in outputs.items()},
    )


def _moved(blocks: Iterable[Block], module: ModulePath) -> Iterator[Block]:
    for block in blocks:
        address = block.address
        yield replace(block, address=ConfigAddress(module, address.mode, address.type, address.name))


def _blocks(module: ModulePath, resources: Sequence[ConfigResource]) -> Iterator[Block]:
    for resource in resources:
        # A mode that is no resource's (list blocks of queries) makes no instance that a plan could change.
        mode = _MODES.get(resource.mode or "managed")
        if mode is not None:
            yield Block(
                address=ConfigAddress(module, mode, resource.type, resource.name),
                provider_config_key=resource.provider_config_key,
                expressions=tuple(_arguments(resource.expressions)),
                repetition=_repetition(resource.count_expression, resource.for_each_expression),
                depends_on=tuple(resource.depends_on or ()),
                provisioners=tuple(provisioner.type for provisioner in resource.provisioners or ()),
                provisioner_expressions=tuple(_provisioner_expressions(resource)),
            )


def _provisioner_expressions(resource: ConfigResource) -> Iterator[Expression]:
    for provisioner in resource.provisioners or ():
        yield from _arguments(provisioner.expressions, "provisioner", provisioner.type)


def _call(call: ConfigCall) -> ModuleCall:
    return ModuleCall(
        source=_source(call.source),
        arguments={name: _expressions(value, name) for name, value in (call.expressions or {}).items()},
        repetition=_repetition(call.count_expression, call.for_each_expression),
        depends_on=tuple(call.depends_on or ()),
        version=call.version_constraint,
    )


def _source(source: object) -> str:
    if isinstance(source, dict):
        source = source.get("constant_value")
    return source if isinstance(source, str) else ""


def _repetition(count: object, for_each: object) -> Expression | None:
    found = _expressions(count, "count") or _expressions(for_each, "for_each")
    return found[0] if found else None


def _provider(key: str, provider: ConfigProvider) -> ProviderConfig:
    return ProviderConfig(
        key=key,
        name=provider.name,
        full_name=provider.full_name,
        alias=provider.alias,
        module=module_path(parse_module_address(provider.module_address)),
        expressions=tuple(_arguments(provider.expressions)),
        version_constraint=provider.version_constraint,
    )


def _arguments(expressions: Mapping[str, object] | None, *prefix: str) -> list[Expression]:
    found: list[Expression] = []
    for name, value in (expressions or {}).items():
        _collect(value, (*prefix, name), found, 0)
    return found


def _expressions(value: object, *path: str) -> tuple[Expression, ...]:
    found: list[Expression] = []
    _collect(value, path, found, 0)
    return tuple(found)


def _collect(value: object, path: tuple[str, ...], found: list[Expression], depth: int) -> None:
    """Append the expressions in ``value``, nested blocks included; list indexes are left out of the paths.

    A nested block is an object, or a list of objects, of named expressions; an expression is an object with
    ``constant_value`` or ``references``, or the empty object for one that has neither, such as a call of
    ``timestamp()``.
    """
    if depth > MAX_NESTING:
        raise RecursionError
    if isinstance(value, list):
        for item in value:
            _collect(item, path, found, depth + 1)
    elif isinstance(value, dict):
        if value.keys() <= _EXPRESSION_KEYS:
            found.append(_expression(value, path))
        else:
            for name, item in value.items():
                _collect(item, (*path, name), found, depth + 1)


_EXPRESSION_KEYS = frozenset({"constant_value", "references"})


def _expression(value: Mapping[str, object], path: tuple[str, ...]) -> Expression:
    constant = value.get("constant_value", ABSENT)
    if isinstance(constant, _CONTAINERS):
        check_nesting(constant)
    references = value.get("references")
    if not isinstance(references, list):
        return Expression(path, constant)
    return Expression(path, constant, *_references(tuple([text for text in references if isinstance(text, str)])))


_CONTAINERS: Final = (dict, list)


# The configuration of a module stands in the plan once for each call of it, word for word.
@lru_cache(maxsize=4096)
def _references(listed: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return longest(listed), by_own_key(listed)
