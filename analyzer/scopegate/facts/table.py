"""Fact tables as CSV: indexed by their first column, each row parsed when it is asked for, every error with its line.

A start of scopegate touches a few of some seven thousand rows; so a table is split into lines and indexed, and a line
becomes a typed row only when a plan names its key.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import count, repeat
from typing import TypeVar

from msgspec import Struct

from scopegate.errors import FactsError

E = TypeVar("E", bound=Enum)


class TableFile(Struct, frozen=True):
    """The text of one CSV file and the name it has in messages."""

    name: str
    text: str


class Row(Struct, frozen=True):
    """One line of a table: its cells by column, and where it stands (``regions.csv:12``)."""

    where: str
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Return the cell; an empty one is an error."""
        return self.cells[column] or self._fail(f"column {column!r} is empty")

    def optional(self, column: str) -> str | None:
        """Return the cell, None where it is empty."""
        return self.cells[column] or None

    def words(self, column: str) -> tuple[str, ...]:
        """Return the cell's words, which ``|`` separates."""
        cell = self.cells[column]
        words = tuple(cell.split("|")) if cell else ()
        if any(not word or word != word.strip() for word in words):
            self._fail(f"column {column!r} has an empty word or a blank around a '|'")
        return words

    def pairs(self, column: str) -> tuple[tuple[str, str], ...]:
        """Return the cell's ``left>right`` pairs."""
        pairs = [word.partition(">") for word in self.words(column)]
        if any(not left or not right for left, _, right in pairs):
            self._fail(f"column {column!r} must hold pairs like 'attribute>type'")
        return tuple((left, right) for left, _, right in pairs)

    def flag(self, column: str) -> bool:
        """Return the cell's ``yes`` or ``no``."""
        return self.one_of(column, ("yes", "no")) == "yes"

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str:
        """Return the cell if it is one of the allowed words."""
        cell = self.cells[column]
        if cell not in allowed:
            self._fail(f"column {column!r} is {cell!r}, not one of {', '.join(allowed)}")
        return cell

    def optional_of(self, column: str, allowed: tuple[str, ...]) -> str | None:
        """Return the cell if it is one of the allowed words, None where it is empty."""
        return self.one_of(column, allowed) if self.cells[column] else None

    def member(self, column: str, kind: type[E]) -> E:
        """Return the member of an enum whose value the cell is."""
        try:
            return kind(self.cells[column])
        except ValueError:
            return kind(self.one_of(column, tuple(member.value for member in kind)))

    def _fail(self, problem: str) -> str:
        raise FactsError(f"{self.where}: {problem}")


Line = tuple[str, int, str]
"""The name of a file, the number of a line in it, and the line."""


class Table(Struct, frozen=True):
    """A table's lines by the word in their first column, over the shipped file and the user's own of the same name.

    ``first`` has the first line of each key, ``further`` the others of the few that have more than one.
    """

    columns: tuple[str, ...]
    first: Mapping[str, Line]
    further: Mapping[str, Sequence[Line]]

    def rows(self, key: str) -> tuple[Row, ...]:
        """Return the rows whose first column is ``key``, in file order."""
        line = self.first.get(key)
        return () if line is None else tuple(_row(self.columns, *one) for one in (line, *self.further.get(key, ())))

    def all_rows(self) -> Iterator[Row]:
        """Yield every row."""
        return (row for key in self.first for row in self.rows(key))


def index(columns: tuple[str, ...], files: Iterable[TableFile]) -> Table:
    """Return the table over several files; raise FactsError on a wrong header or a first cell that is no bare word."""
    first: dict[str, Line] = {}
    further: dict[str, list[Line]] = {}
    for file in files:
        header, *body = file.text.splitlines() or [""]
        _check_header(columns, file.name, header)
        keys = [line.partition(",")[0] for line in body]
        lines = list(zip(repeat(file.name), count(2), body, strict=False))
        if not first and len(found := dict(zip(keys, lines, strict=True))) == len(keys):
            first = found  # as most tables are, and the large ones
        else:
            for key, line in zip(keys, lines, strict=True):
                if first.setdefault(key, line) is not line:
                    further.setdefault(key, []).append(line)
    return Table(columns, first, further)


def single(rows: tuple[Row, ...]) -> Row | None:
    """Return the only row, None for no row; raise FactsError where its key has a second one."""
    if len(rows) > 1:
        raise FactsError(second_row(rows[1].where, next(iter(rows[1].cells.values())), rows[0].where))
    return rows[0] if rows else None


def second_row(where: str, key: str, first: str) -> str:
    """Return the sentence about a row whose key has one already, in the user's file or the shipped one."""
    return f"{where}: {key!r} has a row already at {first}; a key has one row, remove one"


def _check_header(columns: tuple[str, ...], name: str, header: str) -> None:
    found = header.split(",")
    if unknown := [column for column in found if column not in columns]:
        raise FactsError(f"{name}:1: unknown column {unknown[0]!r}; the columns are {','.join(columns)}")
    if missing := [column for column in columns if column not in found]:
        raise FactsError(f"{name}:1: column {missing[0]!r} is missing; the columns are {','.join(columns)}")
    if tuple(found) != columns:
        raise FactsError(f"{name}:1: the columns stand in another order; it must be {','.join(columns)}")


def _row(columns: tuple[str, ...], name: str, number: int, line: str) -> Row:
    where = f"{name}:{number}"
    key = line.partition(",")[0]
    if key.split() != [key] or '"' in key:
        raise FactsError(f"{where}: the first column must be one word without blanks and quotes")
    cells = _quoted_cells(line, where) if '"' in line else line.split(",")
    if len(cells) != len(columns):
        raise FactsError(f"{where}: {len(cells)} cells for {len(columns)} columns ({','.join(columns)})")
    return Row(where, dict(zip(columns, cells, strict=True)))


def _quoted_cells(line: str, where: str) -> list[str]:
    import csv

    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise FactsError(
            f"{where}: not a line of CSV ({error}); a row is one line, a cell with a comma is quoted"
        ) from None
