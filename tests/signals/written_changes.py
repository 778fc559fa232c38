"""Single changes written by hand, for the tests of predicates."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from handmade import instance, placement, plan
from scopegate.facts.facts import Facts
from scopegate.plan.actions import Action
from scopegate.plan.address import ConfigAddress
from scopegate.plan.configuration import Block, Configuration, Expression
from scopegate.signals.change import Change, Surroundings, block_address, change_at

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
    written: Sequence[str] | None = None,
    **fields: object,
) -> Change:
    """Return a change from ``before`` to ``after``: a create without the one, a destroy without the other.

    Its block has the arguments ``written``; with None the configuration does not know it.
    """
    action = _ACTIONS[(before is not None, after is not None)]
    one = plan(instance(address, action, before, after, unknown, **fields))
    if written is not None:
        one = replace(one, configuration=_configuration(block_address(one.instances[0]), written))
    return change_at(0, Surroundings(one, [placement(account=account)], Facts()))


def _configuration(address: ConfigAddress, arguments: Sequence[str]) -> Configuration:
    expressions = tuple(Expression((name,), references=("var.x",)) for name in arguments)
    block = Block(address, "aws", expressions, None, ())
    return Configuration({}, {block.address: block}, {})
