"""Bring the arguments that force a replacement up to the documentation of a release of azurerm.

    python -m refresh.azurerm_replacements terraform-provider-azurerm/website/docs/r

The pages say "Changing this forces a new … to be created" behind each such argument. Only types that have a row in
stateful.csv are updated: what is lost with a type is for a person to say first. The documentation of the AWS and Google
providers does not say it reliably; their lists were read from the providers' schemas.
"""

import argparse
import re
from pathlib import Path
from typing import Final

from refresh.tables import FACTS, Row, read_table, write_table

_TYPE: Final = re.compile(r"^# (azurerm_\w+)", re.MULTILINE)
_ARGUMENTS: Final = re.compile(r"^## Arguments? Reference\n(.*?)^(?:---|## )", re.MULTILINE | re.DOTALL)
_ARGUMENT: Final = re.compile(r"^\* `(\w+)` - (.*?)(?=^\* `|\Z)", re.MULTILINE | re.DOTALL)
_FORCES: Final = re.compile(r"\bforces? an?(?: \w+)* new\b|\bforces a new\b", re.IGNORECASE)


def main(arguments: list[str] | None = None) -> None:
    """Update the column replaced_when_changed of stateful.csv from a folder of resource pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    found = dict(
        map(replacements, (page.read_text(encoding="utf-8") for page in sorted(options.pages.glob("*.markdown"))))
    )
    path = options.facts / "stateful.csv"
    write_table(path, [_updated(row, found.get(row["type"])) for row in read_table(path)])


def replacements(page: str) -> tuple[str, tuple[str, ...]]:
    """Return a page's type and its top-level arguments that force a replacement, sorted."""
    name, section = _TYPE.search(page), _ARGUMENTS.search(page)
    if not name or not section:
        return "", ()
    forcing = (argument for argument, text in _ARGUMENT.findall(section[1]) if _FORCES.search(text))
    return name[1], tuple(sorted(set(forcing)))


def _updated(row: Row, arguments: tuple[str, ...] | None) -> Row:
    return row if arguments is None else row | {"replaced_when_changed": "|".join(arguments)}


if __name__ == "__main__":
    main()
