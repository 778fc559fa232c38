"""Saved binary plans: recognised by their content, converted by the tool that is there.

``terraform show -json FILE`` takes the configuration from the plan file, but the schemas from the provider plugins of
the working directory (hashicorp/terraform internal/command/show.go, ``MaybeGetSchemas``), so it has to run where
``terraform init`` did: in the directory of the plan file if that is initialised, and otherwise in the current one. It
starts those plugins: a saved plan and the directory beside it must be trusted as for ``terraform plan`` itself.
"""

import io
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scopegate.errors import PlanError, temporary_files_for
from scopegate.plan.engine import Failed, engines_found, show_plan

# The tool sees no credentials of ours, no extra arguments and no request for logs; it needs to find its plugins.
_PASSED_ON: Final = frozenset({"HOME", "PATH", "TMPDIR", "XDG_CONFIG_HOME"})
_HELD_BACK: Final = ("TF_CLI_ARGS", "TF_LOG", "TF_TOKEN_", "TF_VAR_")


def show_saved_plan(raw: bytes, file: str | os.PathLike[str] | None, path: str) -> tuple[bytes, str]:
    """Return the plan JSON of a saved plan and the name of the tool that wrote it.

    ``file`` is where ``raw`` was read from; None for standard input, then it lies in a private file meanwhile.

    Raises:
        PlanError: neither Terraform nor OpenTofu is there, or none of them could show it.
        UsageError: there is no place for the temporary files that this takes.
    """
    _refuse_other_archives(raw, path)
    with temporary_files_for("To read a saved plan"):
        if file is not None:
            return _show(Path(file).absolute(), path)
        with tempfile.TemporaryDirectory(prefix="scopegate-") as directory:
            copy = Path(directory, "tfplan")
            copy.write_bytes(raw)
            return _show(copy, path)


def _refuse_other_archives(raw: bytes, path: str) -> None:
    try:
        names = zipfile.ZipFile(io.BytesIO(raw)).namelist()
    except zipfile.BadZipFile:
        raise PlanError(
            f"{path} begins like a saved plan but is a damaged zip archive; save the plan again with "
            "`terraform plan -out tfplan`."
        ) from None
    if "tfplan" not in names:
        raise PlanError(
            f"{path} is a zip archive but no saved plan (it holds no tfplan); unpack it and hand over the plan inside."
        )


def _show(file: Path, path: str) -> tuple[bytes, str]:
    failures: list[str] = []
    environment = dict(_environment(os.environ))
    for engine in engines_found():
        shown = show_plan(engine, file, _initialised_directory(file), environment, path)
        if not isinstance(shown, Failed):
            return shown, engine.name
        failures.append(f"{engine.name}: {shown.why}")
    if not failures:
        raise PlanError(
            f"{path} is a saved binary plan and neither terraform nor tofu is on the PATH to read it; "
            "run `terraform show -json FILE > plan.json` where it was made, and hand over plan.json."
        )
    raise PlanError(
        f"{path} is a saved binary plan that could not be shown ({'; '.join(failures)}); run "
        "`terraform show -json FILE > plan.json` in the initialised directory it was made in, and hand over plan.json."
    )


def _initialised_directory(file: Path) -> Path:
    return file.parent if (file.parent / ".terraform").is_dir() else Path.cwd()


def _environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield from {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}.items()
    for name, value in environment.items():
        if name in _PASSED_ON or (name.startswith("TF_") and not name.startswith(_HELD_BACK)):
            yield name, value
