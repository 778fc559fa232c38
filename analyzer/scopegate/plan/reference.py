"""What an expression of the configuration refers to.

Plan JSON lists the references of an expression in the order of the text, each followed by every prefix of it
(``aws_vpc.main.id``, ``aws_vpc.main``); the longest one is the edge. A computed index vanishes:
``aws_subnet.a[each.key].id`` is listed as ``aws_subnet.a`` and then ``each.key``; only literal keys stay
(hashicorp/terraform internal/command/jsonconfig/expression.go, ``marshalExpression``).
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from scopegate.plan.address import InstanceKey, Mode, Scanner, format_key


class ResourceReference(Struct, frozen=True):
    """``aws_vpc.main[0].id``: a resource block of the same module."""

    mode: Mode
    type: str
    name: str
    key: InstanceKey
    attribute: str


class ModuleReference(Struct, frozen=True):
    """``module.net["a"].vpc_id``: an output of a child module; an empty output means the whole module."""

    name: str
    key: InstanceKey
    output: str
    attribute: str


class VariableReference(Struct, frozen=True):
    """``var.network.vpc_id``: an input of the own module."""

    name: str
    attribute: str


class LocalReference(Struct, frozen=True):
    """``local.name.attribute``; plan JSON does not hold what it stands for."""

    name: str
    attribute: str


class OtherReference(Struct, frozen=True):
    """``each.key``, ``count.index``, ``path.module``, ``terraform.workspace``, ``self``: nothing in the graph."""

    text: str


Reference = ResourceReference | ModuleReference | VariableReference | LocalReference | OtherReference

_OTHER_ROOTS = frozenset({"each", "count", "path", "terraform", "self", "provider", "action"})


_OWN_KEYS = frozenset({"each.key", "each.value", "count.index"})


def longest(listed: Sequence[str]) -> tuple[str, ...]:
    """Return the references of an expression without the prefixes listed after each, sorted and without repeats.

    ``aws_subnet.a`` stays beside ``aws_subnet.a["x"].id`` where it was written too: a computed key may mean others.
    """
    return tuple(sorted(set(_written(listed))))


def by_own_key(listed: Sequence[str]) -> tuple[str, ...]:
    """Return the references that are always followed by the block's own key: ``a`` of ``a[each.key].id``, sorted.

    ``each.value`` counts (the key itself where ``for_each`` is a set), ``each.value.peer`` does not: it may be any key.
    """
    if _OWN_KEYS.isdisjoint(listed):
        return ()
    written = list(_written(listed))
    elsewhere = {text for text, after in zip(written, [*written[1:], ""], strict=True) if after not in _OWN_KEYS}
    return tuple(sorted(set(written) - elsewhere))


def _written(listed: Sequence[str]) -> Iterator[str]:
    previous = end = ""
    for text in listed:
        if previous != end and previous.startswith(text) and previous[len(text) : len(text) + 1] in (".", "["):
            previous = text
            continue
        yield text
        previous, end = text, _last_prefix(text)


def _last_prefix(text: str) -> str:
    """Return the prefix that ends the list after ``text``, where that is not the shortest: an output's module."""
    reference = parse_reference(text) if text.startswith("module.") else None
    if isinstance(reference, ModuleReference) and reference.output:
        return f"module.{reference.name}{format_key(reference.key)}"
    return ""


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
