"""Times the graph and the reach of generated plans that grow a hundredfold, one resource in ten changed.

    python -m benchmarks.reach

Linear growth shows in the last two columns: nanoseconds for each vertex and edge stay about what they are. Each size
has a process of its own, so that no memory is left over from the last one. Seconds are those of the processor; reading
the plan is not counted.
"""

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.estate import Shape
from benchmarks.generate import write_plan

from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.plan.read import read_plan
from scopegate.reach.compute import compute_reach

OUT = Path(__file__).parent / "out"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
SHARE = 0.108
"""Makes 10,000 changes of 100,000 resources."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Growth:
    """What one size took. ``edges`` are those of the graph as it is kept, hubs and all."""

    resources: int
    changes: int
    touched: int
    vertices: int
    edges: int
    graph_seconds: float
    reach_seconds: float

    def row(self) -> str:
        """Return the size as a row of the table."""
        size = self.vertices + self.edges
        each = (seconds / size * 1e9 for seconds in (self.graph_seconds, self.reach_seconds))
        counts = "".join(f"{count:>10,}" for count in (self.resources, self.changes, self.touched, size))
        seconds = f"{self.graph_seconds:>10.3f}{self.reach_seconds:>10.3f}"
        return counts + seconds + "".join(f"{nanoseconds:>10,.0f}" for nanoseconds in each)


HEAD = "".join(
    f"{name:>10}" for name in ("resources", "changes", "touched", "size", "graph s", "reach s", "graph ns", "reach ns")
)


def measure(resources: int, share: float = SHARE) -> Growth:
    """Return what the graph and the reach of one plan take."""
    gc.disable()  # as the command line does
    OUT.mkdir(exist_ok=True)
    path = OUT / f"reach-{resources}.json"
    write_plan(Shape(resources, share), path)
    plan = read_plan(str(path))
    facts = load_facts()
    graph_seconds, graph = timed(lambda: build_graph(plan))
    reach_seconds, reach = timed(lambda: compute_reach(plan, graph, facts))
    return Growth(
        resources=len(plan.instances),
        changes=sum(instance.is_direct for instance in plan.instances),
        touched=len(reach.touches),
        vertices=len(graph.dependents),
        edges=sum(map(len, graph.dependents)) // 2,
        graph_seconds=graph_seconds,
        reach_seconds=reach_seconds,
    )


def timed(step: Callable[[], T]) -> tuple[float, T]:
    """Return how long a step took, and what it returned."""
    start = time.process_time()
    found = step()
    return time.process_time() - start, found


def main() -> None:
    """Print the table, or for one size its measurement as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reach", description="Time the reach as plans grow.")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="leave out plans with more resources")
    parser.add_argument("--only", type=int, metavar="RESOURCES", help="measure one size, and print it as JSON")
    given = parser.parse_args()
    if given.only:
        print(json.dumps(asdict(measure(given.only))))
        return
    print(HEAD)
    for size in SIZES:
        if size <= given.largest:
            command = [sys.executable, "-m", "benchmarks.reach", "--only", str(size)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print(Growth(**json.loads(done.stdout)).row(), flush=True)


if __name__ == "__main__":
    main()
