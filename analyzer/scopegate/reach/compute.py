"""From a plan and its graph to the reach of the change.

Two searches, each linear in vertices and edges: one from everything that takes the ground from under its dependents
(destroyed, replaced, forgotten), one step far, which finds the affected; one from every change, without a limit, which
finds the exposed. Data sources are passed through: they have no place of their own that could be touched.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from scopegate.graph.edges import Edge
from scopegate.graph.graph import DependencyGraph
from scopegate.plan.actions import Action
from scopegate.plan.address import Mode
from scopegate.plan.model import Instance, Plan
from scopegate.reach.model import How, Reach, Touch


def compute_reach(plan: Plan, graph: DependencyGraph) -> Reach:
    """Return every touch of the change that ``plan`` makes, each with the step it was reached by."""
    instances = plan.instances
    is_data = [instance.mode is Mode.DATA for instance in instances]
    direct = [position for position, instance in enumerate(instances) if instance.is_direct]
    # A pure move or import changes no attribute, so nobody downstream can notice it.
    changing = [position for position in direct if instances[position].action.changes_something]
    undermining = [position for position in changing if instances[position].action.takes_the_ground]

    affected = _steps(graph, undermining, is_data)
    exposed = _steps(graph, changing, None)
    touches = {position: Touch(position, How.DIRECT) for position in direct}
    for edge in affected:
        if not is_data[edge.dependent]:
            touches.setdefault(edge.dependent, Touch(edge.dependent, How.AFFECTED, edge, _why(edge, instances)))
    for edge in exposed:
        if not is_data[edge.dependent]:
            touches.setdefault(edge.dependent, Touch(edge.dependent, How.EXPOSED, edge))
    trail = {edge.dependent: edge for edge in (*exposed, *affected)}
    return Reach(dict(sorted(touches.items())), trail)


def _steps(graph: DependencyGraph, starts: Iterable[int], onward: Sequence[bool] | None) -> list[Edge]:
    """Return the step to each instance reached from ``starts``, nearest first; ``onward`` None means everywhere."""
    search = graph.search_dependents(starts, onward.__getitem__) if onward else graph.search_dependents(starts)
    steps = (graph.step(search, instance) for instance in search.order)
    return [step for step in steps if step is not None]


def _why(edge: Edge, instances: Sequence[Instance]) -> str:
    ground = instances[edge.dependency]
    if not ground.action.takes_the_ground:
        return f"reads {ground.address}, whose source is taken away"
    return f"stands on {ground.address}, which is {_fate(ground.action)}"


def _fate(action: Action) -> str:
    match action:
        case Action.DELETE:
            return "destroyed"
        case Action.DELETE_THEN_CREATE | Action.CREATE_THEN_DELETE:
            return "replaced"
        case Action.FORGET | Action.CREATE_THEN_FORGET | Action.FORGET_THEN_CREATE:
            return "forgotten"
        case Action.NO_OP | Action.READ | Action.OPEN | Action.CREATE | Action.UPDATE | Action.INVOKE:
            raise AssertionError(f"{action} takes no ground")
        case _:
            assert_never(action)
