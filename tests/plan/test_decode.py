"""What becomes of each part of a plan."""

import hashlib
import mmap
from typing import Any

import msgspec
import pytest

from plan.documents import Json, change, plan, spelled_out, state, written
from scopegate.errors import PlanError
from scopegate.plan.actions import Action
from scopegate.plan.address import Mode, ModuleStep
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Instance, Plan, decode_values


def read(*changes: Json, **sections: Any) -> Plan:
    return decode_plan(written(plan(*changes, **sections)), "plan.json")


def only(entry: Json, **sections: Any) -> Instance:
    (instance,) = read(entry, **sections).instances
    return instance


def refusal(*changes: Json, **sections: Any) -> str:
    with pytest.raises(PlanError) as refused:
        read(*changes, **sections)
    return str(refused.value)


def resource(address: str = "aws_sqs_queue.a", **fields: Any) -> Json:
    resource_type, name = address.removeprefix("data.").split(".")[-2:]
    return {
        "address": address,
        "mode": "managed",
        "type": resource_type,
        "name": name,
        "values": {"delay": 0},
        **fields,
    }


def test_the_digest_is_that_of_the_bytes_as_they_came() -> None:
    raw = written(plan(change()))
    assert decode_plan(raw, "plan.json").sha256 == hashlib.sha256(raw).hexdigest()
    in_utf_16 = raw.decode().encode("utf-16")
    assert decode_plan(in_utf_16, "plan.json").sha256 == hashlib.sha256(in_utf_16).hexdigest()
    assert (
        decode_plan(raw, "plan.json", digest_of=b"zip", notes=("shown",)).sha256 == hashlib.sha256(b"zip").hexdigest()
    )
    assert decode_plan(raw, "plan.json", digest_of=b"zip", notes=("shown",)).notes == ("shown",)


def test_a_change_keeps_its_values_undecoded() -> None:
    entry = change(
        actions=("delete", "create"),
        after_unknown={"arn": True},
        before_sensitive=False,
        after_sensitive={"password": True},
        before_identity={"id": "q"},
        after_identity={"id": "r"},
        replace_paths=[["name"], ["rule", 0, "arn"]],
    )
    instance = only(entry)
    assert instance.action is Action.DELETE_THEN_CREATE
    assert (bytes(instance.before), bytes(instance.after)) == (b'{"delay":0}', b'{"delay":1}')
    assert (bytes(instance.after_unknown), bytes(instance.before_sensitive)) == (b'{"arn":true}', b"false")
    assert (bytes(instance.after_sensitive), bytes(instance.before_identity)) == (b'{"password":true}', b'{"id":"q"}')
    assert bytes(instance.after_identity) == b'{"id":"r"}'
    assert instance.replace_paths == (("name",), ("rule", 0, "arn"))


@pytest.mark.parametrize("stays", [0, 1])
def test_where_most_changes_nothing_of_the_document_is_held(stays: int) -> None:
    entries = [change(f"aws_sqs_queue.q{number}", after_sensitive={"a": True}) for number in range(3)]
    same = [change(f"aws_sqs_queue.s{number}", ("no-op",), after_sensitive={"b": True}) for number in range(stays)]
    raw = written(
        plan(
            *entries,
            *same,
            prior_state=state(resource("aws_sqs_queue.left", sensitive_values={"c": True})),
            output_changes={"url": {"actions": ["create"], "before": None, "after": "x", "after_unknown": False}},
            resource_drift=[change("aws_sqs_queue.q0")],
            action_invocations=[{"address": "action.a.b", "type": "a", "config_values": {"key": 1}}],
        )
    )
    memory = mmap.mmap(-1, len(raw))
    memory[:] = raw
    read = decode_plan(memoryview(memory), "plan.json")
    memory.close()  # which it refuses while anything looks into it
    assert spelled_out(read) == spelled_out(decode_plan(raw, "plan.json"))


def test_a_document_in_memory_of_its_own_needs_no_state() -> None:
    raw = written(plan(change()))
    memory = mmap.mmap(-1, len(raw))
    memory[:] = raw
    (instance,) = decode_plan(memoryview(memory), "plan.json").instances
    assert (instance.address, bytes(instance.after)) == ("aws_sqs_queue.a", b'{"delay":1}')


def test_what_old_versions_leave_out_is_null() -> None:
    entry = change()
    entry["change"] = {"actions": ["create"], "before": None, "after": {}}
    instance = only(entry)
    sections = (instance.before, instance.after_unknown, instance.before_sensitive, instance.after_identity)
    assert {bytes(section) for section in sections} == {b"null"}
    assert (instance.replace_paths, instance.importing, instance.prior_dependencies) == ((), False, None)


def test_a_key_in_a_module_and_its_provider_are_kept() -> None:
    address = 'module.net["eu.x"].aws_sqs_queue.a["a.b"]'
    module = {"address": address, "module_address": 'module.net["eu.x"]'}
    entry = change(top={**module, "index": "a.b", "provider_name": "aws"})
    instance = only(entry)
    assert (instance.module, instance.key) == ((ModuleStep("net", "eu.x"),), "a.b")
    assert (instance.type, instance.name, instance.provider_name) == ("aws_sqs_queue", "a", "aws")


def test_a_number_and_its_digits_are_different_keys() -> None:
    entries = [
        change(top={"address": f"aws_sqs_queue.a[{key}]", "index": index}) for key, index in (("0", 0), ('"0"', "0"))
    ]
    assert [instance.key for instance in read(*entries).instances] == [0, "0"]


@pytest.mark.parametrize(
    ("entry", "action", "is_direct"),
    [
        (change(actions=("no-op",)), Action.NO_OP, False),
        (change(actions=("no-op",), top={"previous_address": "aws_sqs_queue.old"}), Action.NO_OP, True),
        (change(actions=("no-op",), importing={"id": "q"}), Action.NO_OP, True),
        (change(actions=("no-op",), importing={"identity": {"name": "q"}}), Action.NO_OP, True),
        (change(actions=("no-op",), importing={}), Action.NO_OP, True),
        (change(actions=("no-op",), importing=None), Action.NO_OP, False),
        (change(actions=("update",), generated_config='resource "a" "b" {}'), Action.UPDATE, True),
        (change("data.aws_ami.a", ("read",), top={"action_reason": "read_because_config_unknown"}), Action.READ, False),
        (change(actions=("forget",)), Action.FORGET, True),
        (change(actions=("create", "forget")), Action.CREATE_THEN_FORGET, True),
        (change(actions=("delete",), top={"action_reason": "delete_because_no_module"}), Action.DELETE, True),
    ],
)
def test_moves_and_imports_are_direct_even_where_nothing_else_changes(
    entry: Json, action: Action, is_direct: bool
) -> None:
    instance = only(entry)
    assert (instance.action, instance.is_direct) == (action, is_direct)
    assert instance.action_reason == entry.get("action_reason")


def test_a_previous_address_that_is_the_same_is_no_move() -> None:
    assert only(change(top={"previous_address": "aws_sqs_queue.a"})).previous_address is None


def test_a_deposed_object_is_another_one_at_the_same_address() -> None:
    deposed = change(actions=("delete",), top={"deposed": "61a0"})
    instances = read(
        change(), deposed, prior_state=state(resource(), resource(deposed_key="61a0", depends_on=["x.y"]))
    ).instances
    assert [(item.address, item.deposed, item.prior_dependencies) for item in instances] == [
        ("aws_sqs_queue.a", None, ()),
        ("aws_sqs_queue.a", "61a0", ("x.y",)),
    ]


def test_the_same_object_twice_is_refused() -> None:
    assert refusal(change(), change()).startswith("plan.json lists 'aws_sqs_queue.a' twice in resource_changes")
    deposed = {"deposed": "61a0"}
    assert "twice in resource_changes" in refusal(change(top=deposed), change(top=deposed))


@pytest.mark.parametrize("actions", [(), ("create", "update"), ("NoOp",), ("invalid",)])
def test_an_unknown_action_list_stops_the_verdict(actions: tuple[str, ...]) -> None:
    message = refusal(change(actions=actions))
    assert message.startswith(
        f"plan.json plans {list(actions)!r} for 'aws_sqs_queue.a', which no Terraform or OpenTofu"
    )


def test_a_change_without_actions_stops_the_verdict() -> None:
    entry = change()
    del entry["change"]["actions"]
    assert refusal(entry).startswith("plan.json plans [] for 'aws_sqs_queue.a'")


def test_an_unknown_action_list_of_an_output_stops_the_verdict() -> None:
    message = refusal(output_changes={"url": {"actions": ["explode"]}})
    assert message.startswith("plan.json plans ['explode'] for 'output url'")


def test_a_misspelled_change_is_refused() -> None:
    entry = change()
    entry["changes"] = entry.pop("change")
    assert refusal(entry).startswith("plan.json lists 'aws_sqs_queue.a' in resource_changes without a `change`")


def test_an_unknown_mode_is_refused() -> None:
    message = refusal(change(top={"mode": "list"}))
    assert message.startswith("plan.json gives 'aws_sqs_queue.a' the mode 'list', which no Terraform or OpenTofu")
    assert "the mode 'list'" in refusal(prior_state=state(resource(mode="list")))


def test_an_absent_mode_is_read_from_the_address() -> None:
    entries = [change(), change("data.aws_ami.b", ("read",)), change("random_password.c", ("open",))]
    entries[2]["address"] = "ephemeral.random_password.c"
    for entry in entries:
        del entry["mode"]
    assert [item.mode for item in read(*entries).instances] == [Mode.MANAGED, Mode.DATA, Mode.EPHEMERAL]


def test_an_ephemeral_resource_is_opened_and_changes_nothing() -> None:
    instance = only(change(actions=("open",), top={"mode": "ephemeral", "address": "ephemeral.aws_sqs_queue.a"}))
    assert (instance.mode, instance.action, instance.is_direct) == (Mode.EPHEMERAL, Action.OPEN, False)


def test_what_only_the_prior_state_knows_follows_the_changes() -> None:
    unchanged, read_before = (
        resource("aws_sqs_queue.b", depends_on=["aws_kms_key.k"]),
        resource("data.aws_ami.c", mode="data"),
    )
    instances = read(change(), prior_state=state(resource(), unchanged, read_before)).instances
    assert [(item.address, item.action, item.only_in_prior_state) for item in instances] == [
        ("aws_sqs_queue.a", Action.UPDATE, False),
        ("aws_sqs_queue.b", Action.NO_OP, True),
        ("data.aws_ami.c", Action.READ, True),
    ]
    assert bytes(instances[1].before) == bytes(instances[1].after) == b'{"delay":0}'
    assert instances[1].prior_dependencies == ("aws_kms_key.k",)


def test_what_only_the_prior_state_knows_keeps_its_provider() -> None:
    named = resource("aws_sqs_queue.b", provider_name="registry.terraform.io/hashicorp/aws")
    instances = read(prior_state=state(named, resource("aws_sqs_queue.c"))).instances
    assert [item.provider_name for item in instances] == ["registry.terraform.io/hashicorp/aws", ""]


@pytest.mark.parametrize("kind", ["after_unknown", "before_sensitive", "after_sensitive"])
def test_the_marks_of_one_object_are_not_those_of_the_next_of_its_type(kind: str) -> None:
    """They are kept once for each type, and what one hides the next may show: a secret that is not marked leaks."""
    marks: list[Json] = [{kind: {name: True}} for name in "abba"]
    entries = [change(f"aws_sqs_queue.q{number}", **mark) for number, mark in enumerate(marks)]
    found = [bytes(getattr(instance, kind)) for instance in read(*entries).instances]
    assert found == [b'{"a":true}', b'{"b":true}', b'{"b":true}', b'{"a":true}']


def test_a_state_is_walked_through_its_child_modules_in_order() -> None:
    inner = {"address": "module.a.module.b", "resources": [resource("module.a.module.b.x.z")]}
    outer = {"address": "module.a", "resources": [resource("module.a.x.y")], "child_modules": [inner]}
    last = {"address": 'module.c["d.e"]', "resources": [resource('module.c["d.e"].x.y')]}
    prior = {"values": {"root_module": {"resources": [resource("x.y")], "child_modules": [outer, last]}}}
    instances = read(prior_state=prior).instances
    assert [(item.address, item.module) for item in instances] == [
        ("x.y", ()),
        ("module.a.x.y", (ModuleStep("a"),)),
        ("module.a.module.b.x.z", (ModuleStep("a"), ModuleStep("b"))),
        ('module.c["d.e"].x.y', (ModuleStep("c", "d.e"),)),
    ]


def test_a_moved_object_takes_the_dependencies_of_its_old_address() -> None:
    moved = change(top={"previous_address": "aws_sqs_queue.old"})
    (instance,) = read(moved, prior_state=state(resource("aws_sqs_queue.old", depends_on=["aws_kms_key.k"]))).instances
    assert (instance.previous_address, instance.prior_dependencies) == ("aws_sqs_queue.old", ("aws_kms_key.k",))


def test_a_state_of_terraform_0_12_gets_its_modules_and_keys_back() -> None:
    """Its addresses were relative and without keys, so that 83 of 117 in one published plan were the same."""
    modules = [{"address": "module.a", "resources": [resource("x.y", index=0), resource("x.y", index=1)]}]
    prior = {"values": {"root_module": {"resources": [resource("x.y", index="k")], "child_modules": modules}}}
    changed = change("x.y", top={"address": "module.a.x.y[1]", "module_address": "module.a", "index": 1})
    instances = read(changed, prior_state=prior).instances
    assert [item.address for item in instances] == ["module.a.x.y[1]", 'x.y["k"]', "module.a.x.y[0]"]
    assert instances[0].prior_dependencies == ()


def test_a_state_of_terraform_0_12_gets_the_module_of_a_single_object_back() -> None:
    modules = [{"address": "module.a", "resources": [resource("x.y")]}]
    prior = {"values": {"root_module": {"child_modules": modules}}}
    assert [item.address for item in read(prior_state=prior).instances] == ["module.a.x.y"]


def test_a_data_source_in_the_state_that_states_no_mode_keeps_its_address() -> None:
    (instance,) = read(prior_state=state(resource("data.aws_ami.c", mode=None))).instances
    assert (instance.address, instance.mode, instance.action) == ("data.aws_ami.c", Mode.DATA, Action.READ)


@pytest.mark.parametrize(
    "field",
    [{"type": "aws_db_instance"}, {"name": "b"}, {"mode": "data"}, {"module_address": "module.m"}],
    ids=lambda field: next(iter(field)),
)
def test_an_address_of_something_else_is_refused(field: dict[str, str]) -> None:
    # It is shown by its address, and judged by its type and module.
    assert refusal(change(top=field)).startswith("plan.json gives 'aws_sqs_queue.a' a module, mode, type or name of so")


def test_a_key_is_no_part_of_an_error() -> None:
    secret = change('aws_sqs_queue.a["hunter2"]', ("annihilate",), top={"name": "a", "index": "hunter2"})
    assert refusal(secret).startswith("plan.json plans ['annihilate'] for 'aws_sqs_queue.a[\"…\"]', which no Terraform")


def test_a_state_that_lists_an_object_twice_is_refused() -> None:
    message = refusal(prior_state=state(resource(), resource()))
    assert message.startswith("plan.json lists 'aws_sqs_queue.a' twice in prior_state")


@pytest.mark.parametrize("prior", [{}, {"values": None}, {"values": {}}, {"values": {"root_module": {}}}])
def test_an_empty_state_has_no_instances(prior: Json) -> None:
    assert read(prior_state=prior).instances == ()


def drifted(**fields: Any) -> Json:
    return {
        "address": "aws_sqs_queue.a",
        "type": "aws_sqs_queue",
        "change": {"actions": ["update"], "before": {"delay": 0}},
        **fields,
    }


def test_drift_is_kept_beside_the_changes() -> None:
    (drift,) = read(resource_drift=[drifted()]).drift
    assert (drift.address, drift.type, drift.action) == ("aws_sqs_queue.a", "aws_sqs_queue", Action.UPDATE)
    assert (bytes(drift.before), bytes(drift.after)) == (b'{"delay":0}', b"null")


def test_drift_that_cannot_be_read_is_left_out_and_counted() -> None:
    """Terraform 1.0.0 wrote drift without addresses; nothing is decided by drift alone."""
    without_address = {key: value for key, value in drifted().items() if key != "address"}
    plan_read = read(resource_drift=[without_address, drifted(), drifted(change={"actions": ["explode"]}), 1])
    assert [drift.address for drift in plan_read.drift] == ["aws_sqs_queue.a"]
    assert plan_read.notes == (
        "In plan.json 3 of 4 entries of resource_drift do not say what drifted, or how; they were left out.",
    )


def test_outputs_and_variables_are_kept() -> None:
    outputs = {
        "url": {"actions": ["delete"], "before": "x", "after": None, "after_unknown": True},
        "arn": {"actions": ["no-op"]},
    }
    plan_read = read(
        output_changes=outputs, variables={"region": {"value": "eu-central-1"}, "none": {}, "null": {"value": None}}
    )
    actions = {name: change.action for name, change in plan_read.output_changes.items()}
    assert actions == {"url": Action.DELETE, "arn": Action.NO_OP}
    assert plan_read.variables == {"region": "eu-central-1", "none": None, "null": None}


def test_an_action_that_a_resource_triggers_names_it() -> None:
    """The shape of internal/command/jsonplan/action_invocations.go, Terraform 1.14."""
    invocation = {
        "address": "action.aws_lambda_invoke.warm",
        "type": "aws_lambda_invoke",
        "name": "warm",
        "config_values": {"payload": "secret"},
        "config_sensitive": {"payload": True},
        "config_unknown": {},
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "lifecycle_action_trigger": {
            "triggering_resource_address": "aws_lambda_function.f",
            "action_trigger_event": "AfterCreate",
            "action_trigger_block_index": 0,
            "actions_list_index": 0,
            "on_failure": "Fail",
        },
    }
    (action,) = read(action_invocations=[invocation]).action_invocations
    assert (action.address, action.type, action.name) == ("action.aws_lambda_invoke.warm", "aws_lambda_invoke", "warm")
    assert (action.triggering_resource, action.event) == ("aws_lambda_function.f", "AfterCreate")
    assert (bytes(action.config_values), bytes(action.config_sensitive)) == (
        b'{"payload":"secret"}',
        b'{"payload":true}',
    )
    assert action.provider_name == "registry.terraform.io/hashicorp/aws"


@pytest.mark.parametrize(
    ("trigger", "resource_address"),
    [({}, None), ({"calling_resource_address": "aws_lambda_function.f"}, "aws_lambda_function.f")],
)
def test_an_action_asked_for_on_the_command_line_has_no_event(trigger: Json, resource_address: str | None) -> None:
    invocation = {"address": "action.a.b", "type": "a", "name": "b", "invoke_action_trigger": trigger}
    (action,) = read(action_invocations=[invocation]).action_invocations
    assert (action.triggering_resource, action.event) == (resource_address, "")


@pytest.mark.parametrize(("raw", "values"), [(b"null", {}), (b'"x"', {}), (b"true", {}), (b'{"a":[1]}', {"a": [1]})])
def test_only_an_object_has_attributes(raw: bytes, values: dict[str, object]) -> None:
    assert decode_values(msgspec.Raw(raw)) == values


@pytest.mark.parametrize(
    "raw", [b'{"a":1e400}', b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"], ids=["number", "nesting"]
)
def test_a_value_of_an_unchanged_resource_that_cannot_be_read_is_refused_when_it_is_needed(raw: bytes) -> None:
    with pytest.raises(PlanError, match=r"^An attribute value in the plan cannot be read"):
        decode_values(msgspec.Raw(raw))
