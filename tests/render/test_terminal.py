"""The text a person reads first."""

import json
import re
import unicodedata
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from handmade import instance, plan
from render.reports import moved, queue, table
from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.place.placement import Unknown
from scopegate.plan.actions import Action
from scopegate.plan.model import Instance
from scopegate.reach.model import How
from scopegate.render import json as json_form
from scopegate.render import terminal
from scopegate.render.tree import Branch, in_words
from scopegate.render.wording import ranked_resources, signals_by_address
from scopegate.verdict.report import Report, Resource, Step

AWS = "registry.terraform.io/hashicorp/aws"
ESCAPES = "\x1b[31m\u202e\u200b\n"
KNOWLEDGE = default_knowledge()


def _report(*instances: Instance, **options: object) -> Report:
    return analyze(plan(*instances), KNOWLEDGE, Options(**options)).report  # type: ignore[arg-type]


def _queue(address: str, region: str, action: Action = Action.UPDATE) -> Instance:
    before, after = {"region": region, "delay_seconds": 0}, {"region": region, "delay_seconds": 5}
    return instance(address, action, before, None if action is Action.DELETE else after, provider_name=AWS)


def test_the_first_line_says_whether_it_is_stopped_and_how_many_must_sign() -> None:
    text = terminal.render(_report(_queue("aws_sqs_queue.a", "cn-north-1")))
    assert text.splitlines()[0] == "NEEDS SIGN-OFF  0 of 2 signed (anyone eligible)"


def test_a_pass_says_so_in_words_and_asks_for_nothing() -> None:
    text = terminal.render(_report(_queue("aws_sqs_queue.a", "eu-central-1")))
    assert text.startswith("PASS  nothing beyond what was agreed\n")
    assert "What now" not in text
    assert "Beyond what was agreed" not in text


def test_nothing_changed_is_said_in_two_words() -> None:
    assert "  Changes nothing.\n" in terminal.render(_report(_queue("aws_sqs_queue.a", "eu-central-1", Action.NO_OP)))


def test_report_only_is_said_on_the_first_line() -> None:
    report = _report(_queue("aws_sqs_queue.a", "cn-north-1"), report_only=True)
    assert "report only" in terminal.render(report).splitlines()[0]


@pytest.mark.parametrize("width", [70, 80, 120])
def test_no_line_is_wider_than_asked_for_except_for_an_address(width: int) -> None:
    queues = [_queue(f"aws_sqs_queue.q{n}", ("eu-central-1", "us-east-1", "cn-north-1")[n % 3]) for n in range(12)]
    lines = terminal.render(_report(*queues), width=width).splitlines()
    assert [line for line in lines if len(line) > max(width, 75 if line.startswith("    sha256:") else 0)] == []


def test_rows_beyond_the_first_eight_are_counted() -> None:
    text = terminal.render(_report(*(_queue(f"aws_sqs_queue.q{n}", "eu-central-1") for n in range(12))))
    assert "Read these first (8 of 12)" in text


def test_what_is_destroyed_is_read_before_what_is_updated() -> None:
    report = _report(
        _queue("aws_sqs_queue.updated", "eu-central-1"), _queue("aws_sqs_queue.gone", "eu-central-1", Action.DELETE)
    )
    assert [resource.address for resource in ranked_resources(report)] == [
        "aws_sqs_queue.gone",
        "aws_sqs_queue.updated",
    ]
    assert re.search(r"^  ! delete  aws_sqs_queue\.gone$", terminal.render(report), re.MULTILINE)


def test_what_stands_alone_in_its_region_is_read_before_what_stands_among_many() -> None:
    report = _report(
        *(_queue(f"aws_sqs_queue.a{number}", "eu-central-1") for number in range(9)),
        _queue("aws_sqs_queue.z", "us-east-1"),
    )
    assert ranked_resources(report)[0].address == "aws_sqs_queue.z"


def test_what_is_beyond_more_limits_is_read_first() -> None:
    report = _report(
        *(_queue(f"aws_sqs_queue.z{number}", "cn-north-1") for number in range(3)),
        _queue("aws_sqs_queue.a", "eu-central-1"),
    )
    assert ranked_resources(report)[-1].address == "aws_sqs_queue.a"


def test_lost_data_is_read_before_other_high_signals() -> None:
    report = _report(
        instance("aws_kms_key.a", Action.UPDATE, {"is_enabled": True}, {"is_enabled": False}, provider_name=AWS),
        instance("aws_lambda_function_url.b", Action.CREATE, None, {"authorization_type": "NONE"}, provider_name=AWS),
        instance("aws_dynamodb_table.c", Action.DELETE, {"name": "c"}, None, provider_name=AWS),
    )
    assert [resource.address for resource in ranked_resources(report)][-1] == "aws_lambda_function_url.b"


def test_what_nothing_stands_in_any_more_is_said_with_its_region() -> None:
    left = terminal.render(_report(moved("aws_sqs_queue.a", "eu-west-1", "eu-west-3")))
    assert "  aws: eu-west-1 [EU]: 1 direct, moved away from here\n" in left
    partly = terminal.render(
        _report(moved("aws_sqs_queue.a", "eu-west-1", "eu-west-3"), _queue("aws_sqs_queue.b", "eu-west-1"))
    )
    assert "  aws: eu-west-1 [EU]: 2 direct, 1 moved away from here\n" in partly


def test_a_region_that_only_an_attribute_names_is_said_to_be_one() -> None:
    text = terminal.render(_report(table("aws_dynamodb_table.t", "eu-central-1", "ap-south-1")))
    assert "  aws: ap-south-1 [IN]: 1 direct, only named by an attribute\n" in text


def test_where_nothing_is_destroyed_the_first_lines_say_so_and_name_what_is_affected() -> None:
    text = terminal.render(_report(_queue("aws_sqs_queue.a", "eu-central-1")))
    assert "  At risk     nothing is destroyed; no high signal\n" in text


def test_why_and_path_are_said_in_one_line_where_the_path_is_one_step() -> None:
    whole, parts = Resource, (Step("a.one"), Step("b.two", "name", kind="reference"))
    place = _report(_queue("aws_sqs_queue.a", "eu-central-1")).resources[0].placement
    near = whole("b.two", None, "b", None, How.AFFECTED, "reads all of a.one, which changes", False, place, parts)
    assert list(terminal.WORDS.cause(near)) == ["reads all of a.one, which changes (by name)"]
    far = replace(near, path=(*parts, Step("c.three", "id", kind="reference")), why="")
    assert list(terminal.WORDS.cause(far)) == ["because a.one -> b.two (name) -> this (id)"]


def test_changes_that_are_undone_alike_are_said_together_and_every_one_is_counted() -> None:
    queues = [_queue(f"aws_sqs_queue.q{n}", "eu-central-1") for n in range(6)]
    text = terminal.render(_report(*queues), verbose=True)
    assert "  - " + ", ".join(f"aws_sqs_queue.q{n}" for n in range(3)) in text
    assert text.count("to undo: Re-apply the old commit.") == 1


def test_a_branch_too_wide_for_the_page_says_what_happens_but_not_by_which_argument() -> None:
    resource = Branch("`-- ", _report(_queue("aws_sqs_queue.a", "eu-central-1")).resources[0])
    hanging = replace(resource, resource=replace(resource.resource, path=(Step("x"), Step("y", "environment"))))
    assert in_words(hanging, str) == "`-- aws_sqs_queue.a  update (by environment)"
    assert in_words(hanging, str, 40) == "`-- aws_sqs_queue.a  update"


def test_colour_is_only_decoration() -> None:
    report = _report(_queue("aws_sqs_queue.gone", "cn-north-1", Action.DELETE))
    coloured, bare = terminal.render(report, colour=True), terminal.render(report)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == bare


def test_words_of_the_plan_cannot_steer_the_terminal() -> None:
    text = terminal.render(_report(_queue(f'aws_sqs_queue.a["{ESCAPES}"]', "cn-north-1")))
    assert not any(unicodedata.category(character) in {"Cc", "Cf"} for character in text if character != "\n")
    assert "\\u001b[31m\\u202e\\u200b\\n" in text


_ADDRESSES = st.from_regex(r"aws_(sqs_queue|vpc|db_instance|s3_bucket|iam_role)\.[a-z]{1,8}", fullmatch=True)
_DRAWN = st.dictionaries(
    _ADDRESSES,
    st.tuples(
        st.sampled_from([Action.CREATE, Action.UPDATE, Action.DELETE, Action.DELETE_THEN_CREATE, Action.NO_OP]),
        st.sampled_from(["eu-central-1", "cn-north-1", "us-gov-west-1", "xx-nowhere-1"]),
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(_DRAWN)
def test_every_report_fits_the_published_schema(drawn: dict[str, tuple[Action, str]]) -> None:
    schema = json.loads((files("scopegate_rules") / "schemas" / "report.schema.json").read_text())
    report = _report(*(_queue(address, region, action) for address, (action, region) in drawn.items()))
    jsonschema.Draft202012Validator(schema).validate(json.loads(json_form.render(report)))


def test_a_rule_is_explained_once_and_only_where_a_high_signal_stands() -> None:
    gone = [_queue(f"aws_sqs_queue.{name}", "eu-central-1", Action.DELETE) for name in ("a", "b")]
    report = _report(*gone)
    (do,) = {signal.do for signal in report.signals if signal.rule == "any-data-loss-destroy"}
    text = " ".join(terminal.render(report).split())
    assert text.count("[any-data-loss-destroy]") == 2
    assert text.count(do) == 1


def test_high_signals_are_told_in_the_first_lines_in_the_words_of_their_rules() -> None:
    gone = [_queue(f"aws_sqs_queue.{name}", "eu-central-1", Action.DELETE) for name in ("a", "b")]
    head = " ".join(terminal.render(_report(*gone)).partition("Beyond what was agreed")[0].split())
    assert "high signals: Something that holds data is destroyed (2)" in head


def test_what_is_said_of_several_deposed_objects_of_an_address_is_shown_once() -> None:
    """Each object showed the signals of all: a thousand objects took a million lines."""
    gone = [replace(_queue("aws_sqs_queue.a", "eu-central-1", Action.DELETE), deposed=f"{n:08x}") for n in range(5)]
    report = _report(*gone)
    said = [signal.rule for signal in report.signals if signal.address == "aws_sqs_queue.a"]
    shown = [signal.rule for signal in signals_by_address(report.signals)["aws_sqs_queue.a"]]
    assert said.count("any-data-loss-destroy") == 5
    assert shown.count("any-data-loss-destroy") == 1


def test_why_a_region_is_unknown_is_said_once_of_several_in_a_row() -> None:
    nowhere = [instance(f"aws_sqs_queue.{name}", Action.CREATE, None, {}, provider_name=AWS) for name in "abd"]
    known = queue("aws_sqs_queue.c", "eu-central-1")
    resources = {one.address[-1]: one for one in _report(*nowhere, known).resources}
    said = [place[0] for place in terminal.WORDS.places(resources[name] for name in "abcd")]
    assert said[0].startswith("region unknown: the plan came without its configuration")
    assert said[1:] == ["region unknown, for the same reason", "eu-central-1 (aws, EU)", said[1]]
    other = replace(resources["a"], placement=replace(resources["a"].placement, region=Unknown("it moves about")))
    said = [place[0] for place in terminal.WORDS.places([other, resources["a"], other])]
    assert said[0] == said[2] == "region unknown: it moves about"
    assert said[1].startswith("region unknown: the plan came without")


def test_a_law_that_is_not_known_is_named_last_and_alone_as_such() -> None:
    nowhere = instance("aws_sqs_queue.a", Action.CREATE, None, {}, provider_name=AWS)
    assert "an unknown partition of aws (law unknown): 1 direct" in terminal.WORDS.reach(_report(nowhere))
    both = _report(nowhere, queue("aws_sqs_queue.b", "eu-central-1"))
    assert "(law of EU, unknown): 2 direct" in terminal.WORDS.reach(both)
