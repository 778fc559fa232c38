"""Makes what is derived from the rule files: ``python -m scopegate.signals.generate`` in a checkout.

Tests hold the result and the files together, so it is run after every edit of a built-in rule.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from scopegate.signals.documentation import pages
from scopegate.signals.rule_file import builtin_folder, builtin_rules_with_examples
from scopegate.signals.rules import INDEX, index_text
from scopegate.signals.schema import SCHEMA, rule_file_schema


def generated() -> Iterator[tuple[Path, str]]:
    """Yield every derived file of the checkout with what must stand in it."""
    rules = builtin_rules_with_examples()
    folder = builtin_folder()
    yield folder / INDEX, index_text(rules)
    yield folder.parent / "schemas" / SCHEMA, json.dumps(rule_file_schema(), indent=2, ensure_ascii=False) + "\n"
    for name, text in pages(rules.rules).items():
        yield documentation_folder() / name, text


def documentation_folder() -> Path:
    """Return the folder of the checkout that the rules are described in."""
    return builtin_folder().parents[2] / "docs" / "rules"


def main() -> None:
    """Write every derived file."""
    documentation_folder().mkdir(parents=True, exist_ok=True)
    for path, text in generated():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
