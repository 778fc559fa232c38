"""Where a resource without a location of its own is: in that of the resource it belongs to.

A subnet is where its virtual network is, a firewall rule where its group is, a Kubernetes object where its cluster is.
The way there is the reference in the configuration; where the parent is named by a literal, its name or the resource id
that starts with its id.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from scopegate.facts.model import TypeScope
from scopegate.place.attributes import Values, values_at
from scopegate.place.lineage import Members, Sources
from scopegate.place.subject import Subject

_PROVIDER_EDGE: Final = "provider"
_CLUSTER: Final = "cluster"
_NAMED_PARENTS: Final = ("azure", "google")
"""The clouds whose resources name their parents; in AWS the provider's region says enough."""
_NOBODY: Final = Members(())


class Parent(Struct, frozen=True):
    """Resources that another one takes its place from, and the argument that says so."""

    members: Members
    argument: str


class Parents:
    """Finds the parents of instances; the indexes of names and ids are made when the first one is looked for."""

    def __init__(
        self, subjects: Sequence[Subject], values: Sequence[Values], existing: Sequence[bool], sources: Sources
    ) -> None:
        self._subjects = subjects
        self._values = values
        self._existing = existing
        self._sources = sources
        self._kept: dict[tuple[Members, object], Members] = {}

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
        types = frozenset(kind for _, kind in subject.row.parents) if subject.row else frozenset[str]()
        typed = (
            Parent(self._only(parent.members, types, lambda other: self._type(other) in types), parent.argument)
            for parent in found
        )
        return tuple(parent for parent in typed if parent.members.instances) or found

    def through(self, instance: int, argument: str) -> tuple[Members, ...]:
        """Return all that an instance reads through an argument; nothing where a part of it is of another cloud."""
        cloud = self._subjects[instance].family.cloud
        found = [
            members
            for members, link in self._sources.of(instance)
            if link.attribute == argument or link.attribute.startswith(f"{argument}.")
        ]
        alike = all(self._only(members, cloud, self._of_cloud(cloud)) is members for members in found)
        return tuple(found) if alike else ()

    def _of_cloud(self, cloud: str) -> Callable[[int], bool]:
        return lambda other: self._subjects[other].family.cloud == cloud

    def _by_reference(self, instance: int, attributes: tuple[str, ...]) -> Iterator[Parent]:
        cloud = self._subjects[instance].family.cloud
        for members, link in self._sources.of(instance):
            argument = link.attribute
            if any(argument == path or argument.startswith(f"{path}.") for path in attributes):
                found = self._only(members, cloud, self._of_cloud(cloud))
                if found.instances:
                    yield Parent(found, argument)

    def _only(self, members: Members, key: object, wanted: Callable[[int], bool]) -> Members:
        """Return those of a group that are ``wanted``; ``key`` tells one such question from another."""
        if len(members.instances) == 1:
            return members if wanted(members.instances[0]) else _NOBODY
        known = self._kept.get((members, key))
        if known is None:
            found = tuple(filter(wanted, members.instances))
            known = members if len(found) == len(members.instances) else Members(found)
            self._kept[members, key] = known
        return known

    def _clusters(self, instance: int) -> tuple[Parent, ...]:
        """Return what the provider's configuration reads: clusters, where there are any among it."""
        read = (
            (other, link.attribute)
            for members, link in self._sources.of(instance)
            if link.kind.value == _PROVIDER_EDGE
            for other in members.instances
        )
        arguments = dict(read)
        clusters = {other: said for other, said in arguments.items() if _CLUSTER in self._type(other)} or arguments
        return tuple(Parent(Members((other,)), argument) for other, argument in clusters.items())

    def _type(self, instance: int) -> str:
        return self._subjects[instance].type.removeprefix("data.")

    def _by_name(self, instance: int) -> Iterator[Parent]:
        """Yield the resources of a parent type that have the name, and stand in the group, that the instance gives."""
        subject, values = self._subjects[instance], self._values[instance]
        group = _text(values, "resource_group_name")
        for argument, kind in subject.row.parents if subject.row else ():
            if name := _text(values, argument):
                for other in self._named(kind, name, group):
                    if other != instance:
                        yield Parent(Members((other,)), argument)

    def _named(self, kind: str, name: str, group: str) -> list[int]:
        """Return the resources of a type and a name that stand in a group, or that do not say in which."""
        by_group = self._by_type_and_name.get((kind, name), {})
        groups = {group, ""} if group else by_group.keys()
        return sorted(other for key in groups for other in by_group.get(key, ()))

    def _by_id(self, instance: int) -> Iterator[Parent]:
        """Yield the nearest resource whose Azure id the instance's own or its parent's id starts with."""
        subject, values = self._subjects[instance], self._values[instance]
        for argument in ("id", *subject.parents) if subject.family.cloud == "azure" else ():
            for ancestor in _ancestors(_text(values, argument)):
                other = self._by_identifier.get(ancestor)
                if other is not None and other != instance:
                    yield Parent(Members((other,)), argument)
                    return

    @cached_property
    def _by_type_and_name(self) -> dict[tuple[str, str], dict[str, list[int]]]:
        """The resources by type and name, and of those of one name by the group that they stand in."""
        found: dict[tuple[str, str], dict[str, list[int]]] = {}
        for position, values in self._nameable():
            if name := _text(values, "name"):
                by_group = found.setdefault((self._type(position), name), {})
                by_group.setdefault(_text(values, "resource_group_name"), []).append(position)
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
    value = next(iter(values_at(values, path)), None)
    return value.lower() if isinstance(value, str) else ""


def _ancestors(identifier: str) -> Iterator[str]:
    """Yield an Azure id and those of the resources it is nested in, nearest first; ``a|b`` is an association of a."""
    parts = identifier.partition("|")[0].rstrip("/").split("/")
    while len(parts) > len(["", "subscriptions", "id", "resourceGroups", "name", "providers", "namespace", "type"]):
        yield "/".join(parts)
        parts = parts[:-2]
