"""Reading and writing of the fact tables as plain rows, for the scripts that rebuild them."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from scopegate.facts.rows import COLUMNS, KEYS

Row = dict[str, str]

JUDGE: Final = "judge: "
"""The beginning of the note of a row that a person has to complete."""

FACTS: Final = Path(str(files("scopegate_rules"))) / "facts"


def read_table(path: Path) -> list[Row]:
    """Return the rows of a table by column name."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table_text(name: str, rows: Iterable[Mapping[str, str]]) -> str:
    """Return the CSV text of a table, its rows sorted by their keys."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[name], lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: key_of(name, row)))
    return text.getvalue()


def write_table(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write a table over its file."""
    path.write_text(table_text(path.stem, rows), encoding="utf-8")


def key_of(name: str, row: Mapping[str, str]) -> tuple[str, ...]:
    """Return what no two rows of a table share."""
    return tuple(row[column] for column in KEYS[name])


def merged(
    name: str,
    old: Iterable[Row],
    new: Iterable[Row],
    owned: tuple[str, ...],
    complete: Callable[[Row], Row],
) -> list[Row]:
    """Return the old rows with the columns that the source speaks for, and the new rows a person has to complete.

    A row the source no longer has is kept: plans and states of older releases still name it.
    """
    found = {key_of(name, row): row for row in new}
    kept = [
        row | {column: found[key][column] for column in owned} if (key := key_of(name, row)) in found else row
        for row in old
    ]
    known = {key_of(name, row) for row in kept}
    return kept + [blank(name) | complete(row) for key, row in found.items() if key not in known]


def blank(name: str) -> Row:
    """Return a row of a table with all cells empty."""
    return dict.fromkeys(COLUMNS[name], "")


def judged(row: Row, question: str) -> Row:
    """Return the row with a note that asks a person for what the source does not say."""
    return row | {"note": JUDGE + question}


def stamp(folder: Path, source: str, version: str, read_on: str) -> None:
    """Write into sources.csv which release of a source was read, and when; no version keeps the one that stands."""
    path = folder / "sources.csv"
    rows = read_table(path)
    new = {"read_on": read_on} | ({"version": version} if version else {})
    write_table(path, [row | new if row["key"] == source else row for row in rows])
