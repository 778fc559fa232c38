"""The forms in which an attribute names another place: the ``value`` column of the fact table, sorted by meaning."""

from collections.abc import Mapping
from typing import Final

BACKUPS: Final = "location of backups"
"""Where copies are kept that are made by themselves, and are not touched by an edit of what they are of."""
PLACES: Final = frozenset(
    {
        BACKUPS,
        "region",
        "regions",
        "location",
        "locations",
        "zone",
        "zones",
        "global or region",
        "location or multi-region",
        "location or multi-region (US, EU)",
        "location or multi-region (us, europe, asia)",
        "location or multi-region (nam5, eur3)",
        "location, multi-region or global",
        "region, dual-region or multi-region (US, EU, ASIA, NAM4, EUR4)",
        "regional-x or multi-region (nam3, eur3, ...)",
    }
)
OF_GLOBAL: Final = "arn us-east-1 global"
"""An ARN that says us-east-1 of what is global.

docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
"""
NAMES: Final = frozenset(
    {
        "account",
        "account / ou / organization",
        "account / service / *",
        "accounts",
        "arn",
        "arn / account / ou",
        "arn / url / e-mail",
        "arn us-east-1",
        OF_GLOBAL,
        "arn when cross-region, else id",
        "arns",
        "bucket arn (no region in it)",
        "bucket name",
        "bucket url",
        "id",
        "ids",
        "name",
        "names",
        "ou arn",
        "project",
        "project/folder",
        "projects",
        "resource name",
        "root / ou / account",
        "self_link",
        "subscription",
        "subscriptions",
    }
)
"""Names and ids of something that may be elsewhere: what they say themselves, and whom they refer to."""
OBJECTS: Final = frozenset(
    {
        "arn",
        "arns",
        "bucket arn (no region in it)",
        "bucket name",
        "id",
        "ids",
        "name",
        "names",
        "self_link",
    }
)
"""Those of them that name an object, which stands in some region."""
PROJECTS: Final = frozenset({"project", "projects"})
"""Those that are the id of a Google project alone; elsewhere a bare name has the shape of one and is none."""
KEPT_IN: Final = "what it is kept in, with its copies"
"""What names the object that a content is part of: where that has copies, the content has them too."""
MEMBERS: Final = "no region, and so not where its members are"
"""The name of an object that spans regions and says of none of them that it is there."""
HOSTS: Final = frozenset({"host", "host (com.amazonaws.<region>.x)", "hosts or addresses"})
RUN: Final = "json with image hosts and ARNs"
"""A document of what is run, read and called: an ARN in it is used where it is, while a policy only mentions it."""
POLICIES: Final = frozenset(
    {
        RUN,
        "json (core-network-configuration.edge-locations[].location)",
        "json (listOfAllowedLocations)",
        "json policy",
        "json policy (aws:RequestedRegion)",
        "json policy (aws:RequestedRegion, ARNs)",
        "json policy (principals of other accounts)",
    }
)
OTHER_CLOUDS: Final[Mapping[str, str]] = {"AWS region": "aws", "Azure region": "azure"}
KEYED: Final = frozenset({"map keyed by region"})
PAIRED: Final = " = paired region"
ALL_REGIONS: Final[Mapping[str, frozenset[str]]] = {
    "true = all regions": frozenset({"true"}),
    "AGGREGATOR = all regions": frozenset({"AGGREGATOR"}),
    "ALL_REGIONS / ...": frozenset({"ALL_REGIONS"}),
    "ALL_REGIONS / ALL_REGIONS_EXCEPT_SPECIFIED / SPECIFIED_REGIONS": frozenset(
        {"ALL_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED"}
    ),
    "GLOBAL = routes of all regions": frozenset({"GLOBAL"}),
}
"""Switches, and the settings that mean every region of the partition."""
NAMES_NO_PLACE: Final = frozenset(
    {
        "ASYNC_TURBO",
        "AWS bucket",
        "CEL (origin.region_code)",
        "Primary / Recovery",
        "SINGLE_REGION / MULTI_REGION",
        "billing account",
        "bool",
        "check regions",
        "continent",
        "country",
        "country codes",
        "folder",
        "geo codes",
        "geography",
        "list",
        "management group",
        "management groups",
        "organization",
        "ou",
        "peering city",
        "profile (us. / eu. / apac. / global.)",
        "tenant",
        "tenants",
        "test locations",
        "true = all accounts",
        "true = all accounts of the OUs, also new ones",
        "true = replicas allowed",
        "true = replicas allowed; id starts mrk-",
        "values (gcp.resourceLocations)",
        "values (gcp.resourceLocations: in:eu-locations ...)",
    }
)
"""Forms that name no region and no account: viewers' countries, organisation units, switches without a place."""


def writes_out(value: str, kind: str) -> bool:
    """Return whether an attribute of a form says itself in which region, or whether in the paired one."""
    if kind == "selects":
        return False
    return value in PLACES | KEYED or value in OTHER_CLOUDS or value.endswith(PAIRED)


def is_handled(value: str) -> bool:
    """Whether a form of the fact table's ``value`` column is read here."""
    return (
        value in PLACES | NAMES | HOSTS | POLICIES | KEYED | {KEPT_IN, MEMBERS}
        or value in OTHER_CLOUDS
        or value in ALL_REGIONS
        or value.endswith(PAIRED)
    )
