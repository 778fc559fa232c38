"""Facts about a whole plan: many changes by one edit, how providers and modules are set, what runs beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from handmade import instance, placement, plan
from scopegate.facts.facts import Facts
from scopegate.plan.actions import Action
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Drift, Instance, Plan, decode_values
from scopegate.signals.find import find_signals
from scopegate.signals.predicates import ProviderArgument
from scopegate.signals.rules import RuleSet, builtin_rules

HELPERS = ("random_pet", "terraform_data")


def hits(rule: str, judged: Plan, **given: Any) -> list[tuple[str, str]]:
    """Return where the built-in ``rule``, with these fields ``given`` to it, holds, each with its own words."""
    (written,) = (one for one in builtin_rules().rules if one.id == rule)
    written = msgspec.structs.replace(written, **given)
    placements = [placement(located=one.type not in HELPERS) for one in judged.instances]
    found = find_signals(judged, placements, Facts(), RuleSet((written,)))
    return [(signal.address, signal.message.removeprefix(written.message).strip(" ()")) for signal in found]


def queues(*changes: tuple[Action, Mapping[str, object] | None, Mapping[str, object] | None]) -> Plan:
    """Return a plan of ``aws_sqs_queue.q``, counted from 0."""
    return plan(*(instance(f"aws_sqs_queue.q[{number}]", *change) for number, change in enumerate(changes)))


def machines(number: int, action: Action, *replace_paths: Sequence[str | int]) -> list[Instance]:
    return [
        instance(f"aws_instance.a[{n}]", action, {"ami": "a"}, {"ami": "b"}, replace_paths=replace_paths)
        for n in range(number)
    ]


MADE_ANEW, EDITED, GONE, MADE, KEPT = (
    Action.DELETE_THEN_CREATE,
    Action.UPDATE,
    Action.DELETE,
    Action.CREATE,
    Action.NO_OP,
)


def test_only_what_is_replaced_counts_as_a_mass_of_replacements() -> None:
    five, sixth = machines(6, MADE_ANEW, ["ami"])[:5], machines(6, EDITED)[5]
    assert hits("any-mass-replacement", plan(*five, sixth)) == [
        ("aws_instance.a[0]", "5 of 6 instances, forced by ami")
    ]
    assert hits("any-mass-replacement", plan(*five[:4], sixth)) == []


def test_the_first_of_many_is_that_of_the_first_address_in_whatever_order() -> None:
    turned = plan(*reversed(machines(5, MADE_ANEW, ["ami"])))
    assert hits("any-mass-replacement", turned) == [("aws_instance.a[0]", "5 of 5 instances, forced by ami")]


@pytest.mark.parametrize("path", [[], [0], ["<b>"]])
def test_what_forces_a_replacement_is_named_by_attributes_alone(path: Sequence[str | int]) -> None:
    judged = plan(*machines(5, MADE_ANEW, path))
    assert hits("any-mass-replacement", judged) == [("aws_instance.a[0]", "5 of 5 instances")]


def test_instances_of_a_module_with_keys_are_of_one_block() -> None:
    twins = [instance(f'module.m["{key}"].aws_instance.a', MADE_ANEW, {"ami": "a"}, {"ami": "b"}) for key in ("x", "y")]
    three = machines(3, MADE_ANEW)
    assert hits("any-mass-replacement", plan(*twins, *three)) == []
    five = [instance(f'module.m["{key}"].aws_instance.a', MADE_ANEW, {"ami": "a"}, {"ami": "b"}) for key in "vwxyz"]
    assert hits("any-mass-replacement", plan(*five)) == [('module.m["v"].aws_instance.a', "5 of 5 instances")]


@pytest.mark.parametrize(
    "other",
    [
        instance("aws_instance.a[4]", MADE_ANEW, {}, {}, deposed="a1b2c3d4"),
        instance("data.aws_instance.a[4]", MADE_ANEW, {}, {}),
        instance("aws_instance.b[4]", MADE_ANEW, {}, {}),
        instance("module.m.aws_instance.a[4]", MADE_ANEW, {}, {}),
    ],
    ids=["deposed", "data source", "another block", "another module"],
)
def test_what_is_no_current_instance_of_the_block_counts_for_another(other: Instance) -> None:
    assert hits("any-mass-replacement", plan(*machines(4, MADE_ANEW), other)) == []


def test_a_type_that_a_rule_excepts_is_left_out() -> None:
    assert hits("any-mass-replacement", plan(*machines(5, MADE_ANEW)), except_types=("aws_instance",)) == []


def test_a_list_that_loses_its_first_item_shifts_the_rest() -> None:
    judged = queues(
        (EDITED, {"name": "a"}, {"name": "b"}), (EDITED, {"name": "b"}, {"name": "c"}), (GONE, {"name": "c"}, None)
    )
    assert hits("any-index-shift", judged) == [("aws_sqs_queue.q[0]", "2 instances move by one")]


def test_a_list_that_wins_an_item_in_front_shifts_the_rest_although_one_is_made_again() -> None:
    """The first was deleted by hand; z, a, b, c stands where a, b, c stood."""
    judged = queues(
        (MADE, None, {"name": "z"}),
        (EDITED, {"name": "b"}, {"name": "a"}),
        (EDITED, {"name": "c"}, {"name": "b"}),
        (MADE, None, {"name": "c"}),
    )
    assert hits("any-index-shift", judged) == [("aws_sqs_queue.q[2]", "1 instances move by one")]


def test_an_attribute_that_is_taken_from_all_at_the_same_time_hides_no_shift() -> None:
    judged = queues(
        (EDITED, {"name": "a", "policy": "x"}, {"name": "b", "policy": None}),
        (GONE, {"name": "b", "policy": "y"}, None),
    )
    assert hits("any-index-shift", judged) == [("aws_sqs_queue.q[0]", "1 instances move by one")]


@pytest.mark.parametrize(
    ("edited", "last"),
    [
        (({"name": "a", "size": 1}, {"name": "b", "size": 9}), {"name": "b", "size": 2}),
        (({"name": "a"}, {"name": "a"}), {"name": "b"}),
        (({"name": "a", "size": 1}, {"name": "a", "size": 2}), {"name": "b", "size": 3}),
        (({"name": "a", "size": 1}, {"name": "b", "size": 1}), {"name": "c", "size": 1}),
    ],
    ids=["only one of two values", "nothing known", "another value", "values that stay are not taken over"],
)
def test_values_of_its_own_are_no_shift(
    edited: tuple[Mapping[str, object], Mapping[str, object]], last: Mapping[str, object]
) -> None:
    assert hits("any-index-shift", queues((EDITED, *edited), (GONE, last, None))) == []


def test_nothing_shifts_where_nothing_leaves_the_list() -> None:
    swapped = queues((EDITED, {"name": "a"}, {"name": "b"}), (EDITED, {"name": "b"}, {"name": "a"}))
    assert hits("any-index-shift", swapped) == []
    without_the_next = plan(
        instance("aws_sqs_queue.q[0]", EDITED, {"name": "a"}, {"name": "b"}),
        instance("aws_sqs_queue.q[2]", GONE, {"name": "c"}),
    )
    assert hits("any-index-shift", without_the_next) == []


def test_what_has_keys_of_its_own_does_not_shift() -> None:
    by_key = plan(
        instance('aws_sqs_queue.q["a"]', EDITED, {"name": "a"}, {"name": "b"}),
        instance('aws_sqs_queue.q["b"]', GONE, {"name": "b"}),
    )
    assert hits("any-index-shift", by_key) == []


def renamed(before: Mapping[str, object], after: Mapping[str, object], *others: Instance) -> Plan:
    return plan(
        *others,
        instance('aws_sqs_queue.q["z"]', GONE, before),
        instance('aws_sqs_queue.q["a"]', MADE, None, after),
    )


def test_an_object_that_only_gets_another_key_is_named_by_the_old_one() -> None:
    edited = instance('aws_sqs_queue.q["m"]', EDITED, {"name": "q"}, {"name": "p"})
    another = instance('aws_sqs_queue.q["n"]', MADE, None, {"name": "other"})
    judged = renamed({"name": "q", "arn": "arn:q", "tags": {}}, {"name": "q", "tags": None}, edited, another)
    assert hits("any-key-renamed", judged) == [('aws_sqs_queue.q["z"]', "1 of 4 instances")]


def test_an_unset_value_is_not_the_likeness_of_two_objects() -> None:
    assert hits("any-key-renamed", renamed({"name": "q"}, {"name": None, "tags": {}})) == []


@pytest.mark.parametrize(
    "after", [{}, {"name": "p", "size": 1}, {"name": "q", "size": 2}], ids=["nothing known", "one", "another"]
)
def test_what_differs_in_one_value_is_another_object(after: Mapping[str, object]) -> None:
    assert hits("any-key-renamed", renamed({"name": "q", "size": 1}, after)) == []


@pytest.mark.parametrize(
    ("before", "after", "is_alike"),
    [
        ({"name": "q", "rules": [{"port": 1}]}, {"name": "q", "rules": [{"port": 1}]}, True),
        ({"name": "q", "rules": [{"port": 1}]}, {"name": "q", "rules": [{"port": 2}]}, False),
        ({"rules": [{"port": 1}]}, {"rules": [{"port": 1}]}, True),
        ({"name": ["q"]}, {"name": "q"}, False),
        ({"size": 1}, {"size": 1.0}, True),
    ],
)
def test_what_is_alike_is_so_in_lists_too(before: Any, after: Any, is_alike: bool) -> None:
    assert bool(hits("any-key-renamed", renamed(before, after))) is is_alike


def test_each_object_under_another_key_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 30 that go and 30 that come there are 900 pairs."""
    read: list[msgspec.Raw] = []

    def counted(raw: msgspec.Raw) -> dict[str, object]:
        read.append(raw)
        return decode_values(raw)

    monkeypatch.setattr("scopegate.signals.plan_wide.decode_values", counted)
    gone = [instance(f"aws_sqs_queue.q[{n}]", GONE, {"name": f"q{n}"}) for n in range(30)]
    made = [instance(f'aws_sqs_queue.q["{n}"]', MADE, None, {"name": f"q{n}"}) for n in range(30)]
    assert hits("any-key-renamed", plan(*gone, *made)) == [("aws_sqs_queue.q[0]", "30 of 60 instances")]
    assert len(read) == 60


def test_an_edit_beside_a_new_object_is_no_new_key() -> None:
    judged = plan(
        instance('aws_sqs_queue.q["z"]', EDITED, {"name": "q"}, {"name": "p"}),
        instance('aws_sqs_queue.q["a"]', MADE, None, {"name": "q"}),
    )
    assert hits("any-key-renamed", judged) == []
    gone = plan(
        instance('aws_sqs_queue.q["z"]', GONE, {"name": "q"}),
        instance('aws_sqs_queue.q["a"]', EDITED, {"name": "p"}, {"name": "q"}),
    )
    assert hits("any-key-renamed", gone) == []


def topics(number: int, action: Action, resource_type: str = "aws_sns_topic") -> list[Instance]:
    return [instance(f"{resource_type}.{action.name.lower()}{n}", action, {}, {}) for n in range(number)]


def test_a_mass_is_destroyed_where_as_much_goes_as_is_left() -> None:
    assert hits("any-mass-destruction", plan(*topics(5, KEPT), *reversed(topics(5, GONE)))) == [
        ("aws_sns_topic.delete0", "5, this one first; 5 are left alone")
    ]
    assert hits("any-mass-destruction", plan(*topics(6, KEPT), *topics(5, GONE))) == []
    assert hits("any-mass-destruction", plan(*topics(4, GONE))) == []


@pytest.mark.parametrize(
    "other",
    [
        *topics(1, EDITED),
        *topics(1, MADE),
        *topics(1, MADE_ANEW),
        *topics(1, Action.FORGET),
        *topics(1, GONE, "random_pet"),
        *topics(1, GONE, "aws_sqs_queue"),
    ],
    ids=["edited", "made", "replaced", "forgotten", "a helper", "a type that is excepted"],
)
def test_what_is_not_destroyed_somewhere_is_no_part_of_the_mass(other: Instance) -> None:
    judged = plan(*topics(4, GONE), other)
    assert hits("any-mass-destruction", judged, except_types=("aws_sqs_queue",)) == []


@pytest.mark.parametrize(
    "other",
    [
        *topics(1, EDITED),
        *topics(1, MADE),
        *topics(1, KEPT, "random_pet"),
        *topics(1, KEPT, "aws_sqs_queue"),
        *topics(1, Action.READ, "data.aws_sns_topic"),
    ],
    ids=["edited", "made", "a helper", "a type that is excepted", "a data source"],
)
def test_what_is_no_object_left_alone_makes_the_mass_no_smaller(other: Instance) -> None:
    judged = plan(*topics(5, KEPT), *topics(5, GONE), other)
    assert hits("any-mass-destruction", judged, except_types=("aws_sqs_queue",)) == [
        ("aws_sns_topic.delete0", "5, this one first; 5 are left alone")
    ]


def missing(*addresses: str, action: Action = GONE) -> list[Drift]:
    return [Drift(address=address, type=address.split(".")[0], action=action) for address in addresses]


def drifted(drift: Sequence[Drift], *instances: Instance) -> Plan:
    return msgspec.structs.replace(plan(*instances), drift=tuple(drift))


def test_what_was_not_found_and_is_made_again_has_vanished() -> None:
    both = missing("aws_sns_topic.create0", "aws_sns_topic.create1")
    assert hits("any-vanished", drifted(both, *reversed(topics(2, MADE)))) == [
        ("aws_sns_topic.create0", "2, this one first; 0 are left alone")
    ]


@pytest.mark.parametrize(
    ("drift", "instances"),
    [
        (missing("aws_sns_topic.create0"), topics(2, MADE)),
        (missing("aws_sns_topic.create0", "aws_sns_topic.create1", action=EDITED), topics(2, MADE)),
        (missing("aws_sns_topic.create0", "aws_sns_topic.update0"), [*topics(1, MADE), *topics(1, EDITED)]),
        (missing("aws_sqs_queue.create0", "aws_sqs_queue.create1"), topics(2, MADE, "aws_sqs_queue")),
    ],
    ids=["one was never there", "edited by hand", "one is only edited", "a type that is excepted"],
)
def test_what_was_found_or_is_not_made_again_has_not_vanished(
    drift: Sequence[Drift], instances: Sequence[Instance]
) -> None:
    assert hits("any-vanished", drifted(drift, *instances), except_types=("aws_sqs_queue",)) == []


AWS = "registry.terraform.io/hashicorp/aws"


def vpc(address: str = "aws_vpc.a", actions: Sequence[str] = ("create",), **fields: object) -> dict[str, object]:
    *module, kind, name = address.split(".")
    change: dict[str, object] = {"actions": actions, "before": None if actions[0] == "create" else {}, "after": {}}
    found: dict[str, object] = {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": AWS,
        "change": change,
    }
    return found | ({"module_address": ".".join(module)} if module else {}) | fields


def configured(providers: Mapping[str, object], *changes: Mapping[str, object], **root: object) -> Plan:
    document: dict[str, object] = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": list(changes),
    }
    document["configuration"] = {"provider_config": providers, "root_module": root}
    return decode_plan(msgspec.json.encode(document), "plan.json")


def provider(arguments: Mapping[str, object], name: str = "aws", **fields: object) -> dict[str, object]:
    return {"name": name, "full_name": f"registry.terraform.io/hashicorp/{name}", "expressions": arguments, **fields}


def constant(value: object) -> dict[str, object]:
    return {"constant_value": value}


@pytest.mark.parametrize(
    ("rule", "arguments"),
    [
        ("any-static-credentials", {"secret_key": constant("mock")}),
        ("any-static-credentials", {"region": constant("eu-west-1"), "secret_key": {"references": ["var.key"]}}),
        ("any-provider-endpoint", {"endpoints": [{"sts": constant("http://localhost"), "s3": constant("")}]}),
        ("any-provider-unchecked", {"skip_region_validation": constant(True)}),
    ],
)
def test_an_argument_of_a_provider_is_found_by_the_address_of_its_configuration(
    rule: str, arguments: Mapping[str, object]
) -> None:
    providers = {
        "module.m:aws.us": provider(arguments, alias="us", module_address="module.m"),
        "aws": provider(arguments),
        "datadog2": provider(arguments, "datadog2"),
    }
    assert hits(rule, configured(providers)) == [("module.m.provider[aws.us]", ""), ("provider[aws]", "")]


@pytest.mark.parametrize(
    ("rule", "arguments"),
    [
        ("any-static-credentials", {"secret_key": constant("")}),
        ("any-static-credentials", {"secret_key": constant(None)}),
        ("any-static-credentials", {"secret_key": {}}),
        ("any-static-credentials", {"assume_role": [{"secret_key": constant("mock")}]}),
        ("any-provider-unchecked", {"skip_region_validation": constant(False)}),
        ("any-provider-unchecked", {"skip_region_validation": {"references": ["var.skip"]}}),
        ("any-provider-unchecked", {"region": constant(True)}),
    ],
)
def test_an_argument_that_is_not_set_to_it_is_not_found(rule: str, arguments: Mapping[str, object]) -> None:
    assert hits(rule, configured({"aws": provider(arguments)})) == []


def test_one_path_may_be_written_without_a_list() -> None:
    own = ProviderArgument(providers=("aws",), path="profile")
    judged = configured(
        {"aws": provider({"profile": constant("ci")}), "aws.b": provider({"p": constant("x")}, alias="b")}
    )
    assert hits("any-static-credentials", judged, plan=own) == [("provider[aws]", "")]


def called(source: str, version: str | None = None, inside: Mapping[str, object] | None = None) -> dict[str, object]:
    call: dict[str, object] = {"source": source, "module": inside or {}}
    return call | ({"version_constraint": version} if version else {})


@pytest.mark.parametrize(
    ("source", "version", "floats"),
    [
        ("terraform-aws-modules/vpc/aws", None, True),
        ("terraform-aws-modules/vpc/aws", "5.1.0", False),
        ("terraform-aws-modules/vpc/aws", "~> 5.1", False),
        ("terraform-aws-modules/vpc/aws", " >= 5.1", True),
        ("terraform-aws-modules/vpc/aws", "!= 5.1.0", True),
        ("terraform-aws-modules/vpc/aws", "latest", True),
        ("app.terraform.io/acme/vpc/aws//modules/endpoints", None, True),
        ("./vpc/inner/aws", None, False),
        ("../a/b/c", None, False),
        ("/opt/modules/vpc", None, False),
        ("git::https://example.com/vpc.git", None, True),
        ("git::https://example.com/vpc.git?ref=v1.2.0", None, False),
        ("git::https://example.com/vpc.git?ref=main", None, True),
        ("github.com/acme/vpc", None, True),
        ("github.com/acme/vpc?depth=1&ref=51d462976d84fdea54b47d80dcabbf680badcdb8", None, False),
        ("https://example.com/vpc-1.2.0.zip", None, False),
        ("https://example.com/vpc.tar.gz?archive=false", None, False),
        ("https://example.com/vpc", None, True),
    ],
)
def test_a_module_floats_where_the_next_init_may_bring_another(source: str, version: str | None, floats: bool) -> None:
    judged = configured({}, vpc("module.net.aws_vpc.a"), module_calls={"net": called(source, version)})
    assert hits("any-floating-module", judged) == ([("module.net", "")] if floats else [])


def test_a_floating_module_counts_where_something_in_it_changes_however_deep() -> None:
    deep = called("./b", None, {"module_calls": {"c": called("acme/vpc/aws"), "d": called("acme/vpc/aws")}})
    calls = {"a": called("acme/vpc/aws", None, {"module_calls": {"b": deep}}), "e": called("acme/vpc/aws")}
    kept = vpc("module.e.aws_vpc.a", ["no-op"])
    judged = configured({}, kept, vpc("module.a.module.b.module.c.aws_vpc.a"), module_calls=calls)
    assert hits("any-floating-module", judged) == [("module.a", ""), ("module.a.module.b.module.c", "")]


def test_a_provider_without_a_version_counts_where_something_in_a_cloud_changes_by_it() -> None:
    loose = {"aws": provider({}), "aws.us": provider({}, alias="us"), "google": provider({}, "google")}
    helper = vpc("random_pet.a", provider_name="registry.terraform.io/hashicorp/google")
    assert hits("any-floating-provider", configured(loose, vpc(), helper)) == [("provider[aws]", "")]
    assert hits("any-floating-provider", configured(loose, vpc(actions=["no-op"]))) == []


def test_a_program_counts_where_it_runs_during_apply() -> None:
    run = {"mode": "data", "change": {"actions": ["read"], "before": None, "after": {}}}
    program = vpc("aws_vpc.a") | run | {"address": "data.external.a", "type": "external"}
    assert hits("any-program-run", configured({}, vpc(), program)) == [("data.external.a", "")]
    assert hits("any-program-run", configured({}, program | {"address": "data.aws_ami.a", "type": "aws_ami"})) == []


def test_a_resource_is_not_read_though_a_data_source_has_its_name() -> None:
    address = "aws_lambda_invocation.a"
    judged = plan(instance(f"data.{address}", Action.READ), instance(address, EDITED, {"input": "a"}, {"input": "b"}))
    assert hits("any-code-run-by-reading", judged) == [(f"data.{address}", "")]


def test_a_program_that_ran_for_the_plan_is_not_run_once_more() -> None:
    ran = {"address": "data.external.a", "mode": "data", "type": "external", "name": "a", "values": {}}
    document: dict[str, object] = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": []}
    document["prior_state"] = {"format_version": "1.0", "values": {"root_module": {"resources": [ran]}}}
    judged = decode_plan(msgspec.json.encode(document), "plan.json")
    assert [one.address for one in judged.instances] == ["data.external.a"]
    assert hits("any-program-run", judged) == []
