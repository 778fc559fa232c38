"""Bring the control planes of AWS's global services up to a botocore release.

    python -m refresh.aws_control_planes --read-on 2026-11-26 .venv/lib/python3.11/site-packages/botocore/data

A global service signs its requests for one region of each partition; botocore has it in the services' endpoint rule
sets, for older services in endpoints.json. Rows that come from the provider's own clients are left as they are.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from refresh.botocore_data import newest, read_json, release
from refresh.tables import FACTS, Row, merged, read_table, stamp, write_table


def main(arguments: list[str] | None = None) -> None:
    """Update control_planes.csv from a folder ``botocore/data``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--read-on", required=True, help="the day of today, for sources.csv")
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    path = options.facts / "control_planes.csv"
    rows = read_table(path)
    own = {row["key"] for row in rows if row["source"] == "botocore"}
    known = {(row["key"], row["partition"]) for row in rows if row["source"] != "botocore"}
    new = [row for row in control_planes(options.data, own) if (row["key"], row["partition"]) not in known]
    write_table(path, merged("control_planes", rows, new, ("region",), lambda row: row))
    stamp(options.facts, "botocore", release(options.data), options.read_on)


def control_planes(data: Path, keys: set[str]) -> list[Row]:
    """Return the region of each partition that the services of these keys are managed in."""
    services = {folder.name.replace("-", ""): folder.name for folder in data.iterdir() if folder.is_dir()}
    endpoints = read_json(data, "endpoints")["partitions"]
    found = {
        (key, partition): region
        for key in sorted(keys & set(services))
        for partition, region in (*_from_endpoints(endpoints, services[key]), *_from_rules(data, services[key]))
    }
    return [
        {"key": key, "partition": partition, "region": region, "source": "botocore"}
        for (key, partition), region in found.items()
    ]


def _from_endpoints(partitions: list[Any], service: str) -> Iterator[tuple[str, str]]:
    for partition in partitions:
        known = partition["services"].get(service, {})
        endpoint = known.get("endpoints", {}).get(known.get("partitionEndpoint"), {})
        if region := endpoint.get("credentialScope", {}).get("region"):
            yield partition["partition"], region


def _from_rules(data: Path, service: str) -> Iterator[tuple[str, str]]:
    """Yield the partitions whose endpoints all sign for one region."""
    rules = newest(data, service, "endpoint-rule-set-1")
    signed: dict[str, set[str]] = {}
    for partition, region in _signed(rules["rules"], "") if rules else ():
        signed.setdefault(partition, set()).add(region)
    yield from ((partition, region) for partition, regions in signed.items() if len(regions) == 1 for region in regions)


def _signed(rules: list[Any], partition: str) -> Iterator[tuple[str, str]]:
    """Yield (partition, signing region) of each endpoint that stands under a condition on the partition's name."""
    for rule in rules:
        inside = next(filter(None, map(_named_partition, rule.get("conditions", ()))), partition)
        if rule["type"] == "tree":
            yield from _signed(rule["rules"], inside)
        elif rule["type"] == "endpoint" and inside:
            schemes = rule["endpoint"].get("properties", {}).get("authSchemes", ())
            regions = (scheme.get("signingRegion", "") for scheme in schemes)
            yield from ((inside, region) for region in regions if region and "{" not in region)


def _named_partition(condition: Any) -> str:
    match condition:
        case {"fn": "stringEquals", "argv": [{"fn": "getAttr", "argv": [_, "name"]}, str(name)]}:
            return name
        case _:
            return ""


if __name__ == "__main__":
    main()
