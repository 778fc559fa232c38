"""What depends on what, instance by instance, and how we know: each case judged by hand against its configuration."""

from pathlib import Path
from typing import Any

import pytest

from graph.record import ESTATES
from graph.written import block, change, edges, links, plan_of, state
from scopegate.errors import PlanError
from scopegate.graph.build import build_graph
from scopegate.graph.edges import EdgeKind, HiddenEdges, Link, Match
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan


def _recorded(name: str, plan: str = "created.json") -> Plan:
    return read_plan(str(ESTATES / name / plan))


def _dependencies(plan: Plan, dependent: str) -> set[str]:
    return {dependency for name, dependency in edges(plan) if name == dependent}


def test_an_edge_says_which_argument_reads_which_attribute() -> None:
    found = links(_recorded("plain"))
    assert found["terraform_data.subnet", "terraform_data.network"] == [
        Link(EdgeKind.REFERENCE, "input", "terraform_data.network.output", "output", Match.ONE),
        Link(EdgeKind.REFERENCE, "triggers_replace", "terraform_data.network.id", "id", Match.ONE),
    ]


def test_what_a_provisioner_reads_is_a_dependency() -> None:
    assert links(_recorded("plain"))["terraform_data.server", "terraform_data.banner"] == [
        Link(EdgeKind.REFERENCE, "provisioner.local-exec.command", "terraform_data.banner.output", "output", Match.ONE)
    ]


def test_depends_on_reads_nothing() -> None:
    found = links(_recorded("plain"))["terraform_data.server", "terraform_data.policy"]
    assert Link(EdgeKind.DEPENDS_ON, "", "terraform_data.policy", "", Match.ONE) in found


def test_a_data_source_is_a_vertex_between_what_it_reads_and_what_reads_it() -> None:
    found = edges(_recorded("plain"))
    assert ("terraform_data.record", "data.terraform_remote_state.other") in found
    assert ("data.terraform_remote_state.other", "terraform_data.stage") in found
    assert ("terraform_data.record", "terraform_data.stage") not in found


def test_a_reference_is_followed_through_outputs_of_outputs_and_variables_and_tells_its_way() -> None:
    found = links(_recorded("modules"))
    first = "module.platform.module.network.module.subnets.terraform_data.first"
    assert found["terraform_data.app", first] == [
        Link(
            EdgeKind.REFERENCE,
            "input",
            "terraform_data.first.id",
            "id",
            Match.ONE,
            (
                "module.platform.subnet",
                "module.platform.module.network.subnet",
                "module.platform.module.network.module.subnets.first",
            ),
        )
    ]
    vpc = "module.platform.module.network.terraform_data.vpc"
    assert found[vpc, "terraform_data.key"][0].via == (
        "module.platform.module.network.var.key",
        "module.platform.var.key",
    )
    assert found[vpc, "module.platform.terraform_data.log"][0].reads == "id"


def test_an_output_of_a_constant_and_an_input_that_nobody_reads_are_no_edge() -> None:
    plan = _recorded("modules")
    assert _dependencies(plan, "terraform_data.label") == set()
    assert all(dependency != "terraform_data.unused" for _, dependency in edges(plan))


def test_modules_with_the_same_keys_are_paired_key_by_key() -> None:
    found = links(_recorded("keyed-modules"))
    task, subnet = (
        'module.service["{}"].module.shard["blue"].terraform_data.task[0]',
        'module.network["{}"].terraform_data.subnet["a"]',
    )
    for region, other in (("eu", "us"), ("us", "eu")):
        read = [link for link in found[task.format(region), subnet.format(region)] if link.kind is EdgeKind.REFERENCE]
        assert [(link.reads, link.match) for link in read] == [("id", Match.SAME_KEY)]
        assert (task.format(region), subnet.format(other)) not in found


def test_blocks_within_a_module_instance_stay_within_it() -> None:
    plan = _recorded("keyed-modules")
    assert _dependencies(plan, 'module.network["eu"].terraform_data.route["b"]') == {
        'module.network["eu"].terraform_data.subnet["b"]'
    }
    assert _dependencies(plan, 'module.service["us"].module.shard["green"].terraform_data.alarm[1]') == {
        'module.service["us"].module.shard["green"].terraform_data.task[1]'
    }


def test_a_literal_key_of_a_module_means_that_instance_alone() -> None:
    plan = _recorded("keyed-modules")
    assert _dependencies(plan, "terraform_data.europe") == {'module.network["eu"].terraform_data.vpc'}
    assert _dependencies(plan, 'module.service["eu"].terraform_data.switch') == {
        'module.service["eu"].module.shard["blue"].terraform_data.task[0]'
    }


def test_an_own_key_is_no_proof_where_the_other_side_has_more_keys() -> None:
    found = links(_recorded("keyed-modules"))
    for region in ("eu", "us"):
        pair = ('terraform_data.america["us"]', f'module.service["{region}"].terraform_data.switch')
        assert Match.ALL in {link.match for link in found[pair]}


def test_a_loop_over_all_instances_reads_all_instances() -> None:
    dependencies = _dependencies(_recorded("keyed-modules"), "terraform_data.all")
    assert {'module.service["eu"].terraform_data.switch', 'module.service["us"].terraform_data.switch'} <= dependencies


def test_a_count_is_paired_by_index_where_both_sides_count_the_same() -> None:
    plan = _recorded("counts")
    assert _dependencies(plan, "terraform_data.subnet[1]") == {"terraform_data.zone[1]"}
    assert _dependencies(plan, "terraform_data.first") == {"terraform_data.subnet[0]"}
    assert len(_dependencies(plan, "terraform_data.balancer")) == 3
    assert len(_dependencies(plan, "terraform_data.node[1]")) == 3


def test_what_decides_that_a_resource_is_not_there_reaches_those_who_would_read_it() -> None:
    found = links(_recorded("counts"))
    (link,) = found["terraform_data.follower", "terraform_data.switch"]
    assert (link.reads, link.via) == ("input", ("terraform_data.optional",))
    # what the absent resource's other arguments would have read does not flow
    assert ("terraform_data.follower", "terraform_data.balancer") not in found


def test_for_each_over_a_resource_chains_instance_to_instance() -> None:
    plan = _recorded("chains")
    assert _dependencies(plan, 'terraform_data.route["b"]') == {'terraform_data.gateway["b"]'}
    found = links(plan)['terraform_data.gateway["a"]', 'terraform_data.vpc["a"]']
    assert {(link.kind, link.attribute, link.match) for link in found} == {
        (EdgeKind.REFERENCE, "input", Match.SAME_KEY),
        (EdgeKind.REPETITION, "for_each", Match.SAME_KEY),
    }


def test_for_each_of_a_module_over_a_resource_chains_instance_to_instance() -> None:
    plan = _recorded("chains")
    assert _dependencies(plan, 'module.site["a"].terraform_data.page') == {'terraform_data.vpc["a"]'}
    assert _dependencies(plan, 'module.site["b"].terraform_data.log') == {'terraform_data.vpc["b"]'}


def test_the_value_of_a_repetition_reads_no_more_than_the_repetition_does() -> None:
    found = links(_recorded("chains"))['terraform_data.check["a"]', 'module.site["a"].terraform_data.page']
    reads = {(link.attribute, link.reads) for link in found if link.kind is EdgeKind.REFERENCE}
    assert reads == {("input", "id")}


def test_a_map_of_keys_to_other_keys_is_not_paired_with_itself() -> None:
    assert _dependencies(_recorded("chains"), 'terraform_data.peer["a"]') == {
        'terraform_data.vpc["a"]',
        'terraform_data.vpc["b"]',
    }


def test_a_module_depends_on_what_its_call_waits_for_down_to_its_innermost_module() -> None:
    found = links(_recorded("module-waits"))
    pair = ("module.base.module.inner.terraform_data.deep", "terraform_data.account")
    assert found[pair] == [Link(EdgeKind.DEPENDS_ON, "", "terraform_data.account", "", Match.ONE, ("module.base",))]


def test_who_waits_for_a_module_waits_for_all_that_is_in_it() -> None:
    assert _dependencies(_recorded("module-waits"), "module.app.terraform_data.service") == {
        "terraform_data.account",  # through the output that is a constant
        "module.base.terraform_data.audit",
        "module.base.terraform_data.log",
        "module.base.module.inner.terraform_data.deep",
    }


def test_an_output_hands_on_its_own_depends_on_and_that_of_its_module() -> None:
    plan = _recorded("module-waits")
    assert "module.base.terraform_data.audit" in _dependencies(plan, "terraform_data.ready")
    assert _dependencies(plan, "terraform_data.constant") == {"terraform_data.account"}


def test_an_edge_to_a_module_that_is_not_there_goes_to_what_decides_so() -> None:
    assert "terraform_data.switch" in _dependencies(_recorded("module-waits"), "terraform_data.user")
    assert _dependencies(_recorded("module-waits"), "terraform_data.behind") == {"terraform_data.switch"}


def test_keys_of_every_kind_of_character_name_their_instance() -> None:
    plan = _recorded("odd-keys")
    assert _dependencies(plan, 'terraform_data.record["$${x}"]') == {'terraform_data.zone["$${x}"]'}
    assert _dependencies(plan, 'terraform_data.record["line\\nbreak"]') == {'terraform_data.zone["line\\nbreak"]'}
    assert _dependencies(plan, "terraform_data.invoice") == {
        'module.tenant["[\\"z\\"]"].terraform_data.module',
    }


def test_a_deleted_block_keeps_the_edges_that_the_state_recorded() -> None:
    found = links(_recorded("gone", "applied.json"))
    assert found["terraform_data.server", "terraform_data.subnet"] == [
        Link(EdgeKind.STATE, "", "terraform_data.subnet", "", Match.ONE)
    ]
    # the record also lists the network, which the subnet leads to
    assert ("terraform_data.server", "terraform_data.vpc") not in found


def test_a_record_from_before_a_move_means_the_block_of_today() -> None:
    plan = _recorded("gone", "applied.json")
    assert _dependencies(plan, "terraform_data.user") == {"terraform_data.new_name"}


def test_a_recorded_edge_stays_within_the_module_instance_that_both_stand_in() -> None:
    plan = plan_of(
        [change(f'module.m["{key}"].aws_{name}.x', ["delete"]) for key in "ab" for name in ("vpc", "subnet")],
        {},
        prior_state=state(
            {f'module.m["{key}"].aws_subnet.x': ["module.m.aws_vpc.x"] for key in "ab"}
            | {f'module.m["{key}"].aws_vpc.x': [] for key in "ab"}
        ),
    )
    assert edges(plan) == {
        ('module.m["a"].aws_subnet.x', 'module.m["a"].aws_vpc.x'),
        ('module.m["b"].aws_subnet.x', 'module.m["b"].aws_vpc.x'),
    }


def test_records_that_contradict_each_other_lose_no_edge() -> None:
    # Two objects each recorded to depend on the other (a reference that was turned round between two applies), and on
    # x: each record could be taken for the explanation of the other's edge to x.
    plan = plan_of(
        ["aws_a.a", "aws_b.b", "aws_x.x"],
        {"resources": [block("aws_a.a", {"in": ["aws_b.b.id", "aws_b.b"]}), block("aws_b.b"), block("aws_x.x")]},
        prior_state=state({"aws_a.a": ["aws_b.b", "aws_x.x"], "aws_b.b": ["aws_a.a", "aws_x.x"], "aws_x.x": []}),
    )
    found = edges(plan)
    assert ("aws_a.a", "aws_b.b") in found
    assert ("aws_b.b", "aws_x.x") in found or ("aws_a.a", "aws_x.x") in found


CLUSTER = {
    "resources": [
        block("google_container_cluster.main"),
        block("helm_release.app", provider_config_key="helm"),
    ],
    "module_calls": {
        "apps": {"module": {"resources": [block("helm_release.inner", provider_config_key="helm")]}},
    },
}
HELM: dict[str, Any] = {
    "aws": {"name": "aws"},
    "helm": {
        "name": "helm",
        "expressions": {
            "kubernetes": [
                {"host": {"references": ["google_container_cluster.main.endpoint", "google_container_cluster.main"]}}
            ]
        },
    },
}


def test_resources_of_a_provider_depend_on_what_its_configuration_reads() -> None:
    plan = plan_of(
        ["google_container_cluster.main", "helm_release.app", "module.apps.helm_release.inner"], CLUSTER, providers=HELM
    )
    expected = Link(
        EdgeKind.PROVIDER,
        "kubernetes.host",
        "google_container_cluster.main.endpoint",
        "endpoint",
        Match.ONE,
        ("provider helm",),
    )
    assert links(plan) == {
        ("helm_release.app", "google_container_cluster.main"): [expected],
        ("module.apps.helm_release.inner", "google_container_cluster.main"): [expected],
    }


def test_a_provider_of_which_only_a_part_is_read_from_elsewhere_is_waited_for() -> None:
    expressions = {**HELM["helm"]["expressions"], "burst_limit": {"constant_value": 100}}
    providers = {"aws": {"name": "aws"}, "helm": {"name": "helm", "expressions": expressions}}
    plan = plan_of(["google_container_cluster.main", "helm_release.app"], CLUSTER, providers=providers)
    assert edges(plan) == {("helm_release.app", "google_container_cluster.main")}


def test_before_terraform_1_2_the_provider_of_a_child_module_is_looked_for_in_the_root() -> None:
    root = {
        **CLUSTER,
        "module_calls": {
            "apps": {"module": {"resources": [block("helm_release.inner", provider_config_key="apps:helm")]}}
        },
    }
    plan = plan_of(["google_container_cluster.main", "module.apps.helm_release.inner"], root, providers=HELM)
    assert edges(plan) == {("module.apps.helm_release.inner", "google_container_cluster.main")}


def test_nobody_stands_on_a_deposed_object_beside_a_current_one_but_it_stands_on_what_its_block_needs() -> None:
    plan = plan_of(
        [
            "aws_vpc.a",
            change("aws_subnet.a"),
            change("aws_subnet.a", ["delete"], deposed="0a1b2c3d"),
            "aws_instance.a",
        ],
        {
            "resources": [
                block("aws_vpc.a"),
                block("aws_subnet.a", {"vpc_id": ["aws_vpc.a.id", "aws_vpc.a"]}),
                block("aws_instance.a", {"subnet_id": ["aws_subnet.a.id", "aws_subnet.a"]}),
            ]
        },
    )
    graph = build_graph(plan)
    assert {edge.dependency for edge in graph.dependencies_of(3)} == {1}
    assert {edge.dependency for edge in graph.dependencies_of(2)} == {0}


def test_where_only_the_deposed_object_is_left_its_dependents_stand_on_it() -> None:
    plan = plan_of(
        [change("aws_subnet.a", ["delete"], deposed="0a1b2c3d"), "aws_instance.a"],
        {
            "resources": [
                block("aws_subnet.a"),
                block("aws_instance.a", {"subnet_id": ["aws_subnet.a.id", "aws_subnet.a"]}),
            ]
        },
    )
    assert edges(plan) == {("aws_instance.a", "aws_subnet.a")}


def test_an_ephemeral_resource_is_no_instance_but_what_it_reads_is_read_through_it() -> None:
    plan = plan_of(
        ["aws_secret.a", "aws_db.a"],
        {
            "resources": [
                block("aws_secret.a"),
                block("ephemeral.aws_value.a", {"secret": ["aws_secret.a.id", "aws_secret.a"]}),
                block("aws_db.a", {"password": ["ephemeral.aws_value.a.value", "ephemeral.aws_value.a"]}),
            ]
        },
    )
    assert links(plan) == {
        ("aws_db.a", "aws_secret.a"): [
            Link(EdgeKind.REFERENCE, "password", "aws_secret.a.id", "id", Match.ONE, ("ephemeral.aws_value.a",))
        ]
    }


def test_a_plan_without_a_configuration_says_that_its_edges_are_incomplete() -> None:
    graph = build_graph(plan_of(["aws_vpc.a", "aws_subnet.a"]))
    assert graph.hidden == (HiddenEdges("aws_subnet.a", ()), HiddenEdges("aws_vpc.a", ()))


def test_a_data_source_is_not_incomplete_where_all_that_read_it_are_recorded() -> None:
    root = {
        "resources": [
            block("aws_vpc.a"),
            block("data.aws_zone.a", {"name": ["local.zone"]}),
            block("aws_record.a", {"zone": ["data.aws_zone.a.id", "data.aws_zone.a"]}),
        ]
    }
    known = {"aws_vpc.a": [], "data.aws_zone.a": [], "aws_record.a": ["aws_vpc.a", "data.aws_zone.a"]}
    recorded = plan_of(["aws_vpc.a", "aws_record.a"], root, prior_state=state(known))
    assert build_graph(recorded).hidden == ()
    assert ("aws_record.a", "aws_vpc.a") in edges(recorded)
    created = plan_of(["aws_vpc.a", change("data.aws_zone.a", ["read"]), change("aws_record.a", ["create"])], root)
    assert build_graph(created).hidden == (HiddenEdges("data.aws_zone.a", ("local.zone",)),)


def test_a_configuration_that_refers_to_itself_in_a_circle_is_refused() -> None:
    inner = {"outputs": {"out": {"expression": {"references": ["var.in"]}}}, "variables": {"in": {}}, "resources": []}
    call = {"expressions": {"in": {"references": ["module.m.out", "module.m"]}}, "module": inner}
    plan = plan_of(
        ["aws_vpc.a"],
        {"resources": [block("aws_vpc.a", {"id": ["module.m.out", "module.m"]})], "module_calls": {"m": call}},
    )
    with pytest.raises(PlanError, match="refers to itself in a circle"):
        build_graph(plan)


def test_a_chain_of_any_length_is_followed() -> None:
    depth = 3000
    calls = {
        f"m{n}": {
            "expressions": {
                "in": {
                    "references": [f"module.m{n - 1}.out", f"module.m{n - 1}"] if n else ["aws_vpc.a.id", "aws_vpc.a"]
                }
            },
            "module": {"outputs": {"out": {"expression": {"references": ["var.in"]}}}, "variables": {"in": {}}},
        }
        for n in range(depth)
    }
    last = f"module.m{depth - 1}"
    root = {
        "resources": [block("aws_vpc.a"), block("aws_subnet.a", {"vpc": [f"{last}.out", last]})],
        "module_calls": calls,
    }
    assert edges(plan_of(["aws_vpc.a", "aws_subnet.a"], root)) == {("aws_subnet.a", "aws_vpc.a")}


def test_hundreds_of_instances_on_both_sides_cost_a_sum_of_edges_and_not_a_product() -> None:
    count = 300
    root = {
        "resources": [
            block("aws_a.a", count_expression={"constant_value": count}),
            *(block(f"aws_b.b{n}", {"in": ["aws_a.a"], "also": ["aws_a.a"]}) for n in range(20)),
        ]
    }
    instances = [f"aws_a.a[{n}]" for n in range(count)] + [f"aws_b.b{n}[{i}]" for n in range(20) for i in range(count)]
    graph = build_graph(plan_of(instances, root))
    made = sum(map(len, graph.dependents)) // 2
    assert made == len(instances) + 20 * 2  # each instance gathers or is handed on to once, each link is drawn once
    assert len(list(graph.dependents_of(0))) == 20 * 2 * count


def test_modules_that_wait_for_modules_cost_a_sum_of_edges_and_not_a_product() -> None:
    size, modules = 100, 20

    def module(n: int) -> dict[str, object]:
        resources = [block(f"aws_a.a{i}") for i in range(size)]
        waits = [f"module.m{i}" for i in range(n)]
        return {"depends_on": waits, "module": {"resources": resources}}

    root = {"module_calls": {f"m{n}": module(n) for n in range(modules)}}
    instances = [f"module.m{n}.aws_a.a{i}" for n in range(modules) for i in range(size)]
    graph = build_graph(plan_of(instances, root))
    made = sum(map(len, graph.dependents)) // 2
    assert made <= 2 * len(instances) + modules * modules
    assert len(graph.search_dependents([0]).order) == 1 + (modules - 1) * size


def test_the_graph_of_every_recorded_plan_is_built_and_no_instance_depends_on_itself() -> None:
    plans = sorted((Path(__file__).resolve().parents[2] / "fixtures").glob("*/*/plan.json"))
    assert plans
    for path in plans:
        try:
            plan = read_plan(str(path))
        except PlanError:
            continue
        graph = build_graph(plan)
        assert all(edge.dependent != edge.dependency for n in range(graph.size) for edge in graph.dependencies_of(n))
