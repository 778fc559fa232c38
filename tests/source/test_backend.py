"""Where a configuration keeps its state, as far as its files say."""

import json
from pathlib import Path

import pytest

from scopegate.source.model import LOCAL, Backend
from scopegate.source.read import read_sources


def backend(folder: Path, **files: str) -> Backend:
    (folder / "main.tf").write_text("# nothing\n")
    for name, text in files.items():
        (folder / name.replace("_tf", ".tf")).write_text(text)
    return read_sources(str(folder)).backend


def test_without_a_block_it_is_kept_beside_the_files(tmp_path: Path) -> None:
    assert backend(tmp_path, versions_tf='terraform {\n  required_version = ">= 1.5"\n}\n') == LOCAL


def test_literal_settings_are_read_and_all_else_is_left_alone(tmp_path: Path) -> None:
    text = """
terraform {
  backend "s3" {
    bucket       = "company-states"
    key          = "net/${terraform.workspace}.tfstate"
    use_lockfile = true
    assume_role  = { role_arn = "arn:aws:iam::111122223333:role/state" }
  }
}
"""
    assert backend(tmp_path, main_tf=text) == Backend("s3", {"bucket": "company-states"})


def test_a_cloud_block_names_its_workspace(tmp_path: Path) -> None:
    text = 'terraform {\n  cloud {\n    organization = "acme"\n    workspaces {\n      name = "net"\n    }\n  }\n}\n'
    assert backend(tmp_path, main_tf=text) == Backend("cloud", {"organization": "acme", "name": "net"})


def test_an_override_replaces_it(tmp_path: Path) -> None:
    files = {
        "main_tf": 'terraform {\n  backend "s3" {\n    bucket = "company-states"\n  }\n}\n',
        "main_override_tf": 'terraform {\n  backend "local" {\n    path = "here.tfstate"\n  }\n}\n',
    }
    assert backend(tmp_path, **files) == Backend("local", {"path": "here.tfstate"})


@pytest.mark.parametrize("as_list", [False, True])
def test_it_is_read_from_json_too(tmp_path: Path, as_list: bool) -> None:
    block = {"s3": {"bucket": "company-states", "key": "${terraform.workspace}"}}
    document = {"terraform": {"backend": [block] if as_list else block}}
    (tmp_path / "main.tf.json").write_text(json.dumps(document))
    assert read_sources(str(tmp_path)).backend == Backend("s3", {"bucket": "company-states"})


def test_that_of_a_called_module_is_not_the_roots(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "main.tf").write_text('terraform {\n  backend "s3" {\n    bucket = "other"\n  }\n}\n')
    assert backend(tmp_path, main_tf='module "net" {\n  source = "./net"\n}\n') == LOCAL
