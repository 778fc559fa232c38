"""Print the attributes of a provider release that may name another region or account, for a person to judge.

    python -m refresh.cross_region_candidates cdktn_provider_aws-25.8.1-py3-none-any.whl

Each line is one for cross_region.csv without its kind: whether the attribute creates, replicates, sends, reads, routes,
peers, deploys, controls or only selects can be read in the documentation and in no schema.
"""

import argparse
import re
from pathlib import Path
from typing import Final

from refresh.bindings import Bindings, read_bindings
from refresh.tables import FACTS, Row, read_table

_NAMES_A_PLACE: Final = re.compile(r"(?:^|_)(?:region|location|zone|account|subscription|project)s?(?:_ids?|_names?)?$")
_OWN_PLACE: Final = (
    "availability_zone",
    "availability_zones",
    "dns_zone",
    "hosted_zone",
    "timezone",
    "time_zone",
    "zone_id",
)


def main(arguments: list[str] | None = None) -> None:
    """Print candidates from wheels of bindings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", nargs="+", type=Path)
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    known = {(row["type"], row["path"].partition(".")[0]) for row in read_table(options.facts / "cross_region.csv")}
    tables = sorted(options.facts.glob("types_*.csv"))
    types = {row["type"]: row for table in tables for row in read_table(table)}
    for wheel in options.wheels:
        for name, attribute in candidates(read_bindings(wheel), types, known):
            print(f"{name},{attribute},,,,")  # noqa: T201 (a script's output)


def candidates(bindings: Bindings, types: dict[str, Row], known: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (managed type, attribute) pairs that have no row yet and are not where the type itself is."""
    return [
        (name, attribute)
        for name, attributes in sorted(bindings.types.items())
        if not name.startswith("data.")
        for attribute in sorted(attributes - _own_place(types.get(name)))
        if _NAMES_A_PLACE.search(attribute) and (name, attribute) not in known
    ]


def _own_place(row: Row | None) -> frozenset[str]:
    columns = ("region", "zone", "account")
    return frozenset(_OWN_PLACE) | {word for column in columns for word in (row or {}).get(column, "").split("|")}


if __name__ == "__main__":
    main()
