"""Plans of stacks, written as plan JSON by hand: queues in regions, and who reads what."""

import json
from pathlib import Path
from typing import Any

from scopegate.analyze import Planned
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan
from scopegate.policy.model import Context

ROOT = Path(__file__).parents[2]
ESTATE = (
    *sorted(ROOT.glob("fixtures/stacks/cases/zone-resized/*/plan.json")),
    *sorted(ROOT.glob("fixtures/kiro/*/plan.json"))[:4],
    *sorted(ROOT.glob("fixtures/multicloud/*/plan.json"))[:3],
    *sorted(ROOT.glob("fixtures/incidents/*/plan.json"))[:3],
)
"""Stacks that read each other's outputs, one estate planned in several ways, and strangers."""

ACCOUNT = "111111111111"

TWO_OWNERS = """
version: 1
limits:
  few:
    direct_changes: {at_most: 1}
    sign_off: team:platform
    why: few changes are read
stacks:
  europe:
    match: {paths: [eu]}
    owner: team:europe
    limits:
      home: {regions: {allow: [eu-central-1]}, sign_off: {owner-of: stack}, why: it lives in Frankfurt}
  america:
    match: {paths: [us]}
    owner: team:america
    limits:
      home: {regions: {allow: [us-west-2]}, sign_off: {owner-of: stack}, why: it lives in Oregon}
"""
"""Two stacks with owners of their own, each with a region that it says of itself; and a limit on both."""


def queue(name: str, region: str, actions: tuple[str, ...] = ("update",), address: str = "aws_sqs_queue.orders") -> Any:
    """Return the change of one queue; an update makes it keep messages longer."""
    own = {"arn": f"arn:aws:sqs:{region}:{ACCOUNT}:{name}", "name": name}
    before = None if actions == ("create",) else {**own, "message_retention_seconds": 60}
    after = None if actions == ("delete",) else {**own, "message_retention_seconds": 600}
    after = before if actions == ("no-op",) else after
    kind, _, label = address.partition(".")
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": label,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": list(actions),
            "before": before,
            "after": after,
            "after_unknown": {},
            "before_sensitive": {},
            "after_sensitive": {},
        },
    }


def plan(path: str, *changes: Any, **sections: Any) -> Plan:
    """Return the plan of these changes."""
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        "configuration": {"root_module": {}},
        **sections,
    }
    return decode_plan(json.dumps(document).encode(), path)


def planned(path: str, *changes: Any, source: str | None = None, **sections: Any) -> Planned:
    """Return the plan of these changes, of the stack in the folder ``source``."""
    return Planned(plan(path, *changes, **sections), Context(source=source))
