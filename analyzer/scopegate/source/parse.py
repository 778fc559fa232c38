"""The one place that knows python-hcl2: from the text of a block to its attributes and nested blocks.

Expressions stay trees of Lark; ``references`` reads them. The dictionaries that python-hcl2 makes of them are not used:
they hold expressions as text again, and since its version 8 no lines.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lark import Token, Tree

    Expression = Tree[Token]


class UnparsedError(Exception):
    """The parser cannot read this text."""


class Attribute(NamedTuple):
    """``name = expression``; ``line`` is counted from 1 in the text that was parsed."""

    name: str
    expression: "Expression"
    line: int


class Body(NamedTuple):
    """What stands in the braces of a block."""

    attributes: tuple[Attribute, ...]
    blocks: tuple["Block", ...]


class Block(NamedTuple):
    """A nested block; labels without their quotes."""

    kind: str
    labels: tuple[str, ...]
    body: Body


def parse_block(text: str) -> Block:
    """Return the block whose text this is.

    Raises:
        UnparsedError: the parser cannot read it.
    """
    (block,) = _parse(text).blocks
    return block


def parse_expression(text: str) -> "Expression":
    """Return the tree of an expression.

    Raises:
        UnparsedError: the parser cannot read it.
    """
    (attribute,) = _parse(f"value = ({text}\n)").attributes
    return attribute.expression


def subtrees(node: "Expression") -> "list[Expression]":
    """Return the children of a node that are not tokens."""
    return [child for child in node.children if not isinstance(child, str)]


def text_of(node: "Expression") -> str:
    """Return the text of a node, as it is written but for blanks.

    With a stack of its own: a sum of a thousand terms is a tree a thousand deep.
    """
    parts: list[str] = []
    waiting: list[Expression | Token] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            parts.append(part)
        else:
            waiting.extend(reversed(part.children))
    return "".join(parts)


def _parse(text: str) -> Body:
    import hcl2
    from lark.exceptions import LarkError

    try:
        (body,) = _of_kind(hcl2.parses_to_tree(f"{text}\n"), "body")
        return _body(body)
    except (LarkError, RecursionError) as error:
        raise UnparsedError from error


def _body(body: "Expression") -> Body:
    return Body(
        tuple(_attribute(node) for node in _of_kind(body, "attribute")),
        tuple(_block(node) for node in _of_kind(body, "block")),
    )


def _attribute(node: "Expression") -> Attribute:
    name, expression = subtrees(node)
    return Attribute(text_of(name), expression, node.meta.line)


def _of_kind(node: "Expression", kind: str) -> "list[Expression]":
    return [child for child in subtrees(node) if child.data == kind]


def _block(node: "Expression") -> Block:
    kind, *labels = (text_of(child) for child in subtrees(node) if child.data not in ("body", "new_line_or_comment"))
    (body,) = _of_kind(node, "body")
    return Block(kind, tuple(label.strip('"') for label in labels), _body(body))
