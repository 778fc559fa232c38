"""From a path on the command line to a plan."""

import io
import os
import stat
import sys
from typing import IO, Final

from scopegate.errors import PlanError
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan

STANDARD_INPUT: Final = "-"

_ZIP_MAGIC: Final = b"PK\x03\x04"

_LARGE: Final = 2**20

_CONFIGURATION: Final = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars")

MAX_BYTES: Final = 2 * 1024**3
"""The largest input that is read: three times a plan of 100,000 resources (0.67 GB)."""


def read_plan(path: str) -> Plan:
    """Return the plan in the file ``path``, or in standard input for ``-``.

    A saved binary plan is converted by Terraform or OpenTofu. The digest is that of the bytes as they came in. They are
    read once and held: a mapped file could change between its digest and the verdict.

    Raises:
        PlanError: there is no plan in it that can be judged.
    """
    if path == STANDARD_INPUT:
        return plan_of(read_stream(sys.stdin.buffer, "standard input"), "standard input", None)
    raw = _read_file(path)
    if path.endswith(_CONFIGURATION):
        raise PlanError(
            f"{path} is configuration, which does not say what exists and so not what would change; "
            "make a plan in its folder with `terraform plan -out tfplan`, and hand over tfplan."
        )
    return plan_of(raw, path, path)


def plan_of(raw: bytes | memoryview, path: str, file: str | os.PathLike[str] | None) -> Plan:
    """Return the plan that ``raw`` holds, as plan JSON or saved; ``file`` is where it came from, if from a file.

    Raises:
        PlanError: there is no plan in it that can be judged.
    """
    if bytes(raw[: len(_ZIP_MAGIC)]) != _ZIP_MAGIC:
        return decode_plan(raw, path)
    from scopegate.plan.saved import show_saved_plan

    raw = bytes(raw)
    shown, tool = show_saved_plan(raw, file, path)
    return decode_plan(shown, path, raw, (f"{path} is a saved plan, read through `{tool} show -json`.",))


def _read_file(path: str) -> bytes | memoryview:
    try:
        with open(path, "rb", opener=_open_without_waiting) as opened:
            status = os.fstat(opened.fileno())
            _refuse_special_files(status.st_mode, path)
            _refuse_large(status.st_size, path)
            return _read_whole(opened, status.st_size)
    except IsADirectoryError:
        raise PlanError(f"{path} is a directory, not a plan; name the plan file in it.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        raise PlanError(
            f"{path} cannot be read ({reason}), so there is no plan to judge; check the name and its permissions."
        ) from None


def _read_whole(opened: IO[bytes], size: int) -> bytes | memoryview:
    """Return all that a file holds, a large one in memory of its own, of which parts can be given back."""
    if size < _LARGE:
        return opened.read() or b""  # of /proc a file may have nothing to read yet
    import mmap
    from contextlib import suppress

    # Private: of shared memory the system keeps what is given back.
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)
    with suppress(AttributeError, OSError):  # it takes half the time in large pages, which not every system has
        memory.madvise(mmap.MADV_HUGEPAGE)
    count = opened.readinto(memory)  # type: ignore[attr-defined]  # a buffered reader has it
    more = opened.read()
    if count == size and not more:
        return memoryview(memory).toreadonly()
    return memory[:count] + more  # it was written to meanwhile


def _open_without_waiting(name: str, flags: int) -> int:
    # Opening a pipe that nobody writes to would wait for ever.
    return os.open(name, flags | os.O_NONBLOCK)


def _refuse_special_files(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        raise PlanError(
            f"{path} is no regular file, so it could say something else each time it is read; pipe it in instead: "
            "`terraform show -json PLANFILE | scopegate review -`."
        )


def read_stream(source: IO[bytes], path: str) -> bytes:
    """Return all that ``source`` holds, which ``path`` names in messages.

    Raises:
        PlanError: it is larger than a plan may be.
    """
    read = io.BytesIO()
    while chunk := source.read(2**20):
        read.write(chunk)
        _refuse_large(read.tell(), path)
    return read.getvalue()


def _refuse_large(size: int, path: str) -> None:
    if size > MAX_BYTES:
        raise PlanError(
            f"{path} is larger than {MAX_BYTES / 1024**3:g} GiB, more than is read as one plan; "
            "plan the parts of the configuration on their own."
        )
