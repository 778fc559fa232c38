"""What an expression refers to, written as Terraform writes it.

A reference is a traversal that begins with a name: ``aws_vpc.main.id``, ``var.x``, ``module.net["a"].vpc_id``. Names
that a ``for`` gives a meaning are no references, nor are function names, object keys and the words of the language.
Computed indexes and splats are left out of the text (``aws_subnet.a[each.key].id`` is ``aws_subnet.a.id``); what stands
in them is read on its own.
"""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from scopegate.source.parse import UnparsedError, parse_expression, subtrees, text_of
from scopegate.source.scan import embedded_expressions

if TYPE_CHECKING:
    from scopegate.source.parse import Expression


class Reference(NamedTuple):
    """A reference, and whether it is the block's own key that chooses the instance it means."""

    text: str
    by_own_key: bool = False


_OWN_KEYS = frozenset({"each.key", "each.value", "count.index"})
_TRAVERSALS = frozenset({"get_attr_expr_term", "index_expr_term", "full_splat_expr_term", "attr_splat_expr_term"})
_HEREDOCS = frozenset({"heredoc_template", "heredoc_template_trim"})
_LOOP_HEADS = frozenset({"for_intro", "template_for_start"})


def references_in(expression: "Expression", bound: frozenset[str] = frozenset()) -> Iterator[Reference]:
    """Yield the references of an expression; ``bound`` are names that mean something else where it stands.

    Raises:
        UnparsedError, ScanError: a template in it cannot be read.
    """
    waiting: list[tuple[Expression, frozenset[str]]] = [(expression, bound)]
    while waiting:
        node, names = waiting.pop()
        if node.data in _TRAVERSALS:
            root, steps, inner = _unwind(node)
            waiting.extend((child, names) for child in inner)
            if root and root not in names:
                yield _reference(root, steps)
        elif node.data in _HEREDOCS:
            yield from references_in_template(text_of(node).partition("\n")[2], names)
        else:
            children = subtrees(node)
            heads = [child for child in children if child.data in _LOOP_HEADS]
            inside = _inside(names, heads) if heads else names
            # what a loop runs over does not know the loop's names
            waiting.extend((child, names if child.data in _LOOP_HEADS else inside) for child in children)


def references_in_template(template: str, bound: frozenset[str] = frozenset()) -> Iterator[Reference]:
    """Yield the references of a template: the text of a heredoc, or a string of JSON syntax.

    Raises:
        UnparsedError, ScanError: an expression in it cannot be read.
    """
    for embedded in embedded_expressions(template):
        yield from references_in(parse_expression(embedded.text), bound | embedded.bound)


_MOST_NAMES: Final = 1_000
"""Nobody writes so many loops in each other, and what each knows is a set of its own."""


def _inside(names: frozenset[str], heads: "list[Expression]") -> frozenset[str]:
    inside = names.union(*map(_loop_names, heads))
    if len(inside) > _MOST_NAMES:
        raise UnparsedError
    return inside


def _loop_names(head: "Expression") -> set[str]:
    return {text_of(child) for child in subtrees(head) if child.data == "identifier"}


class _Step(NamedTuple):
    """One step of a traversal: as it is written, or empty where it is computed; then ``computed`` is what by."""

    text: str
    computed: "Expression | None" = None


def _unwind(node: "Expression") -> "tuple[str, list[_Step], list[Expression]]":
    """Return the name that a traversal begins with, its steps, and the expressions in it that are read on their own.

    The name is empty where it begins with something else: a function call, parentheses, a literal.
    """
    backwards: list[list[_Step]] = []
    while node.data in _TRAVERSALS:
        base, *_, accessor = subtrees(node)
        backwards.append(_steps(accessor))
        node = _strip(base)
    steps = list(chain.from_iterable(reversed(backwards)))
    inner = [step.computed for step in steps if step.computed is not None]
    if node.data == "identifier":
        return text_of(node), steps, inner
    return "", steps, [*inner, node]


def _strip(node: "Expression") -> "Expression":
    """Return what an expression term holds, where it adds nothing to it; parentheses are something."""
    while node.data == "expr_term" and len(node.children) == 1 and subtrees(node):
        (node,) = subtrees(node)
    return node


def _steps(accessor: "Expression") -> list[_Step]:
    parts = [part for part in subtrees(accessor) if part.data != "new_line_or_comment"]
    match accessor.data:
        case "get_attr":
            return [_Step(f".{text_of(parts[0])}")]
        case "short_index":
            return [_Step(f"[{text_of(accessor).removeprefix('.')}]")]
        case "braces_index":
            return [_index_step(parts[0])]
        case _:  # a splat: any instance, and then the steps into each
            return [_Step(""), *(step for part in parts for step in _steps(part))]


def _index_step(index: "Expression") -> _Step:
    literal = _strip(index)
    # What is interpolated stands in a part, and may itself hold strings without end.
    is_plain = literal.data == "string" and not any(map(subtrees, subtrees(literal)))
    return _Step(f"[{text_of(literal)}]") if is_plain or literal.data == "int_lit" else _Step("", index)


def _reference(root: str, steps: list[_Step]) -> Reference:
    subject = 2 if root in ("data", "ephemeral") else 1
    index = steps[subject].computed if len(steps) > subject else None
    return Reference(_written(root, steps), index is not None and _is_own_key(index))


def _is_own_key(index: "Expression") -> bool:
    node = _strip(index)
    if node.data not in _TRAVERSALS:
        return False
    root, steps, inner = _unwind(node)
    return not inner and _written(root, steps) in _OWN_KEYS


def _written(root: str, steps: list[_Step]) -> str:
    return root + "".join(step.text for step in steps)
