"""Finding and reading the files of a configuration, and leaving alone what must not be read."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scopegate.errors import UsageError
from scopegate.source import read
from scopegate.source.model import Location, Sources
from scopegate.source.read import LARGEST_FILE, _Reader, read_sources


def _write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def _repository(root: Path, files: Mapping[str, str]) -> Path:
    (root / ".git").mkdir()
    return _write(root, files)


def test_modules_are_found_by_their_path_and_files_named_from_the_repository(tmp_path: Path) -> None:
    _repository(
        tmp_path,
        {
            "live/prod/main.tf": 'module "net" {\n  source = "../../modules/net"\n}\n',
            "modules/net/main.tf": 'module "inner" {\n  source = "./inner"\n}\n',
            "modules/net/inner/a.tf": '\nresource "aws_vpc" "main" {}\n',
            "modules/net/inner/b.tf.json": '{"locals": {"x": "${aws_vpc.main.id}"}}',
        },
    )
    sources = read_sources(str(tmp_path / "live" / "prod"))
    assert sources.modules.keys() == {(), ("net",), ("net", "inner")}
    assert sources.location(("net", "inner"), "aws_vpc.main") == Location("modules/net/inner/a.tf", 2)
    assert str(sources.location((), "module.net")) == "live/prod/main.tf:1"
    assert sources.location(("net",), "aws_vpc.main") is None
    assert sources.notes == ()


def test_modules_from_elsewhere_are_found_where_terraform_init_put_them(tmp_path: Path) -> None:
    installed = {"": ".", "vpc": ".terraform/modules/vpc", "vpc.sub": ".terraform/modules/vpc.sub"}
    manifest = {"Modules": [{"Key": key, "Dir": folder} for key, folder in installed.items()]}
    _repository(
        tmp_path,
        {
            "main.tf": 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n',
            ".terraform/modules/modules.json": json.dumps(manifest),
            ".terraform/modules/vpc/main.tf": 'module "sub" {\n  source = "e.com/sub"\n}\n\nlocals {\n  a = 1\n}\n',
            ".terraform/modules/vpc.sub/main.tf": "locals {\n  b = 1\n}\n",
        },
    )
    sources = read_sources(str(tmp_path))
    assert sources.block(("vpc",), "local.a") is not None
    assert sources.block(("vpc", "sub"), "local.b") is not None


def test_a_module_whose_files_are_not_here_is_named_with_the_way_out(tmp_path: Path) -> None:
    _repository(tmp_path, {"main.tf": 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'})
    (note,) = read_sources(str(tmp_path)).notes
    assert "module.vpc" in note
    assert "terraform init" in note


def test_an_override_file_adds_to_what_it_overrides(tmp_path: Path) -> None:
    _repository(
        tmp_path,
        {
            "a_override.tf": "locals {\n  x = aws_b.b.id\n}\n",
            "main.tf": "locals {\n  x = aws_a.a.id\n}\n",
        },
    )
    block = read_sources(str(tmp_path)).block((), "local.x")
    assert block is not None
    assert block.location == Location("main.tf", 2)
    assert [reading.references for reading in block.readings] == [("aws_a.a.id",), ("aws_b.b.id",)]


def test_a_file_that_cannot_be_read_costs_its_own_lines_and_is_named(tmp_path: Path) -> None:
    _repository(tmp_path, {"bad.tf": "locals {\n  x = = 1\n}\n", "good.tf": "locals {\n  y = aws_a.a.id\n}\n"})
    (tmp_path / "binary.tf").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large.tf").write_text("#" * (LARGEST_FILE + 1))
    sources = read_sources(str(tmp_path))
    assert sources.block((), "local.y") is not None
    assert [note.split()[0] for note in sources.notes] == ["bad.tf", "binary.tf", "large.tf"]
    assert "line 1" in sources.notes[0]


def _outside(root: Path) -> Path:
    return _write(root / "outside", {"secret.tf": 'resource "aws_secret" "s" {}\n'})


def test_no_link_leads_out_of_the_repository(tmp_path: Path) -> None:
    outside = _outside(tmp_path)
    (tmp_path / "repository").mkdir()
    inside = _repository(tmp_path / "repository", {"main.tf": 'module "m" {\n  source = "./link"\n}\n'})
    (inside / "linked.tf").symlink_to(outside / "secret.tf")
    (inside / "link").symlink_to(outside)
    sources = read_sources(str(inside))
    assert sources.modules.keys() == {()}
    assert sources.block((), "aws_secret.s") is None
    assert any("linked.tf" in note for note in sources.notes)
    assert any("module.m" in note for note in sources.notes)


@pytest.mark.parametrize("source", ["../outside", "../../outside", "./../outside"])
def test_no_module_source_leads_out_of_the_repository(tmp_path: Path, source: str) -> None:
    _outside(tmp_path)
    (tmp_path / "repository").mkdir()
    inside = _repository(tmp_path / "repository", {"main.tf": f'module "m" {{\n  source = "{source}"\n}}\n'})
    assert read_sources(str(inside)).modules.keys() == {()}


@pytest.mark.parametrize(
    "source", ["./" + "a" * 300, "./loop", "./main.tf", "./a\\u0000b"], ids=["long", "loop", "file", "nul"]
)
def test_a_module_source_that_leads_to_no_folder_is_named(tmp_path: Path, source: str) -> None:
    call = f'{{"module": {{"m": {{"source": "{source}"}}}}}}'
    _repository(tmp_path, {"main.tf.json": call, "main.tf": "locals {}\n"})
    (tmp_path / "loop").symlink_to("loop")
    (note,) = read_sources(str(tmp_path)).notes
    assert note.startswith("The sources of module.m are not in the repository")


def test_a_folder_with_no_name_is_refused_in_a_sentence() -> None:
    for name in ("a" * 5_000, "a\0b"):
        with pytest.raises(UsageError, match="is no folder"):
            read_sources(name)


def test_an_installed_module_outside_the_repository_is_not_read(tmp_path: Path) -> None:
    outside = _outside(tmp_path)
    (tmp_path / "repository").mkdir()
    manifest = {"Modules": [{"Key": "m", "Dir": "../outside"}, {"Key": "n", "Dir": str(outside)}]}
    files = {
        "main.tf": 'module "m" {\n  source = "x/y/z"\n}\nmodule "n" {\n  source = "x/y/z"\n}\n',
        ".terraform/modules/modules.json": json.dumps(manifest),
    }
    assert read_sources(str(_repository(tmp_path / "repository", files))).modules.keys() == {()}


def test_a_module_that_calls_itself_ends(tmp_path: Path) -> None:
    _repository(tmp_path, {"main.tf": 'module "m" {\n  source = "./."\n}\n'})
    assert len(read_sources(str(tmp_path)).modules) == 21


def test_not_every_call_of_very_many_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of 10,000 calls of itself, each looked up on the disk for each of 5,000 modules, took hours."""
    calls = "".join(f'module "m{number}" {{\n  source = "./."\n}}\n' for number in range(9))
    _repository(tmp_path, {"main.tf": calls})
    looked: list[Path] = []
    inside = _Reader._inside

    def counted(reader: _Reader, path: Path) -> Path | None:
        looked.append(path)
        return inside(reader, path)

    monkeypatch.setattr(_Reader, "_inside", counted)
    monkeypatch.setattr(read, "MOST_MODULES", 30)
    sources = read_sources(str(tmp_path))
    assert len(sources.modules) == 30
    assert len(looked) == 30
    assert sources.notes == (read._TOO_MANY,)


def test_not_every_call_of_very_many_that_lead_nowhere_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = "".join(f'module "m{number}" {{\n  source = "./gone"\n}}\n' for number in range(40))
    _repository(tmp_path, {"main.tf": calls})
    monkeypatch.setattr(read, "MOST_MODULES", 30)
    missing, too_many = read_sources(str(tmp_path)).notes
    assert "module.m0, module.m1, module.m10, module.m11, module.m12 and 24 more" in missing
    assert too_many == read._TOO_MANY


def test_of_very_much_text_no_more_is_read_than_can_be_parsed_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _repository(tmp_path, {f"{name}.tf": f"locals {{\n  {name} = aws_x.x.id\n}}\n" for name in "abcd"})
    size = (tmp_path / "a.tf").stat().st_size
    monkeypatch.setattr(read, "MOST_BYTES", 3 * size)
    sources = read_sources(str(tmp_path))
    assert list(sources.modules[()]) == ["local.a", "local.b", "local.c"]
    (note,) = sources.notes
    assert note.startswith(f"More than 5,000 files or {3 * size:,} bytes are not read")
    assert note.endswith("stand in d.tf are missing.")
    monkeypatch.setattr(read, "MOST_FILES", 1)
    assert "only stand in b.tf, c.tf, d.tf are missing" in read_sources(str(tmp_path)).notes[0]


def test_a_block_that_is_written_many_times_is_put_together_once(tmp_path: Path) -> None:
    text = "".join(f"locals {{\n  a = var.v{number}\n}}\n" for number in range(3))
    _repository(tmp_path, {"main.tf": text, "main_override.tf": "locals {\n  a = var.last\n}\n"})
    block = read_sources(str(tmp_path)).modules[()]["local.a"]
    assert [reading.references for reading in block.readings] == [("var.v0",), ("var.v1",), ("var.v2",), ("var.last",)]


@pytest.mark.parametrize("manifest", ["", "[]", '{"Modules": 3}', '{"Modules": [{"Key": 3}]}', '{"Modules": [{}]}'])
def test_a_manifest_that_is_none_is_no_manifest(tmp_path: Path, manifest: str) -> None:
    _repository(tmp_path, {"main.tf": "locals {}\n", ".terraform/modules/modules.json": manifest})
    assert read_sources(str(tmp_path)).modules.keys() == {()}


def test_without_a_repository_the_folder_itself_is_the_boundary(tmp_path: Path) -> None:
    _outside(tmp_path)
    root = _write(tmp_path / "root", {"main.tf": 'module "m" {\n  source = "../outside"\n}\n'})
    if any((parent / ".git").exists() for parent in root.resolve().parents):
        pytest.skip("the temporary folder lies in a repository")
    sources = read_sources(str(root))
    assert sources.modules.keys() == {()}
    assert sources.location((), "module.m") == Location("main.tf", 1)


def test_a_folder_without_a_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no \.tf"):
        read_sources(str(tmp_path))
    with pytest.raises(UsageError, match="is no folder"):
        read_sources(str(tmp_path / "nothing"))


def test_reading_needs_no_parser_where_nothing_is_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hcl2", None)  # importing it fails
    _repository(tmp_path, {"main.tf": 'resource "aws_a" "a" {\n  x = aws_b.b.id\n}\n'})
    sources: Sources = read_sources(str(tmp_path))
    assert sources.location((), "aws_a.a") == Location("main.tf", 1)
    assert sources.notes == ()


def test_a_module_whose_folder_may_not_be_looked_into_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user of these tests may be allowed to look into any, so that who asks is told otherwise."""
    (tmp_path / "main.tf").write_text('module "a" {\n  source = "./sub"\n}\n')
    (tmp_path / "sub").mkdir()
    assert read_sources(str(tmp_path)).notes == ()
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != "sub")
    (note,) = read_sources(str(tmp_path)).notes
    assert "module.a" in note
