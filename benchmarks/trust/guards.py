"""Take each guard of the decision out, one at a time: a test must miss it.

    python -m benchmarks.trust.guards [--only TEXT]

A guard is an ``if`` that raises, refuses or adds to what is asked, and every ``any``, ``all``, ``not``, comparison and
boolean operator of the modules that decide. Each is changed in a copy of the source, and the tests of that module are
run against the copy. What survives is printed: a guard that could be lost without anybody knowing.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "analyzer/scopegate"

TESTS: dict[str, tuple[str, ...]] = {
    "verdict/decide.py": ("tests/trust/test_decide.py",),
    "verdict/requirements.py": ("tests/policy/test_requirements.py", "tests/policy/test_laws.py"),
    "policy/evaluate.py": ("tests/policy/test_limits.py", "tests/policy/test_laws.py"),
    "policy/counts.py": ("tests/policy/test_limits.py",),
    "policy/waivers.py": ("tests/policy/test_limits.py", "tests/policy/test_laws.py", "tests/policy/test_in_force.py"),
    "policy/break_glass.py": ("tests/policy/test_in_force.py", "tests/policy/test_laws.py"),
    "plan/judgeable.py": ("tests/plan/test_judgeable.py",),
    "verdict/shown.py": ("tests/trust/test_nothing_leaks.py",),
    "plan/conceal.py": ("tests/trust/test_nothing_leaks.py",),
}


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    module: str
    line: int
    what: str
    text: str


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its nodes."""
    text = (SOURCE / module).read_text()
    count = sum(1 for _ in _sites(ast.parse(text)))
    for number in range(count):
        tree = ast.parse(text)
        node = list(_sites(tree))[number]
        line, what = node.lineno, _change(node)
        if what:
            yield Mutant(module, line, what, ast.unparse(tree))


def _sites(tree: ast.AST) -> Iterator[ast.expr | ast.If]:
    for node in ast.walk(tree):
        match node:
            case ast.If() | ast.IfExp() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                yield node
            case ast.Compare() if type(node.ops[0]) in _OPPOSITE:
                yield node
            case ast.Call(func=ast.Name() as function) if function.id in _OTHER_CALL:
                yield node


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


def _change(node: ast.AST) -> str:
    """Change ``node`` in place, and return in words how."""
    match node:
        case ast.If() | ast.IfExp():
            node.test = ast.Constant(False)
            return "the condition never holds"
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            return "and for or, or for and"
        case ast.Compare():
            node.ops[0] = _OPPOSITE[type(node.ops[0])]()
            return f"compared by {type(node.ops[0]).__name__}"
        case ast.UnaryOp():
            node.operand = ast.Call(ast.Name("bool"), [node.operand], [])
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
            ast.fix_missing_locations(node)
            return "not taken away"
        case ast.Call(func=ast.Name() as function):
            function.id = _OTHER_CALL[function.id]
            return f"{function.id} instead"
        case _:
            return ""


def survives(mutant: Mutant, copy: Path) -> bool:
    """Return whether the tests of its module pass with the mutant in place of the module."""
    target = copy / "scopegate" / mutant.module
    whole = target.read_text()
    target.write_text(mutant.text)
    try:
        finished = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS[mutant.module]],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=False,
            timeout=600,
        )
    finally:
        target.write_text(whole)
    return finished.returncode == 0


def main() -> None:
    """Try every mutant, and print those that survive; exit code 1 where there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only modules whose name holds this text")
    only = parser.parse_args().only
    mutants = [mutant for module in TESTS if only in module for mutant in mutants_of(module)]
    alive = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(SOURCE, copy / "scopegate")
        shutil.copytree(ROOT / "rules/scopegate_rules", copy / "scopegate_rules")
        for mutant in mutants:
            if survives(mutant, copy):
                alive.append(mutant)
                print(f"survives: {mutant.module}:{mutant.line}: {mutant.what}", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - len(alive)} killed, {len(alive)} survive")
    sys.exit(bool(alive))


if __name__ == "__main__":
    main()
