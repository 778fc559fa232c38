"""The plans the benchmarks run on are what terraform would print."""

import io
import json
import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from benchmarks.estate import REGIONS, Estate, Region, Shape
from benchmarks.generate import Writer, main
from benchmarks.seed import MADE_UP_ID, RECORDED

from scopegate.graph.build import build_graph
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.actions import Action
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan

Json = Any

AS_RECORDED = (
    ("team_00000", "team_first"),
    ("team-00000", "team-first"),
    ("team_00001", "team_second"),
    ("team-00001", "team-second"),
)


def generate(shape: Shape, regions: tuple[Region, ...] = REGIONS) -> tuple[str, Estate]:
    text = io.StringIO()
    writer = Writer(shape, text.write, regions)
    writer.plan()
    return text.getvalue(), writer.estate


def recorded(name: str) -> Json:
    return comparable((RECORDED / name).read_text())


def generated_as_recorded(**shape: Any) -> Json:
    text, _ = generate(Shape(65, chains=2, copies=1, **shape), (Region("eu-north-1"),))
    for name, original in AS_RECORDED:
        text = text.replace(name, original)
    return comparable(text)


def comparable(text: str) -> Json:
    plan = json.loads(MADE_UP_ID.sub(r"\1", text))
    # Terraform lists these two in the order of a Go map, another one each time.
    plan["relevant_attributes"].sort(key=json.dumps)
    for module in plan["planned_values"]["root_module"]["child_modules"]:
        module.get("child_modules", []).sort(key=lambda child: child["address"])
    return plan


@pytest.mark.parametrize(("name", "shape"), [("create.json", {"create": True}), ("settled.json", {"share": 0})])
def test_the_recorded_estate_comes_out_as_terraform_printed_it(name: str, shape: dict[str, Any]) -> None:
    generated = generated_as_recorded(**shape)
    assert generated == recorded(name)
    assert list(generated) == list(recorded(name))


def test_what_changes_comes_out_as_terraform_printed_it() -> None:
    generated, original = generated_as_recorded(share=1), recorded("edited.json")
    for section in ("resource_changes", "planned_values", "prior_state", "applyable"):
        assert generated[section] == original[section]


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        main(["200", "--output", str(tmp_path / name)])
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Json, Estate]:
    path = tmp_path_factory.mktemp("mixed") / "plan.json"
    text, estate = generate(Shape(1000, chains=5))
    path.write_text(text)
    return read_plan(str(path)), json.loads(text), estate


def test_a_plan_has_as_many_resources_as_asked_for(mixed: tuple[Plan, Json, Estate]) -> None:
    plan, document, _ = mixed
    assert len(document["resource_changes"]) == 1000
    assert len({instance.address for instance in plan.instances}) == 1000 + len(REGIONS)  # and a data source a network


def test_about_one_resource_in_twenty_changes(mixed: tuple[Plan, Json, Estate]) -> None:
    plan, _, _ = mixed
    direct = [instance for instance in plan.instances if instance.is_direct]
    assert 30 < len(direct) < 70
    assert {instance.action for instance in direct} == {Action.UPDATE, Action.DELETE_THEN_CREATE}


def test_a_service_changes_exactly_when_its_task_definition_does(mixed: tuple[Plan, Json, Estate]) -> None:
    plan, _, _ = mixed
    changed = {
        kind: {instance.module for instance in plan.instances if instance.type == kind and instance.is_direct}
        for kind in ("aws_ecs_service", "aws_ecs_task_definition")
    }
    assert changed["aws_ecs_service"] == changed["aws_ecs_task_definition"] != set()


def test_ids_are_not_shared_between_resources(mixed: tuple[Plan, Json, Estate]) -> None:
    _, document, _ = mixed
    own = [
        change["change"]["before"]["id"] for change in document["resource_changes"] if change["type"] != "aws_iam_role"
    ]
    assert len(set(own)) == len(own)


def test_each_region_keeps_its_partition_and_account(mixed: tuple[Plan, Json, Estate]) -> None:
    _, document, _ = mixed
    for region in REGIONS:
        module = f"module.network_{region.alias}"
        (cluster,) = (
            change for change in document["resource_changes"] if change["address"] == f"{module}.aws_ecs_cluster.main"
        )
        assert cluster["change"]["before"]["arn"].startswith(
            f"arn:{region.partition}:ecs:{region.id}:{region.account}:"
        )


def test_the_state_knows_what_the_oracle_implies(mixed: tuple[Plan, Json, Estate]) -> None:
    plan, _, estate = mixed
    graph: nx.DiGraph[str] = nx.DiGraph()
    for block, dependencies in estate.edges():
        graph.add_node(block)
        graph.add_edges_from((block, dependency) for dependency in dependencies)
    for instance in plan.instances:
        assert set(instance.prior_dependencies or ()) == nx.descendants(graph, block_of(instance.address))


def test_changes_can_be_kept_in_one_region() -> None:
    text, estate = generate(Shape(2000, hot=True))
    changed = [change for change in json.loads(text)["resource_changes"] if change["change"]["actions"] != ["no-op"]]
    assert len(changed) > 50
    assert estate.regions[1].id == "cn-north-1"
    teams = {f"team_{team:05d}" for team in range(1, estate.teams, len(REGIONS))}
    names = {change["module_address"].split("[")[0].removeprefix("module.") for change in changed}
    assert names <= teams | {"network_cn_north_1"}


def test_counted_blocks_are_listed_by_number_and_in_the_planned_values_as_text() -> None:
    text, _ = generate(Shape(200, copies=12))
    plan = json.loads(text)
    queues = [change["index"] for change in plan["resource_changes"] if change["type"] == "aws_sqs_queue"]
    assert queues == 4 * [*range(12)]  # two teams of two services
    modules = plan["planned_values"]["root_module"]["child_modules"]
    team = next(module for module in modules if module["address"].startswith("module.team"))
    planned = [resource["index"] for resource in team["resources"] if resource["type"] == "aws_sqs_queue"]
    assert planned == [0, 10, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_a_size_that_holds_no_whole_team_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["50"])
    assert exit_.value.code == 2
    assert "at least 81 resources" in capsys.readouterr().err


def needed_by_block(graph: DependencyGraph, plan: Plan) -> "nx.DiGraph[str]":
    """The instance graph, folded to blocks."""
    blocks = [block_of(instance.address) for instance in plan.instances]
    folded: nx.DiGraph[str] = nx.DiGraph()
    folded.add_nodes_from(blocks)
    for position, block in enumerate(blocks):
        folded.add_edges_from((block, blocks[edge.dependency]) for edge in graph.dependencies_of(position))
    return folded


def block_of(address: str) -> str:
    return re.sub(r"\[[^]]*\]", "", address)


def test_the_graph_of_a_plan_with_state_is_the_true_one(mixed: tuple[Plan, Json, Estate]) -> None:
    plan, _, estate = mixed
    truth: nx.DiGraph[str] = nx.DiGraph({block: set(dependencies) for block, dependencies in estate.edges()})
    found = needed_by_block(build_graph(plan), plan)
    for block in truth:
        assert nx.descendants(found, block) == nx.descendants(truth, block), block


def test_the_graph_of_a_plan_without_state_lacks_only_what_locals_hide_and_says_so(tmp_path: Path) -> None:
    text, estate = generate(Shape(300, create=True))
    (tmp_path / "plan.json").write_text(text)
    plan = read_plan(str(tmp_path / "plan.json"))
    graph = build_graph(plan)
    found, hidden = needed_by_block(graph, plan), {one.block for one in graph.hidden}
    for block, dependencies in estate.edges():
        needed = nx.descendants(found, block)
        missing = set(dependencies) - needed
        assert not missing or block in hidden, f"{block} silently lacks {missing}"
    # local.readable is all the policy has of the tables; what the task definition reads of its store is behind one too.
    assert "module.team_00000.aws_iam_role_policy.task" in hidden
