"""Owners: from a rule that names owners of something to the groups that are to be asked."""

from collections.abc import Iterable
from typing import assert_never

from scopegate.errors import PolicyError
from scopegate.place.placement import Known, Placement
from scopegate.plan.address import ConfigAddress, in_stack, module_path
from scopegate.plan.model import Instance
from scopegate.policy.beyond import UNKNOWN
from scopegate.policy.codeowners import owners_of_path
from scopegate.policy.glob import matches
from scopegate.policy.kinds import LimitKind
from scopegate.policy.model import Change, Excess, Policy
from scopegate.policy.sign_off import (
    CHANGED_FILES,
    RESOURCES,
    Block,
    CodeOwnerSignOff,
    Combined,
    Outcome,
    OwnerSignOff,
    SignOff,
)


def looked_up(outcome: Outcome, excess: Excess, change: Change, policy: Policy) -> SignOff | Combined | Block:
    """Return ``outcome`` with every owner looked up for what ``excess`` is about.

    Raises:
        PolicyError: somebody's agreement is asked for, and nobody is known who could give it.
    """
    match outcome:
        case SignOff() | Block():
            return outcome
        case OwnerSignOff():
            return _all_of(_owners(outcome, excess, change, policy), outcome.count)
        case CodeOwnerSignOff():
            return _all_of(_code_owners(outcome, excess, change), outcome.count)
        case Combined(needed, rules):
            parts = (looked_up(rule, excess, change, policy) for rule in rules)
            return Combined(needed, tuple(part for part in parts if not isinstance(part, Block)))
        case _:
            assert_never(outcome)


def _all_of(owners: Iterable[tuple[str, ...]], count: int) -> SignOff | Combined:
    """Return the rule that each of ``owners`` agrees; those who own several places are asked once."""
    rules = tuple(SignOff(count, groups) for groups in dict.fromkeys(owners))
    return rules[0] if len(rules) == 1 else Combined(len(rules), rules)


def _owners(rule: OwnerSignOff, excess: Excess, change: Change, policy: Policy) -> list[tuple[str, ...]]:
    if rule.of is LimitKind.STACKS:
        return [_stack_owner(excess, policy)]
    values = excess.beyond.get(rule.of) or _values_of(excess, change, rule.of)
    return [_owner(value, rule, excess, policy) for value in values]


def _stack_owner(excess: Excess, policy: Policy) -> tuple[str, ...]:
    if policy.stack is None:
        raise PolicyError(
            f"{policy.name}: the limit {excess.limit.name!r} asks the owner of the plan's stack, but the plan belongs "
            "to no stack, so nobody could agree; add a stack that matches it."
        )
    return policy.stack.owner


def _owner(value: str, rule: OwnerSignOff, excess: Excess, policy: Policy) -> tuple[str, ...]:
    for pattern, groups in policy.owners.get(rule.of, ()):
        if matches(pattern, value):
            return groups
    raise PolicyError(
        f"{policy.name}: the limit {excess.limit.name!r} asks the owner of the {rule.of.singular} {value!r}, but "
        f"owners.{rule.of.value} names none, so nobody could agree; add a row for it, or one for '*'."
    )


def _values_of(excess: Excess, change: Change, kind: LimitKind) -> tuple[str, ...]:
    """Return the values that the excess's resources (of an excess without any: all touched ones) have."""
    instances = excess.instances or tuple(change.reach.touches)
    places = (change.placements[position] for position in instances)
    found = {value for placement in places if placement.located for value in _values_at(placement, kind)}
    return tuple(sorted(found)) or (UNKNOWN,)


def _values_at(placement: Placement, kind: LimitKind) -> Iterable[str]:
    match kind:
        case LimitKind.PROVIDERS:
            return (placement.provider,)
        case LimitKind.JURISDICTIONS:
            law = placement.jurisdictions
            return sorted(law.value) if isinstance(law, Known) else (UNKNOWN,)
        case _:
            answers = {
                LimitKind.PARTITIONS: placement.partition,
                LimitKind.REGIONS: placement.region,
                LimitKind.ACCOUNTS: placement.account,
                LimitKind.ENVIRONMENTS: placement.environment,
                LimitKind.SERVICES: placement.service,
            }
            answer = answers[kind]
            return (answer.value if isinstance(answer, Known) else UNKNOWN,)


def _code_owners(rule: CodeOwnerSignOff, excess: Excess, change: Change) -> list[tuple[str, ...]]:
    rules = change.context.code_owners
    if rules is None:
        raise PolicyError(
            f"The limit {excess.limit.name!r} asks code owners, but there is no CODEOWNERS file here, so nobody could "
            "agree; pass it with --codeowners, or ask a group instead."
        )
    return [_code_owner(path, excess, owners_of_path(rules, path)) for path in _files(rule, excess, change)]


def _code_owner(path: str, excess: Excess, owners: tuple[str, ...]) -> tuple[str, ...]:
    if not owners:
        raise PolicyError(
            f"The limit {excess.limit.name!r} asks the code owners of {path}, but CODEOWNERS names none, so nobody "
            "could agree; add an owner, or ask a group instead."
        )
    return owners


def _files(rule: CodeOwnerSignOff, excess: Excess, change: Change) -> tuple[str, ...]:
    if rule.paths == (CHANGED_FILES,):
        return _changed_files(excess, change)
    if rule.paths == (RESOURCES,):
        return _files_of_resources(excess, change)
    return rule.paths


def _files_of_resources(excess: Excess, change: Change) -> tuple[str, ...]:
    """Return the files of the excess's resources; of an excess without any, such as a signal on the plan: all touched.

    An excess that asked the owners of no file asked nobody, and passed.
    """
    instances = excess.instances or tuple(change.reach.touches)
    if not instances:
        raise PolicyError(
            f"The limit {excess.limit.name!r} asks the code owners of the resources' files, but it is about no "
            f"resource, so nobody could agree; ask a group, or the code owners of {CHANGED_FILES}."
        )
    return tuple(dict.fromkeys(_file_of(change.plan.instances[p], excess, change) for p in instances))


def _changed_files(excess: Excess, change: Change) -> tuple[str, ...]:
    if not change.context.changed_files:
        raise PolicyError(
            f"The limit {excess.limit.name!r} asks the code owners of the changed files, but nobody said which files "
            "changed; pass the list with --changed-files."
        )
    return change.context.changed_files


def _file_of(instance: Instance, excess: Excess, change: Change) -> str:
    block = ConfigAddress(module_path(instance.module), instance.mode, instance.type, instance.name)
    address = in_stack(instance.stack, str(block))
    file = change.files.get(address)
    if file is None:
        raise PolicyError(
            f"The limit {excess.limit.name!r} asks the code owners of the resources' files, but the file of {address} "
            "is not known; pass the folder of the .tf files with --source, or ask a group instead."
        )
    return file
