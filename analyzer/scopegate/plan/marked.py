"""The values that a plan marks as sensitive, collected from every place that can mark them.

Terraform marks a value where it stands, but not each copy of it: what a provider computes from it, what passed
through ``nonsensitive()``, and the keys of ``for_each`` come unmarked, and ``variables`` holds everything in clear.
The sections ``planned_values`` and ``prior_state.values.outputs`` repeat what the changes say (hashicorp/terraform,
internal/command/jsonplan/values.go), so they are not read again.
"""

from collections.abc import Iterator
from itertools import compress
from typing import Final

import msgspec

from scopegate.plan.configuration import ABSENT, Configuration, Expression, Module
from scopegate.plan.model import Drift, Instance, Plan

_SECRET: Final = (
    *("password", "passwd", "secret", "token", "credential"),
    *("private_key", "access_key", "api_key", "apikey"),
)
"""What is in the names of arguments of providers that are secret by their schema.

Plan JSON does not tell the schema, and marks no expressions.
"""


def marked_values(plan: Plan) -> Iterator[str]:
    """Yield every text and number that ``plan`` marks as sensitive, JSON in a text taken apart; some come twice."""
    if plan.marked is not None:
        yield from plan.marked
        return
    values, marks = _values_and_marks(plan)
    # Nearly all instances of a type share their marks: few are to be looked at.
    numbers = list(map(id, marks))
    different = dict(zip(numbers, marks, strict=True))
    marking = {number: bytes(mark) for number, mark in different.items() if b"true" in bytes(mark)}
    decoded = {text: _decoded(text) for text in set(marking.values())}
    pairs = compress(zip(values, numbers, strict=True), map(marking.__contains__, numbers))
    # What stays as it is stands there twice.
    for value, text in dict.fromkeys((bytes(value), marking[number]) for value, number in pairs):
        yield from _under(_decoded(value), decoded[text])
    for constant in _constants(plan):
        yield from _texts(constant)


def _values_and_marks(plan: Plan) -> tuple[list[msgspec.Raw], list[msgspec.Raw]]:
    """Return all sections of values that can be marked, and the marks of each."""
    both: tuple[Instance | Drift, ...] = (*plan.instances, *plan.drift)
    values = [item.before for item in both] + [item.after for item in both]
    marks = [item.before_sensitive for item in both] + [item.after_sensitive for item in both]
    ran = plan.action_invocations
    values += [value for value, _ in plan.marked_outputs] + [invocation.config_values for invocation in ran]
    marks += [marks for _, marks in plan.marked_outputs] + [invocation.config_sensitive for invocation in ran]
    return values, marks


def _decoded(raw: msgspec.Raw | bytes) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        # Values of changes were read in full when the plan was; of what stays as it is only the address is shown.
        return None


def _under(value: object, marks: object) -> Iterator[str]:
    """Yield the texts in ``value`` at and below every place where ``marks`` is true."""
    waiting = [(value, marks)]
    while waiting:
        value, marks = waiting.pop()
        if marks is True:
            yield from _texts(value)
        elif isinstance(marks, dict) and isinstance(value, dict):
            waiting += [(value[key], mark) for key, mark in marks.items() if key in value]
        elif isinstance(marks, list) and isinstance(value, list):
            waiting += zip(value, marks, strict=False)


def _texts(value: object) -> Iterator[str]:
    """Yield the texts and numbers in ``value``, keys of maps included, at any depth."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            yield value
            waiting.append(_json_in(value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield str(value)


def _json_in(text: str) -> object:
    return _decoded(msgspec.Raw(text.encode(errors="surrogatepass"))) if text.lstrip().startswith(("{", "[")) else None


def _constants(plan: Plan) -> Iterator[object]:
    configuration = plan.configuration
    for module in configuration.modules.values():
        yield from (value for name, value in module.defaults.items() if name in module.sensitive)
        yield from _passed_in(configuration, module)
    for provider in configuration.providers.values():
        yield from _secret(provider.expressions)
    root = configuration.modules.get(())
    yield from (value for name, value in plan.variables.items() if root and name in root.sensitive)


def _passed_in(configuration: Configuration, module: Module) -> Iterator[object]:
    call = configuration.call_of(module.path)
    if call is not None:
        for name in module.sensitive:
            yield from (expression.constant for expression in call.arguments.get(name, ()))


def _secret(expressions: tuple[Expression, ...]) -> Iterator[object]:
    for expression in expressions:
        if expression.constant is not ABSENT and any(word in expression.path[-1] for word in _SECRET):
            yield expression.constant
