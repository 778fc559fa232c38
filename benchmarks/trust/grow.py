"""Grow whatever strangers write, and find what takes longer than it is long: twice the bytes, more than twice the time.

    python -m benchmarks.trust.grow [--size 300] [--every N] [--only WORD] [--list]

Each input is read in a size and in four times that size, by every command that reads such a thing. A step is a find
where its processor time grows much faster than the bytes, and does so again from there to four times that size: what is
capped does not. Times below a floor do not count. Prints how many inputs were tried, the slowest, and the finds; exit
code 1 where there is one, or where anything but an outcome or a declared error came out. All of it takes most of an
hour; ``--every 9`` takes three minutes.
"""

import argparse
import gc
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from benchmarks.trust.grown import WAYS, Json, Way, sides
from benchmarks.trust.large_inputs import KINDS, Reading, by_analysis
from benchmarks.trust.large_plans import plan_of, resource_change

from scopegate.errors import ScopegateError
from scopegate.signals.rule_file import builtin_rules_with_examples

MOST_GROWTH: Final = 1.35
"""The power of the bytes that the time may grow by: n log n of some hundred items is 1.2, and a square is 2."""
FLOOR_SECONDS: Final = 0.15
NOISE_SECONDS: Final = 0.005
MOST_SECONDS: Final = 60


@dataclass(frozen=True)
class Input:
    """Something that can be made in any size, and how it is read."""

    name: str
    make: Callable[[int], bytes]
    reading: Reading


@dataclass(frozen=True)
class Read:
    """What the reading of an input took: bytes, processor seconds of each step, and what came of it if no outcome."""

    length: int
    seconds: Mapping[str, float]
    said: str = ""
    find: str = ""

    @property
    def total(self) -> float:
        """The seconds of all steps."""
        return sum(self.seconds.values())


@dataclass
class Tally:
    """What was tried so far."""

    tried: int = 0
    errors: int = 0
    finds: list[str] = field(default_factory=list)
    slowest: list[tuple[float, str, int]] = field(default_factory=list)


class TooLongError(BaseException):
    """An input took longer than the most that is waited for; no ``Exception``, for that could be caught on the way."""


def main() -> None:
    """Grow what is asked for, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=300, help="items of the smaller input (300)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th input")
    parser.add_argument("--only", default="", metavar="WORD", help="only inputs with this in their name")
    parser.add_argument("--list", action="store_true", help="only print their names")
    arguments = parser.parse_args()
    chosen = [found for found in inputs() if arguments.only in found.name][:: arguments.every]
    if arguments.list:
        print("\n".join(found.name for found in chosen))
        return
    signal.signal(signal.SIGALRM, _give_up)
    gc.disable()
    tally = Tally()
    for found in chosen:
        told = len(tally.finds)
        grow(found, arguments.size, tally)
        for find in tally.finds[told:]:
            print(find, flush=True)
    print_figures(tally)
    sys.exit(bool(tally.finds))


def _give_up(_: int, __: FrameType | None) -> None:
    raise TooLongError


def inputs() -> Iterator[Input]:
    """Yield everything that is grown: what is read beside values first, then the example of each rule in each way."""
    for kind, said in KINDS.items():
        yield from (Input(f"{kind}: {name}", make, said.reading) for name, make in said.inputs.items())
    for rule in builtin_rules_with_examples().rules:
        named = next((name for name in rule.types if "*" not in name), "aws_s3_bucket")
        example = rule.examples.fires[0]
        for way, grown in WAYS.items():
            made = Example(example.type or named, example.before, example.after, grown)
            yield Input(f"{rule.id}: {way}", made, by_analysis)
            for side in SIDES if way in _WAYS_OF_SIDES else ():
                yield Input(f"{rule.id}: {way}, {side}", made.on(side), by_analysis)


SIDES: Final = ("created", "destroyed", "unknown", "sensitive")
_WAYS_OF_SIDES: Final = ("lists", "inner lists", "maps", "inner maps")


@dataclass(frozen=True)
class Example:
    """Makes a plan with the one change of a rule's example, its values grown in a way."""

    type: str
    before: Json
    after: Json
    grown: Way
    side: str = "both"

    def on(self, side: str) -> "Example":
        """Return the same with one side of the change."""
        return Example(self.type, self.before, self.after, self.grown, side)

    def __call__(self, size: int) -> bytes:
        """Return the plan with so many items in each list, keys in each map or pieces in each string."""
        before, after = (value and self.grown(value, size) for value in (self.before, self.after))
        change = dict(sides(before, after))[self.side]
        entry = resource_change(f"{self.type}.x", None)
        provider = f"registry.terraform.io/hashicorp/{self.type.partition('_')[0]}"
        return plan_of([{**entry, "provider_name": provider, "change": {**entry["change"], **change}}])


def grow(found: Input, size: int, tally: Tally) -> None:
    """Read an input in two sizes, and note what came of it; where it seems to grow fast, look again at larger ones."""
    small, large = read(found, size), read(found, 4 * size)
    tally.tried += 2
    tally.errors += bool(large.said)
    tally.slowest = sorted((*tally.slowest, (large.total, found.name, large.length)), reverse=True)[:10]
    if large.find:
        tally.finds.append(f"{found.name}: {large.find}")
    elif fast_steps(small, large):
        tally.finds += [f"{found.name}: {step}" for step in confirmed(found, size)]


def confirmed(found: Input, size: int) -> list[str]:
    """Return the steps that grow fast in the best of two readings, and again beyond the larger size.

    What a cache no longer holds takes longer from some size on, but once.
    """
    small, large, larger = (best(read(found, times * size) for _ in range(2)) for times in (1, 4, 16))
    if larger.find:
        return [larger.find]
    return [
        f"{step} takes {small.seconds.get(step, 0):.2f}, {large.seconds[step]:.2f}, {larger.seconds[step]:.2f} seconds"
        f" for {small.length:,}, {large.length:,}, {larger.length:,} bytes"
        for step in fast_steps(small, large)
        if step in fast_steps(large, larger)
    ]


def best(readings: Iterable[Read]) -> Read:
    """Return the least that each step took in several readings of an input."""
    each = list(readings)
    steps = {step for one in each for step in one.seconds}
    least = {step: min(one.seconds[step] for one in each if step in one.seconds) for step in steps}
    return Read(each[0].length, least, each[0].said, next((one.find for one in each if one.find), ""))


def fast_steps(small: Read, large: Read) -> list[str]:
    """Return the steps whose time grows much faster than the input."""
    growth = (large.length / max(1, small.length)) ** MOST_GROWTH
    return [
        step
        for step, seconds in large.seconds.items()
        if seconds > FLOOR_SECONDS and seconds > growth * max(NOISE_SECONDS, small.seconds.get(step, 0))
    ]


def read(found: Input, size: int) -> Read:
    """Return what it takes to read an input of a size, and what came out of it."""
    data = found.make(size)
    gc.collect()  # a command collects no garbage while it runs, and what an input before left is not to be counted
    seconds: dict[str, float] = {}
    said = find = ""
    signal.alarm(MOST_SECONDS)
    began = time.process_time()
    step = "reading"
    try:
        for step in found.reading(data):
            now = time.process_time()
            seconds[step] = seconds.get(step, 0) + now - began
            began = now
    except ScopegateError as error:
        seconds["the error"] = time.process_time() - began
        said = str(error)
    except TooLongError:
        find = f"{size} items, {len(data):,} bytes: not done after {MOST_SECONDS} seconds, past {step}"
    except Exception:  # noqa: BLE001 - exactly what is looked for
        find = traceback.format_exc(limit=-3)
    finally:
        signal.alarm(0)
    return Read(len(data), seconds, said, find)


def print_figures(tally: Tally) -> None:
    """Print what was tried, the slowest, and what grows faster than it should."""
    print(f"{tally.tried:,} inputs tried, {tally.errors:,} of the larger ones refused by a declared error")
    print("slowest")
    for seconds, name, length in tally.slowest:
        print(f"  {seconds:6.2f} seconds for {length:>11,} bytes: {name}")
    print(f"finds: {len(tally.finds)}")


if __name__ == "__main__":
    main()
