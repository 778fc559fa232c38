"""From the ``prior_state`` section to its resource instances."""

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError
from scopegate.plan.address import Mode, ResourceAddress, parse_module_address
from scopegate.plan.unambiguous import members_of, refuse_repeats_in_objects
from scopegate.plan.wire import NULL, StateResource

StateResources = dict[tuple[str, str | None], tuple[str, StateResource]]
"""Maps (address, deposed key) to the text of the module address and the resource, in the order of the section."""

_MODULES = msgspec.json.Decoder(list[Raw] | None)
_RESOURCES = msgspec.json.Decoder(list[StateResource])
_TEXT = msgspec.json.Decoder(str)


def decode_state(raw: Raw, path: str) -> StateResources:
    """Return the resource instances of the prior state by their identity.

    Raises:
        PlanError: an instance or a key stands there twice.
        msgspec.DecodeError: the section is not as Terraform writes it.
    """
    where = f"{path} has in prior_state"
    values = members_of(raw, where).get("values", NULL)
    root = NULL if values == NULL else members_of(values, where).get("root_module", NULL)
    waiting = [] if root == NULL else [root]
    resources: StateResources = {}
    while waiting:
        module = members_of(waiting.pop(), where)
        address = _TEXT.decode(module["address"]) if "address" in module else ""
        for resource in _resources(module.get("resources", NULL), where):
            _restore_address(resource, address)
            _add(resources, address, resource, path)
        waiting.extend(reversed(_MODULES.decode(module.get("child_modules", NULL)) or ()))
    return resources


def _resources(raw: Raw, where: str) -> list[StateResource]:
    if raw == NULL:
        return []
    refuse_repeats_in_objects(raw, where)
    return _RESOURCES.decode(raw)


def _add(resources: StateResources, module: str, resource: StateResource, path: str) -> None:
    identity = (resource.address, resource.deposed_key)
    if identity in resources:
        raise PlanError(
            f"{path} lists {resource.address!r} twice in prior_state, so which of the two exists cannot be told; "
            "make the plan JSON again with `terraform show -json` and hand it over unedited."
        )
    resources[identity] = (module, resource)


def _restore_address(resource: StateResource, module: str) -> None:
    """Give back what Terraform 0.12 left out of the addresses of a state: the module and the key."""
    has_key = resource.index is None or resource.address.endswith("]")
    if has_key and resource.address.startswith(module):
        return
    mode = Mode(resource.mode) if resource.mode in set(Mode) else Mode.MANAGED
    address = ResourceAddress(parse_module_address(module), mode, resource.type, resource.name, resource.index)
    resource.address = str(address)
