"""The digest of a plan's bytes, worked out beside the reading of them.

hashlib lets other threads run while it works, so on two cores the digest of a large plan takes no time of its own.
"""

import hashlib
from collections.abc import Callable
from threading import Thread
from typing import Final

_LARGE: Final = 2**20
"""Below this many bytes a thread takes longer than the digest."""


def begin_digest(raw: bytes | memoryview) -> Callable[[], str]:
    """Begin to digest ``raw`` and return what waits for the end of it and returns the SHA-256 in hex."""
    digest = hashlib.sha256()
    if len(raw) < _LARGE:
        digest.update(raw)
        return digest.hexdigest
    worker = Thread(target=digest.update, args=(raw,), daemon=True)
    worker.start()

    def finish() -> str:
        worker.join()
        return digest.hexdigest()

    return finish
