"""The flow against terraform itself: hundreds of edits, each planned by terraform (``fixtures/record_flow.py``)."""

import json
from pathlib import Path

import pytest
from benchmarks.flow import Edit, Estate, Judged, Scene, cries_of_wolf, document_of, estates, judged
from click.testing import CliRunner

from scopegate.cli.main import cli
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.plan.decode import decode_plan

ESTATES = tuple(estates())
FACTS = load_facts()


@pytest.fixture(scope="module", params=ESTATES, ids=lambda estate: estate.name)
def estate(request: pytest.FixtureRequest) -> Estate:
    chosen: Estate = request.param
    return chosen


@pytest.fixture(scope="module")
def verdicts(estate: Estate) -> list[Judged]:
    return list(map(Scene(estate, FACTS).judge, estate.edits))


def test_all_that_terraform_changes_after_an_edit_is_called_affected(verdicts: list[Judged]) -> None:
    missed = [(one.edit.block, one.edit.argument, sorted(one.missed)) for one in verdicts if one.missed]
    assert missed == []


def test_an_edit_of_a_tag_or_a_description_affects_only_who_reads_it(verdicts: list[Judged]) -> None:
    assert any(one.edit.is_descriptive for one in verdicts)
    assert cries_of_wolf(verdicts) == []


def test_the_plan_of_an_edit_is_judged_alike_when_it_is_read_from_its_document(estate: Estate) -> None:
    scene = Scene(estate, FACTS)
    for edit in estate.edits[::40]:
        plan = decode_plan(json.dumps(document_of(estate.base, edit)).encode(), "plan.json")
        assert judged(edit, plan, build_graph(plan), FACTS) == scene.judge(edit)


ROUTE = "module.network.aws_route.private"
WITHOUT_THE_ROUTE = Edit(
    ROUTE, "", [{"address": ROUTE, "actions": ["delete"], "after": {}, "after_unknown": {}}], frozenset()
)


def _regional() -> Estate:
    return next(estate for estate in ESTATES if estate.name == "aws")


def test_a_tag_of_the_network_reaches_nobody_and_its_default_route_all_that_runs_behind_it() -> None:
    """Judged by hand: the private subnets take the route; services, workers and the database are in them."""
    estate = _regional()
    scene = Scene(estate, FACTS)
    (tag,) = (one for one in estate.edits if (one.block, one.argument) == ("module.network.aws_vpc.this", "tags"))
    assert scene.judge(tag).affected == frozenset()

    zones = ("eu-central-1a", "eu-central-1b")
    assert scene.judge(WITHOUT_THE_ROUTE).affected == {
        "module.network.aws_route_table.private",
        *(f'module.network.aws_route_table_association.private["{zone}"]' for zone in zones),
        *(f'module.network.aws_subnet.private["{zone}"]' for zone in zones),
        'module.service["basket"].aws_ecs_service.this',
        'module.service["checkout"].aws_ecs_service.this',
        "aws_autoscaling_group.worker",
        "aws_db_subnet_group.shop",
        "aws_db_instance.shop",
    }


def test_how_a_lost_default_route_reaches_a_service_can_be_read(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(document_of(_regional().base, WITHOUT_THE_ROUTE)))
    said = CliRunner().invoke(cli, ["explain", str(plan), 'module.service["basket"].aws_ecs_service.this'])
    assert (
        """\
  affected: it uses module.network.aws_subnet.private["eu-central-1a"], whose content changes
Path of cause
  module.network.aws_route.private  will be changed: delete
  -> module.network.aws_route_table.private
     which it is a part of, by its route_table_id
  -> module.network.aws_route_table_association.private["eu-central-1a"]
     its route_table_id reads aws_route_table.private.id
  -> module.network.aws_subnet.private["eu-central-1a"]
     which it is a part of, by its subnet_id
  -> module.service["basket"].aws_ecs_service.this
     its network_configuration.subnets reads aws_subnet.private \
through module.service.var.subnet_ids then module.network.private_subnet_ids; instances paired by all instances
"""
        in said.output
    )


def test_the_recorded_estates_are_what_the_test_promises() -> None:
    blocks = {(estate.name, edit.block) for estate in ESTATES for edit in estate.edits}
    assert {name for name, _ in blocks} == {"aws", "aws-real", "azurerm", "google"}
    assert len(blocks) >= 40
    actions = {change["change"]["actions"][0] for estate in ESTATES for change in estate.base["resource_changes"]}
    assert actions == {"no-op"}
    assert all(any(edit.changed for edit in estate.edits) for estate in ESTATES)
