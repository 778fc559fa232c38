"""Times ``scopegate review`` on generated plans beside the JSON readers of Python on the same files.

    python -m benchmarks.run

Whole processes, one after the other in turn, so that a busy machine slows all of them alike: the ratios count, the
seconds only compare within one run. Medians of the wall clock; the peak memory is the kernel's count of the process.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

OUT = Path(__file__).parent / "out"
VERDICTS = (0, 10, 11)


@dataclass(frozen=True, slots=True)
class Case:
    """One plan to measure on: its name, its size, the generator's options."""

    name: str
    resources: int
    options: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the plan is generated to."""
        return OUT / f"{self.name}-{self.resources}.json"


CASES = (
    Case("mixed", 100),
    Case("mixed", 1_000),
    Case("mixed", 10_000),
    Case("create", 10_000, ("--create",)),
    Case("hot", 10_000, ("--hot",)),
    Case("chains", 10_000, ("--chains", "60")),
    Case("count", 10_000, ("--count", "100")),
    Case("mixed", 100_000),
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One process: its wall time and its peak memory."""

    seconds: float
    megabytes: float


def commands(path: Path) -> dict[str, list[str]]:
    """Map each column to the command that is measured on the plan at ``path``."""
    load = "import {0}, pathlib, sys; {0}.loads(pathlib.Path(sys.argv[1]).read_bytes())"
    scopegate = str(Path(sys.executable).with_name("scopegate"))
    return {
        "json": [sys.executable, "-I", "-c", load.format("json"), str(path)],
        "orjson": [sys.executable, "-I", "-c", load.format("orjson"), str(path)],
        "review": [scopegate, "review", "--format", "json", str(path)],
    }


def measure(command: list[str]) -> Measurement:
    """Run ``command`` to its end.

    Raises:
        RuntimeError: it gave no verdict.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in VERDICTS:
        raise RuntimeError(f"{command[0]} gave no verdict: exit code {process.returncode}")
    # Linux counts ru_maxrss in kilobytes, macOS in bytes (getrusage(2) of each).
    return Measurement(seconds, usage.ru_maxrss / (1_000_000 if sys.platform == "darwin" else 1_000))


def medians(case: Case, runs: int) -> dict[str, Measurement]:
    """Return the median time and memory of each command on the plan of ``case``, run in turn."""
    taken: dict[str, list[Measurement]] = {}
    for _ in range(runs):
        for name, command in commands(case.path).items():
            taken.setdefault(name, []).append(measure(command))
    return {
        name: Measurement(median(one.seconds for one in each), median(one.megabytes for one in each))
        for name, each in taken.items()
    }


HEADER = (
    f"{'plan':<7}{'':>7}{'file':>9}{'json.loads':>20}{'orjson.loads':>20}{'scopegate review':>20}"
    f"{'review/json':>13}{'review/orjson':>15}{'memory/file':>13}"
)


def row(case: Case, found: dict[str, Measurement]) -> str:
    """Return the line of one plan: seconds and megabytes of each command, and the ratios."""
    size = case.path.stat().st_size / 1_000_000
    review = found["review"]
    columns = "".join(f"{one.seconds:8.3f} s{one.megabytes:7.0f} MB" for one in found.values())
    of_json, of_orjson = (review.seconds / found[name].seconds for name in ("json", "orjson"))
    return (
        f"{case.name:<7}{case.resources:>7}{size:6.1f} MB{columns}"
        f"{of_json:13.2f}{of_orjson:15.2f}{review.megabytes / size:13.2f}"
    )


def main() -> None:
    """Generate each plan, measure on it and print its line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Time scopegate on generated plans.")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command; the median counts (default: 3)")
    parser.add_argument("--largest", type=int, default=100_000, help="leave out plans with more resources")
    given = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    print(HEADER)
    for case in CASES:
        if case.resources <= given.largest:
            # In a process of its own: what this one holds would count in the memory of the ones it starts.
            generate = ["benchmarks.generate", str(case.resources), *case.options, "--output", str(case.path)]
            subprocess.run([sys.executable, "-m", *generate], check=True)
            print(row(case, medians(case, given.runs)), flush=True)


if __name__ == "__main__":
    main()
