"""The placements of real and recorded plans against what was read in them by hand."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
import pytest

from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.place.place import place_all
from scopegate.place.placement import Known, Placement, Unknown
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan

ROOT = Path(__file__).parents[2]
TRUTH = Path(__file__).parent / "truth"
TABLES = sorted(TRUTH.glob("*.csv"))
CLOUDS = ("aws", "azurerm", "google")
Row = dict[str, str]


def rows_by_file() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for table in TABLES:
        with table.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                found.setdefault(row["file"], []).append(row)
    return found


ROWS = rows_by_file()


def path_of(file: str) -> Path:
    folder = TRUTH if file.startswith("plans/") else ROOT / "fixtures"
    recorded = folder / file / "plan.json"
    published = ROOT.parent / "shared" / "plans" / f"{file.removeprefix('real/')}.json"
    return recorded if recorded.exists() or not file.startswith("real/") else published


@cache
def placed(file: str) -> tuple[Plan, tuple[Placement, ...]]:
    path = path_of(file)
    if not path.exists():
        pytest.skip(f"{path.name} is not on this machine")
    plan = read(path)
    return plan, place_all(plan, load_facts(), build_graph(plan), {})


def read(path: Path) -> Plan:
    """Return the plan in a file, also the one that somebody keeps inside another object."""
    raw = path.read_bytes()
    if b'"tfplan"' in raw[:200]:
        return decode_plan(msgspec.json.encode(msgspec.json.decode(raw)["tfplan"]), str(path))
    return read_plan(str(path))


def answers(file: str) -> dict[tuple[str, str], Row]:
    plan, placements = placed(file)
    return {
        (instance.address, instance.deposed or ""): dict(said(placement))
        for instance, placement in zip(plan.instances, placements, strict=True)
    }


def said(placement: Placement) -> Iterator[tuple[str, str]]:
    """Yield what a placement says in the words of the table."""
    yield "provider", placement.provider
    yield "region", word(placement.region) if placement.located else "nowhere"
    if placement.located:
        yield "partition", word(placement.partition)
        yield "account", word(placement.account)
        yield "service", word(placement.service)
        yield "previous", word(placement.previous_region) if placement.previous_region else ""
        also = {other.region for other in placement.also_reaches if other.region and other.kind != "moves"}
        yield "also", ";".join(sorted(also))


def word(answer: Known[str] | Unknown) -> str:
    return answer.value if isinstance(answer, Known) else f"?{answer.cause.value}"


def expected(row: Mapping[str, str]) -> Row:
    columns = ("provider", "region", "partition", "account", "service", "previous", "also")
    return {name: row[name] for name in columns if row["region"] != "nowhere" or name in ("provider", "region")}


@pytest.mark.parametrize("file", sorted(ROWS))
def test_every_resource_is_placed_as_read_by_hand(file: str) -> None:
    found = answers(file)
    assert {row["address"]: found[row["address"], row["deposed"]] for row in ROWS[file]} == {
        row["address"]: expected(row) for row in ROWS[file]
    }


@pytest.mark.parametrize("file", sorted(ROWS))
def test_no_changed_resource_of_a_big_cloud_is_left_out(file: str) -> None:
    plan, placements = placed(file)
    changed = {
        (instance.address, instance.deposed or "")
        for instance, placement in zip(plan.instances, placements, strict=True)
        if instance.is_direct and placement.provider in CLOUDS
    }
    assert changed - {(row["address"], row["deposed"]) for row in ROWS[file]} == set()


def test_the_table_is_large_enough_to_mean_something() -> None:
    located = [row for rows in ROWS.values() for row in rows if row["region"] != "nowhere"]
    assert len(located) >= 600
    assert {row["partition"] for row in located} >= {"aws", "aws-cn", "public", "googleapis.com"}


@pytest.mark.parametrize("file", sorted(ROWS))
def test_everything_unknown_says_why_and_nothing_known_lacks_evidence(file: str) -> None:
    _, placements = placed(file)
    for placement in placements:
        for answer in (placement.region, placement.partition, placement.account, placement.jurisdictions):
            assert answer.reason if isinstance(answer, Unknown) else answer.evidence
