"""Two stacks that read each other, recorded with the real terraform: what each case reaches was judged by hand."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scopegate.analyze import Options, Planned, analyze, analyze_together, default_knowledge, knowledge_of
from scopegate.plan.read import read_plan
from scopegate.policy.model import Context
from scopegate.reach.model import How
from scopegate.source.read import read_sources
from scopegate.verdict.decide import Verdict
from scopegate.verdict.report import Report

STACKS = Path(__file__).parents[2] / "fixtures/stacks"
CASES = sorted(path.name for path in (STACKS / "cases").iterdir())
KNOWLEDGE = default_knowledge()


def planned(case: str, stack: str) -> Planned:
    sources = read_sources(str(STACKS / "estate" / stack))
    return Planned(read_plan(str(STACKS / "cases" / case / stack / "plan.json")), Context(source=stack), sources)


def judged(case: str, stacks: Iterable[str] = ("network", "app")) -> Report:
    return analyze_together([planned(case, stack) for stack in stacks], KNOWLEDGE, Options()).report


def touched(report: Report, how: How) -> set[str]:
    return {resource.address for resource in report.resources if resource.how is how}


@pytest.mark.parametrize("case", CASES)
def test_a_case_reaches_what_a_human_says(case: str) -> None:
    head: dict[str, Any] = yaml.safe_load((STACKS / "cases" / case / "case.md").read_text().partition("\n---\n")[0])
    report = judged(case)
    assert report.verdict.value == head["verdict"]
    assert {how.value: touched(report, how) for how in How} == {how.value: set(head[how.value]) for how in How}


@pytest.mark.parametrize("case", CASES)
def test_all_that_terraform_changes_once_both_are_applied_was_said_before(case: str) -> None:
    follows = json.loads((STACKS / "cases" / case / "follows.json").read_text())
    report = judged(case)
    said = touched(report, How.DIRECT) | touched(report, How.AFFECTED)
    assert {f"{stack}: {address}" for stack, changes in follows.items() for address in changes} <= said


def test_the_order_of_the_plans_decides_nothing() -> None:
    one, other = judged("zone-resized"), judged("zone-resized", ("app", "network"))
    assert (one.verdict, one.fingerprint) == (other.verdict, other.fingerprint)


def test_the_plan_of_a_reader_alone_reaches_nothing_and_says_what_it_does_not_see() -> None:
    alone = analyze(planned("zone-resized", "app").plan, KNOWLEDGE, Options()).report
    assert alone.verdict is Verdict.PASS
    assert alone.resources == ()
    assert (
        "It reads the outputs of another stack (local: path ../network/terraform.tfstate)" in alone.coverage.notes[-1]
    )


def test_a_path_goes_through_an_output_from_one_plan_to_the_next_and_back() -> None:
    (book,) = (r for r in judged("zone-resized").resources if r.address == "network: aws_ssm_parameter.web")
    assert [step.address for step in book.path] == [
        'network: aws_subnet.app["a"]',
        "app: aws_instance.web",
        "network: aws_ssm_parameter.web",
    ]
    machine = book.path[1]
    assert (machine.attribute, machine.reads) == ("subnet_id", "")  # a `for` over all subnets reads them whole
    read = 'data.terraform_remote_state.network.outputs.subnet_ids["a"]'
    assert machine.via == (read, "network: output.subnet_ids")


def test_a_linked_state_is_no_blind_spot_and_an_unlinked_one_is_named() -> None:
    assert judged("unchanged").coverage.notes == ()
    without_sources = [Planned(planned("unchanged", stack).plan) for stack in ("network", "app")]
    notes = analyze_together(without_sources, KNOWLEDGE, Options()).report.coverage.notes
    assert any(
        note.startswith(
            "app: It reads the outputs of another stack (local: path ../network/terraform.tfstate), whose own"
        )
        for note in notes
    )


def test_a_backend_that_the_caller_names_links_as_the_files_do() -> None:
    contexts = {
        stack: Context(source=stack, backend=f"local://{stack}/terraform.tfstate") for stack in ("network", "app")
    }
    plans = [Planned(planned("office-moved", stack).plan, context) for stack, context in contexts.items()]
    report = analyze_together(plans, KNOWLEDGE, Options()).report
    assert touched(report, How.AFFECTED) == {"app: aws_ssm_parameter.office"}


def test_a_policy_that_says_where_states_are_links_without_files(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(
        "version: 1\nlimits:\n  few: {direct_changes: {at_most: 9}, sign_off: 1, why: few}\nstacks:\n"
        "  net: {match: {paths: [network]}, owner: team:net, state: local://network/terraform.tfstate}\n"
        "  web: {match: {paths: [app]}, owner: team:web, state: local://app/terraform.tfstate}\n"
    )
    plans = [Planned(planned("zone-resized", stack).plan, Context(source=stack)) for stack in ("network", "app")]
    report = analyze_together(plans, knowledge_of(str(file)), Options()).report
    assert touched(report, How.AFFECTED) == {"web: aws_instance.web", "net: aws_ssm_parameter.web"}
