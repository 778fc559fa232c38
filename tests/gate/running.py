"""Runs the gate against a GitHub that remembers: as a process of its own, or in this one."""

import io
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from forge.fake_github import HEAD, NUMBER, World
from scopegate.cli.main import main

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
EVERYWHERE = FIXTURES / "kiro/setting-for-one-region-changed-everywhere/plan.json"
"""Reaches China, Frankfurt and Virginia."""
AT_HOME = FIXTURES / "kiro/kept-in-its-region/plan.json"
"""Reaches one region only."""

GATE_WORKFLOW = ".github/workflows/gate.yml"
POLICY = """
version: 1
limits:
  china:
    jurisdictions: {strict: [CN], unknown: allowed}
    sign_off: {from: team:cn-owners}
    why: China has its own owners
break_glass: {from: team:incident, longest_hours: 12}
"""


@dataclass
class Done:
    """A run that ended: its exit code, and everything it said, on one line."""

    code: int
    said: str
    stdout: str = ""
    stderr: str = ""


@dataclass
class Gate:
    """The gate in front of one world, with the files a runner would hand to it."""

    world: World
    folder: Path
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]
    plans: dict[str, Path] = field(default_factory=lambda: {"plan.json": EVERYWHERE})
    run_id: int = 100

    def __post_init__(self) -> None:
        self.world.file(".scopegate/policy.yaml", POLICY)
        self.world.teams = {"cn-owners": {"bob": "active", "carol": "active"}, "incident": {"carol": "active"}}

    @property
    def summary(self) -> str:
        return (self.folder / "summary.md").read_text()

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "outputs").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def environment(self) -> dict[str, str]:
        self.run_id += 1
        return {
            "PATH": os.environ["PATH"],
            "GITHUB_TOKEN": "test-token",
            "GITHUB_REPOSITORY": "acme/infra",
            "GITHUB_API_URL": self.world.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_RUN_ID": str(self.run_id),
            "GITHUB_WORKFLOW_REF": f"acme/infra/{GATE_WORKFLOW}@refs/heads/main",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
        }

    def words(self, more: tuple[str, ...], command: str = "gate") -> list[str]:
        for name, plan in self.plans.items():
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(plan.read_bytes())
        words = [*more, *([] if "--identity" in more else ["--identity", self.world.viewer])]
        if "--plan-workflow" not in words:
            words += [*self.plans, *([] if "--commit" in words else ["--commit", self.world.pull["head"]["sha"]])]
        if "--head" not in words:
            words += ["--pull-request", str(NUMBER)]
        return ["scopegate", command, *words]

    def process(self, *more: str) -> Done:
        """Run the gate as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-I", "-c", "from scopegate.cli.main import main; main()", *self.words(more)[1:]],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, " ".join((done.stdout + done.stderr).split()), done.stdout, done.stderr)

    def here(self, *more: str, command: str = "gate") -> Done:
        """Run a command in this process: quicker, for the steps before the one that is looked at."""
        return self.run(self.words(more, command), self.folder)

    def run(self, words: list[str], folder: Path) -> Done:
        """Run a command line in this process."""
        code: object = 0
        with self.patch.context() as patch:
            patch.chdir(folder)
            for name, value in self.environment().items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", words)
            try:
                main()
            except SystemExit as stop:
                code = stop.code
        out, err = self.capture.readouterr()
        assert isinstance(code, int), code
        return Done(int(code), " ".join((out + err).split()), out, err)

    def published(self) -> "Gate":
        """Let the gate say what there is to agree to."""
        self.here()
        return self


def archive(files: dict[str, bytes], mode: int = stat.S_IFREG | 0o644) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, data)
    return packed.getvalue()


def kept(gate: Gate, *more: str, **run: object) -> Done:
    """Run the gate as its workflow does: what it writes for ``--scopes`` becomes an artifact of its run."""
    done = gate.here("--scopes", "scopes.json", *more)
    made = {"id": gate.run_id, "path": GATE_WORKFLOW, "event": "workflow_run", "head_sha": "0" * 40, **run}
    data = archive({"scopes.json": (gate.folder / "scopes.json").read_bytes()})
    artifact = {"id": gate.run_id, "name": "scopegate-scopes", "size_in_bytes": len(data), "expired": False}
    gate.world.runs[gate.run_id] = made
    gate.world.artifacts[gate.run_id] = [artifact]
    gate.world.archives[gate.run_id] = data
    return done


Arrange = Callable[[Gate], tuple[str, ...] | None]

__all__ = ["AT_HOME", "EVERYWHERE", "FIXTURES", "HEAD", "POLICY", "ROOT", "Arrange", "Done", "Gate", "archive", "kept"]
