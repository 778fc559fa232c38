"""Finding the one plan among log lines, and refusing to choose where there are two."""

import json

import pytest

from plan.documents import change, plan, written
from scopegate.errors import PlanError
from scopegate.plan.decode import decode_plan

LINE = written(plan(change())).decode().rstrip("\n")
PRETTY = json.dumps(plan(change()), indent=2)
OTHER = written(plan(change("aws_sqs_queue.b"))).decode().rstrip("\n")
NOTE = ("plan.json holds log text around the plan; it was left aside.",)


def addresses(text: str) -> list[str]:
    return [instance.address for instance in decode_plan(text.encode(), "plan.json").instances]


def refusal(text: str) -> str:
    with pytest.raises(PlanError) as refused:
        decode_plan(text.encode(), "plan.json")
    return str(refused.value)


@pytest.mark.parametrize("text", [LINE, f"{LINE}\n", f"\n  {LINE}\r\n\n", PRETTY, f"{PRETTY}\n"])
def test_a_plan_and_nothing_else_needs_no_note(text: str) -> None:
    assert addresses(text) == ["aws_sqs_queue.a"]
    assert decode_plan(text.encode(), "plan.json").notes == ()


# The form of infracost's recorded output of the setup-terraform wrapper, in fixtures/real.
WRAPPED = (
    "[command]/opt/setup/terraform-bin show -json tfplan\n"
    f"{LINE}\n"
    "::debug::Terraform exited with code 0.\n"
    f"::debug::stdout: {LINE}%0A\n"
    "::debug::stderr: \n"
    f"::set-output name=stdout::{LINE}%0A\n"
    "::set-output name=exitcode::0"
)


@pytest.mark.parametrize(
    "text",
    [
        WRAPPED,
        f"{LINE}%0A\n::set-output name=exitcode::0",
        f"\n  {LINE}\nReleasing state lock.\n",
        f"Acquiring state lock. This may take a few moments...\n{PRETTY}\nReleasing state lock.\n",
        f"time=2026-01-01 level=info msg=show\r\n{LINE}\r\n",
        f'{{"@level":"info","@message":"Terraform 1.9.0"}}\n{LINE}\n',
        f"  # aws_sqs_queue.a will be created\n  + resource {{\n    }}\nPlan: 1 to add.\n{LINE}\n",
    ],
)
def test_log_lines_around_the_plan_are_left_aside_and_noted(text: str) -> None:
    read = decode_plan(text.encode(), "plan.json")
    assert [instance.address for instance in read.instances] == ["aws_sqs_queue.a"]
    assert read.notes == NOTE


def test_the_same_plan_printed_twice_is_one_plan() -> None:
    assert addresses(f"{LINE}\n{LINE}\n") == ["aws_sqs_queue.a"]


@pytest.mark.parametrize(
    "text", [f"{LINE}\n{OTHER}\n", f"{PRETTY}\n{OTHER}", f"[command]show\n{OTHER}\n::debug::\n{LINE}"]
)
def test_several_plans_in_one_file_are_never_read_as_the_first(text: str) -> None:
    assert refusal(text).startswith("plan.json holds 2 plans, and a verdict over one of them would hide the others")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"{LINE}}}", f"more text behind the end of the object at line 1, column {len(LINE) + 1}"),
        (
            f"{PRETTY}\n}}\n",
            f"a piece of JSON, or a comment, outside the plan at line {PRETTY.count(chr(10)) + 2}, column 1",
        ),
        (f"// made by hand\n{LINE}", "a piece of JSON, or a comment, outside the plan at line 1, column 1"),
        (f"# made by hand\n{LINE}", "a piece of JSON, or a comment, outside the plan at line 1, column 1"),
        (f"{LINE}{OTHER}", f"more text behind the end of the object at line 1, column {len(LINE) + 1}"),
        (LINE.replace('"mode"', "// x\n'mode'"), "expecting property name enclosed in double quotes at line 1"),
        (LINE.replace(',"mode"', '"mode"'), "expecting ',' delimiter at line 1, column"),
        (f"{LINE[:-1]},}}", "property name"),
    ],
)
def test_edited_json_is_refused_with_the_position(text: str, where: str) -> None:
    message = refusal(text)
    assert message.startswith("plan.json is not valid JSON: ")
    assert where.lower() in message.lower()
    assert message.endswith("it was probably edited: make the plan JSON again with `terraform show -json`.")


@pytest.mark.parametrize("length", [1, 20, len(LINE) // 2, len(LINE) - 1])
def test_a_plan_that_breaks_off_says_so(length: int) -> None:
    assert refusal(LINE[:length]).startswith("plan.json breaks off in the middle of a value")


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_by_name(constant: str) -> None:
    message = refusal(LINE.replace('"delay":1', f'"delay":{constant}'))
    assert message.startswith(f"plan.json holds {constant}, which is no number in JSON")


def test_half_a_surrogate_pair_is_refused() -> None:
    assert refusal(LINE.replace('"delay":1', '"delay":"\\ud800"')).startswith("plan.json is not valid JSON (")


@pytest.mark.parametrize("text", ["[]", f"[{LINE}]", '"plan"', "17", "null", "true"])
def test_json_that_is_no_object_is_refused(text: str) -> None:
    assert refusal(text).startswith("plan.json is a JSON value but no object, and a plan is one JSON object")


HUMAN = """
Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
  + create

Terraform will perform the following actions:

  # aws_sqs_queue.a will be created
  + resource "aws_sqs_queue" "a" {
      + arn = (known after apply)
    }

Plan: 1 to add, 0 to change, 0 to destroy.
"""


@pytest.mark.parametrize(
    "text",
    [
        HUMAN,
        HUMAN.replace("Terraform", "OpenTofu"),
        "No changes. Your infrastructure matches the configuration.",
        "\x1b[0m\x1b[1mPlan:\x1b[0m Plan: 2 to import, 0 to add",
        *(
            f"{engine} {does}"
            for engine in ("Terraform", "OpenTofu")
            for does in ("will perform the following actions", "used the selected providers", "has compared your real")
        ),
    ],
)
def test_the_plan_as_text_for_people_is_refused_as_such(text: str) -> None:
    assert refusal(text).startswith("plan.json is the plan as text for people, which leaves out what a verdict needs")


def test_plan_json_behind_a_log_prefix_is_refused_with_the_cure() -> None:
    message = refusal(f"12:00:01.123 STDOUT [unit] terraform: {LINE}\n")
    assert message.startswith("plan.json holds plan JSON only behind other text on the same line")
    assert "terraform_wrapper: false" in message


@pytest.mark.parametrize("text", ["resource aws_sqs_queue a\n", "::debug::nothing\n", "<html></html>"])
def test_text_without_any_json_is_refused(text: str) -> None:
    assert refusal(text).startswith("plan.json is text but holds no JSON object, so there is no plan to judge")


def test_a_nesting_bomb_is_refused_and_does_not_crash() -> None:
    bomb = "[" * 200_000 + "]" * 200_000
    for text in (bomb, f'{{"format_version":"1.2","timestamp":{bomb}}}', f'log\n{LINE[:-1]},"timestamp":{bomb}}}'):
        assert "nested deeper than 200 levels" in refusal(text)
