"""Makes what is derived from the rule files: ``python -m scopegate.signals.generate`` in a checkout.

Tests hold the result and the files together, so it is run after every edit of a built-in rule.
"""

from importlib.resources import as_file, files
from pathlib import Path

from scopegate.signals.rules import INDEX, Rule, index_text, read_rules, rule_set


def builtin_folder() -> Path:
    """Return the folder of the built-in rule files."""
    with as_file(files("scopegate_rules").joinpath("signals")) as folder:
        return folder


def builtin_rules_with_examples() -> tuple[Rule, ...]:
    """Return the built-in rules as their YAML files say, sorted by id, each with its origin inside the folder.

    Raises:
        FactsError: a file is no rule file.
    """
    folder = builtin_folder()
    rules = [
        rule
        for path in sorted(folder.rglob("*.yaml"))
        for rule in read_rules(str(path), name=path.relative_to(folder).as_posix())
    ]
    return rule_set(rules).rules


def main() -> None:
    """Write the index of the built-in rules."""
    (builtin_folder() / INDEX).write_text(index_text(builtin_rules_with_examples()), encoding="utf-8")


if __name__ == "__main__":
    main()
