"""What of a plan is needed to judge it together with others, once its graph, places and signals are known.

Most of a plan is values that no later step looks at. Hundreds of plans can be held at once when these are let go: what
is left grows with the instances and with what is updated, not with the bytes.
"""

from typing import Final

from msgspec.structs import replace

from scopegate.plan.actions import Action
from scopegate.plan.decode_configuration import NO_CONFIGURATION
from scopegate.plan.marked import marked_values
from scopegate.plan.model import NULL, Drift, Instance, OutputChange, Plan

_CHANGES_ARE_COMPARED: Final = frozenset(action for action in Action if action is Action.UPDATE or action.replaces)
"""Of these the reach asks what is different afterwards; what comes or goes is different as a whole."""


def kept(plan: Plan) -> Plan:
    """Return ``plan`` with the values that its reach and its links to other plans are told by, and no others."""
    return replace(
        plan,
        instances=tuple(map(_kept, plan.instances)),
        configuration=NO_CONFIGURATION,
        variables={},
        drift=tuple(Drift(address=drift.address, type=drift.type, action=drift.action) for drift in plan.drift),
        output_changes={
            name: _copied(change) for name, change in plan.output_changes.items() if change.action.changes_something
        },
        marked_outputs=(),
        action_invocations=(),
        marked=frozenset(marked_values(plan)),
    )


def _kept(instance: Instance) -> Instance:
    compared = instance.action in _CHANGES_ARE_COMPARED
    read = compared or instance.reads_state
    # A value section is a part of the text of its plan, and would hold all of that.
    return replace(
        instance,
        before=instance.before.copy() if read else NULL,
        after=instance.after.copy() if read else NULL,
        after_unknown=instance.after_unknown.copy() if compared else NULL,
        before_sensitive=NULL,
        after_sensitive=NULL,
        before_identity=NULL,
        after_identity=NULL,
        prior_dependencies=None,
    )


def _copied(change: OutputChange) -> OutputChange:
    return OutputChange(change.action, change.before.copy(), change.after.copy(), change.after_unknown.copy())
