"""The digest of a plan's bytes, worked out beside the reading of them.

hashlib lets other threads run while it works, so on two cores the digest of a large plan takes no time of its own. But
it loads OpenSSL, which takes longer than the digest of a small plan by the slower code that Python brings along.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Final

_LARGE: Final = 2**19
"""From so many bytes on OpenSSL and a thread pay."""

_OWN: Final = "_sha2" if sys.version_info >= (3, 12) else "_sha256"
"""Python's own code, for which the ``random`` module of the standard library looks as well, for the same reason."""


def begin_digest(raw: bytes | memoryview) -> Callable[[], str]:
    """Begin to digest ``raw`` and return what waits for the end of it and returns the SHA-256 in hex."""
    if len(raw) < _LARGE:
        found = sha256_of(raw)
        return lambda: found
    import hashlib
    from threading import Thread

    digest = hashlib.sha256()
    worker = Thread(target=digest.update, args=(raw,), daemon=True)
    try:
        worker.start()
    except RuntimeError:  # no thread more may be started here (`ulimit -u`, a container's pids.max)
        digest.update(raw)
        return digest.hexdigest

    def finish() -> str:
        worker.join()
        return digest.hexdigest()

    return finish


def sha256_of(text: bytes | memoryview) -> str:
    """Return the SHA-256 of a small text in hex, without loading OpenSSL where Python has code of its own."""
    if loaded := sys.modules.get("hashlib"):  # then OpenSSL's is the quicker one at any size
        return str(loaded.sha256(text).hexdigest())
    with suppress(ImportError):
        found: str = import_module(_OWN).sha256(text).hexdigest()
        return found
    import hashlib

    return hashlib.sha256(text).hexdigest()
