"""From the ``prior_state`` section to its resource instances."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError
from scopegate.plan.address import Mode, ResourceAddress, parse_module_address, without_keys
from scopegate.plan.unambiguous import refuse_repeated_keys, written_length
from scopegate.plan.wire import State, StateResource


class Existing(NamedTuple):
    """A resource of the prior state: the text of its module's address, and what it depended on at the last apply."""

    module: str
    resource: StateResource
    dependencies: tuple[str, ...]


StateResources = dict[tuple[str, str | None], Existing]
"""Maps (address, deposed key) to the resource, in the order of the section."""

_STATE = msgspec.json.Decoder(State)
_NAMES = msgspec.json.Decoder(list[str] | None)


def decode_state(raw: Raw, path: str) -> StateResources:
    """Return the resource instances of the prior state by their identity.

    Raises:
        PlanError: an instance or a key stands there twice.
        msgspec.DecodeError: the section is not as Terraform writes it.
    """
    found: StateResources = {}
    dependencies = _Dependencies()
    for module, resource in _resources(raw, f"{path} has in prior_state"):
        _restore_address(resource, module)
        identity = (resource.address, resource.deposed_key)
        if identity in found:
            raise PlanError(
                f"{path} lists {without_keys(resource.address)!r} twice in prior_state, so which of the two exists "
                "cannot be told; make the plan JSON again with `terraform show -json` and hand it over unedited."
            )
        found[identity] = Existing(module, resource, dependencies[bytes(resource.depends_on)])
    return found


class _Dependencies(dict[bytes, tuple[str, ...]]):
    """Reads each distinct list once, and keeps each name once: they are transitively closed, so they are long."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def __missing__(self, text: bytes) -> tuple[str, ...]:
        listed = tuple(self._names.setdefault(name, name) for name in _NAMES.decode(text) or ())
        return self.setdefault(text, listed)


def _resources(raw: Raw, where: str) -> Iterator[tuple[str, StateResource]]:
    """Yield each resource with its module's address, after the proof that no key is repeated (see ``unambiguous``)."""
    state = _STATE.decode(raw)
    taken = list(_take_resources(state))
    length = len(msgspec.json.encode(state)) + sum(written_length(items) - len(b"[]") for _, items in taken)
    if length != len(raw):
        refuse_repeated_keys(raw, where)
    for module, resources in taken:
        yield from ((module, resource) for resource in resources)


def _take_resources(state: State) -> Iterator[tuple[str, list[StateResource]]]:
    """Yield the resources of each module, and leave empty lists behind so that writing the state copies no resource."""
    waiting = [state.values.root_module] if state.values and state.values.root_module else []
    while waiting:
        module = waiting.pop()
        if module.resources:
            yield module.address or "", module.resources
            module.resources = []
        waiting.extend(reversed(module.child_modules or ()))


def _restore_address(resource: StateResource, module: str) -> None:
    """Give back what Terraform 0.12 left out of the addresses of a state: the module and the key."""
    has_key = resource.index is None or resource.address.endswith("]")
    if has_key and resource.address.startswith(module):
        return
    mode = Mode(resource.mode) if resource.mode in set(Mode) else Mode.MANAGED
    address = ResourceAddress(parse_module_address(module), mode, resource.type, resource.name, resource.index)
    resource.address = str(address)
