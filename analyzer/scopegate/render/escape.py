"""Makes the words of a plan's author safe to show. Nothing prints plan text without it.

Addresses, keys and names may hold terminal escape sequences, line breaks, and characters that reorder or hide text
(CVE-2021-42574, "Trojan Source"); they are shown by their code points instead.
"""

import re
from collections.abc import Iterator
from typing import Final

from scopegate.pattern import Pattern
from scopegate.render.encode import COMMAND

LONGEST_NAME: Final = 200
"""How many characters of one name are shown where a page has a size; a legal key may have thousands."""

_SPELLED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str) -> str:
    """Return ``text`` on one line, every control, format, unassigned or surrogate character spelled out."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(_spelled(character) for character in text)
    return without_commands(text)


def without_commands(text: str) -> str:
    """Return ``text`` without ``##[``, which GitHub's runner reads as a command anywhere in a line of a log.

    Nor with ``##vso[``, which the agent of Azure Pipelines does: a key of ``for_each`` set the variable that says
    whether people are asked. The other form, ``::``, is a command only at the start of a line, where no name may stand
    (actions/runner, src/Runner.Common/ActionCommand.cs, ``TryParse`` and ``TryParseV2``;
    microsoft/azure-pipelines-agent, src/Agent.Worker/Command.cs, ``TryParse``).
    """
    return _COMMAND.sub(r"##\1\\u005b", text) if "##" in text else text


_COMMAND: Final = Pattern(COMMAND)


def _spelled(character: str) -> str:
    import unicodedata

    if unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    return _SPELLED.get(character) or _by_number(character)


def _by_number(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def in_one_direction(text: str) -> str:
    """Return ``plain`` text with letters that are written from right to left spelled out as well.

    A terminal shows a line that holds one of them in another order (Unicode Standard Annex 9), the words of others too.
    """
    shown = plain(text)
    if shown.isascii():
        return shown
    import unicodedata

    return "".join(_by_number(c) if unicodedata.bidirectional(c) in _RIGHT_TO_LEFT else c for c in shown)


_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def visible(text: str, longest: int = LONGEST_NAME) -> str:
    """Return ``text`` in printable ASCII, everything else as ``\\u{hex}``; beyond ``longest`` it is cut and counted.

    Letters of other scripts are spelled out too: a Cyrillic o in a name is a different name.
    """
    shown = text[:longest]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(c if " " <= c <= "~" else f"\\u{{{ord(c):x}}}" for c in shown)
    return without_commands(shown) + _cut(text, longest)


def code(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a name as a code span of Markdown, where neither mentions nor links nor tags are read."""
    return _span(visible(text, longest))


def prose(text: str) -> str:
    """Return a sentence as Markdown: words stay words, everything that could be read as more becomes a code span.

    A backslash does not stop GitHub from reading ``@name`` or ``#1``, a code span does.
    """
    return _marked_up(visible(text, len(text)), _WORD)


def prose_of_policy(text: str) -> str:
    """Return a sentence of the policy as Markdown; it comes from the trusted branch, so letters of any script stay."""
    return _marked_up(plain(text), _WORD_OF_ANY_SCRIPT)


def in_table(markdown: str) -> str:
    """Return inline Markdown for the cell of a table, where a bar would end the cell, even within a code span."""
    return markdown.replace("|", "\\|")


def in_mermaid(text: str) -> str:
    """Return ``text`` for a quoted label of Mermaid, signs by its character codes, so that no tag or quote is read."""
    return "".join(c if c.isalnum() or c in " .,:_/-" else f"#{ord(c)};" for c in visible(text))


def in_dot(text: str) -> str:
    r"""Return ``text`` as a quoted string of DOT; a line break in it begins a line of the label.

    Graphviz reads ``\N`` and its like in labels as more than letters, so a backslash is doubled.
    """
    lines = (visible(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    label = "\\n".join(lines)
    return f'"{label}"'


def html(text: str) -> str:
    """Return a name as a ``code`` element, for places where HTML is read but Markdown is not, such as a summary."""
    from html import escape

    return f"<code>{escape(visible(text))}</code>"


LONGEST_SENTENCE: Final = 600
"""How many characters of one sentence are shown; a sentence may list every region of a plan."""

_NUMBER = "[0-9]+(?:,[0-9]{3})*|%"
_WORD = Pattern(rf"(\(?)([A-Za-z]+(?:['-][A-Za-z]+)*|{_NUMBER})(\)?[,.;:?]?\)?)")
_WORD_OF_ANY_SCRIPT = Pattern(rf"(\(?)([^\W\d_]+(?:['-][^\W\d_]+)*|{_NUMBER})(\)?[,.;:?]?\)?)")
# A word, or a command in backticks (`helm diff upgrade`), which stays in one piece.
_PIECE = Pattern(r"(?<!\S)(?P<before>\(*)`(?P<command>[^`]+)`(?P<after>\)?[,.;:?]?\)?)(?!\S)|\S+")
_TRIMMED = Pattern(r"(\(*)(.*?)(\)?[,.;:]?\)?)", re.DOTALL)


def _marked_up(text: str, word: Pattern) -> str:
    return " ".join(_marked(text[:LONGEST_SENTENCE], word)) + _cut(text, LONGEST_SENTENCE)


def _marked(text: str, harmless: Pattern) -> Iterator[str]:
    for place, piece in enumerate(_PIECE.finditer(text)):
        word = piece[0]
        if piece["command"]:
            yield f"{piece['before']}{_span(piece['command'])}{piece['after']}"
        # A number or a sign at the start of a line may begin a list.
        elif (match := harmless.fullmatch(word)) and (place or match[2][0].isalpha()):
            yield word
        else:
            before, name, after = _TRIMMED.fullmatch(word).groups()  # type: ignore[union-attr]
            yield f"{before}{_span(name)}{after}" if name else _span(word)


def _span(text: str) -> str:
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    padding = " " if not text or text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{padding}{text or ' '}{padding}{fence}"


def _cut(text: str, longest: int) -> str:
    return f"... (+{len(text) - longest} characters)" if len(text) > longest else ""
