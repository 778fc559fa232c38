"""Predicates on Google Cloud access: pairs of a role and a member, in whatever form a resource type writes them.

``*_iam_member`` is one pair, ``*_iam_binding`` one role with members, ``*_iam_policy`` a whole policy as JSON; the last
two are authoritative, so what they do not list loses its access.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from scopegate.signals.change import Change, leaves, steps
from scopegate.signals.finding import Finding, Fires, Undecidable
from scopegate.signals.words import GoogleWidening

Grant = tuple[str, str, str]
"""Role, member, condition (empty where there is none)."""

GRANT: Final = ("condition", "member", "members", "policy_data", "role")
"""The arguments that a grant is made of."""

_EVERYONE: Final = frozenset({"allusers", "allauthenticatedusers"})

_ADMIN: Final = frozenset(
    {
        "roles/owner",
        "roles/editor",
        "roles/billing.admin",
        "roles/iam.organizationRoleAdmin",
        "roles/iam.roleAdmin",
        "roles/iam.securityAdmin",
        "roles/orgpolicy.policyAdmin",
        "roles/resourcemanager.folderAdmin",
        "roles/resourcemanager.folderIamAdmin",
        "roles/resourcemanager.organizationAdmin",
        "roles/resourcemanager.projectIamAdmin",
    }
)
"""Roles that change anything or give rights to anybody (Google Cloud, "IAM basic and predefined roles reference")."""

_IMPERSONATION: Final = frozenset(
    {
        "roles/iam.serviceAccountAdmin",
        "roles/iam.serviceAccountKeyAdmin",
        "roles/iam.serviceAccountTokenCreator",
        "roles/iam.serviceAccountUser",
        "roles/iam.workloadIdentityUser",
    }
)
"""Roles that act as a service account (Google Cloud, "Roles for service account authentication")."""


def google_grants(change: Change, what: Sequence[GoogleWidening]) -> Finding:
    """Return whether the grants of an IAM member, binding or policy change in one of the ways ``what``.

    The same grant of another project or bucket is taken from the one and given to the other.
    """
    before, after = frozenset(_grants(change.before)), frozenset((*_grants(change.after), *_to_unknown(change)))
    moves = any(path[0] not in GRANT for path in change.instance.replace_paths)
    gained, lost = (after, before) if moves else (_beyond(after, before), _beyond(before, after))
    for way in what:
        found = _WAYS[way](gained, lost)
        if found:
            return Fires(", ".join(sorted({role for role, _, _ in found if role in _ADMIN | _IMPERSONATION})[:3]))
    unknown = [path for path in _MAY_MATTER if change.is_unknown(steps(path)) and _may_matter(change, path, what)]
    return Undecidable(unknown[0]) if unknown else None


def _beyond(grants: frozenset[Grant], others: frozenset[Grant]) -> frozenset[Grant]:
    """Return the grants that ``others`` do not hold, with the same condition or with none."""
    return frozenset(grant for grant in grants - others if (*grant[:2], "") not in others)


_MAY_MATTER: Final = ("member", "members", "policy_data", "role")


def _may_matter(change: Change, path: str, what: Sequence[GoogleWidening]) -> bool:
    """Whether what is unknown at ``path`` can decide: a service account made in the same plan is not everybody."""
    if path == "role":
        return set(what) != {"public"}
    if path == "policy_data":
        return True
    by_role = set(what) <= {"admin", "impersonation"} and not change.is_unknown(("role",))
    return not by_role and not (set(what) == {"public"} and path == "member" and _is_service_account(change))


def _is_service_account(change: Change) -> bool:
    """Whether the one member is a service account of the same plan; a list may name others beside it, unseen."""
    expression = change.block.at("member") if change.block else None
    references = expression.references if expression else ()
    return bool(references) and all(text.startswith("google_service_account.") for text in references)


def _to_unknown(change: Change) -> Iterator[Grant]:
    """Yield the grants of which the role or the member is known only after apply: the other may decide already."""
    roles, members = (_with_unknown(change, names) for names in (("role",), ("member", "members")))
    if _UNKNOWN in (*roles, *members):
        yield from ((role, member, "") for role in roles for member in members)


def _with_unknown(change: Change, names: Sequence[str]) -> list[str]:
    known = [str(leaf) for name in names for leaf in leaves(change.after, (name,))]
    return [*known, _UNKNOWN] if any(change.is_unknown((name,)) for name in names) else known


_UNKNOWN: Final = "(known after apply)"


def _grants(values: Mapping[str, object]) -> Iterator[Grant]:
    for binding in (values, *leaves(values, ("policy_data", "bindings"))):
        if isinstance(binding, Mapping):
            yield from _pairs(binding)


def _pairs(binding: Mapping[str, object]) -> Iterator[Grant]:
    condition = " ".join(map(str, leaves(binding, ("condition", "expression"))))
    for role in leaves(binding, ("role",)):
        for member in (*leaves(binding, ("member",)), *leaves(binding, ("members",))):
            yield str(role), str(member), condition


_Way = Callable[[frozenset[Grant], frozenset[Grant]], list[Grant]]
"""Returns, of what is gained and what is lost, the grants that count."""

_WAYS: Mapping[GoogleWidening, _Way] = {
    "public": lambda gained, _: [grant for grant in gained if grant[1].lower() in _EVERYONE],
    "admin": lambda gained, _: [grant for grant in gained if grant[0] in _ADMIN],
    "impersonation": lambda gained, _: [grant for grant in gained if grant[0] in _IMPERSONATION],
    "anything": lambda gained, _: list(gained),
    "admin-removed": lambda _, lost: [grant for grant in lost if grant[0] in _ADMIN],
    "access-removed": lambda _, lost: list(lost),
}
