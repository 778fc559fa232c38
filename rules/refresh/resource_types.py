"""Add what a new provider release has to the tables of resource types.

    python -m refresh.resource_types --read-on 2026-11-26 cdktn_provider_azurerm-18.9.0-py3-none-any.whl

New types and data sources get the service of their nearest relatives and the scope that their location attributes
show; where those do not settle it, the row asks to be judged. Rows that name an attribute which the release does not
have are listed, not changed.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from refresh.bindings import Bindings, read_bindings
from refresh.tables import FACTS, Row, blank, judged, read_table, stamp, write_table
from scopegate.facts.load import load_facts

_TABLES: Final = {
    "aws": ("types_aws", "aws-bindings"),
    "azurerm": ("types_azurerm", "azurerm-bindings"),
    "azuread": ("types_azuread", "azuread-bindings"),
    "google": ("types_google", "google-bindings"),
    "google-beta": ("types_google", "google-bindings"),
}
_OTHER: Final = ("types_other", "bindings")
_LOCATIONS: Final = {"aws": ("region",), "azurerm": ("location",), "google": ("region", "location"), "google-beta": ("region", "location")}
_ZONES: Final = ("zone", "availability_zone", "availability_zone_id", "availability_zones")


def main(arguments: list[str] | None = None) -> None:
    """Update the type tables from wheels of bindings and print what a person should look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", nargs="+", type=Path)
    parser.add_argument("--read-on", required=True, help="the day of today, for sources.csv")
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    for wheel in options.wheels:
        bindings = read_bindings(wheel)
        table, source = _TABLES.get(bindings.provider, _OTHER)
        path = options.facts / f"{table}.csv"
        rows = read_table(path)
        for line in strangers(rows, bindings):
            print(line)  # noqa: T201 (a script's output)
        write_table(path, rows + new_rows(rows, bindings, source))
        stamp(options.facts, source, bindings.version, options.read_on)
        _set_version(options.facts / "providers.csv", bindings)


def new_rows(rows: Iterable[Row], bindings: Bindings, source: str) -> list[Row]:
    """Return a row for each type and data source of the release that has none."""
    known = {row["type"]: row for row in rows}
    return [
        derived(name, attributes, known.get(name.removeprefix("data.")), bindings, source)
        for name, attributes in sorted(bindings.types.items())
        if name not in known
    ]


def derived(name: str, attributes: frozenset[str], managed: Row | None, bindings: Bindings, source: str) -> Row:
    """Return the row of a new name: its relatives' service, the scope its attributes show, else a question."""
    row = blank("types") | {
        "type": name,
        "service": managed["service"] if managed else _service(bindings.provider, name),
        "region": "|".join(word for word in _LOCATIONS.get(bindings.provider, ("region",)) if word in attributes),
        "zone": "|".join(word for word in _ZONES if word in attributes),
        "account": "project" if bindings.provider.startswith("google") and "project" in attributes else "",
        "source": source,
    }
    return _scoped(row, attributes, managed, bindings)


def strangers(rows: Iterable[Row], bindings: Bindings) -> list[str]:
    """Return a line for each row that names an attribute its type does not have in this release."""
    named = ((row, word) for row in rows if row["type"] in bindings.types for word in _named_attributes(row))
    return [
        f"{row['type']}: no attribute {word!r} in {bindings.provider} {bindings.version}"
        for row, word in named
        if word.partition(".")[0] not in bindings.types[row["type"]]
    ]


def _scoped(row: Row, attributes: frozenset[str], managed: Row | None, bindings: Bindings) -> Row:
    parents = [pair for pair in _pairs(managed) if pair.partition(">")[0] in attributes]
    if "location" in row["region"].split("|") and bindings.provider.startswith("google"):
        return row | {"scope": "location"}
    if row["region"]:
        return row | {"scope": "regional"}
    if row["zone"] and bindings.provider.startswith("google"):
        return row | {"scope": "zonal"}
    if managed and managed["scope"] in ("global", "nowhere", "cluster"):
        return row | {"scope": managed["scope"]}
    if parents:
        return row | {"scope": "inherits", "parents": "|".join(parents)}
    if bindings.provider == "aws":
        return judged(row | {"scope": "global"}, "no region argument: global, or a mere computation?")
    return judged(row | {"scope": "unknown"}, "no location attribute: global, or whose place is it?")


def _service(provider: str, name: str) -> str:
    return load_facts().infer_service(provider, name.removeprefix("data.")) or provider


def _pairs(row: Row | None) -> list[str]:
    return row["parents"].split("|") if row and row["parents"] else []


def _named_attributes(row: Row) -> list[str]:
    words = [word for column in ("region", "zone", "account") for word in row[column].split("|") if word]
    return words + [pair.partition(">")[0] for pair in _pairs(row)]


def _set_version(path: Path, bindings: Bindings) -> None:
    names = {"google-beta": "google"}
    name = names.get(bindings.provider, bindings.provider)
    rows = read_table(path)
    write_table(path, [row | {"version": bindings.version} if row["name"] == name else row for row in rows])


if __name__ == "__main__":
    main()
