"""Single changes written by hand, for the tests of predicates."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from handmade import instance, placement, plan
from scopegate.facts.facts import Facts
from scopegate.plan.actions import Action
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
    action: Action | None = None,
    address: str = "aws_thing.a",
    account: str | None = None,
    written: Sequence[str] | None = None,
    provisioners: Sequence[str] = (),
    refers: Mapping[str, Sequence[str]] | None = None,
    **fields: object,
) -> Change:
    """Return a change from ``before`` to ``after``; where no ``action`` is named, a missing side says which.

    Its block has the arguments ``written`` (``rule.port``: one within a block), those computed from what it ``refers``
    to, and the ``provisioners``; without all of them the configuration does not know it.
    """
    planned = action or _ACTIONS[(before is not None, after is not None)]
    one = plan(instance(address, planned, before, after, unknown, **fields))
    if written is not None or provisioners or refers:
        read = dict.fromkeys(written or (), ("var.x",)) | {name: tuple(texts) for name, texts in (refers or {}).items()}
        expressions = tuple(
            Expression(tuple(name.split(".")), references=references) for name, references in read.items()
        )
        block = Block(block_address(one.instances[0]), "aws", expressions, None, (), tuple(provisioners))
        one = replace(one, configuration=Configuration({}, {block.address: block}, {}))
    return change_at(0, Surroundings(one, [placement(account=account)], Facts()))
