"""Work that is shared out to processes, each a copy of this one, so that what was prepared here is there at no cost.

A worker is handed one piece at a time and sends back what came of it, so it is always known what each of them is at.
The pieces are numbered, and of several that fail the smallest counts, as if one process had done them in order. What
comes back is read as values of this package's own types, and as nothing else.
"""

import os
import pickle
import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any, Final, NoReturn, TypeVar

from scopegate.errors import CrashError, ScopegateError, crash_of

T = TypeVar("T")

_NUMBER_BYTES: Final = 8
"""Of the number of a piece, and of the length before each answer."""
_ENDING: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def can_share_out() -> bool:
    """Return whether this process can be copied: on Linux, and while no other thread of it runs.

    A lock that another thread holds would stay held in the copy. On macOS the system's own libraries may have such
    threads (docs.python.org/3/library/multiprocessing.html, "Contexts and start methods", read 2026-11-26).
    """
    return sys.platform == "linux" and threading.active_count() == 1


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def share_out(
    work: Callable[[int], T],
    pieces: Sequence[int],
    workers: int,
    *,
    name: Callable[[int], str],
    begun: Callable[[int], None] = lambda _: None,
) -> dict[int, T]:
    """Return what ``work`` makes of each of ``pieces``, done by so many ``workers``.

    They are begun in the order given; ``begun`` is told each. Once one fails, only smaller ones are still done.
    ``name`` says in a message which piece is meant.

    Raises:
        ScopegateError: of the smallest piece that failed: what it raised, or that its worker crashed or was ended.
    """
    crew: list[_Worker] = []
    try:
        _muster(crew, work, workers)
        if not crew:
            return {piece: work(piece) for piece in sorted(pieces)}
        return _Sharing(pieces, name, begun).run(crew)
    finally:
        for worker in crew:
            worker.dismiss()
        for worker in crew:
            worker.end()


def _muster(crew: list["_Worker"], work: Callable[[int], object], workers: int) -> None:
    """Add as many workers as the system grants, which may be fewer than are wanted."""
    # A signal in between would leave a process behind that nobody knows of.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        for _ in range(workers):
            crew.append(_start(work, crew, before))
    except OSError:
        return
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """One process, and the pipes to it and from it."""

    def __init__(self, process: int, orders: int, answers: int) -> None:
        self.process = process
        self.orders = orders
        self.answers = answers
        self._code: int | None = None

    def hand(self, piece: int) -> None:
        """Hand a piece of work to the process."""
        try:
            os.write(self.orders, piece.to_bytes(_NUMBER_BYTES, "big"))
        except BrokenPipeError:  # it has ended, which is noticed when there is no answer
            return

    def answer(self) -> bytes:
        """Return what the process answers, nothing where it ended before."""
        length = int.from_bytes(_read(self.answers, _NUMBER_BYTES), "big")
        answer = _read(self.answers, length)
        return answer if len(answer) == length else b""

    def dismiss(self) -> None:
        """Tell the process to stop; it tidies up first."""
        os.close(self.orders)
        os.close(self.answers)
        if self._code is None:  # else the number may be that of another process by now
            os.kill(self.process, signal.SIGTERM)

    def end(self) -> int:
        """Wait for the end of the process and return its exit code, or the signal that ended it as a negative one."""
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return self._code


class _Sharing:
    """Who is at which piece, what is left, and what came of what is done."""

    def __init__(self, pieces: Iterable[int], name: Callable[[int], str], begun: Callable[[int], None]) -> None:
        self._left = deque(pieces)
        self._name = name
        self._begun = begun
        self._at: dict[int, tuple[_Worker, int]] = {}
        self._done: dict[int, Any] = {}
        self._failed: dict[int, ScopegateError] = {}

    def run(self, crew: Iterable[_Worker]) -> dict[int, Any]:
        answers = select.poll()
        for worker in crew:
            answers.register(worker.answers, select.POLLIN)
            self._next(worker)
        while any(map(self._is_wanted, (piece for _, piece in self._at.values()))):
            for pipe, _ in answers.poll():
                if pipe in self._at:
                    self._take(*self._at.pop(pipe))
                else:  # one without work has ended
                    answers.unregister(pipe)
        if self._failed:
            raise self._failed[min(self._failed)]
        return self._done

    def _is_wanted(self, piece: int) -> bool:
        return not self._failed or piece < min(self._failed)

    def _next(self, worker: _Worker) -> None:
        while self._left:
            piece = self._left.popleft()
            if self._is_wanted(piece):
                self._at[worker.answers] = worker, piece
                self._begun(piece)
                worker.hand(piece)
                return

    def _take(self, worker: _Worker, piece: int) -> None:
        answer = worker.answer()
        if not answer:
            self._failed[piece] = _ended(worker.end(), self._name(piece))
            return
        self._next(worker)  # before the answer is looked at, so that it need not wait for that
        found = _Reader(BytesIO(answer)).load()
        if isinstance(found, ScopegateError):
            self._failed[piece] = found
        else:
            self._done[piece] = found


def _ended(code: int, name: str) -> ScopegateError:
    how = f"was ended by signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"ended with exit code {code}"
    return CrashError(
        f"the process that read {name} {how}, so there is no verdict; if the memory ran out, let fewer plans be read "
        "at once with --jobs."
    )


class _Reader(pickle.Unpickler):
    """Reads values of this package's own types only: a pickle may name any function to be called."""

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("msgspec._utils", "rebuild"):  # how a structure with named fields alone is made again
            return super().find_class(module, name)
        found = super().find_class(module, name) if module.startswith("scopegate.") or module == "msgspec" else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is not expected here")
        return found


def _start(work: Callable[[int], object], crew: Iterable[_Worker], mask: Iterable[int]) -> _Worker:
    """Start a process that does ``work``, with the signals of ``mask`` held back; ``crew`` are those before it."""
    pipes: list[int] = []
    try:
        pipes += os.pipe()
        pipes += os.pipe()
        process = os.fork()
    except OSError:
        for pipe in pipes:
            os.close(pipe)
        raise
    orders, to_worker, from_worker, answers = pipes
    if process == 0:
        # Held open here, the pipes of the others would not end with the process that handed out the work.
        ours = (to_worker, from_worker, *(pipe for worker in crew for pipe in (worker.orders, worker.answers)))
        _serve(work, orders, answers, ours, mask)
    os.close(orders)
    os.close(answers)
    return _Worker(process, to_worker, from_worker)


def _serve(
    work: Callable[[int], object], orders: int, answers: int, others: Iterable[int], mask: Iterable[int]
) -> NoReturn:
    """Do what is asked for until nothing more is, and end without what the copied process would do at its end."""
    code = 1
    try:
        for pipe in others:
            os.close(pipe)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        while order := _read(orders, _NUMBER_BYTES):
            answer = _answer(work, int.from_bytes(order, "big"))
            _write(answers, len(answer).to_bytes(_NUMBER_BYTES, "big") + answer)
        code = 0
    finally:
        os._exit(code)


def _answer(work: Callable[[int], object], piece: int) -> bytes:
    try:
        return pickle.dumps(work(piece), pickle.HIGHEST_PROTOCOL)
    except ScopegateError as error:
        return pickle.dumps(error)
    except Exception as error:  # noqa: BLE001 - said by who handed out the work, as a crash of its own
        return pickle.dumps(CrashError(crash_of(error)))


def _read(pipe: int, count: int) -> bytes:
    """Return so many bytes of a pipe, fewer only where it ends."""
    parts = bytearray()
    while len(parts) < count and (part := os.read(pipe, min(count - len(parts), 2**20))):
        parts += part
    return bytes(parts)


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]
