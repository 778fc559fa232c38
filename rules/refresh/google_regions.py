"""Bring the regions of Google Cloud up to Google's yearly table of their energy.

    python -m refresh.google_regions --read-on 2026-11-26 region-carbon-info/data/yearly/2025.csv

It is Google's own machine-readable list of regions with their places; the country is for a person to fill in.
"""

import argparse
import csv
from pathlib import Path

from refresh.tables import FACTS, Row, judged, merged, read_table, stamp, write_table


def main(arguments: list[str] | None = None) -> None:
    """Update regions.csv from a table of GoogleCloudPlatform/region-carbon-info."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--read-on", required=True, help="the day of today, for sources.csv")
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    path = options.facts / "regions.csv"
    new = regions(options.table)
    write_table(path, merged("regions", read_table(path), new, ("name",), _whose_country))
    stamp(options.facts, "google-carbon", options.table.stem, options.read_on)


def regions(table: Path) -> list[Row]:
    """Return the regions of the table with the places they are named after."""
    with table.open(encoding="utf-8", newline="") as file:
        return [
            {
                "cloud": "google",
                "id": row["Google Cloud Region"],
                "name": row["Location"],
                "partition": "googleapis.com",
                "source": "google-carbon",
            }
            for row in csv.DictReader(file)
        ]


def _whose_country(row: Row) -> Row:
    return judged(row, f"country of {row['name']}")


if __name__ == "__main__":
    main()
