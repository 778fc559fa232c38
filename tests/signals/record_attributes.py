"""Records which attributes the providers' schemas have, for the types and arguments that the rules look at.

Run with a folder of `terraform providers schema -json` outputs (aws 6.25.0, azurerm 4.80.0, azuread 3.7.0, google and
google-beta 6.50.0, kubernetes 2.38.0, helm 3.1.1): ``python tests/signals/record_attributes.py FOLDER``. Needed after a
rule began to look at another type or argument; the tests read what is recorded.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from scopegate.signals.rule_file import builtin_rules_with_examples
from scopegate.signals.rules import Rule, covers

RECORDED = Path(__file__).parent / "data" / "attributes.txt"
PROVIDERS = ("aws-6", "azurerm-4", "azuread-3", "google-6", "google-beta-6", "kubernetes-2", "helm-3")


def paths_of(rule: Rule) -> Iterator[str]:
    """Yield every attribute path that ``rule`` reads."""
    for predicate in (*rule.when, *rule.any, *rule.unless):
        for name, value in msgspec.structs.asdict(predicate).items():
            if name in ("path", "paths", "parent") or (name in ("first", "last") and hasattr(predicate, "last")):
                yield from (path for path in ((value,) if isinstance(value, str) else value) if path)
        yield from _beside(predicate)


def _beside(predicate: Any) -> Iterator[str]:
    paths = (predicate.path,) if isinstance(getattr(predicate, "path", None), str) else getattr(predicate, "path", ())
    blocks = {path.split(".", 1)[0] for path in paths}
    yield from (f"{block}.{path}" for block in sorted(blocks) for path in getattr(predicate, "beside", ()))


def schema_paths(block: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Yield the path of every argument of a schema block, those of nested blocks and objects included."""
    for name, attribute in (block.get("attributes") or {}).items():
        yield before + name
        yield from schema_paths(attribute.get("nested_type") or {}, f"{before}{name}.")
        yield from object_paths(attribute.get("type"), f"{before}{name}.")
    for name, nested in (block.get("block_types") or {}).items():
        yield before + name
        yield from schema_paths(nested["block"], f"{before}{name}.")


def object_paths(kind: Any, before: str) -> Iterator[str]:
    """Yield the paths inside an attribute whose type is an object, or a list, set or map of them."""
    while isinstance(kind, list) and kind[0] in ("list", "set", "map"):
        kind = kind[1]
    if isinstance(kind, list) and kind[0] == "object":
        for name, inner in kind[1].items():
            yield before + name
            yield from object_paths(inner, f"{before}{name}.")


def looked_at(rules: Iterable[Rule], resource_type: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the paths that ``rules`` read of a type, and the blocks around them."""
    read = {path for rule in rules if covers(rule, resource_type) for path in paths_of(rule)}
    blocks = {".".join(path.split(".")[:length]) for path in read for length in range(1, path.count(".") + 1)}
    return frozenset(read), frozenset(blocks)


def main(folder: Path) -> None:
    """Write what is recorded."""
    rules = [rule for rule in builtin_rules_with_examples().rules if rule.plan is None]
    lines: dict[str, set[str]] = {}
    for file in sorted(folder.glob("*.json")):
        if file.name.startswith(PROVIDERS) and "overlay" not in file.name:
            for provider in json.loads(file.read_text(encoding="utf-8"))["provider_schemas"].values():
                for name, schema in provider["resource_schemas"].items():
                    read, blocks = looked_at(rules, name)
                    kept = (
                        path
                        for path in schema_paths(schema["block"])
                        if path in read or path in blocks or path.rpartition(".")[0] in blocks
                    )
                    lines.setdefault(name, set()).update(kept)
    text = "".join(f"{name} {' '.join(sorted(paths))}".rstrip() + "\n" for name, paths in sorted(lines.items()))
    RECORDED.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
