"""Plans that are read but must not be judged, and what is said about those that are."""

from typing import Any

import pytest

from plan.documents import change, plan, state, written
from scopegate.errors import PlanError
from scopegate.plan.decode import decode_plan
from scopegate.plan.judgeable import tells_providers_of_child_modules
from scopegate.plan.model import Plan
from scopegate.plan.sections import IGNORED, USED, unknown_sections


def read(**sections: Any) -> Plan:
    return decode_plan(written(plan(change(), **sections)), "plan.json")


def refusal(document: Any) -> str:
    with pytest.raises(PlanError) as refused:
        decode_plan(written(document), "plan.json")
    return str(refused.value)


def test_an_errored_plan_is_not_judged() -> None:
    message = refusal(plan(change(), errored=True, complete=False))
    assert message.startswith("plan.json is the plan of a run that failed (errored: true)")


def test_a_targeted_plan_is_not_judged() -> None:
    """`terraform plan -target` of 1.11.4 writes exactly this: complete false, errored false."""
    message = refusal(plan(change(), applyable=True, complete=False, errored=False))
    assert message.startswith("plan.json is incomplete (complete: false), so it hides what was left out")
    assert "-target" in message


@pytest.mark.parametrize("name", ["deferred_changes", "deferred_action_invocations"])
def test_a_plan_with_deferred_changes_is_not_judged(name: str) -> None:
    deferred = [{"reason": "instance_count_unknown", "resource_change": change()}]
    assert refusal(plan(change(), **{name: deferred})).startswith(f"plan.json is incomplete: it has {name}, ")
    assert read(**{name: []}).instances


def test_absent_is_not_false() -> None:
    assert read().instances
    assert read(errored=False, complete=True, applyable=False).instances
    assert read(errored=None).instances


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1", "1.2"])
def test_every_format_version_there_is_is_read_without_a_note(version: str) -> None:
    assert read(format_version=version).notes == ()
    assert read(format_version=version).format_version == version


def test_a_newer_minor_version_is_read_with_a_note() -> None:
    (note,) = read(format_version="1.7").notes
    assert (
        note == "plan.json has format_version 1.7, newer than the newest looked at (1.2): what it adds was not judged."
    )


@pytest.mark.parametrize("version", ["2.0", "10.1", "", "one", "1", "1.x", "v1.2", "٢.٠"])
def test_a_format_version_that_is_not_understood_is_refused(version: str) -> None:
    assert refusal(plan(format_version=version)).startswith(f"plan.json has the format_version {version!r}, and this")


@pytest.mark.parametrize("version", [1.2, True, ["1.2"]])
def test_a_format_version_that_is_no_text_is_refused(version: Any) -> None:
    assert "has a section format_version that Terraform does not write" in refusal(plan(format_version=version))


REDACTED = plan(change(), format_version=None, configuration=None, plan_format_version="1.1", provider_schemas={})


def test_a_redacted_plan_is_read_with_a_note() -> None:
    redacted = decode_plan(written(REDACTED), "plan.json")
    assert [instance.address for instance in redacted.instances] == ["aws_sqs_queue.a"]
    assert redacted.format_version == ""
    assert not redacted.configuration.present
    (note,) = redacted.notes
    assert note == (
        "plan.json is a redacted plan from HCP Terraform: it has no configuration and no prior state, and sensitive "
        "values are replaced, so dependencies and provider regions cannot be seen."
    )


def test_a_redacted_plan_of_a_newer_major_version_is_refused() -> None:
    assert refusal({**REDACTED, "plan_format_version": "2.0"}).startswith("plan.json has the plan_format_version '2.0'")


def test_no_changes_at_all_is_a_plan() -> None:
    assert decode_plan(written(plan(resource_changes=None)), "plan.json").instances == ()
    assert decode_plan(written(plan()), "plan.json").instances == ()


@pytest.mark.parametrize("module", ["root", "child"])
@pytest.mark.parametrize("changes", [None, []], ids=["absent", "empty"])
def test_planned_values_without_changes_show_that_the_changes_were_cut_off(changes: Any, module: str) -> None:
    resource = {"address": "aws_sqs_queue.a", "mode": "managed", "type": "aws_sqs_queue", "name": "a", "values": {}}
    root = {"resources": [resource]} if module == "root" else {"child_modules": [{"resources": [resource]}]}
    message = refusal(plan(resource_changes=changes, planned_values={"root_module": root}))
    assert message.startswith("plan.json has 'aws_sqs_queue.a' in planned_values but not in resource_changes")


def test_one_planned_value_without_its_change_shows_that_it_was_cut_out() -> None:
    resources = [{"address": f"aws_sqs_queue.{name}", "mode": "managed"} for name in "ab"]
    planned = {"root_module": {"resources": resources}}
    both = plan(change("aws_sqs_queue.a"), change("aws_sqs_queue.b"), planned_values=planned)
    assert len(decode_plan(written(both), "plan.json").instances) == 2
    message = refusal(plan(change("aws_sqs_queue.a"), planned_values=planned))
    assert message.startswith("plan.json has 'aws_sqs_queue.b' in planned_values but not in resource_changes, so chan")


def test_a_data_source_among_the_planned_values_needs_no_change() -> None:
    resources = [{"address": "data.aws_ami.a", "mode": "data"}, {"address": "aws_sqs_queue.a", "mode": "managed"}]
    (instance,) = read(planned_values={"root_module": {"resources": resources}}).instances
    assert instance.address == "aws_sqs_queue.a"


@pytest.mark.parametrize("planned", [None, {}, {"root_module": None}], ids=["null", "empty", "no root module"])
def test_planned_values_with_nothing_in_them_miss_no_change(planned: Any) -> None:
    document = plan(change()) | {"planned_values": planned}
    assert [instance.address for instance in decode_plan(written(document), "plan.json").instances] == [
        "aws_sqs_queue.a"
    ]


def test_what_exists_and_is_not_mentioned_is_said_aloud() -> None:
    # A destroyed object has no planned value, so only the state can miss its change.
    stands = state(
        {"address": "aws_sqs_queue.b", "type": "aws_sqs_queue", "name": "b", "mode": "managed", "values": {}}
    )
    notes = decode_plan(written(plan(change("aws_sqs_queue.a"), prior_state=stands)), "plan.json").notes
    assert [note[:64] for note in notes] == ["plan.json does not say what happens to 1 of the resources that e"]
    told = plan(change("aws_sqs_queue.b", ("delete",), after=None), prior_state=stands)
    assert decode_plan(written(told), "plan.json").notes == ()


def test_a_plan_trimmed_to_its_configuration_does_not_pass_for_an_unchanged_one() -> None:
    message = refusal(plan(resource_changes=None, planned_values=None))
    assert message.startswith("plan.json has neither resource_changes nor planned_values, so it was trimmed")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resource_changes", {}),
        ("resource_changes", [1]),
        ("resource_changes", [{"type": "a", "name": "b", "change": {}}]),
        ("resource_changes", [change(top={"index": [1]})]),
        ("resource_changes", [change(top={"change": None})]),
        ("resource_changes", [change(replace_paths=[[None]])]),
        ("prior_state", []),
        ("prior_state", {"values": {"root_module": {"resources": [{"address": 1}]}}}),
        ("configuration", "x"),
        ("configuration", {"root_module": {"resources": [{"name": "a"}]}}),
        ("variables", {"a": 1}),
        ("output_changes", {"a": []}),
        ("action_invocations", {"a": []}),
        ("resource_drift", {}),
        ("errored", "no"),
        ("complete", 0),
        ("terraform_version", 1),
        ("deferred_changes", {}),
    ],
    ids=str,
)
def test_a_section_of_another_shape_is_refused_by_name(name: str, value: Any) -> None:
    message = refusal(plan(change(), **{name: value}))
    assert message.startswith(f"plan.json has a section {name} that Terraform does not write (")


def test_null_sections_are_absent_ones() -> None:
    names = ("prior_state", "configuration", "variables", "output_changes", "action_invocations", "resource_drift")
    document = plan(change()) | dict.fromkeys([*names, "deferred_changes", "complete", "errored", "checks"])
    read = decode_plan(written(document), "plan.json")
    assert (len(read.instances), read.variables, read.output_changes) == (1, {}, {})
    assert (read.drift, read.action_invocations, read.configuration.present) == ((), (), False)


def test_unknown_top_level_keys_are_read_past_and_named() -> None:
    (note,) = read(infracost_usage={}, **{"comment-for-reader": ""}).notes
    assert note == (
        "plan.json has top-level keys that Terraform does not write, which were left aside: "
        "infracost_usage, comment-for-reader."
    )


def test_many_unknown_top_level_keys_are_counted() -> None:
    (note,) = read(**{f"x{number}" * 30: 1 for number in range(10, 17)}).notes
    assert note.endswith(f"left aside: {', '.join((f'x{number}' * 30)[:40] for number in range(10, 15))} and 2 more.")


def test_five_unknown_top_level_keys_are_all_named() -> None:
    (note,) = read(**dict.fromkeys("vwxyz", 1)).notes
    assert note.endswith("left aside: v, w, x, y, z.")


def test_no_key_is_both_used_and_ignored_and_each_has_its_reason() -> None:
    assert not USED.keys() & IGNORED.keys()
    assert all(reason.strip() for reason in (*USED.values(), *IGNORED.values()))
    assert unknown_sections([*USED, "new", *IGNORED]) == ("new",)


@pytest.mark.parametrize(
    ("terraform_version", "format_version", "told"),
    [
        ("0.12.31", "0.1", False),
        ("1.1.9", "1.0", False),
        ("1.1.0-dev", "1.0", False),
        ("1.2.0", "1.1", True),
        ("1.14.0-beta2", "1.2", True),
        ("1.1.9", "1.2", False),  # where the two disagree, the version of the writer counts
        ("1.2.0", "1.0", True),
        ("", "1.0", False),
        ("", "1.1", True),
        ("", "", True),
    ],
)
def test_who_writes_which_provider_a_child_module_uses(terraform_version: str, format_version: str, told: bool) -> None:
    assert tells_providers_of_child_modules(terraform_version, format_version) is told


CALLS = {"root_module": {"module_calls": {"net": {"source": "./net", "module": {}}}}}


def test_an_old_writer_is_named_where_there_are_child_modules() -> None:
    (note,) = read(terraform_version="1.1.9", format_version="1.0", configuration=CALLS).notes
    assert note == (
        "plan.json was written by Terraform below 1.2, which does not say which provider configuration the resources "
        "of child modules use; it is a guess."
    )
    assert read(terraform_version="1.1.9", format_version="1.0").notes == ()
    assert read(configuration=CALLS).notes == ()
