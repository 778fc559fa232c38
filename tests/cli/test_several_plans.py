"""Several plans on the command line: one review, one graph, one explanation."""

import json
import sys
from pathlib import Path

import pytest

from scopegate.cli.main import main

STACKS = Path(__file__).parents[2] / "fixtures/stacks"
CASE = STACKS / "cases/zone-resized"
PLANS = (str(CASE / "network/plan.json"), str(CASE / "app/plan.json"))
SOURCES = ("--source", str(STACKS / "estate/network"), "--source", str(STACKS / "estate/app"))


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["scopegate", *arguments])
    code: object = 0
    try:
        main()
    except SystemExit as left:
        code = left.code
    out, err = capsys.readouterr()
    return int(str(code)), out, err


def test_a_review_of_several_plans_is_one_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(monkeypatch, capsys, "review", *PLANS, *SOURCES, "--format", "json")
    report = json.loads(out)
    assert code == 10
    assert [plan["name"] for plan in report["plans"]] == ["network", "app"]
    assert {resource["address"]: resource["stack"] for resource in report["resources"]} == {
        'network: aws_subnet.app["a"]': "network",
        "app: aws_instance.web": "app",
        "network: aws_ssm_parameter.web": "network",
    }


@pytest.mark.parametrize(
    "form", ["terminal", "markdown", "html", "json", "sarif", "junit", "github", "gitlab", "conftest"]
)
def test_every_form_says_which_plan_an_address_is_of(
    form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = said(monkeypatch, capsys, "review", *PLANS, *SOURCES, "--format", form)
    assert "network: aws_subnet.app" in out
    assert "network/main.tf" in out  # where its block begins


def test_an_option_said_of_some_plans_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    three = (*PLANS, str(STACKS / "cases/unchanged/app/plan.json"))
    code, _, err = said(monkeypatch, capsys, "review", *three, *SOURCES)
    assert code == 2
    assert "--source is given 2 times for 3 plans" in err


def test_a_plan_that_is_named_twice_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(monkeypatch, capsys, "review", PLANS[0], PLANS[0])
    assert code == 3
    assert "There is more than one plan" in err


def test_a_graph_is_written_to_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reach.json"
    arguments = ("graph", *PLANS, *SOURCES, "--reach", "--format", "json", "--output", str(file))
    assert said(monkeypatch, capsys, *arguments)[:2] == (0, "")
    document = json.loads(file.read_text())
    names = {node["id"]: node["address"] for node in document["nodes"]}
    assert [(names[edge["dependent"]], names[edge["dependency"]]) for edge in document["edges"]] == [
        ("network: aws_ssm_parameter.web", "app: aws_instance.web"),
        ("app: aws_instance.web", 'network: aws_subnet.app["a"]'),
    ]


def test_an_explanation_goes_through_both_plans_with_the_lines_of_their_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(monkeypatch, capsys, "explain", *PLANS, "network: aws_ssm_parameter.web", *SOURCES)
    assert code == 0
    output = 'data.terraform_remote_state.network.outputs.subnet_ids["a"] then network: output.subnet_ids'
    address = "data.terraform_remote_state.app.outputs.web_address then app: output.web_address"
    estate = "fixtures/stacks/estate"
    assert out.splitlines()[2:8] == [
        "Path of cause",
        f'  network: aws_subnet.app["a"]  {estate}/network/main.tf:28  will be changed: delete-then-create',
        f"  -> app: aws_instance.web  {estate}/app/main.tf:19",
        f"     its subnet_id reads network: aws_subnet.app through {output}; instances paired by all instances",
        f"  -> network: aws_ssm_parameter.web  {estate}/network/phone-book.tf:6",
        f"     its value reads app: aws_instance.web.private_ip through {address}",
    ]


def test_an_address_that_is_in_neither_plan_is_refused_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(monkeypatch, capsys, "explain", *PLANS, "app: aws_instance.wob", *SOURCES)
    assert code == 2
    assert "did you mean 'app: aws_instance.web'?" in err
