"""How many of terraform's own edges are found, from the plan alone, with the prior state, and with the sources.

    python -m benchmarks.edges

The oracle is ``terraform graph`` on the same configuration, taken transitively between blocks that have instances. The
estates are those of ``tests/graph/estates`` and the recorded fixtures. "Said" is the share of the lost edges that stand
behind a block which the graph names as incomplete.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from graph.oracle import Comparison, compare  # noqa: E402
from scopegate.graph.build import build_graph  # noqa: E402
from scopegate.plan.read import read_plan  # noqa: E402
from scopegate.source.read import read_sources  # noqa: E402


class Case(NamedTuple):
    """One plan and what terraform draws for it; ``sources`` is where its configuration is read, if it is."""

    mode: str
    name: str
    plan: Path
    drawn: Path
    sources: Path | None = None


def cases() -> Iterator[Case]:
    """Yield every recorded plan in every mode."""
    for estate in sorted((ROOT / "tests" / "graph" / "estates").iterdir()):
        yield Case("plan alone", estate.name, estate / "created.json", estate / "graph.dot")
        yield Case("with prior state", estate.name, estate / "applied.json", estate / "after.dot")
        yield Case("with sources", estate.name, estate / "created.json", estate / "graph.dot", estate)
    for drawn in sorted((ROOT / "fixtures").glob("*/created*/graph.dot")):
        case, estate = drawn.parent, drawn.parents[1] / "estate"
        name = str(case.relative_to(ROOT / "fixtures"))
        yield Case("plan alone", name, case / "plan.json", drawn)
        yield Case("with sources", name, case / "plan.json", drawn, estate)
    for drawn in sorted((ROOT / "fixtures").glob("*/unchanged/graph.dot")):
        name = str(drawn.parent.relative_to(ROOT / "fixtures"))
        yield Case("with prior state", name, drawn.parent / "plan.json", drawn)


def compared(case: Case) -> Comparison:
    """Return how the graph of a case compares with terraform's."""
    plan = read_plan(str(case.plan))
    sources = read_sources(str(case.sources)) if case.sources else None
    return compare(plan, build_graph(plan, sources), case.drawn.read_text())


def main() -> None:
    """Print one line a case, and the sum of each mode."""
    sums: dict[str, list[int]] = {}
    print(f"{'mode':<18}{'case':<40}{'edges':>6}{'recall':>9}{'precision':>11}{'said':>7}")
    for case in cases():
        found = compared(case)
        counts = [len(found.agreed), len(found.missed), len(found.extra), len(found.hidden)]
        sums[case.mode] = [total + count for total, count in zip(sums.get(case.mode, [0] * 4), counts, strict=True)]
        print(_line(case.mode, case.name, counts))
    for mode, counts in sums.items():
        print(_line(mode, "all together", counts))


def _line(mode: str, name: str, counts: list[int]) -> str:
    agreed, missed, extra, hidden = counts
    shares = f"{_share(agreed, missed):>9}{_share(agreed, extra):>11}{_share(hidden, missed - hidden):>7}"
    return f"{mode:<18}{name:<40}{agreed + missed:>6}{shares}"


def _share(part: int, rest: int) -> str:
    return f"{part / (part + rest):.1%}" if part + rest else "-"


if __name__ == "__main__":
    main()
