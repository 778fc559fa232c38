"""Plan JSON written by hand, in as few words as the case needs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scopegate.graph.build import build_graph
from scopegate.graph.edges import Link
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.address import parse_resource_address
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan


def block(address: str, reads: Mapping[str, Sequence[str]] | None = None, **fields: Any) -> dict[str, Any]:
    """Return a resource block of the configuration; ``reads`` maps its arguments to the references listed for them."""
    parsed = parse_resource_address(address)
    expressions = {name: {"references": list(references)} for name, references in (reads or {}).items()}
    named = {"address": address, "mode": parsed.mode.value, "type": parsed.type, "name": parsed.name}
    return {**named, "provider_config_key": "aws", "expressions": expressions, **fields}


def change(address: str, actions: Sequence[str] = ("no-op",), **fields: Any) -> dict[str, Any]:
    """Return an entry of ``resource_changes``."""
    parsed = parse_resource_address(address)
    key = {} if parsed.key is None else {"index": parsed.key}
    module = {"module_address": ".".join(map(str, parsed.module))} if parsed.module else {}
    values: dict[str, Any] = {
        "before": None if actions == ["create"] else {},
        "after": None if actions == ["delete"] else {},
    }
    return {
        "address": address,
        "mode": parsed.mode.value,
        "type": parsed.type,
        "name": parsed.name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": list(actions), **values, "after_unknown": {}},
        **module,
        **key,
        **fields,
    }


def state(depends_on: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return a ``prior_state`` that holds these instances and what each is recorded to depend on."""
    root: dict[str, Any] = {"resources": [], "child_modules": []}
    for address, names in depends_on.items():
        parsed = parse_resource_address(address)
        key = {} if parsed.key is None else {"index": parsed.key}
        entry = {"address": address, "mode": parsed.mode.value, "type": parsed.type, "name": parsed.name, **key}
        module = ".".join(map(str, parsed.module))
        holder: dict[str, Any] = root if not module else {"address": module, "resources": []}
        holder["resources"].append({**entry, "values": {}, **({"depends_on": list(names)} if names else {})})
        if module:
            root["child_modules"].append(holder)
    return {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": root}}


def plan_of(changes: Iterable[str | dict[str, Any]], root: Mapping[str, Any] | None = None, **sections: Any) -> Plan:
    """Return a plan of ``changes``, addresses standing for no-op ones; ``root`` is the root module's configuration."""
    providers = sections.pop("providers", {"aws": {"name": "aws"}})
    configuration = {} if root is None else {"configuration": {"provider_config": providers, "root_module": root}}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": [change(item) if isinstance(item, str) else item for item in changes],
        **configuration,
        **sections,
    }
    return decode_plan(json.dumps(document).encode(), "plan.json")


def links(plan: Plan, graph: DependencyGraph | None = None) -> dict[tuple[str, str], list[Link]]:
    """Return the links of every edge between instances, by (dependent, dependency)."""
    drawn = graph or build_graph(plan)
    found: dict[tuple[str, str], list[Link]] = {}
    for position in range(drawn.size):
        for edge in drawn.dependencies_of(position):
            pair = (plan.instances[edge.dependent].address, plan.instances[edge.dependency].address)
            found.setdefault(pair, []).append(edge.link)
    return found


def edges(plan: Plan) -> set[tuple[str, str]]:
    """Return every edge between instances as (dependent, dependency)."""
    return set(links(plan))
