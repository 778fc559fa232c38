"""The bytes of an input as UTF-8 text: byte order marks and UTF-16 are normal life on Windows.

PowerShell 5's ``terraform show -json tfplan > plan.json`` writes UTF-16 with a byte order mark, and some tools strip
the mark afterwards.
"""

import codecs

from msgspec import Struct

from scopegate.errors import PlanError


class Text(Struct, frozen=True):
    """UTF-8 without a byte order mark, and whether it was UTF-16 before."""

    utf8: bytes
    was_utf16: bool = False


def decode_text(raw: bytes, path: str) -> Text:
    """Return the text that ``raw`` holds.

    Raises:
        PlanError: ``raw`` is empty, no text, or UTF-16 that was damaged before it was written.
    """
    codec = _utf16_codec(raw)
    text = Text(raw.removeprefix(codecs.BOM_UTF8)) if codec is None else Text(_from_utf16(raw, codec, path), True)
    if not text.utf8 or text.utf8.isspace():
        raise PlanError(
            f"{path} is empty, so there is no plan to judge; the command that should have written it probably failed: "
            "run `terraform show -json PLANFILE` again and look at its messages."
        )
    if codec is None and not _is_utf8(text.utf8):
        raise PlanError(
            f"{path} is binary data and neither plan JSON nor a saved plan, so there is nothing to judge; "
            "make plan JSON with `terraform show -json PLANFILE > plan.json`."
        )
    return text


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


def _is_utf8(text: bytes) -> bool:
    if 0 in text:
        return False
    try:
        return text.isascii() or bool(text.decode())
    except UnicodeDecodeError:
        return False
