"""Changes of which the rules see the same are judged once; what they do not look at is not decoded."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from handmade import instance, placement
from scopegate.errors import PlanError
from scopegate.facts.load import load_facts
from scopegate.graph.build import build_graph
from scopegate.place.place import place_all
from scopegate.plan.actions import Action
from scopegate.plan.decode import decode_plan
from scopegate.plan.model import Plan
from scopegate.plan.read import read_plan
from scopegate.signals import find
from scopegate.signals.change import Change, Event, events_of
from scopegate.signals.find import find_signals
from scopegate.signals.model import Signal
from scopegate.signals.predicates import Changed, IsOneOf, OpensIngress
from scopegate.signals.rules import IfUnknown, RuleSet, builtin_rules, covers
from scopegate.signals.sight import BLIND, WHOLE, sight_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
PLANS = sorted(FIXTURES.glob("*/*/plan*.json"))


def only(name: str) -> RuleSet:
    return RuleSet(tuple(rule for rule in builtin_rules().rules if rule.id == name))


FIREWALLS = only("aws-ingress-open-to-world")


def group(name: str, **after: object) -> dict[str, object]:
    return created(f"aws_security_group.{name}", {"name": name, **after}, {"id": True, "arn": True})


def created(address: str, after: object, unknown: object) -> dict[str, object]:
    *module, resource_type, name = address.split(".")
    return {
        "address": address,
        **({"module_address": ".".join(module)} if module else {}),
        "mode": "managed",
        "type": resource_type,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown},
    }


def plan_of(changes: Iterable[object], **sections: object) -> Plan:
    document = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": list(changes), **sections}
    return decode_plan(msgspec.json.encode(document), "plan.json")


def signals_of(plan: Plan, rules: RuleSet) -> tuple[Signal, ...]:
    facts, graph = load_facts(), build_graph(plan)
    return find_signals(plan, place_all(plan, facts, graph, {}), facts, rules, graph=graph)


def open_to(network: str) -> list[dict[str, object]]:
    return [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [network]}]


def test_each_change_of_a_case_has_a_signal_of_its_own() -> None:
    plan = plan_of(group(name, ingress=open_to("0.0.0.0/0")) for name in ("a", "b", "c"))
    found = [(signal.address, signal.instance, signal.message) for signal in signals_of(plan, FIREWALLS)]
    assert [found[:2] for found in found] == [
        ("aws_security_group.a", 0),
        ("aws_security_group.b", 1),
        ("aws_security_group.c", 2),
    ]
    assert {message for _, _, message in found} == {found[0][2]}
    assert "port 22" in found[0][2]


def test_a_rule_is_asked_once_for_changes_that_look_alike_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Counter[str]()
    holds: Callable[[OpensIngress, Change], Any] = OpensIngress.holds

    def counted(self: OpensIngress, change: Change) -> Any:
        asked[change.instance.name] += 1
        return holds(self, change)

    monkeypatch.setattr(OpensIngress, "holds", counted)
    networks = ["10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8"]
    plan = plan_of(group(f"g{number}", ingress=open_to(network)) for number, network in enumerate(networks))
    assert [signal.address for signal in signals_of(plan, FIREWALLS)] == [
        "aws_security_group.g1",
        "aws_security_group.g3",
    ]
    assert asked == {"g0": 1, "g1": 1}


def test_alike_but_for_what_is_known_only_after_apply_is_another_case() -> None:
    known, unknown = group("a", ingress=[]), group("b")
    unknown["change"]["after_unknown"] = {"ingress": True}  # type: ignore[index]
    written = {"ingress": {"references": ["local.rules"]}}
    blocks = [
        {"address": f"aws_security_group.{name}", "mode": "managed", "type": "aws_security_group", "name": name}
        | {"provider_config_key": "aws", "expressions": written}
        for name in ("a", "b")
    ]
    plan = plan_of([known, unknown], configuration={"root_module": {"resources": blocks}})
    assert [(signal.address, signal.category.value) for signal in signals_of(plan, FIREWALLS)] == [
        ("aws_security_group.b", "unknown-scope")
    ]


def block(address: str, **fields: object) -> dict[str, object]:
    resource_type, name = address.split(".")
    return {"address": address, "mode": "managed", "type": resource_type, "name": name, **fields}


@pytest.mark.parametrize("names", [("written", "left"), ("left", "written")])
def test_alike_but_for_who_writes_what_is_not_known_is_another_case(names: tuple[str, str]) -> None:
    blocks = [
        block("aws_security_group.written", expressions={"ingress": {"references": ["local.rules"]}}),
        block("aws_security_group.left", expressions={"name": {"references": ["local.rules"]}}),
    ]
    edit = {"actions": ["update"], "before": {"ingress": []}, "after": {}, "after_unknown": {"ingress": True}}
    changes = [created(f"aws_security_group.{name}", None, {}) | {"change": edit} for name in names]
    plan = plan_of(changes, configuration={"root_module": {"resources": blocks}})
    assert [(signal.address, signal.category.value) for signal in signals_of(plan, FIREWALLS)] == [
        ("aws_security_group.written", "unknown-scope")
    ]


@pytest.mark.parametrize(
    ("rule", "address"),
    [
        ("aws-ingress-open-to-world", "aws_security_group.a"),
        ("aws-admin-granted", "aws_iam_role_policy.a"),
    ],
)
@pytest.mark.parametrize(("actions", "before"), [(["create"], None), (["update"], {"ingress": None, "policy": None})])
def test_an_object_of_which_nothing_is_known_may_be_anything(
    rule: str, address: str, actions: list[str], before: object
) -> None:
    unknown = {"actions": actions, "before": before, "after": None, "after_unknown": True}
    plan = plan_of([created(address, None, {}) | {"change": unknown}])
    for rules in (only(rule), builtin_rules()):
        categories = {signal.rule: signal.category.value for signal in signals_of(plan, rules)}
        assert categories[rule] == "unknown-scope"


def test_a_rule_that_ignores_what_is_not_known_says_nothing_of_it_in_a_plan_without_a_configuration() -> None:
    plan = plan_of([created("aws_security_group.a", {}, {"ingress": True})])
    ignoring = replace(FIREWALLS.rules[0], if_unknown=IfUnknown.IGNORE)
    assert [signal.category.value for signal in signals_of(plan, FIREWALLS)] == ["unknown-scope"]
    assert signals_of(plan, RuleSet((ignoring,))) == ()


@pytest.mark.parametrize(
    ("action", "fields", "events"),
    [
        (Action.DELETE, {}, {Event.DESTROY}),
        (Action.DELETE, {"deposed": "a1b2c3d4"}, {Event.DEPOSED}),
        (Action.FORGET, {"deposed": "a1b2c3d4"}, {Event.FORGET}),
        (Action.NO_OP, {}, set()),
        (Action.NO_OP, {"importing": True}, {Event.IMPORT}),
        (Action.UPDATE, {"importing": True, "previous_address": "a.b"}, {Event.UPDATE, Event.IMPORT, Event.MOVE}),
        (Action.CREATE_THEN_FORGET, {}, {Event.FORGET}),
    ],
)
def test_what_is_done_with_an_object_is_one_thing_or_several(
    action: Action, fields: dict[str, Any], events: set[Event]
) -> None:
    assert events_of(instance("aws_sqs_queue.q", action, **fields)) == events


@pytest.mark.parametrize("names", [("runs", "rests"), ("rests", "runs")])
def test_alike_but_for_a_program_that_runs_with_it_is_another_case(names: tuple[str, str]) -> None:
    blocks = [block("terraform_data.runs", provisioners=[{"type": "local-exec"}]), block("terraform_data.rests")]
    changes = [created(f"terraform_data.{name}", {}, {}) for name in names]
    plan = plan_of(changes, configuration={"root_module": {"resources": blocks}})
    found = find_signals(plan, [placement()] * 2, load_facts(), only("any-provisioner"))
    assert [signal.address for signal in found] == ["terraform_data.runs"]


def test_the_same_block_of_two_modules_may_read_different_policy_documents() -> None:
    resources = [
        {"address": "aws_iam_role_policy.p", "mode": "managed", "type": "aws_iam_role_policy", "name": "p"}
        | {"expressions": {"policy": {"references": ["data.aws_iam_policy_document.d.json"]}}},
        {"address": "data.aws_iam_policy_document.d", "mode": "data", "type": "aws_iam_policy_document", "name": "d"},
    ]
    calls = {name: {"source": "./m", "module": {"resources": resources}} for name in ("a", "b")}

    def document(module: str, action: str) -> dict[str, object]:
        statement = {"actions": [action], "resources": ["*"], "effect": "Allow"}
        change = {"actions": ["read"], "before": None, "after": {"statement": [statement]}}
        return {
            "address": f"module.{module}.data.aws_iam_policy_document.d",
            "module_address": f"module.{module}",
            "mode": "data",
            "type": "aws_iam_policy_document",
            "name": "d",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": change | {"after_unknown": {"json": True}},
        }

    plan = plan_of(
        [
            document("a", "s3:ListBucket"),
            document("b", "*"),
            created("module.a.aws_iam_role_policy.p", {"role": "r"}, {"policy": True}),
            created("module.b.aws_iam_role_policy.p", {"role": "r"}, {"policy": True}),
        ],
        configuration={"root_module": {"module_calls": calls}},
    )
    admin = only("aws-admin-granted")
    found = find_signals(plan, [placement()] * len(plan.instances), load_facts(), admin, graph=build_graph(plan))
    assert [signal.address for signal in found] == ["module.b.aws_iam_role_policy.p"]


def test_a_drifted_object_is_told_from_one_that_is_changed_alike() -> None:
    def queue(name: str) -> dict[str, object]:
        change = {"actions": ["update"], "before": {"delay_seconds": 5}, "after": {"delay_seconds": 0}}
        return created(f"aws_sqs_queue.{name}", None, {}) | {"change": change}

    drift = [{"address": "aws_sqs_queue.b", "type": "aws_sqs_queue", "name": "b", "mode": "managed"}]
    drift[0]["change"] = {"actions": ["update"], "before": {"delay_seconds": 0}, "after": {"delay_seconds": 5}}  # type: ignore[assignment]
    plan = plan_of([queue("a"), queue("b"), queue("c")], resource_drift=drift)
    reverted = only("any-drift-reverted")
    assert [(signal.address, "delay_seconds" in signal.message) for signal in signals_of(plan, reverted)] == [
        ("aws_sqs_queue.b", True)
    ]


def test_whose_a_rule_was_is_looked_at_although_the_first_of_its_kind_has_no_values_before() -> None:
    opened = {"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}

    def edited(name: str, before: object) -> dict[str, object]:
        change = {"actions": ["delete", "create"], "before": before, "after": {**opened, "security_group_id": "sg-2"}}
        return created(f"aws_security_group_rule.{name}", None, {}) | {"change": change}

    elsewhere, here = ({**opened, "security_group_id": group} for group in ("sg-1", "sg-2"))
    unknown = edited("d", here)
    unknown["change"] |= {"after": opened, "after_unknown": {"security_group_id": True}}  # type: ignore[operator]
    plan = plan_of([edited("a", None), edited("b", elsewhere), edited("c", here), unknown])
    rule = only("aws-group-rule-open-to-world")
    found = find_signals(plan, [placement()] * len(plan.instances), load_facts(), rule)
    assert [signal.address for signal in found] == [
        "aws_security_group_rule.a",
        "aws_security_group_rule.b",
    ]


def test_where_one_of_several_is_no_difference_a_rule_is_asked_whatever_is_touched() -> None:
    either = replace(
        FIREWALLS.rules[0],
        types=("aws_sqs_queue",),
        when=(),
        any=(Changed(path="kms_master_key_id"), IsOneOf(path="fifo_queue", one_of=(True,))),
        unless=(),
    )
    change = {"actions": ["update"], "before": {"fifo_queue": True, "delay_seconds": 1}}
    change["after"] = {"fifo_queue": True, "delay_seconds": 2}
    plan = plan_of([created("aws_sqs_queue.q", None, {}) | {"change": change}])
    assert [signal.address for signal in signals_of(plan, RuleSet((either,)))] == ["aws_sqs_queue.q"]


def test_an_imported_object_that_stays_as_it_is_is_read_in_full() -> None:
    document = (
        '{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[{"address":"aws_sqs_queue.a",'
        '"mode":"managed","type":"aws_sqs_queue","name":"a","change":{"actions":["no-op"],"importing":{"id":"x"},'
        '"before":{"delay_seconds":1e400},"after":{"delay_seconds":1e400}}}]}'
    )
    plan = decode_plan(document.encode(), "plan.json")
    with pytest.raises(PlanError, match="cannot be read"):
        signals_of(plan, builtin_rules())


@pytest.mark.parametrize("path", PLANS, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_the_shortcuts_change_no_signal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        plan = read_plan(str(path))
    except PlanError:
        pytest.skip("nothing is judged here")
    shortened, watch = signals_of(plan, builtin_rules()), find._watch
    monkeypatch.setattr(find, "sight_of", lambda _: WHOLE)
    monkeypatch.setattr(find, "_is_ruled_out", lambda *_: False)
    monkeypatch.setattr(find, "_watch", lambda rule: replace(watch(rule), touched=frozenset()))
    monkeypatch.setattr(Change, "is_typical", False)
    assert signals_of(plan, builtin_rules()) == shortened


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ('{"policy": "x", "other": [1, 2], "role": null}', {"policy": "x", "role": None}),
        ('{"other": 1}', {}),
        ('{"\\u0070olicy": true}', {"policy": True}),
        ("null", None),
        ("true", True),
        ("[1]", [1]),
    ],
)
def test_only_the_arguments_that_are_looked_at_are_decoded(section: str, value: object) -> None:
    few = frozenset({"role", "policy"})
    for sight in (sight_of(few), sight_of(few.union(f"more_{number}" for number in range(20)))):
        assert sight.value(sight.of(Raw(section.encode()))) == value


def test_absent_and_null_are_told_apart() -> None:
    sight = sight_of(frozenset({"role"}))
    assert sight.of(Raw(b"{}")) != sight.of(Raw(b'{"role": null}'))


@pytest.mark.parametrize("name", ["*", "", 'a"b', "a\\b", "\n"])
def test_what_is_no_name_of_an_argument_needs_the_whole_section(name: str) -> None:
    assert sight_of(frozenset({"role", name})) is WHOLE
    assert WHOLE.value(WHOLE.of(Raw(b'{"role": 1, "x": 2}'))) == {"role": 1, "x": 2}


def test_where_nothing_is_looked_at_nothing_is_read() -> None:
    assert BLIND.of(Raw(b"{ no JSON")) == ()
    assert BLIND.value(()) == {}


def test_the_rules_of_a_type_are_all_that_cover_it() -> None:
    rule, rules = builtin_rules().rules[0], builtin_rules().rules
    odd = RuleSet((*rules, replace(rule, types=("a?_*", "[bc]d*", "exact", "e?")), replace(rule, types=("*",))))
    globs = [name for one in rules for name in one.types]
    for name in ("ab_c", "a_c", "bd", "dd", "ef", "exact", "exactly", "", *(name.replace("*", "x") for name in globs)):
        assert odd.for_type(name) == tuple(one for one in odd.rules if covers(one, name)), name
