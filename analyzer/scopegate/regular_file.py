"""Reading the small files beside a plan: policies, rules, facts, scopes, and the data that ships with scopegate."""

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 16 * 1024**2
"""The largest such file that is read: the largest fact table has 2 MB."""


def read_regular_file(path: "str | Path", most: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file of at most ``most`` bytes.

    Raises:
        OSError: it cannot be read, is a pipe or a device (which may have no end, or say something else each time), or
            is larger; ``strerror`` says which.
    """
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = status_of_regular_file(file.fileno())
            # What /proc calls a regular file has no size, and some of it no end, or nothing to read yet.
            read = b"" if status.st_size > most else file.read(most + 1)
            if status.st_size > most or (read and len(read) > most):
                raise OSError(errno.EFBIG, f"it is larger than {most // 1024**2} MB")
            if read is None:
                raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            return read
    except ValueError:
        raise OSError(errno.EINVAL, "not a file name") from None


def beginning_of(path: "str | Path", length: int) -> bytes:
    """Return the first bytes of a regular file; none of what cannot be read, which whoever reads it all will say."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status_of_regular_file(file.fileno())
            return file.read(length) or b""
    except (OSError, ValueError):
        return b""


def _open_without_waiting(name: str, flags: int) -> int:
    # Opening a pipe that nobody writes to would wait for ever.
    return os.open(name, flags | os.O_NONBLOCK)


def status_of_regular_file(descriptor: int) -> os.stat_result:
    """Return the status of an open file.

    Raises:
        OSError: it is a pipe or a device.
    """
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return status


def read_shipped(*names: str) -> bytes:
    """Return the bytes of a file of ``scopegate_rules``, named by the steps that lead to it.

    By its loader, which reads from an archive too; importlib.resources takes longer to import than most plans to judge.
    """
    import scopegate_rules

    loader, folder = scopegate_rules.__loader__, scopegate_rules.__path__[0]
    read: bytes = loader.get_data(os.path.join(folder, *names))  # type: ignore[union-attr]
    return read
