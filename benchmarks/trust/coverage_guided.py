"""Let libFuzzer look for bytes that reach new code in one target; ``campaign`` runs it for each.

    python -m benchmarks.trust.coverage_guided TARGET --seconds N [--seed N] [--corpus FOLDER]

Needs atheris (``pip install --group fuzz``), which has builds for some versions of Python on Linux. What is found new
is kept in the corpus, and tried again next time. Exit code 0 where the time ends without a find.
"""

import argparse
import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 10
"""An input that takes longer is a find."""
MOST_MEGABYTES = 2048

with atheris.instrument_imports(include=["scopegate"], enable_loader_override=False):
    from benchmarks.trust.targets import TARGETS, Target, ends_well


def main() -> None:
    """Fuzz one target until the time is up; libFuzzer ends the process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=ROOT / "benchmarks/out/corpus")
    arguments = parser.parse_args()
    target, corpus = TARGETS[arguments.target], arguments.corpus / arguments.target.replace(" ", "-")
    plant(target, corpus)
    options = [
        f"-max_total_time={arguments.seconds}",
        f"-seed={arguments.seed}",
        f"-timeout={MOST_SECONDS}",
        f"-rss_limit_mb={MOST_MEGABYTES}",
        *([f"-dict={corpus.with_suffix('.dict')}"] if target.words else []),
        f"-artifact_prefix={corpus}-find-",
        "-max_len=40000",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: attack(target, data))
    atheris.Fuzz()


def plant(target: Target, corpus: Path) -> None:
    """Write the good bytes and the words of a target to where libFuzzer looks for them."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    words = ("".join(f"\\x{byte:02x}" for byte in word) for word in target.words)
    corpus.with_suffix(".dict").write_text("".join(f'"{word}"\n' for word in words))


def attack(target: Target, data: bytes) -> None:
    """Raise what is no declared error, and where an error says nothing."""
    if not ends_well(target, data):
        raise AssertionError("an error without a sentence")


if __name__ == "__main__":
    main()
