"""Every top-level key of a plan: used, or left aside with the reason.

The keys are those of ``type plan struct`` in hashicorp/terraform and opentofu/opentofu, internal/command/jsonplan/
plan.go, of the redacted form that HCP Terraform serves (internal/command/jsonformat/plan.go) and of older versions.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

USED: Final[Mapping[str, str]] = {
    "format_version": "says whether this version of the reader may trust itself",
    "plan_format_version": "the same, in a redacted plan",
    "terraform_version": "says what the writer could not record yet",
    "resource_changes": "what is planned for each resource instance",
    "resource_drift": "what changed outside Terraform since the last apply",
    "output_changes": "what is planned for the outputs of the root module",
    "action_invocations": "provider actions that run beside the changes (Terraform 1.14)",
    "deferred_changes": "makes a plan incomplete",
    "deferred_action_invocations": "makes a plan incomplete",
    "prior_state": "what exists, and what it was made from, also where a local hides it in the configuration",
    "configuration": "references, provider configurations and module calls",
    "variables": "the values that provider configurations refer to",
    "planned_values": "shows that resource_changes was cut off where it is absent or empty",
    "errored": "makes a plan unfit for a verdict",
    "complete": "makes a plan unfit for a verdict",
}

IGNORED: Final[Mapping[str, str]] = {
    "applyable": "whether there is anything to apply; the changes themselves say so",
    "checks": "whether the author's own assertions hold, not what is reached",
    "condition_results": "what checks was called in Terraform 1.2",
    "provider_format_version": "version of provider_schemas in a redacted plan",
    "provider_schemas": "schemas in a redacted plan: what attributes exist, not what they are",
    "proposed_unknown": "named by the format's documentation, but written by no version; after_unknown says the same",
    "relevant_attributes": "which attributes may have caused drift to matter, without saying to whom",
    "timestamp": "when the plan was made: the same bytes must give the same verdict at any time",
}


PLAN_SECTIONS: Final = frozenset({"planned_values", "resource_changes", "configuration"})
"""A plan has at least one of these."""

_VERSIONS: Final = frozenset({"format_version", "plan_format_version"})


def is_plan(sections: Collection[str]) -> bool:
    """Whether these are the top-level keys of a plan, redacted or not."""
    return not _VERSIONS.isdisjoint(sections) and not PLAN_SECTIONS.isdisjoint(sections)


def unknown_sections(sections: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that no version of Terraform or OpenTofu known here writes, in the order of the document."""
    return tuple(name for name in sections if name not in USED and name not in IGNORED)
