"""From the ``prior_state`` section to its resource instances. Cost: linear in them, each looked at once."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError
from scopegate.plan.address import Mode, ResourceAddress, parse_module_address, without_keys
from scopegate.plan.unambiguous import refuse_repeated_keys, written_length
from scopegate.plan.wire import State, StateResource

ModuleResources = tuple[str, list[StateResource]]
"""The text of a module's address, and the resource instances in it."""

Existing = tuple[str, StateResource, tuple[str, ...]]
"""A resource instance, after the text of its module's address, with what it depended on at the last apply."""

Identity = str | tuple[str, str]
"""The address of an object, with its deposed key where it has one."""

StateResources = dict[Identity, Existing]
"""Maps each identity to the resource, in the order of the section."""

_STATE = msgspec.json.Decoder(State)
_NAMES = msgspec.json.Decoder(list[str] | None)


def decode_modules(raw: Raw, where: str) -> list[ModuleResources]:
    """Return the resources of each module, after the proof that no key is repeated (see ``unambiguous``).

    Raises:
        PlanError: a key stands there twice.
        msgspec.DecodeError: the section is not as Terraform writes it.
    """
    taken, length = take_resources(_STATE.decode(raw))
    if length != len(raw):
        refuse_repeated_keys(raw, where)
    return taken


def take_resources(state: State) -> tuple[list[ModuleResources], int]:
    """Return the resources of each module, and how many bytes the state takes when it is written.

    Empty lists are left behind in it, so that writing it copies no resource.
    """
    taken = list(_taken(state))
    length = len(msgspec.json.encode(state))
    if taken:
        # Measured as one list, which has brackets of its own, and a comma for each module but the first.
        resources = [resource for _, items in taken for resource in items]
        length += written_length(resources) - len("[]") - (len(taken) - 1)
    return taken, length


def _taken(state: State) -> Iterator[ModuleResources]:
    waiting = [state.values.root_module] if state.values and state.values.root_module else []
    while waiting:
        module = waiting.pop()
        if module.resources:
            yield module.address or "", module.resources
            module.resources = []
        waiting.extend(reversed(module.child_modules or ()))


def by_identity(modules: Iterable[ModuleResources], path: str) -> StateResources:
    """Return the resource instances of the prior state by their identity.

    Raises:
        PlanError: an instance stands there twice.
        msgspec.DecodeError: a ``depends_on`` is not as Terraform writes it.
    """
    found: StateResources = {}
    dependencies = _Dependencies()
    for module, resources in modules:
        for resource in resources:
            address, deposed = resource.address, resource.deposed_key
            if not address.startswith(module) or (resource.index is not None and address[-1:] != "]"):
                address = _restored_address(resource, module)
            identity = address if deposed is None else (address, deposed)
            if identity in found:
                raise _exists_twice(resource, path)
            found[identity] = module, resource, dependencies[bytes(resource.depends_on)]
    return found


def _exists_twice(resource: StateResource, path: str) -> PlanError:
    return PlanError(
        f"{path} lists {without_keys(resource.address)!r} twice in prior_state, so which of the two exists "
        "cannot be told; make the plan JSON again with `terraform show -json` and hand it over unedited."
    )


def _restored_address(resource: StateResource, module: str) -> str:
    """Give back what Terraform 0.12 left out of the addresses of a state, the module and the key, and return all."""
    mode = Mode(resource.mode) if resource.mode in set(Mode) else Mode.MANAGED
    address = ResourceAddress(parse_module_address(module), mode, resource.type, resource.name, resource.index)
    resource.address = str(address)
    return resource.address


class _Dependencies(dict[bytes, tuple[str, ...]]):
    """Reads each distinct list once, and keeps each name once: they are transitively closed, so they are long."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def __missing__(self, text: bytes) -> tuple[str, ...]:
        names = _NAMES.decode(text) or ()
        return self.setdefault(text, tuple(map(self._names.setdefault, names, names)))
