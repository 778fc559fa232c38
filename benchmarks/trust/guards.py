"""Take each guard of the decision out, one at a time: a test must miss it.

    python -m benchmarks.trust.guards [--only TEXT ...] [--shard K/N] [--seconds N] [--list]

``mutants`` says what a guard is. The tests are collected once, in a process that forks for each mutant: the child gives
the function its changed code and runs the tests that call it, those first that missed a guard nearby, until one fails.
Which tests call which function is recorded once for each test file, in ``benchmarks/out`` (remove it where functions
were renamed). A test that misses a guard for the first time is run once more without the change, after the same tests:
if it fails then too, it is left out, for it would miss any guard. What survives is printed: a guard that could be lost
without anybody knowing. ``judged.csv`` holds those that a human read and found to change nothing that is decided, each
with the reason; they are counted apart.
"""

import argparse
import cProfile
import csv
import functools
import gc
import hashlib
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NoReturn, TextIO

import pytest
from benchmarks.trust.mutants import SOURCE, Mutant, mutants_of

ROOT = Path(__file__).parents[2]
JUDGED = Path(__file__).parent / "judged.csv"
RECORDS = ROOT / "benchmarks/out/guards"
PACKAGES = ("verdict", "policy", "forge", "attest", "reach", "place", "signals", "graph", "plan")
"""The nearest to a verdict first."""
TESTS = (
    "verdict",
    "policy",
    "forge",
    "reach",
    "place",
    "signals",
    "graph",
    "plan",
    "gate",
    "trust",
    "fixtures",
    "together",
    "facts",
    "source",
    "render",
)
NOT_HERE = ("trust/test_process.py", "together/test_many_plans.py", "render/test_browser.py", "facts/test_refresh.py")
"""Tests of other programs, which know nothing of a changed function."""
ENDLESS_SECONDS = 30
"""A test that takes so long has lost its end, and misses the guard by that."""

Function = tuple[str, str]
"""A module, and the outermost function or method, with its classes."""


def main() -> None:
    """Try every mutant, and print those that survive; exit code 1 where there are any that nobody judged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[""], help="only modules whose name holds one of these texts")
    parser.add_argument("--shard", default="0/1", help="every N-th mutant, beginning with the K-th")
    parser.add_argument("--seconds", type=float, default=30, help="of processor time, at most, for one mutant")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="folders and files of tests")
    parser.add_argument("--list", action="store_true", help="print the mutants, and try none")
    arguments = parser.parse_args()
    first, step = map(int, arguments.shard.split("/"))
    chosen = [mutant for module in modules(arguments.only) for mutant in mutants_of(module)][first::step]
    if arguments.list:
        print(*map(_line, chosen), sep="\n")
        return
    os.chdir(ROOT)
    os.environ["CI"] = "true"  # hypothesis tries the same examples for each mutant
    trial = Trial(chosen, arguments.seconds, os.fdopen(os.dup(1), "w", buffering=1))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    options = ["-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=none"]
    options += [f"--ignore=tests/{file}" for file in NOT_HERE]
    code = pytest.main([*options, *(f"tests/{folder}" for folder in arguments.tests)], [trial])
    sys.exit(int(code) or int(trial.counts["survived"] > 0))


def modules(only: Sequence[str]) -> list[str]:
    """Return the modules whose name holds one of some texts, the nearest to a verdict first."""
    found = (str(path.relative_to(SOURCE)) for package in PACKAGES for path in sorted((SOURCE / package).glob("*.py")))
    return [module for module in found if any(text in module for text in only)]


def judged() -> dict[tuple[str, str, str], str]:
    """Return the mutants that change nothing that is decided, with the reason."""
    with JUDGED.open(encoding="utf-8", newline="") as lines:
        return {(row["module"], row["was"], row["change"]): row["why"] for row in csv.DictReader(lines)}


def _line(mutant: Mutant) -> str:
    return f"{mutant.module}:{mutant.line}: {mutant.what}: {mutant.was}"


@dataclass(eq=False)
class Trial:
    """A plugin of pytest that, once the tests are collected, runs them in its own way."""

    chosen: Sequence[Mutant]
    seconds: float
    out: TextIO
    counts: Counter[str] = field(default_factory=Counter)
    failed: bool = False
    missed_by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """How many guards of a module each test missed."""
    passes: dict[str, bool] = field(default_factory=dict)
    """Whether each test that failed with a mutant passes without one."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note that the test that runs failed."""
        self.failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants, in place of running each test once."""
        if session.testsfailed:
            sys.exit("the tests cannot be collected: pytest --collect-only says why")
        calls = self.recorded(session.items)
        functions = functions_of({mutant.module for mutant in self.chosen})
        gc.freeze()  # what is not looked at again is not copied into each child
        equivalent = judged()
        for mutant in self.chosen:
            if mutant.key in equivalent:
                self.counts["judged"] += 1
            else:
                self.try_one(mutant, functions[mutant.module], calls)
        print(f"{len(self.chosen)} mutants:", *(f"{n} {what}" for what, n in self.counts.items()), file=self.out)
        return True

    def try_one(self, mutant: Mutant, functions: Sequence[FunctionType], calls: "Calls") -> None:
        """Count what came of one mutant, and print it where it survived."""
        last = self.last_word(mutant, functions, calls) if mutant.function else "at import"
        if last.startswith(("survived", "at import")):
            self.counts[last.partition(":")[0]] += 1
            print(f"{last}: {_line(mutant)}", file=self.out)
        else:
            self.counts["killed"] += 1
            self.missed_by[mutant.module][last] += 1

    def last_word(self, mutant: Mutant, functions: Sequence[FunctionType], calls: "Calls") -> str:
        """Return the test that misses the guard of a mutant, or a word that it survived."""
        tests = in_order(mutant, calls, self.missed_by[mutant.module])
        while True:
            tests = [test for test in tests if self.passes.get(test.nodeid, True)]
            *before, last = in_a_child(functools.partial(self.run_with, mutant, functions, tests))
            if last.startswith("survived") or self.passes.get(last):
                return last
            same = tests[: len(before) + 1]
            *_, without = in_a_child(functools.partial(self.run_with, None, functions, same))
            self.passes[last] = without.startswith("survived")
            if not self.passes[last]:
                print(f"fails as it is, and is left out: {last}", file=self.out)

    def run_with(
        self,
        mutant: Mutant | None,
        functions: Sequence[FunctionType],
        tests: Sequence[pytest.Item],
        say: Callable[[str], None],
    ) -> None:
        """Run tests with a mutant in place of what it changes; say the one that runs, and last that none failed."""
        if mutant:
            put_in(mutant, functions)
        for number, (test, following) in enumerate(zip_longest(tests, tests[1:])):
            if time.process_time() > self.seconds:
                say(f"survived: {number} of {len(tests)} tests in {self.seconds:.0f} seconds")
                return
            say(test.nodeid)
            end_after(ENDLESS_SECONDS)
            self.failed = False
            test.ihook.pytest_runtest_protocol(item=test, nextitem=following)
            if self.failed:
                return
        say(f"survived: {len(tests)} tests")

    def recorded(self, items: Sequence[pytest.Item]) -> "Calls":
        """Return which tests call what; test files that are new or changed are run for it, each in a child."""
        files: dict[Path, list[pytest.Item]] = defaultdict(list)
        for item in items:
            files[item.path].append(item)
        calls = Calls()
        for path, held in files.items():
            name = "-".join(path.relative_to(ROOT).parts)
            record = RECORDS / f"{name}-{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}.json"
            words = record.read_text() if record.exists() else "".join(in_a_child(functools.partial(self.record, held)))
            found = json.loads(words)
            if not found["failed"]:
                record.parent.mkdir(parents=True, exist_ok=True)
                record.write_text(words)
            for test in found["failed"]:
                print(f"fails as it is, and is left out: {test}", file=self.out)
            calls.add(held, found)
        return calls

    def record(self, items: Sequence[pytest.Item], say: Callable[[str], None]) -> None:
        """Run the tests of a file, and say how long each takes and what it calls.

        What one with the same parameters calls counts as well: a test file may keep what its first test has made. Tests
        that fail as it is would miss any guard, and are left out; where there are any, nothing is kept of the file.
        """
        took: dict[str, float] = {}
        called: dict[str, set[Function]] = defaultdict(set)
        for item, following in zip_longest(items, items[1:]):
            self.failed = False
            profile, began = cProfile.Profile(builtins=False, subcalls=False), time.process_time()
            profile.enable()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            profile.disable()
            if not self.failed:
                took[item.nodeid] = time.process_time() - began
            called[_parameters(item)].update(_functions(entry.code for entry in profile.getstats()))
        functions = sorted(set().union(*called.values()))
        number = {function: place for place, function in enumerate(functions)}
        ran = {
            item.nodeid: (took[item.nodeid], [number[function] for function in called[_parameters(item)]])
            for item in items
            if item.nodeid in took
        }
        failed = [item.nodeid for item in items if item.nodeid not in took]
        say(json.dumps({"functions": functions, "ran": ran, "failed": failed}))


@dataclass
class Calls:
    """Which tests call each function; how long each test takes."""

    of: dict[Function, list[pytest.Item]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, items: Sequence[pytest.Item], record: Mapping[str, Any]) -> None:
        """Take in what was recorded of a test file."""
        functions: list[Function] = [(module, function) for module, function in record["functions"]]
        for item in items:
            seconds, called = record["ran"].get(item.nodeid, (0.0, []))
            self.seconds[item.nodeid] = seconds
            for place in called:
                self.of[functions[place]].append(item)


def in_order(mutant: Mutant, calls: Calls, missed: Counter[str]) -> list[pytest.Item]:
    """Return the tests that call the function of a mutant, the likeliest to miss its guard first.

    Those are the ones that missed others of its module, then the files named after it, then the quickest files. Tests
    of one file stay together, for what they share is made once.
    """
    callers = calls.of[mutant.module, mutant.function]
    first = [item for item in sorted(callers, key=lambda item: -missed[item.nodeid])[:20] if missed[item.nodeid]]
    files: dict[Path, list[pytest.Item]] = defaultdict(list)
    for item in callers:
        if item not in first:
            files[item.path].append(item)
    name = Path(mutant.module).stem
    order = {path: (name not in path.stem, sum(calls.seconds[i.nodeid] for i in held)) for path, held in files.items()}
    for path in sorted(files, key=lambda path: (*order[path], path)):
        first += sorted(files[path], key=lambda item: calls.seconds[item.nodeid])
    return first


def _parameters(item: pytest.Item) -> str:
    return item.callspec.id if isinstance(item, pytest.Function) and hasattr(item, "callspec") else item.nodeid


def _functions(codes: Iterable[CodeType | str]) -> Iterator[Function]:
    for code in codes:
        if isinstance(code, CodeType) and code.co_filename.startswith(_SOURCE):
            yield code.co_filename[len(_SOURCE) :], code.co_qualname.partition(".<locals>")[0]


_SOURCE = f"{SOURCE}{os.sep}"


def functions_of(modules: Iterable[str]) -> dict[str, list[FunctionType]]:
    """Return the functions and methods of each module, whatever they are wrapped in."""
    for module in modules:
        importlib.import_module(f"scopegate.{module.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__"))
    found: dict[str, list[FunctionType]] = defaultdict(list)
    gc.unfreeze()  # what the command line put aside when it was imported is not listed
    for held in gc.get_objects():
        if isinstance(held, FunctionType) and held.__code__.co_filename.startswith(_SOURCE):
            found[held.__code__.co_filename[len(_SOURCE) :]].append(held)
    return found


def put_in(mutant: Mutant, functions: Sequence[FunctionType]) -> None:
    """Give the functions of a module, whoever holds them, the code that they have in the mutant."""
    changed = dict(_codes(mutant.compiled()))
    original = {code: name for name, code in _codes(compile(Path(mutant.file).read_bytes(), mutant.file, "exec"))}
    differ = 0
    for function in functions:
        name = original.get(function.__code__)
        if name in changed and changed[name] != function.__code__:
            function.__code__ = changed[name]
            differ += 1
    if not differ:
        raise LookupError(f"nothing to put the mutant in: {_line(mutant)}")


def _codes(module: CodeType) -> Iterator[tuple[tuple[str, int, int], CodeType]]:
    """Yield each code in a module: its name, its line and, where several stand on one line, its number among them."""
    left, met = [module], Counter[tuple[str, int]]()
    while left:
        code = left.pop()
        left += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        place = (code.co_qualname, code.co_firstlineno)
        met[place] += 1
        yield (*place, met[place]), code


def in_a_child(work: Callable[[Callable[[str], None]], None]) -> list[str]:
    """Return what work said, a line at a time, in a process of its own that prints nothing and ends with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as lines:
        words = lines.read().splitlines()
    os.waitpid(child, 0)
    return words or ["survived: the process ended before a test began"]


def _work(work: Callable[[Callable[[str], None]], None], writing: int) -> NoReturn:
    try:
        with os.fdopen(writing, "w", encoding="utf-8", buffering=1) as lines:
            try:
                work(lambda line: print(line, file=lines))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is said to whoever waits for words
                print(f"survived: no test was run: {error!r}", file=lines)
    finally:
        os._exit(0)


def end_after(seconds: float) -> None:
    """End this process by a signal once it has used so many seconds more, or waited for much longer."""
    signal.alarm(int(60 + 5 * seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 1, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
