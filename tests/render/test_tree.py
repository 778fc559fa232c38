"""The tree of the reach on a terminal."""

from msgspec.structs import replace

from render.reports import queue, report
from scopegate.place.placement import Placement
from scopegate.reach.model import How
from scopegate.render.tree import branches, in_words
from scopegate.verdict.report import Report, Resource, Step

_PLACE: Placement = report(queue("aws_sqs_queue.a", "eu-central-1")).resources[0].placement


def _resource(*path: str) -> Resource:
    """The last of ``path`` as it hangs on the others, by its argument ``by``."""
    steps = (Step(path[0]), *(Step(address, attribute="by", kind="reference") for address in path[1:]))
    how, change = (How.DIRECT, "update") if len(path) == 1 else (How.AFFECTED, None)
    return Resource(path[-1], None, "t", change, how, "", False, _PLACE, steps)


def _lines(*resources: Resource) -> list[str]:
    said: Report = replace(report(queue("aws_sqs_queue.a", "eu-central-1")), resources=resources)
    return [in_words(branch, str) for branch in branches(said)]


def test_each_resource_stands_under_the_one_it_hangs_on() -> None:
    assert _lines(
        _resource("a"), _resource("z"), _resource("a", "b"), _resource("a", "b", "c"), _resource("a", "d")
    ) == [
        "a  update",
        "|-- b  affected (by by)",
        "|   `-- c  affected (by by)",
        "`-- d  affected (by by)",
    ]


def test_a_change_that_nothing_hangs_on_has_no_tree() -> None:
    assert _lines(_resource("a"), _resource("z")) == []


def test_a_chain_deeper_than_python_recurses_is_a_tree_too() -> None:
    names = [f"n{number}" for number in range(3_000)]
    chain = [_resource(names[0]), *(_resource(*names[max(0, n - 1) : n + 1]) for n in range(1, len(names)))]
    assert len(_lines(*chain)) == len(names)
