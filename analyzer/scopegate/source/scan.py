"""Finding the blocks of an HCL file, and the expressions of a template, without parsing what is in them.

Only strings, heredocs, comments and braces are told apart, which is enough to know where a block ends. So every block
has its line even where the parser cannot read what it says, and only the blocks that need it are parsed. Grammar:
hashicorp/hcl, hclsyntax/spec.md. Linear in the text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct


class ScanError(Exception):
    """The text is not HCL as far as its braces and strings go; ``line`` is where that shows."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class RawBlock(Struct, frozen=True):
    """A top-level block: its type and labels, its whole text, and the line it begins on."""

    kind: str
    labels: tuple[str, ...]
    text: str
    line: int


class Embedded(NamedTuple):
    """An expression within a template; ``bound`` are the names that a ``%{ for }`` around it gives a meaning."""

    text: str
    bound: frozenset[str]


_NAME = r"[^\W\d][\w-]*"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_BLANK = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_HEADER = re.compile(rf"({_NAME})((?:[ \t]*{_QUOTED}|[ \t]+{_NAME})*)[ \t]*{{")
_LABEL = re.compile(rf"{_QUOTED}|{_NAME}")
_CODE = re.compile(rf'"|#[^\n]*|//[^\n]*|/\*|<<-?({_NAME})\n|[{{}}]')
_QUOTED_PART = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"', re.DOTALL)
_TEMPLATE_PART = re.compile(r"\$\$\{|%%\{|[$%]\{~?")
_FOR = re.compile(rf"for\s+({_NAME})(?:\s*,\s*({_NAME}))?\s+in\s", re.DOTALL)


def split_blocks(text: str) -> Iterator[RawBlock]:
    """Yield the top-level blocks of a file.

    Raises:
        ScanError: what stands at its line is no block, or one that never ends.
    """
    position = _skip_blank(text, 0)
    line = 1
    counted = 0
    while position < len(text):
        line += text.count("\n", counted, position)
        counted = position
        header = _HEADER.match(text, position)
        if header is None:
            raise ScanError(line)
        end = _end(text, header.end(), "{", line)
        labels = tuple(label.strip('"') for label in _LABEL.findall(header.group(2)))
        yield RawBlock(header.group(1), labels, text[position:end], line)
        position = _skip_blank(text, end)


def _skip_blank(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _end(text: str, position: int, opening: str, line: int) -> int:
    """Return the position after what closes ``opening``; both of its kinds, ``{`` and ``${``, close with ``}``."""
    stack = [opening]
    while stack:
        part = (_QUOTED_PART if stack[-1] == '"' else _CODE).search(text, position)
        if part is None:
            raise ScanError(line)
        position = part.end()
        match part.group():
            case '"' if stack[-1] == '"':
                stack.pop()
            case '"' | "{" | "${" | "%{" as opened:
                stack.append(opened)
            case "}":
                stack.pop()
            case "/*":
                position = _after(text, "*/", position, line)
            case heredoc if heredoc.startswith("<<"):
                position = _after_heredoc(text, part.group(1), position, line)
            case _:
                pass  # an escape, or a comment to the end of its line
    return position


def _after(text: str, closing: str, position: int, line: int) -> int:
    found = text.find(closing, position)
    if found < 0:
        raise ScanError(line)
    return found + len(closing)


def _after_heredoc(text: str, marker: str, position: int, line: int) -> int:
    end = re.compile(rf"^[ \t]*{re.escape(marker)}[ \t]*$", re.MULTILINE).search(text, position)
    if end is None:
        raise ScanError(line)
    return end.end()


def embedded_expressions(template: str) -> Iterator[Embedded]:
    """Yield the expressions of ``${ }`` and ``%{ }`` in a template, such as the text of a heredoc or a JSON string.

    Raises:
        ScanError: one of them never ends.
    """
    bound: list[frozenset[str]] = [frozenset()]
    position = 0
    while part := _TEMPLATE_PART.search(template, position):
        position = part.end()
        opening = part.group()
        if opening in ("$${", "%%{"):
            continue
        end = _end(template, position, "{", 1)
        inner = template[position : end - 1].removesuffix("~").strip()
        position = end
        if opening.startswith("$"):
            yield Embedded(inner, bound[-1])
        elif loop := _FOR.match(inner):
            yield Embedded(inner[loop.end() :], bound[-1])
            bound.append(bound[-1].union(name for name in loop.groups() if name))
        elif inner == "endfor":
            bound = bound[:-1] or bound
        elif inner.startswith("if"):
            yield Embedded(inner[2:], bound[-1])
