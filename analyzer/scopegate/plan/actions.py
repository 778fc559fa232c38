"""What Terraform and OpenTofu plan to do with one object: a closed set, decoded from their ordered action lists.

Source of the lists: ``actionString`` of internal/command/jsonplan/plan.go and internal/plans/action.go, in
hashicorp/terraform (0000ad57; ``["forget", "create"]`` since 1.16.3, pull request 39169) and in opentofu/opentofu
(62851843). OpenTofu has no case for its ``ForgetThenCreate`` there, so its ``default`` branch writes the Go name as the
only element. ``Renew`` and ``Close`` of ephemeral resources exist in Terraform's enumeration, but are "not meant to be
stored in the plan" (opentofu, action.go) and are therefore unknown here. Terraform itself writes no ephemeral resource
into a plan at all; OpenTofu does, as ``["open"]``.
"""

from collections.abc import Sequence
from enum import Enum


class Action(Enum):
    """One planned action; the value is the word used in reports."""

    NO_OP = "no-op"
    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    DELETE_THEN_CREATE = "delete-then-create"
    CREATE_THEN_DELETE = "create-then-delete"
    FORGET = "forget"
    CREATE_THEN_FORGET = "create-then-forget"
    FORGET_THEN_CREATE = "forget-then-create"
    OPEN = "open"
    INVOKE = "invoke"

    # Facts about each member, written into it below, once: every instance of a plan is asked for them a dozen times.
    changes_something: bool
    """Whether the world outside the state file may look different afterwards, or nobody looks after it any more."""
    destroys: bool
    """Whether the object that exists now is gone afterwards."""
    replaces: bool
    """Whether another object takes the place of the one that exists now."""
    forgets: bool
    """Whether the object lives on but is no longer managed."""
    takes_the_ground: bool
    """Whether whoever stands on the present object loses it: destroyed, replaced or forgotten."""

    __hash__ = object.__hash__


_HARMLESS = frozenset({Action.NO_OP, Action.READ, Action.OPEN})
_DESTROYS = frozenset({Action.DELETE, Action.DELETE_THEN_CREATE, Action.CREATE_THEN_DELETE})
_FORGETS = frozenset({Action.FORGET, Action.CREATE_THEN_FORGET, Action.FORGET_THEN_CREATE})
_REPLACES = frozenset(
    {Action.DELETE_THEN_CREATE, Action.CREATE_THEN_DELETE, Action.CREATE_THEN_FORGET, Action.FORGET_THEN_CREATE}
)

for _action in Action:
    _action.changes_something = _action not in _HARMLESS
    _action.destroys = _action in _DESTROYS
    _action.replaces = _action in _REPLACES
    _action.forgets = _action in _FORGETS
    _action.takes_the_ground = _action.destroys or _action.forgets

_BY_LIST: dict[tuple[str, ...], Action] = {
    ("no-op",): Action.NO_OP,
    ("read",): Action.READ,
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("delete", "create"): Action.DELETE_THEN_CREATE,
    ("create", "delete"): Action.CREATE_THEN_DELETE,
    ("forget",): Action.FORGET,
    ("create", "forget"): Action.CREATE_THEN_FORGET,
    ("forget", "create"): Action.FORGET_THEN_CREATE,
    ("ForgetThenCreate",): Action.FORGET_THEN_CREATE,
    ("open",): Action.OPEN,
}


def action_of(actions: Sequence[str]) -> Action | None:
    """Return the action that an action list stands for, or None for a list no known version writes."""
    return _BY_LIST.get(tuple(actions))
