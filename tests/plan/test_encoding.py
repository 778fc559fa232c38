"""What comes out of Windows shells, and what is no text at all."""

import codecs

import pytest

from plan.documents import change, plan, written
from scopegate.errors import ExitCode, PlanError
from scopegate.plan.decode import decode_plan
from scopegate.plan.encoding import decode_text

Held = type[bytes] | type[memoryview]
"""A file is read as bytes, or mapped where it is large."""

TEXT = written(plan(change("aws_sqs_queue.warteschlange", after={"name": "grün 日本"}))).decode()


@pytest.mark.parametrize("held", [bytes, memoryview])
@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF16_LE + TEXT.replace("\n", "\r\n").encode("utf-16-le"),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16-le-bom", "utf-16-be-bom", "utf-16-le", "utf-16-be", "utf-16-le-bom-crlf"],
)
def test_a_plan_reads_the_same_in_every_encoding(raw: bytes, held: Held) -> None:
    read = decode_plan(held(raw), "plan.json")
    assert [instance.address for instance in read.instances] == ["aws_sqs_queue.warteschlange"]
    assert bytes(read.instances[0].after) == '{"name":"grün 日本"}'.encode()


def test_only_what_was_utf_16_says_so() -> None:
    assert decode_text(TEXT.encode("utf-16"), "plan.json").was_utf16
    assert not decode_text(TEXT.encode(), "plan.json").was_utf16


@pytest.mark.parametrize("held", [bytes, memoryview])
@pytest.mark.parametrize(
    "raw", [b"", b" \r\n\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_LE + "\r\n".encode("utf-16-le")]
)
def test_an_empty_file_is_named_as_such(raw: bytes, held: Held) -> None:
    with pytest.raises(PlanError, match=r"^plan\.json is empty, so there is no plan to judge") as refused:
        decode_text(held(raw), "plan.json")
    assert refused.value.exit_code is ExitCode.PLAN


@pytest.mark.parametrize("held", [bytes, memoryview])
@pytest.mark.parametrize(
    "raw",
    [b"\x7fELF\x02\x01\x01\x00\x00", b"\x1f\x8b\x08\x00plan", b'{"a":"\xff"}', b'{"a":"\x00"}', b"\xfe", b"\x00" * 80],
)
def test_binary_junk_is_named_as_such(raw: bytes, held: Held) -> None:
    with pytest.raises(PlanError, match=r"^plan\.json is binary data and neither plan JSON nor a saved plan"):
        decode_text(held(raw), "plan.json")


DAMAGED = "is UTF-16 text that was damaged when it was written"


def test_utf_16_that_breaks_off_within_a_character_is_damaged() -> None:
    with pytest.raises(PlanError, match=DAMAGED):
        decode_text(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")[:-1], "plan.json")


def test_utf_16_with_half_a_character_is_damaged() -> None:
    with pytest.raises(PlanError, match=DAMAGED):
        decode_text(codecs.BOM_UTF16_LE + b"\x00\xd8" + TEXT.encode("utf-16-le"), "plan.json")


def test_a_quote_swallowed_by_a_console_code_page_is_named_with_its_cure() -> None:
    """A Korean console read "…é\\"" of Terraform's UTF-8 as one character, and the quote was gone."""
    swallowed = TEXT.replace('日本"', "쇽", 1)
    with pytest.raises(PlanError, match=DAMAGED) as refused:
        decode_plan(swallowed.encode("utf-16"), "plan.json")
    assert 'cmd /c "terraform show -json PLANFILE > plan.json"' in str(refused.value)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    for held in (bytes, memoryview):
        assert bytes(decode_text(held(codecs.BOM_UTF8 + b"{}"), "plan.json").utf8) == b"{}"


@pytest.mark.parametrize("edge", [2**16 - 1, 2**16, 2**16 + 1])
@pytest.mark.parametrize("held", [bytes, memoryview])
def test_a_large_file_is_looked_at_to_its_end(edge: int, held: Held) -> None:
    # It is looked at in pieces of 65,536 bytes, and a character may lie across two of them.
    text = b'{"a":"' + b"x" * (edge - 7) + "é".encode() + b'"}'
    assert bytes(decode_text(held(text), "plan.json").utf8) == text
    for broken in (text[: edge - 1] + b"\xc3", text.replace(b"\xa9", b"x"), text[:-1] + b"\x00", text + b"\xc3"):
        with pytest.raises(PlanError, match="is binary data"):
            decode_text(held(broken), "plan.json")


def test_utf_16_is_told_by_its_zeros_where_it_has_no_byte_order_mark() -> None:
    # JSON begins with ASCII: seventeen of the first thirty-two characters are more than a quarter of 64 bytes.
    for codec in ("utf-16-le", "utf-16-be"):
        read = decode_text(('{"a":"' + "x" * 11 + "日" * 15 + '"}').encode(codec), "plan.json")
        assert (read.was_utf16, bytes(read.utf8)) == (True, ('{"a":"' + "x" * 11 + "日" * 15 + '"}').encode())
        with pytest.raises(PlanError, match="is binary data"):
            decode_text(('{"a":"' + "x" * 10 + "日" * 16 + '"}').encode(codec), "plan.json")
