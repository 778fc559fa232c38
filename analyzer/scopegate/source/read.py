"""From the folder of a root module to ``Sources``: its modules, wherever their files are, as far as they may be read.

What stands in the files is the change's author's. So nothing outside the repository is read, whatever a link or a
module source says, and nothing beyond stated sizes; what cannot be read costs its own lines and edges, and is named.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from scopegate.errors import UsageError
from scopegate.regular_file import read_regular_file
from scopegate.source.contents import Contents
from scopegate.source.json_syntax import read_json
from scopegate.source.model import LOCAL, Backend, ModulePath, SourceBlock, Sources
from scopegate.source.native import read_native

LARGEST_FILE = 1_000_000
"""Bytes. The largest files of public modules have a tenth of that."""
MOST_BYTES = 4_000_000
"""Of all files together: a configuration of 100,000 lines. The parser takes up to half a minute for a million."""
MOST_FILES = 5_000
MOST_MODULES = 5_000
DEEPEST_MODULE = 20
_TOO_MANY = (
    f"More than {MOST_MODULES:,} modules are called, so edges behind the local values of the others are missing."
)


def read_sources(root: str) -> Sources:
    """Return the configuration whose root module is in the folder ``root``.

    The modules it calls are found by their path, or, when they come from elsewhere, where ``terraform init`` put them.
    Files are named from the root of the repository: the folder around ``root`` that holds ``.git``, else ``root``.

    Raises:
        UsageError: there is no such folder, or no configuration in it.
    """
    folder = Path(root)
    if not os.path.isdir(root):  # noqa: PTH112 - that of pathlib raises an error for a name that is too long
        raise UsageError(
            f"{root} is no folder, so there are no sources to read; name the folder of the root module, where "
            "terraform was run, or leave --source out."
        )
    if not configuration_files(folder):
        raise UsageError(
            f"{root} holds no .tf or .tf.json file, so it is not where the plan was made; name the folder of the root "
            "module, where terraform was run, or leave --source out."
        )
    return _Reader(_repository(folder.resolve())).read(folder.resolve())


def _repository(folder: Path) -> Path:
    around = (parent for parent in (folder, *folder.parents) if (parent / ".git").exists())
    return next(around, folder)


class _Folder(Struct, frozen=True):
    blocks: Mapping[str, SourceBlock]
    calls: Mapping[str, str]
    backend: Backend | None


class _Reader(Struct):
    """Reads one configuration, each folder once. Mutable, used within one call only."""

    repository: Path
    folders: dict[Path, _Folder] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files_read: int = 0
    bytes_read: int = 0
    beyond: list[str] = field(default_factory=list)
    """The files that were left out because so many others were read."""

    def read(self, root: Path) -> Sources:
        installed = _installed(root)
        modules: dict[ModulePath, Mapping[str, SourceBlock]] = {}
        missing: list[ModulePath] = []
        waiting: list[tuple[ModulePath, Path]] = [((), root)]
        too_many: tuple[str, ...] = ()
        while waiting:
            path, folder = waiting.pop()
            found = self._folder(folder)
            modules[path] = found.blocks
            for name, source in found.calls.items() if len(path) < DEEPEST_MODULE else ():
                # A module of 10,000 calls of itself would take hours to look up, call by call.
                if len(modules) + len(waiting) + len(missing) >= MOST_MODULES:
                    too_many = (_TOO_MANY,)
                    break
                called = (*path, name)
                is_local = source.startswith(("./", "../"))
                inner = self._inside(folder / source if is_local else installed.get(called))
                if inner is None or not inner.is_dir() or not os.access(inner, os.R_OK | os.X_OK):
                    missing.append(called)
                else:
                    waiting.append((called, inner))
        backend = self._folder(root).backend or LOCAL
        return Sources(modules, (*self.notes, *_beyond(self.beyond), *_missing(missing), *too_many), backend)

    def _folder(self, folder: Path) -> _Folder:
        found = self.folders.get(folder)
        if found is None:
            found = self.folders[folder] = _merge(self._contents(path) for path in configuration_files(folder))
        return found

    def _contents(self, path: Path) -> Contents:
        name = path.relative_to(self.repository).as_posix()
        text = self._text(path, name)
        contents = (
            (read_json if path.suffix == ".json" else read_native)(text, name) if text is not None else Contents(())
        )
        if contents.unread:
            lines = ", ".join(map(str, contents.unread))
            self.notes.append(
                f"{name} could not be read in full (line {lines}), so edges that only stand there are missing."
            )
        return contents

    def _text(self, path: Path, name: str) -> str | None:
        if self._inside(path) is None:
            self.notes.append(f"{name} was not read: it is outside the repository.")
            return None
        try:
            size = path.stat().st_size
            if size > LARGEST_FILE:
                self.notes.append(f"{name} was not read: it has more than {LARGEST_FILE:,} bytes.")
                return None
            if self.files_read >= MOST_FILES or self.bytes_read + size > MOST_BYTES:
                self.beyond.append(name)
                return None
            self.files_read += 1
            self.bytes_read += size
            return read_regular_file(path, LARGEST_FILE).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            self.notes.append(f"{name} could not be read as text in UTF-8, so its lines and edges are missing.")
            return None

    def _inside(self, path: Path | None) -> Path | None:
        """Return where a path leads, if that is in the repository and there."""
        try:
            resolved = path.resolve() if path else None
            is_inside = resolved is not None and resolved.is_relative_to(self.repository) and resolved.exists()
        except (OSError, RuntimeError, ValueError):  # a name too long, links in a circle, or no name
            return None
        return resolved if is_inside else None


def configuration_files(folder: Path) -> list[Path]:
    """Return the files of a module in the order they count: those that override others come last.

    None where the folder cannot be looked into.
    """
    try:
        found = [path for path in folder.iterdir() if path.name.endswith((".tf", ".tf.json")) and path.is_file()]
    except OSError:
        return []
    return sorted(
        (path for path in found if not path.name.startswith(".")), key=lambda path: (_overrides(path), path.name)
    )


def _overrides(path: Path) -> bool:
    stem = path.name.removesuffix(".json").removesuffix(".tf")
    return stem == "override" or stem.endswith("_override")


def _merge(files: Iterable[Contents]) -> _Folder:
    """Return the blocks of a module: what is written again, in an override, is read with what was written first."""
    blocks: dict[str, list[SourceBlock]] = {}
    calls: dict[str, str] = {}
    backend: Backend | None = None
    for contents in files:
        calls |= contents.calls
        backend = contents.backend or backend
        for block in contents.blocks:
            blocks.setdefault(block.name, []).append(block)
    return _Folder({name: _as_one(each) for name, each in blocks.items()}, calls, backend)


def _as_one(blocks: Sequence[SourceBlock]) -> SourceBlock:
    readings = tuple(reading for block in blocks for reading in block.readings)
    return replace(blocks[0], readings=readings, written=tuple(text for block in blocks for text in block.written))


def _installed(root: Path) -> Mapping[ModulePath, Path]:
    """Return where ``terraform init`` put the modules of a configuration."""
    manifest = root / ".terraform" / "modules" / "modules.json"
    try:
        listed = json.loads(manifest.read_bytes())["Modules"] if manifest.stat().st_size <= LARGEST_FILE else []
        return {tuple(entry["Key"].split(".")): root / entry["Dir"] for entry in listed if entry["Key"]}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _beyond(files: Sequence[str]) -> Iterator[str]:
    if files:
        yield (
            f"More than {MOST_FILES:,} files or {MOST_BYTES:,} bytes are not read, so lines and edges that only stand "
            f"in {_some(files)} are missing."
        )


def _missing(modules: Sequence[ModulePath]) -> Iterator[str]:
    if modules:
        names = sorted(".".join(f"module.{step}" for step in path) for path in modules)
        yield (
            f"The sources of {_some(names)} are not in the repository or under .terraform/modules, so edges behind "
            "their local values are missing; run `terraform init` before the review."
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
