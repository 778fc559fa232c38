"""Whether a verdict may rest on a plan at all: its format is known, and it says everything it was meant to say.

Absent is not false: ``errored`` exists since Terraform 1.6, ``complete`` since 1.8 (measured over 3,181 plans), so only
what is stated counts. That ``-target`` makes a plan incomplete was tried with Terraform 1.11.4.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Final, TypeVar

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError
from scopegate.plan.address import without_keys
from scopegate.plan.document import Document
from scopegate.plan.sections import unknown_sections
from scopegate.plan.unambiguous import nested_too_deeply
from scopegate.plan.wire import NULL, PlannedModule, PlannedValues

T = TypeVar("T")

NEWEST_FORMAT: Final = (1, 2)
"""The newest format_version whose meaning was looked up; a newer minor version only adds (format documentation)."""

_TEXT = msgspec.json.Decoder(str)
_FLAG = msgspec.json.Decoder(bool)
_ENTRIES = msgspec.json.Decoder(list[Raw])
_PLANNED_VALUES = msgspec.json.Decoder(PlannedValues)
_REMAKE = "make the plan JSON again with `terraform show -json` and hand it over unedited"


def section(document: Document, name: str, decode: Callable[[Raw], T]) -> T | None:
    """Return what ``decode`` makes of a top-level section, and None for one that is absent or null.

    Raises:
        PlanError: the section is not as Terraform writes it.
    """
    raw = document.sections.get(name, NULL)
    if raw == NULL:
        return None
    try:
        return decode(raw)
    except RecursionError:
        raise nested_too_deeply(f"{document.path} has in {name}") from None
    except msgspec.DecodeError as error:
        raise PlanError(
            f"{document.path} has a section {name} that Terraform does not write ({error}); {_REMAKE}."
        ) from None


def format_of(document: Document) -> str:
    """Return the format_version, "" for a redacted plan.

    Raises:
        PlanError: it is none that this reader understands.
    """
    redacted = "format_version" not in document.sections
    name = "plan_format_version" if redacted else "format_version"
    version = section(document, name, _TEXT.decode) or ""
    numbers = _version_numbers(version)
    if numbers is None or numbers[0] > NEWEST_FORMAT[0]:
        raise PlanError(
            f"{document.path} has the {name} {version[:20]!r}, and this scopegate reads 0.1 to 1.x, so what its "
            "sections mean cannot be told; update scopegate."
        )
    return "" if redacted else version


def refuse_unfinished(document: Document) -> None:
    """Let a finished plan pass.

    Raises:
        PlanError: planning failed, or some of what it would do is not in it.
    """
    if _states(document, "errored", True):
        raise PlanError(
            f"{document.path} is the plan of a run that failed (errored: true), so it shows only what was planned "
            "before the failure; repair the configuration until `terraform plan` succeeds, and plan again."
        )
    for name in ("deferred_changes", "deferred_action_invocations"):
        if section(document, name, _ENTRIES.decode):
            raise PlanError(
                f"{document.path} is incomplete: it has {name}, whose effect is decided only in a later plan; "
                "apply what they wait for first, or make the unknown values known, and plan again."
            )
    if _states(document, "complete", False):
        raise PlanError(
            f"{document.path} is incomplete (complete: false), so it hides what was left out; "
            "plan again without -target, -exclude or anything else that leaves resources out."
        )


def _states(document: Document, name: str, value: bool) -> bool:
    return section(document, name, _FLAG.decode) is value


def planned_addresses(document: Document) -> tuple[str, ...] | None:
    """Return the addresses of the managed resources that planned_values has; None where there is no such section.

    Raises:
        PlanError: the section is not as Terraform writes it.
    """
    if "planned_values" not in document.sections:
        return None
    planned = section(document, "planned_values", _PLANNED_VALUES.decode)
    return tuple(_managed(planned.root_module)) if planned and planned.root_module else ()


def refuse_missing_changes(document: Document, planned: Iterable[str] | None, listed: frozenset[str]) -> None:
    """Let a plan pass whose resource_changes lists (the addresses in ``listed``) all that planned_values has.

    Terraform leaves the section out when it is empty and always writes planned_values, which it computes from the same
    changes (internal/command/jsonplan/values.go); so without a change there is no planned value either. Held by all
    published plans that were looked at, from 0.12 on.

    Raises:
        PlanError: the changes were cut off.
    """
    if "resource_changes" not in document.sections and planned is None:
        raise PlanError(
            f"{document.path} has neither resource_changes nor planned_values, so it was trimmed and cannot show that "
            f"nothing is planned; {_REMAKE}."
        )
    if planned is not None and not listed.issuperset(planned):
        missing = next(address for address in planned if address not in listed)
        raise PlanError(
            f"{document.path} has {without_keys(missing)!r} in planned_values but not in resource_changes, so changes "
            f"were cut off; {_REMAKE}."
        )


def _managed(root: PlannedModule) -> Iterator[str]:
    waiting = [root]
    for module in waiting:
        yield from (item.address for item in module.resources or () if item.mode != "data")
        waiting.extend(module.child_modules or ())


def reading_notes(document: Document, format_version: str) -> Iterator[str]:
    """Yield what every report must say about the form of the plan."""
    if not format_version:
        yield (
            f"{document.path} is a redacted plan from HCP Terraform: it has no configuration and no prior state, and "
            "sensitive values are replaced, so dependencies and provider regions cannot be seen."
        )
    numbers = _version_numbers(format_version)
    if numbers is not None and numbers > NEWEST_FORMAT:
        yield (
            f"{document.path} has format_version {format_version}, newer than the newest looked at "
            f"({'.'.join(map(str, NEWEST_FORMAT))}): what it adds was not judged."
        )
    if unknown := unknown_sections(document.sections):
        names = ", ".join(name[:40] for name in unknown[:5])
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        yield f"{document.path} has top-level keys that Terraform does not write, which were left aside: {names}{more}."


def tells_providers_of_child_modules(terraform_version: str, format_version: str) -> bool:
    """Whether provider_config_key of a resource in a child module names the provider configuration that is really used.

    Terraform below 1.2 (format 1.1) wrote the last module label only, and not what the caller passes in.
    """
    numbers = _version_numbers(terraform_version)
    if numbers is not None:
        return numbers >= (1, 2)
    numbers = _version_numbers(format_version)
    return numbers is None or numbers >= (1, 1)


_MOST_DIGITS = 6


def _version_numbers(version: str) -> tuple[int, int] | None:
    """Return the first two numbers of a version (``1.15.0-beta1``); None for what has none."""
    major, _, rest = version.partition(".")
    minor = "".join(takewhile(_DIGITS.__contains__, rest))
    numbers = (major, minor)
    if all(0 < len(number) <= _MOST_DIGITS and _DIGITS.issuperset(number) for number in numbers):
        return int(major), int(minor)
    return None


_DIGITS = frozenset("0123456789")
