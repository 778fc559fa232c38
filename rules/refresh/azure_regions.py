"""Bring the regions of an Azure cloud up to its own list of locations.

    az account list-locations --output json > locations.json
    python -m refresh.azure_regions --read-on 2026-11-26 locations.json
    python -m refresh.azure_regions --read-on 2026-11-26 --partition china china.json

The list has names and paired regions; the country of a new region is for a person to fill in.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from refresh.tables import FACTS, Row, judged, merged, read_table, stamp, write_table

_SOURCES: Final = {"public": "azure-regions", "china": "azure-sovereign", "usgovernment": "azure-sovereign"}


def main(arguments: list[str] | None = None) -> None:
    """Update regions.csv from a saved list of locations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("locations", type=Path)
    parser.add_argument("--read-on", required=True, help="the day of today, for sources.csv")
    parser.add_argument("--partition", choices=sorted(_SOURCES), default="public")
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    path = options.facts / "regions.csv"
    new = regions(json.loads(options.locations.read_bytes()), options.partition)
    write_table(path, merged("regions", read_table(path), new, ("name", "pair"), _whose_country))
    stamp(options.facts, _SOURCES[options.partition], options.read_on, options.read_on)


def regions(locations: list[Any], partition: str) -> list[Row]:
    """Return the physical locations; the logical ones (``europe``, ``global``) are groups and no regions."""
    return [
        {
            "cloud": "azure",
            "id": location["name"],
            "name": location["displayName"],
            "partition": partition,
            "pair": _pair(location["metadata"]),
            "source": _SOURCES[partition],
        }
        for location in locations
        if location["metadata"]["regionType"] == "Physical"
    ]


def _pair(metadata: Any) -> str:
    return next((pair["name"] for pair in metadata.get("pairedRegion") or ()), "")


def _whose_country(row: Row) -> Row:
    return judged(row, f"country of {row['name']}")


if __name__ == "__main__":
    main()
