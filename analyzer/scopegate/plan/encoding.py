"""The bytes of an input as UTF-8 text: byte order marks and UTF-16 are normal life on Windows.

PowerShell 5's ``terraform show -json tfplan > plan.json`` writes UTF-16 with a byte order mark, and some tools strip
the mark afterwards.
"""

import codecs
from typing import Final

from msgspec import Struct

from scopegate.errors import PlanError


class Text(Struct, frozen=True):
    """UTF-8 without a byte order mark, and whether it was UTF-16 before."""

    utf8: "bytes | memoryview"
    was_utf16: bool = False


def decode_text(raw: "bytes | memoryview", path: str) -> Text:
    """Return the text that ``raw`` holds.

    Raises:
        PlanError: ``raw`` is empty, no text, or UTF-16 that was damaged before it was written.
    """
    if isinstance(raw, memoryview):
        if bytes(raw[:1]) == b"{" and _is_utf8(raw):
            return Text(raw)
        raw = bytes(raw)
    codec = _utf16_codec(raw)
    utf8 = raw.removeprefix(codecs.BOM_UTF8) if codec is None else _from_utf16(raw, codec, path)
    if not utf8 or utf8.isspace():
        raise PlanError(
            f"{path} is empty, so there is no plan to judge; the command that should have written it probably failed: "
            "run `terraform show -json PLANFILE` again and look at its messages."
        )
    if codec is None and not _is_utf8(utf8):
        raise PlanError(
            f"{path} is binary data and neither plan JSON nor a saved plan, so there is nothing to judge; "
            "make plan JSON with `terraform show -json PLANFILE > plan.json`."
        )
    return Text(utf8, was_utf16=codec is not None)


def _utf16_codec(raw: bytes) -> str | None:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    beginning = raw[:64]
    low, high = beginning[0::2].count(0), beginning[1::2].count(0)
    # JSON begins with ASCII, of which UTF-16 makes every other byte zero.
    if high > len(beginning) // 4 and low == 0:
        return "utf-16-le"
    if low > len(beginning) // 4 and high == 0:
        return "utf-16-be"
    return None


def _from_utf16(raw: bytes, codec: str, path: str) -> bytes:
    try:
        return raw.decode(codec).encode()
    except UnicodeError:
        raise damaged_utf16(path) from None


def damaged_utf16(path: str) -> PlanError:
    """Return the error for UTF-16 whose text was already broken when it was written: it cannot be repaired.

    Seen where a Korean Windows console re-decoded Terraform's UTF-8 with its own code page, swallowing quotes.
    """
    return PlanError(
        f"{path} is UTF-16 text that was damaged when it was written: PowerShell's `>` read Terraform's UTF-8 in "
        "another code page, which cannot be repaired; write it again with "
        '`cmd /c "terraform show -json PLANFILE > plan.json"`.'
    )


def _is_utf8(text: "bytes | memoryview") -> bool:
    """Whether ``text`` is UTF-8 without zeros; looked at in pieces, since decoding a plan takes four times its size."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(text), _PIECE):
            piece = bytes(text[start : start + _PIECE])
            if 0 in piece:
                return False
            if not piece.isascii() or decoder.getstate()[0]:
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_PIECE: Final = 2**16
