"""The guards of a module, and the module without each of them in turn.

A guard is an ``if`` (a statement, an expression, the filter of a comprehension, the guard of a ``case``), and every
``any``, ``all``, ``max``, ``min``, ``not``, comparison and boolean operator. Nothing here runs what it changes.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import delitem
from pathlib import Path
from types import CodeType

SOURCE = Path(__file__).parents[2] / "analyzer/scopegate"

NEVER = "the condition never holds"
TAKEN_OUT = "the filter is taken out"


@dataclass(frozen=True)
class Mutant:
    """One change of one module: of the expression ``was``, in words ``what``.

    ``function`` is the outermost function that it stands in, with its classes; empty where it runs at import.
    ``number`` is its place among those of the module.
    """

    module: str
    function: str
    line: int
    was: str
    what: str
    number: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by in ``judged.csv``: lines move, expressions less so."""
        return self.module, self.was, self.what

    @property
    def file(self) -> str:
        """The path of the module, as its functions name it."""
        return str(SOURCE / self.module)

    def compiled(self) -> CodeType:
        """Return the code of the changed module, its lines where they were."""
        tree = _parsed(self.module)
        next(islice(_sites(tree, ""), self.number, None)).change()
        return compile(ast.fix_missing_locations(tree), self.file, "exec")


@dataclass(frozen=True)
class _Site:
    function: str
    line: int
    was: str
    what: str
    change: Callable[[], None]


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its lines."""
    for number, site in enumerate(_sites(_parsed(module), "")):
        yield Mutant(module, site.function, site.line, site.was, site.what, number)


def _parsed(module: str) -> ast.Module:
    return ast.parse((SOURCE / module).read_text(encoding="utf-8"))


def _sites(node: ast.AST, around: str, *, inside: bool = False) -> Iterator[_Site]:
    """Yield where a node and what is below it can be changed; ``around`` are its classes, or the function it is in."""
    yield from _changes(node, around if inside else "")
    for field, value in ast.iter_fields(node):
        if field in _NO_BEHAVIOUR:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            if inside:
                yield from _sites(child, around, inside=True)
            elif field == "body" and isinstance(node, _NAMED):
                name = f"{around}.{node.name}".lstrip(".")
                yield from _sites(child, name, inside=not isinstance(node, ast.ClassDef))
            elif field == "body" and isinstance(node, ast.Lambda):
                yield from _sites(child, f"{around}.<lambda>".lstrip("."), inside=True)
            else:
                yield from _sites(child, around)


_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NO_BEHAVIOUR = {"annotation", "returns", "type_params"}


def _changes(node: ast.AST, function: str) -> Iterator[_Site]:
    match node:
        case ast.If() | ast.IfExp():
            was = ast.unparse(node.test if isinstance(node, ast.If) else node)
            yield _Site(function, node.lineno, was, NEVER, lambda: setattr(node, "test", ast.Constant(False)))
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield _expression(function, node, "and for or, or for and", lambda: setattr(node, "op", other))
        case ast.Compare(ops=[first, *rest]) if type(first) in _OPPOSITE:
            opposite = _OPPOSITE[type(first)]
            what = f"compared by {opposite.__name__}"
            yield _expression(function, node, what, lambda: setattr(node, "ops", [opposite(), *rest]))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            twice = ast.UnaryOp(ast.Not(), operand, **_where(node))
            yield _expression(function, node, "not taken away", lambda: setattr(node, "operand", twice))
        case ast.Call(func=ast.Name(id=name) as called) if name in _OTHER_CALL:
            other_call = _OTHER_CALL[name]
            yield _expression(function, node, f"{other_call} instead", lambda: setattr(called, "id", other_call))
        case ast.comprehension(ifs=ifs):
            for number, test in enumerate(ifs):
                yield _expression(function, test, TAKEN_OUT, partial(delitem, ifs, number))
        case ast.match_case(guard=ast.expr() as guard):
            yield _expression(function, guard, TAKEN_OUT, lambda: setattr(node, "guard", None))
        case _:
            return


def _expression(function: str, node: ast.expr, what: str, change: Callable[[], None]) -> _Site:
    return _Site(function, node.lineno, ast.unparse(node), what, change)


def _where(node: ast.expr) -> dict[str, int]:
    return {"lineno": node.lineno, "col_offset": node.col_offset}


_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OTHER_CALL = {"any": "all", "all": "any", "max": "min", "min": "max"}
