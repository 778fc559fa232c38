"""Every reader of strangers' bytes: whatever they are, they are read or refused in a sentence, and in bounded time.

``make fuzz`` looks for longer, and by coverage; what it found stands here.
"""

import json
import time

import pytest
from benchmarks.trust.targets import TARGETS, ends_well
from hypothesis import given, settings
from hypothesis import strategies as st

PIECES = (
    *(b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\n", b"\\", b'"', b"'", b"{", b"}", b"[", b"]"),
    *(b"\\u0000", b"\\ud800", b"null", b"true", b"-0", b"1e999", b"9" * 5000, b"-" + b"9" * 400 + b".5", b"NaN"),
    *(b"[" * 3000, b'{"a":' * 3000, b"(" * 3000, b"a" * 20_000, b" " * 20_000, "\u202e\u2028\u0000\U000e0001".encode()),
)
EDIT = st.tuples(st.integers(0, 1 << 20), st.integers(0, 40), st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)))
MOST_SECONDS = 5.0


@st.composite
def damaged(draw: st.DrawFn, seeds: tuple[bytes, ...], words: tuple[bytes, ...]) -> bytes:
    data = draw(st.sampled_from(seeds)) if draw(st.integers(0, 9)) else draw(st.binary(max_size=200))
    edit = (
        EDIT if not words else st.one_of(EDIT, st.tuples(EDIT, st.sampled_from(words)).map(lambda e: (*e[0][:2], e[1])))
    )
    for position, length, piece in draw(st.lists(edit, min_size=1, max_size=4)):
        start = position % (len(data) + 1)
        data = data[:start] + piece + data[start + length :]
    return data


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_bytes_are_read_or_refused(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    text = data.draw(damaged(target.seeds, target.words))
    began = time.process_time()
    assert ends_well(target, text)
    assert time.process_time() - began < MOST_SECONDS


@pytest.mark.parametrize("name", TARGETS)
def test_there_are_good_bytes_to_begin_with(name: str) -> None:
    assert TARGETS[name].seeds
    assert all(ends_well(TARGETS[name], seed) for seed in TARGETS[name].seeds)


def answers(*lines: object) -> bytes:
    return b"0" + b"\n".join(json.dumps(line).encode() for line in lines)


REVIEW = {"id": 1, "state": "APPROVED", "user": {"id": 2, "login": "ann"}, "commit_id": "a" * 40}
STATUS = {"state": "pending", "context": "scopegate", "created_at": "2026-11-22T12:00:00Z", "creator": {"id": 1}}
FOUND = {
    "a review at a time without a zone": answers({}, [{**REVIEW, "submitted_at": "2026-11-22T12:00:00"}], [STATUS]),
    "a status at a time without a zone": answers({}, [], [{**STATUS, "created_at": "2026-11-22T12:00:00"}]),
    "a status in a state nobody knows": answers({}, [], [{**STATUS, "state": "perhaps"}]),
    "a review in a state nobody knows": answers({}, [{**REVIEW, "state": "perhaps"}], []),
    "a rule of another form": answers([{"type": "required_status_checks", "parameters": {"x": 1}}]),
    "a file in no base64": answers({"type": "file", "encoding": "base64", "content": "YQ"}),
    "a file of no text": answers({"type": "file", "encoding": "base64", "content": 7}),
    "an account without a number": answers([{**REVIEW, "user": {"login": "ann"}}], [REVIEW], [STATUS]),
    "no answer": b"0",
}


@pytest.mark.parametrize("name", FOUND)
def test_an_answer_that_was_found_to_crash_is_a_declared_error(name: str) -> None:
    assert ends_well(TARGETS["forge answers"], FOUND[name])
