"""How values, ground and content flow; each case is worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from handmade import FACTS, graph, instance, link
from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.graph import NO_LINK, DependencyGraph
from scopegate.plan.actions import Action
from scopegate.plan.model import Instance
from scopegate.reach.changes import WHOLE, changed_paths, overlaps, path_read
from scopegate.reach.flow import flow


def _whys(instances: list[Instance], edges: list[tuple[int, int, Link]]) -> dict[str, str]:
    steps = flow(instances, graph(len(instances), edges), FACTS)
    return {instances[position].address: step.why for position, step in steps.items()}


def _tag_edit(address: str) -> Instance:
    return instance(address, Action.UPDATE, {"id": "x", "tags": {"a": "1"}}, {"id": "x", "tags": {"a": "2"}})


def test_a_tag_edit_affects_nobody_who_reads_the_id() -> None:
    instances = [_tag_edit("aws_vpc.a"), instance("aws_subnet.a"), instance("aws_instance.a")]
    assert _whys(instances, [(1, 0, link("vpc_id")), (2, 1, link("subnet_id"))]) == {}


def test_whoever_reads_the_tag_itself_is_affected() -> None:
    instances = [_tag_edit("aws_vpc.a"), instance("aws_ssm_parameter.a")]
    assert _whys(instances, [(1, 0, link("value", 'tags["a"]'))]) == {
        "aws_ssm_parameter.a": 'reads tags["a"] of aws_vpc.a, which changes'
    }


def test_a_nested_argument_replaces_its_reader_only_where_that_very_argument_does() -> None:
    key = instance("aws_kms_key.a", Action.DELETE_THEN_CREATE, {"arn": "x"}, {}, {"arn": True})
    instances = [key, instance("aws_instance.a"), instance("aws_eip.a")]
    whys = [
        _whys(instances, [(1, 0, link(argument, "arn")), (2, 1, link("instance"))])
        for argument in ("root_block_device.kms_key_id", "root_block_device", "root_block_device.tags")
    ]
    assert ["aws_eip.a" in why for why in whys] == [True, True, False]


def test_a_changed_value_flows_on_through_the_arguments_that_replace_the_reader() -> None:
    vpc = instance("aws_vpc.a", Action.DELETE_THEN_CREATE, {"id": "x"}, {}, {"id": True})
    instances = [vpc, instance("aws_subnet.a"), instance("aws_instance.a"), instance("aws_eip.a")]
    edges = [(1, 0, link("vpc_id")), (2, 1, link("subnet_id")), (3, 2, link("instance"))]
    # vpc_id replaces the subnet, its id replaces the instance, so the address loses what it points to.
    assert list(_whys(instances, edges)) == ["aws_subnet.a", "aws_instance.a", "aws_eip.a"]


def test_a_value_that_changes_the_reader_in_place_does_not_change_its_id() -> None:
    balancer = instance("aws_lb.a", Action.UPDATE, {"idle_timeout": 1, "id": "x"}, {"idle_timeout": 2, "id": "x"})
    instances = [balancer, instance("aws_lb.b"), instance("aws_lb_listener.b")]
    edges = [(1, 0, link("idle_timeout", "idle_timeout")), (2, 1, link("load_balancer_arn", "arn"))]
    assert list(_whys(instances, edges)) == ["aws_lb.b"]


def test_an_update_in_place_changes_what_it_computes_anew() -> None:
    queue = instance("aws_sqs_queue.a", Action.UPDATE, {"url": "x"}, {"url": "y"})
    instances = [queue, instance("aws_launch_template.a"), instance("aws_autoscaling_group.a"), instance("aws_eip.a")]
    edges = [
        (1, 0, link("user_data", "url")),
        (2, 1, link("launch_template.version", "latest_version")),
        (3, 1, link("instance", "id")),
    ]
    assert list(_whys(instances, edges)) == ["aws_launch_template.a", "aws_autoscaling_group.a"]


def test_removing_the_ingress_rule_of_a_group_affects_the_group_and_the_database_that_uses_it() -> None:
    instances = [
        instance("aws_vpc_security_group_ingress_rule.db", Action.DELETE, {"id": "r"}),
        instance("aws_security_group.db"),
        instance("aws_db_instance.main"),
    ]
    edges = [(0, 1, link("security_group_id")), (2, 1, link("vpc_security_group_ids"))]
    assert _whys(instances, edges) == {
        "aws_security_group.db": "has aws_vpc_security_group_ingress_rule.db as a part, which is destroyed",
        "aws_db_instance.main": "uses aws_security_group.db, whose content changes",
    }


def test_a_rule_that_names_another_group_as_its_source_is_not_changed_with_it() -> None:
    instances = [
        instance("aws_vpc_security_group_ingress_rule.app", Action.CREATE, None, {}),
        instance("aws_security_group.app"),
        instance("aws_vpc_security_group_ingress_rule.db"),
        instance("aws_security_group.db"),
    ]
    edges = [
        (0, 1, link("security_group_id")),
        (2, 1, link("referenced_security_group_id")),
        (2, 3, link("security_group_id")),
    ]
    assert list(_whys(instances, edges)) == ["aws_security_group.app"]


def test_removing_the_default_route_affects_the_chain_of_table_association_subnet_and_services() -> None:
    instances = [
        instance("aws_route.default", Action.DELETE, {"id": "r"}),
        instance("aws_route_table.private"),
        instance("aws_route_table_association.a"),
        instance("aws_subnet.a"),
        instance("aws_ecs_service.app"),
        instance("aws_vpc.main"),
    ]
    edges = [
        (0, 1, link("route_table_id")),
        (1, 5, link("vpc_id")),
        (2, 1, link("route_table_id")),
        (2, 3, link("subnet_id")),
        (3, 5, link("vpc_id")),
        (4, 3, link("network_configuration.subnets")),
    ]
    assert list(_whys(instances, edges)) == [
        "aws_route_table.private",
        "aws_route_table_association.a",
        "aws_subnet.a",
        "aws_ecs_service.app",
    ]


def test_a_policy_changes_the_role_it_is_attached_to_and_the_function_that_takes_the_role() -> None:
    policy = instance("aws_iam_policy.a", Action.UPDATE, {"policy": "{}"}, {"policy": "{1}"})
    instances = [
        policy,
        instance("aws_iam_role_policy_attachment.a"),
        instance("aws_iam_role.a"),
        instance("aws_lambda_function.a"),
    ]
    edges = [(1, 0, link("policy_arn", "arn")), (1, 2, link("role", "name")), (3, 2, link("role", "arn"))]
    assert list(_whys(instances, edges)) == [
        "aws_iam_role_policy_attachment.a",
        "aws_iam_role.a",
        "aws_lambda_function.a",
    ]


def test_a_policy_that_mentions_a_role_does_not_change_with_it() -> None:
    instances = [
        instance("aws_iam_role.a", Action.UPDATE, {"assume_role_policy": "1"}, {"assume_role_policy": "2"}),
        instance("aws_kms_key.a"),
        instance("aws_lambda_function.a"),
    ]
    edges = [(1, 0, link("policy", "arn")), (2, 0, link("role", "arn"))]
    assert list(_whys(instances, edges)) == ["aws_lambda_function.a"]


def test_one_more_record_changes_the_zone_and_none_of_its_other_users() -> None:
    instances = [
        instance("aws_route53_record.a", Action.CREATE, None, {}),
        instance("aws_route53_zone.a"),
        instance("aws_service_discovery_service.a"),
    ]
    edges = [(0, 1, link("zone_id")), (2, 1, link("dns_config.namespace_id"))]
    assert list(_whys(instances, edges)) == ["aws_route53_zone.a"]


def test_content_flows_on_through_a_resource_that_is_itself_only_retagged() -> None:
    instances = [
        instance("aws_vpc_security_group_ingress_rule.db", Action.DELETE, {"id": "r"}),
        _tag_edit("aws_security_group.db"),
        instance("aws_db_instance.main"),
    ]
    edges = [(0, 1, link("security_group_id")), (2, 1, link("vpc_security_group_ids"))]
    assert list(_whys(instances, edges)) == ["aws_db_instance.main"]


def test_a_rule_that_goes_changes_its_own_group_and_not_the_one_it_let_in() -> None:
    instances = [
        instance("aws_vpc_security_group_ingress_rule.a", Action.DELETE, {"id": "r"}),
        instance("aws_security_group.own"),
        instance("aws_security_group.let_in"),
    ]
    edges = [(0, 1, link("security_group_id")), (0, 2, link("referenced_security_group_id"))]
    assert list(_whys(instances, edges)) == ["aws_security_group.own"]


def test_who_looks_up_what_is_forgotten_hands_the_loss_on() -> None:
    instances = [
        instance("aws_vpc.a", Action.FORGET, {"id": "v"}),
        instance("data.aws_subnets.a"),
        instance("aws_lb.a"),
    ]
    assert _whys(instances, [(1, 0, link("vpc_id")), (2, 1, link("subnets", "ids"))]) == {
        "data.aws_subnets.a": "stands on aws_vpc.a, which is forgotten",
        "aws_lb.a": "stands on data.aws_subnets.a, which is taken away",
    }


def test_a_tag_edit_of_a_rule_does_not_change_its_group() -> None:
    instances = [_tag_edit("aws_vpc_security_group_ingress_rule.a"), instance("aws_security_group.a")]
    assert _whys(instances, [(0, 1, link("security_group_id"))]) == {}


def test_a_rule_that_is_edited_beside_the_description_of_its_group_reaches_the_holders_of_the_group() -> None:
    before, after = {"description": "a", "ingress": [1]}, {"description": "b", "ingress": [2]}
    instances = [instance("aws_security_group.a", Action.UPDATE, before, after), instance("aws_db_instance.a")]
    assert list(_whys(instances, [(1, 0, link("vpc_security_group_ids"))])) == ["aws_db_instance.a"]


@pytest.mark.parametrize(
    ("action", "happens"), [(Action.CREATE, "is created"), (Action.UPDATE, "changes"), (Action.FORGET, "is forgotten")]
)
def test_what_happens_to_a_part_is_said(action: Action, happens: str) -> None:
    rule = instance("aws_vpc_security_group_ingress_rule.a", action, {"from_port": 1}, {"from_port": 2})
    whys = _whys([rule, instance("aws_security_group.a")], [(0, 1, link("security_group_id"))])
    said = {"aws_security_group.a": f"has aws_vpc_security_group_ingress_rule.a as a part, which {happens}"}
    assert whys == ({} if action is Action.FORGET else said)  # a rule that is only forgotten lets in who it let in


def test_the_rules_of_a_new_group_are_no_news_for_who_holds_another_of_its_block() -> None:
    some = Link(EdgeKind.REFERENCE, "vpc_security_group_ids", "aws_security_group.a", "id", Match.ALL)
    instances = [
        instance("aws_vpc_security_group_ingress_rule.a", Action.CREATE, None, {}),
        instance("aws_security_group.a[1]", Action.CREATE, None, {}),
        instance("aws_db_instance.a"),
    ]
    assert _whys(instances, [(0, 1, link("security_group_id")), (2, 1, some)]) == {}


def test_who_only_depends_on_a_group_does_not_hold_it() -> None:
    group = instance("aws_security_group.a", Action.UPDATE, {"ingress": [1]}, {"ingress": [2]})
    depends = Link(EdgeKind.DEPENDS_ON, "", "aws_security_group.a", "", Match.ONE)
    assert _whys([group, instance("aws_db_instance.a")], [(1, 0, depends)]) == {}


def test_a_data_source_looks_into_what_it_is_of_and_into_nothing_else() -> None:
    told = Link(EdgeKind.REFERENCE, "id", "var.id", "id", Match.ONE, via=("module.m.var.id",))
    group = instance("aws_security_group.a", Action.UPDATE, {"ingress": [1]}, {"ingress": [2]})
    instances = [group, instance("module.m.data.aws_security_group.a"), instance("module.m.data.aws_vpc.a")]
    assert list(_whys(instances, [(1, 0, told), (2, 0, told)])) == ["module.m.data.aws_security_group.a"]


def test_of_a_data_source_that_is_asked_for_something_else_everything_may_change() -> None:
    told = Link(EdgeKind.REFERENCE, "tags.net", "var.net", "cidr_block", Match.ONE, via=("module.m.var.net",))
    vpc = instance("aws_vpc.a", Action.UPDATE, {"cidr_block": "x"}, {"cidr_block": "y"})
    instances = [vpc, instance("module.m.data.aws_lb.a"), instance("module.m.aws_lb_listener.a")]
    assert list(_whys(instances, [(1, 0, told), (2, 1, link("load_balancer_arn", "arn"))])) == [
        "module.m.data.aws_lb.a",
        "module.m.aws_lb_listener.a",
    ]


def test_another_endpoint_of_a_provider_changes_nothing_about_what_is_behind_it() -> None:
    cluster = instance("aws_eks_cluster.a", Action.UPDATE, {"endpoint": "x"}, {"endpoint": "y"})
    instances = [cluster, instance("kubernetes_namespace.a"), instance("kubernetes_secret.a")]
    reached = link("host", "endpoint", EdgeKind.PROVIDER)
    assert list(_whys(instances, [(1, 0, reached), (2, 1, link("metadata.namespace"))])) == ["kubernetes_namespace.a"]


def test_who_is_repeated_over_what_changes_may_be_another_altogether() -> None:
    queue = instance("aws_sqs_queue.a", Action.UPDATE, {"tags": {"n": "1"}}, {"tags": {"n": "2"}})
    instances = [queue, instance("aws_lb.a"), instance("aws_lb_listener.a")]
    edges = [(1, 0, link("count", "tags", EdgeKind.REPETITION)), (2, 1, link("load_balancer_arn", "arn"))]
    assert list(_whys(instances, edges)) == ["aws_lb.a", "aws_lb_listener.a"]


def test_a_description_edit_of_a_carrier_affects_no_holder() -> None:
    group = instance("aws_security_group.a", Action.UPDATE, {"description": "a"}, {"description": "b"})
    assert _whys([group, instance("aws_db_instance.a")], [(1, 0, link("vpc_security_group_ids"))]) == {}


def test_a_data_source_that_waits_for_a_change_leaves_its_readers_unknown() -> None:
    instances = [_tag_edit("aws_vpc.a"), instance("data.aws_subnets.a", Action.READ), instance("aws_instance.a")]
    depends = Link(EdgeKind.DEPENDS_ON, "", "aws_vpc.a", "", Match.ONE)
    assert list(_whys(instances, [(1, 0, depends), (2, 1, link("subnet_id", "ids"))])) == [
        "data.aws_subnets.a",
        "aws_instance.a",
    ]


def test_a_data_source_waits_for_the_resource_it_names_though_what_it_reads_stays() -> None:
    instances = [_tag_edit("aws_vpc.a"), instance("data.aws_subnets.a"), instance("aws_instance.a")]
    assert list(_whys(instances, [(1, 0, link("vpc_id")), (2, 1, link("subnet_id", "ids"))])) == [
        "data.aws_subnets.a",
        "aws_instance.a",
    ]


def test_a_data_source_does_not_wait_for_what_it_is_told_by_a_variable() -> None:
    told = Link(EdgeKind.REFERENCE, "vpc_id", "var.vpc_id", "id", Match.ONE, via=("module.a.var.vpc_id",))
    instances = [_tag_edit("aws_vpc.a"), instance("module.a.data.aws_subnets.a"), instance("module.a.aws_instance.a")]
    assert _whys(instances, [(1, 0, told), (2, 1, link("subnet_id", "ids"))]) == {}


def test_a_data_source_waits_for_the_other_instances_of_the_block_it_names() -> None:
    instances = [
        _tag_edit('aws_vpc.a["x"]'),
        instance('aws_vpc.a["y"]'),
        instance("data.aws_subnets.a"),
        instance('module.m.aws_vpc.a["y"]'),
        instance("module.m.data.aws_subnets.a"),
        instance("aws_lb.a"),
    ]
    edges = [(2, 1, link("vpc_id")), (4, 3, link("vpc_id")), (5, 1, link("subnet_id"))]
    assert list(_whys(instances, edges)) == ["data.aws_subnets.a"]


def test_a_data_source_waits_for_the_block_it_names_whoever_else_reads_all_of_it() -> None:
    some = Link(EdgeKind.REFERENCE, "vpc_id", "aws_vpc.a", "id", Match.ALL)
    instances = [_tag_edit('aws_vpc.a["x"]'), instance('aws_vpc.a["y"]'), instance("data.aws_subnets.a")]
    hubbed = DependencyGraph(
        4, [link("vpc_id"), some], [[4, -1], [2, 0, 4, -1], [], [], [3, 1]], [[], [], [1, 0], [4, 1], [0, -1, 1, -1]]
    )
    assert list(flow([*instances, instance("aws_lb.a")], hubbed, FACTS)) == [2]


def test_a_data_source_does_not_wait_for_a_group_that_stays_as_it_is_though_a_rule_of_it_goes() -> None:
    instances = [
        instance("aws_vpc_security_group_ingress_rule.a", Action.DELETE, {"id": "r"}),
        instance('aws_security_group.a["x"]'),
        instance('aws_security_group.a["y"]'),
        instance("data.aws_subnets.a"),
    ]
    edges = [(0, 1, link("security_group_id")), (3, 2, link("filter.values"))]
    assert list(_whys(instances, edges)) == ['aws_security_group.a["x"]']


def test_a_data_source_that_waits_for_a_module_waits_for_all_that_the_module_needs() -> None:
    instances = [
        _tag_edit("aws_vpc.a"),
        instance("module.m.aws_subnet.a"),
        instance("data.aws_subnets.a"),
        instance("aws_instance.a"),
    ]
    depends = Link(EdgeKind.DEPENDS_ON, "", "module.m", "", Match.ONE)
    edges = [(1, 0, link("vpc_id")), (2, 1, depends), (3, 2, link("subnet_id", "ids"))]
    assert list(_whys(instances, edges)) == ["data.aws_subnets.a", "aws_instance.a"]


def test_a_resource_that_depends_on_a_module_is_not_read_late_as_a_data_source_is() -> None:
    depends = Link(EdgeKind.DEPENDS_ON, "", "module.m", "", Match.ONE)
    instances = [_tag_edit("aws_vpc.a"), instance("module.m.aws_subnet.a"), instance("aws_instance.a")]
    assert _whys(instances, [(1, 0, link("vpc_id")), (2, 1, depends)]) == {}


def test_a_data_source_does_not_wait_for_what_only_moves_in_the_state() -> None:
    # hashicorp/terraform, node_resource_abstract_instance.go, dependenciesHavePendingChanges: not for a NoOp.
    depends = Link(EdgeKind.DEPENDS_ON, "", "module.m", "", Match.ONE)
    moved = instance("aws_vpc.a", Action.NO_OP, {"id": "v"}, {"id": "v"}, previous_address="aws_vpc.b")
    instances = [moved, instance("module.m.aws_subnet.a"), instance("data.aws_subnets.a")]
    assert _whys(instances, [(1, 0, link("vpc_id")), (2, 1, depends)]) == {}


def test_a_data_source_that_waits_for_a_module_does_not_wait_for_changes_elsewhere() -> None:
    depends = Link(EdgeKind.DEPENDS_ON, "", "module.m", "", Match.ONE)
    instances = [_tag_edit("aws_vpc.b"), instance("module.m.aws_subnet.a"), instance("data.aws_subnets.a")]
    assert _whys(instances, [(2, 1, depends)]) == {}


def test_a_data_source_waits_for_each_instance_of_a_module_through_what_gathers_them() -> None:
    depends = Link(EdgeKind.DEPENDS_ON, "", "module.m", "", Match.ALL)
    instances = [
        _tag_edit("aws_vpc.a"),
        instance("module.m.aws_subnet.a[0]"),
        instance("module.m.aws_subnet.a[1]"),
        instance("data.aws_subnets.a"),
        instance("aws_instance.a"),
    ]
    hubbed = DependencyGraph(
        5,
        [link("vpc_id"), depends, link("subnet_id", "ids")],
        [[1, 0, 2, 0], [5, -1], [5, -1], [4, 2], [], [3, 1]],
        [[], [0, 0], [0, 0], [5, 1], [3, 2], [1, -1, 2, -1]],
    )
    steps = flow(instances, hubbed, FACTS)
    assert {instances[position].address: step.why for position, step in steps.items()} == {
        "data.aws_subnets.a": "is read after module.m.aws_subnet.a[0], which changes",
        "aws_instance.a": "reads ids of data.aws_subnets.a, which changes",
    }


def test_each_of_several_data_sources_of_a_block_waits_as_the_only_one_would() -> None:
    # What they have in common is drawn once: to a hub (the last vertex) that leads to each of them without a link.
    depends = Link(EdgeKind.DEPENDS_ON, "", "module.m", "", Match.ONE)
    data = [instance("data.aws_subnets.a[0]"), instance("data.aws_subnets.a[1]")]
    in_module = [_tag_edit("aws_vpc.a"), instance("module.m.aws_subnet.a"), *data]
    around_module = DependencyGraph(
        4,
        [depends, link("vpc_id")],
        [[1, 1], [4, -1], [], [], [5, 0], [2, -1, 3, -1]],
        [[], [0, 1], [5, -1], [5, -1], [1, -1], [4, 0]],
    )
    assert list(flow(in_module, around_module, FACTS)) == [2, 3]
    in_block = [_tag_edit('aws_vpc.a["x"]'), instance('aws_vpc.a["y"]'), *data]
    around_block = DependencyGraph(
        4,
        [link("vpc_id")],
        [[], [4, -1], [], [], [5, 0], [2, -1, 3, -1]],
        [[], [], [5, -1], [5, -1], [1, -1], [4, 0]],
    )
    assert list(flow(in_block, around_block, FACTS)) == [2, 3]


def test_values_pass_through_what_gathers_all_instances_of_a_block() -> None:
    some = Link(EdgeKind.REFERENCE, "subnet_id", "aws_subnet.a", "id", Match.ALL)
    replaced = instance("aws_subnet.a[1]", Action.DELETE_THEN_CREATE, {"id": "x"}, {}, {"id": True})
    instances = [instance("aws_subnet.a[0]"), replaced, instance("aws_instance.a"), instance("data.aws_subnets.a")]
    hubbed = DependencyGraph(
        4, [some], [[4, -1], [4, -1], [], [], [2, 0, 3, 0]], [[], [], [4, 0], [4, 0], [0, -1, 1, -1]]
    )
    assert sorted(flow(instances, hubbed, FACTS)) == [2, 3]


def test_what_one_argument_hands_on_is_not_known_to_a_block_by_another() -> None:
    read = [link("name", "id"), link("user_data", "idle_timeout")]
    balancer = instance("aws_lb.a", Action.UPDATE, {"idle_timeout": 1, "id": "x"}, {"idle_timeout": 2, "id": "x"})
    block = [instance("aws_instance.a[0]"), instance("aws_instance.a[1]")]
    hubbed = DependencyGraph(3, read, [[3, 0, 3, 1], [], [], [1, -1, 2, -1]], [[], [3, -1], [3, -1], [0, 0, 0, 1]])
    steps = flow([balancer, *block], hubbed, FACTS)
    assert [steps[position].why for position in (1, 2)] == ["reads idle_timeout of aws_lb.a, which changes"] * 2


def test_a_data_source_that_reads_one_output_of_a_module_does_not_wait_for_the_rest_of_it() -> None:
    closed = Link(EdgeKind.DEPENDS_ON, "filter.values", "module.m", "", Match.ALL)
    instances = [_tag_edit("module.m.aws_vpc.a"), instance("data.aws_subnets.a"), instance("aws_instance.a")]
    assert _whys(instances, [(1, 0, closed), (2, 1, link("subnet_id", "ids"))]) == {}


def test_who_may_read_any_output_of_a_module_does_not_stand_on_all_that_is_in_it() -> None:
    closed = Link(EdgeKind.DEPENDS_ON, "dimensions", "module.m", "", Match.ALL)
    explicit = Link(EdgeKind.DEPENDS_ON, "", "module.m", "", Match.ALL)
    instances = [
        instance("module.m.aws_iam_role.a", Action.DELETE, {"id": "r"}),
        instance("aws_cloudwatch_metric_alarm.a"),
        instance("aws_instance.a"),
    ]
    assert list(_whys(instances, [(1, 0, closed), (2, 0, explicit)])) == ["aws_instance.a"]


def test_a_resource_on_the_way_that_is_changed_too_does_not_stop_the_flow() -> None:
    balancer = instance("aws_lb.a", Action.UPDATE, {"idle_timeout": 1, "id": "x"}, {"idle_timeout": 2, "id": "x"})
    instances = [balancer, _tag_edit("aws_lb.b"), instance("aws_lb.c")]
    edges = [(1, 0, link("idle_timeout", "idle_timeout")), (2, 1, link("idle_timeout", "idle_timeout"))]
    assert list(_whys(instances, edges)) == ["aws_lb.c"]


def test_a_forgotten_resource_affects_who_stands_on_it_and_no_further() -> None:
    instances = [
        instance("aws_vpc.a", Action.FORGET, {"id": "v"}),
        instance("aws_subnet.a"),
        instance("aws_instance.a"),
    ]
    edges = [(1, 0, link("vpc_id")), (2, 1, link("subnet_id"))]
    assert _whys(instances, edges) == {"aws_subnet.a": "stands on aws_vpc.a, which is forgotten"}


def test_where_the_object_replaced_is_only_forgotten_its_readers_change_all_the_same() -> None:
    whys = []
    for action in (Action.CREATE_THEN_FORGET, Action.FORGET_THEN_CREATE, Action.CREATE_THEN_DELETE):
        vpc = instance("aws_vpc.a", action, {"id": "x"}, {}, {"id": True})
        instances = [vpc, instance("aws_subnet.a"), instance("aws_instance.a")]
        whys.append(list(_whys(instances, [(1, 0, link("vpc_id")), (2, 1, link("subnet_id"))])))
    # The network has another id, which replaces the subnet, whose id replaces the instance.
    assert whys == [["aws_subnet.a", "aws_instance.a"]] * 3


def test_one_more_instance_of_a_block_does_not_affect_who_reads_another() -> None:
    some = Link(EdgeKind.REFERENCE, "subnet_id", "aws_subnet.a", "id", Match.ALL)
    instances = [instance("aws_subnet.a[1]", Action.CREATE, None, {}, {"id": True}), instance("aws_instance.a")]
    assert _whys(instances, [(1, 0, some)]) == {}


def test_one_more_instance_of_a_block_does_not_keep_the_news_of_another_from_who_reads_them_all() -> None:
    # Both tell of the same path through the hub that stands for the block, the new one first.
    some = Link(EdgeKind.REFERENCE, "subnet_id", "aws_subnet.a", "id", Match.ALL)
    new = instance("aws_subnet.a[0]", Action.CREATE, None, {}, {"id": True})
    replaced = instance("aws_subnet.a[1]", Action.DELETE_THEN_CREATE, {"id": "x"}, {}, {"id": True})
    block = DependencyGraph(3, [some], [[3, -1], [3, -1], [], [2, 0]], [[], [], [3, 0], [0, -1, 1, -1]])
    for causes in ([new, replaced], [replaced, new]):
        steps = flow([*causes, instance("aws_db_instance.a")], block, FACTS)
        assert steps[2].edge.dependency == causes.index(replaced)
    updated = instance("aws_lb.a[1]", Action.UPDATE, {"name": "x"}, {"name": "y"})
    instances = [instance("aws_lb.a[0]", Action.CREATE, None, {"name": "x"}), updated, instance("aws_db_instance.a")]
    assert flow(instances, block, FACTS) == {}  # it reads the id, which stays
    read = [replace(some, reads="name")]
    steps = flow(instances, DependencyGraph(3, read, block.dependents, block.dependencies), FACTS)
    assert steps[2].why == "reads name of aws_lb.a[1], which changes"


def test_changed_paths_are_the_differences_and_the_unknowns_without_list_indexes() -> None:
    subject = instance(
        "aws_x.a",
        Action.UPDATE,
        {"a": 1, "b": {"c": 1, "d": 2}, "e": [{"f": 1}, {"f": 2}], "g": [1], "h": "same"},
        {"a": 2, "b": {"c": 1, "d": 3}, "e": [{"f": 1}, {"f": 3}], "g": [1, 2], "h": "same"},
        {"arn": True, "e": [{}, {"z": True}], "n": False},
    )
    assert changed_paths(subject) == {("a",), ("b", "d"), ("e", "f"), ("g",), ("arn",), ("e", "z")}


def test_a_replaced_object_keeps_what_the_plan_knows_to_be_the_same() -> None:
    replaced = Action.CREATE_THEN_DELETE
    subject = instance("aws_x.a", replaced, {"id": "1", "name": "n", "size": 1}, {"name": "n", "size": 2}, {"id": True})
    assert changed_paths(subject) == {("id",), ("size",)}


def test_who_reads_the_name_of_a_replaced_object_loses_its_ground_but_does_not_change() -> None:
    group = instance("azurerm_resource_group.a", Action.DELETE_THEN_CREATE, {"id": "1", "name": "n"}, {"name": "n"})
    instances = [group, instance("azurerm_lb.a"), instance("azurerm_lb_rule.a")]
    edges = [(1, 0, link("resource_group_name", "name")), (2, 1, link("loadbalancer_id", "id"))]
    assert _whys(instances, edges) == {"azurerm_lb.a": "stands on azurerm_resource_group.a, which is replaced"}


def test_a_reference_is_read_as_a_path_with_its_map_keys() -> None:
    assert path_read('network[0].ip["a.b"].x[each.key]') == ("network", "ip", "a.b", "x")
    assert path_read("") == WHOLE


def test_paths_overlap_when_one_lies_above_the_other() -> None:
    assert overlaps(("a", "b"), [("a",)])
    assert overlaps(("a",), [("a", "b")])
    assert overlaps((), [("a",)])
    assert not overlaps(("a", "b"), [("a", "c"), ("b",)])


_LINKS = st.builds(
    Link,
    kind=st.sampled_from([kind for kind in EdgeKind if kind is not EdgeKind.SATELLITE]),
    attribute=st.sampled_from(["security_group_id", "subnet_id", "vpc_id", "tags", "name"]),
    reference=st.just("r"),
    reads=st.sampled_from(["id", "name", "tags", "subnet_id", ""]),
    match=st.sampled_from(list(Match)),
    via=st.sampled_from([(), ("var.v",)]),
)
_ACTIONS = st.sampled_from([Action.UPDATE, Action.CREATE, Action.DELETE, Action.DELETE_THEN_CREATE, Action.FORGET])
_TYPES = ("aws_security_group", "aws_vpc_security_group_ingress_rule", "aws_db_instance", "aws_subnet", "aws_instance")


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), _LINKS), max_size=24),
    st.dictionaries(st.integers(0, 8), st.tuples(_ACTIONS, st.sampled_from(["name", "tags", "id"])), max_size=3),
    st.integers(0, 8),
    # What exists cannot be created, so the change added is none.
    st.tuples(_ACTIONS.filter(lambda action: action is not Action.CREATE), st.sampled_from(["name", "tags", "id"])),
)
def test_one_change_more_never_takes_anybody_out_of_the_reach(
    edges: list[tuple[int, int, Link]], changed: dict[int, tuple[Action, str]], more: int, what: tuple[Action, str]
) -> None:
    def touched(changes: dict[int, tuple[Action, str]]) -> set[int]:
        still = (Action.NO_OP, "name")
        instances = [
            instance(f"{_TYPES[n % 5]}.v{n}", changes.get(n, still)[0], {changes.get(n, still)[1]: 1}, {"x": 1})
            for n in range(9)
        ]
        return set(changes) | set(flow(instances, graph(9, edges), FACTS))

    assert touched(changed) <= touched({more: what} | changed)


_GROUPS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True),
        _LINKS,
        st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True),
    ),
    max_size=6,
)


def _through_hubs(groups: list[tuple[list[int], Link, list[int]]]) -> DependencyGraph:
    """Return the graph in which what each group depends on is gathered in a hub, and handed on from another."""
    links = [said for _, said, _ in groups]
    dependents: list[list[int]] = [[] for _ in range(10 + 2 * len(groups))]
    dependencies: list[list[int]] = [[] for _ in dependents]
    for number, (causes, _, readers) in enumerate(groups):
        gathers, hands_on = 10 + 2 * number, 11 + 2 * number
        gathered = ((cause, gathers, NO_LINK) for cause in causes)
        handed_on = ((hands_on, reader, NO_LINK) for reader in readers)
        for cause, reader, said in (*gathered, (gathers, hands_on, number), *handed_on):
            dependents[cause] += (reader, said)
            dependencies[reader] += (cause, said)
    return DependencyGraph(10, links, dependents, dependencies)


@settings(max_examples=150)
@given(_GROUPS, st.dictionaries(st.integers(0, 9), st.tuples(_ACTIONS, st.sampled_from(["name", "tags", "id"]))))
def test_through_hubs_comes_what_comes_by_an_edge_for_each_pair(
    groups: list[tuple[list[int], Link, list[int]]], changes: dict[int, tuple[Action, str]]
) -> None:
    kinds = [*_TYPES, *(f"data.{kind}" for kind in _TYPES)]
    still = (Action.NO_OP, "name")
    instances = [
        instance(f"{kinds[n]}.v{n}", changes.get(n, still)[0], {changes.get(n, still)[1]: 1}, {"x": 1})
        for n in range(10)
    ]
    pairs = [(reader, cause, said) for causes, said, readers in groups for cause in causes for reader in readers]
    by_pairs = flow(instances, graph(10, pairs), FACTS)
    assert set(flow(instances, _through_hubs(groups), FACTS)) == set(by_pairs)
