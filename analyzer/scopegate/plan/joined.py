"""Several plans as one: their instances one after the other, each knowing the stack it is in.

What is told apart by address alone (the configuration, variables, outputs) is left with each plan: two stacks may hold
the same address.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, chain

import msgspec

from scopegate.errors import PlanError
from scopegate.plan.configuration import Configuration, Module
from scopegate.plan.model import Plan


def join_plans(plans: Sequence[Plan], stacks: Sequence[str]) -> Plan:
    """Return ``plans`` as one, the instances in their order; the only plan as it is.

    ``stacks`` are the names that tell the plans apart. The digest is that of the plans' digests, in any order.
    """
    if len(plans) == 1:
        return plans[0]
    import hashlib

    named = list(zip(plans, stacks, strict=True))
    return Plan(
        path=", ".join(plan.path for plan in plans),
        sha256=hashlib.sha256("\n".join(sorted(plan.sha256 for plan in plans)).encode()).hexdigest(),
        format_version="",
        terraform_version="",
        instances=tuple(
            msgspec.structs.replace(instance, stack=stack) for plan, stack in named for instance in plan.instances
        ),
        configuration=Configuration({(): Module(())}, {}, {}, present=False),
        drift=tuple(chain.from_iterable(plan.drift for plan in plans)),
        notes=tuple(f"{stack}: {note}" for plan, stack in named for note in plan.notes),
    )


def starts_of(plans: Sequence[Plan]) -> tuple[int, ...]:
    """Return the position of each plan's first instance among those of all."""
    return tuple(accumulate((len(plan.instances) for plan in plans[:-1]), initial=0))


def refuse_twice(paths: Sequence[str]) -> None:
    """Refuse a change that has no plan, or two plans of one name.

    Raises:
        PlanError: so it is.
    """
    if not paths:
        raise PlanError("There is no plan, so there is nothing that could be agreed to; name one or more.")
    if twice := sorted(path for path, times in Counter(paths).items() if times > 1):
        raise PlanError(
            f"There is more than one plan {twice[0]!r}, so it cannot be told which will be applied; make one for each "
            "stack."
        )
