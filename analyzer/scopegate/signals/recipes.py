"""What to do before a change and how to undo it, as data: rows of commands for resource types."""

from enum import Enum

import msgspec

from scopegate.signals.change import Event
from scopegate.signals.globs import matches


class Undoing(Enum):
    """Whether a change can be undone; the value is the word in reports and rule files."""

    REVERT = "revert"
    """By re-applying the old commit."""
    REVERT_WITH_LOSS = "revert-with-loss"
    """By re-applying the old commit, but something stays lost or different."""
    IRREVERSIBLE = "irreversible"
    """Not at all, or only from a backup taken before."""


class Recipe(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"undoing": "class"},
):
    """Commands for changes of some resource types, by what happens to them.

    With ``rules`` it holds only where one of these rules fired on the change. In commands ``{region}`` and
    ``{address}`` are filled in; ``<words in brackets>`` stand for attributes of the resource.
    """

    types: tuple[str, ...]
    actions: tuple[Event, ...]
    rules: tuple[str, ...] = ()
    undoing: Undoing | None = None
    before_apply: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()


def matches_type(resource_type: str, globs: tuple[str, ...]) -> bool:
    """Return whether ``resource_type`` is one of ``globs``, names or patterns of names."""
    return any(resource_type == glob or ("*" in glob and matches(resource_type, glob)) for glob in globs)
