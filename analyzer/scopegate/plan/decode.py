"""From the bytes of one plan document to a ``Plan``.

Cost: linear in the bytes. Sections, entries and attribute values are skipped over as raw JSON, one level at a time;
only what a verdict reads is built, and in full only for what changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from sys import intern

import msgspec
from msgspec import UNSET, Raw

from scopegate.errors import PlanError
from scopegate.plan.actions import Action, action_of
from scopegate.plan.address import (
    Mode,
    ModuleAddress,
    format_resource,
    parse_module_address,
    parse_resource_address,
    without_keys,
)
from scopegate.plan.configuration import Configuration
from scopegate.plan.decode_change import Changes
from scopegate.plan.decode_configuration import NO_CONFIGURATION, decode_configuration, lists_module_calls
from scopegate.plan.decode_state import StateResources, by_identity, decode_modules
from scopegate.plan.digest import begin_digest
from scopegate.plan.document import Document, open_document
from scopegate.plan.encoding import decode_text
from scopegate.plan.judgeable import (
    format_of,
    planned_addresses,
    reading_notes,
    refuse_missing_changes,
    refuse_unfinished,
    section,
    tells_providers_of_child_modules,
)
from scopegate.plan.model import ActionInvocation, Drift, Instance, OutputChange, Plan
from scopegate.plan.read_config import read_config
from scopegate.plan.unambiguous import decode_in_full, decode_object, decode_objects
from scopegate.plan.wire import (
    NULL,
    Change,
    Invocation,
    ResourceChange,
    ResourceDrift,
    StateResource,
    Variable,
)

_ENTRIES = msgspec.json.Decoder(list[Raw])
_RESOURCE_CHANGES = msgspec.json.Decoder(list[ResourceChange])
_OUTPUTS = msgspec.json.Decoder(dict[str, Change])
_TEXT = msgspec.json.Decoder(str)

_MODES: Mapping[str | None, Mode] = {mode.value: mode for mode in Mode}
_REMAKE = "make the plan JSON again with `terraform show -json` and hand it over unedited"


def decode_plan(
    raw: bytes | memoryview, path: str, digest_of: bytes | None = None, notes: tuple[str, ...] = ()
) -> Plan:
    """Return the plan that the JSON document ``raw`` holds.

    ``digest_of`` are the bytes as they came in, when ``raw`` was made from them; ``notes`` say how.

    Raises:
        PlanError: the document is not a plan, or not one a verdict can rest on.
    """
    digest = begin_digest(raw if digest_of is None else digest_of)
    document = open_document(decode_text(raw, path), path)
    format_version = format_of(document)
    refuse_unfinished(document)
    terraform_version = section(document, "terraform_version", _TEXT.decode) or ""
    planned = planned_addresses(document)
    sha256 = digest()
    document.give_up("planned_values")
    instances = tuple(_instances(document, planned))
    document.give_up("prior_state")
    configuration, listed_calls = _configuration(document)
    drift, drift_notes = _drift(document)
    outputs = _output_changes(document)
    return Plan(
        path=path,
        sha256=sha256,
        format_version=format_version,
        terraform_version=terraform_version,
        instances=instances,
        configuration=configuration,
        variables=_variables(document),
        drift=drift,
        output_changes={
            name: OutputChange(
                _action(change.actions or (), f"output {name}", path), change.before, change.after, change.after_unknown
            )
            for name, change in outputs.items()
        },
        marked_outputs=tuple(_marked(outputs)),
        action_invocations=_invocations(document),
        notes=(
            *notes,
            *document.notes,
            *reading_notes(document, format_version),
            *_module_notes(
                path, configuration, listed_calls, tells_providers_of_child_modules(terraform_version, format_version)
            ),
            *drift_notes,
            *_unlisted(path, instances),
        ),
    )


def _instances(document: Document, planned: tuple[str, ...] | None) -> Iterator[Instance]:
    """Yield what is planned, in plan order, and then what only the prior state knows."""
    path = document.path
    prior = _prior_state(document)
    entries = _complete_changes(document, planned)
    modules = _Modules()
    blocks = _Blocks()
    providers: dict[str | None, str] = {}
    actions: dict[tuple[str, ...] | None, Action] = {}
    changes, most_change = Changes(path), _most_change(entries)
    entries.reverse()
    while entries:  # taken off, so that what is done with need not be held any longer
        entry = entries.pop()
        change, address, previous, deposed = entry.change, entry.address, entry.previous_address, entry.deposed
        if change is UNSET:
            raise _without_change(entry, path)
        module, beginning = modules[entry.module_address or ""]
        state = prior.pop(address if deposed is None else (address, deposed), None)
        if previous is not None:
            state = state or prior.pop(previous if deposed is None else (previous, deposed), None)
        action = actions.get(change.actions)
        if action is None:
            action = actions[change.actions] = _action(change.actions or (), address, path)
        if action is not Action.NO_OP:
            changes.take(change, entry.type, address)
        elif most_change:
            changes.copy(change, entry.type)
        else:
            changes.share_marks(change, entry.type)
        mode = _MODES.get(entry.mode) or _mode(entry.mode, address, path)
        resource_type, name, block = blocks[mode, entry.type, entry.name]
        block = beginning + block
        if address != block and not address.startswith(block + "["):  # the key is not compared
            raise _contradiction(entry, path)
        # By position, in the order of the fields: by name it takes five times as long, and there is one for each entry.
        yield Instance(
            address,
            module,
            mode,
            resource_type,
            name,
            entry.index,
            action,
            providers.setdefault(entry.provider_name, entry.provider_name or ""),
            deposed,
            None if previous == address else previous,
            entry.action_reason,
            change.importing != NULL,
            change.before,
            change.after,
            change.after_unknown,
            change.before_sensitive,
            change.after_sensitive,
            change.before_identity,
            change.after_identity,
            tuple(map(tuple, change.replace_paths)) if change.replace_paths else (),
            None if state is None else state[2],
        )
    for module_text, resource, dependencies in prior.values():
        yield _existing(modules[module_text][0], resource, dependencies, path)


class _Modules(dict[str, tuple[ModuleAddress, str]]):
    """Parses each distinct module address once; beside it stands what the addresses in that module begin with."""

    def __missing__(self, text: str) -> tuple[ModuleAddress, str]:
        return self.setdefault(text, (parse_module_address(text), f"{text}." if text else ""))


class _Blocks(dict[tuple[Mode, str, str], tuple[str, str, str]]):
    """Keeps each type and name once, and beside them how an address in their module names them."""

    def __missing__(self, key: tuple[Mode, str, str]) -> tuple[str, str, str]:
        mode, resource_type, name = key
        return self.setdefault(key, (intern(resource_type), intern(name), format_resource(mode, resource_type, name)))


def _prior_state(document: Document) -> StateResources:
    path, listed = document.path, document.listed

    def decode(raw: Raw) -> StateResources:
        return by_identity(listed.state if listed else decode_modules(raw, f"{path} has in prior_state"), path)

    return section(document, "prior_state", decode) or {}


def _resource_changes(document: Document) -> list[ResourceChange]:
    path, listed = document.path, document.listed

    def decode(raw: Raw) -> list[ResourceChange]:
        return decode_objects(raw, _RESOURCE_CHANGES, f"{path} has in resource_changes")

    return (listed.changes if listed else section(document, "resource_changes", decode)) or []


def _complete_changes(document: Document, planned: tuple[str, ...] | None) -> list[ResourceChange]:
    """Return the resource changes after proof that they list nothing twice, and all that is planned."""
    entries = _resource_changes(document)
    listed = frozenset([entry.address for entry in entries])
    if len(listed) < len(entries):
        _refuse_repeats(entries, document.path)
    if not entries or planned is not None:
        refuse_missing_changes(document, planned, listed)
    return entries


def _refuse_repeats(entries: Iterable[ResourceChange], path: str) -> None:
    seen: set[tuple[str, str | None]] = set()
    for entry in entries:
        identity = (entry.address, entry.deposed)
        if identity in seen:
            raise _planned_twice(entry, path)
        seen.add(identity)


def _without_change(entry: ResourceChange, path: str) -> PlanError:
    return PlanError(
        f"{path} lists {without_keys(entry.address)!r} in resource_changes without a `change`, so what would happen to "
        f"it cannot be told; {_REMAKE}."
    )


def _planned_twice(entry: ResourceChange, path: str) -> PlanError:
    return PlanError(
        f"{path} lists {without_keys(entry.address)!r} twice in resource_changes, so which of the two changes is "
        f"planned cannot be told; {_REMAKE}."
    )


def _contradiction(entry: ResourceChange, path: str) -> PlanError:
    return PlanError(
        f"{path} gives {without_keys(entry.address)!r} a module, mode, type or name of something else, so which object "
        f"is meant cannot be told; {_REMAKE}."
    )


def _most_change(entries: Sequence[ResourceChange]) -> bool:
    unchanged = [entry.change.actions for entry in entries if entry.change].count(("no-op",))
    return unchanged < len(entries) / 2


def _existing(module: ModuleAddress, resource: StateResource, dependencies: tuple[str, ...], path: str) -> Instance:
    # Copies, since the section is given up: it holds what mostly nothing needs any more.
    values, marks = resource.values.copy(), resource.sensitive_values.copy()
    mode = _mode(resource.mode, resource.address, path)
    return Instance(
        address=resource.address,
        module=module,
        mode=mode,
        type=resource.type,
        name=resource.name,
        key=resource.index,
        action=Action.READ if mode is Mode.DATA else Action.NO_OP,
        provider_name=resource.provider_name or "",
        deposed=resource.deposed_key,
        before=values,
        after=values,
        before_sensitive=marks,
        after_sensitive=marks,
        prior_dependencies=dependencies,
        only_in_prior_state=True,
    )


def _mode(text: str | None, address: str, path: str) -> Mode:
    if text is None:
        return parse_resource_address(address).mode
    mode = _MODES.get(text)
    if mode is None:
        raise PlanError(
            f"{path} gives {without_keys(address)!r} the mode {text[:40]!r}, which no Terraform or OpenTofu version "
            f"known here writes, so what it is cannot be told; update scopegate, or {_REMAKE}."
        )
    return mode


def _action(actions: tuple[str, ...], address: str, path: str) -> Action:
    action = action_of(actions)
    if action is None:
        raise PlanError(
            f"{path} plans {_in_short(actions)} for {without_keys(address)!r}, which no Terraform or OpenTofu version "
            f"known here writes, so what it would do cannot be told; update scopegate, or {_REMAKE}."
        )
    return action


def _in_short(actions: tuple[str, ...]) -> str:
    return repr([action[:40] for action in actions[:4]])


def _drift(document: Document) -> tuple[tuple[Drift, ...], tuple[str, ...]]:
    """Return the drift, and a note about entries that cannot be read.

    Drift is shown beside a change and never decides alone, so an entry without an address (Terraform 1.0.0 wrote such)
    is left out and counted.
    """
    entries = section(document, "resource_drift", _ENTRIES.decode) or []
    drift = tuple(item for item in map(_drifted, entries) if item)
    unreadable = len(entries) - len(drift)
    note = (
        f"In {document.path} {unreadable} of {len(entries)} entries of resource_drift do not say what drifted, or how; "
        "they were left out."
    )
    return drift, (note,) if unreadable else ()


def _drifted(raw: Raw) -> Drift | None:
    try:
        entry = msgspec.json.decode(raw, type=ResourceDrift)
    except msgspec.DecodeError:
        return None
    action = action_of(entry.change.actions)
    if action is None:
        return None
    return Drift(
        address=entry.address,
        type=entry.type,
        action=action,
        before=entry.change.before.copy(),
        after=entry.change.after.copy(),
        before_sensitive=entry.change.before_sensitive.copy(),
        after_sensitive=entry.change.after_sensitive.copy(),
    )


def _output_changes(document: Document) -> Mapping[str, Change]:
    def decode(raw: Raw) -> dict[str, Change]:
        return decode_object(raw, _OUTPUTS, f"{document.path} has in output_changes")

    outputs, changes = section(document, "output_changes", decode) or {}, Changes(document.path)
    for change in outputs.values():
        changes.copy(change, "")
    return outputs


def _marked(outputs: Mapping[str, Change]) -> Iterator[tuple[Raw, Raw]]:
    for change in outputs.values():
        yield change.before, change.before_sensitive
        yield change.after, change.after_sensitive


def _variables(document: Document) -> Mapping[str, object]:
    def decode(raw: Raw) -> dict[str, object]:
        decode_in_full(raw, f"{document.path} has in variables")
        return {name: variable.value for name, variable in msgspec.json.decode(raw, type=dict[str, Variable]).items()}

    return section(document, "variables", decode) or {}


def _configuration(document: Document) -> tuple[Configuration, bool]:
    """Return the configuration, and whether it lists module calls without their names."""

    def decode(raw: Raw) -> tuple[Configuration, bool]:
        config = read_config(raw, f"{document.path} has in configuration")
        return decode_configuration(config), lists_module_calls(config)

    return section(document, "configuration", decode) or (NO_CONFIGURATION, False)


def _invocations(document: Document) -> tuple[ActionInvocation, ...]:
    def decode(raw: Raw) -> tuple[ActionInvocation, ...]:
        decode_in_full(raw, f"{document.path} has in action_invocations")
        return tuple(map(_invocation, msgspec.json.decode(raw, type=list[Invocation])))

    return section(document, "action_invocations", decode) or ()


def _invocation(item: Invocation) -> ActionInvocation:
    lifecycle, invoke = item.lifecycle_action_trigger, item.invoke_action_trigger
    resource = lifecycle.triggering_resource_address if lifecycle else invoke.calling_resource_address if invoke else ""
    return ActionInvocation(
        address=item.address,
        type=item.type,
        name=item.name,
        provider_name=item.provider_name,
        config_values=item.config_values.copy(),
        config_sensitive=item.config_sensitive.copy(),
        triggering_resource=resource or None,
        event=lifecycle.action_trigger_event if lifecycle else "",
    )


def _unlisted(path: str, instances: Iterable[Instance]) -> Iterator[str]:
    """Yield a note where the state has managed resources that resource_changes says nothing of.

    Terraform lists what stays as it is, too; only ``-target``, ``-exclude`` and ``-refresh-only`` leave resources out,
    which newer versions admit (``complete: false``), and scissors.
    """
    count = sum(instance.only_in_prior_state and instance.mode is Mode.MANAGED for instance in instances)
    if count:
        yield (
            f"{path} does not say what happens to {count} of the resources that exist: it was made with -target, "
            "-exclude or -refresh-only, or something was cut out of it; plan again without that to see all of it."
        )


def _module_notes(path: str, configuration: Configuration, listed_calls: bool, providers_told: bool) -> Iterator[str]:
    if len(configuration.modules) > 1 and not providers_told:
        yield (
            f"{path} was written by Terraform below 1.2, which does not say which provider configuration the resources "
            "of child modules use; it is a guess."
        )
    if listed_calls:
        yield (
            f"{path} has module_calls as a list, which does not name them; dependencies and providers inside those "
            "modules cannot be seen."
        )
