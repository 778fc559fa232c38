"""For whom the news of a change are news at all.

What the plan acts on is touched anyhow, so news matter only where they come, over however many changes, to somebody
that the plan leaves as it is. Where a plan creates or destroys nearly everything, that is almost nowhere. Linear in the
edges.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from scopegate.graph.graph import DependencyGraph
from scopegate.plan.model import Instance


def everybody(graph: DependencyGraph) -> bytearray:
    """Return an audience for the news of every vertex."""
    return bytearray(b"\1") * len(graph.dependents)


def audience_of(
    instances: Sequence[Instance],
    graph: DependencyGraph,
    direct: Collection[int],
    named: Iterable[int],
    is_part: Callable[[str], bool],
) -> bytearray:
    """Return, as 1 or 0 for each vertex, whether its news may come to an instance that the plan leaves as it is.

    ``direct`` are the instances that the plan acts on. An instance tells its dependents and, if its type ``is_part`` of
    others, those it depends on; ``named`` are those that tell somebody beside these. A vertex that shares a hub with
    one that is heard may be marked without being it.
    """
    if 2 * len(direct) <= graph.size:  # then nearly every change is heard, and finding out costs more than it saves
        return everybody(graph)
    acted_on = frozenset(direct)
    waiting = [*(position for position in range(graph.size) if position not in acted_on), *named]
    heard = bytearray(len(graph.dependents))
    for position in waiting:
        heard[position] = 1
    while waiting:
        vertex = waiting.pop()
        tellers = graph.dependencies[vertex][::2]
        below = graph.dependents[vertex][::2]
        parts = [other for other in below if other >= graph.size or is_part(instances[other].type)]
        for other in (*tellers, *parts):
            if not heard[other]:
                heard[other] = 1
                waiting.append(other)
    return heard
