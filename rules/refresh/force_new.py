"""Bring the arguments that force a replacement up to the sources of a provider release.

    python -m refresh.force_new aws force_new.json --source provider-schemas

The file holds, by resource type, ``{"force_new": ["vpc_id", "network.subnet_id"], "regional": true}``: the arguments
that the provider's source marks as ForceNew or RequiresReplace, nested ones by their path, and whether the type has the
``region`` argument that AWS provider 6 gives to all regional types. A type without a list there keeps the row it has,
or none: nothing is said about it, which is not the same as that nothing replaces it.
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from refresh.tables import FACTS, Row, merged, read_table, write_table


def main(arguments: list[str] | None = None) -> None:
    """Update the table of replacements of one provider."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("provider", choices=("aws", "azurerm", "google"))
    parser.add_argument("document", type=Path)
    parser.add_argument("--source", default="provider-schemas", help="the word in sources.csv")
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    known = {row["type"] for row in read_table(options.facts / f"types_{options.provider}.csv")}
    document = json.loads(options.document.read_text(encoding="utf-8"))
    found = [row for row in replacements(document, options.source) if row["type"] in known]
    path = options.facts / f"force_new_{options.provider}.csv"
    rows = merged(path.stem, read_table(path), found, ("arguments", "source"), lambda row: row)
    write_table(path, rows)


def replacements(document: Mapping[str, Mapping[str, Any]], source: str) -> list[Row]:
    """Return a row for each type whose arguments are listed."""
    return [
        {"type": name, "arguments": "|".join(_arguments(facts)), "source": source}
        for name, facts in document.items()
        if "force_new" in facts
    ]


def _arguments(facts: Mapping[str, Any]) -> tuple[str, ...]:
    region = ["region"] if facts.get("regional") else []
    return outermost([*facts["force_new"], *region])


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths without those that lie inside another one, sorted."""
    found = frozenset(paths)
    return tuple(sorted(path for path in found if not any(above in found for above in _above(path))))


def _above(path: str) -> Iterable[str]:
    steps = path.split(".")
    return (".".join(steps[:length]) for length in range(1, len(steps)))


if __name__ == "__main__":
    main()
