"""Bring what a change of an argument does to its object up to a provider release.

    python -m refresh.force_new aws force_new.json --source provider-schemas
    python -m refresh.force_new aws asked.json --source aws-plans --add

The file holds, by resource type, ``{"force_new": ["vpc_id", "network.subnet_id"], "recomputed": ["version"],
"regional": true}``: the arguments whose change replaces an object, nested ones by their path, as the provider's source
marks them (ForceNew, RequiresReplace) or as ``refresh.asked`` found them; what an update in place computes anew; and
whether the type has the ``region`` argument that AWS provider 6 gives to all regional types. A type without a list
keeps the row it has, or none: nothing is said about it, which is not the same as that nothing replaces it. ``--add``
keeps the arguments of the row and its sources, for a release that is not the newest.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from refresh.tables import FACTS, Row, merged, read_table, write_table


def main(arguments: list[str] | None = None) -> None:
    """Update the table of replacements of one provider."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("provider", choices=("aws", "azurerm", "google"))
    parser.add_argument("document", type=Path)
    parser.add_argument("--source", default="provider-schemas", help="the word in sources.csv")
    parser.add_argument("--add", action="store_true", help="to the arguments that the table has")
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    known = {row["type"] for row in read_table(options.facts / f"types_{options.provider}.csv")}
    document = json.loads(options.document.read_text(encoding="utf-8"))
    document = {name: facts for name, facts in document.items() if name in known}
    path = options.facts / f"force_new_{options.provider}.csv"
    old = read_table(path)
    found = replacements(document, options.source, outermost if options.provider == "aws" else innermost)
    if options.add:
        found = [_added(row, {row["type"]: row for row in old}.get(row["type"])) for row in found]
    write_table(path, merged(path.stem, old, found, ("arguments", "source"), lambda row: row))
    _update_recomputed(options.facts / "recomputed.csv", document, options.source)


def _added(new: Row, old: Row | None) -> Row:
    """Return a row with the arguments and sources of both."""
    if old is None:
        return new
    arguments = outermost([*_words(old["arguments"]), *_words(new["arguments"])])
    sources = dict.fromkeys([*_words(old["source"]), *_words(new["source"])])
    return {"type": new["type"], "arguments": "|".join(arguments), "source": "|".join(sources)}


def _words(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def _update_recomputed(path: Path, document: Mapping[str, Mapping[str, Any]], source: str) -> None:
    said = {name: facts["recomputed"] for name, facts in document.items() if "recomputed" in facts}
    kept = [row for row in read_table(path) if row["type"] not in said]
    new = [
        {"type": name, "attributes": "|".join(sorted(attributes)), "source": source}
        for name, attributes in said.items()
        if attributes
    ]
    write_table(path, kept + new)


def replacements(
    document: Mapping[str, Mapping[str, Any]], source: str, shortened: Callable[[Iterable[str]], tuple[str, ...]]
) -> list[Row]:
    """Return a row for each type whose arguments are listed, ``shortened``."""
    return [
        {"type": name, "arguments": "|".join(shortened(_arguments(facts))), "source": source}
        for name, facts in document.items()
        if "force_new" in facts
    ]


def _arguments(facts: Mapping[str, Any]) -> list[str]:
    region = ["region"] if facts.get("regional") else []
    return [*facts["force_new"], *region]


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths without those that lie inside another one, sorted."""
    found = frozenset(paths)
    return tuple(sorted(path for path in found if not any(above in found for above in _above(path))))


def innermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths without those that hold another one, sorted.

    In a provider on plugin SDK 2, the mark of a block is about how many there are; what is changed inside replaces the
    object only where it is marked itself (hashicorp/terraform-plugin-sdk, issue 1314). That of AWS has blocks of the
    plugin framework too, whose mark is about all that is inside.
    """
    found = frozenset(paths)
    holding = frozenset(above for path in found for above in _above(path))
    return tuple(sorted(found - holding))


def _above(path: str) -> Iterable[str]:
    steps = path.split(".")
    return (".".join(steps[:length]) for length in range(1, len(steps)))


if __name__ == "__main__":
    main()
