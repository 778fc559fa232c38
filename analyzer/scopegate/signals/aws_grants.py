"""Predicates on AWS policy documents: what is newly granted, to whom, and what is no longer denied."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
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
    may_be_covered,
    statements_of,
    statements_of_data_source,
    uncovered,
)
from scopegate.signals.change import Change, Path, block_address, holds_true, json_in, steps
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.globs import contains
from scopegate.signals.networks import is_world
from scopegate.signals.words import POLICY_HOLDERS, Widening


def policy_changes(change: Change, paths: Sequence[str], what: Sequence[Widening]) -> Finding:
    """Return whether the policy documents at ``paths`` change in one of the ways ``what``.

    The same document at another holder is taken from the one and given to the other.
    """
    moves = change.names_another(POLICY_HOLDERS)
    before, after = _statements(change, paths)
    taken, given = ((before, ()), ((), after)) if moves else ((before, after), (before, after))
    for way in what:
        found = _WAYS[way](change, *(taken if way in _TAKEN_AWAY else given))
        if found is not None:
            return Fires(f"{_WORDS[way]}: {found}" if found else _WORDS[way])
    unknown = _untold(change, paths)
    return Undecidable(unknown[0]) if unknown else None


_TAKEN_AWAY: Final = frozenset({"access-removed", "deny-removed"})


def _untold(change: Change, paths: Sequence[str]) -> list[str]:
    return change.once(
        ("untold", tuple(paths)),
        lambda: [path for path in paths if change.is_unknown(steps(path)) and not _is_told(change, path)],
    )


def _statements(change: Change, paths: Sequence[str]) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """Return the statements at ``paths`` before and after; a dozen rules ask for them."""

    def find() -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
        before = tuple(statement for path in paths for statement in _before(change, path))
        return before, tuple(statement for path in paths for statement in _after(change, path))

    return change.once(("statements", tuple(paths)), find)


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
    return change.once(
        ("deferred", path), lambda: _find_deferred(change, path) if change.is_unknown(steps(path)) else []
    )


def _find_deferred(change: Change, path: str) -> list[Instance]:
    expression = change.block.at(*steps(path)) if change.block else None
    if expression is None:
        return []
    references = [parse_reference(text) for text in expression.references]
    documents = [item for item in references if isinstance(item, ResourceReference) and item.type == _DOCUMENT]
    if len(documents) < len(references):
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
    return any(holds_true(unknown, (name,)) for name in INCLUDED) or any(_is_whole(unknown, path) for path in _BLOCKS)


_BLOCKS: Final = (("statement",), ("statement", "principals"), ("statement", "not_principals"))
"""Blocks of the data source of which not even the number is known where a ``dynamic`` one goes over what is unknown."""


def _is_whole(unknown: object, path: Path) -> bool:
    """Return whether all that stands at ``path`` is unknown, and not only a value in it."""
    if isinstance(unknown, list):
        return any(_is_whole(item, path) for item in unknown)
    if path and isinstance(unknown, dict):
        return _is_whole(unknown.get(path[0]), path[1:])
    return unknown is True


def _fresh(before: Sequence[Statement], after: Sequence[Statement]) -> tuple[Statement, ...]:
    return uncovered(_allows(after), _allows(before))


def _allows(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    return tuple(statement for statement in statements if statement.allows)


def _denies(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    return tuple(statement for statement in statements if not statement.allows)


_Way = Callable[[Change, Sequence[Statement], Sequence[Statement]], str | None]
"""Returns the detail of a change for the worse, or None where there is none."""


def _any_fresh(
    holds: Callable[[Statement], bool], _: Change, before: Sequence[Statement], after: Sequence[Statement]
) -> str | None:
    return "" if any(map(holds, _fresh(before, after))) else None


def _is_admin(statement: Statement) -> bool:
    actions = statement.actions.inverted or any(contains(glob, "*:*") for glob in statement.actions.globs)
    resources = statement.resources.inverted or any(map(_EVERYTHING.fullmatch, statement.resources.globs))
    return actions and resources and not any(map(_limits, statement.conditions))


def _is_service_wide(statement: Statement) -> bool:
    return any(glob.endswith(":*") for glob in statement.actions.globs) and _is_broad(statement)


def _is_broad(statement: Statement) -> bool:
    """Whether the statement is about all resources of a kind: ``*``, ``…:role/*``, ``…:function:*``."""
    resources = statement.resources
    return resources.inverted or any(map(_is_all_of_kind, resources.globs))


_EVERYTHING = Pattern(r"\*|arn:(?:\*|[\w*-]+:\*(?::\*){0,3})")
"""A resource pattern that leaves out no service: ``*``, ``arn:*``, ``arn:aws:*``, ``arn:aws:*:*:*:*``."""


def _is_all_of_kind(resource: str) -> bool:
    parts = resource.split(":", 5)
    if len(parts) < 6:  # a star matches colons too
        return resource.endswith("*")
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


def _named(
    actions: frozenset[str], _: Change, before: Sequence[Statement], after: Sequence[Statement], *, broad: bool
) -> str | None:
    """Return which of ``actions`` are newly granted, on all resources of a kind or on named ones."""
    names = {
        name
        for statement in _fresh(before, after)
        if _is_broad(statement) == broad and not any(map(_limits, statement.conditions))
        for name in statement.actions.covered(actions)
    }
    if not names:
        return None
    shown = sorted(names)[:3]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


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
    return key in _LIMITING and _names_values(operator) and bool(values) and not any(map(_is_open, values))


def _names_values(operator: str) -> bool:
    """Whether a request meets an operator by one of its values alone, and neither by another nor by having none."""
    named = not operator.endswith("ifexists") and not operator.startswith("forallvalues:")
    return named and operator != "null" and "not" not in operator


def _is_open(value: str) -> bool:
    """Whether a value leaves open whose it is: ``*``, ``o-*``, ``false``, ``0.0.0.0/0``, ``arn:aws:sns:*:*:*``.

    Amazon S3 User Guide, "The meaning of 'public'": only a value without a wildcard or a policy variable binds. Here
    one behind the name of the owner is no harm, as in ``o-a1b2c3d4e5/r-ab12/*`` or in a role's ``AROAEXAMPLE:*``.
    """
    if value.startswith("arn:"):
        return _is_anybodys(value)
    owner = value.replace("/", ":").replace(".", ":").partition(":")[0]
    return value == "false" or _is_wild(owner) or _is_wide_network(value)


def _is_anybodys(arn: str) -> bool:
    """Whether an ARN pattern leaves the account open, as ``arn:aws:sns:*:*:*`` does; buckets have none, but a name."""
    parts = arn.split(":", 5)
    return len(parts) < 6 or _is_wild(parts[4] or parts[5].partition("/")[0])


def _is_wild(text: str) -> bool:
    """Whether ``text`` has a wildcard, or a policy variable, in which whoever asks may fill in its own name."""
    return not set("*?$").isdisjoint(text)


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
        named = [part for glob in statement.principals.globs for part in glob.split(":")[5:6]]
        accounts = set(filter(str.isdecimal, named))
        if isinstance(own, Known):
            accounts.discard(own.value)
        if accounts:
            return "" if isinstance(own, Known) else "the own account is not known, so it may be that one"
    return None


def _is_unbound_federation(statement: Statement) -> bool:
    """Whether anybody with an account at a shared identity provider may come in: no condition on the subject.

    GitHub documentation, "Configuring OpenID Connect in Amazon Web Services": the trust policy must check ``sub``.
    """
    if not any(glob.startswith("federated:") and "oidc-provider" in glob for glob in statement.principals.globs):
        return False
    return not any(
        key.endswith(":sub") and _names_values(operator) and not any(map(_is_any_subject, values))
        for operator, key, values in statement.conditions
    )


def _is_any_subject(value: str) -> bool:
    """Whether a subject leaves open whose project it is: ``*``, ``repo:*``, ``repo:*/infra:*``, ``repo:acme*``.

    Whoever registers an organization with a fitting name comes in by the last two. The owner stands behind a word:
    ``repo:acme/infra:…`` (GitHub), ``project_path:acme/infra:…`` (GitLab), ``organization:acme:project:…`` (HCP
    Terraform, Buildkite), ``org/1a2b…/project/…`` (CircleCI), or comes first: ``{1a2b…}:…`` (Bitbucket).
    """
    first, *others = value.replace("/", ":").split(":", 2)
    return _is_wild(first) or (first.isidentifier() and any(map(_is_wild, others[:1])))


def _weaker_condition(_: Change, before: Sequence[Statement], after: Sequence[Statement]) -> str | None:
    fresh = _fresh(before, after)
    unbound = tuple(map(_without_conditions, _allows(before)))
    return "" if may_be_covered(fresh, unbound) else None


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
    "admin": partial(_any_fresh, _is_admin),
    "service-wide": partial(_any_fresh, _is_service_wide),
    "all-data": partial(_named, ALL_DATA, broad=True),
    "escalation": partial(_named, ESCALATION, broad=True),
    "narrow-escalation": partial(_named, ESCALATION, broad=False),
    "public": partial(_any_fresh, _is_public),
    "other-account": _other_account,
    "unbound-federation": partial(_any_fresh, _is_unbound_federation),
    "weaker-condition": _weaker_condition,
    "anything": partial(_any_fresh, lambda _: True),
    "deny-removed": _deny_removed,
    "access-removed": _access_removed,
    "deny-added": _deny_added,
}
