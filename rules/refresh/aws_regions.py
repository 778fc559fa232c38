"""Bring the regions and partitions of AWS up to a botocore release.

    python -m refresh.aws_regions --read-on 2026-11-26 .venv/lib/python3.11/site-packages/botocore/data

botocore names regions and partitions within days of their opening; which country a new region is in, which law a new
partition is under and the short code of its zones are for a person to fill in.
"""

import argparse
from pathlib import Path
from typing import Any

from refresh.botocore_data import read_json, release
from refresh.tables import FACTS, JUDGE, Row, judged, merged, read_table, stamp, write_table


def main(arguments: list[str] | None = None) -> None:
    """Update regions.csv and partitions.csv from a folder ``botocore/data``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--read-on", required=True, help="the day of today, for sources.csv")
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    partitions = read_json(options.data, "partitions")["partitions"]
    _update(options.facts / "regions.csv", regions(partitions), ("name", "partition"), _whose_country)
    _update(
        options.facts / "partitions.csv", [_partition(one) for one in partitions], ("regex", "dns", "home"), _whose_law
    )
    stamp(options.facts, "botocore", release(options.data), options.read_on)


def regions(partitions: list[Any]) -> list[Row]:
    """Return the regions of all partitions; ``aws-global`` and the like are no regions."""
    return [
        {"cloud": "aws", "id": name, "name": region["description"], "partition": partition["id"], "source": "botocore"}
        for partition in partitions
        for name, region in partition["regions"].items()
        if not name.endswith("-global")
    ]


def _partition(partition: Any) -> Row:
    outputs = partition["outputs"]
    return {
        "cloud": "aws",
        "id": partition["id"],
        "name": partition["id"],
        "regex": partition["regionRegex"].replace("\\-", "-"),
        "dns": f"{outputs['dnsSuffix']}|{outputs['dualStackDnsSuffix']}",
        "home": outputs["implicitGlobalRegion"],
        "source": "botocore",
    }


def _update(path: Path, new: list[Row], owned: tuple[str, ...], complete: Any) -> None:
    write_table(path, merged(path.stem, read_table(path), new, owned, complete))


def _whose_country(row: Row) -> Row:
    return judged(row, f"country of {row['name']}, and the code of its zones")


def _whose_law(row: Row) -> Row:
    return row | {"jurisdiction": JUDGE + "which law is the partition under"}


if __name__ == "__main__":
    main()
