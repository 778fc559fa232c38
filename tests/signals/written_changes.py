"""Single changes written by hand, for the tests of predicates."""

from collections.abc import Mapping

from handmade import instance, placement, plan
from scopegate.facts.facts import Facts
from scopegate.plan.actions import Action
from scopegate.signals.change import Change, Surroundings, change_at

_ACTIONS = {
    (False, True): Action.CREATE,
    (True, True): Action.UPDATE,
    (True, False): Action.DELETE,
}


def change(
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    *,
    unknown: Mapping[str, object] | None = None,
    address: str = "aws_thing.a",
    account: str | None = None,
    **fields: object,
) -> Change:
    """Return a change from ``before`` to ``after``: a create without the one, a destroy without the other."""
    action = _ACTIONS[(before is not None, after is not None)]
    one = plan(instance(address, action, before, after, unknown, **fields))
    return change_at(0, Surroundings(one, [placement(account=account)], Facts()))
