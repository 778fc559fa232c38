"""One change as the predicates see it: values before and after, what is unknown, what is sensitive, where it stands.

A path is written with dots and leaves list indexes out (``rule.expiration.days``), as in the fact tables: it means
every value that stands there, in each of the repeated blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import msgspec

from scopegate.facts.model import Stateful
from scopegate.place.placement import Placement
from scopegate.plan.actions import Action
from scopegate.plan.configuration import Block
from scopegate.plan.model import Drift, Instance

Path = tuple[str, ...]
"""The steps to a value, list indexes left out."""


class Event(Enum):
    """What a plan does with one object, in the words of the rule files."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    DEPOSED = "deposed"
    """What an interrupted replacement left behind is destroyed."""
    FORGET = "forget"
    IMPORT = "import"
    MOVE = "move"


_EVENT_OF: Mapping[Action, Event] = {
    Action.CREATE: Event.CREATE,
    Action.UPDATE: Event.UPDATE,
    Action.DELETE: Event.DESTROY,
    Action.DELETE_THEN_CREATE: Event.REPLACE,
    Action.CREATE_THEN_DELETE: Event.REPLACE,
    Action.FORGET: Event.FORGET,
    Action.CREATE_THEN_FORGET: Event.FORGET,
    Action.FORGET_THEN_CREATE: Event.FORGET,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A direct instance with its values decoded.

    ``stateful`` is the row of the fact table for its type, ``drift`` what was done to it outside of Terraform; None
    where there is none.
    """

    instance: Instance
    events: frozenset[Event]
    before: Mapping[str, object]
    after: Mapping[str, object]
    unknown: object
    placement: Placement
    stateful: Stateful | None
    block: Block | None
    drift: Drift | None

    def values_before(self, path: Path) -> list[object]:
        """Return the values at ``path`` in the object that exists now; nulls are left out."""
        return leaves(self.before, path)

    def values_after(self, path: Path) -> list[object]:
        """Return the values at ``path`` as planned; nulls and values not known yet are left out."""
        return leaves(self.after, path)

    def is_unknown(self, path: Path) -> bool:
        """Whether something at ``path`` is known only after apply."""
        return holds_true(self.unknown, path)

    def is_sensitive(self, path: Path) -> bool:
        """Whether something at ``path`` is marked sensitive, before or after."""
        marks = (
            msgspec.json.decode(self.instance.before_sensitive),
            msgspec.json.decode(self.instance.after_sensitive),
        )
        return any(holds_true(mark, path) for mark in marks)


def events_of(instance: Instance) -> frozenset[Event]:
    """Return what the plan does with ``instance``; empty for what it leaves alone."""
    events = {Event.DEPOSED if instance.deposed and event is Event.DESTROY else event for event in _own_event(instance)}
    if instance.importing:
        events.add(Event.IMPORT)
    if instance.previous_address is not None:
        events.add(Event.MOVE)
    return frozenset(events)


def _own_event(instance: Instance) -> tuple[Event, ...]:
    event = _EVENT_OF.get(instance.action)
    return () if event is None else (event,)


def steps(path: str) -> Path:
    """Return the steps of a dotted path."""
    return tuple(path.split("."))


def leaves(value: object, path: Path) -> list[object]:
    """Return every value at ``path`` below ``value``: lists are walked through, nulls left out."""
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item, path)]
    if value is None:
        return []
    if not path:
        return [value]
    return leaves(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else []


def holds_true(marks: object, path: Path) -> bool:
    """Return whether ``marks`` (an unknown or sensitive section) is true at, above or below ``path``."""
    if isinstance(marks, bool):
        return marks
    if isinstance(marks, list):
        return any(holds_true(item, path) for item in marks)
    if not isinstance(marks, Mapping):
        return False
    if path:
        return holds_true(marks.get(path[0]), path[1:])
    return any(holds_true(item, ()) for item in marks.values())
