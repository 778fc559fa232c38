"""Writes many plans that are one change: the generated plan of a size, so many times, each in accounts of its own.

    python -m benchmarks.estates 200 100 --into FOLDER

So their identifiers are their own too, while the code is the same, as it is where one module makes every stack.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.estate import HOME, REGIONS, Shape
from benchmarks.generate import Writer

ACCOUNTS = sorted({region.account for region in (*REGIONS, HOME)})
_ACCOUNT = re.compile("|".join(ACCOUNTS))


def estates(plans: int, resources: int) -> Iterator[str]:
    """Yield the texts of so many plans of so many resources each."""
    parts: list[str] = []
    Writer(Shape(resources), parts.append).plan()
    text = "".join(parts)
    for plan in range(plans):
        own = {account: f"{plan * len(ACCOUNTS) + number:012}" for number, account in enumerate(ACCOUNTS, 1)}
        yield _ACCOUNT.sub(lambda found, own=own: own[found[0]], text)  # type: ignore[misc]


def paths(folder: Path, plans: int) -> list[Path]:
    """Return where so many plans are in a folder."""
    return [folder / f"stack-{number:03}/plan.json" for number in range(plans)]


def main() -> None:
    """Write the plans that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estates", description="Write many plans of one change.")
    parser.add_argument("plans", type=int)
    parser.add_argument("resources", type=int, help="of each")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    given = parser.parse_args()
    for path, text in zip(paths(given.into, given.plans), estates(given.plans, given.resources), strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
