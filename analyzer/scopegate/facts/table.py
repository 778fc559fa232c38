"""Fact tables as CSV: found by their first column, each row parsed when it is asked for, every error with its line.

A start of scopegate touches a few of some seven thousand rows; so a table is split into lines, which are searched as
they stand where they are sorted, and a line becomes a typed row only when a plan names its key.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
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
    """A table's lines by the word in their first column, over the shipped file and the user's own of the same name."""

    columns: tuple[str, ...]
    lines: Mapping[str, Sequence[Line]]

    def rows(self, key: str) -> tuple[Row, ...]:
        """Return the rows whose first column is ``key``, in file order."""
        return tuple([_row(self.columns, *line) for line in self.lines.get(key, ())])

    def all_rows(self) -> Iterator[Row]:
        """Yield every row."""
        return (row for key in self.lines for row in self.rows(key))


class _Sorted(Mapping[str, Sequence[Line]]):
    """The sorted lines of one file: those of a key are found by bisection, so that nothing is made of the others."""

    def __init__(self, name: str, lines: Sequence[str]) -> None:
        self._name = name
        self._lines = lines

    def __getitem__(self, key: str) -> Sequence[Line]:
        if "," in key:  # a plan may call a type anything: this one is no beginning of a row
            raise KeyError(key)
        lines, beginning = self._lines, f"{key},"
        first = end = bisect_left(lines, beginning)
        while end < len(lines) and lines[end].startswith(beginning):
            end += 1
        if first == end:  # or a line of one cell, which is an error once it is read
            first = bisect_left(lines, key)
            end = first + 1
            if lines[first:end] != [key]:
                raise KeyError(key)
        return [(self._name, number, line) for number, line in enumerate(lines[first:end], first + 2)]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(map(_key, self._lines)))

    def __len__(self) -> int:
        return len(set(map(_key, self._lines)))


def index(columns: tuple[str, ...], files: Iterable[TableFile]) -> Table:
    """Return the table over several files; raise FactsError on a wrong header or a first cell that is no bare word."""
    found: dict[str, list[Line]] = {}
    for file in files:
        for number, line in enumerate(_body(columns, file), 2):
            found.setdefault(_key(line), []).append((file.name, number, line))
    return Table(columns, found)


def index_shipped(columns: tuple[str, ...], file: TableFile) -> Table:
    """Return the table over the shipped file alone; its lines are sorted, in all but a few small ones."""
    lines = _body(columns, file)
    return Table(columns, _Sorted(file.name, lines)) if lines == sorted(lines) else index(columns, (file,))


def _body(columns: tuple[str, ...], file: TableFile) -> list[str]:
    header, *body = file.text.splitlines() or [""]
    _check_header(columns, file.name, header)
    return body


def _key(line: str) -> str:
    return line.partition(",")[0]


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
    key = _key(line)
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
