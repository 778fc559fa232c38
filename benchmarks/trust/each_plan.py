"""Damage each plan of some folders: cut off, bits turned over, values replaced, each change lost.

    python -m benchmarks.trust.each_plan [--times 200] [--seed N] [--shard K/N] [--out FILE] FOLDER ...

The same seed makes the same damage. What is done stands in FILE, one line of JSON for each plan, and is not done again:
the command can be stopped and begun again, and run in shards. Without work left, it prints the figures. Exit code 1
where anything but a verdict or a declared error came out, where an input took long, or where a plan that lost a change
got a better verdict and did not say that something is missing.
"""

import argparse
import json
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from benchmarks.trust.campaign import ROOT, SLOW_SECONDS, is_no_better_or_says_why, plans_in
from benchmarks.trust.damage import Damage, Outcome, chance_for, damaged, judged, read, without_change

from scopegate.analyze import Knowledge, default_knowledge

KINDS = (Damage.CUT, Damage.BIT, Damage.VALUE)
LOST = "a change lost"


@dataclass
class Record:
    """What came of one plan: how often it was tried and what came out, by kind of damage; what should not have."""

    plan: str
    seed: int
    times: int
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    slowest: float = 0.0
    finds: list[str] = field(default_factory=list)


def main() -> None:
    """Damage what is not damaged yet, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shard", default="0/1", help="every N-th plan, beginning with the K-th")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/out/each_plan.jsonl")
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "fixtures/real"])
    arguments = parser.parse_args()
    first, step = map(int, arguments.shard.split("/"))
    knowledge = default_knowledge()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    done = {(record.plan, record.seed, record.times) for record in records_in(arguments.out)}
    for path in plans_in(arguments.folders)[first::step]:
        name = f"{path.parent.name}/{path.name}"
        if (name, arguments.seed, arguments.times) not in done:
            record = Record(name, arguments.seed, arguments.times)
            damage_all(path.read_bytes(), knowledge, record)
            with arguments.out.open("ab") as file:
                file.write(msgspec.json.encode(record) + b"\n")
    sys.exit(
        print_figures([r for r in records_in(arguments.out) if (r.seed, r.times) == (arguments.seed, arguments.times)])
    )


def records_in(file: Path) -> list[Record]:
    """Return what was done before."""
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=Record) for line in lines]


def damage_all(raw: bytes, knowledge: Knowledge, record: Record) -> None:
    """Damage one plan in all ways, as often as its record says, and note what came of it."""
    whole = _try("as it is", raw, knowledge, record)
    changes = _changes(raw)
    for kind, text in _damages(raw, record):
        outcome = _try(kind, text, knowledge, record)
        if outcome and whole and _changes(text) < changes and not is_no_better_or_says_why(outcome, whole):
            record.finds.append(f"{kind}: a better verdict for fewer changes, and not a word about it")


def _damages(raw: bytes, record: Record) -> Iterator[tuple[str, bytes]]:
    for kind in KINDS:
        chance = chance_for(f"{record.plan} {kind.value} {record.seed}")
        for _ in range(record.times):
            yield kind.value, damaged(raw, kind, chance)
    document = read(raw)
    changes = document.get("resource_changes") if isinstance(document, dict) else None
    for position in range(len(changes) if isinstance(changes, list) else 0):
        yield LOST, without_change(document, position)


def _try(kind: str, raw: bytes, knowledge: Knowledge, record: Record) -> Outcome | None:
    began, outcome = time.process_time(), None
    try:
        outcome = judged(raw, knowledge)
    except Exception:  # noqa: BLE001 - exactly what is looked for
        record.finds.append(f"{kind}: {traceback.format_exc(limit=-3)}")
    seconds = time.process_time() - began
    record.slowest = max(record.slowest, seconds)
    if seconds > SLOW_SECONDS:
        record.finds.append(f"{kind}: took {seconds:.1f} seconds")
    counts = record.outcomes.setdefault(kind, {})
    word = "crash" if outcome is None else outcome.report.verdict.value if outcome.report else "declared error"
    counts[word] = counts.get(word, 0) + 1
    return outcome


def _changes(raw: bytes) -> int:
    """Return how many entries of a text that is JSON plan something; 0 where there is nothing to count."""
    try:
        document = json.loads(raw)
        return sum(entry["change"]["actions"] != ["no-op"] for entry in document["resource_changes"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return 0


def print_figures(records: list[Record]) -> int:
    """Print what was tried and what came of it; return the exit code."""
    totals: dict[str, Counter[str]] = {}
    for record in records:
        for kind, counts in record.outcomes.items():
            totals.setdefault(kind, Counter()).update(counts)
    tried = sum(count for counts in totals.values() for count in counts.values())
    print(f"{len(records)} plans, {tried:,} inputs tried")
    for kind, counts in totals.items():
        words = ", ".join(f"{count:,} {word}" for word, count in sorted(counts.items()))
        print(f"  {kind:<20} {sum(counts.values()):>8,}: {words}")
    slowest = max(records, key=lambda record: record.slowest, default=None)
    if slowest is not None:
        print(f"slowest input: {slowest.slowest:.2f} seconds, of {slowest.plan}")
    finds = [f"{record.plan}: {find}" for record in records for find in record.finds]
    print(f"finds: {len(finds)}")
    for find in finds[:20]:
        print(f"\n{find}")
    return int(bool(finds))


if __name__ == "__main__":
    main()
