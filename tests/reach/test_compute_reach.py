"""Who is touched, how, and by which path."""

import itertools

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from handmade import FACTS, graph, instance, link, plan
from scopegate.graph.edges import EdgeKind
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.actions import Action
from scopegate.plan.model import Plan
from scopegate.reach.compute import compute_reach
from scopegate.reach.model import How


def _hows(judged: Plan, edges: DependencyGraph) -> dict[str, str]:
    reach = compute_reach(judged, edges, FACTS)
    return {judged.instances[position].address: touch.how.value for position, touch in reach.touches.items()}


def test_an_updated_resource_is_direct_and_its_dependents_are_exposed() -> None:
    judged = plan(
        instance("aws_vpc.a", Action.UPDATE),
        instance("aws_subnet.a"),
        instance("aws_instance.a"),
        instance("aws_vpc.b"),
    )
    assert _hows(judged, graph(4, [(1, 0), (2, 1)])) == {
        "aws_vpc.a": "direct",
        "aws_subnet.a": "exposed",
        "aws_instance.a": "exposed",
    }


def test_what_stands_on_a_destroyed_replaced_or_forgotten_resource_is_affected_and_what_is_further_is_exposed() -> None:
    for action, fate in (
        (Action.DELETE, "destroyed"),
        (Action.DELETE_THEN_CREATE, "replaced"),
        (Action.CREATE_THEN_DELETE, "replaced"),
        (Action.FORGET, "forgotten"),
    ):
        judged = plan(instance("aws_vpc.a", action), instance("aws_lb.a"), instance("aws_lb_listener.a"))
        reach = compute_reach(judged, graph(3, [(1, 0), (2, 1)]), FACTS)
        assert [touch.how for touch in reach.touches.values()] == [How.DIRECT, How.AFFECTED, How.EXPOSED]
        assert reach.touches[1].why == f"stands on aws_vpc.a, which is {fate}"


def test_a_data_source_is_passed_through_but_is_no_touch() -> None:
    judged = plan(
        instance("aws_vpc.a", Action.DELETE), instance("data.aws_vpc.a", Action.READ), instance("aws_subnet.a")
    )
    reach = compute_reach(judged, graph(3, [(1, 0), (2, 1)]), FACTS)
    assert {position: touch.how for position, touch in reach.touches.items()} == {0: How.DIRECT, 2: How.AFFECTED}
    assert [(edge.dependency, edge.dependent) for edge in reach.path(2)] == [(0, 1), (1, 2)]


def test_a_part_whose_block_is_gone_says_all_the_same_by_which_argument_it_was_one() -> None:
    judged = plan(
        instance("aws_vpc_security_group_ingress_rule.only", Action.DELETE),
        instance("aws_security_group.database"),
        instance("aws_db_instance.shop"),
    )
    recorded = link(attribute="", reads="", kind=EdgeKind.STATE)
    reach = compute_reach(judged, graph(3, [(0, 1, recorded), (2, 1, link("vpc_security_group_ids"))]), FACTS)
    assert [touch.how for touch in reach.touches.values()] == [How.DIRECT, How.AFFECTED, How.AFFECTED]
    assert [edge.link.attribute for edge in reach.path(2)] == ["security_group_id", "vpc_security_group_ids"]


def test_a_move_is_direct_but_nobody_downstream_notices_it() -> None:
    judged = plan(instance("aws_vpc.b", previous_address="aws_vpc.a"), instance("aws_subnet.a"))
    assert _hows(judged, graph(2, [(1, 0)])) == {"aws_vpc.b": "direct"}


def test_an_import_is_direct_even_when_nothing_else_is_planned() -> None:
    assert _hows(plan(instance("aws_vpc.a", importing=True)), graph(1, [])) == {"aws_vpc.a": "direct"}


def test_an_action_of_a_provider_exposes_nobody_though_its_position_is_the_vertex_of_a_hub() -> None:
    judged = plan(
        instance("aws_vpc.a"), instance("aws_vpc.b"), instance("aws_subnet.a"), instance("aws_lambda.a", Action.INVOKE)
    )
    hubbed = DependencyGraph(3, [link()], [[3, -1], [3, -1], [], [2, 0]], [[], [], [3, 0], [0, -1, 1, -1]])
    assert _hows(judged, hubbed) == {"aws_lambda.a": "direct"}


def test_a_plan_without_changes_reaches_nothing() -> None:
    judged = plan(instance("aws_vpc.a"), instance("data.aws_vpc.b", Action.READ))
    assert _hows(judged, graph(2, [(1, 0)])) == {}


def test_a_path_leads_to_what_is_passed_on_the_way_and_is_no_touch_itself() -> None:
    judged = plan(instance("aws_vpc.a", Action.DELETE), instance("data.aws_vpc.a", Action.READ), instance("aws_lb.a"))
    reach = compute_reach(judged, graph(3, [(1, 0), (2, 1)]), FACTS)
    assert 1 not in reach.touches
    assert [(edge.dependency, edge.dependent) for edge in reach.path(1)] == [(0, 1)]


def test_a_path_begins_at_a_move_on_its_way_though_an_update_lies_before_it() -> None:
    moved = instance("aws_lb.a", previous_address="aws_lb.old")
    reach = compute_reach(
        plan(instance("aws_vpc.a", Action.UPDATE), moved, instance("aws_lb.b")), graph(3, [(1, 0), (2, 1)]), FACTS
    )
    assert reach.path(1) == ()
    assert [(edge.dependency, edge.dependent) for edge in reach.path(2)] == [(1, 2)]


def test_a_path_begins_at_the_nearest_change() -> None:
    judged = plan(
        instance("aws_vpc.a", Action.UPDATE), instance("aws_subnet.a", Action.UPDATE), instance("aws_instance.a")
    )
    reach = compute_reach(judged, graph(3, [(1, 0), (2, 1)]), FACTS)
    assert [(edge.dependency, edge.dependent) for edge in reach.path(2)] == [(1, 2)]
    assert reach.path(1) == ()


_EDGES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30)
_CHANGES = st.dictionaries(
    st.integers(0, 11), st.sampled_from([Action.UPDATE, Action.DELETE, Action.CREATE]), max_size=4
)


@settings(max_examples=60)
@given(_EDGES, _CHANGES)
def test_the_touches_are_the_changes_and_everything_that_depends_on_them(
    edges: list[tuple[int, int]], changes: dict[int, Action]
) -> None:
    judged = plan(*(instance(f"aws_vpc.v{n}", changes.get(n, Action.NO_OP)) for n in range(12)))
    oracle: nx.DiGraph[int] = nx.DiGraph([(dependency, dependent) for dependent, dependency in edges])
    oracle.add_nodes_from(range(12))
    expected = set(changes).union(*(nx.descendants(oracle, start) for start in changes))
    reach = compute_reach(judged, graph(12, edges), FACTS)
    assert set(reach.touches) == expected
    for position in expected:
        path = reach.path(position)
        nodes = [path[0].dependency, *(edge.dependent for edge in path)] if path else [position]
        assert nodes[0] in changes
        assert all(oracle.has_edge(a, b) for a, b in itertools.pairwise(nodes))


@settings(max_examples=60)
@given(_EDGES, _CHANGES, st.integers(0, 11), st.sampled_from([Action.UPDATE, Action.DELETE]))
def test_one_change_more_never_weakens_a_touch(
    edges: list[tuple[int, int]], changes: dict[int, Action], more: int, action: Action
) -> None:
    strength = list(How)

    def touches(actions: dict[int, Action]) -> dict[int, How]:
        judged = plan(*(instance(f"aws_vpc.v{n}", actions.get(n, Action.NO_OP)) for n in range(12)))
        return {n: touch.how for n, touch in compute_reach(judged, graph(12, edges), FACTS).touches.items()}

    before, after = touches(changes), touches({more: action, **changes})
    assert all(strength.index(after[n]) <= strength.index(how) for n, how in before.items())
