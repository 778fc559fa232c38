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

from scopegate.pattern import Pattern
from scopegate.plan.configuration import ABSENT, Expression, Module
from scopegate.plan.contained import texts_in
from scopegate.plan.model import Drift, Instance, Plan

Steps = tuple[str, ...]
"""The names of the attributes that lead to a part of a value."""

_SECRET: Final = ("password", "passwd", "passphrase", "secret", "token", "credential", "_key", "apikey")
"""What is in the names of arguments of providers that are secret by their schema (``app_key``, ``client_key`` too).

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
        yield from texts_in(constant)


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
            yield from texts_in(value)
        elif isinstance(marks, dict) and isinstance(value, dict):
            waiting += [(value[key], mark) for key, mark in marks.items() if key in value]
        elif isinstance(marks, list) and isinstance(value, list):
            waiting += zip(value, marks, strict=False)


def _constants(plan: Plan) -> Iterator[object]:
    """Yield what the configuration and the variables hold of values that they mark, or that must be secret."""
    configuration = plan.configuration
    for module in configuration.modules.values():
        for name in module.sensitive:
            yield from _given(plan, module, name)
        for name in module.sensitive_outputs:
            yield from (expression.constant for expression in module.outputs[name])
    for provider in configuration.providers.values():
        yield from _secret(provider.expressions)


def _given(plan: Plan, module: Module, name: str) -> Iterator[object]:
    """Yield what is given to a variable, from one call to the next, up to the variables of the plan.

    A call that puts it together of several values gives each of them to whatever it likes, so those are left alone.
    """
    steps: Steps = ()
    while True:
        yield _at(module.defaults.get(name), steps)
        call = plan.configuration.call_of(module.path)
        if call is None:
            break
        passed = call.arguments.get(name, ())
        yield from (_at(expression.constant, steps) for expression in passed)
        read = [_VARIABLE.fullmatch(text) for expression in passed for text in expression.references]
        if len(read) != 1 or read[0] is None:
            return
        module = plan.configuration.modules[module.path[:-1]]
        name, steps = read[0][1], (*read[0][2].split(".")[1:], *steps)
    if not module.path:
        yield _at(plan.variables.get(name), steps)


_VARIABLE: Final = Pattern(r"var\.([\w-]+)((?:\.[\w-]+)*)")


def _at(value: object, steps: Steps) -> object:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _secret(expressions: tuple[Expression, ...]) -> Iterator[object]:
    for expression in expressions:
        if expression.constant is not ABSENT and any(word in expression.path[-1] for word in _SECRET):
            yield expression.constant
