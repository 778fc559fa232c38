"""Several forms of one analysis, each where it was asked for."""

import json
import sys
from pathlib import Path

import pytest

from scopegate.cli.forms import FORMS, Wanted, wanted_forms
from scopegate.cli.main import main
from scopegate.cli.progress import waiting_for
from scopegate.errors import UsageError

PLAN = Path(__file__).parents[2] / "fixtures" / "kiro" / "setting-for-one-region-changed-everywhere" / "plan.json"


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["scopegate", "review", str(PLAN), *options])
    with pytest.raises(SystemExit) as stop:
        main()
    assert isinstance(stop.value.code, int)
    return stop.value.code


def test_one_run_writes_several_forms_and_prints_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, log = tmp_path / "report.md", tmp_path / "out.sarif"
    code = run(monkeypatch, "--format", f"markdown={page}", "--format", f"sarif={log}", "--format", "terminal")
    assert code == 10
    assert page.read_text().startswith("## ✋ NEEDS SIGN-OFF\n")
    assert json.loads(log.read_text())["version"] == "2.1.0"
    assert capsys.readouterr().out.startswith("NEEDS SIGN-OFF  0 of 2 signed")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_printed_and_none_changes_the_exit_code(
    form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--format", form) == 10
    assert "china" in capsys.readouterr().out


def test_where_every_form_has_a_file_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--format", f"json={tmp_path / 'a=b.json'}")
    assert capsys.readouterr().out == ""
    assert (tmp_path / "a=b.json").is_file()


def test_without_a_word_the_terminal_is_meant_and_output_names_its_file() -> None:
    assert wanted_forms((), None) == (Wanted("terminal", None),)
    assert wanted_forms(("json",), "r.json") == (Wanted("json", "r.json"),)


@pytest.mark.parametrize(
    ("formats", "output", "why"),
    [
        (("pdf",), None, "There is no form 'pdf', so no report could be written; the forms are terminal, "),
        (("markdwon",), None, "There is no form 'markdwon', so no report could be written; did you mean markdown?"),
        (("sarif=",), None, "names no file"),
        (("json", "sarif"), None, "printed into each other"),
        (("json=a", "sarif=a"), None, "written to a, one over the other"),
        (("json", "sarif=a"), "b", "--output says where one report goes"),
        (("json=a",), "b", "--output says where one report goes"),
    ],
)
def test_what_cannot_be_meant_is_refused(formats: tuple[str, ...], output: str | None, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        wanted_forms(formats, output)


def test_a_form_that_does_not_exist_is_refused_before_the_plan_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["scopegate", "review", "no-such-plan.json", "--format", "pdf"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "There is no form 'pdf'" in capsys.readouterr().err


def test_verbose_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch)
    usual = capsys.readouterr().out
    run(monkeypatch, "--verbose")
    everything = capsys.readouterr().out
    assert "Read these first (8 of 10)" in usual
    assert "Read these first\n" in everything
    assert everything.count("\n  ~ ") == 10


def test_whoever_waits_at_a_terminal_is_told_for_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scopegate.cli.progress.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with waiting_for("Reading the plan"):
        while "Reading" not in (told := capsys.readouterr().err):
            pass
    assert told == "Reading the plan ..."
    assert capsys.readouterr().err == "\r\x1b[K"


def test_nobody_is_told_anything_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scopegate.cli.progress.PATIENCE_SECONDS", 0.0)
    with waiting_for("Reading the plan"):
        pass
    assert capsys.readouterr().err == ""


def test_a_report_of_the_push_before_is_compared_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tmp_path / "before.json"
    run(monkeypatch, "--format", f"json={before}")
    run(monkeypatch, "--since", str(before))
    assert "Since the report before: nothing got wider or narrower; it was NEEDS SIGN-OFF" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["scopegate", "review", str(PLAN), "--since", str(tmp_path / "none.json")])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "cannot be read" in capsys.readouterr().err
