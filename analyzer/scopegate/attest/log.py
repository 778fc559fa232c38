"""An append-only log of decisions, each line bound to the one before by its digest.

It shows that lines were changed, taken out or put in between; that the newest were cut off, or all was written anew, it
can only show to somebody who kept a digest elsewhere.
"""

import errno
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from scopegate.attest.statement import as_line
from scopegate.errors import UsageError
from scopegate.regular_file import read_regular_file, status_of_regular_file

BEGINNING: Final = "0" * 64
"""What the first line is bound to."""
LARGEST_LOG: Final = 1024**3
"""Of a log that is read; a decision on the largest change has about a megabyte."""
_DOMAIN: Final = b"scopegate/log/v1\n"
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """A line: a statement, the digest of the line before, and that of this one."""

    previous: str
    digest: str
    statement: msgspec.Raw


class _Occasion(msgspec.Struct):
    decided_at: str = ""
    repository: str = ""
    change: str = ""
    commit: str = ""


class _Person(msgspec.Struct):
    who: str


class _SignOffs(msgspec.Struct):
    accepted: tuple[_Person, ...] = ()


class Said(msgspec.Struct):
    """What a line of the log says in short: when, what, about which commit, and who signed."""

    verdict: str = ""
    occasion: _Occasion = msgspec.field(default_factory=_Occasion)
    sign_offs: _SignOffs = msgspec.field(default_factory=_SignOffs)


class Broken(Struct, frozen=True):
    """Where the chain breaks, and how."""

    line: int
    why: str


def append(file: Path, statement: dict[str, Any]) -> str:
    """Add a decision to a log and return its digest; the log is begun where there is none.

    Raises:
        UsageError: the log cannot be written, or is broken already.
    """
    try:
        with file.open("a+b", buffering=0) as log:
            status_of_regular_file(log.fileno())
            _lock(log.fileno())
            log.seek(0)
            if len(written := log.read(LARGEST_LOG + 1) or b"") > LARGEST_LOG:
                raise OSError(errno.EFBIG, f"it is larger than {LARGEST_LOG // 1024**2} MB")
            if broken := next(_problems(io.BytesIO(written)), None):
                raise UsageError(
                    f"{file}:{broken.line}: {broken.why}, so nothing is added to a log that cannot be trusted; keep "
                    "it, and begin another."
                )
            entry = _entry(_last_digest(written), as_line(statement))
            # A line without its end, as some editors leave the last one, must not become one with the next.
            end_of_last = b"" if written.endswith(b"\n") or not written else b"\n"
            _write_whole(log, end_of_last + msgspec.json.encode(entry) + b"\n")
    except OSError as error:
        raise UsageError(f"{file}: the log cannot be written ({error.strerror}), so no record is kept.") from error
    return entry.digest


def problems_in(file: Path) -> tuple[Broken, ...]:
    """Return where the chain of a log breaks; nothing where it holds.

    Raises:
        UsageError: it cannot be read.
    """
    return tuple(_problems(_lines(file)))


def entries_of(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the decisions of a log, oldest first, each with its digest.

    Raises:
        UsageError: it cannot be read, or a line of it is none of ours.
    """
    for number, line in enumerate(_lines(file), 1):
        try:
            entry = msgspec.json.decode(line, type=Entry)
            yield entry.digest, msgspec.json.decode(entry.statement, type=dict[str, Any])
        except _UNREADABLE as error:
            raise UsageError(f"{file}:{number}: this is no line of a log of decisions; name the right file.") from error


def said_in(statement: Mapping[str, Any], file: Path) -> Said:
    """Return what a statement of the log ``file`` says in short.

    Raises:
        UsageError: it is no statement on a decision.
    """
    try:
        return msgspec.convert(statement.get("predicate", {}), Said)
    except msgspec.ValidationError as error:
        raise UsageError(f"{file}: a line holds no decision ({error}); name the right file.") from error


def _lines(file: Path) -> Iterator[bytes]:
    """Return the lines of a log, one at a time: a list of a hundred million empty ones takes gigabytes."""
    try:
        return io.BytesIO(read_regular_file(file, LARGEST_LOG))
    except OSError as error:
        raise UsageError(f"{file}: the log cannot be read ({error.strerror}); name another.") from error


def _problems(lines: Iterable[bytes]) -> Iterator[Broken]:
    previous = BEGINNING
    for number, line in enumerate(lines, 1):
        try:
            entry = msgspec.json.decode(line, type=Entry)
        except _UNREADABLE:
            yield Broken(number, "this is no line of a log of decisions")
            return
        if entry.previous != previous:
            yield Broken(number, "it does not follow the line before: lines were taken out, put in or moved")
        if _digest(entry.previous, bytes(entry.statement)) != entry.digest:
            yield Broken(number, "it was changed after it was written")
        previous = entry.digest


def _write_whole(log: FileIO, line: bytes) -> None:
    """Write a line, or nothing: half a line would break the log for good, and a full disk writes half of one."""
    end = log.seek(0, os.SEEK_END)
    try:
        if log.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(log.fileno())
    except OSError:
        log.truncate(end)
        raise


def _entry(previous: str, statement: bytes) -> Entry:
    return Entry(previous, _digest(previous, statement), msgspec.Raw(statement))


def _digest(previous: str, statement: bytes) -> str:
    return hashlib.sha256(_DOMAIN + previous.encode() + b"\n" + statement).hexdigest()


def _last_digest(written: bytes) -> str:
    last = written[written.rfind(b"\n", 0, -1) + 1 :]
    return msgspec.json.decode(last, type=Entry).digest if last else BEGINNING


def _lock(descriptor: int) -> None:
    """Let two gates on one machine write one after the other."""
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX)
