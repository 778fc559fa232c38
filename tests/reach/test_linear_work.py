"""The work of the reach grows with the plan and not faster. Work is counted; how long it takes, no test asks."""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

import pytest
from benchmarks.estate import Shape
from benchmarks.generate import Writer
from benchmarks.trust.large_plans import block, bucket, plan_of

from handmade import FACTS, instance, link, plan
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.graph.graph import NO_LINK, DependencyGraph
from scopegate.plan.actions import Action
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan
from scopegate.reach.compute import compute_reach
from scopegate.reach.model import How


class Counted(Sequence[Sequence[int]]):
    """The neighbours of each vertex; counts how often those of each are asked for."""

    def __init__(self, neighbours: Sequence[Sequence[int]]) -> None:
        self.neighbours = neighbours
        self.asked: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self.neighbours)

    @overload
    def __getitem__(self, index: int) -> Sequence[int]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[int]]: ...
    def __getitem__(self, index: int | slice) -> Sequence[int] | Sequence[Sequence[int]]:
        if isinstance(index, int):
            self.asked[index] += 1
        return self.neighbours[index]

    def __iter__(self) -> Iterator[Sequence[int]]:
        self.asked.update(range(len(self.neighbours)))
        return iter(self.neighbours)

    @property
    def edges_passed(self) -> int:
        """How many edges were looked at, each as often as it was."""
        return sum(times * len(self.neighbours[vertex]) // 2 for vertex, times in self.asked.items())


class Work(NamedTuple):
    """What a plan was, and what its reach took."""

    instances: int
    changes: int
    edges: int
    passed: int
    touched: int


def generated(shape: Shape) -> Plan:
    text = io.StringIO()
    Writer(shape, text.write).plan()
    return decode_plan(text.getvalue().encode(), "plan.json")


def work(judged: Plan) -> Work:
    graph = build_graph(judged)
    outward, inward = Counted(graph.dependents), Counted(graph.dependencies)
    counted = DependencyGraph(graph.size, graph.links, outward, inward)
    reach = compute_reach(judged, counted, load_facts())
    return Work(
        instances=len(judged.instances),
        changes=sum(one.is_direct for one in judged.instances),
        edges=sum(map(len, graph.dependents)) // 2,
        passed=outward.edges_passed + inward.edges_passed,
        touched=len(reach.touches),
    )


@pytest.mark.parametrize(
    ("small", "large"),
    [
        (Shape(600, share=0.1), Shape(2_400, share=0.1)),
        (Shape(600, share=0.1, copies=20), Shape(2_400, share=0.1, copies=20)),
        (Shape(600, share=0.1, chains=20), Shape(2_400, share=0.1, chains=20)),
    ],
    ids=["mixed", "counted", "chained"],
)
def test_four_times_the_plan_is_four_times_the_work(small: Shape, large: Shape) -> None:
    before, after = work(generated(small)), work(generated(large))
    growth = after.instances / before.instances
    assert 3.5 < growth < 4.5
    assert before.changes > 20
    assert after.edges < 1.25 * growth * before.edges
    assert after.passed < 1.25 * growth * before.passed


def test_each_edge_is_looked_at_a_few_times_and_no_more() -> None:
    found = work(generated(Shape(1_000, share=0.1)))
    assert found.touched > found.changes
    assert found.passed < 4 * found.edges


def all_of_one_block_read_all_of_another(instances: int) -> tuple[Plan, DependencyGraph]:
    """Return a plan in which every one of these instances changes and is read by every one of as many others."""
    changed = [instance(f"aws_vpc.a[{n}]", Action.UPDATE, {"id": "a"}, {"id": "b"}) for n in range(instances)]
    readers = [instance(f"aws_instance.b[{n}]") for n in range(instances)]
    hub, size = 2 * instances, 2 * instances
    dependents: list[list[int]] = [[hub, NO_LINK] for _ in changed] + [[] for _ in readers]
    dependencies: list[list[int]] = [[] for _ in changed] + [[hub, 0] for _ in readers]
    dependents.append([word for reader in range(instances, size) for word in (reader, 0)])
    dependencies.append([word for one in range(instances) for word in (one, NO_LINK)])
    return plan(*changed, *readers), DependencyGraph(size, [link()], dependents, dependencies)


@pytest.mark.parametrize("instances", [10, 100])
def test_a_hub_hands_on_each_news_once_however_many_tell_it(instances: int) -> None:
    judged, graph = all_of_one_block_read_all_of_another(instances)
    outward = Counted(graph.dependents)
    reach = compute_reach(judged, DependencyGraph(graph.size, graph.links, outward, graph.dependencies), FACTS)
    assert sum(touch.how is How.AFFECTED for touch in reach.touches.values()) == instances
    hub = graph.size
    assert outward.asked[hub] <= 2  # once by what flows and once by the search, and not once for each that changes
    assert max(outward.asked.values()) <= 2


def read_whole(outputs: int, readers: int) -> Plan:
    """Return a plan in which all outputs of a module change, and resources that stay read the module as a whole."""
    puts_out = {f"o{n}": {"expression": {"references": [f"aws_s3_bucket.x{n}.arn"]}} for n in range(outputs)}
    module = {"source": "./m", "module": {"resources": [block(f"x{n}") for n in range(outputs)], "outputs": puts_out}}
    changed = [bucket(f"x{n}") for n in range(outputs)]
    for change in changed:
        change |= {"address": f"module.m.{change['address']}", "module_address": "module.m"}
        change["change"] |= {"after": change["change"]["after"] | {"arn": "other"}}
    still = [bucket(f"r{n}") for n in range(readers)]
    for one in still:
        one["change"] |= {"actions": ["no-op"], "after": one["change"]["before"]}
    root = {"resources": [block(f"r{n}", "module.m") for n in range(readers)], "module_calls": {"m": module}}
    return decode_plan(plan_of([*changed, *still], root), "plan.json")


def test_of_all_outputs_of_a_module_that_is_read_as_a_whole_the_same_is_told_once() -> None:
    small, large = work(read_whole(40, 40)), work(read_whole(160, 160))
    assert large.touched == large.instances == 320
    assert large.edges <= 4 * small.edges
    assert large.passed <= 4 * small.passed
    assert large.passed <= 4 * large.edges
