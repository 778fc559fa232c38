"""The digest of a plan is the SHA-256 of its bytes, whichever code works it out."""

import hashlib
from threading import Thread

import pytest

from scopegate.plan.digest import begin_digest, sha256_of


@pytest.mark.parametrize("size", [0, 1, 2**19 - 1, 2**19, 2**20])
def test_the_digest_is_that_of_the_bytes(size: int) -> None:
    text = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert begin_digest(memoryview(text))() == hashlib.sha256(text).hexdigest()


def test_the_digest_is_that_of_the_bytes_where_no_thread_may_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refuse)
    assert begin_digest(b"x" * 2**20)() == hashlib.sha256(b"x" * 2**20).hexdigest()


def test_a_small_text_is_digested_as_by_the_standard_library(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = hashlib.sha256(b"plan").hexdigest()
    assert sha256_of(b"plan") == expected
    monkeypatch.setattr("scopegate.plan.digest._OWN", "_no_code_of_its_own")
    assert sha256_of(b"plan") == expected
