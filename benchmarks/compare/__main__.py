"""Runs scopegate and its peers on the same plans, and prints who stops what and which places each names.

    python -m benchmarks.compare --environments DIR > docs/comparison.md

Installs each peer from the Python package index into an environment of its own under ``DIR``, unless it is there.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from benchmarks.compare.peers import PEERS, SCOPEGATE, Peer

ROOT = Path(__file__).parents[2]
SETTINGS = Path(__file__).parent / "settings"
NOTHING_CHANGES = "kiro/unchanged"
CASES = (
    NOTHING_CHANGES,
    "kiro/kept-in-its-region",
    "kiro/moved",
    "kiro/drift-reverted",
    "kiro/kept-in-china",
    "kiro/setting-for-one-region-changed-everywhere",
    "kiro/environment-recreated",
    "kiro/china-region-switched",
    "kiro/region-forgotten",
    "kiro/destroy-everything",
    "kiro/targeted",
    "real/aws-tf012-three-regions",
    "real/aws-route53-two-aliases",
    "real/azure-two-regions-65-creates",
    "real/gcp-secret-manager-replicas-two-regions",
)
"""The incident's estate from harmless to fatal, then plans that other people published."""

DECLARED = {
    "kiro/kept-in-its-region": ("module.eu*", "eu-central-1"),
    "kiro/moved": ("module.eu*", "eu-central-1"),
    "kiro/drift-reverted": ("module.eu*", "eu-central-1"),
    "kiro/kept-in-china": ("module.china*", "cn-north-1"),
    "kiro/setting-for-one-region-changed-everywhere": ("module.china*", "cn-north-1"),
    "kiro/environment-recreated": ("module.china*", "cn-north-1"),
    "kiro/china-region-switched": ("module.china*", "cn-north-1"),
}
"""What an honest author would declare: the addresses and the region that the change is meant for."""


class Said(Enum):
    """What a tool does to a pipeline; the value is its mark in the table."""

    PASSES = "passes"
    STOPS = "stops"
    FAILS = "cannot judge"


@dataclass(frozen=True, slots=True)
class Case:
    """One plan, whether a human judged that it must be stopped, and the regions that a reviewer must hear of."""

    name: str
    plan: Path
    must_stop: bool
    regions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Result:
    """What one tool did with one plan: seconds of processor time, MiB at its peak, regions it names."""

    said: Said
    regions: frozenset[str]
    seconds: float
    mebibytes: float


@dataclass(frozen=True, slots=True)
class Row:
    """A tool with its version and its results, by the name of the case."""

    peer: Peer
    version: str
    results: Mapping[str, Result]


def main() -> None:
    """Install what is missing, run everything, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environments", type=Path, required=True, metavar="DIR", help="where the peers are installed")
    folder = parser.parse_args().environments.resolve()
    cases = [read_case(name) for name in CASES]
    rows, missing = [], []
    for peer in (*SCOPEGATE, *PEERS):
        binaries = Path(sys.executable).parent if peer in SCOPEGATE else installed(peer.package, folder)
        if binaries is None:
            missing.append(peer)
            continue
        print(peer.name, file=sys.stderr, flush=True)
        rows.append(Row(peer, version_of(peer.package, binaries), dict(results_of(peer, binaries, cases))))
    print(page(cases, rows, missing), end="")


def read_case(name: str) -> Case:
    """Return a fixture as its ``case.md`` judges it: ``exit 3`` (no plan to judge) must be stopped as well."""
    folder = ROOT / "fixtures" / name
    head: dict[str, Any] = yaml.safe_load((folder / "case.md").read_text().partition("\n---\n")[0])
    regions = {str(region) for region in head.get("must_name", {}).get("regions", ())} - {"global", "unknown"}
    return Case(name, folder / "plan.json", head["verdict"] != "pass", frozenset(regions))


def installed(package: str, folder: Path) -> Path | None:
    """Return the ``bin`` of the environment of a package, made if need be; None where it does not install."""
    environment = folder / package
    if not (environment / "bin" / package).exists():
        venv.create(environment, with_pip=True, clear=True)
        command = [str(environment / "bin/python"), "-m", "pip", "install", "--quiet", package]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            return None
    return environment / "bin"


def version_of(package: str, binaries: Path) -> str:
    """Return the version of an installed package."""
    code = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    return subprocess.run([binaries / "python", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def results_of(peer: Peer, binaries: Path, cases: Iterable[Case]) -> Iterator[tuple[str, Result]]:
    """Run a tool on every case, in a folder of its own that holds nothing but the plan."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        if peer.prepare:
            shutil.copy(ROOT / "fixtures" / NOTHING_CHANGES / "plan.json", work / "plan.json")
            run(peer.prepare, binaries, work)
        for case in cases:
            shutil.copy(case.plan, work / "plan.json")
            code, output, seconds, mebibytes = run(peer.command, binaries, work)
            yield (
                case.name,
                Result(
                    said=Said.PASSES if code == 0 else Said.STOPS if code in peer.stops else Said.FAILS,
                    regions=frozenset(region for region in case.regions if region in output),
                    seconds=seconds,
                    mebibytes=mebibytes,
                ),
            )


def said_by(peer: Peer, code: int, output: str) -> Said:
    """Return what the exit code says to a pipeline."""
    if code == 0:
        return Said.PASSES
    is_error = peer.error is not None and peer.error in output
    return Said.STOPS if code in peer.stops and not is_error else Said.FAILS


def run(
    command: Iterable[str], binaries: Path, work: Path, declared: tuple[str, str] = ("", "")
) -> tuple[int, str, float, float]:
    """Return the exit code, all that was printed, the seconds of processor time, and the MiB of the largest process."""
    addresses, region = declared
    names = {"plan": work / "plan.json", "work": work, "settings": SETTINGS, "addresses": addresses, "region": region}
    program, *arguments = [word.format(**names) for word in command]
    environment = {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "HOME": str(work), "LANG": "C.UTF-8"}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [str(binaries / program), *arguments], cwd=work, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode(errors="replace")
    return process.returncode, said, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


# ---- the page --------------------------------------------------------------------------------------------------------


def page(cases: list[Case], rows: list[Row], missing: list[Peer]) -> str:
    """Return ``docs/comparison.md``."""
    return "\n".join(
        [
            HEAD.format(day=datetime.now(UTC).date().isoformat(), cases=len(cases)),
            *table(["tool", "version", "settings"], ([r.peer.name, r.version, r.peer.settings] for r in rows)),
            *(f"\n{peer.name} was not run: `{peer.package}` did not install." for peer in missing),
            SUMMARY,
            *table(
                ["tool", "stops what must be", "lets through what may", "regions named", "seconds", "MiB"],
                (summary(row, cases) for row in rows),
            ),
            EACH,
            *table(["plan", "must be", *(row.peer.name for row in rows)], (each(case, rows) for case in cases)),
            FOOT,
        ]
    )


def summary(row: Row, cases: list[Case]) -> list[str]:
    """Return the cells of a tool: counts over the cases, medians over its runs."""
    stopped = [row.results[case.name].said is not Said.PASSES for case in cases if case.must_stop]
    passed = [row.results[case.name].said is Said.PASSES for case in cases if not case.must_stop]
    results = row.results.values()
    named = sum(len(result.regions) for result in results)
    return [
        row.peer.name,
        f"{sum(stopped)} of {len(stopped)}",
        f"{sum(passed)} of {len(passed)}",
        f"{named} of {sum(len(case.regions) for case in cases)}",
        f"{median(result.seconds for result in results):.1f}",
        f"{median(result.mebibytes for result in results):.0f}",
    ]


def each(case: Case, rows: list[Row]) -> list[str]:
    """Return the cells of a plan: what each tool does, and how many of its regions it names."""
    cells = [
        row.results[case.name].said.value
        + (f", {len(row.results[case.name].regions)}/{len(case.regions)}" if case.regions else "")
        for row in rows
    ]
    return [f"`fixtures/{case.name}`", "stopped" if case.must_stop else "let through", *cells]


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    """Return a Markdown table."""
    return ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]


HEAD = """# Comparison

Made by `python -m benchmarks.compare` on {day}: tools that read Terraform plans and install from the Python package
index, run on the same {cases} plans. Do it again whenever you doubt it.

What the numbers do not say: these tools ask **other questions**. checkov asks whether what is there is configured well;
terraform-compliance, whether it follows rules that you write; readtheplan, preapply, iacguard, pyrrho and tfminder, how
risky a change looks, or what it newly exposes. scopegate asks where a change reaches and who must agree. Many teams
want two of them.

And the plans were chosen and judged by us: those of an incident in which a change for one region was made everywhere,
with harmless and fatal ones beside it, and some that other people published. Others would choose other plans.

## Settings
"""

SUMMARY = """
"Scope declared": three of the tools compare a plan with what its author says it is for. They got what an honest author
would have said of the incident's changes, such as the addresses `module.china*` or the region `cn-north-1`; the other
plans are run without.

## In short

A plan that a tool cannot judge stops a pipeline, so it counts as stopped. A region counts as named when its id stands
anywhere in what the tool prints, an ARN included. Seconds are of processor time, MiB of the largest process; both are
medians over all plans, and most of it is start-up.
"""

EACH = """
## Plan by plan

Each cell: what the tool does, and how many of the regions it names that a reviewer must hear of.
"""

FOOT = """
What each plan is, and why it must be stopped or not, stands in its `case.md`. [Benchmarks](../benchmarks/README.md) ·
[Why it is so](explanation/README.md)
"""


if __name__ == "__main__":
    main()
