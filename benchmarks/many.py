"""Times the review of many plans that are one change: as it is run, and by one process.

    python -m benchmarks.many 50 200 800

In turn with ``orjson.loads`` of all the files, as in ``benchmarks.run``; the memory is that of all processes at once.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.estates import paths
from benchmarks.run import OUT, SCOPEGATE, Measurement, measure, medians

HEADER = (
    "| plans | resources of each | files, MB | `orjson.loads`, s | one process, s | review, s | review ÷ one process "
    "| review ÷ orjson | memory of all processes, MB | memory ÷ files |\n"
    "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True, slots=True)
class Many:
    """What was measured on so many plans, of ``megabytes`` together."""

    plans: int
    resources: int
    megabytes: float
    orjson: Measurement
    one: Measurement
    review: Measurement

    @property
    def of_one(self) -> float:
        """The time of a review as a multiple of what one process takes."""
        return self.review.seconds / self.one.seconds

    def __str__(self) -> str:
        """A row of the table."""
        return (
            f"| {self.plans:,} | {self.resources:,} | {self.megabytes:.1f} | {self.orjson.seconds:.2f} "
            f"| {self.one.seconds:.2f} | {self.review.seconds:.2f} | {self.of_one:.2f} "
            f"| {self.review.seconds / self.orjson.seconds:.2f} | {self.review.megabytes:.0f} "
            f"| {self.review.megabytes / self.megabytes:.2f} |"
        )


def many(plans: int, resources: int, runs: int) -> Many:
    """Write so many plans, measure on them and take them away again."""
    folder = OUT / "many"
    shutil.rmtree(folder, ignore_errors=True)
    # In a process of its own: what this one holds would count in the memory of the ones it starts.
    write = ["benchmarks.estates", str(plans), str(resources), "--into", str(folder)]
    subprocess.run([sys.executable, "-m", *write], check=True)
    files = paths(folder, plans)
    load = "import orjson, pathlib, sys\nfor path in sys.argv[1:]: orjson.loads(pathlib.Path(path).read_bytes())"
    review = [SCOPEGATE, "review", "--format", "json", *map(str, files)]
    commands = {
        "orjson": [sys.executable, "-I", "-c", load, *map(str, files)],
        "one": [*review, "--jobs", "1"],
        "review": review,
    }
    found = medians(commands, runs)
    measured = Many(
        plans=plans,
        resources=resources,
        megabytes=sum(file.stat().st_size for file in files) / 1_000_000,
        orjson=found["orjson"],
        one=found["one"],
        review=Measurement(found["review"].seconds, memory_of_all(review)),
    )
    shutil.rmtree(folder)
    return measured


def memory_of_all(command: list[str]) -> float:
    """Return the most memory, in MB, that a command and its children held at once; what they share counts once.

    Looked at a hundred times a second, on Linux. Elsewhere no children are started, and the kernel's count tells.
    """
    if sys.platform != "linux":
        return measure(command).megabytes
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(_own_kilobytes, [process.pid, *_children_of(process.pid)])))
        time.sleep(0.01)
    return most / 1_000


def _children_of(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:  # it has ended
        return []


def _own_kilobytes(process: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def main() -> None:
    """Measure and print a line for each number of plans."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description="Time reviews of many plans.")
    parser.add_argument("plans", type=int, nargs="+", help="how many, for each line")
    parser.add_argument("--resources", type=int, default=100, help="of each plan (default: 100)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command; the median counts (default: 3)")
    given = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    print(HEADER)
    for plans in given.plans:
        print(many(plans, given.resources, given.runs), flush=True)


if __name__ == "__main__":
    main()
