"""A plan with a canary in every place that can hold a value: none of them may come out anywhere."""

import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from scopegate.plan.address import format_key

Json = dict[str, Any]

AWS = "registry.terraform.io/hashicorp/aws"
BUILTIN = "terraform.io/builtin/terraform"
AZURE = "registry.terraform.io/hashicorp/azurerm"
GITHUB = "registry.terraform.io/integrations/github"


@dataclass
class Canaries:
    """Makes values that occur nowhere else, and remembers them. ``in_clear`` are those that no place marks."""

    planted: list[str] = field(default_factory=list)

    def new(self, where: str) -> str:
        """Return a new canary; ``where`` says in it from which place it got out."""
        self.planted.append(f"cnry{len(self.planted):03d}x{where}")
        return self.planted[-1]

    def forms(self) -> dict[str, list[str]]:
        """Return each canary with everything that gives it away."""
        return {value: sorted(set(_forms(value))) for value in self.planted}


def _forms(value: str) -> list[str]:
    plain = [value, value.upper(), quote(value), json.dumps(value)[1:-1], value[:9]]
    encoded = [encode((before + value).encode()) for before in ("", "a", "ab") for encode in ENCODERS]
    return [*plain, *(text.decode().rstrip("=")[4:-4] for text in encoded)]


ENCODERS = (b64encode, urlsafe_b64encode)


SECRET: Json = {
    "arn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:s-AbCdEf",
    "id": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:s-AbCdEf",
    "name": "s",
    "region": "eu-central-1",
    "replica": [{"region": "cn-north-1"}],
}


def escaped_everywhere(canaries: Canaries) -> Json:
    """Return a plan in which every canary stands, and most of them in an address or a place as well."""
    c = canaries.new
    key = c("variable")
    default, passed, nested = c("default"), c("passed-in"), c("nested")
    output, old_output = c("output"), c("old-output")
    before, after, in_json, map_key = c("before"), c("after"), c("in-json"), c("map-key")
    drifted, prior, action = c("drift"), c("prior"), c("action")
    encoded, alone = c("encoded"), c("unmarked")
    listed, in_base64, in_url, made_known = c("listed"), c("in-base64"), c("in-url"), c("child-output")
    from_root, app_key, stack, ended = c("from-root"), c("app-key"), c("other-stack"), c("connection")
    provider, region, account = c("provider-token"), c("region"), c("owner")
    keys = {
        "variable": key,
        "default": default,
        "passed": f"prod-{passed}-logs",
        "output": output.upper(),
        "old-output": old_output,
        "before": before,
        "after": after,
        "nested": nested,
        "in-json": in_json,
        "map-key": map_key,
        "drift": drifted,
        "prior": prior,
        "action": action,
        "encoded": b64encode(f"user:{encoded}:x".encode()).decode(),
        "escaped": quote(after + "&/") + "/" + quote(before),
        "provider": provider,
        "listed": listed,
        "in-base64": in_base64,
        "in-url": in_url,
        "connection": ended,
        "child-output": made_known,
        "from-root": from_root,
        "app-key": app_key,
    }
    changes = [
        _change(f"aws_s3_bucket.b{format_key(value)}", {"bucket": value, "tags": {"a": value}})
        for value in keys.values()
    ]
    changes += [
        _change(f"module.m{format_key(value)}.aws_sqs_queue.q", {"name": value}, module=f"module.m{format_key(value)}")
        for value in keys.values()
    ]
    changes += [
        _change(
            "aws_db_instance.d",
            {
                "password": after,
                "user_data": alone,
                "nested": [{"deep": {"x": nested, "y": alone}}],
                "policy": json.dumps({"Statement": [{"Password": in_json}]}),
                "labels": {map_key: "v"},
                "blob": encoded,
                "documents": [
                    f"another,{listed}; third",
                    b64encode(json.dumps({"private_key": in_base64}).encode()).decode(),
                    f"postgres://app:{quote(in_url)}@db.example:5432/x",
                    f"Server=db.example;Password={ended};Encrypt=true",
                ],
                "arn": f"arn:aws:rds:eu-central-1:123456789012:db:{after}",
                "name": f"{after}-copy",
            },
            {"password": before, "arn": f"arn:aws:rds:eu-central-1:123456789012:db:{before}"},
            after_sensitive={
                "password": True,
                "nested": [{"deep": {"x": True}}],
                "policy": True,
                "labels": True,
                "blob": True,
                "documents": True,
            },
            before_sensitive={"password": True},
            before_identity={"account_id": "123456789012", "name": c("identity")},
            after_identity={"name": c("new-identity")},
            replace_paths=[["password"]],
            actions=["delete", "create"],
        ),
        _change("azurerm_resource_group.g", {"location": region.replace("-", ""), "name": alone}, provider=AZURE),
        _change("github_repository.r", {"name": alone, "owner": account}, provider=GITHUB),
        _change(
            "terraform_data.t",
            {"input": {"value": region.replace("-", ""), "o": account}},
            after_sensitive={"input": True},
            provider=BUILTIN,
        ),
        # Its place is that of a network with a secret key: the evidence for it names the network.
        _change(f"azurerm_virtual_network.v{format_key(key)}", {"location": "westeurope"}, provider=AZURE),
        _change("azurerm_subnet.s", {"address_prefixes": ["10.0.1.0/24"]}, provider=AZURE),
        # A new version goes where the copies of its secret are: the evidence for it names the secret.
        _change(
            f"aws_secretsmanager_secret.s{format_key(key)}",
            SECRET,
            SECRET,
            actions=["no-op"],
        ),
        _change(
            f"aws_secretsmanager_secret_version.v{format_key(key)}",
            {"secret_id": SECRET["arn"], "secret_string": after},
            {"secret_id": SECRET["arn"], "secret_string": before},
        ),
        _change(
            "data.terraform_remote_state.other",
            {"backend": "s3", "config": {"bucket": f"states-{stack}", "key": key}},
            provider=BUILTIN,
            actions=["read"],
        ),
        _change(
            f"aws_sqs_queue.moved{format_key(before)}",
            {"name": "x"},
            {"name": "x"},
            actions=["no-op"],
            top={"previous_address": f"aws_sqs_queue.moved{format_key(after)}"},
        ),
        _change(
            "aws_iam_policy.open",
            {
                "policy": json.dumps(
                    {
                        "Statement": [
                            {"Effect": "Allow", "Action": "*", "Resource": [alone, "*"], "Principal": {"AWS": [alone]}}
                        ]
                    }
                )
            },
        ),
        _change("aws_security_group.open", {"ingress": [{"cidr_blocks": ["0.0.0.0/0"], "description": alone}]}),
        _change("aws_dynamodb_table.t", {"name": alone, "replica": [{"region_name": alone}]}),
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.14.0",
        "variables": {
            "secret": {"value": key},
            "free": {"value": c("free-variable")},
            "stack": {"value": stack},
            "passed": {"value": {"on": from_root}},
        },
        "planned_values": {
            "outputs": {"o": {"sensitive": True, "value": output}},
            "root_module": {"resources": [_state("aws_dynamodb_table.t", {"bucket": output})]},
        },
        "resource_drift": [
            _change(
                "aws_sqs_queue.d",
                {"p": drifted},
                {"p": drifted},
                after_sensitive={"p": True},
                before_sensitive={"p": True},
            )
        ],
        "resource_changes": changes,
        "output_changes": {
            "o": {
                "actions": ["update"],
                "before": old_output,
                "after": output,
                "after_unknown": False,
                "before_sensitive": True,
                "after_sensitive": True,
            }
        },
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": "1.14.0",
            "values": {
                "outputs": {"o": {"sensitive": True, "value": old_output}},
                "root_module": {
                    "resources": [_state("aws_sqs_queue.only_in_state", {"name": prior, "n": alone}, name=True)]
                },
            },
        },
        "configuration": {
            "provider_config": {
                "aws": {
                    "name": "aws",
                    "full_name": AWS,
                    "expressions": {
                        "region": {"constant_value": "eu-central-1"},
                        "token": {"constant_value": provider},
                        "profile": {"constant_value": c("profile")},
                        "app_key": {"constant_value": app_key},
                    },
                },
                "github": {
                    "name": "github",
                    "full_name": GITHUB,
                    "expressions": {"owner": {"constant_value": account}},
                },
            },
            "root_module": {
                "variables": {
                    "secret": {"sensitive": True, "default": default},
                    "stack": {"sensitive": True},
                    "passed": {},
                },
                "resources": [
                    {
                        "address": "aws_s3_bucket.b",
                        "mode": "managed",
                        "type": "aws_s3_bucket",
                        "name": "b",
                        "provider_config_key": "aws",
                        "for_each_expression": {"references": ["var.secret"]},
                        "expressions": {"bucket": {"constant_value": c("constant")}},
                    },
                    _block("azurerm_virtual_network.v", {}, "azurerm"),
                    _block(
                        "azurerm_subnet.s",
                        {"virtual_network_name": {"references": ["azurerm_virtual_network.v", "var.secret"]}},
                        "azurerm",
                    ),
                    _block("aws_secretsmanager_secret.s", {}, "aws"),
                    _block(
                        "aws_secretsmanager_secret_version.v",
                        {"secret_id": {"references": ["aws_secretsmanager_secret.s", "var.secret"]}},
                        "aws",
                    ),
                ],
                "module_calls": {
                    "m": {
                        "source": "./m",
                        "expressions": {
                            "password": {"constant_value": passed},
                            "handed": {"references": ["var.passed.on", "var.passed"]},
                        },
                        "for_each_expression": {"references": ["var.secret"]},
                        "module": {
                            "variables": {"password": {"sensitive": True}, "handed": {"sensitive": True}},
                            "outputs": {"token": {"sensitive": True, "expression": {"constant_value": made_known}}},
                            "resources": [
                                {
                                    "address": "aws_sqs_queue.q",
                                    "mode": "managed",
                                    "type": "aws_sqs_queue",
                                    "name": "q",
                                    "provider_config_key": "aws",
                                    "expressions": {"name": {"references": ["var.password"]}},
                                }
                            ],
                        },
                    }
                },
            },
        },
        "action_invocations": [
            {
                "address": "action.aws_lambda_invoke.a",
                "type": "aws_lambda_invoke",
                "name": "a",
                "provider_name": AWS,
                "config_values": {"payload": action, "note": alone},
                "config_sensitive": {"payload": True},
                "lifecycle_action_trigger": {
                    "triggering_resource_address": f"aws_s3_bucket.b{format_key(key)}",
                    "action_trigger_event": "AfterCreate",
                },
            }
        ],
        "errored": False,
        "complete": True,
    }


def _change(
    address: str,
    after: Json | None,
    before: Json | None = None,
    *,
    module: str = "",
    provider: str = AWS,
    actions: list[str] | None = None,
    top: Json | None = None,
    **fields: Any,
) -> Json:
    resource = address.removeprefix(f"{module}.")
    mode = "data" if resource.startswith("data.") else "managed"
    resource = resource.removeprefix("data.")
    resource_type, _, rest = resource.partition(".")
    name, _, key = rest.partition("[")
    entry: Json = {
        "address": address,
        "mode": mode,
        "type": resource_type,
        "name": name,
        "provider_name": provider,
    }
    if module:
        entry["module_address"] = module
    if key:
        entry["index"] = json.loads(f"[{key}")[0]
    body = {
        "actions": actions or (["update"] if before else ["create"]),
        "before": before,
        "after": after,
        "after_unknown": {},
        **fields,
    }
    return {**entry, **(top or {}), "change": body}


def _block(address: str, expressions: Json, provider: str) -> Json:
    return _managed(address, provider_config_key=provider, expressions=expressions)


def _state(address: str, values: Json, **sensitive: bool) -> Json:
    return _managed(address, provider_name=AWS, schema_version=0, values=values, sensitive_values=sensitive)


def _managed(address: str, **fields: object) -> Json:
    resource_type, name = address.split(".")
    return {"address": address, "mode": "managed", "type": resource_type, "name": name, **fields}
