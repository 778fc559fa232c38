"""What comes out of Windows shells, and what is no text at all."""

import codecs

import pytest

from plan.documents import change, plan, written
from scopegate.errors import ExitCode, PlanError
from scopegate.plan.decode import decode_plan
from scopegate.plan.encoding import decode_text

TEXT = written(plan(change("aws_sqs_queue.warteschlange", after={"name": "grün 日本"}))).decode()


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
def test_a_plan_reads_the_same_in_every_encoding(raw: bytes) -> None:
    read = decode_plan(raw, "plan.json")
    assert [instance.address for instance in read.instances] == ["aws_sqs_queue.warteschlange"]
    assert bytes(read.instances[0].after) == '{"name":"grün 日本"}'.encode()


def test_only_what_was_utf_16_says_so() -> None:
    assert decode_text(TEXT.encode("utf-16"), "plan.json").was_utf16
    assert not decode_text(TEXT.encode(), "plan.json").was_utf16


@pytest.mark.parametrize(
    "raw", [b"", b" \r\n\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_LE + "\r\n".encode("utf-16-le")]
)
def test_an_empty_file_is_named_as_such(raw: bytes) -> None:
    with pytest.raises(PlanError, match=r"^plan\.json is empty, so there is no plan to judge") as refused:
        decode_text(raw, "plan.json")
    assert refused.value.exit_code is ExitCode.PLAN


@pytest.mark.parametrize(
    "raw",
    [b"\x7fELF\x02\x01\x01\x00\x00", b"\x1f\x8b\x08\x00plan", b'{"a":"\xff"}', b'{"a":"\x00"}', b"\xfe", b"\x00" * 80],
)
def test_binary_junk_is_named_as_such(raw: bytes) -> None:
    with pytest.raises(PlanError, match=r"^plan\.json is binary data and neither plan JSON nor a saved plan"):
        decode_text(raw, "plan.json")


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
