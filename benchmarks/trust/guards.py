"""Take each guard of the decision out, one at a time: a test must miss it.

    python -m benchmarks.trust.guards [--only TEXT] [--shard K/N] [--list]

A guard is an ``if`` that raises, refuses or adds to what is asked, and every ``any``, ``all``, ``not``, comparison and
boolean operator of the modules that decide. Each is changed in memory, in a process of its own, and the tests of that
module are run; what they do not miss, the fixtures and the tests of its neighbours are asked about. What survives both
is printed: a guard that could be lost without anybody knowing. ``judged.csv`` holds those that a human read and found
to change nothing that is decided, each with the reason; they are counted apart.
"""

import argparse
import ast
import csv
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "analyzer/scopegate"
JUDGED = Path(__file__).parent / "judged.csv"
SECONDS = 300
"""How long the tests of one mutant may take: a guard whose loss makes a loop without an end is missed too."""

POLICY = ("tests/policy/test_limits.py", "tests/policy/test_in_force.py", "tests/policy/test_hostile.py")
LOADING = ("tests/policy/test_load.py", "tests/policy/test_hostile.py", "tests/trust/test_loaders.py")
FORGE = ("tests/gate/test_scenarios.py", "tests/gate/test_local.py", "tests/gate/test_merge_queue.py")
DECISION = ("tests/fixtures", "tests/policy", "tests/verdict", "tests/trust/test_laws.py")

TESTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "verdict/decide.py": (("tests/trust/test_decide.py",), DECISION),
    "verdict/requirements.py": (("tests/policy/test_requirements.py",), DECISION),
    "verdict/decision.py": (POLICY, DECISION),
    "verdict/claim.py": (("tests/gate/test_claims.py",), FORGE),
    "verdict/fingerprint.py": (("tests/verdict", "tests/gate/test_claims.py"), (*DECISION, *FORGE)),
    "verdict/shown.py": (("tests/trust/test_nothing_leaks.py",), DECISION),
    "policy/agents.py": (("tests/policy/test_agents.py",), DECISION),
    "policy/break_glass.py": (POLICY, DECISION),
    "policy/codeowners.py": (("tests/policy/test_codeowners.py",), DECISION),
    "policy/counts.py": (POLICY, DECISION),
    "policy/crossings.py": (POLICY, DECISION),
    "policy/declared.py": (POLICY, DECISION),
    "policy/evaluate.py": (POLICY, DECISION),
    "policy/freeze.py": (("tests/policy/test_in_force.py",), DECISION),
    "policy/from_report.py": (("tests/policy/test_from_report.py",), DECISION),
    "policy/glob.py": (("tests/policy/test_glob.py",), DECISION),
    "policy/guard_rails.py": (POLICY, (*DECISION, *FORGE)),
    "policy/in_force.py": (POLICY, DECISION),
    "policy/owners.py": (("tests/policy/test_organisations.py", *POLICY), DECISION),
    "policy/people.py": (("tests/policy/test_requirements.py", *POLICY), DECISION),
    "policy/places.py": (POLICY, DECISION),
    "policy/sign_off.py": (("tests/policy/test_requirements.py", *LOADING), DECISION),
    "policy/stacks.py": (POLICY, DECISION),
    "policy/waivers.py": (POLICY, DECISION),
    "reach/changes.py": (("tests/reach", "tests/together"), DECISION),
    "reach/compute.py": (("tests/reach",), DECISION),
    "reach/footprint.py": (("tests/reach",), DECISION),
    "signals/find.py": (("tests/signals/test_find_signals.py", "tests/signals/test_builtin_rules.py"), DECISION),
    "forge/eligibility.py": (("tests/forge/test_eligibility.py",), FORGE),
    "forge/people.py": (("tests/forge/test_eligibility.py", "tests/forge/test_integrity.py"), FORGE),
    "forge/integrity.py": (("tests/forge/test_integrity.py",), FORGE),
    "forge/trusted.py": (("tests/gate/test_local.py",), FORGE),
    "forge/merge_queue.py": (("tests/gate/test_merge_queue.py",), FORGE),
    "forge/claims.py": (("tests/gate/test_claims.py",), FORGE),
    "plan/judgeable.py": (("tests/plan/test_judgeable.py",), ("tests/plan", "tests/trust/test_failing_closed.py")),
    "plan/conceal.py": (("tests/trust/test_nothing_leaks.py",), ("tests/plan",)),
    "place/siblings.py": (("tests/place",), DECISION),
    "policy/load.py": (LOADING, DECISION),
    "policy/reading.py": (LOADING, DECISION),
    "policy/read_limits.py": (LOADING, DECISION),
    "policy/read_sign_off.py": (LOADING, DECISION),
}
"""The tests that must miss a guard of a module: first those that are about it, then those that see the whole."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module: of the expression ``was``, in words ``what``."""

    module: str
    line: int
    was: str
    what: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by in ``judged.csv``: lines move, expressions less so."""
        return self.module, self.was, self.what


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its nodes."""
    text = (SOURCE / module).read_text(encoding="utf-8")
    count = sum(1 for _ in _sites(ast.parse(text)))
    for number in range(count):
        tree = ast.parse(text)
        node = list(_sites(tree))[number]
        line, was, what = node.lineno, ast.unparse(node.test if isinstance(node, ast.If) else node), _change(node)
        if what:
            yield Mutant(module, line, was, what, ast.unparse(tree))


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
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
            return "not taken away"
        case ast.Call(func=ast.Name() as function):
            function.id = _OTHER_CALL[function.id]
            return f"{function.id} instead"
        case _:
            return ""


def unchanged(module: str) -> Mutant:
    """Return a module as it is, but for its comments: where its tests fail, they say nothing of its guards."""
    return Mutant(module, 0, "", "", ast.unparse(ast.parse((SOURCE / module).read_text(encoding="utf-8"))))


class _Mutated(MetaPathFinder, InspectLoader):
    """Gives the text of a mutant for its module; everything else is found where it is."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = f"scopegate.{mutant.module.removesuffix('.py').replace('/', '.')}"

    def find_spec(self, fullname: str, _: Sequence[str] | None, __: ModuleType | None = None) -> ModuleSpec | None:
        """Return where the module is: here, if it is the one that is changed."""
        if fullname != self.name:
            return None
        return spec_from_loader(fullname, self, origin=str(SOURCE / self.mutant.module))

    def get_source(self, _: str) -> str:
        """Return the changed text."""
        return self.mutant.text


def survives(mutant: Mutant) -> bool:
    """Return whether all tests pass with the mutant in place of its module."""
    return all(_pass(mutant, tests) for tests in TESTS[mutant.module])


def _pass(mutant: Mutant, tests: Sequence[str]) -> bool:
    child = os.fork()
    if not child:
        _run_tests(mutant, tests)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _run_tests(mutant: Mutant, tests: Sequence[str]) -> None:
    """Run the tests and end the process: 0 where all pass."""
    code = 1
    try:
        signal.alarm(SECONDS)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        os.environ["CI"] = "true"  # the same examples for each mutant
        sys.meta_path.insert(0, _Mutated(mutant))
        code = importlib.import_module("pytest").main(["-q", "-x", "-p", "no:cacheprovider", *tests])
    finally:
        os._exit(int(code))


def judged() -> dict[tuple[str, str, str], str]:
    """Return the mutants that change nothing that is decided, with the reason."""
    with JUDGED.open(encoding="utf-8", newline="") as lines:
        return {(row["module"], row["was"], row["change"]): row["why"] for row in csv.DictReader(lines)}


def main() -> None:
    """Try every mutant, and print those that survive; exit code 1 where there are any that nobody judged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only modules whose name holds this text")
    parser.add_argument("--shard", default="0/1", help="every N-th mutant, beginning with the K-th")
    parser.add_argument("--list", action="store_true", help="print the mutants, and try none")
    arguments = parser.parse_args()
    first, step = map(int, arguments.shard.split("/"))
    chosen = [mutant for module in TESTS if arguments.only in module for mutant in mutants_of(module)][first::step]
    if arguments.list:
        for mutant in chosen:
            print(f"{mutant.module}:{mutant.line}: {mutant.what}: {mutant.was}")
        return
    os.chdir(ROOT)
    for library in ("pytest", "msgspec", "yaml", "click", "jsonschema"):
        importlib.import_module(library)  # once, for all the processes that follow
    runs = {tests: mutant.module for mutant in chosen for tests in TESTS[mutant.module]}
    broken = [module for tests, module in runs.items() if not _pass(unchanged(module), tests)]
    if broken:
        sys.exit(f"the tests of {', '.join(broken)} fail as it is, so nothing could be said of its guards")
    sys.exit(_try(chosen))


def _try(chosen: Sequence[Mutant]) -> int:
    equivalent, alive = judged(), 0
    known = 0
    for mutant in chosen:
        if mutant.key in equivalent:
            known += 1
        elif survives(mutant):
            alive += 1
            print(f"survives: {mutant.module}:{mutant.line}: {mutant.what}: {mutant.was}", flush=True)
    killed = len(chosen) - known - alive
    print(f"{len(chosen)} mutants: {killed} killed, {known} judged to change nothing, {alive} survive")
    return int(alive > 0)


if __name__ == "__main__":
    main()
