"""Plan documents made by hand for placement: changes, the blocks they come from, and provider configurations."""

from collections.abc import Mapping
from typing import Any

import msgspec

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.graph.build import draw_graph
from scopegate.place.place import place_all
from scopegate.place.placement import Known, Placement, Unknown
from scopegate.plan.address import module_path, parse_resource_address
from scopegate.plan.decode import decode_plan
from scopegate.source.model import Sources

AWS = "registry.terraform.io/hashicorp/aws"
AZURE = "registry.terraform.io/hashicorp/azurerm"
GOOGLE = "registry.terraform.io/hashicorp/google"

FACTS = load_facts()

Json = dict[str, Any]


def constant(value: object) -> Json:
    return {"constant_value": value}


def reference(*names: str) -> Json:
    return {"references": list(names)}


def change(
    address: str,
    after: Mapping[str, object] | None = None,
    before: Mapping[str, object] | None = None,
    *,
    provider: str = AWS,
    key: str | None = "aws",
    arguments: Mapping[str, object] | None = None,
    **sections: object,
) -> Json:
    """Return a resource change; ``key`` None means that its block is gone, ``arguments`` are those of the block."""
    actions = {(True, False): ["create"], (True, True): ["update"], (False, True): ["delete"]}
    parsed = parse_resource_address(address)
    return {
        "address": address,
        "module_address": ".".join(map(str, parsed.module)),
        "mode": parsed.mode.value,
        "type": parsed.type,
        "name": parsed.name,
        "provider_name": provider,
        "change": {
            "actions": sections.pop("actions", actions.get((after is not None, before is not None), ["no-op"])),
            "before": before,
            "after": after,
            "after_unknown": sections.pop("unknown", {}),
            **sections,
        },
        "_key": key,
        "_arguments": arguments or {},
    }


def config(key: str, **arguments: object) -> Json:
    """Return a provider configuration; an argument is a constant, or an expression in its JSON form."""
    module, _, name = key.rpartition(":")
    local, _, alias = name.partition(".")
    found = {
        "name": local,
        "full_name": f"registry.terraform.io/hashicorp/{local}",
        "module_address": module,
        "expressions": {argument: _expression(value) for argument, value in arguments.items()},
    }
    return {key: {**found, **({"alias": alias} if alias else {})}}


def _expression(value: object) -> object:
    return value if isinstance(value, dict | list) else constant(value)


def document(
    *changes: Json,
    providers: Json | None = None,
    calls: Mapping[str, Json] | None = None,
    defaults: Mapping[str, object] | None = None,
    **top: object,
) -> Json:
    """Return a plan; ``calls`` maps ``a.b`` to what ``module.b`` is passed in ``module.a``."""
    root: Json = {"resources": [], "variables": {name: {"default": value} for name, value in (defaults or {}).items()}}
    for path, passed in (calls or {}).items():
        _module(root, tuple(path.split(".")))["expressions"].update(passed)
    written: set[tuple[object, ...]] = set()
    for item in changes:
        block = (item["module_address"].partition("[")[0], item["mode"], item["type"], item["name"])
        if item["_key"] is not None and block not in written:
            written.add(block)
            _blocks(root, item).append(
                {
                    "mode": item["mode"],
                    "type": item["type"],
                    "name": item["name"],
                    "provider_config_key": item["_key"],
                    "expressions": item["_arguments"],
                }
            )
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "resource_changes": [{k: v for k, v in item.items() if not k.startswith("_")} for item in changes],
        "configuration": {"provider_config": providers or {}, "root_module": root},
        **top,
    }


def _module(root: Json, path: tuple[str, ...]) -> Json:
    call: Json = {"module": root}
    for name in path:
        calls = call["module"].setdefault("module_calls", {})
        call = calls.setdefault(name, {"source": f"./{name}", "expressions": {}, "module": {"resources": []}})
    return call


def _blocks(root: Json, item: Json) -> list[Json]:
    path = module_path(parse_resource_address(item["address"]).module)
    module = _module(root, path)["module"] if path else root
    blocks: list[Json] = module["resources"]
    return blocks


def placements(
    plan: Json,
    stated: Mapping[str, str] | None = None,
    facts: Facts = FACTS,
    sources: Sources | None = None,
) -> dict[str, Placement]:
    """Return the placement of every instance of a plan document, by address."""
    decoded = decode_plan(msgspec.json.encode(plan), "plan.json")
    drawn = draw_graph(decoded)
    placed = place_all(decoded, facts, drawn.graph, stated or {}, sources, drawn.sections)
    return {instance.address: found for instance, found in zip(decoded.instances, placed, strict=True)}


def place(*changes: Json, stated: Mapping[str, str] | None = None, facts: Facts = FACTS, **plan: Any) -> Placement:
    """Return the placement of the first of some changes."""
    return placements(document(*changes, **plan), stated, facts)[changes[0]["address"]]


def value(answer: Known[Any] | Unknown | None) -> Any:
    """Return the value of an answer that has to be known."""
    assert isinstance(answer, Known), answer
    return answer.value


def unknown(answer: Known[Any] | Unknown | None) -> Unknown:
    """Return an answer that has to be unknown."""
    assert isinstance(answer, Unknown), answer
    return answer


def is_unknown(answer: Known[Any] | Unknown | None) -> bool:
    """Whether an answer is openly unknown."""
    return isinstance(answer, Unknown)
