"""What an expression of the configuration comes to, as far as plan JSON tells.

Plan JSON lists for each expression its constant or the names in it, never the functions around them. So a value is
followed only where an expression names exactly one thing: a variable (through the module calls up to the root, where
the plan keeps the value used, or to its default), an output of a module, an attribute of a resource or data source.
A function around that one name can be seen in the files of the configuration alone (``written``); whoever uses the
value checks that it looks like what it should be.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from scopegate.place.placement import Cause
from scopegate.place.written import Written
from scopegate.plan.address import ConfigAddress, ModulePath, Scanner, module_path
from scopegate.plan.configuration import ABSENT, Expression
from scopegate.plan.model import Instance, Plan, decode_values
from scopegate.plan.reference import (
    LocalReference,
    ModuleReference,
    ResourceReference,
    VariableReference,
    parse_reference,
)
from scopegate.source.model import Sources

_OUTPUT_VALUE: Final = ("value",)
_LONGEST_TRAIL: Final = 32
"""Modules nest four deep in real plans; a longer trail is a loop somebody wrote by hand."""


class Found(Struct, frozen=True):
    """A value, and the names it came through, first to last (``("var.region",)``); a constant has no trail."""

    value: object
    trail: tuple[str, ...] = ()


class Missing(Struct, frozen=True):
    """Why an expression cannot be followed, as the end of a sentence that names the expression.

    ``origin`` is the attribute of a resource that it leads to, and whose value the plan does not hold.
    """

    reason: str
    cause: Cause = Cause.COMPUTED
    origin: tuple[ConfigAddress, str] | None = None


class ConfigurationValues:
    """Follows the expressions of one plan's configuration; every name is followed once."""

    def __init__(self, plan: Plan, sources: Sources | None = None) -> None:
        self._plan = plan
        self._written = Written(sources)
        self._memo: dict[tuple[ModulePath, str], Found | Missing] = {}
        self._instances: dict[ConfigAddress, list[Instance]] | None = None

    def of(self, expression: Expression, module: ModulePath, block: str) -> Found | Missing:
        """Return what ``expression``, which stands in ``block`` of ``module`` (``provider.aws``), comes to."""
        return self._of(expression, module, 0, block)

    def _of(self, expression: Expression, module: ModulePath, hops: int, block: str) -> Found | Missing:
        if expression.constant is not ABSENT:
            return Found(expression.constant)
        if not expression.references:
            return Missing("is computed by a function")
        if len(expression.references) > 1:
            return Missing(f"is computed from {', '.join(expression.references)}")
        if hops >= _LONGEST_TRAIL:
            return Missing("refers to itself")
        if self._written.is_computed(module, block, expression.path or _OUTPUT_VALUE):
            return Missing(f"is computed from {expression.references[0]}")
        reference = expression.references[0]
        key = (module, reference)
        if key not in self._memo:
            self._memo[key] = _through(reference, self._follow(reference, module, hops + 1))
        return self._memo[key]

    def _follow(self, reference: str, module: ModulePath, hops: int) -> Found | Missing:
        match parse_reference(reference):
            case VariableReference(name, attribute):
                return _select(self._variable(name, module, hops), attribute, reference)
            case ModuleReference(name, _, output, attribute):
                return _select(self._output(name, output, module, reference, hops), attribute, reference)
            case ResourceReference() as resource:
                return self._resource(resource, module, reference)
            case LocalReference(name, _):
                return Missing(f"is local.{name}, which plan JSON does not hold")
            case _:
                return Missing(f"is {reference}, which differs from instance to instance")

    def _variable(self, name: str, module: ModulePath, hops: int) -> Found | Missing:
        if not module and name in self._plan.variables:
            return Found(self._plan.variables[name])
        call = self._plan.configuration.call_of(module)
        passed = call.arguments.get(name, ()) if call else ()
        if len(passed) == 1 and passed[0].path == (name,):
            return self._of(passed[0], module[:-1], hops, f"module.{module[-1]}")
        if passed:
            return Missing(f"is var.{name}, which the module call puts together")
        own = self._plan.configuration.modules.get(module)
        default = own.defaults.get(name, ABSENT) if own else ABSENT
        return Missing(f"is var.{name}, whose value the plan does not hold") if default is ABSENT else Found(default)

    def _output(self, call: str, output: str, module: ModulePath, text: str, hops: int) -> Found | Missing:
        child = self._plan.configuration.modules.get((*module, call))
        expressions = child.outputs.get(output, ()) if child else ()
        if child is None or len(expressions) != 1 or expressions[0].path:
            return Missing(f"is {text}, which the module puts together")
        return self._of(expressions[0], child.path, hops, f"output.{output}")

    def _resource(self, reference: ResourceReference, module: ModulePath, text: str) -> Found | Missing:
        address = ConfigAddress(module, reference.mode, reference.type, reference.name)
        found = [_read(instance, reference.attribute) for instance in self._by_address.get(address, ())]
        if not found or found[0] is None or any(value != found[0] for value in found):
            origin = (address, reference.attribute.removeprefix(".")) if found else None
            return Missing(f"is {text}, which the plan does not hold", Cause.AFTER_APPLY, origin)
        return Found(found[0])

    @property
    def _by_address(self) -> Mapping[ConfigAddress, list[Instance]]:
        if self._instances is None:
            self._instances = {}
            for instance in self._plan.instances:
                path = module_path(instance.module)
                address = ConfigAddress(path, instance.mode, instance.type, instance.name)
                self._instances.setdefault(address, []).append(instance)
        return self._instances


def _through(reference: str, found: Found | Missing) -> Found | Missing:
    return Found(found.value, (reference, *found.trail)) if isinstance(found, Found) else found


def _select(found: Found | Missing, attribute: str, reference: str) -> Found | Missing:
    if isinstance(found, Missing) or not attribute:
        return found
    value = _walk(found.value, attribute)
    return Missing(f"is {reference}, which is not in its value") if value is ABSENT else Found(value, found.trail)


def _read(instance: Instance, attribute: str) -> object:
    """Return the planned value of an attribute; None where it is null, unknown or sensitive."""
    value = _walk(decode_values(instance.after), attribute)
    marks = msgspec.json.decode(instance.after_sensitive)
    if value is ABSENT or marks is True or _walk(marks, attribute) is True:
        return None
    return value


def _walk(value: object, attribute: str) -> object:
    """Return what ``.name``, ``[0]`` and ``["key"]`` steps lead to, ABSENT where they lead nowhere."""
    scanner = Scanner(attribute)
    while not scanner.at_end():
        scanner.take(".")
        key = scanner.key()
        step = scanner.identifier() if key is None else key
        named = isinstance(step, str) and isinstance(value, Mapping) and step in value
        numbered = isinstance(step, int) and isinstance(value, list) and step < len(value)
        if not (named or numbered):
            return ABSENT
        value = value[step]  # type: ignore[index]  # one of the two holds
    return value
