"""The graph for programs: every instance is a node of its own, also one that nothing can depend on."""

from graph.written import block, change, plan_of
from scopegate.graph.as_networkx import to_networkx
from scopegate.graph.build import build_graph


def test_a_deposed_object_is_a_node_beside_the_current_one_and_what_has_no_vertex_is_a_node_without_edges() -> None:
    root = {"resources": [block("aws_vpc.v"), block("aws_subnet.s", {"vpc": ["aws_vpc.v.id", "aws_vpc.v"]})]}
    deposed = change("aws_subnet.s", ["delete"], deposed="0a1b2c3d")
    plan = plan_of(["aws_vpc.v", "aws_subnet.s", deposed], root)
    # such as the action of a provider, which the graph does not know
    (action,) = plan_of(["aws_action.a"]).instances
    made = to_networkx((*plan.instances, action), build_graph(plan))
    assert list(made) == ["aws_vpc.v", "aws_subnet.s", "aws_subnet.s (deposed 0a1b2c3d)", "aws_action.a"]
    assert sorted(made.edges()) == [("aws_subnet.s", "aws_vpc.v"), ("aws_subnet.s (deposed 0a1b2c3d)", "aws_vpc.v")]
