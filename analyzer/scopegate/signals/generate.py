"""Makes what is derived from the rule files: ``python -m scopegate.signals.generate`` in a checkout.

Tests hold the result and the files together, so it is run after every edit of a built-in rule.
"""

from importlib.resources import as_file, files
from pathlib import Path

from scopegate.signals.rule_file import read_rule_file
from scopegate.signals.rules import INDEX, RuleSet, index_text, rule_set


def builtin_folder() -> Path:
    """Return the folder of the built-in rule files."""
    with as_file(files("scopegate_rules").joinpath("signals")) as folder:
        return folder


def builtin_rules_with_examples() -> RuleSet:
    """Return the built-in rules as their YAML files say, sorted by id, each with its origin inside the folder.

    Raises:
        FactsError: a file is no rule file.
    """
    folder = builtin_folder()
    found = [
        read_rule_file(str(path), name=path.relative_to(folder).as_posix()) for path in sorted(folder.rglob("*.yaml"))
    ]
    return rule_set(
        [rule for file in found for rule in file.rules], [recipe for file in found for recipe in file.recipes]
    )


def main() -> None:
    """Write the index of the built-in rules."""
    (builtin_folder() / INDEX).write_text(index_text(builtin_rules_with_examples()), encoding="utf-8")


if __name__ == "__main__":
    main()
