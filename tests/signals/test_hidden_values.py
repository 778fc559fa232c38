"""Values that the author hides until apply: whatever is put through ``terraform_data`` is known only afterwards."""

from typing import Any

import msgspec
import pytest

from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.plan.decode import decode_plan
from scopegate.policy.load import parse_policy
from scopegate.signals.model import Severity
from scopegate.verdict.report import Report

HIDDEN = ("terraform_data.hidden.output", "terraform_data.hidden")
AWS = "registry.terraform.io/hashicorp/aws"
BUILT_IN = "terraform.io/builtin/terraform"


def change_of(address: str, before: object, after: object, unknown: object, provider: str = AWS) -> dict[str, Any]:
    kind, name = address.split(".")
    change = {"actions": ["update"] if before else ["create"], "before": before, "after": after}
    change |= {"after_unknown": unknown, "before_sensitive": False, "after_sensitive": {}}
    own = {"address": address, "mode": "managed", "type": kind, "name": name, "provider_name": provider}
    return {**own, "change": change}


def block_of(address: str, **expressions: object) -> dict[str, Any]:
    kind, name = address.split(".")
    own = {"address": address, "mode": "managed", "type": kind, "name": name, "provider_config_key": "aws"}
    return {**own, "expressions": expressions}


def read(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


def found(changes: list[dict[str, Any]], blocks: list[dict[str, Any]], policy: str = "") -> tuple[dict[str, str], str]:
    """Return the high signals, each with its category, and the verdict."""
    report = reported(changes, {"resources": blocks}, policy)
    high = {signal.rule: signal.category.value for signal in report.signals if signal.severity is Severity.HIGH}
    return high, report.verdict.value


def reported(
    changes: list[dict[str, Any]], root: dict[str, Any], policy: str = "", known: tuple[dict[str, Any], ...] = ()
) -> Report:
    """Return the report on these changes and a helper, the root module being ``root`` and ``known`` read before."""
    helper = change_of("terraform_data.hidden", None, {"input": "x"}, {"output": True, "id": True}, BUILT_IN)
    hidden = block_of("terraform_data.hidden", input=read("var.x")) | {"provider_config_key": "terraform"}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": [*changes, helper],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": AWS, "version_constraint": "6.0.0"}},
            "root_module": {**root, "resources": [*root["resources"], hidden]},
        },
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": list(known)}}},
    }
    knowledge = default_knowledge()
    if policy:
        knowledge = msgspec.structs.replace(knowledge, policy=parse_policy(policy, "policy.yaml"))
    return analyze(decode_plan(msgspec.json.encode(document), "plan.json"), knowledge, Options()).report


HOME = {"region": "eu-central-1"}
DATABASE = "aws_db_instance.main"
QUEUE_POLICY = "aws_sqs_queue_policy.q"
ACCESS = "aws_eks_access_policy_association.a"


@pytest.mark.parametrize(
    ("address", "argument", "before", "rule"),
    [
        (DATABASE, "deletion_protection", True, "aws-deletion-protection-off"),
        (DATABASE, "publicly_accessible", False, "aws-public-endpoint-on"),
        (DATABASE, "backup_retention_period", 7, "aws-backups-off"),
        (DATABASE, "skip_final_snapshot", False, "aws-final-snapshot-off"),
        ("aws_lb_listener.l", "ssl_policy", "ELBSecurityPolicy-TLS13-1-2-2021-06", "aws-tls-floor-lowered"),
        ("aws_cloudformation_stack.s", "template_body", "{}", "any-template-deployed"),
        ("aws_lambda_function_url.u", "authorization_type", "AWS_IAM", "aws-function-url-open"),
    ],
)
def test_an_argument_that_is_hidden_behind_a_helper_may_be_anything(
    address: str, argument: str, before: object, rule: str
) -> None:
    edit = change_of(address, {**HOME, argument: before}, HOME, {argument: True})
    high, verdict = found([edit], [block_of(address, **{argument: read(*HIDDEN)})])
    assert high == {rule: "unknown-scope"}
    assert verdict == "needs-sign-off"


def test_a_switch_is_no_name_of_a_new_object() -> None:
    """``deletion_protection = aws_sqs_queue.new.arn == ""`` is false, and stands in the plan as a reference."""
    edit = change_of(DATABASE, {**HOME, "deletion_protection": True}, HOME, {"deletion_protection": True})
    queue = change_of("aws_sqs_queue.new", None, {**HOME, "name": "n"}, {"arn": True, "id": True})
    blocks = [block_of(DATABASE, deletion_protection=read("aws_sqs_queue.new.arn", "aws_sqs_queue.new"))]
    high, verdict = found([edit, queue], [*blocks, block_of("aws_sqs_queue.new", name={"constant_value": "n"})])
    assert (high, verdict) == ({"aws-deletion-protection-off": "unknown-scope"}, "needs-sign-off")


def test_what_is_left_to_the_provider_is_hidden_by_nobody() -> None:
    edit = change_of(DATABASE, {**HOME, "publicly_accessible": False}, HOME, {"publicly_accessible": True})
    assert found([edit], [block_of(DATABASE, engine={"constant_value": "postgres"})]) == ({}, "pass")


@pytest.mark.parametrize(("writes", "high"), [((), {}), (HIDDEN, {"aws-point-in-time-recovery-off": "unknown-scope"})])
def test_what_is_left_to_the_provider_within_a_block_is_hidden_by_nobody(
    writes: tuple[str, ...], high: dict[str, str]
) -> None:
    """``recovery_period_in_days`` is computed where only ``enabled`` is written; as a switch only the latter counts."""
    unknown = {"enabled": True} if writes else {"recovery_period_in_days": True}
    after = {} if writes else {"enabled": True}
    table = "aws_dynamodb_table.t"
    edit = change_of(
        table,
        {**HOME, "point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 35}]},
        {**HOME, "point_in_time_recovery": [after]},
        {"point_in_time_recovery": [unknown]},
    )
    enabled = read(*writes) if writes else {"constant_value": True}
    assert found([edit], [block_of(table, point_in_time_recovery=[{"enabled": enabled}])])[0] == high


def cluster_access(policy: tuple[str, ...]) -> tuple[dict[str, str], str]:
    made = change_of(ACCESS, None, {**HOME, "cluster_name": "c", "principal_arn": "p"}, {"policy_arn": True})
    own = change_of("aws_iam_policy.p", None, {"name": "p", "policy": "{}"}, {"arn": True, "id": True})
    blocks = [block_of(ACCESS, policy_arn=read(*policy)), block_of("aws_iam_policy.p", name={"constant_value": "p"})]
    return found([made, own], blocks)


def test_the_name_of_a_new_object_is_not_the_name_of_one_that_exists() -> None:
    """What is attached is new, so it is not the cluster's administrator; by way of a helper it may be that."""
    quiet, _ = cluster_access(("aws_iam_policy.p.arn", "aws_iam_policy.p"))
    assert "aws-cluster-admin-granted" not in quiet
    for hidden in (HIDDEN, (*HIDDEN, "aws_iam_policy.p.arn", "aws_iam_policy.p")):
        high, _ = cluster_access(hidden)
        assert high["aws-cluster-admin-granted"] == "unknown-scope"


NEW = ("aws_iam_policy.p.arn", "aws_iam_policy.p")


@pytest.mark.parametrize(
    ("reads", "is_high"),
    [
        (NEW, False),
        ((*NEW, "data.aws_caller_identity.me.account_id", "data.aws_caller_identity.me"), False),
        (("aws_iam_policy.each",), False),
        (("local.policy",), False),
        (("aws_iam_policy.old.arn", "aws_iam_policy.old"), True),
        (("var.time",), True),
    ],
)
def test_only_what_a_new_object_is_called_explains_what_is_known_after_apply(
    reads: tuple[str, ...], is_high: bool
) -> None:
    """What is read was there before: then a function like ``timestamp`` or ``uuid`` hides the argument until apply.

    The data source was read for the plan, and hides nothing. The new policies are two, for two clusters. A local is
    hidden from us as well, and mostly holds what is new.
    """
    old = change_of("aws_iam_policy.old", {"name": "o", "arn": "a"}, {"name": "o", "arn": "a"}, {})
    old["change"]["actions"] = ["no-op"]
    account: dict[str, Any] = {"mode": "data", "type": "aws_caller_identity", "name": "me"}
    source = {**account, "address": "data.aws_caller_identity.me"}
    new = [change_of("aws_iam_policy.p", None, {"name": "p"}, {"arn": True, "id": True})]
    new += counted(change_of("aws_iam_policy.each", None, {"name": "p"}, {"arn": True, "id": True}))
    made = counted(change_of(ACCESS, None, {**HOME, "cluster_name": "c", "principal_arn": "p"}, {"policy_arn": True}))
    blocks = [
        block_of(ACCESS, policy_arn=read(*reads)) | {"count_expression": {"constant_value": 2}},
        block_of("aws_iam_policy.p", name={"constant_value": "p"}),
        block_of("aws_iam_policy.old", name={"constant_value": "o"}),
        block_of("aws_iam_policy.each", name={"constant_value": "p"}) | {"count_expression": {"constant_value": 2}},
        {**source, "provider_config_key": "aws", "expressions": {}},
    ]
    known = {**source, "provider_name": AWS, "values": {"account_id": "111122223333"}}
    report = reported([*made, *new, old], {"resources": blocks}, known=(known,))
    high = [signal.address for signal in report.signals if signal.severity is Severity.HIGH]
    assert high == ([f"{ACCESS}[0]", f"{ACCESS}[1]"] if is_high else [])


def counted(change: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the change of two objects of one block."""
    return [{**change, "address": f"{change['address']}[{index}]", "index": index} for index in range(2)]


def test_what_one_call_of_a_module_reads_is_not_what_another_reads() -> None:
    """All calls plan the same, in one block: only what they give to it tells them apart."""
    calls = {"a": NEW, "b": NEW, "c": NEW, "d": HIDDEN, "e": NEW}
    inner = {"resources": [block_of(ACCESS, policy_arn=read("var.policy"))], "variables": {"policy": {}}}
    one = change_of(ACCESS, None, {**HOME, "cluster_name": "c", "principal_arn": "p"}, {"policy_arn": True})
    made = [{**one, "module_address": f"module.{name}", "address": f"module.{name}.{ACCESS}"} for name in calls]
    own = change_of("aws_iam_policy.p", None, {"name": "p"}, {"arn": True, "id": True})
    root = {
        "resources": [block_of("aws_iam_policy.p", name={"constant_value": "p"})],
        "module_calls": {
            name: {"source": "./access", "expressions": {"policy": read(*given)}, "module": inner}
            for name, given in calls.items()
        },
    }
    high = [signal.address for signal in reported([*made, own], root).signals if signal.severity is Severity.HIGH]
    assert high == [f"module.d.{ACCESS}"]


LIMIT = """
version: 1
limits:
  nobody-else: {signals: {categories: [CATEGORY]}, sign_off: 1, why: ours}
"""


@pytest.mark.parametrize(("hidden", "high"), [((), {}), (HIDDEN, {"aws-resource-policy-public": "unknown-scope"})])
def test_a_policy_that_cannot_be_told_is_beyond_a_limit_on_what_it_may_be(
    hidden: tuple[str, ...], high: dict[str, str]
) -> None:
    """``jsonencode`` with the ARN of a new queue in it hides the whole policy, and so whether everybody is let in.

    It is written so in many an ordinary change, so it is high only where something else hides it as well.
    """
    queue = change_of("aws_sqs_queue.q", None, {**HOME, "name": "q"}, {"arn": True, "id": True})
    policy = change_of(QUEUE_POLICY, None, HOME, {"policy": True, "queue_url": True, "id": True})
    reads = read("aws_sqs_queue.q.arn", "aws_sqs_queue.q", *hidden)
    blocks = [block_of("aws_sqs_queue.q", name={"constant_value": "q"}), block_of(QUEUE_POLICY, policy=reads)]
    for category, verdict in (
        ("exposure", "needs-sign-off"),
        ("unknown-scope", "needs-sign-off"),
        ("data-loss", "pass"),
    ):
        assert found([queue, policy], blocks, LIMIT.replace("CATEGORY", category)) == (high, verdict)
