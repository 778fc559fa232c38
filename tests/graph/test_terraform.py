"""Terraform is the oracle: our edges between blocks against those that ``terraform graph`` draws.

The plans were recorded by ``record.py``; the fixtures of the project come with graphs too.
"""

import shutil
from pathlib import Path

import pytest

from graph import record
from graph.oracle import Comparison, Pair, compare
from scopegate.graph.build import build_graph
from scopegate.plan.read import read_plan

ESTATES = sorted(path.name for path in record.ESTATES.iterdir() if path.is_dir())
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DRAWN = sorted(path.parent.relative_to(FIXTURES) for path in FIXTURES.glob("*/*/graph.dot"))

UNSEEN: dict[str, set[Pair]] = {
    "unseen": {
        ("terraform_data.server", "terraform_data.image"),  # replace_triggered_by
        ("terraform_data.server", "terraform_data.quota"),  # precondition
        ("terraform_data.server", "terraform_data.probe"),  # postcondition
        ("terraform_data.files", "terraform_data.bastion"),  # connection
        ("module.checked.terraform_data.sized", "terraform_data.quota"),  # validation of a variable
        ("terraform_data.reader", "module.checked.terraform_data.gate"),  # precondition of an output
    }
}
"""What plan JSON holds no trace of, so that only the prior state or the sources can tell."""

FORMER: dict[str, set[Pair]] = {
    "gone": {
        ("terraform_data.server", "terraform_data.subnet"),
        ("terraform_data.server", "terraform_data.vpc"),
        ("terraform_data.subnet", "terraform_data.vpc"),
        ("module.service.terraform_data.group", "terraform_data.subnet"),
        ("module.service.terraform_data.task", "terraform_data.subnet"),
    }
}
"""What the configuration does not say any more and the prior state still does: deleted blocks, replaced references."""


def _compared(plan: Path, dot: Path) -> Comparison:
    read = read_plan(str(plan))
    return compare(read, build_graph(read), dot.read_text())


@pytest.mark.parametrize("name", ESTATES)
def test_without_a_state_only_what_the_plan_hides_is_missed_and_the_locals_are_named(name: str) -> None:
    compared = _compared(record.ESTATES / name / "created.json", record.ESTATES / name / "graph.dot")
    assert compared.unseen == UNSEEN.get(name, set())
    assert compared.extra == set()


@pytest.mark.parametrize("name", ESTATES)
def test_with_the_prior_state_every_edge_is_found(name: str) -> None:
    compared = _compared(record.ESTATES / name / "applied.json", record.ESTATES / name / "after.dot")
    assert compared.missed == set()
    assert compared.extra == FORMER.get(name, set())


@pytest.mark.parametrize("case", DRAWN, ids=str)
def test_on_the_recorded_estates_of_real_providers_no_edge_is_missed_unsaid(case: Path) -> None:
    plan = FIXTURES / case / "plan.json"
    if '"complete":false' in plan.read_text():
        pytest.skip("a targeted plan is refused")
    assert _compared(plan, FIXTURES / case / "graph.dot").unseen == set()


def test_the_hidden_blocks_are_those_that_a_local_hides_and_no_state_knows() -> None:
    created = read_plan(str(record.ESTATES / "locals" / "created.json"))
    assert {hidden.block: set(hidden.locals) for hidden in build_graph(created).hidden} == {
        "terraform_data.direct": {"local.bucket"},
        "terraform_data.chain": {"local.names"},
        "terraform_data.reader": {"local.store"},
        "terraform_data.keyed": {"local.keys"},
        "terraform_data.harmless": {"local.plain"},
        "module.store.terraform_data.table": {"module.store.local.prefix"},
    }
    applied = read_plan(str(record.ESTATES / "locals" / "applied.json"))
    assert build_graph(applied).hidden == ()


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_still_draws_the_graph_that_was_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    estate = tmp_path / "estate"
    shutil.copytree(record.ESTATES / "module-waits", estate)
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    record.record(estate, tmp_path / "scratch")
    assert (estate / "graph.dot").read_text() == (record.ESTATES / "module-waits" / "graph.dot").read_text()
    assert _compared(estate / "applied.json", estate / "after.dot").missed == set()
