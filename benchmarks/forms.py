"""Times every form of the report on plans in which every resource is created.

    python -m benchmarks.forms

What is measured is the processor time of one process, so that a busy machine changes it less; the least of the runs
counts. A form that shows everything grows with the plan, one that shows what fits does not grow beyond that.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.estate import Shape
from benchmarks.generate import write_plan

from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.plan.decode import decode_plan
from scopegate.render import conftest, github, gitlab, html, json, junit, markdown, sarif, terminal
from scopegate.verdict.report import Report

SIZES: Final = (100, 1_000, 10_000)
FORMS: Final[Mapping[str, Callable[[Report], str]]] = {
    "terminal": terminal.render,
    "terminal --verbose": lambda report: terminal.render(report, verbose=True),
    "markdown": markdown.render,
    "html": html.render,
    "json": json.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "conftest": conftest.render,
}


def report_on(resources: int) -> Report:
    """Return the report on a generated plan of ``resources``, all of which are created."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        write_plan(Shape(resources, create=True), path)
        plan = decode_plan(path.read_bytes(), "plan.json")
    return analyze(plan, default_knowledge(), Options()).report


def measure(render: Callable[[Report], str], report: Report, runs: int) -> tuple[float, int]:
    """Return the least processor time of ``runs`` in milliseconds, and the size in bytes of what is rendered."""
    taken, size = [], 0
    for _ in range(runs):
        start = time.process_time()
        text = render(report)
        taken.append(time.process_time() - start)
        size = len(text.encode())
    return min(taken) * 1_000, size


def main() -> None:
    """Print a line for each form: milliseconds and kilobytes at each size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms", description="Time every form of the report.")
    parser.add_argument("--runs", type=int, default=3, help="runs of each form; the least counts (default: 3)")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="leave out plans with more resources")
    given = parser.parse_args()
    sizes = [size for size in SIZES if size <= given.largest]
    reports = [report_on(size) for size in sizes]
    print(f"{'form':<20}" + "".join(f"{size:>22,}" for size in sizes))
    for name, render in FORMS.items():
        found = (measure(render, report, given.runs) for report in reports)
        print(f"{name:<20}" + "".join(f"{taken:>10.1f} ms{size / 1_000:>6.0f} kB" for taken, size in found), flush=True)


if __name__ == "__main__":
    main()
