"""Makes the words of a plan's author safe to show. Nothing prints plan text without it.

Addresses, keys and names may hold terminal escape sequences, line breaks, and characters that reorder or hide text
(CVE-2021-42574, "Trojan Source"); they are shown by their code points instead.
"""

import unicodedata

_SPELLED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str) -> str:
    """Return ``text`` on one line, every control, format, unassigned or surrogate character spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(character) for character in text)


def _spelled(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    if character in _SPELLED:
        return _SPELLED[character]
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
