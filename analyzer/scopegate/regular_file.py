"""Reading the small files beside a plan: policies, rules, facts, scopes."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 16 * 1024**2
"""The largest such file that is read: the largest fact table has 2 MB."""


def read_regular_file(path: str | Path, most: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file of at most ``most`` bytes.

    Raises:
        OSError: it cannot be read, is a pipe or a device (which may have no end, or say something else each time), or
            is larger; ``strerror`` says which.
    """
    try:
        # Opening a pipe that nobody writes to would wait for ever.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "it is no regular file")
            if status.st_size > most:
                raise OSError(errno.EFBIG, f"it is larger than {most // 1024**2} MB")
            return file.read()
    except ValueError:
        raise OSError(errno.EINVAL, "not a file name") from None
