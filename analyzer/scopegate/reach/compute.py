"""From a plan and its graph to the reach of the change.

What flows from the changes makes the affected (``flow``); everything else that depends on a change, or on what a change
affects, through any chain, is exposed. Data sources are passed through: they have no place of their own that could be
touched. Linear in vertices and edges.
"""

from collections.abc import Mapping

from scopegate.graph.graph import DependencyGraph
from scopegate.plan.address import Mode
from scopegate.plan.model import Plan
from scopegate.reach.changes import Path
from scopegate.reach.flow import NO_CHANGES, FlowFacts, flow
from scopegate.reach.model import How, Reach, Touch


def compute_reach(
    plan: Plan, graph: DependencyGraph, facts: FlowFacts, elsewhere: Mapping[int, frozenset[Path]] = NO_CHANGES
) -> Reach:
    """Return every touch of the change that ``plan`` makes, each with the step it was reached by.

    ``elsewhere`` is what changes of a data source because the outputs of another stack do, by position.
    """
    instances = plan.instances
    direct = plan.direct
    affected = flow(instances, graph, facts, elsewhere)
    # A pure move or import changes nothing that anybody could notice; a provider action is in no graph.
    changing = [p for p in direct if p < graph.size and instances[p].action.changes_something]
    search = graph.search_dependents([*changing, *affected])

    touches = {position: Touch(position, How.DIRECT) for position in direct}
    trail = {position: step.edge for position, step in affected.items()}
    for position, step in affected.items():
        if instances[position].mode is not Mode.DATA:
            touches.setdefault(position, Touch(position, How.AFFECTED, step.edge, step.why))
    for position in search.order:
        edge = graph.step(search, position)
        if edge is not None:
            trail.setdefault(position, edge)
            if instances[position].mode is not Mode.DATA:
                touches.setdefault(position, Touch(position, How.EXPOSED, edge))
    return Reach(dict(sorted(touches.items())), trail)
