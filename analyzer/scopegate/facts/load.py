"""Loading of the fact tables: the shipped ones, and the user's own."""

from typing import TYPE_CHECKING, Final

from scopegate.errors import FactsError
from scopegate.facts.facts import Facts, table_name
from scopegate.facts.rows import COLUMNS, OWN_NAMES
from scopegate.facts.table import TableFile
from scopegate.regular_file import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OWN_TABLES: Final = tuple(sorted(set(COLUMNS) - set(OWN_NAMES) - {"sources", "provider_arguments"}))


def load_facts(extra: "Sequence[Path]" = ()) -> Facts:
    """Return the facts over the shipped tables and the user's own CSV files.

    A file's name says which table its rows belong to (``accounts.csv``, ``types.csv``, ``regions.csv``). Own rows add;
    a row for a key that has one already is an error. Raises FactsError with file and line.
    """
    own = tuple(_read(path) for path in extra)
    facts = Facts(own)
    if own:
        from scopegate.facts.check import check_facts

        check_facts(facts, [file.name for file in own])
    return facts


def _read(path: "Path") -> TableFile:
    if table_name(path.name) not in OWN_TABLES:
        raise FactsError(
            f"{path}: a file of own facts is named after its table, so that we know what its rows are; "
            f"rename it to one of {', '.join(f'{name}.csv' for name in OWN_TABLES)}"
        )
    try:
        return TableFile(path.as_posix(), read_regular_file(path).decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise FactsError(f"{path}: own facts cannot be read ({reason}); give a CSV file in UTF-8") from None
