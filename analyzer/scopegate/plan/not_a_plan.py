"""What people hand over instead of a plan, told by its top-level keys, each with its own way out.

Seen among 2,636 files that were named like a plan: binary plans, UI logs, states, redacted plans, and plans that
another tool wrapped into an object of its own.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Raw

from scopegate.errors import PlanError
from scopegate.plan.sections import PLAN_SECTIONS, is_plan

_STATE_KEYS = frozenset({"lineage", "serial", "values"})
_BRACE = ord("{")
_MEMBERS = msgspec.json.Decoder(dict[str, Raw])


def no_plan(sections: Mapping[str, Raw], path: str) -> PlanError:
    """Return the error about a document with these top-level keys, which are no plan's."""
    return PlanError(f"{path} {_other_document(sections)}")


def _other_document(sections: Mapping[str, Raw]) -> str:
    if "@level" in sections:
        return (
            "is a log of Terraform's JSON user interface (`plan -json`), which holds no dependencies and no values; "
            "save the plan with `terraform plan -out tfplan` and convert it with `terraform show -json tfplan`."
        )
    if "remote_plan_format" in sections:
        return (
            "is a bookmark of a plan saved at HCP Terraform, not the plan itself; "
            "run `terraform show -json FILE > plan.json` where you are logged in, and hand over plan.json."
        )
    if "encrypted_data" in sections:
        return (
            "is a plan encrypted by OpenTofu, so it cannot be read here; "
            "run `tofu show -json FILE > plan.json` where the encryption is configured, and hand over plan.json."
        )
    if nested := _plan_inside(sections):
        import shlex

        return (
            f"holds a plan inside the key {nested}, and which part of a larger document counts is not guessed; "
            f"cut it out with `jq {shlex.quote(nested)} FILE > plan.json` and hand over plan.json."
        )
    if not _STATE_KEYS.isdisjoint(sections):
        return (
            "is a state, which says what exists and not what is planned; "
            "save a plan with `terraform plan -out tfplan` and convert it with `terraform show -json tfplan`."
        )
    if not PLAN_SECTIONS.isdisjoint(sections):
        return (
            "has no format_version, so what its sections mean cannot be told; Terraform always writes one: "
            "make the plan JSON again with `terraform show -json` and hand it over unedited."
        )
    return (
        "is JSON but not a plan: it has none of the sections planned_values, resource_changes and configuration; "
        "make plan JSON with `terraform show -json PLANFILE > plan.json`."
    )


def _plan_inside(sections: Mapping[str, Raw]) -> str | None:
    for name, members in _objects(sections):
        if is_plan(members):
            return _jq_path(name)
        for inner_name, inner in _objects(members):
            if is_plan(inner):
                return _jq_path(name, inner_name)
    return None


def _objects(sections: Mapping[str, Raw]) -> list[tuple[str, dict[str, Raw]]]:
    return [(name, _MEMBERS.decode(raw)) for name, raw in sections.items() if memoryview(raw)[0] == _BRACE]


def _jq_path(*names: str) -> str:
    steps = (f".{name}" if name.isidentifier() and name.isascii() else f"[{_quoted(name)}]" for name in names)
    path = "".join(steps)
    return path if path.startswith(".") else f".{path}"


def _quoted(name: str) -> str:
    return msgspec.json.encode(name).decode()
