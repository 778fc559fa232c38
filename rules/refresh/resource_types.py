"""Add what a new provider release has to the tables of resource types.

    pip download --no-deps cdktn-provider-azurerm
    python -m refresh.resource_types --read-on 2026-11-26 cdktn_provider_azurerm-18.9.0-py3-none-any.whl

New types and data sources get the service of their nearest relatives and the scope that their location attributes
show; where those do not settle it, the row asks to be judged. Rows that name an attribute which the release does not
have are listed, not changed.
"""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from refresh.bindings import Bindings, read_bindings
from refresh.tables import FACTS, Row, blank, judged, read_table, stamp, write_table
from scopegate.facts.load import load_facts
from scopegate.facts.model import ProviderFacts, TypeScope

_SOURCES: Final = {name: f"{name}-bindings" for name in ("aws", "azurerm", "azuread", "google")}
_ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws": ("availability_zone", "availability_zone_id", "availability_zones"),
    "google": ("zone",),
}
_PLACELESS: Final = ("global", "nowhere", "cluster")
_CLOUDS: Final = ("aws", "azurerm", "google")


def main(arguments: list[str] | None = None) -> None:
    """Update the type tables from wheels of bindings and print what a person should look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", nargs="+", type=Path)
    parser.add_argument("--read-on", required=True, help="the day of today, for sources.csv")
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    for wheel in options.wheels:
        for line in refresh(options.facts, read_bindings(wheel), options.read_on):
            print(line)  # noqa: T201 (a script's output)


def refresh(folder: Path, bindings: Bindings, read_on: str) -> list[str]:
    """Add the new types of a release to its table and stamp the release; return what a person should look at."""
    provider = _provider(bindings)
    path = folder / f"{provider.types_table}.csv"
    rows = read_table(path)
    write_table(path, rows + new_rows(rows, bindings))
    version = bindings.version if provider.name in _SOURCES else ""
    stamp(folder, _SOURCES.get(provider.name, "bindings"), version, read_on)
    _set_version(folder / "providers.csv", provider.name, bindings.version)
    return strangers(rows, bindings)


def new_rows(rows: Iterable[Row], bindings: Bindings) -> list[Row]:
    """Return a row for each type and data source of the release that has none."""
    known = {row["type"]: row for row in rows}
    return [
        derived(name, attributes, known.get(name.removeprefix("data.")), _provider(bindings))
        for name, attributes in sorted(bindings.types.items())
        if name not in known
    ]


def derived(name: str, attributes: frozenset[str], managed: Row | None, provider: ProviderFacts) -> Row:
    """Return the row of a new name: its relatives' service, the scope its attributes show, else a question."""
    row = blank("types") | {
        "type": name,
        "service": managed["service"] if managed else _service(provider, name),
        "region": "|".join(word for word in provider.region_attributes if word in attributes),
        "zone": "|".join(word for word in _ZONES.get(provider.name, ()) if word in attributes),
        "account": "|".join(word for word in provider.account_attributes if word in attributes),
        "source": _SOURCES.get(provider.name, "bindings"),
    }
    return _scoped(row, attributes, managed, provider)


def strangers(rows: Iterable[Row], bindings: Bindings) -> list[str]:
    """Return a line for each row that names an attribute its type does not have in this release."""
    named = ((row, word) for row in rows if row["type"] in bindings.types for word in _named_attributes(row))
    return [
        f"{row['type']}: no attribute {word!r} in {bindings.provider} {bindings.version}"
        for row, word in named
        if word.partition(".")[0] not in bindings.types[row["type"]]
    ]


def _scoped(row: Row, attributes: frozenset[str], managed: Row | None, provider: ProviderFacts) -> Row:
    parents = [pair for pair in _pairs(managed) if pair.partition(">")[0] in attributes]
    if provider.name not in _CLOUDS:
        return row | {"scope": "regional" if row["region"] else provider.default_scope.value}
    if row["region"]:
        by_location = provider.default_scope is TypeScope.LOCATION and "location" in row["region"].split("|")
        return row | {"scope": "location" if by_location else "regional"}
    if row["zone"] and provider.name == "google":
        return row | {"scope": "zonal"}
    if managed and managed["scope"] in _PLACELESS:
        return row | {"scope": managed["scope"]}
    if parents:
        return row | {"scope": "inherits", "parents": "|".join(parents)}
    return judged(
        row | {"scope": "unknown"}, "no location attribute: global, a mere computation, or whose place is it?"
    )


def _provider(bindings: Bindings) -> ProviderFacts:
    """Return the row of the provider; a provider gets one by hand before its types are read."""
    provider = load_facts().provider(bindings.provider)
    if provider is None or provider.types_table is None:
        raise ValueError(f"{bindings.provider} has no row with a types table in providers.csv; add it first")
    return provider


def _service(provider: ProviderFacts, name: str) -> str:
    return load_facts().infer_service(provider.name, name.removeprefix("data.")) or provider.service


def _pairs(row: Row | None) -> list[str]:
    return row["parents"].split("|") if row and row["parents"] else []


def _named_attributes(row: Row) -> list[str]:
    words = [word for column in ("region", "zone", "account") for word in row[column].split("|") if word]
    return words + [pair.partition(">")[0] for pair in _pairs(row)]


def _set_version(path: Path, name: str, version: str) -> None:
    rows = read_table(path)
    write_table(path, [row | {"version": version} if row["name"] == name else row for row in rows])


if __name__ == "__main__":
    main()
