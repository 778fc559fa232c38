"""Record the plans of the examples' pull requests with the real terraform and AWS provider, against ``moto_server``.

Needs what ``fixtures/record.py`` needs. Writes ``pull-requests/*/STACK.plan.json`` and the stacks' lock files.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

EXAMPLES = Path(__file__).resolve().parent
sys.path.insert(0, str(EXAMPLES.parent / "fixtures"))

from record import PROVIDER, Moto, moto_server  # noqa: E402 - found through the line above
from recording import UNATTENDED, Terraform, apply_change  # noqa: E402
from scrub import Scrubber  # noqa: E402

PROFILES = {"stacks/china": "china"}
"""The account of a stack, where it is not the commercial one."""


def main() -> None:
    """Record the examples that the command line names, all by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("example", nargs="*", help="folder under examples/, such as one-stack")
    parser.add_argument(
        "--plugin-mirror", type=Path, default=os.environ.get("TF_PLUGIN_MIRROR"), help=f"has {PROVIDER}"
    )
    arguments = parser.parse_args()
    if arguments.plugin_mirror is None:
        parser.error("name the unpacked mirror of providers with --plugin-mirror or TF_PLUGIN_MIRROR")
    names = arguments.example or sorted({path.parents[2].name for path in EXAMPLES.glob("*/pull-requests/*/*.md")})
    with tempfile.TemporaryDirectory() as folder, moto_server(Path(folder)) as endpoint:
        cloud = Moto(Path(folder), endpoint, arguments.plugin_mirror)
        for name in names:
            record_example(EXAMPLES / name, cloud.environment(), Path(folder))


def record_example(example: Path, environment: Mapping[str, str], scratch: Path) -> None:
    """Apply every stack of an example, then plan each pull request on what was applied."""
    requests = {path.parent: stacks_of(path) for path in sorted(example.glob("pull-requests/*/pull-request.md"))}
    base = scratch / example.name
    shutil.copytree(example, base, ignore=shutil.ignore_patterns("pull-requests"))
    # The network first: the services stand on it.
    folders = sorted({folder for stacks in requests.values() for folder in stacks.values()})
    scrubbers = {folder: _applied(base, folder, _terraform(environment, folder)) for folder in folders}
    for folder in folders:
        shutil.copy(base / folder / ".terraform.lock.hcl", example / folder)
    for request, stacks in requests.items():
        changed = scratch / f"{example.name}-{request.name}"
        shutil.copytree(base, changed, symlinks=True)
        apply_change(request, changed)
        for stack, folder in stacks.items():
            plan = _plan(changed / folder, _terraform(environment, folder))
            (request / f"{stack}.plan.json").write_text(scrubbers[folder].scrub(plan))
            print(request.relative_to(EXAMPLES), stack, flush=True)


def stacks_of(path: Path) -> dict[str, str]:
    """Return the folder of each stack whose plan a pull request changes."""
    head = yaml.safe_load(path.read_text().partition("\n---\n")[0])
    return {name: stack.get("folder", ".") for name, stack in head["stacks"].items()}


def _terraform(environment: Mapping[str, str], folder: str) -> Terraform:
    return Terraform({**environment, "AWS_PROFILE": PROFILES.get(folder, "commercial")})


def _applied(base: Path, folder: str, terraform: Terraform) -> Scrubber:
    terraform.run(base / folder, "init", *UNATTENDED)
    terraform.apply(base / folder)
    return Scrubber(json.loads(terraform.run(base / folder, "show", "-json")))


def _plan(folder: Path, terraform: Terraform) -> str:
    terraform.run(folder, "init", *UNATTENDED)
    terraform.run(folder, "plan", *UNATTENDED, "-out=tfplan")
    return terraform.run(folder, "show", "-json", "tfplan")


if __name__ == "__main__":
    main()
