"""Predicates on the whole plan: many changes by one edit, settings of providers and modules, what runs beside them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from msgspec import Struct

from scopegate.pattern import Pattern
from scopegate.plan.actions import Action
from scopegate.plan.address import ModulePath, module_path
from scopegate.plan.configuration import ABSENT, Expression, ModuleCall, ProviderConfig
from scopegate.plan.model import decode_values
from scopegate.signals.change import Surroundings
from scopegate.signals.values import Scalar, matches

Covers = Callable[[str], bool]
"""Whether a rule looks at a resource type."""


class Hit(Struct, frozen=True):
    """Where a fact about the plan holds: an address, the position of its instance if it is one, and a few words."""

    address: str
    instance: int | None = None
    detail: str = ""


def _first(around: Surroundings, positions: Sequence[int]) -> int:
    """Return the one whose address comes first, in whatever order the plan lists them: the signal is signed."""
    return min(positions, key=lambda position: around.plan.instances[position].address)


def mass_replacement(around: Surroundings, covers: Covers, at_least: int) -> Iterator[Hit]:
    """Yield the blocks of which at least ``at_least`` instances are replaced."""
    for positions in _changed_blocks(around, covers):
        replaced = [position for position in positions if around.plan.instances[position].action.replaces]
        if len(replaced) >= at_least:
            position = _first(around, replaced)
            first = around.plan.instances[position]
            forced = sorted({_first_attribute(path) for path in first.replace_paths} - {""})
            words = f"{len(replaced)} of {len(positions)} instances" + (
                f", forced by {', '.join(forced)}" if forced else ""
            )
            yield Hit(first.address, position, words)


def _first_attribute(path: Sequence[str | int]) -> str:
    return path[0] if path and isinstance(path[0], str) and _NAME.match(path[0]) else ""


_NAME = Pattern(r"[a-z0-9_]+\Z")


def index_shift(around: Surroundings, covers: Covers) -> Iterator[Hit]:
    """Yield the counted blocks whose instances take over their neighbours' values: their list lost or won an item."""
    for positions in _changed_blocks(around, covers):
        by_index = {
            key: position for position in positions if isinstance(key := around.plan.instances[position].key, int)
        }
        shifted = [*_shifted(around, by_index, Action.DELETE, 1), *_shifted(around, by_index, Action.CREATE, -1)]
        if shifted:
            first = _first(around, shifted)
            yield Hit(around.plan.instances[first].address, first, f"{len(shifted)} instances move by one")


def _shifted(around: Surroundings, by_index: Mapping[int, int], action: Action, step: int) -> list[int]:
    """Return who takes over the values of the instance ``step`` further, where one after it is destroyed or created."""
    actions = {index: around.plan.instances[position].action for index, position in by_index.items()}
    last = max((index for index, planned in actions.items() if planned is action), default=-1)
    return [
        by_index[index]
        for index, planned in actions.items()
        if index < last
        and (planned is Action.UPDATE or planned.replaces)
        and _takes_over(around, by_index[index], by_index.get(index + step))
    ]


def _takes_over(around: Surroundings, position: int, neighbour: int | None) -> bool:
    if neighbour is None:
        return False
    instance = around.plan.instances[position]
    before, after = decode_values(instance.before), decode_values(instance.after)
    donor = decode_values(around.plan.instances[neighbour].before)
    changed = [name for name, value in after.items() if value is not None and before.get(name) != value]
    return bool(changed) and all(donor.get(name) == after[name] for name in changed)


def renamed_keys(around: Surroundings, covers: Covers) -> Iterator[Hit]:
    """Yield the blocks that destroy one instance and create the like of it under another key."""
    for positions in _changed_blocks(around, covers):
        gone = [position for position in positions if around.plan.instances[position].action is Action.DELETE]
        made = [position for position in positions if around.plan.instances[position].action is Action.CREATE]
        created = _by_scalars(decode_values(around.plan.instances[new].after) for new in made)
        pairs = [old for old in gone if _has_like(decode_values(around.plan.instances[old].before), created)]
        if pairs:
            first = _first(around, pairs)
            yield Hit(around.plan.instances[first].address, first, f"{len(pairs)} of {len(positions)} instances")


_Created = Mapping[tuple[str, ...], Mapping[tuple[object, ...], Sequence[Mapping[str, object]]]]
"""What is set in created objects, by the names of its texts, numbers and switches, and by these themselves."""


def _by_scalars(created: Iterable[Mapping[str, object]]) -> _Created:
    """Return created objects so that the like of one is looked up and not compared with each of thousands."""
    found: dict[tuple[str, ...], dict[tuple[object, ...], list[Mapping[str, object]]]] = {}
    for values in created:
        known = {name: value for name, value in values.items() if value not in _UNSET}
        names = tuple(sorted(name for name, value in known.items() if isinstance(value, str | int | float)))
        if known:
            found.setdefault(names, {}).setdefault(tuple(map(known.get, names)), []).append(known)
    return found


def _has_like(before: Mapping[str, object], created: _Created) -> bool:
    """Whether all that is set in one of the created objects was the same in this one."""
    for names, by_scalars in created.items():
        was = [before.get(name) for name in names]
        if not any(isinstance(value, list | dict) for value in was) and any(
            all(before.get(name) == value for name, value in known.items()) for known in by_scalars.get(tuple(was), ())
        ):
            return True
    return False


_UNSET: tuple[object, ...] = (None, [], {}, "")


def mass_destruction(around: Surroundings, covers: Covers, at_least: int, share: float) -> Iterator[Hit]:
    """Yield the first destroyed object, if at least ``at_least`` are, and ``share`` of them and what is left alone.

    What is edited is left out of the share, so that adding a change never takes this away.
    """
    instances = around.plan.instances
    gone = [
        position
        for position in around.direct_not_new
        if instances[position].action is Action.DELETE
        and covers(instances[position].type)
        and around.placements[position].located
    ]
    yield from _first_of_many(around, gone, covers, at_least, share)


def vanished(around: Surroundings, covers: Covers, at_least: int, share: float) -> Iterator[Hit]:
    """Yield the first object that was not found and is made again, if these are ``at_least`` and ``share``, as above.

    Mostly Terraform looked into another region or account than last time.
    """
    missing = {drift.address for drift in around.plan.drift if drift.action is Action.DELETE and covers(drift.type)}
    instances = around.plan.instances
    made = [
        position
        for position in around.plan.direct
        if instances[position].address in missing and instances[position].action is Action.CREATE
    ]
    yield from _first_of_many(around, made, covers, at_least, share)


def _first_of_many(
    around: Surroundings, positions: Sequence[int], covers: Covers, at_least: int, share: float
) -> Iterator[Hit]:
    count = len(positions)
    if count < at_least:
        return
    others = sum(left for resource_type, left in around.left_alone.items() if covers(resource_type))
    if count >= share * (count + others):
        first = _first(around, positions)
        yield Hit(around.plan.instances[first].address, first, f"{count}, this one first; {others} are left alone")


def provider_argument(
    around: Surroundings, names: Sequence[str], paths: Sequence[str], one_of: Sequence[Scalar]
) -> Iterator[Hit]:
    """Yield the configurations of the providers ``names`` that set an argument of ``paths`` (to one of ``one_of``)."""
    within = [glob for path in paths for glob in (path, f"{path}.*")]
    is_meant = cache(lambda argument: matches(argument, within))  # most configurations of a provider set the same
    for provider in around.plan.configuration.providers.values():
        if provider.name in names and any(
            is_meant(".".join(item.path)) and _is_set(item, one_of) for item in provider.expressions
        ):
            yield Hit(_provider_address(provider))


def _is_set(expression: Expression, one_of: Sequence[Scalar]) -> bool:
    if not one_of:
        return expression.constant not in (ABSENT, None, "") or bool(expression.references)
    return matches(expression.constant, one_of)


def _provider_address(provider: ProviderConfig) -> str:
    steps = [f"module.{name}" for name in provider.module]
    label = f"{provider.name}.{provider.alias}" if provider.alias else provider.name
    return ".".join([*steps, f"provider[{label}]"])


def floating_module(around: Surroundings) -> Iterator[Hit]:
    """Yield the calls of modules from elsewhere whose version is not fixed, where something in them changes."""
    floating = {
        (*path, name)
        for path, module in around.plan.configuration.modules.items()
        for name, call in module.calls.items()
        if _floats(call)
    }
    if not floating:
        return
    instances = around.plan.instances
    modules = {id(instances[position].module): instances[position].module for position in around.plan.direct}
    paths = map(module_path, modules.values())  # the plan keeps each module once
    changed = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    yield from (Hit(_module_address(path)) for path in sorted(changed & floating))


_REGISTRY = Pattern(r"(?:[\w.-]+\.[a-z]+/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?\Z")
_REMOTE = (
    *("git::", "hg::", "s3::", "gcs::", "http://", "https://", "git@"),
    *("github.com/", "github.org/", "bitbucket.com/", "bitbucket.org/"),
)
_MOVING_REFERENCE = Pattern(r"[?&]ref=(?:main|master|HEAD|develop|trunk|refs/heads/.*)(?:&|\Z)")


def _floats(call: ModuleCall) -> bool:
    """Whether the next ``terraform init`` may bring another version of the module."""
    if call.source.startswith(_REMOTE):
        fixed = "ref=" in call.source or re.search(r"\.(?:zip|tgz|tar\.gz)(?:\?|\Z)", call.source) is not None
        return not fixed or _MOVING_REFERENCE.search(call.source) is not None
    if call.source.startswith(".") or not _REGISTRY.match(call.source):
        return False
    return not call.version or not re.search(r"\d", call.version) or call.version.strip().startswith((">", "!"))


def _module_address(path: ModulePath) -> str:
    return ".".join(f"module.{name}" for name in path)


def floating_provider(around: Surroundings) -> Iterator[Hit]:
    """Yield the providers that something in a cloud changes by and that no module asks a version of."""
    changed = {
        around.plan.instances[position].provider_name
        for position in around.plan.direct
        if around.placements[position].located
    }
    by_name: dict[str, list[ProviderConfig]] = {}
    for provider in around.plan.configuration.providers.values():
        by_name.setdefault(provider.full_name, []).append(provider)
    for name, providers in by_name.items():
        if name in changed and not any(provider.version_constraint for provider in providers):
            yield Hit(_provider_address(providers[0]))


def action_invoked(around: Surroundings) -> Iterator[Hit]:
    """Yield the provider actions that Terraform runs beside the resource changes (1.14 and newer)."""
    yield from (Hit(invocation.address) for invocation in around.plan.action_invocations)


_LOOKS_UP = (Action.READ, Action.OPEN)


def program_run(around: Surroundings, types: Sequence[str]) -> Iterator[Hit]:
    """Yield the data sources of ``types`` that are read during apply, and the ephemeral resources that are opened."""
    instances = around.plan.instances
    for position in [position for position, instance in enumerate(instances) if instance.action in _LOOKS_UP]:
        instance = instances[position]
        if instance.type in types and not instance.only_in_prior_state:
            yield Hit(instance.address, position)


def _changed_blocks(around: Surroundings, covers: Covers) -> Iterator[Sequence[int]]:
    """Yield the current instances of each managed block of which at least two are direct and not all are new."""
    for resource_type, blocks in around.changed_blocks.items():
        if covers(resource_type):
            yield from blocks
