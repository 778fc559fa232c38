"""Predicates on AWS policy documents: what is newly granted, to whom, and what is no longer denied."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from scopegate.pattern import Pattern
from scopegate.place.placement import Known
from scopegate.plan.address import ConfigAddress, Mode
from scopegate.plan.model import Instance, decode_values
from scopegate.plan.reference import ResourceReference, parse_reference
from scopegate.signals.aws_conditions import Condition
from scopegate.signals.aws_policy import (
    EVERYONE,
    INCLUDED,
    Statement,
    statements_of,
    statements_of_data_source,
    uncovered,
)
from scopegate.signals.change import Change, block_address, holds_true, json_in, steps
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.globs import contains
from scopegate.signals.networks import is_world
from scopegate.signals.words import POLICY_HOLDERS, Widening


def policy_changes(change: Change, paths: Sequence[str], what: Sequence[Widening]) -> Finding:
    """Return whether the policy documents at ``paths`` change in one of the ways ``what``.

    The same document at another holder is taken from the one and given to the other.
    """
    moves = change.names_another(POLICY_HOLDERS)
    if not moves and not any(steps(path)[0] in change.touched for path in paths):
        return None
    before, after = _statements(change, paths)
    for way in what:
        kept = not moves or way in _TAKEN_AWAY
        found = _WAYS[way](change, before if kept else (), () if moves and kept else after)
        if found is not None:
            return Fires(f"{_WORDS[way]}: {found}" if found else _WORDS[way])
    unknown = _untold(change, paths)
    return Undecidable(unknown[0]) if unknown else None


_TAKEN_AWAY: Final = frozenset({"access-removed", "deny-removed"})


def _untold(change: Change, paths: Sequence[str]) -> list[str]:
    key = ("untold", tuple(paths))
    if key not in change.memo:
        change.memo[key] = [path for path in paths if change.is_unknown(steps(path)) and not _is_told(change, path)]
    found: list[str] = change.memo[key]
    return found


def _statements(change: Change, paths: Sequence[str]) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """Return the statements at ``paths`` before and after; a dozen rules ask for them."""
    key = ("statements", tuple(paths))
    if key not in change.memo:
        before = tuple(statement for path in paths for statement in _before(change, path))
        after = tuple(statement for path in paths for statement in _after(change, path))
        change.memo[key] = before, after
    found: tuple[tuple[Statement, ...], tuple[Statement, ...]] = change.memo[key]
    return found


def _before(change: Change, path: str) -> Iterator[Statement]:
    for leaf in change.values_before(steps(path)):
        yield from _stated(leaf) if isinstance(leaf, str) else statements_of(leaf)


@lru_cache(maxsize=4096)
def _stated(text: str) -> tuple[Statement, ...]:
    return tuple(statements_of(json_in(text)))


def _after(change: Change, path: str) -> Iterator[Statement]:
    for leaf in change.values_after(steps(path)):
        yield from _stated(leaf) if isinstance(leaf, str) else statements_of(leaf)
    for document in _deferred(change, path):
        yield from statements_of_data_source(decode_values(document.after))


_DOCUMENT = "aws_iam_policy_document"


def _deferred(change: Change, path: str) -> list[Instance]:
    """Return the policy document data sources that give the value at ``path`` once they are read, during apply.

    Terraform cannot read one whose arguments are not all known, but lists it with the arguments that are: without this,
    a new role's policy would be unknown only because it names the ARN of a new bucket.
    """
    key = ("deferred", path)
    if key not in change.memo:
        change.memo[key] = _find_deferred(change, path) if change.is_unknown(steps(path)) else []
    found: list[Instance] = change.memo[key]
    return found


def _find_deferred(change: Change, path: str) -> list[Instance]:
    expression = change.block.at(*steps(path)) if change.block else None
    if expression is None:
        return []
    references = [parse_reference(text) for text in expression.references]
    documents = [item for item in references if isinstance(item, ResourceReference) and item.type == _DOCUMENT]
    if not documents or len(documents) < len(references):
        return []
    return [document for item in documents for document in _documents(change, item)]


def _documents(change: Change, reference: ResourceReference) -> Iterator[Instance]:
    change.look_further()
    address = ConfigAddress(block_address(change.instance).module, Mode.DATA, _DOCUMENT, reference.name)
    for position in change.around.data_sources.get(address, ()):
        yield change.around.plan.instances[position]


def _is_told(change: Change, path: str) -> bool:
    """Whether the data sources that give the value at ``path`` are known but for ids in it."""
    documents = _deferred(change, path)
    return bool(documents) and not any(map(_includes_unknown, documents))


def _includes_unknown(document: Instance) -> bool:
    unknown = msgspec.json.decode(document.after_unknown)
    return any(holds_true(unknown, (name,)) for name in INCLUDED)


def _fresh(before: Sequence[Statement], after: Sequence[Statement]) -> tuple[Statement, ...]:
    return uncovered(_allows(after), _allows(before))


def _allows(statements: Iterable[Statement]) -> list[Statement]:
    return [statement for statement in statements if statement.allows]


def _denies(statements: Iterable[Statement]) -> list[Statement]:
    return [statement for statement in statements if not statement.allows]


_Way = Callable[[Change, Sequence[Statement], Sequence[Statement]], str | None]
"""Returns the detail of a change for the worse, or None where there is none."""


def _any_fresh(holds: Callable[[Statement], bool]) -> _Way:
    def way(_: Change, before: Sequence[Statement], after: Sequence[Statement]) -> str | None:
        return "" if any(holds(statement) for statement in _fresh(before, after)) else None

    return way


def _is_admin(statement: Statement) -> bool:
    actions = statement.actions.inverted or any(contains(glob, "*:*") for glob in statement.actions.globs)
    resources = statement.resources.inverted or any(map(_is_everything, statement.resources.globs))
    return actions and resources and not any(map(_limits, statement.conditions))


def _is_service_wide(statement: Statement) -> bool:
    return any(glob.endswith(":*") for glob in statement.actions.globs) and _is_broad(statement)


def _is_broad(statement: Statement) -> bool:
    """Whether the statement is about all resources of a kind: ``*``, ``…:role/*``, ``…:function:*``."""
    resources = statement.resources
    return resources.inverted or any(glob == "*" or _all_of_kind(glob) for glob in resources.globs)


def _is_everything(resource: str) -> bool:
    """Whether a resource pattern leaves out no service: ``*``, ``arn:*``, ``arn:aws:*``, ``arn:aws:*:*:*:*``."""
    return resource == "*" or _BROAD_ARN.fullmatch(resource) is not None


_BROAD_ARN = Pattern(r"arn:(?:\*|[\w*-]+:\*(?::\*){0,3})")


def _all_of_kind(arn: str) -> bool:
    parts = arn.split(":", 5)
    if len(parts) < 6:  # a star matches colons too
        return arn.startswith("arn:") and arn.endswith("*")
    if parts[2] == "s3":  # arn:aws:s3:::bucket/* is one bucket
        return parts[5] in ("*", "*/*")
    return parts[5].replace("/", ":").split(":", 1)[-1] == "*" or parts[5] in _EVERY_ONE_OF_A_KIND


_EVERY_ONE_OF_A_KIND: Final = frozenset(
    {"role*", "user*", "group*", "policy*", "function*", "table*", "secret*", "key*"}
)
"""Names of a kind with a star right behind; elsewhere such a star is a prefix of names, as in ``arn:…:sqs:…:shop*``."""


ESCALATION: Final = frozenset(
    {
        "ec2-instance-connect:sendsshpublickey",
        "eks:associateaccesspolicy",
        "eks:createaccessentry",
        "glue:updatedevendpoint",
        "iam:addusertogroup",
        "iam:attachgrouppolicy",
        "iam:attachrolepolicy",
        "iam:attachuserpolicy",
        "iam:createaccesskey",
        "iam:createloginprofile",
        "iam:createpolicyversion",
        "iam:deleterolepermissionsboundary",
        "iam:deleteuserpermissionsboundary",
        "iam:passrole",
        "iam:putgrouppolicy",
        "iam:putrolepermissionsboundary",
        "iam:putrolepolicy",
        "iam:putuserpermissionsboundary",
        "iam:putuserpolicy",
        "iam:setdefaultpolicyversion",
        "iam:updateassumerolepolicy",
        "iam:updateloginprofile",
        "kms:creategrant",
        "kms:putkeypolicy",
        "lambda:addpermission",
        "lambda:updatefunctioncode",
        "lambda:updatefunctionconfiguration",
        "ssm:sendcommand",
        "ssm:startsession",
        "sts:assumerole",
    }
)
"""Actions by which their holder can take rights that were not given to it.

After Rhino Security Labs, "AWS IAM Privilege Escalation – Methods and Mitigation", and the API documentation of the
services; an action counts where its resource is all of a kind.
"""


ALL_DATA: Final = frozenset(
    {
        "dynamodb:deleteitem",
        "dynamodb:scan",
        "rds-data:executestatement",
        "s3:deleteobject",
        "s3:getobject",
        "secretsmanager:getsecretvalue",
        "ssm:getparameter",
    }
)
"""Actions that read or delete what is kept; they count where their resource is everything of its kind."""


def _named(actions: frozenset[str], *, broad: bool) -> _Way:
    """Return the way in which some of ``actions`` are newly granted, on all resources of a kind or on named ones."""

    def way(_: Change, before: Sequence[Statement], after: Sequence[Statement]) -> str | None:
        names = {
            name
            for statement in _fresh(before, after)
            if _is_broad(statement) == broad and not any(map(_limits, statement.conditions))
            for name in actions
            if statement.actions.covers(name)
        }
        if not names:
            return None
        shown = sorted(names)[:3]
        return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

    return way


_LIMITING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:resourceaccount",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "iam:passedtoservice",
        "iam:permissionsboundary",
        "kms:calleraccount",
        "kms:grantisforawsresource",
        "kms:viaservice",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sts:externalid",
    }
)
"""Condition keys that bind a statement to somebody.

After Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", section "The meaning of 'public'".
"""


def _limits(condition: Condition) -> bool:
    operator, key, values = condition
    if key not in _LIMITING or "not" in operator or operator.endswith("ifexists") or operator.startswith("forall"):
        return False
    return bool(values) and not any(_is_open(value) for value in values)


def _is_open(value: str) -> bool:
    return not value.strip("*?") or _is_wide_network(value) or _is_anybodys(value)


def _is_anybodys(arn: str) -> bool:
    """Whether an ARN pattern leaves the account open, as ``arn:aws:sns:*:*:*`` does; buckets have none, but a name."""
    parts = arn.split(":", 5)
    if parts[0] != "arn":
        return False
    return len(parts) < 6 or "*" in parts[4] or (parts[4] == "" and parts[5].startswith("*"))


def _is_wide_network(value: str) -> bool:
    import ipaddress

    try:
        return is_world(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return False


def _is_public(statement: Statement) -> bool:
    everyone = statement.principals.inverted or EVERYONE in statement.principals.globs
    return everyone and not any(map(_limits, statement.conditions))


def _other_account(change: Change, before: Sequence[Statement], after: Sequence[Statement]) -> str | None:
    own = change.placement.account
    for statement in _fresh(before, after):
        accounts = [account for glob in statement.principals.globs if (account := _account_of(glob))]
        if any(not isinstance(own, Known) or account != own.value for account in accounts):
            return "" if isinstance(own, Known) else "the own account is not known, so it may be that one"
    return None


def _account_of(principal: str) -> str | None:
    parts = principal.split(":")
    return parts[5] if parts[0] == "aws" and len(parts) > 5 and parts[5].isdecimal() else None


def _is_unbound_federation(statement: Statement) -> bool:
    """Whether anybody with an account at a shared identity provider may come in: no condition on the subject.

    GitHub documentation, "Configuring OpenID Connect in Amazon Web Services": the trust policy must check ``sub``.
    """
    if not any(glob.startswith("federated:") and "oidc-provider" in glob for glob in statement.principals.globs):
        return False
    return not any(
        key.endswith(":sub") and "not" not in operator and not any(map(_is_any_subject, values))
        for operator, key, values in statement.conditions
    )


def _is_any_subject(value: str) -> bool:
    """Whether a subject leaves open whose project it is: ``*``, ``repo:*``, ``repo:*/infra:*``, ``repo:acme*``.

    Whoever registers an organization with a fitting name comes in by the last two.
    """
    kind, colon, rest = value.partition(":")
    owner = rest.split("/", 1)[0] if colon and kind in ("repo", "project_path") else kind
    return not set("*?").isdisjoint(owner)


def _weaker_condition(_: Change, before: Sequence[Statement], after: Sequence[Statement]) -> str | None:
    fresh = _fresh(before, after)
    bound = [statement for statement in _allows(before) if statement.conditions]
    unbound = [_without_conditions(statement) for statement in bound]
    return "" if any(other.covers(statement) for statement in fresh for other in unbound) else None


def _without_conditions(statement: Statement) -> Statement:
    return Statement(statement.allows, statement.actions, statement.resources, statement.principals, frozenset())


def _deny_removed(_: Change, before: Sequence[Statement], after: Sequence[Statement]) -> str | None:
    return "" if uncovered(_denies(before), _denies(after)) else None


def _deny_added(_: Change, before: Sequence[Statement], after: Sequence[Statement]) -> str | None:
    return "" if uncovered(_denies(after), _denies(before)) else None


def _access_removed(_: Change, before: Sequence[Statement], after: Sequence[Statement]) -> str | None:
    return "" if uncovered(_allows(before), _allows(after)) else None


_WORDS: Mapping[Widening, str] = {
    "admin": "every action on every resource",
    "service-wide": "every action of a service, on all resources of a kind",
    "all-data": "of everything there is",
    "escalation": "by these its holder can take more rights",
    "narrow-escalation": "by these its holder can take the rights of what they name",
    "public": "everyone",
    "other-account": "another account",
    "unbound-federation": "any subject of the identity provider",
    "weaker-condition": "a condition is gone or weaker",
    "anything": "more than before",
    "deny-removed": "a denial is gone or weaker",
    "access-removed": "less than before",
    "deny-added": "a new denial",
}

_WAYS: Mapping[Widening, _Way] = {
    "admin": _any_fresh(_is_admin),
    "service-wide": _any_fresh(_is_service_wide),
    "all-data": _named(ALL_DATA, broad=True),
    "escalation": _named(ESCALATION, broad=True),
    "narrow-escalation": _named(ESCALATION, broad=False),
    "public": _any_fresh(_is_public),
    "other-account": _other_account,
    "unbound-federation": _any_fresh(_is_unbound_federation),
    "weaker-condition": _weaker_condition,
    "anything": _any_fresh(lambda _: True),
    "deny-removed": _deny_removed,
    "access-removed": _access_removed,
    "deny-added": _deny_added,
}
