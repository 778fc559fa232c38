"""Predicates on Google Cloud access: pairs of a role and a member, in whatever form a resource type writes them.

``*_iam_member`` is one pair, ``*_iam_binding`` one role with members, ``*_iam_policy`` a whole policy as JSON; the last
two are authoritative, so what they do not list loses its access.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

from scopegate.signals.change import Change, leaves, steps
from scopegate.signals.finding import Finding, Fires, Undecidable

GoogleWidening = Literal["public", "admin", "impersonation", "anything", "admin-removed", "access-removed"]
"""How access can change for the worse."""

Grant = tuple[str, str, str]
"""Role, member, condition (empty where there is none)."""

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
    """Return whether the grants of an IAM member, binding or policy change in one of the ways ``what``."""
    before, after = frozenset(_grants(change.before)), frozenset(_grants(change.after))
    for way in what:
        found = _WAYS[way](after - before, before - after)
        if found:
            return Fires(", ".join(sorted({role for role, _, _ in found if role in _ADMIN | _IMPERSONATION})[:3]))
    unknown = [path for path in ("member", "members", "policy_data", "role") if change.is_unknown(steps(path))]
    return Undecidable(unknown[0]) if unknown else None


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
