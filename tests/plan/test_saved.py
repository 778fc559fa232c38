"""Saved plans: the tool that is there is asked, carefully, and its error passed on in a sentence."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import pytest

from plan.documents import change, plan, written
from scopegate.errors import PlanError, UsageError
from scopegate.plan.read import plan_of, read_plan

SHOWN = written(plan(change()))

# Answers with the plan, and writes down how it was called.
OBLIGING = """#!/bin/sh
{{ pwd; env | cut -d= -f1 | sort | tr '\\n' ' '; echo; cat; printf '%s\\n' "$@"; }} > {log}
cat {shown}
"""
FAILING = """#!/bin/sh
printf 'Warning: old\\n\\n\\342\\225\\267\\n\\342\\224\\202 Error: Inconsistent dependency lock file\\n' >&2
printf '\\342\\224\\202 password = "hunter2"\\n\\342\\224\\202 Error: second\\n' >&2
exit 1
"""
SILENT = "#!/bin/sh\nexit 3\n"


def archive(name: str = "tfplan") -> bytes:
    """Return a zip archive as a saved plan is one."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        opened.writestr(name, b"plan")
    return content.getvalue()


class Tools:
    """A PATH that holds nothing but what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        (folder / "shown.json").write_bytes(SHOWN)
        for program in ("sh", "cat", "env", "cut", "sort", "tr"):
            (folder / program).symlink_to(shutil.which(program) or "")

    def add(self, name: str, script: str) -> None:
        tool = self.folder / name
        tool.write_text(script.format(log=self.log, shown=self.folder / "shown.json"))
        tool.chmod(0o755)

    def called(self) -> tuple[str, list[str], list[str]]:
        """Return the directory, the names in the environment, and the arguments; standard input is empty."""
        directory, environment, *arguments = self.log.read_text().splitlines()
        return directory, environment.split(), arguments


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    folder = tmp_path / "bin"
    folder.mkdir()
    tools = Tools(folder)
    monkeypatch.setenv("PATH", str(folder))
    return tools


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "infra" / "tfplan"
    file.parent.mkdir()
    file.write_bytes(archive())
    return file


@pytest.mark.parametrize("tool", ["terraform", "tofu"])
def test_a_saved_plan_is_shown_by_the_tool_that_is_there(tools: Tools, saved: Path, tool: str) -> None:
    tools.add(tool, OBLIGING)
    read = read_plan(str(saved))
    assert [instance.address for instance in read.instances] == ["aws_sqs_queue.a"]
    assert read.sha256 == hashlib.sha256(saved.read_bytes()).hexdigest()
    assert read.notes == (f"{saved} is a saved plan, read through `{tool} show -json`.",)


def test_the_tool_runs_where_init_did_with_nothing_of_ours(
    tools: Tools, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.add("terraform", OBLIGING)
    (saved.parent / ".terraform").mkdir()
    for name in (
        "GITHUB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "TF_CLI_ARGS_show",
        "TF_LOG",
        "TF_TOKEN_example_com",
        "TF_VAR_a",
    ):
        monkeypatch.setenv(name, "surprise")
    monkeypatch.setenv("TF_DATA_DIR", ".terraform")
    read_plan(str(saved))
    directory, environment, arguments = tools.called()
    assert directory == str(saved.parent)
    assert {"PATH", "TF_DATA_DIR", "TF_IN_AUTOMATION", "TF_INPUT", "CHECKPOINT_DISABLE"} <= set(environment)
    assert not {name for name in environment if os.environ.get(name) == "surprise"}
    assert arguments == ["show", "-json", "-no-color", str(saved)]


def test_without_init_beside_the_plan_the_current_directory_counts(
    tools: Tools, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.add("terraform", OBLIGING)
    monkeypatch.chdir(tmp_path)
    read_plan("infra/tfplan")
    directory, _, arguments = tools.called()
    assert directory == str(tmp_path)
    assert arguments[-1] == str(saved)


def test_tofu_is_tried_where_terraform_fails(tools: Tools, saved: Path) -> None:
    tools.add("terraform", FAILING)
    tools.add("tofu", OBLIGING)
    assert read_plan(str(saved)).notes == (f"{saved} is a saved plan, read through `tofu show -json`.",)


def test_terraform_is_asked_first(tools: Tools, saved: Path) -> None:
    tools.add("terraform", OBLIGING)
    tools.add("tofu", SILENT)
    assert read_plan(str(saved)).notes == (f"{saved} is a saved plan, read through `terraform show -json`.",)


def test_only_the_summary_of_the_first_error_is_passed_on(tools: Tools, saved: Path) -> None:
    tools.add("terraform", FAILING)
    tools.add("tofu", SILENT)
    with pytest.raises(PlanError) as refused:
        read_plan(str(saved))
    assert str(refused.value) == (
        f"{saved} is a saved binary plan that could not be shown (terraform: Inconsistent dependency lock file; "
        "tofu: it failed without saying why); run `terraform show -json FILE > plan.json` in the initialised directory "
        "it was made in, and hand over plan.json."
    )


def test_an_answer_without_a_word_is_a_failure(tools: Tools, saved: Path) -> None:
    tools.add("terraform", "#!/bin/sh\n")
    with pytest.raises(PlanError, match="terraform: it failed without saying why"):
        read_plan(str(saved))


def test_what_the_tool_prints_is_judged_like_any_plan(tools: Tools, saved: Path) -> None:
    tools.add("terraform", OBLIGING)
    (tools.folder / "shown.json").write_bytes(written(plan(change(), errored=True)))
    with pytest.raises(PlanError, match="is the plan of a run that failed"):
        read_plan(str(saved))


@pytest.mark.usefixtures("tools")
def test_without_a_tool_the_way_out_is_named(saved: Path) -> None:
    with pytest.raises(PlanError, match="is a saved binary plan and neither terraform nor tofu is on the PATH"):
        read_plan(str(saved))


def test_a_saved_plan_from_standard_input_lies_in_a_private_file_meanwhile(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.add("terraform", OBLIGING.replace("cat {shown}", 'ls -ld "${{4%/*}}" >> {log}\ncat {shown}'))
    (tools.folder / "ls").symlink_to("/bin/ls")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read = plan_of(archive(), "standard input", None)
    assert read.notes == ("standard input is a saved plan, read through `terraform show -json`.",)
    _, _, arguments = tools.called()
    assert arguments[-1].startswith("drwx------")
    assert not list(tmp_path.glob("scopegate-*"))


def test_the_private_file_is_removed_after_a_failure_too(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.add("terraform", FAILING)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(PlanError, match="Inconsistent dependency lock file"):
        plan_of(archive(), "standard input", None)
    assert not list(tmp_path.glob("scopegate-*"))


@pytest.mark.parametrize("from_file", [True, False])
def test_without_a_place_for_temporary_files_the_way_out_is_named(
    from_file: bool, tools: Tools, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.add("terraform", OBLIGING)
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")
    with pytest.raises(
        UsageError, match=r"To read a saved plan takes temporary files, .*\(No such file or directory\)"
    ):
        plan_of(archive(), "the plan", saved if from_file else None)


def test_another_archive_is_named_as_such(tools: Tools, saved: Path) -> None:
    tools.add("terraform", OBLIGING)
    saved.write_bytes(archive("plan.json"))
    with pytest.raises(PlanError, match=r"is a zip archive but no saved plan \(it holds no tfplan\); unpack it"):
        read_plan(str(saved))
    assert not tools.log.exists()


@pytest.mark.parametrize("raw", [archive()[:40], b"PK\x03\x04junk"], ids=["cut off", "junk"])
def test_a_damaged_archive_is_named_as_such(tools: Tools, saved: Path, raw: bytes) -> None:
    tools.add("terraform", OBLIGING)
    saved.write_bytes(raw)
    with pytest.raises(PlanError, match="begins like a saved plan but is a damaged zip archive"):
        read_plan(str(saved))
    assert not tools.log.exists()


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform")
def test_a_plan_that_terraform_saved_is_read_like_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" {\n  input = "x"\n}\n')
    for arguments in (["init"], ["plan", "-out", "-odd name"]):
        subprocess.run(
            ["terraform", *arguments], cwd=tmp_path, check=True, capture_output=True, stdin=subprocess.DEVNULL
        )
    monkeypatch.chdir(tmp_path)
    read = read_plan("-odd name")
    assert [(instance.address, instance.action.value) for instance in read.instances] == [
        ("terraform_data.a", "create")
    ]
    assert json.loads(bytes(read.instances[0].after)) == {"input": "x", "triggers_replace": None}
    assert read.sha256 == hashlib.sha256((tmp_path / "-odd name").read_bytes()).hexdigest()
