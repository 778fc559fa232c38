"""Record what the real terraform says about the estates in ``estates/``: ``python tests/graph/record.py [NAME…]``.

Each estate is a configuration of the provider that is built into terraform, so this runs offline. Beside its ``.tf``
files it gets ``created.json`` (a plan with no state), ``applied.json`` (a plan after the apply, with the files of
``after/`` laid over it where there are any), and ``graph.dot`` and ``after.dot``, the graphs that ``terraform graph``
draws of the two.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ESTATES = Path(__file__).resolve().parent / "estates"
RECORDED = ("created.json", "applied.json", "graph.dot", "after.dot")


def record(estate: Path, folder: Path) -> None:
    """Plan, apply and plan again the configuration of ``estate`` in ``folder``, and keep what terraform said."""
    shutil.copytree(estate, folder, ignore=shutil.ignore_patterns(*RECORDED, "after"))
    _terraform(folder, "init", "-input=false", "-no-color")
    (estate / "created.json").write_text(_plan(folder))
    (estate / "graph.dot").write_text(_terraform(folder, "graph"))
    _terraform(folder, "apply", "-input=false", "-no-color", "tfplan")
    if (estate / "after").exists():
        shutil.copytree(estate / "after", folder, dirs_exist_ok=True)
    (estate / "applied.json").write_text(_plan(folder))
    (estate / "after.dot").write_text(_terraform(folder, "graph"))


def _plan(folder: Path) -> str:
    _terraform(folder, "plan", "-input=false", "-no-color", "-out=tfplan")
    return _terraform(folder, "show", "-json", "tfplan")


def _terraform(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["terraform", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"terraform {' '.join(arguments)} failed in {folder}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


if __name__ == "__main__":
    wanted = [ESTATES / name for name in sys.argv[1:]] or sorted(path for path in ESTATES.iterdir() if path.is_dir())
    with tempfile.TemporaryDirectory() as scratch:
        for estate in wanted:
            record(estate, Path(scratch) / estate.name)
