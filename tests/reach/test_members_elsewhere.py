"""What is told once and done in many regions: a global database, a stack set; by the shipped facts."""

import pytest

from handmade import graph, instance, link
from scopegate.facts.load import load_facts
from scopegate.plan.actions import Action
from scopegate.plan.model import Instance
from scopegate.reach.flow import flow

FACTS = load_facts()


def _affected(changed: Instance, member: str, argument: str) -> list[str]:
    members = [instance(f'{member}.m["{region}"]') for region in ("eu-central-1", "us-east-1")]
    edges = [(1, 0, link(argument, "id")), (2, 0, link(argument, "id"))]
    return [step.why for step in flow([changed, *members], graph(3, edges), FACTS).values()]


@pytest.mark.parametrize(
    ("whole", "member", "argument"),
    [
        # registry.terraform.io, aws_rds_global_cluster, engine_version: "the provider will upgrade cluster members";
        # the members ignore_changes of theirs, as the page says, so nothing of them is in the plan.
        ("aws_rds_global_cluster", "aws_rds_cluster", "global_cluster_identifier"),
        ("aws_docdb_global_cluster", "aws_docdb_cluster", "global_cluster_identifier"),
        ("aws_neptune_global_cluster", "aws_neptune_cluster", "global_cluster_identifier"),
        (
            "aws_elasticache_global_replication_group",
            "aws_elasticache_replication_group",
            "global_replication_group_id",
        ),
        ("aws_memorydb_multi_region_cluster", "aws_memorydb_cluster", "multi_region_cluster_name"),
        # docs.aws.amazon.com, API_UpdateStackSet: all stack instances, where neither accounts nor regions are given
        ("aws_cloudformation_stack_set", "aws_cloudformation_stack_set_instance", "stack_set_name"),
        ("aws_cloudformation_stack_set", "aws_cloudformation_stack_instances", "stack_set_name"),
    ],
)
def test_a_change_of_the_whole_is_made_at_every_member(whole: str, member: str, argument: str) -> None:
    said = "template_body" if "stack" in whole else "engine_version"
    changed = instance(f"{whole}.w", Action.UPDATE, {"id": "w", said: "1"}, {"id": "w", said: "2"})
    assert _affected(changed, member, argument) == [f"uses {whole}.w, whose content changes"] * 2


def test_a_tag_or_the_protection_of_the_whole_is_not() -> None:
    for name in ("tags", "deletion_protection", "description"):
        changed = instance("aws_rds_global_cluster.w", Action.UPDATE, {"id": "w", name: "1"}, {"id": "w", name: "2"})
        assert _affected(changed, "aws_rds_cluster", "global_cluster_identifier") == []


def test_one_more_stack_instance_changes_no_other() -> None:
    members = [
        instance('aws_cloudformation_stack_set_instance.m["us-east-1"]'),
        instance("aws_cloudformation_stack_set.s"),
    ]
    fresh = instance('aws_cloudformation_stack_set_instance.m["eu-central-1"]', Action.CREATE)
    edges = [(0, 2, link("stack_set_name", "id")), (1, 2, link("stack_set_name", "id"))]
    assert flow([fresh, *members], graph(3, edges), FACTS) == {}
