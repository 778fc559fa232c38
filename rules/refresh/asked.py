"""Ask a provider itself which arguments replace an object, and what it computes anew when it updates one.

    terraform providers schema -json > schema.json
    python -m refresh.asked terraform-provider-aws_v5.100.0_x5 schema.json force_new.json --configuration \
        '{"region": "eu-west-1", "access_key": "x", "secret_key": "x", "skip_credentials_validation": true, …}'
    python -m refresh.force_new aws force_new.json

The provider plans once for each argument: an object of made-up values, of which one changes. No cloud is called, for
nothing is read or applied. So also what no list of ForceNew says is found: replacements that the provider decides on
while it plans, and computed attributes that become unknown. A type whose object the provider refuses as a whole is left
out. Needs ``pip install grpcio msgpack`` (``refresh.plugin_protocol``).
"""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from refresh.plugin_protocol import UNKNOWN, Planned, Plugin, Unknown, Values, absent, provider_block

Block = Mapping[str, Any]
Path_ = tuple[str, ...]

MANY: Final = 150
"""A type with more arguments than this is asked about its outer two levels only."""


class Provider(Protocol):
    """What is asked."""

    def plan(self, type: str, prior: Values | None, proposed: Values, configured: Values) -> Planned:  # noqa: A002
        """Return what the provider plans for a change of one object."""
        ...


def main(arguments: list[str] | None = None) -> None:
    """Ask about every resource type and write the answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("provider", type=Path)
    parser.add_argument("schema", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--configuration", type=json.loads, default={}, help="arguments of the provider block")
    parser.add_argument("--type", action="append", help="ask about this type only (repeatable)")
    options = parser.parse_args(arguments)
    (schema,) = json.loads(options.schema.read_text(encoding="utf-8"))["provider_schemas"].values()
    types = {name: spec["block"] for name, spec in schema["resource_schemas"].items()}
    wanted = options.type or sorted(types)
    block = provider_block(schema, options.configuration)
    answers = ask_all({name: types[name] for name in wanted}, lambda: Plugin(options.provider, block))
    options.answers.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


def ask_all(types: Mapping[str, Block], start: Callable[[], Plugin]) -> dict[str, Values]:
    """Return the answers by type; a provider that crashes over one is started again for the next."""
    answers: dict[str, Values] = {}
    started = start()
    for name, block in types.items():
        if started.has_crashed:
            started.stop()
            started = start()
        if found := ask(started, name, block):
            answers[name] = found
    started.stop()
    return answers


def ask(provider: Provider, name: str, block: Block) -> Values | None:
    """Return the arguments that replace an object of a type, and what an update in place computes anew.

    None where the provider plans no object of the type at all.
    """
    base = _object(provider, name, block)
    if base is None:
        return None
    replacing: set[str] = set()
    anew: set[str] = set()
    for path, value, other in questions(block):
        planned = _answer(provider, name, block, _with(block, base, path, value), _with(block, base, path, other))
        if planned is None:
            continue
        argument = ".".join(path)
        if any(_overlap(argument, replaced) for replaced in planned.replaced):
            replacing.add(argument)
        else:
            anew.update(_unknown(planned.after) - {path[0]})
    return {"force_new": sorted(replacing), "recomputed": sorted(anew)}


def _answer(provider: Provider, name: str, block: Block, prior: Values, proposed: Values) -> Planned | None:
    planned = provider.plan(name, prior, proposed, configured(block, proposed))
    return None if planned.refused or planned.after is None or planned.after == prior else planned


def _overlap(argument: str, replaced: str) -> bool:
    return argument == replaced or argument.startswith(f"{replaced}.") or replaced.startswith(f"{argument}.")


def _unknown(after: Values | None) -> set[str]:
    return {name for name, value in (after or {}).items() if isinstance(value, Unknown)}


def _object(provider: Provider, name: str, block: Block) -> Values | None:
    """Return an object as the provider would have created it: with the required arguments, else with all it has."""
    for is_given in (_is_required, _is_argument):
        proposed = _new(block, is_given)
        planned = provider.plan(name, None, proposed, configured(block, proposed))
        if planned.after is not None and planned.refused is None:
            return _settled(block, planned.after)
    return None


def _new(block: Block, is_given: Callable[[Block], bool]) -> Values:
    values: Values = {}
    for name, attribute in block.get("attributes", {}).items():
        made_up = is_given(attribute) and isinstance(attribute.get("type"), str)
        given = made_up or (_is_required(attribute) and "type" in attribute)
        values[name] = made(attribute["type"]) if given else UNKNOWN if attribute.get("computed") else None
    return values | {name: absent(nested) for name, nested in block.get("block_types", {}).items()}


def _settled(block: Block, planned: Values) -> Values:
    """Return a planned object with made-up values for what the cloud would have decided."""
    attributes = block.get("attributes", {})
    values = {
        name: made(attributes[name]["type"])
        if name in attributes and "type" in attributes[name] and _has_unknown(value)
        else None
        if name in attributes and _has_unknown(value)
        else value
        for name, value in planned.items()
    }
    nested = block.get("block_types", {})
    return values | {name: absent(spec) for name, spec in nested.items() if _has_unknown(planned.get(name))}


def _has_unknown(value: Any) -> bool:
    match value:
        case Unknown():
            return True
        case dict():
            return any(map(_has_unknown, value.values()))
        case list():
            return any(map(_has_unknown, value))
        case _:
            return False


def questions(block: Block) -> Iterator[tuple[Path_, Any, Any]]:
    """Yield each argument by its path with the value it has and the one it gets; a nested block is added."""
    found = list(_questions(block, ()))
    deepest = 2 if len(found) > MANY else 4
    return (question for question in found if len(question[0]) <= deepest)


def _questions(block: Block, above: Path_) -> Iterator[tuple[Path_, Any, Any]]:
    for name, attribute in block.get("attributes", {}).items():
        if _is_argument(attribute) and "type" in attribute and (*above, name) != ("id",):
            yield (*above, name), made(attribute["type"]), made(attribute["type"], other=True)
    for name, nested in block.get("block_types", {}).items():
        if name == "timeouts" or nested["nesting_mode"] == "map":
            continue
        yield (*above, name), absent(nested), _filled(nested, _new_element(nested["block"]))
        if len(above) < 3:
            yield from _questions(nested["block"], (*above, name))


def _with(block: Block, values: Values, path: Path_, value: Any) -> Values:
    """Return ``values`` with ``value`` at ``path``, where nested blocks get one element."""
    if len(path) == 1:
        return values | {path[0]: value}
    nested = block["block_types"][path[0]]
    present = values.get(path[0])
    first = present[0] if isinstance(present, list) and present else present or _new_element(nested["block"])
    return values | {path[0]: _filled(nested, _with(nested["block"], first, path[1:], value))}


def _filled(nested: Block, element: Values) -> Any:
    return element if nested["nesting_mode"] in ("single", "group") else [element]


def _new_element(block: Block) -> Values:
    given = {
        name: made(attribute["type"]) if _is_required(attribute) and "type" in attribute else None
        for name, attribute in block.get("attributes", {}).items()
    }
    return given | {name: absent(nested) for name, nested in block.get("block_types", {}).items()}


def configured(block: Block, values: Values) -> Values:
    """Return what of ``values`` a configuration would say: nothing that only the cloud decides."""
    said = {
        name: values.get(name) if _is_argument(spec) else None for name, spec in block.get("attributes", {}).items()
    }
    said = {name: None if _has_unknown(value) else value for name, value in said.items()}
    for name, nested in block.get("block_types", {}).items():
        value = values.get(name)
        said[name] = [configured(nested["block"], one) for one in value] if isinstance(value, list) else value
        if isinstance(value, dict) and nested["nesting_mode"] in ("single", "group"):
            said[name] = configured(nested["block"], value)
    return said


def _is_required(attribute: Block) -> bool:
    return bool(attribute.get("required"))


def _is_argument(attribute: Block) -> bool:
    return bool(attribute.get("required") or attribute.get("optional"))


def made(kind: Any, *, other: bool = False) -> Any:
    """Return a made-up value of a type as the schema writes it (``["list", "string"]``), or another one."""
    match kind:
        case "string":
            return "new" if other else "old"
        case "number":
            return 8 if other else 7
        case "bool":
            return not other
        case ["list" | "set", inner]:
            return [made(inner, other=other)]
        case ["map", inner]:
            return {"key": made(inner, other=other)}
        case ["object", dict(attributes)]:
            return {name: made(inner, other=other) for name, inner in attributes.items()}
        case ["tuple", list(inner)]:
            return _made_all(inner, other)
        case _:
            return None


def _made_all(kinds: Iterable[Any], other: bool) -> list[Any]:
    return [made(kind, other=other) for kind in kinds]


if __name__ == "__main__":
    main()
