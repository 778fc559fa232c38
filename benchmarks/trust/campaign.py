"""``make fuzz``: damage plans for a while, and say what came of it.

    python -m benchmarks.trust.campaign [--seconds N] [--seed N] [FOLDER_OF_PLANS ...]

Every plan is damaged in every way in turn, again and again until the time is up. Exit code 1 where anything but a
verdict or a declared error came out, or where a plan that lost a change got a better verdict and did not say so.
"""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.trust.damage import Damage, Outcome, damaged, judged, read, without_change

from scopegate.analyze import Knowledge, default_knowledge

ROOT = Path(__file__).parents[2]
SLOW_SECONDS = 5.0


@dataclass
class Tally:
    """What the campaign has seen so far."""

    tried: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    finds: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")


def main() -> None:
    """Run the campaign and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "fixtures"])
    arguments = parser.parse_args()
    tally = Tally()
    plans = plans_in(arguments.folders)
    knowledge = default_knowledge()
    for path in plans:
        lose_each_change(path, path.read_bytes(), knowledge, tally, most=arguments.seconds > 300)
    damage_until(time.monotonic() + arguments.seconds, plans, random.Random(arguments.seed), knowledge, tally)
    print_figures(tally, len(plans))
    sys.exit(bool(tally.finds))


def plans_in(folders: list[Path]) -> list[Path]:
    """Return the plans below some folders, the smallest first."""
    found = [path for folder in folders for path in sorted(folder.rglob("*.json")) if _may_be_a_plan(path)]
    return sorted(found, key=lambda path: path.stat().st_size)


def _may_be_a_plan(path: Path) -> bool:
    return path.name == "plan.json" or "expected" not in path.parts


def damage_until(end: float, plans: list[Path], chance: random.Random, knowledge: Knowledge, tally: Tally) -> None:
    """Damage all plans in all ways, round after round."""
    number = 0
    while True:
        for path in plans:
            raw = path.read_bytes()
            for kind in Damage:
                if time.monotonic() > end:
                    return
                number += 1
                name = f"{path.parent.name}/{path.name}: {kind.value} (input {number})"
                attack(name, damaged(raw, kind, chance), kind.value, knowledge, tally)


def attack(name: str, raw: bytes, kind: str, knowledge: Knowledge, tally: Tally) -> Outcome | None:
    """Judge one input, and note what came of it."""
    began = time.process_time()
    try:
        outcome = judged(raw, knowledge)
    except Exception:  # noqa: BLE001 - exactly what is looked for
        tally.finds.append(f"{name}\n{traceback.format_exc(limit=-3)}")
        outcome = None
    seconds = time.process_time() - began  # how long others kept the machine busy is no property of the input
    tally.slowest = max(tally.slowest, (seconds, name))
    if seconds > SLOW_SECONDS:
        tally.finds.append(f"{name}: took {seconds:.1f} seconds")
    tally.tried[kind] += 1
    tally.outcomes[_in_a_word(outcome)] += 1
    return outcome


def _in_a_word(outcome: Outcome | None) -> str:
    if outcome is None:
        return "crash"
    return outcome.report.verdict.value if outcome.report else "declared error"


def lose_each_change(path: Path, raw: bytes, knowledge: Knowledge, tally: Tally, *, most: bool) -> None:
    """Take out each change by itself: the verdict may get better only where the report says what is missing."""
    document = read(raw)
    changes = document.get("resource_changes") if isinstance(document, dict) else None
    if not isinstance(changes, list):
        return
    whole = attack(f"{path.parent.name}/{path.name}", raw, "as it is", knowledge, tally)
    for position in range(len(changes) if most else min(len(changes), 20)):
        name = f"{path.parent.name}/{path.name}: without resource_changes[{position}]"
        rest = attack(name, without_change(document, position), "a change lost", knowledge, tally)
        if whole and rest and not is_no_better_or_says_why(rest, whole):
            tally.finds.append(f"{name}: a better verdict, and not a word about it")


def is_no_better_or_says_why(rest: Outcome, whole: Outcome) -> bool:
    """Return whether a part is judged no better than the whole, or its report says that something cannot be seen.

    A redacted plan has nothing that a lost change would be missed by, and its report always says so.
    """
    if rest.report is None or rest.rank >= whole.rank:
        return True
    notes = set(rest.report.coverage.notes)
    return bool(notes - set(whole.report.coverage.notes if whole.report else ())) or any("redacted" in n for n in notes)


def print_figures(tally: Tally, plans: int) -> None:
    """Print what was tried and what came of it."""
    seconds, name = tally.slowest
    print(f"{plans} plans, {sum(tally.tried.values()):,} inputs tried")
    for kind, count in tally.tried.items():
        print(f"  {kind:<20} {count:>9,}")
    print("outcomes")
    for outcome, count in sorted(tally.outcomes.items()):
        print(f"  {outcome:<20} {count:>9,}")
    print(f"slowest input: {seconds:.2f} seconds, {name}")
    print(f"finds: {len(tally.finds)}")
    for find in tally.finds[:20]:
        print(f"\n{find}")


if __name__ == "__main__":
    main()
