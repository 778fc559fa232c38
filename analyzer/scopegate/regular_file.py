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
        # Opening a pipe that nobody writes to would wait for ever.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            status = status_of_regular_file(file.fileno())
            if status.st_size > most:
                raise OSError(errno.EFBIG, f"it is larger than {most // 1024**2} MB")
            return file.read()
    except ValueError:
        raise OSError(errno.EINVAL, "not a file name") from None


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
