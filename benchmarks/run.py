"""Times ``scopegate review`` on generated plans beside ``orjson.loads`` of the same files, and writes the result down.

    python -m benchmarks.run --write docs/performance.md

Whole processes, one after the other in turn, so that a busy machine slows all of them alike: the ratios count, the
seconds only compare within one run. Medians of the wall clock; the peak memory is the kernel's count of the process.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.many import Many

OUT = Path(__file__).parent / "out"
VERDICTS = (0, 10, 11)
SCOPEGATE = str(Path(sys.executable).with_name("scopegate"))
LARGE = 10_000
"""From this many resources on, memory is held against the size of the file."""


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


SHAPES = (
    ("mixed", ()),
    ("create", ("--create",)),
    ("hot", ("--hot",)),
    ("chains", ("--chains", "60")),
    ("count", ("--count", "100")),
)
SIZES = (100, 1_000, 10_000, 100_000)
SMALLEST = {"count": 1_000}
"""A block of 100 instances takes more than 100 resources to stand in."""
CASES = tuple(Case(name, size, options) for size in SIZES for name, options in SHAPES if size >= SMALLEST.get(name, 0))
AT_MOST_OF_ORJSON = {100: 2.0, 1_000: 0.8, 10_000: 0.4, 100_000: 0.4}
"""What a review of a mixed plan may take, as a multiple of ``orjson.loads``."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One process: its wall time and its peak memory."""

    seconds: float
    megabytes: float


def commands(path: Path) -> dict[str, list[str]]:
    """Map each column to the command that is measured on the plan at ``path``."""
    load = "import orjson, pathlib, sys; orjson.loads(pathlib.Path(sys.argv[1]).read_bytes())"
    return {
        "orjson": [sys.executable, "-I", "-c", load, str(path)],
        "review": [SCOPEGATE, "review", "--format", "json", str(path)],
    }


START = {
    "python": [sys.executable, "-I", "-c", "pass"],
    "help": [SCOPEGATE, "--help"],
    "version": [SCOPEGATE, "--version"],
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


def medians(wanted: Mapping[str, list[str]], runs: int) -> dict[str, Measurement]:
    """Return the median time and memory of each command, run in turn."""
    taken: dict[str, list[Measurement]] = {}
    for _ in range(runs):
        for name, command in wanted.items():
            taken.setdefault(name, []).append(measure(command))
    return {
        name: Measurement(median(one.seconds for one in each), median(one.megabytes for one in each))
        for name, each in taken.items()
    }


HEADER = (
    "| plan | resources | file, MB | `orjson.loads`, s | review, s | review ÷ orjson | review ÷ mixed | memory, MB "
    "| memory ÷ file |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured on one plan, and on the mixed plan of the same size."""

    case: Case
    megabytes: float
    """The size of the plan file."""
    found: dict[str, Measurement]
    mixed: Measurement

    @property
    def of_orjson(self) -> float:
        """The time of a review as a multiple of that of ``orjson.loads``."""
        return self.found["review"].seconds / self.found["orjson"].seconds

    @property
    def of_mixed(self) -> float:
        """The time of a review as a multiple of that of the mixed plan."""
        return self.found["review"].seconds / self.mixed.seconds

    @property
    def of_file(self) -> float:
        """The peak memory as a multiple of the file."""
        return self.found["review"].megabytes / self.megabytes

    def __str__(self) -> str:
        """A row of the table."""
        review, orjson = self.found["review"], self.found["orjson"]
        return (
            f"| {self.case.name} | {self.case.resources:,} | {self.megabytes:.1f} | {orjson.seconds:.3f} "
            f"| {review.seconds:.3f} | {self.of_orjson:.2f} | {self.of_mixed:.2f} | {review.megabytes:.0f} "
            f"| {self.of_file:.2f} |"
        )


def rows(runs: int, largest: int) -> Iterator[Row]:
    """Generate each plan, measure on it and yield what was found."""
    mixed: dict[int, Measurement] = {}
    for case in CASES:
        if case.resources <= largest:
            # In a process of its own: what this one holds would count in the memory of the ones it starts.
            generate = ["benchmarks.generate", str(case.resources), *case.options, "--output", str(case.path)]
            subprocess.run([sys.executable, "-m", *generate], check=True)
            found = medians(commands(case.path), runs if case.resources <= LARGE else min(runs, 3))
            mixed.setdefault(case.resources, found["review"])
            yield Row(case, case.path.stat().st_size / 1_000_000, found, mixed[case.resources])
            case.path.unlink()


COUNTED = 'resource "terraform_data" "many" {\n  count = 10000\n  input = "value ${count.index}"\n}\n'


def beside_terraform(runs: int) -> float | None:
    """Return the time of a review as a share of ``terraform show -json`` of the same plan; None without terraform.

    The plan is of 10,000 ``terraform_data``, whose provider is in terraform itself.
    """
    terraform = shutil.which("terraform")
    if terraform is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.tf").write_text(COUNTED)
        for words in (["init"], ["plan", "-out", "tfplan"]):
            command = [terraform, f"-chdir={folder}", *words]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
        show = [terraform, f"-chdir={folder}", "show", "-json", "tfplan"]
        path = Path(folder, "plan.json")
        path.write_bytes(subprocess.run(show, check=True, capture_output=True).stdout)
        found = medians({"show": show, **commands(path)}, runs)
    return found["review"].seconds / found["show"].seconds


@dataclass(frozen=True, slots=True)
class Goal:
    """What is held against a limit: it is met where ``found`` is at most that."""

    name: str
    found: float
    at_most: float

    def __str__(self) -> str:
        """A row of the table of goals."""
        over = f"missed by {self.found / self.at_most:.1f} ×" if self.found > self.at_most else "met"
        return f"| {self.name} | {self.found:.2f} | {self.at_most:g} | {over} |"


AT_MOST_OF_ONE_PROCESS = 0.67
"""What a review of many plans may take where there are two processors or more, as a multiple of one process's time."""


def goals(
    start: Mapping[str, Measurement], found: list[Row], together: "Many | None", of_show: float | None
) -> Iterator[Goal]:
    """Yield every goal that was measured."""
    yield Goal("`--help` ÷ bare Python", start["help"].seconds / start["python"].seconds, 6)
    mixed = {row.case.resources: row for row in found if row.case.name == "mixed"}
    for size, row in mixed.items():
        yield Goal(f"review of {size:,} ÷ `orjson.loads`", row.of_orjson, AT_MOST_OF_ORJSON[size])
    for row in found:
        if row.case.resources >= LARGE:
            yield Goal(f"memory ÷ file, {row.case.name} {row.case.resources:,}", row.of_file, 2)
        if row.case.resources == LARGE and row.case.name != "mixed":
            yield Goal(f"{row.case.name} ÷ mixed, {LARGE:,}", row.of_mixed, 2)
    if LARGE * 10 in mixed:
        growth = mixed[LARGE * 10].mixed.seconds / mixed[LARGE].mixed.seconds
        yield Goal(f"{LARGE * 10:,} ÷ {LARGE:,}", growth, 13)
    if together is not None and (os.cpu_count() or 1) > 1:
        name = f"review of {together.plans} plans of {together.resources} ÷ by one process"
        yield Goal(name, together.of_one, AT_MOST_OF_ONE_PROCESS)
    if of_show is not None:
        yield Goal("review ÷ `terraform show -json`, 10,000 `terraform_data`", of_show, 0.1)


def machine() -> str:
    """Return what was measured on, in a sentence."""
    info = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.*)$", info.read_text(), re.MULTILINE) if info.exists() else []
    processor = names[0] if names else platform.processor() or platform.machine()
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} × {processor}, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}; load of the last minute {load:.1f}."
    )


def main() -> None:
    """Measure, print the tables, and write them into a page if one is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Time scopegate on generated plans.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each command; the median counts (default: 5)")
    parser.add_argument("--largest", type=int, default=100_000, help="leave out plans with more resources")
    parser.add_argument("--many", type=int, default=200, help="review so many plans of 100 too (default: 200)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables between the marks of this page")
    given = parser.parse_args()
    from benchmarks.many import HEADER as HEADER_OF_MANY
    from benchmarks.many import many

    OUT.mkdir(exist_ok=True)
    written: list[str] = [f"Measured on {machine()}"]
    start = medians(START, max(given.runs, 9))
    found: list[Row] = []
    print(HEADER)
    for row in rows(given.runs, given.largest):
        found.append(row)
        print(row, flush=True)
    print(f"\n{HEADER_OF_MANY}")
    together = many(given.many, 100, min(given.runs, 3)) if given.many else None
    print(together or "")
    listed = list(map(str, goals(start, found, together, beside_terraform(given.runs))))
    table = "\n".join(["| goal | measured | at most | |", "|---|---:|---:|---|", *listed])
    print(table)
    written += [table, "\n".join([HEADER, *map(str, found)])]
    if together is not None:
        written += [f"{HEADER_OF_MANY}\n{together}"]
    if given.write:
        page = given.write.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        after = rest.partition(END)[2]
        given.write.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(written) + f"\n\n{END}{after}", encoding="utf-8")


BEGIN = "<!-- measured by python -m benchmarks.run -->"
END = "<!-- end of what was measured -->"


if __name__ == "__main__":
    main()
