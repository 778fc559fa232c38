"""The words that parameters of predicates are made of, and the arguments that some look at besides; closed sets.

They stand apart from the functions that read them: those about access and networks are loaded where a plan has such.
"""

from typing import Final, Literal

Widening = Literal[
    "admin",
    "service-wide",
    "all-data",
    "escalation",
    "narrow-escalation",
    "public",
    "other-account",
    "unbound-federation",
    "weaker-condition",
    "anything",
    "deny-removed",
    "access-removed",
    "deny-added",
]
"""How an AWS policy document can change for the worse."""

AzureLevel = Literal["management-group", "subscription", "resource-group", "resource"]
"""A level of the hierarchy that rights and policies are inherited down from."""

GoogleWidening = Literal["public", "admin", "impersonation", "anything", "admin-removed", "access-removed"]
"""How access to Google Cloud can change for the worse."""

Form = Literal[
    "aws-group",
    "aws-rule",
    "aws-ingress-rule",
    "aws-acl",
    "aws-acl-rule",
    "azure-group",
    "azure-rule",
    "google-firewall",
    "google-policy-rule",
]
"""How a resource type writes down whom it lets in."""

Width = Literal["world", "wider"]
"""``world``: open to the whole Internet; ``wider``: open to anything it was not open to."""

POLICY_HOLDERS: Final = frozenset(
    {
        "arn",
        "backup_vault_name",
        "bucket",
        "event_bus_name",
        "file_system_id",
        "group",
        "key_id",
        "permission_set_arn",
        "queue_url",
        "repository",
        "role",
        "secret_arn",
        "user",
    }
)
"""Arguments that name whose policy a document of AWS is."""

RULE_HOLDERS: Final = frozenset(
    {
        "firewall_policy",
        "network",
        "network_acl_id",
        "network_security_group_name",
        "resource_group_name",
        "security_group_id",
    }
)
"""Arguments of one firewall rule that name what it lets somebody into; with another, nobody was let in before."""

WayBack = Literal["none", "window", "backup", "partial", "recreate", "unlisted"]
"""The way back of the table of stateful types; ``unlisted``: the type is not in it."""

Order = Literal["destroy", "create"]
"""What comes first in a replacement."""
