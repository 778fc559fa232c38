"""Bring the arguments that force a replacement up to the documentation of a release of azurerm.

    python -m refresh.azurerm_replacements terraform-provider-azurerm/website/docs/r

The pages say "Changing this forces a new … to be created" behind each such argument; so types that the provider's
source gives no list for get one. Nested arguments keep what the source says of them (``refresh.force_new``). The
documentation of the AWS and Google providers does not say it reliably.
"""

import argparse
import re
from pathlib import Path
from typing import Final

from refresh.force_new import outermost
from refresh.tables import FACTS, Row, merged, read_table, write_table

_TYPE: Final = re.compile(r"^# (azurerm_\w+)", re.MULTILINE)
_ARGUMENTS: Final = re.compile(r"^## Arguments? Reference\n(.*?)^(?:---|## )", re.MULTILINE | re.DOTALL)
_ARGUMENT: Final = re.compile(r"^\* `(\w+)` - (.*?)(?=^\* `|\Z)", re.MULTILINE | re.DOTALL)
_FORCES: Final = re.compile(r"\bforces? an?(?: \w+)* new\b|\bforces a new\b", re.IGNORECASE)


def main(arguments: list[str] | None = None) -> None:
    """Update force_new_azurerm.csv from a folder of resource pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--facts", type=Path, default=FACTS)
    options = parser.parse_args(arguments)
    found = dict(
        map(replacements, (page.read_text(encoding="utf-8") for page in sorted(options.pages.glob("*.markdown"))))
    )
    path = options.facts / "force_new_azurerm.csv"
    known = {row["type"] for row in read_table(options.facts / "types_azurerm.csv")}
    old = read_table(path)
    nested = {row["type"]: [word for word in row["arguments"].split("|") if "." in word] for row in old}
    new = [_row(name, (*arguments, *nested.get(name, ()))) for name, arguments in found.items() if name in known]
    write_table(path, merged(path.stem, old, new, ("arguments", "source"), lambda row: row))


def replacements(page: str) -> tuple[str, tuple[str, ...]]:
    """Return a page's type and its top-level arguments that force a replacement, sorted."""
    name, section = _TYPE.search(page), _ARGUMENTS.search(page)
    if not name or not section:
        return "", ()
    forcing = (argument for argument, text in _ARGUMENT.findall(section[1]) if _FORCES.search(text))
    return name[1], tuple(sorted(set(forcing)))


def _row(name: str, arguments: tuple[str, ...]) -> Row:
    return {"type": name, "arguments": "|".join(outermost(arguments)), "source": "azurerm-docs"}


if __name__ == "__main__":
    main()
