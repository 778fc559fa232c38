"""The plans of one change, each read and laid out by itself: one after the other, or in several processes at once.

How many processes there are makes no difference to what comes out, nor to which error is said: that of the first plan
which has one. Memory: what each process needs for the plan it is at, and what is kept of all plans (``plan.kept``).
"""

import gc
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from scopegate.analyze import Knowledge, LaidOut, Options, Planned, lay_out
from scopegate.plan.joined import refuse_twice

WORTH_SHARING: Final = 4 * 2**20
"""Bytes of plans below which starting processes takes longer than they save."""
MOST_PROCESSES: Final = 8
"""As many as are started unasked: each takes memory, and what is left to do in one process soon takes longer."""


class Unread(Struct, frozen=True):
    """One plan of a change before it is read: what messages call it, how it is read, and its bytes where known."""

    path: str
    read: Callable[[], Planned]
    size: int = 0


def lay_out_all(
    plans: Sequence[Unread],
    knowledge: Knowledge,
    options: Options,
    *,
    jobs: int | None = 1,
    begun: Callable[[str], None] = lambda _: None,
) -> tuple[LaidOut, ...]:
    """Return what is known of each plan by itself, for ``analyze_together``.

    At most ``jobs`` plans are read at once, each in a process of its own; with None as many as pays here. ``begun`` is
    told the path of each plan when its reading begins.

    Raises:
        ScopegateError: there is no plan, two have one name, or one cannot be judged; of several the first is named.
    """
    refuse_twice([plan.path for plan in plans])

    alone = len(plans) == 1

    def work(number: int) -> LaidOut:
        if not alone:
            _let_go()
        return lay_out(plans[number].read(), knowledge, options, alone=alone)

    def begin(number: int) -> None:
        begun(plans[number].path)

    if not alone:
        _let_go()
    if sum(plan.size for plan in plans) >= WORTH_SHARING:
        import hashlib  # noqa: F401 - where it is loaded it makes the digests (``plan.digest``), many times as fast

    processes = _processes_for([plan.size for plan in plans], jobs)
    if processes == 1:
        return tuple(_one_by_one(range(len(plans)), work, begin))
    from scopegate.processes import share_out

    largest_first = sorted(range(len(plans)), key=lambda number: plans[number].size, reverse=True)
    found = share_out(work, largest_first, processes, name=lambda number: plans[number].path, begun=begin)
    return tuple(found[number] for number in range(len(plans)))


def _one_by_one(
    numbers: Iterable[int], work: Callable[[int], LaidOut], begin: Callable[[int], None]
) -> Iterable[LaidOut]:
    for number in numbers:
        begin(number)
        yield work(number)


def _let_go() -> None:
    """Free what only circles of references hold, where nobody else does: it holds the whole text of a plan.

    What is left is left out the next time, so that the cost is that of one plan and not of all before it.
    """
    if not gc.isenabled():
        gc.collect()
        gc.freeze()


def _processes_for(sizes: Sequence[int], jobs: int | None) -> int:
    """Return how many processes read plans of these sizes; 1 is this one itself."""
    if len(sizes) == 1 or jobs == 1 or (jobs is None and sum(sizes) < WORTH_SHARING):
        return 1
    from scopegate.processes import can_share_out, processors

    if not can_share_out():
        return 1
    return min(len(sizes), jobs or min(processors(), MOST_PROCESSES))
