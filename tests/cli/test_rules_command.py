"""``scopegate rules``."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from scopegate.cli.main import cli
from scopegate.errors import FactsError, UsageError
from scopegate.signals.rules import builtin_rules

OWN = """\
rules:
  - id: own-queue-opened
    title: A queue is opened
    category: exposure
    severity: high
    types: [aws_sqs_queue]
    actions: [update]
    when: [{became: {path: open, to: [true]}}]
    message: Everybody may send
    why: Orders come in by it.
    do: Name who sends.
    examples:
      fires: [{says: opened, before: {open: false}, after: {open: true}}]
      quiet: [{says: closed, before: {open: true}, after: {open: false}}]
"""


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["rules", *arguments], standalone_mode=False, catch_exceptions=False)
    return result.output


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_list_has_a_line_for_each_rule() -> None:
    lines = run("list").splitlines()
    assert len(lines) == len(builtin_rules().rules)
    assert [line.split()[:3] for line in lines if "any-data-loss-destroy" in line] == [
        ["high", "data-loss", "any-data-loss-destroy"]
    ]


def test_a_rule_is_explained_with_its_examples() -> None:
    said = run("explain", "aws-bucket-versioning-removed")
    assert "The provider suspends versioning when this is destroyed" in said
    assert "- fires: the block is taken out" in said
    assert "- stays quiet: it was suspended already" in said
    assert "From aws/protection.yaml:" in said


def test_a_misspelled_rule_is_guessed() -> None:
    with pytest.raises(UsageError, match="did you mean 'aws-trust-opened'"):
        run("explain", "aws-trust-opend")


def test_the_examples_of_a_file_are_run(tmp_path: Path) -> None:
    assert run("test", written(tmp_path, OWN)) == "1 rule does what its examples say.\n"


def test_an_example_that_does_not_do_what_it_says_is_named(tmp_path: Path) -> None:
    wrong = OWN.replace("before: {open: false}, after: {open: true}", "before: {open: true}, after: {open: true}")
    with pytest.raises(FactsError, match=r"own\.yaml:2: own-queue-opened does not fire, but should: opened\."):
        run("test", written(tmp_path, wrong))


def test_an_example_that_is_no_plan_is_named(tmp_path: Path) -> None:
    wrong = OWN.replace("says: opened,", "says: opened, actions: [destroy],")
    with pytest.raises(FactsError, match=r"own\.yaml:2: the example 'opened' of own-queue-opened is no plan:"):
        run("test", written(tmp_path, wrong))


def test_a_built_in_file_is_tested_like_any_other() -> None:
    from scopegate.signals.rule_file import builtin_folder

    assert run("test", str(builtin_folder() / "any" / "lifecycle.yaml")).endswith("rules do what their examples say.\n")
