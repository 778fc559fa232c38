"""The closed set of predicates that a rule may use, with their typed parameters.

Each is a small pure function, in the module of its kind; this module names them, types their parameters and calls them.
A new predicate is a function there, a struct and a branch here, and a rule with examples. The struct says which
arguments the function looks at: it is shown no others. The docstrings are published in the JSON Schema of rule files.
The modules about access, networks and what becomes of the object, which few changes are about, are imported where one
of their predicates is asked.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, ClassVar

import msgspec

from scopegate.signals.change import Change, Surroundings, explained, steps
from scopegate.signals.finding import Finding, first_that_fires
from scopegate.signals.places import Beyond, effect_is, moves_region, reaches_beyond
from scopegate.signals.plan_wide import (
    Covers,
    Hit,
    action_invoked,
    floating_module,
    floating_provider,
    index_shift,
    mass_destruction,
    mass_replacement,
    program_run,
    provider_argument,
    renamed_keys,
    vanished,
)
from scopegate.signals.values import (
    Scalar,
    added,
    became,
    changed,
    decreased,
    emptied,
    gained,
    increased,
    is_one_of,
    lost,
    lowered,
    removed,
    was_one_of,
)
from scopegate.signals.words import (
    POLICY_HOLDERS,
    RULE_HOLDERS,
    AzureLevel,
    Form,
    GoogleWidening,
    Order,
    WayBack,
    Widening,
    Width,
)

Paths = str | tuple[str, ...]
"""One attribute path, or several of which any one will do (the same thing under other names)."""


class _OnChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="predicate"):
    """A predicate on one change with its parameters; the tag is its name in rule files."""

    def holds(self, change: Change) -> Finding:
        """Return whether it holds for ``change``."""
        raise NotImplementedError

    def arguments(self) -> Iterable[str]:
        """Return the arguments whose values it looks at: a change is shown to it with these alone."""
        return ()

    def compared(self) -> Iterable[str]:
        """Return the arguments that it looks at to compare them with what they were."""
        return ()

    about_difference: ClassVar[bool] = False
    """Whether it holds only where one of all these arguments is touched."""

    def is_ruled_out(self, change: Change) -> bool:  # noqa: ARG002
        """Return whether it holds for no change of the type and place of ``change`` with the same planned for it."""
        return False


class _OnKind(_OnChange, frozen=True):
    """A predicate that looks at no value, so that it holds for all changes of one kind or for none."""

    def is_ruled_out(self, change: Change) -> bool:
        return self.holds(change) is None


class _OnPath(_OnChange, frozen=True):
    """A predicate on the values at one path, or at that of several which is there."""

    path: Paths

    about_difference: ClassVar[bool] = True

    def arguments(self) -> Iterable[str]:
        return _arguments_at(self._paths())

    def _paths(self) -> tuple[str, ...]:
        return (self.path,) if isinstance(self.path, str) else self.path

    def first(self, change: Change, holds: Callable[[str], Finding]) -> Finding:
        """Return what ``holds`` finds at the first path where it fires; else whether it cannot be told."""
        paths = self._paths()
        if self.about_difference:
            touched = change.touched
            paths = tuple(path for path in paths if steps(path)[0] in touched)
        return first_that_fires(explained(change, holds(path)) for path in paths)


def _arguments_at(paths: Iterable[str]) -> Iterator[str]:
    return (steps(path)[0] for path in paths)


class Became(_OnPath, frozen=True, tag="became"):
    """More values at `path` are one of `to` than before; an absent value stands for `default`. Strings are globs.

    With `beside` only blocks count in which something stands at one of its paths, and is one of its values if any.
    """

    to: tuple[Scalar, ...]
    default: Scalar | None = None
    beside: dict[str, tuple[Scalar, ...]] = {}

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: became(change, path, self.to, self.default, self.beside))


class IsOneOf(_OnPath, frozen=True, tag="is_one_of"):
    """A value at `path` is one of `one_of`, in the object as it will be, or was if it goes. Strings are globs."""

    one_of: tuple[Scalar, ...]
    default: Scalar | None = None

    about_difference: ClassVar[bool] = False

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: is_one_of(change, path, self.one_of, self.default))


class WasOneOf(_OnPath, frozen=True, tag="was_one_of"):
    """A value at `path` is one of `one_of` in the object as it is now. Strings are globs."""

    one_of: tuple[Scalar, ...]
    default: Scalar | None = None

    about_difference: ClassVar[bool] = False

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: was_one_of(change, path, self.one_of, self.default))


class Added(_OnPath, frozen=True, tag="added"):
    """More values or blocks stand at `path` than before."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: added(change, path))


class Removed(_OnPath, frozen=True, tag="removed"):
    """Fewer values or blocks stand at `path` than before."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: removed(change, path))


class Emptied(_OnPath, frozen=True, tag="emptied"):
    """Something stood at `path`, and nothing does any more."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: emptied(change, path))


class Changed(_OnPath, frozen=True, tag="changed"):
    """The values at `path` differ, both being there; JSON in a string is compared as JSON."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: changed(change, path))


class Gained(_OnPath, frozen=True, tag="gained"):
    """A value stands at `path` that did not, and that one of `matching` matches if there are any.

    With `globs` the values are patterns themselves: what an old one covers is not new. `beside` as in `became`.
    """

    matching: tuple[Scalar, ...] = ()
    globs: bool = False
    beside: dict[str, tuple[Scalar, ...]] = {}

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: gained(change, path, self.matching, self.beside, globs=self.globs))


class Lost(_OnPath, frozen=True, tag="lost"):
    """A value stood at `path` that no longer does, and that one of `matching` matches if there are any.

    `globs` and `beside` as in `gained`.
    """

    matching: tuple[Scalar, ...] = ()
    globs: bool = False
    beside: dict[str, tuple[Scalar, ...]] = {}

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: lost(change, path, self.matching, self.beside, globs=self.globs))


class Decreased(_OnPath, frozen=True, tag="decreased"):
    """A number or duration at `path` falls by at least `share` of it (0: at all).

    Where several stand there, those that stay are set aside and the rest are paired by size. Values of `unlimited`
    count as without bound. With `to_at_most` the new number is at most that. `beside` as in `became`.
    """

    share: float = 0.0
    unlimited: tuple[Scalar, ...] = ()
    default: Scalar | None = None
    to_at_most: float | None = None
    beside: dict[str, tuple[Scalar, ...]] = {}

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(
            change,
            lambda path: decreased(
                change, path, self.share, self.unlimited, self.default, self.to_at_most, self.beside
            ),
        )


class Increased(_OnPath, frozen=True, tag="increased"):
    """A number or duration at `path` rises by at least `share` of it (0: at all), paired as in `decreased`."""

    share: float = 0.0
    unlimited: tuple[Scalar, ...] = ()
    default: Scalar | None = None

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: increased(change, path, self.share, self.unlimited, self.default))


class Lowered(_OnPath, frozen=True, tag="lowered"):
    """The weakest value at `path` stands further up in `order` (globs, weakest first) than before."""

    order: tuple[str, ...]
    default: Scalar | None = None

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return self.first(change, lambda path: lowered(change, path, self.order, self.default))


class OpensIngress(_OnChange, frozen=True, tag="opens_ingress"):
    """A firewall rule of the form `form` lets in what it did not: from the whole Internet, or at all (`to: wider`).

    With `except_ports` openings of these ports alone do not count; with `only_ports` nothing but these may be opened.
    """

    form: Form
    to: Width = "world"
    except_ports: tuple[int, ...] = ()
    only_ports: tuple[int, ...] = ()

    about_difference: ClassVar[bool] = True

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.networks import opens_ingress

        return opens_ingress(change, self.form, self.to, self.except_ports, self.only_ports)

    def arguments(self) -> Iterable[str]:  # noqa: D102
        from scopegate.signals.networks import arguments_of

        return arguments_of(self.form)

    def compared(self) -> Iterable[str]:  # noqa: D102
        return RULE_HOLDERS


class WidensNetworks(_OnChange, frozen=True, tag="widens_networks"):
    """The networks listed at `paths` hold the whole Internet, or any address (`to: wider`), that they did not hold."""

    paths: tuple[str, ...]
    to: Width = "world"

    about_difference: ClassVar[bool] = True

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.networks import widens_networks

        return widens_networks(change, self.paths, self.to)

    def arguments(self) -> Iterable[str]:  # noqa: D102
        return _arguments_at(self.paths)


class NarrowsNetworks(_OnChange, frozen=True, tag="narrows_networks"):
    """The networks listed at `paths` lack addresses that they held before."""

    paths: tuple[str, ...]

    about_difference: ClassVar[bool] = True

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.networks import narrows_networks

        return narrows_networks(change, self.paths)

    def arguments(self) -> Iterable[str]:  # noqa: D102
        return _arguments_at(self.paths)


class SpansAddresses(_OnChange, frozen=True, tag="spans_addresses"):
    """The range from the address at `first` to that at `last` becomes one that holds the whole Internet."""

    first: str
    last: str

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.networks import spans_addresses

        return spans_addresses(change, self.first, self.last)

    def arguments(self) -> Iterable[str]:  # noqa: D102
        return _arguments_at((self.first, self.last))


class PolicyChanges(_OnChange, frozen=True, tag="policy_changes"):
    """The AWS policy documents at `paths` change in one of the ways `what`: what is newly granted, or not denied."""

    paths: tuple[str, ...]
    what: tuple[Widening, ...]

    about_difference: ClassVar[bool] = True

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.aws_grants import policy_changes

        return policy_changes(change, self.paths, self.what)

    def arguments(self) -> Iterable[str]:  # noqa: D102
        return _arguments_at(self.paths)

    def compared(self) -> Iterable[str]:  # noqa: D102
        return POLICY_HOLDERS


class GoogleGrants(_OnChange, frozen=True, tag="google_grants"):
    """The grants of a Google IAM member, binding or policy change in one of the ways `what`."""

    what: tuple[GoogleWidening, ...]

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.google_grants import google_grants

        return google_grants(change, self.what)

    def arguments(self) -> Iterable[str]:  # noqa: D102
        from scopegate.signals.google_grants import GRANT

        return GRANT


class AzureScope(_OnChange, frozen=True, tag="azure_scope"):
    """The Azure resource id at `path` is at one of the levels `at`."""

    path: str
    at: tuple[AzureLevel, ...]

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.azure_scope import scope_is_at

        return scope_is_at(change, self.path, self.at)

    def arguments(self) -> Iterable[str]:  # noqa: D102
        return _arguments_at((self.path,))


class StateAtStake(_OnKind, frozen=True, tag="state_at_stake"):
    """The object's way back, by the table of stateful types, is one of those named."""

    way_back: tuple[WayBack, ...]

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.lifecycle import state_at_stake

        return state_at_stake(change, self.way_back)


class Unmapped(_OnKind, frozen=True, tag="unmapped"):
    """No fact table knows the type."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.lifecycle import unmapped

        return unmapped(change)


class Located(_OnKind, frozen=True, tag="located"):
    """The object is somewhere, and not a helper such as a random string."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.lifecycle import located

        return located(change)


class ReplacementOrder(_OnKind, frozen=True, tag="replacement_order"):
    """What the replacement begins with."""

    first: Order

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.lifecycle import replacement_order

        return replacement_order(change, self.first)


class ReplacedBecause(_OnChange, frozen=True, tag="replaced_because"):
    """One of the attributes `paths` forces the replacement; without paths, it is a replacement at all."""

    paths: tuple[str, ...] = ()

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.lifecycle import replaced_because

        return replaced_because(change, self.paths)


class MovedAcrossModules(_OnChange, frozen=True, tag="moved_across_modules"):
    """The object changes its module."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.lifecycle import moved_across_modules

        return moved_across_modules(change)


class RevertsDrift(_OnChange, frozen=True, tag="reverts_drift"):
    """The change undoes what was done to the object outside of Terraform."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.lifecycle import reverts_drift

        return reverts_drift(change)

    def is_ruled_out(self, change: Change) -> bool:  # noqa: D102
        return change.instance.address not in change.around.drift


class Provisioned(_OnChange, frozen=True, tag="provisioned"):
    """Provisioners of the block run."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.lifecycle import provisioned

        return provisioned(change)

    def is_ruled_out(self, change: Change) -> bool:  # noqa: D102
        return change.instance.type not in change.around.types_with_provisioners


class EffectIs(_OnKind, frozen=True, tag="effect_is"):
    """The change has one of these effects beyond the object itself: region, account, organization, edge."""

    one_of: tuple[str, ...]

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return effect_is(change, self.one_of)


class MovesRegion(_OnKind, frozen=True, tag="moves_region"):
    """The object leaves one region for another."""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return moves_region(change)


class ReachesBeyond(_OnChange, frozen=True, tag="reaches_beyond"):
    """An attribute that the change sets anew names another region, partition, account or jurisdiction.

    `kinds` are relations of the cross-region table (replicates, creates, sends, …); none stands for all.
    """

    dimension: Beyond
    kinds: tuple[str, ...] = ()

    def holds(self, change: Change) -> Finding:  # noqa: D102
        return reaches_beyond(change, self.dimension, self.kinds)

    def is_ruled_out(self, change: Change) -> bool:  # noqa: D102
        return not change.placement.also_reaches


class LastOfItsKind(_OnChange, frozen=True, tag="last_of_its_kind"):
    """Of the objects of `types` that the plan leaves alone, none is like this one.

    Like it are those with a value of `one_of` at `path` and the same value at `parent`, as far as these are given.
    """

    types: tuple[str, ...] = ()
    path: str = ""
    one_of: tuple[Scalar, ...] = ()
    parent: str = ""

    def holds(self, change: Change) -> Finding:  # noqa: D102
        from scopegate.signals.siblings import last_of_its_kind

        return last_of_its_kind(change, self.types, self.path, self.one_of, self.parent)

    def arguments(self) -> Iterable[str]:  # noqa: D102
        return _arguments_at(filter(None, (self.path, self.parent)))


Predicate = (
    Became
    | IsOneOf
    | WasOneOf
    | Added
    | Removed
    | Emptied
    | Changed
    | Gained
    | Lost
    | Decreased
    | Increased
    | Lowered
    | OpensIngress
    | WidensNetworks
    | NarrowsNetworks
    | SpansAddresses
    | PolicyChanges
    | GoogleGrants
    | AzureScope
    | StateAtStake
    | Unmapped
    | Located
    | ReplacementOrder
    | ReplacedBecause
    | MovedAcrossModules
    | RevertsDrift
    | Provisioned
    | EffectIs
    | MovesRegion
    | ReachesBeyond
    | LastOfItsKind
)
"""A predicate on one change."""


class _OnPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="predicate"):
    """A predicate on a whole plan with its parameters; the tag is its name in rule files."""

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:
        """Yield where it holds; ``covers`` tells the resource types that the rule looks at."""
        raise NotImplementedError


class MassReplacement(_OnPlan, frozen=True, tag="mass_replacement"):
    """At least `at_least` instances of one block are replaced."""

    at_least: Annotated[int, msgspec.Meta(ge=2)]

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: D102
        return mass_replacement(around, covers, self.at_least)


class IndexShift(_OnPlan, frozen=True, tag="index_shift"):
    """Instances of a counted block take over their neighbours' values, because a list lost or won an item."""

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: D102
        return index_shift(around, covers)


class RenamedKeys(_OnPlan, frozen=True, tag="renamed_keys"):
    """A block destroys an instance and creates the like of it under another key."""

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: D102
        return renamed_keys(around, covers)


class MassDestruction(_OnPlan, frozen=True, tag="mass_destruction"):
    """At least `at_least` objects are destroyed, and at least `share` of these and of what is left alone."""

    at_least: Annotated[int, msgspec.Meta(ge=1)]
    share: float

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: D102
        return mass_destruction(around, covers, self.at_least, self.share)


class Vanished(_OnPlan, frozen=True, tag="vanished"):
    """At least `at_least` objects were not found and are created again, and at least `share` of these and the rest."""

    at_least: Annotated[int, msgspec.Meta(ge=1)]
    share: float

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: D102
        return vanished(around, covers, self.at_least, self.share)


class ProviderArgument(_OnPlan, frozen=True, tag="provider_argument"):
    """A configuration of one of the `providers` sets the argument `path`, to one of `one_of` if there are any."""

    providers: tuple[str, ...]
    path: Paths
    one_of: tuple[Scalar, ...] = ()

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: ARG002, D102
        paths = (self.path,) if isinstance(self.path, str) else self.path
        return provider_argument(around, self.providers, paths, self.one_of)


class FloatingModule(_OnPlan, frozen=True, tag="floating_module"):
    """A module from elsewhere, in which something changes, has no fixed version."""

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: ARG002, D102
        return floating_module(around)


class FloatingProvider(_OnPlan, frozen=True, tag="floating_provider"):
    """A provider, by which something changes, has no version that any module of the configuration asks for."""

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: ARG002, D102
        return floating_provider(around)


class ActionInvoked(_OnPlan, frozen=True, tag="action_invoked"):
    """A provider action runs beside the resource changes."""

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: ARG002, D102
        return action_invoked(around)


class ProgramRun(_OnPlan, frozen=True, tag="program_run"):
    """A data source of one of `types` is read during apply, or an ephemeral resource of them opened."""

    types: tuple[str, ...]

    def hits(self, around: Surroundings, covers: Covers) -> Iterator[Hit]:  # noqa: ARG002, D102
        return program_run(around, self.types)


PlanPredicate = (
    MassReplacement
    | IndexShift
    | RenamedKeys
    | MassDestruction
    | Vanished
    | ProviderArgument
    | FloatingModule
    | FloatingProvider
    | ActionInvoked
    | ProgramRun
)
"""A predicate on a whole plan."""
