"""What an expression of the configuration refers to.

Plan JSON lists, for each expression, the references in it and every prefix of each (``aws_vpc.main.id`` and
``aws_vpc.main``); the longest one is the edge. A dynamic index vanishes: ``aws_subnet.a[each.key].id`` is listed as
``aws_subnet.a`` beside ``each.key``; only literal keys stay.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scopegate.plan.address import InstanceKey, Mode, Scanner


@dataclass(frozen=True, slots=True)
class ResourceReference:
    """``aws_vpc.main[0].id``: a resource block of the same module."""

    mode: Mode
    type: str
    name: str
    key: InstanceKey
    attribute: str


@dataclass(frozen=True, slots=True)
class ModuleReference:
    """``module.net["a"].vpc_id``: an output of a child module; an empty output means the whole module."""

    name: str
    key: InstanceKey
    output: str
    attribute: str


@dataclass(frozen=True, slots=True)
class VariableReference:
    """``var.network.vpc_id``: an input of the own module."""

    name: str
    attribute: str


@dataclass(frozen=True, slots=True)
class LocalReference:
    """``local.name.attribute``; plan JSON does not hold what it stands for."""

    name: str
    attribute: str


@dataclass(frozen=True, slots=True)
class OtherReference:
    """``each.key``, ``count.index``, ``path.module``, ``terraform.workspace``, ``self``: nothing in the graph."""

    text: str


Reference = ResourceReference | ModuleReference | VariableReference | LocalReference | OtherReference

_STEP = re.compile(r"[.\[]")
_OTHER_ROOTS = frozenset({"each", "count", "path", "terraform", "self", "provider", "action"})


def longest(references: Iterable[str]) -> tuple[str, ...]:
    """Return the references that are not a prefix of another one, sorted and without repeats. Linear in their length."""
    texts = set(references)
    prefixes = {text[: match.start()] for text in texts for match in _STEP.finditer(text)}
    return tuple(sorted(texts - prefixes))


def parse_reference(text: str) -> Reference:
    """Return what ``text`` refers to; what is not a reference of the grammar becomes an ``OtherReference``."""
    scanner = Scanner(text)
    root = scanner.identifier()
    name = scanner.identifier() if scanner.take(".") else None
    if root is None or name is None or root in _OTHER_ROOTS:
        return OtherReference(text)
    if root == "var":
        return VariableReference(name, _tail(scanner))
    if root == "local":
        return LocalReference(name, _tail(scanner))
    if root == "module":
        key = scanner.key()
        output = scanner.identifier() if scanner.take(".") else None
        return ModuleReference(name, key, output or "", _tail(scanner))
    if root in (Mode.DATA, Mode.EPHEMERAL):
        block = scanner.identifier() if scanner.take(".") else None
        if block is None:
            return OtherReference(text)
        return ResourceReference(Mode(root), name, block, scanner.key(), _tail(scanner))
    return ResourceReference(Mode.MANAGED, root, name, scanner.key(), _tail(scanner))


def _tail(scanner: Scanner) -> str:
    return scanner.rest.removeprefix(".")
