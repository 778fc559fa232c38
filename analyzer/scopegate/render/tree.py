"""The reach as a tree of plain characters: under each change what hangs on it, and by which argument."""

import sys
from collections.abc import Callable, Iterator

from msgspec import Struct

from scopegate.render.columns import width_of
from scopegate.verdict.report import Report, Resource


class Branch(Struct, frozen=True):
    """One line of the tree: the rails before it, and the resource."""

    rails: str
    resource: Resource


def branches(report: Report) -> Iterator[Branch]:
    """Yield the lines of the tree from the top; changes that nothing hangs on are left out.

    A resource stands under the one before it in its path of cause, so each stands once.
    """
    children: dict[str, list[Resource]] = {}
    for resource in report.resources:
        if len(resource.path) > 1:
            children.setdefault(resource.path[-2].address, []).append(resource)
    roots = [r for r in report.resources if len(r.path) == 1 and r.address in children]
    # Depth first with a stack of its own: a chain may be longer than Python recurses.
    waiting = [(root, "", "") for root in reversed(roots)]
    shown: set[int] = set()
    while waiting:
        resource, rails, below = waiting.pop()
        if id(resource) in shown:
            continue
        shown.add(id(resource))
        yield Branch(rails, resource)
        hanging = children.get(resource.address, [])
        for position in range(len(hanging) - 1, -1, -1):
            is_last = position == len(hanging) - 1
            waiting.append(
                (hanging[position], below + ("`-- " if is_last else "|-- "), below + ("    " if is_last else "|   "))
            )


def in_words(branch: Branch, name: Callable[[str], str], width: int = sys.maxsize) -> str:
    """Return a line of the tree: rails, address, what happens to it, and, where there is room, by which argument."""
    resource = branch.resource
    by = resource.path[-1].attribute if len(resource.path) > 1 else ""
    line = f"{branch.rails}{name(resource.address)}  {name(resource.change or resource.how.value)}"
    whole = f"{line} (by {name(by)})" if by else line
    return whole if width_of(whole) <= width else line
