"""The ARNs, Azure ids and Google names that a change begins to name, in whatever argument they stand.

The fact table ``cross_region`` says what happens by an argument that names another place. A provider has thousands of
arguments, and each that takes an ARN can name a key, a queue or a role of another account, so that no table of them is
ever complete. What stood in the object before is known to whoever owns it, and what it ceases to name is not touched.

A security group of another account is named behind its number
(docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html), an image by the host of its registry.

Documents of policies only mention, tags carry nothing, and what follows is there to be read by others than its owner:

- layers and the images of SageMaker, which AWS and vendors publish from accounts of theirs
  (docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html,
  docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-images.html)
- images of machines, the networks of a host project, which all its service projects stand in
  (docs.cloud.google.com/vpc/docs/shared-vpc), and the image that Cloud Run begins with

An Azure id says whose a thing is and not where, but the plan may hold what has that id.

A Google project is known by its id. Its number may be the own one as well as another's, and is not read: so neither are
service agents, which Google makes for a project and names by its number, while the user-managed accounts have the id
after the at sign (docs.cloud.google.com/iam/docs/service-account-types).
"""

import re
from collections.abc import Iterator, Mapping, Set
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct

from scopegate.plan.model import Instance

Owner = tuple[bytes, ...]
"""Whose a name is, as it stands there: the parts that ``Form.parts`` lists, empty where the name leaves one out."""


class Form(Struct, frozen=True):
    """How the names of a cloud begin; the groups of the pattern are the parts."""

    parts: tuple[str, ...]
    pattern: bytes


FORMS: Final[Mapping[str, Form]] = {
    "aws": Form(
        ("partition", "region", "region", "account"),
        rb'"(?:arn:(aws[a-z-]*):[a-z0-9-]+:([a-z0-9-]*):(?=[0-9]*:)|(?=[0-9]{12}/sg-)'
        rb"|(?=[0-9]{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.))([0-9]*)[:/.]",
    ),
    "azure": Form(("account",), rb'"/(?i:subscriptions)/([0-9A-Fa-f-]{36})[/"]'),
    "google": Form(
        ("account", "region"),
        rb'"(?:(?:(?:https:)?//[a-z.-]+googleapis\.com/(?:compute/[a-z0-9]+/)?)?projects/'
        rb"(?=[a-z0-9:.-]+/(?!global/(?:images|networks)/|regions/[a-z0-9-]+/subnetworks/))"
        rb"|[a-z0-9-]+-docker\.pkg\.dev/(?!cloudrun/)(?=[a-z0-9:.-]+/)"
        rb'|(?:serviceAccount:)?[a-z0-9-]+@(?=[a-z0-9.-]+\.iam\.gserviceaccount\.com"))'
        rb"([a-z][a-z0-9:.-]*?)(?:\.iam\.gserviceaccount\.com|/)(?:(?:locations|regions|zones)/([a-z0-9-]+))?",
    ),
}
_PUBLISHED: Final = frozenset({"layers", "sagemaker_image_arn", "sagemaker_image_version_arn"})


def owners_anew(instance: Instance, cloud: str) -> Set[Owner]:
    """Return who owns what the planned object names and the present one does not, without decoding either.

    ``cloud`` is one of ``FORMS``.
    """
    name = _form(cloud)
    planned = _owners(name, instance.after)
    return planned - _owners(name, instance.before) if planned else planned


def _owners(name: re.Pattern[bytes], state: msgspec.Raw) -> frozenset[Owner]:
    found = name.findall(state)
    return frozenset(found if name.groups > 1 else zip(found))


def owner_of(text: str, cloud: str) -> Owner | None:
    """Return whose the thing is that a text names; None where it names nothing of the cloud."""
    found = _form(cloud).match(b'"%s"' % text.encode())
    return found.groups(b"") if found else None


def ids_anew(instance: Instance) -> Set[str]:
    """Return the Azure ids, in lower case, that the planned object holds and the present one does not."""
    planned = frozenset(_azure_id().findall(instance.after))
    anew = planned.difference(_azure_id().findall(instance.before)) if planned else planned
    return {text.decode().lower() for text in anew}


def texts_of(instance: Instance, skipped: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the strings of the planned object, each after its argument.

    Left out are the arguments and paths in ``skipped``, and what is marked sensitive. The keys of maps are somebody's
    values and stand in no path.
    """
    marks = msgspec.json.decode(instance.after_sensitive) if bytes(instance.after_sensitive) else None
    planned = msgspec.json.decode(instance.after)
    for path, text in _texts(planned, marks) if isinstance(planned, dict) else ():
        dotted = ".".join(path)
        if not skipped.intersection((path[0], dotted)) and path[-1] not in _PUBLISHED:
            yield dotted, text


def _texts(item: object, mark: object) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the strings of an object in order, each with its path, without what is marked."""
    waiting: list[tuple[tuple[str, ...], object, object, bool]] = [((), item, mark, True)]
    while waiting:
        path, item, mark, is_block = waiting.pop()
        if mark is True:
            continue
        if isinstance(item, str):
            yield path, item
        elif isinstance(item, list):
            parts = [(path, element, _part(mark, index), True) for index, element in enumerate(item)]
            waiting += reversed(parts)
        elif isinstance(item, dict):
            waiting += [
                ((*path, step) if is_block else path, item[step], _part(mark, step), False) for step in reversed(item)
            ]


def _part(mark: object, step: str | int) -> object:
    if isinstance(mark, dict):
        return mark.get(step)
    return mark[step] if isinstance(mark, list) and isinstance(step, int) and step < len(mark) else None


@cache
def _form(cloud: str) -> re.Pattern[bytes]:
    return re.compile(FORMS[cloud].pattern)


@cache
def _azure_id() -> re.Pattern[bytes]:
    return re.compile(rb'"(/(?i:subscriptions)/[^"\\]+)"')
