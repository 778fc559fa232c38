"""``scopegate policy``: check, explain, test and compare policies."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scopegate.cli.context import (
    POLICY_FILE,
    Stated,
    context_of,
    context_options,
    found_above,
    knowledge_for,
    only_one,
    policy_option,
)
from scopegate.cli.output import write_output
from scopegate.cli.review import default_region_option, regions_stated
from scopegate.errors import ExitCode, PolicyError, UsageError
from scopegate.regular_file import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scopegate import Decision, Knowledge, Options
    from scopegate.verdict.cases import Case, CaseFile

TEST_FILES = "*.test.yaml"


@click.group()
def policy() -> None:
    """Check, explain, test and compare policies."""


@policy.command(short_help="Say what is wrong with a policy, with its line.")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, readable=False))
def check(files: tuple[str, ...]) -> None:
    """Say what is wrong with policy FILES, each with its line; without one, with the policy of this repository.

    \b
    Example:
      scopegate policy check .scopegate/policy.yaml
    """
    from scopegate import knowledge_of

    for path in files or (_policy_here(),):
        document = knowledge_of(path).policy
        parts = [f"{len(document.limits)} limits that always hold", f"{len(document.defaults)} defaults"]
        parts += [f"{len(document.stacks)} stacks", f"{len(document.waivers)} waivers"]
        click.echo(f"{path}: a policy with {', '.join(parts)}")


@policy.command(short_help="Print the JSON Schema of policies, for an editor.")
def schema() -> None:
    """Print the JSON Schema of policies, for the completion of an editor.

    \b
    Example:
      scopegate policy schema > .scopegate/policy.schema.json
    and in the first line of the policy:
      # yaml-language-server: $schema=policy.schema.json
    """
    from importlib.resources import files

    click.echo(files("scopegate_rules").joinpath("schemas", "policy.schema.json").read_text(encoding="utf-8"), nl=False)


@policy.command(short_help="Say what the policy holds for a plan.")
@click.argument("plan", metavar="PLAN")
@default_region_option
@context_options
def explain(plan: str, default_regions: tuple[str, ...], **stated: Any) -> None:
    """Say what the policy holds for PLAN (a plan, or a JSON report of one): its stack, each limit and where it stands.

    \b
    Example:
      scopegate policy explain plan.json --workspace prod
    """
    from scopegate.render.policy import explain as render

    said = Stated(**stated)
    knowledge = knowledge_for(said.policy)
    write_output(render(_decided(plan, knowledge, said, default_regions), knowledge.policy), None)


@policy.command(short_help="Say which verdicts change from one policy to another.")
@click.argument("old", type=click.Path(dir_okay=False, readable=False))
@click.argument("new", type=click.Path(dir_okay=False, readable=False))
@click.argument("plans", nargs=-1, required=True, metavar="PLAN...")
@default_region_option
@context_options
def diff(old: str, new: str, plans: tuple[str, ...], default_regions: tuple[str, ...], **stated: Any) -> None:
    """Say which verdicts on PLANs change from the policy OLD to the policy NEW. PLANs may be JSON reports.

    \b
    Example:
      scopegate policy diff .scopegate/policy.yaml new.yaml plans/*.json
    """
    from scopegate import knowledge_of
    from scopegate.render.policy import Comparison, compare

    said = Stated(**stated)
    if said.policy:
        raise UsageError("policy diff takes its two policies as arguments, so --policy means nothing; leave it out.")

    first, second = (knowledge_of(path) for path in (old, new))
    pairs = [[_decided(plan, known, said, default_regions) for known in (first, second)] for plan in plans]
    write_output(compare([Comparison(plan, *pair) for plan, pair in zip(plans, pairs, strict=True)]), None)


@policy.command(short_help="Run the tests of a policy.")
@click.argument("paths", nargs=-1, required=True, metavar="DIR_OR_FILE...", type=click.Path(readable=False))
@policy_option
def test(paths: tuple[str, ...], policy: str | None) -> None:
    """Run the policy tests in each DIR (files named *.test.yaml) or FILE: does the policy say what it should?

    Exit code 4 where it does not, or where there is no test. With --policy, that policy is tested instead of the one
    the tests name.

    \b
    Example:
      scopegate policy test .scopegate
    """
    failed = 0
    names: list[str] = []
    for file in _test_files(paths):
        for case, problems in _outcomes(file, policy):
            names.append(case.name)
            failed += bool(problems)
            click.echo(f"{'FAIL' if problems else 'ok  '}  {case.origin}  {case.name}")
            for problem in problems:
                click.echo(f"      {problem}")
    click.echo(f"{len(names) - failed} of {len(names)} policy tests passed.")
    sys.exit(ExitCode.POLICY if failed else ExitCode.PASS)


def _decided(plan: str, knowledge: "Knowledge", said: Stated, default_regions: tuple[str, ...]) -> "Decision":
    from scopegate import Options, decide_file, read_sources

    # The folder tells the stack even where its files are not at hand, as with a report.
    source = only_one(said.source, "--source")
    options = Options(
        context=context_of(said, knowledge.policy, plan),
        default_regions=regions_stated(default_regions),
        sources=read_sources(source) if source and os.path.isdir(source) else None,  # noqa: PTH112
    )
    return decide_file(plan, knowledge, options)


def _policy_here() -> str:
    path = found_above(POLICY_FILE)
    if path is None:
        raise PolicyError(
            f"there is no {POLICY_FILE} in this repository, so there is nothing to check; begin one with "
            "`scopegate init PLAN`, or name a file."
        )
    return path


def _test_files(paths: tuple[str, ...]) -> "list[CaseFile]":
    from scopegate.verdict.cases import parse_cases

    found = [str(file) for path in paths for file in _files_in(Path(path))]
    if not found:
        raise PolicyError(
            f"there is no {TEST_FILES} in {', '.join(paths)}, so nothing would be tested; name the folder of the tests."
        )
    return [parse_cases(_text(file), file) for file in found]


def _files_in(path: Path) -> "Iterator[Path]":
    if os.path.isdir(path):  # noqa: PTH112 - that of pathlib raises an error for a name that is too long
        yield from sorted(path.rglob(TEST_FILES))
    else:
        yield path


def _text(path: str) -> str:
    from scopegate.policy.load import decoded

    try:
        return decoded(read_regular_file(path), path)
    except OSError as error:
        raise PolicyError(f"{path}: the policy tests cannot be read ({error.strerror}); name another file.") from error


def _outcomes(file: "CaseFile", policy: str | None) -> "Iterator[tuple[Case, tuple[str, ...]]]":
    from scopegate import knowledge_of
    from scopegate.verdict.cases import beside, differences

    knowledge = knowledge_of(policy or beside(file.path, file.policy))
    for case in file.cases:
        yield case, differences(case.expected, _decision(case, beside(file.path, case.path), knowledge))


def _decision(case: "Case", path: str, knowledge: "Knowledge") -> "Decision | PolicyError":
    from scopegate import decide_file

    options = _options(case, path)
    try:
        return decide_file(path, knowledge, options)
    except PolicyError as error:
        return error


def _options(case: "Case", path: str) -> "Options":
    from scopegate import Options, is_report

    if case.is_report != is_report(path):
        said, is_ = ("report", "plan") if case.is_report else ("plan", "report")
        raise PolicyError(f"{case.origin}: {path} is a {is_} and no {said}; write `{is_}:` instead.")
    return Options(context=case.context, default_regions=case.default_regions, sign_offs=case.sign_offs)
