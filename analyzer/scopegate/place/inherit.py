"""Where a resource without a location of its own is: in that of the resource it belongs to.

A subnet is where its virtual network is, a firewall rule where its group is, a Kubernetes object where its cluster is.
The way there is the reference in the configuration; where the parent is named by a literal, its name or the resource id
that starts with its id.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from scopegate.facts.model import TypeScope
from scopegate.place.attributes import Values, values_at
from scopegate.place.lineage import Lineage
from scopegate.place.subject import Subject

_PROVIDER_EDGE: Final = "provider"
_CLUSTER: Final = "cluster"
_NAMED_PARENTS: Final = ("azure", "google")
"""The clouds whose resources name their parents; in AWS the provider's region says enough."""


class Parent(Struct, frozen=True):
    """A resource that another one takes its place from, and the argument that says so."""

    instance: int
    argument: str


class Parents:
    """Finds the parents of instances; the indexes of names and ids are made when the first one is looked for."""

    def __init__(
        self, subjects: Sequence[Subject], values: Sequence[Values], existing: Sequence[bool], lineage: Lineage
    ) -> None:
        self._subjects = subjects
        self._values = values
        self._existing = existing
        self._lineage = lineage

    def of(self, instance: int, attributes: tuple[str, ...] = ()) -> tuple[Parent, ...]:
        """Return the parents of an instance: by reference through its parent arguments, else by name, else by id.

        ``attributes`` are further arguments to follow, such as a ``location`` that is known only after apply.
        """
        subject = self._subjects[instance]
        if subject.scope is TypeScope.CLUSTER:
            return self._clusters(instance)
        wanted = (*attributes, *subject.parents)
        found = (
            tuple(self._by_reference(instance, wanted))
            or tuple(self._by_name(instance))
            or tuple(self._by_id(instance))
        )
        types = {kind for _, kind in subject.row.parents} if subject.row else set[str]()
        return tuple(parent for parent in found if self._type(parent.instance) in types) or found

    def _by_reference(self, instance: int, attributes: tuple[str, ...]) -> Iterator[Parent]:
        cloud = self._subjects[instance].family.cloud
        for edge in self._lineage.dependencies_of(instance):
            argument = edge.link.attribute
            named = next((path for path in attributes if argument == path or argument.startswith(f"{path}.")), None)
            if named and self._subjects[edge.dependency].family.cloud == cloud and edge.dependency != instance:
                yield Parent(edge.dependency, argument)

    def _clusters(self, instance: int) -> tuple[Parent, ...]:
        """Return what the provider's configuration reads: clusters, where there are any among it."""
        edges = (edge for edge in self._lineage.dependencies_of(instance) if edge.link.kind.value == _PROVIDER_EDGE)
        found = tuple({edge.dependency: Parent(edge.dependency, edge.link.attribute) for edge in edges}.values())
        return tuple(parent for parent in found if _CLUSTER in self._type(parent.instance)) or found

    def _type(self, instance: int) -> str:
        return self._subjects[instance].type.removeprefix("data.")

    def _by_name(self, instance: int) -> Iterator[Parent]:
        """Yield the resources of a parent type that have the name, and stand in the group, that the instance gives."""
        subject, values = self._subjects[instance], self._values[instance]
        group = _text(values, "resource_group_name")
        for argument, kind in subject.row.parents if subject.row else ():
            name = _text(values, argument)
            for other in self._by_type_and_name.get((kind, name), ()) if name else ():
                other_group = _text(self._values[other], "resource_group_name")
                if other != instance and (not group or not other_group or group == other_group):
                    yield Parent(other, argument)

    def _by_id(self, instance: int) -> Iterator[Parent]:
        """Yield the nearest resource whose Azure id the instance's own or its parent's id starts with."""
        subject, values = self._subjects[instance], self._values[instance]
        for argument in ("id", *subject.parents) if subject.family.cloud == "azure" else ():
            for ancestor in _ancestors(_text(values, argument)):
                other = self._by_identifier.get(ancestor)
                if other is not None and other != instance:
                    yield Parent(other, argument)
                    return

    @cached_property
    def _by_type_and_name(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for position, values in self._nameable():
            if name := _text(values, "name"):
                found.setdefault((self._type(position), name), []).append(position)
        return found

    @cached_property
    def _by_identifier(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for position, values in self._nameable():
            if identifier := _text(values, "id"):
                found.setdefault(identifier, position)
        return found

    def _nameable(self) -> Iterator[tuple[int, Values]]:
        for position, values in enumerate(self._values):
            # A new one of the same name, in another subscription, would say where what exists is.
            if self._existing[position] and self._subjects[position].family.cloud in _NAMED_PARENTS:
                yield position, values


def _text(values: Values, path: str) -> str:
    value = next(iter(values_at(values, path)), None) if values is not None else None
    return value.lower() if isinstance(value, str) else ""


def _ancestors(identifier: str) -> Iterator[str]:
    """Yield an Azure id and those of the resources it is nested in, nearest first; ``a|b`` is an association of a."""
    parts = identifier.partition("|")[0].rstrip("/").split("/")
    while len(parts) > len(["", "subscriptions", "id", "resourceGroups", "name", "providers", "namespace", "type"]):
        yield "/".join(parts)
        parts = parts[:-2]
