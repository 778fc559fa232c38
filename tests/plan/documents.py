"""Plan documents as text: small ones made by hand, and the published ones that lie about."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from scopegate.plan.model import Plan

Json = dict[str, Any]

REPOSITORY = Path(__file__).parents[2]
PUBLISHED = next(
    (folder for folder in (REPOSITORY / "fixtures/real", REPOSITORY / "../shared/plans") if folder.is_dir()), None
)


def change(
    address: str = "aws_sqs_queue.a", actions: tuple[str, ...] = ("update",), *, top: Json | None = None, **fields: Any
) -> Json:
    """Return an entry of resource_changes; ``fields`` are further fields of its change, ``top`` of the entry."""
    resource_type, name = address.removeprefix("data.").split(".")[:2]
    entry: Json = {"address": address, "mode": "data" if address.startswith("data.") else "managed"}
    entry |= {"type": resource_type, "name": name, "provider_name": "registry.terraform.io/hashicorp/aws"}
    body: Json = {"actions": list(actions), "before": {"delay": 0}, "after": {"delay": 1}, "after_unknown": {}}
    return {**entry, "change": {**body, **fields}, **(top or {})}


def plan(*changes: Json, **sections: Any) -> Json:
    """Return a plan with these changes; a section of None is left out."""
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "configuration": {"root_module": {}},
        **sections,
    }
    return {name: value for name, value in document.items() if value is not None}


def written(document: object) -> bytes:
    """Return the document on one line, as Terraform writes it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def state(*resources: Json) -> Json:
    """Return a prior state with these resources in the root module."""
    return {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {"resources": resources}}}


def published(name: str) -> Path | None:
    """Return where the published plan ``name`` lies: a file, or a case with a plan.json; None if it is not here."""
    if PUBLISHED is None:
        return None
    candidates = (PUBLISHED / name, PUBLISHED / Path(name).stem / "plan.json")
    return next((path for path in candidates if path.is_file()), None)


def spelled_out(plan: Plan) -> str:
    """Return all that a plan says, the undecoded parts of it as they stand."""
    return re.sub(r"<msgspec\.Raw .*?>", "RAW", repr(plan)) + repr([bytes(raw) for raw in raws(plan)])


def raws(value: Any) -> Iterator[msgspec.Raw]:
    if isinstance(value, msgspec.Raw):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from raws(getattr(value, name))
    elif isinstance(value, dict | tuple | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from raws(item)
