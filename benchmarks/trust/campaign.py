"""``make fuzz``: attack every reader of strangers' bytes for a while, and say what came of it.

    python -m benchmarks.trust.campaign [--seconds N] [--seed N] [FOLDER_OF_PLANS ...]

Half of the time plans are damaged, every one in every way in turn. In the other half libFuzzer looks for bytes that
reach new code, in each of the targets, guided by coverage; where atheris is not installed, this half is left out, and
said so. Exit code 1 where anything but a verdict or a declared error came out, where an input took long, or where a
plan that lost a change got a better verdict and did not say so.
"""

import argparse
import random
import re
import subprocess
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks.trust.damage import Damage, Outcome, damaged, judged, read, without_change
from benchmarks.trust.targets import TARGETS

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
    guided = find_spec("atheris") is not None
    began, share = time.monotonic(), arguments.seconds / (2 if guided else 1)
    for path in plans:
        if time.monotonic() < began + share / 2:
            lose_each_change(path, path.read_bytes(), knowledge, tally, most=arguments.seconds > 300)
    damage_until(began + share, plans, random.Random(arguments.seed), knowledge, tally)
    print_figures(tally, len(plans))
    found = bool(tally.finds)
    if guided:
        each = max(1, round(arguments.seconds / 2 / len(TARGETS)))
        found |= print_guided([guide(target, each, arguments.seed) for target in TARGETS])
    else:
        print("\nNot guided by coverage: atheris is not installed here (pip install --group fuzz).")
    sys.exit(found)


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


@dataclass(frozen=True)
class Guided:
    """What libFuzzer says of one target: inputs tried, those that reached new code, the slowest in whole seconds."""

    target: str
    tried: int
    new: int
    slowest: int
    find: str


def guide(target: str, seconds: int, seed: int) -> Guided:
    """Let libFuzzer attack one target in a process of its own, which it ends."""
    command = [sys.executable, "-m", "benchmarks.trust.coverage_guided", target, "--seconds", str(seconds)]
    done = subprocess.run([*command, "--seed", str(seed)], cwd=ROOT, capture_output=True, check=False, text=True)
    said = {name: int(number) for name, number in _STATISTIC.findall(done.stderr + done.stdout)}
    return Guided(
        target=target,
        tried=said.get("number_of_executed_units", 0),
        new=said.get("new_units_added", 0),
        slowest=said.get("slowest_unit_time_sec", 0),
        find="" if done.returncode == 0 and said else (done.stdout + done.stderr)[-3000:],
    )


_STATISTIC = re.compile(r"stat::(\w+):\s+(\d+)")


def print_guided(runs: list[Guided]) -> bool:
    """Print what libFuzzer tried, and return whether it found anything."""
    print(f"\nguided by coverage: {sum(run.tried for run in runs):,} inputs tried")
    for run in runs:
        print(
            f"  {run.target:<20} {run.tried:>9,}, of which {run.new:,} reached new code; slowest {run.slowest} seconds"
        )
    finds = [run for run in runs if run.find]
    print(f"finds: {len(finds)}")
    for run in finds:
        print(f"\n{run.target}: {run.find}")
    return bool(finds)


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
    print(f"crashes: {tally.outcomes['crash']}, finds: {len(tally.finds)}")
    for find in tally.finds[:20]:
        print(f"\n{find}")


if __name__ == "__main__":
    main()
