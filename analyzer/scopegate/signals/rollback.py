"""How to undo each change: whether it can be undone, what to do before it is applied, and what to do afterwards.

For the person on call at night: real commands, in the order in which things have to come back. Attribute values are not
printed; ``<words in brackets>`` name the attributes to fill in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.facts.model import Stateful
from scopegate.graph.graph import DependencyGraph
from scopegate.pattern import Pattern
from scopegate.place.placement import GLOBAL, Known, Placement
from scopegate.plan.actions import Action
from scopegate.plan.model import Instance, Plan
from scopegate.signals.change import Event, events_of
from scopegate.signals.model import Severity, Signal
from scopegate.signals.recipes import Recipe, Undoing
from scopegate.signals.rules import Rule, RuleSet


class RollbackNote(Struct, frozen=True):
    """How one direct change is undone: commands and sentences, in order. Of attribute values they hold places only."""

    address: str
    undoing: Undoing
    before_apply: tuple[str, ...]
    undo: tuple[str, ...]


class _Case(Struct, frozen=True):
    """A direct change with everything that its note, and that of every other change of its kind, is made from."""

    instance: Instance
    events: frozenset[Event]
    placement: Placement
    stateful: Stateful | None
    recipes: tuple[Recipe, ...]
    fired: tuple[Rule, ...]


def rollback_notes(
    plan: Plan,
    placements: Sequence[Placement],
    facts: Facts,
    rules: RuleSet,
    signals: Sequence[Signal],
    *,
    graph: DependencyGraph,
) -> tuple[RollbackNote, ...]:
    """Return a note for each object that changes, in the order in which to undo them: what others stand on first.

    ``signals`` are those that ``find_signals`` found with the same ``rules``. Linear in the plan and its graph.
    """
    fired = _fired(signals, rules)
    notes = _Notes(facts, rules)
    found: dict[int, RollbackNote] = {}
    for position in plan.direct:
        instance = plan.instances[position]
        if instance.action is not Action.INVOKE:
            found[position] = notes.of(instance, placements[position], fired.get(position, ()))
    return tuple(found[position] for position in sorted(found, key=_levels(graph).__getitem__))


def _fired(signals: Sequence[Signal], rules: RuleSet) -> Mapping[int, tuple[Rule, ...]]:
    by_id = rules.named({signal.rule for signal in signals})
    fired: dict[int, tuple[Rule, ...]] = {}
    for signal in signals:
        if signal.instance is not None:
            fired[signal.instance] = (*fired.get(signal.instance, ()), by_id[signal.rule])
    return fired


def _fitting(recipes: Iterable[Recipe], events: frozenset[Event], fired: Iterable[Rule]) -> tuple[Recipe, ...]:
    names = {rule.id for rule in fired}
    return tuple(
        recipe
        for recipe in recipes
        if not events.isdisjoint(recipe.actions) and (not recipe.rules or not names.isdisjoint(recipe.rules))
    )


def _levels(graph: DependencyGraph) -> Sequence[int]:
    """Return for each vertex the length of the longest chain of instances it depends on; in a circle, a part of it."""
    level = [0] * len(graph.dependencies)
    waiting = [len(dependencies) // 2 for dependencies in graph.dependencies]
    ready = [vertex for vertex, count in enumerate(waiting) if not count]
    for vertex in ready:  # grows while it is walked
        above = level[vertex] + (1 if vertex < graph.size else 0)
        for other in graph.dependents[vertex][::2]:
            if level[other] < above:  # max() would take half of the time of all this
                level[other] = above
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return level


class _Outline(Struct, frozen=True):
    """A note with its blanks: the same for all changes of one kind in one place."""

    undoing: Undoing
    before_apply: tuple[str, ...]
    undo: tuple[str, ...]
    is_whole: bool
    """Whether no blank is left."""


class _Notes:
    """Writes notes; what several changes have in common is put together once."""

    def __init__(self, facts: Facts, rules: RuleSet) -> None:
        self._facts = facts
        self._recipes_of = cache(rules.recipes_for_type)
        self._outlines: dict[tuple[object, ...], _Outline] = {}

    def of(self, instance: Instance, placement: Placement, fired: tuple[Rule, ...]) -> RollbackNote:
        """Return the note of a change on which these rules ``fired``."""
        # The plan and the rules keep placements and rules alive.
        key = (
            instance.type,
            instance.action,
            instance.importing,
            instance.previous_address is None,
            bool(instance.deposed),
            id(placement),
            tuple(map(id, fired)) if fired else None,
        )
        try:
            outline = self._outlines[key]
        except KeyError:
            outline = self._outlines[key] = self._outline(instance, placement, fired)
        undoing, before_apply, undo = outline.undoing, outline.before_apply, outline.undo
        address = instance.full_address
        if outline.is_whole:
            return RollbackNote(address, undoing, before_apply, undo)
        return RollbackNote(address, undoing, *(_own(texts, instance, placement) for texts in (before_apply, undo)))

    def _outline(self, instance: Instance, placement: Placement, fired: tuple[Rule, ...]) -> _Outline:
        events = events_of(instance)
        recipes = _fitting(self._recipes_of(instance.type), events, fired)
        stateful = self._facts.stateful(instance.type)
        return _outline(_Case(instance, events, placement, stateful, recipes, fired))


_BLANK_BEGINS: Final = "{"
"""In an outline only those blanks are left that differ from change to change."""


def _outline(case: _Case) -> _Outline:
    before = [text for recipe in case.recipes for text in recipe.before_apply]
    undo = [*_by_event(case.events), *_way_back(case), *(text for recipe in case.recipes for text in recipe.undo)]
    words = [rule.rollback for rule in case.fired if rule.rollback and rule.severity is not Severity.LOW]
    show = ["terraform state show {address}"] if any("<" in text for text in before) else []
    before_apply = tuple(_shared(text, case) for text in dict.fromkeys([*show, *before, *_no_recipe(case, before)]))
    after = tuple(_shared(text, case) for text in dict.fromkeys([*undo, *words]))
    is_whole = not any(_BLANK_BEGINS in text for text in (*before_apply, *after))
    return _Outline(_worst(case), before_apply, after, is_whole)


def _shared(text: str, case: _Case) -> str:
    """Return a text with its blanks filled, unless one of them is the change's own."""
    own = "{address}" in text or "{previous}" in text
    return text if own else _filled(text, case.instance, case.placement)


_SENTENCES: Final[Mapping[Event, str]] = {
    Event.CREATE: "Re-apply the old commit: it destroys this again, with what was written to it since.",
    Event.UPDATE: "Re-apply the old commit.",
    Event.REPLACE: "Re-apply the old commit: it makes a third one, with another id and nothing in it.",
    Event.DESTROY: "Re-apply the old commit: it makes it again, with another id and nothing in it.",
    Event.DEPOSED: "Not at all: the old object is gone; the current one stays.",
    Event.FORGET: "terraform import {address} <id>",
    Event.IMPORT: "terraform state rm {address}",
    Event.MOVE: "terraform state mv {address} {previous}",
}


@cache
def _by_event(events: frozenset[Event]) -> tuple[str, ...]:
    return tuple(_SENTENCES[event] for event in Event if event in events)


_GOES: Final = frozenset({Event.DESTROY, Event.DEPOSED, Event.REPLACE})


def _goes(case: _Case) -> bool:
    return not case.events.isdisjoint(_GOES)


def _way_back(case: _Case) -> Iterator[str]:
    if not _goes(case):
        return
    if case.stateful is None and not case.placement.mapped and case.placement.located:
        yield "No fact table says what it held, or whether there is a way back."
    elif case.stateful is not None and case.stateful.way_back_note:
        yield f"Way back: {case.stateful.way_back_note}."


def _no_recipe(case: _Case, before: Sequence[str]) -> Iterator[str]:
    stateful = case.stateful
    if _goes(case) and not before and stateful is not None and stateful.way_back != "recreate":
        yield f"Save what is lost otherwise: {stateful.lost}."


_BY_WAY_BACK: Final[Mapping[str, Undoing]] = {
    "none": Undoing.IRREVERSIBLE,
    "window": Undoing.REVERT_WITH_LOSS,
    "backup": Undoing.REVERT_WITH_LOSS,
    "partial": Undoing.REVERT_WITH_LOSS,
    "recreate": Undoing.REVERT,
}
_OWN_NAME: Final = frozenset({"address", "identity", "network"})
"""What these hold is known to others by an id or an address that is new when it is made again."""


_FROM_BEST: Final = tuple(Undoing)


def _worst(case: _Case) -> Undoing:
    stated = [*(recipe.undoing for recipe in case.recipes), *(rule.undoing for rule in case.fired)]
    return max([_by_facts(case), *(undoing for undoing in stated if undoing)], key=_FROM_BEST.index)


def _by_facts(case: _Case) -> Undoing:
    if Event.DEPOSED in case.events:
        return Undoing.IRREVERSIBLE
    if not _goes(case):
        return Undoing.REVERT
    if case.stateful is None:
        unknown = case.placement.located and not case.placement.mapped
        return Undoing.REVERT_WITH_LOSS if unknown else Undoing.REVERT
    undoing = _BY_WAY_BACK[case.stateful.way_back]
    return Undoing.REVERT_WITH_LOSS if undoing is Undoing.REVERT and case.stateful.holds in _OWN_NAME else undoing


def _own(texts: Iterable[str], instance: Instance, placement: Placement) -> tuple[str, ...]:
    return tuple(_filled(text, instance, placement) for text in texts)


def _filled(text: str, instance: Instance, placement: Placement) -> str:
    if _BLANK_BEGINS not in text:
        return text
    import shlex

    region = placement.region
    where = shlex.quote(region.value) if isinstance(region, Known) and region.value != GLOBAL else "<region>"
    words = {
        "{region}": where,
        "{address}": shlex.quote(instance.address),
        "{previous}": shlex.quote(instance.previous_address or ""),
    }
    # All at once: a key may be "{address}", and filling that in as well would break out of the quotes around it.
    return _BLANK.sub(lambda match: words[match.group()], text)


_BLANK: Final = Pattern(r"\{(?:region|address|previous)\}")
