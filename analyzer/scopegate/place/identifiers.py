"""The grammar of the names that clouds give to things, as far as they say where and whose a thing is.

Sources: AWS, "Amazon Resource Names (ARNs)" in the IAM user guide; Azure, "Resource ID" in the Resource Manager
reference; Google Cloud, "Resource names" in the API design guide (AIP-122). A plan is other people's text, so a part
counts only where it has the shape of what it claims to be.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from scopegate.pattern import Pattern

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_LONGEST_SAFE = 40
_ARN = Pattern(r"""arn:((aws(?:-[a-z]+)*):([a-z0-9-]+):([a-z0-9-]*):([a-z0-9-]*)):[^\s"'\\,]""")
_DIGITS_OF_ACCOUNT = 12
_AWS_ZONE = Pattern(r"([a-z]{2,4}(?:-[a-z]+)+-\d+)(?:[a-z]|-[a-z]{3}-\d+[a-z]|-wl\d+-[a-z]{3}-wlz-\d+)")
_AWS_ZONE_ID = Pattern(r"([a-z]{2,5}\d+)-az\d+")
_GUID = Pattern(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AZURE_ID = Pattern(r"/subscriptions/([^/]+)(?:/|$)", re.IGNORECASE)
_GOOGLE_PROJECT = Pattern(r"(?:^|/)projects/([^/]+)(?:/|$)")
_GOOGLE_PLACE = Pattern(r"(?:^|/)(?:regions|zones|locations)/([^/]+)(?:/|$)")
_GOOGLE_GLOBAL = Pattern(r"(?:^|/)projects/[^/]+/global/")
_GOOGLE_ZONE = Pattern(r"([a-z]+-[a-z]+\d+)-[a-z]")
_REGISTRY = Pattern(r"[a-z0-9-]+-docker\.pkg\.dev/([a-z0-9:.-]+)/")
_SERVICE_ACCOUNT = Pattern(
    r"(?:serviceAccount:)?(?!service-(?:org-|folder-)?\d|p\d+-)[a-z0-9-]+@(?!gcp-sa-)([a-z0-9.-]+)\.iam\.gserviceaccount\.com"
)
_PROJECT = Pattern(r"(?:[a-z0-9.-]{1,63}:)?[a-z0-9-]{1,40}")
_OWNER = Pattern(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")


def is_safe(text: str) -> bool:
    """Return whether ``text`` may be printed as a region or zone although no table knows it."""
    return 0 < len(text) <= _LONGEST_SAFE and _SAFE.issuperset(text)


class Arn(Struct, frozen=True):
    """The parts of an Amazon Resource Name that place it; empty where the service leaves a part out."""

    partition: str
    service: str
    region: str
    account: str


def parse_arn(text: object) -> Arn | None:
    """Return the parts of an ARN, None for anything else.

    Accounts that are not a number are Amazon's own (``arn:aws:iam::aws:policy/…``) and come back empty.
    """
    match = _ARN.match(text) if isinstance(text, str) else None
    return _arn_of(match) if match else None


def arns_in(text: str) -> Iterator[Arn]:
    """Yield what ``parse_arn`` returns of each ARN in a text, such as a JSON document."""
    return map(_arn_of, _ARN.finditer(text))


def _arn_of(match: re.Match[str]) -> Arn:
    _, partition, service, region, account = match.groups()
    return Arn(partition, service, region, aws_account(account) or "")


def beginning_of_arn(text: str) -> str | None:
    """Return the part of an ARN that ``parse_arn`` reads, unread; None for anything else."""
    match = _ARN.match(text)
    return match[1] if match else None


def aws_region_of_zone(zone: str) -> str | None:
    """Return the region in the name of an availability zone, Local Zone or Wavelength Zone."""
    match = _AWS_ZONE.fullmatch(zone)
    return match.group(1) if match else None


def aws_code_of_zone_id(zone: str) -> str | None:
    """Return the region's short code in a zone id: ``use1`` of ``use1-az4``."""
    match = _AWS_ZONE_ID.fullmatch(zone)
    return match.group(1) if match else None


def google_region_of_zone(zone: str) -> str | None:
    """Return the region in the name of a Google Cloud zone."""
    match = _GOOGLE_ZONE.fullmatch(zone)
    return match.group(1) if match else None


def aws_account(text: object) -> str | None:
    """Return ``text`` where it is an AWS account id."""
    return text if isinstance(text, str) and len(text) == _DIGITS_OF_ACCOUNT and text.isdecimal() else None


def azure_subscription(text: object) -> str | None:
    """Return the subscription in an Azure resource id, or ``text`` itself where it is one; in lower case."""
    if not isinstance(text, str):
        return None
    match = _AZURE_ID.match(text)
    found = (match.group(1) if match else text).lower()
    return found if _GUID.fullmatch(found) else None


def google_project(text: object) -> str | None:
    """Return the project in a Google resource name or self link."""
    match = _GOOGLE_PROJECT.search(text) if isinstance(text, str) else None
    return match.group(1) if match and _PROJECT.fullmatch(match.group(1)) else None


def google_project_of_account(text: str) -> str | None:
    """Return the project that a service account is of; ``name@p.example.com.iam…`` is of ``example.com:p``.

    None for the agents that Google makes, which are named by the number of a project and live in projects of Google
    (docs.cloud.google.com/iam/docs/service-account-types).
    """
    match = _SERVICE_ACCOUNT.fullmatch(text)
    if match is None:
        return None
    project, _, domain = match.group(1).partition(".")
    return f"{domain}:{project}" if domain else project


def google_project_of_image(text: str) -> str | None:
    """Return the project whose registry an image is in: ``europe-west3-docker.pkg.dev/PROJECT/repository/image``."""
    match = _REGISTRY.match(text)
    return match.group(1) if match else None


def google_location(text: object) -> str | None:
    """Return the zone, region or location in a Google resource name or self link, as it stands there."""
    match = _GOOGLE_PLACE.search(text) if isinstance(text, str) else None
    return match.group(1) if match else None


def google_place(text: str) -> str | None:
    """Return the location in a Google resource name, or ``global`` where it is kept under ``projects/p/global/``."""
    return google_location(text) or ("global" if _GOOGLE_GLOBAL.search(text) else None)


def google_project_id(text: object) -> str | None:
    """Return ``text`` where it has the shape of a project id or number."""
    return text if isinstance(text, str) and _PROJECT.fullmatch(text) else None


def owner_id(text: object) -> str | None:
    """Return ``text`` where it has the shape of an account, organisation or project id of some other provider."""
    return text if isinstance(text, str) and _OWNER.fullmatch(text) else None
