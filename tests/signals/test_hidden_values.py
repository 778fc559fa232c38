"""Values that the author hides until apply: whatever is put through ``terraform_data`` is known only afterwards."""

from typing import Any

import msgspec
import pytest

from scopegate.analyze import Options, analyze, default_knowledge
from scopegate.plan.decode import decode_plan
from scopegate.policy.load import parse_policy
from scopegate.signals.model import Severity

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
    helper = change_of("terraform_data.hidden", None, {"input": "x"}, {"output": True, "id": True}, BUILT_IN)
    hidden = block_of("terraform_data.hidden", input=read("var.x")) | {"provider_config_key": "terraform"}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": [*changes, helper],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": AWS, "version_constraint": "6.0.0"}},
            "root_module": {"resources": [*blocks, hidden]},
        },
    }
    knowledge = default_knowledge()
    if policy:
        knowledge = msgspec.structs.replace(knowledge, policy=parse_policy(policy, "policy.yaml"))
    report = analyze(decode_plan(msgspec.json.encode(document), "plan.json"), knowledge, Options()).report
    high = {signal.rule: signal.category.value for signal in report.signals if signal.severity is Severity.HIGH}
    return high, report.verdict.value


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
