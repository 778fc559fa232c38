"""Plans that are large in one way each, by the number of what they have many of."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any

AWS: Final = "registry.terraform.io/hashicorp/aws"
ARN: Final = "arn:aws:s3:::bucket"


def resource_change(address: str, after: Json, before: Json = None, **fields: Json) -> Json:
    """Return an entry of ``resource_changes``: an update where there is something before, else a creation."""
    module, _, own = address.rpartition("module.")
    local = own.partition(".")[2] if module or own != address else address
    kind, _, name = local.removeprefix("data.").partition(".")
    change = {"actions": ["update"] if before is not None else ["create"], "before": before, "after": after}
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name.partition("[")[0],
        "provider_name": AWS,
        "change": {**change, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}},
        **fields,
    }


def plan_of(changes: Iterable[Json] = (), root: Json = None, **sections: Json) -> bytes:
    """Return a plan with these changes, this root module in its configuration, and further sections."""
    listed = list(changes)
    planned = [{"address": change["address"], "mode": change["mode"]} for change in listed]
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": listed,
        "configuration": {"provider_config": {"aws": _PROVIDER}, "root_module": root or {}},
        **sections,
    }
    return json.dumps(document).encode()


_PROVIDER: Final = {
    "name": "aws",
    "full_name": AWS,
    "expressions": {"region": {"constant_value": "eu-central-1"}},
}


def block(name: str, *references: str, kind: Json = "aws_s3_bucket", key: Json = "aws", **fields: Json) -> Json:
    """Return a resource block of the configuration whose argument ``bucket`` reads ``references``."""
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_config_key": key,
        "expressions": {"bucket": {"references": list(references)}} if references else {},
        **fields,
    }


def bucket(name: str, **values: Json) -> Json:
    """Return the change of a bucket that exists."""
    old = {"bucket": name, "arn": f"{ARN}{name}", "id": name, "acl": "private", **values}
    return resource_change(f"aws_s3_bucket.{name}", {**old, "acl": "public-read"}, old)


def many(size: int) -> bytes:
    """Resources that have nothing to do with each other."""
    return plan_of([bucket(f"b{n}") for n in range(size)], {"resources": [block(f"b{n}") for n in range(size)]})


def all_created(size: int) -> bytes:
    """Resources that are new."""
    changes = [resource_change(f"aws_s3_bucket.b{n}", {"bucket": f"b{n}"}) for n in range(size)]
    return plan_of(changes, {"resources": [block(f"b{n}") for n in range(size)]})


def all_destroyed(size: int) -> bytes:
    """Resources that go, without a block."""
    entries = [bucket(f"b{n}") for n in range(size)]
    return plan_of([{**e, "change": {**e["change"], "actions": ["delete"], "after": None}} for e in entries])


def chain(size: int) -> bytes:
    """Resources of which each reads the one before it."""
    blocks = [
        block(f"b{n}", *([f"aws_s3_bucket.b{n - 1}.id", f"aws_s3_bucket.b{n - 1}"] if n else [])) for n in range(size)
    ]
    return plan_of([bucket(f"b{n}") for n in range(size)], {"resources": blocks})


def read_by_all(size: int) -> bytes:
    """Resources that all read one."""
    blocks = [block(f"b{n}", *(["aws_s3_bucket.b0.id"] if n else [])) for n in range(size)]
    return plan_of([bucket(f"b{n}") for n in range(size)], {"resources": blocks})


def reads_all(size: int) -> bytes:
    """One resource that reads all others in one expression, and another one in as many expressions."""
    names = [f"aws_s3_bucket.b{n}.id" for n in range(size)]
    each = {f"a{n}": {"references": [name]} for n, name in enumerate(names)}
    blocks = [*(block(f"b{n}") for n in range(size)), block("all", *names), {**block("each"), "expressions": each}]
    return plan_of([bucket(name) for name in (*(f"b{n}" for n in range(size)), "all", "each")], {"resources": blocks})


def waits_for_all(size: int) -> bytes:
    """One resource with a long ``depends_on``, which others wait for as well."""
    names = [f"aws_s3_bucket.b{n}" for n in range(size)]
    blocks = [block(f"b{n}") for n in range(size)]
    after = [block(f"c{n}", depends_on=["aws_s3_bucket.all"]) for n in range(size)]
    changes = [bucket(name) for name in (*(f"{letter}{n}" for letter in "bc" for n in range(size)), "all")]
    return plan_of(changes, {"resources": [*blocks, block("all", depends_on=names), *after]})


def instances(size: int) -> bytes:
    """Two blocks with as many instances as there are, of which the one reads the other."""
    changes = [
        {**bucket(name), "address": f"aws_s3_bucket.{name}[{n}]", "index": n} for name in "ab" for n in range(size)
    ]
    count = {"count_expression": {"constant_value": size}}
    return plan_of(changes, {"resources": [block("a", **count), block("b", "aws_s3_bucket.a", **count)]})


def keyed(size: int) -> bytes:
    """A block over keys that are long and full of signs, and one that reads each by its own key."""
    keys = [f'a.b[{n}]/"c":\\{"x." * 20}' for n in range(size)]
    changes = [
        {**bucket(name), "address": f"aws_s3_bucket.{name}[{json.dumps(key)}]", "index": key}
        for name in "ab"
        for key in keys
    ]
    each = {"for_each_expression": {"references": ["var.keys"]}}
    reads = block("b", "aws_s3_bucket.a", "each.key", **each)
    return plan_of(changes, {"resources": [block("a", **each), reads], "variables": {"keys": {}}})


def _call(content: Json, **fields: Json) -> Json:
    return {"source": "./m", "module": content, **fields}


def _in_module(module: str, name: str = "x") -> Json:
    entry = bucket(name)
    return {**entry, "address": f"{module}.{entry['address']}", "module_address": module}


_CONTENT: Final = {
    "resources": [block("x", "var.v")],
    "outputs": {"o": {"expression": {"references": ["aws_s3_bucket.x.id", "aws_s3_bucket.x"]}}},
    "variables": {"v": {}},
}


def modules(size: int) -> bytes:
    """Calls of modules beside each other, each with a resource."""
    calls = {f"m{n}": _call(_CONTENT, expressions={"v": {"constant_value": n}}) for n in range(size)}
    return plan_of([_in_module(f"module.m{n}") for n in range(size)], {"module_calls": calls})


def modules_in_a_row(size: int) -> bytes:
    """Modules of which each reads what the one before puts out."""
    calls = {
        f"m{n}": _call(
            _CONTENT, expressions={"v": {"references": [f"module.m{n - 1}.o", f"module.m{n - 1}"]} if n else {}}
        )
        for n in range(size)
    }
    return plan_of([_in_module(f"module.m{n}") for n in range(size)], {"module_calls": calls})


def modules_over_keys_in_a_row(size: int) -> bytes:
    """Modules with ``for_each`` over the one before, three instances each."""
    calls = {
        f"m{n}": _call(
            _CONTENT,
            expressions={"v": {"references": [f"module.m{n - 1}", "each.key"] if n else []}},
            for_each_expression={"references": [f"module.m{n - 1}"] if n else ["var.keys"]},
        )
        for n in range(size)
    }
    entries = [{**_in_module(f'module.m{n}["{key}"]')} for n in range(size) for key in "abc"]
    return plan_of(entries, {"module_calls": calls, "variables": {"keys": {}}})


def module_over_many_keys(size: int) -> bytes:
    """A module with many instances, and another one over the same keys that reads it."""
    each = {"for_each_expression": {"references": ["var.keys"]}}
    calls = {
        "a": _call(_CONTENT, **each),
        "b": _call(_CONTENT, expressions={"v": {"references": ["module.a", "each.key"]}}, **each),
    }
    entries = [_in_module(f'module.{name}["k{n}"]') for name in "ab" for n in range(size)]
    return plan_of(entries, {"module_calls": calls, "variables": {"keys": {}}})


DEEPEST: Final = 60


def deep_modules(size: int) -> bytes:
    """Modules inside of each other, to a depth that no one writes, and many of these towers beside each other."""
    calls: Json = {}
    entries = []
    for tower in range(max(1, size // DEEPEST)):
        content: Json = _CONTENT
        for level in range(DEEPEST):
            inner = {"m": _call(content, expressions={"v": {"references": ["var.v"]}})}
            out = {"o": {"expression": {"references": ["module.m.o", "module.m"]}}}
            content = {"module_calls": inner, "variables": {"v": {}}, "outputs": out} if level else _CONTENT
        calls[f"t{tower}"] = _call(content)
        entries.append(_in_module(f"module.t{tower}" + ".module.m" * (DEEPEST - 1)))
    return plan_of(entries, {"module_calls": calls})


def providers(size: int) -> bytes:
    """Aliases of a provider, each with a region and a resource of its own."""
    regions = ("eu-central-1", "us-east-1", "cn-north-1", "ap-south-1")
    aliases = {
        f"aws.p{n}": {
            **_PROVIDER,
            "alias": f"p{n}",
            "expressions": {
                "region": {"references": [f"var.r{n}"]},
                "assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{10**11 + n}:role/x"}}],
            },
        }
        for n in range(size)
    }
    root = {
        "resources": [block(f"b{n}", key=f"aws.p{n}") for n in range(size)],
        "variables": {f"r{n}": {} for n in range(size)},
    }
    changes = [bucket(f"b{n}") for n in range(size)]
    return plan_of(
        changes,
        configuration={"provider_config": aliases, "root_module": root},
        variables={f"r{n}": {"value": regions[n % 4]} for n in range(size)},
    )


def providers_handed_on(size: int) -> bytes:
    """Modules with a provider configuration of their own each, as old Terraform allowed."""
    calls = {f"m{n}": _call({"resources": [block("x", key=f"m{n}:aws")]}) for n in range(size)}
    config = {f"module.m{n}:aws": {**_PROVIDER, "module_address": f"module.m{n}"} for n in range(size)}
    return plan_of(
        [_in_module(f"module.m{n}") for n in range(size)],
        configuration={"provider_config": config, "root_module": {"module_calls": calls}},
    )


def outputs(size: int) -> bytes:
    """Outputs that change, and variables, of which all are read."""
    changes = {
        f"o{n}": {
            "actions": ["update"],
            "before": f"x{n}",
            "after": f"y{n}",
            "after_unknown": False,
            "before_sensitive": False,
            "after_sensitive": False,
        }
        for n in range(size)
    }
    root = {
        "resources": [block("b", *(f"var.v{n}" for n in range(size)))],
        "outputs": {f"o{n}": {"expression": {"references": ["aws_s3_bucket.b.id"]}} for n in range(size)},
        "variables": {f"v{n}": {"default": n} for n in range(size)},
    }
    return plan_of(
        [bucket("b")], root, output_changes=changes, variables={f"v{n}": {"value": f"text {n}"} for n in range(size)}
    )


def data_sources(size: int) -> bytes:
    """Policy documents that are read during apply, each by a role."""
    document = {"statement": [{"actions": ["s3:GetObject"], "resources": ["*"], "effect": "Allow"}]}
    entries = []
    blocks = []
    for n in range(size):
        entry = resource_change(f"aws_iam_policy_document.d{n}", document)
        read = {**entry["change"], "actions": ["read"], "after_unknown": {"json": True, "id": True}}
        entries.append({**entry, "address": f"data.aws_iam_policy_document.d{n}", "mode": "data", "change": read})
        role = resource_change(f"aws_iam_policy.p{n}", {"name": f"p{n}"})
        role["change"]["after_unknown"] = {"policy": True, "arn": True}
        entries.append(role)
        blocks.append({**block(f"d{n}", kind="aws_iam_policy_document"), "mode": "data"})
        blocks.append(
            {
                **block(f"p{n}", kind="aws_iam_policy"),
                "expressions": {
                    "policy": {
                        "references": [f"data.aws_iam_policy_document.d{n}.json", f"data.aws_iam_policy_document.d{n}"]
                    }
                },
            }
        )
    return plan_of(entries, {"resources": blocks})


def documents_of_one_policy(size: int) -> bytes:
    """Policy documents that are read during apply, all by one policy."""
    document = {"statement": [{"actions": ["s3:GetObject"], "resources": ["*"], "effect": "Allow"}]}
    entries = []
    for n in range(size):
        entry = resource_change("aws_iam_policy_document.d", document)
        read = {**entry["change"], "actions": ["read"], "after_unknown": {"json": True, "id": True}}
        entries.append(
            {**entry, "address": f"data.aws_iam_policy_document.d[{n}]", "index": n, "mode": "data", "change": read}
        )
    policy = resource_change("aws_iam_policy.p", {"name": "p"})
    policy["change"]["after_unknown"] = {"policy": True, "arn": True}
    blocks = [
        {**block("d", kind="aws_iam_policy_document"), "mode": "data"},
        {
            **block("p", kind="aws_iam_policy"),
            "expressions": {"policy": {"references": ["data.aws_iam_policy_document.d"]}},
        },
    ]
    return plan_of([*entries, policy], {"resources": blocks})


def deposed(size: int) -> bytes:
    """Objects that an interrupted replacement left behind, of one address."""
    entry = bucket("b")
    gone = {**entry["change"], "actions": ["delete"], "after": None}
    return plan_of(
        [entry, *({**entry, "deposed": f"{n:08x}", "change": gone} for n in range(size))], {"resources": [block("b")]}
    )


def drifted(size: int) -> bytes:
    """Objects that were changed outside of Terraform, each put back."""
    entries = [bucket(f"b{n}") for n in range(size)]
    drift = [
        {**e, "change": {**e["change"], "before": e["change"]["after"], "after": e["change"]["before"]}}
        for e in entries
    ]
    return plan_of(
        entries,
        {"resources": [block(f"b{n}") for n in range(size)]},
        resource_drift=drift,
        relevant_attributes=[{"resource": f"aws_s3_bucket.b{n}", "attribute": ["acl"]} for n in range(size)],
    )


def moved(size: int) -> bytes:
    """Objects that get another address, each that of the one before."""
    entries = [{**bucket(f"b{n}"), "previous_address": f"aws_s3_bucket.b{n + 1}"} for n in range(size)]
    return plan_of(entries, {"resources": [block(f"b{n}") for n in range(size)]})


def renamed_keys(size: int) -> bytes:
    """Objects that are destroyed under one key and created under another, as where a list became a set."""
    value = {"bucket": "b", "arn": f"{ARN}x"}
    created = [
        {**resource_change("aws_s3_bucket.b", value), "address": f'aws_s3_bucket.b["k{n}"]', "index": f"k{n}"}
        for n in range(size)
    ]
    destroyed = [
        {
            **e,
            "address": f"aws_s3_bucket.b[{n}]",
            "index": n,
            "change": {**e["change"], "actions": ["delete"], "before": {**value, "id": f"i{n}"}, "after": None},
        }
        for n, e in enumerate(created)
    ]
    return plan_of(
        [*created, *destroyed],
        {"resources": [block("b", for_each_expression={"references": ["var.k"]})], "variables": {"k": {}}},
    )


def shifted(size: int) -> bytes:
    """Instances by number of which each gets the values of the next."""
    entries = []
    for n in range(size):
        entry = bucket(f"b{n}")
        new = {**entry["change"]["before"], "bucket": f"b{n + 1}", "id": None}
        entries.append(
            {
                **entry,
                "address": f"aws_s3_bucket.b[{n}]",
                "name": "b",
                "index": n,
                "change": {
                    **entry["change"],
                    "after": new,
                    "actions": ["delete", "create"],
                    "replace_paths": [["bucket"]],
                },
            }
        )
    return plan_of(
        entries, {"resources": [block("b", count_expression={"references": ["var.n"]})], "variables": {"n": {}}}
    )


def checked(size: int) -> bytes:
    """Checks, each with the objects that it was made for."""
    checks = [
        {
            "address": {"kind": "resource", "to_display": f"aws_s3_bucket.b{n}"},
            "status": "fail",
            "instances": [
                {"address": {"to_display": f"aws_s3_bucket.b{n}"}, "status": "fail", "problems": [{"message": "x"}]}
            ],
        }
        for n in range(size)
    ]
    return plan_of(
        [bucket(f"b{n}") for n in range(size)], {"resources": [block(f"b{n}") for n in range(size)]}, checks=checks
    )


def one_identifier(size: int) -> bytes:
    """Objects with the same ARN, and as many that name it."""
    same = [bucket(f"b{n}", arn=f"{ARN}same", id="same-id-of-all") for n in range(size)]
    return plan_of(
        [
            *same,
            *(bucket(f"c{n}", policy=f'{{"Resource": "{ARN}same/*"}}', target="same-id-of-all") for n in range(size)),
        ],
        {"resources": [block(f"{letter}{n}") for letter in "bc" for n in range(size)]},
    )


def named_in_values(size: int) -> bytes:
    """Objects of which each names the next by its ARN, and the last one all of them in one string."""
    entries = [bucket(f"b{n}", target=f"{ARN}b{n + 1}") for n in range(size)]
    return plan_of(
        [*entries, bucket("all", policy=json.dumps({"Resource": [f"{ARN}b{n}" for n in range(size)]}))],
        {"resources": [block("all"), *(block(f"b{n}") for n in range(size))]},
    )


def prefixes(size: int) -> bytes:
    """Objects whose names are all the beginning of the next one's, and stand in each other's values."""
    names = ["x" * (n % 50 + 4) + str(n) for n in range(size)]
    entries = [bucket(name, target=f"{ARN}{names[n - 1]}") for n, name in enumerate(names)]
    return plan_of(entries, {"resources": [block(name) for name in names]})


def secrets(size: int) -> bytes:
    """Values that are marked as sensitive, which stand in keys of addresses as well."""
    entries = []
    for n in range(size):
        entry = bucket(f"b{n}", password=f"hunter-{n:06}-secret")
        marked = {**entry["change"], "before_sensitive": {"password": True}, "after_sensitive": {"password": True}}
        entries.append(
            {
                **entry,
                "address": f'aws_s3_bucket.b["hunter-{n:06}-secret"]',
                "name": "b",
                "index": f"hunter-{n:06}-secret",
                "change": marked,
            }
        )
    return plan_of(
        entries,
        {
            "resources": [block("b", for_each_expression={"references": ["var.k"]})],
            "variables": {"k": {"sensitive": True}},
        },
        variables={"k": {"value": [f"hunter-{n:06}-secret" for n in range(size)]}},
    )


def recorded(size: int) -> bytes:
    """Blocks that read local values, so that what each needs is known from the state: a hundred others each."""
    blocks = [block(f"b{n}", "local.x") for n in range(size)]
    state = [
        {
            **block(f"b{n}"),
            "values": {"arn": f"{ARN}b{n}"},
            "depends_on": [f"aws_s3_bucket.b{m}" for m in range(max(0, n - 100), n)],
        }
        for n in range(size)
    ]
    for item in state:
        del item["expressions"], item["provider_config_key"]
    return plan_of(
        [bucket(f"b{n}") for n in range(size)],
        {"resources": blocks},
        prior_state={"format_version": "1.0", "values": {"root_module": {"resources": state}}},
    )


def nested_blocks(size: int) -> bytes:
    """A resource of many blocks, in its values, what is unknown of them, and how they are written."""
    rules = [
        {
            "from_port": n % 65_000,
            "to_port": n % 65_000,
            "protocol": "tcp",
            "cidr_blocks": [f"10.{n // 250 % 250}.{n % 250}.0/24"],
        }
        for n in range(size)
    ]
    entry = resource_change(
        "aws_security_group.g", {"name": "g", "ingress": rules}, {"name": "g", "ingress": rules[::2]}
    )
    entry["change"]["after_unknown"] = {"ingress": [{"cidr_blocks": [n % 2 == 0]} for n in range(size)]}
    written = {
        "ingress": [
            {"from_port": {"constant_value": n}, "cidr_blocks": {"references": [f"var.v{n}"]}} for n in range(size)
        ]
    }
    root = {
        "resources": [{**block("g", kind="aws_security_group"), "expressions": written}],
        "variables": {f"v{n}": {} for n in range(size)},
    }
    return plan_of([entry], root)


def replaced_because(size: int) -> bytes:
    """A replacement that many paths force."""
    entry = bucket("b", tags={f"k{n}": "v" for n in range(size)})
    change = {
        **entry["change"],
        "actions": ["delete", "create"],
        "replace_paths": [["tags", f"k{n}"] for n in range(size)],
    }
    return plan_of([{**entry, "change": change}], {"resources": [block("b")]})


def regions(size: int) -> bytes:
    """Objects of many regions, accounts and services, whole zones of names that no table has."""
    kinds = ("aws_instance", "aws_lambda_function", "aws_sqs_queue", "aws_made_up")
    entries = [
        resource_change(
            f"{kinds[n % 4]}.b{n}",
            {"arn": f"arn:aws:x:xx-made-{n}:{10**11 + n}:y/z{n}", "region": f"xx-made-{n}"},
            {"region": f"xx-made-{n + 1}"},
        )
        for n in range(size)
    ]
    return plan_of(entries, {"resources": [block(f"b{n}", kind=kinds[n % 4]) for n in range(size)]})


def unknown_types(size: int) -> bytes:
    """Objects of a type each that no table has, of a provider each."""
    entries = [
        {**resource_change(f"made{n}_thing.x", {"a": 1}), "provider_name": f"registry.terraform.io/x/made{n}"}
        for n in range(size)
    ]
    return plan_of(entries, {"resources": [block("x", kind=f"made{n}_thing", key=f"made{n}") for n in range(size)]})


def actions(size: int) -> bytes:
    """Actions of providers that run after a change."""
    runs = [
        {
            "address": f"action.aws_lambda_invoke.a{n}",
            "type": "aws_lambda_invoke",
            "name": f"a{n}",
            "provider_name": AWS,
            "config_values": {"function_name": f"f{n}"},
            "lifecycle_action_trigger": {
                "triggering_resource_address": f"aws_s3_bucket.b{n}",
                "action_trigger_event": "AfterUpdate",
            },
        }
        for n in range(size)
    ]
    return plan_of(
        [bucket(f"b{n}") for n in range(size)],
        {"resources": [block(f"b{n}") for n in range(size)]},
        action_invocations=runs,
    )


def left_alone(size: int) -> bytes:
    """Objects that stay as they are, one of them changed, all of them read by it."""
    entries = [bucket(f"b{n}") for n in range(size)]
    quiet = [{**e, "change": {**e["change"], "actions": ["no-op"], "after": e["change"]["before"]}} for e in entries]
    return plan_of(
        [bucket("one"), *quiet],
        {
            "resources": [
                block("one", *(f"aws_s3_bucket.b{n}.id" for n in range(size))),
                *(block(f"b{n}") for n in range(size)),
            ]
        },
    )


def ladder(size: int) -> bytes:
    """Layers of ten resources of which each reads all of the layer before: ways multiply, edges do not."""
    names = [[f"l{layer}x{n}" for n in range(10)] for layer in range(max(2, size // 10))]
    blocks = [
        block(name, *(f"aws_s3_bucket.{other}.id" for other in (names[layer - 1] if layer else ())))
        for layer, row in enumerate(names)
        for name in row
    ]
    return plan_of([bucket(name) for row in names for name in row], {"resources": blocks})


def variables_through_modules(size: int) -> bytes:
    """Variables that are handed down ten modules, each read at the bottom, and outputs that come back."""
    names = [f"v{n}" for n in range(size)]
    content: Json = {
        "resources": [block("x", *(f"var.{name}" for name in names))],
        "variables": {name: {} for name in names},
        "outputs": {name: {"expression": {"references": [f"var.{name}"]}} for name in names},
    }
    for _ in range(10):
        call = _call(content, expressions={name: {"references": [f"var.{name}"]} for name in names})
        back = {name: {"expression": {"references": [f"module.m.{name}", "module.m"]}} for name in names}
        content = {"module_calls": {"m": call}, "variables": {name: {} for name in names}, "outputs": back}
    values = {name: {"value": name} for name in names}
    return plan_of([_in_module("module.m" + ".module.m" * 9)], content, variables=values)


def whole_modules(size: int) -> bytes:
    """A module of many resources and outputs, for the whole of which others wait, and another that they read whole."""
    resources = [block(f"x{n}") for n in range(size)]
    puts_out = {f"o{n}": {"expression": {"references": [f"aws_s3_bucket.x{n}.id"]}} for n in range(size)}
    content = {"resources": resources, "outputs": puts_out}
    calls = {"m": _call(content), "read": _call(content)}
    readers = [block(f"r{n}", "module.read", depends_on=["module.m"]) for n in range(size)]
    inside = [_in_module(f"module.{module}", f"x{n}") for module in calls for n in range(size)]
    entries = [*inside, *(bucket(f"r{n}") for n in range(size))]
    return plan_of(entries, {"module_calls": calls, "resources": readers})


def provider_region_from_far(size: int) -> bytes:
    """A provider whose region is handed down many modules, and resources in each of these."""
    depth = min(DEEPEST, size)
    content: Json = {"resources": [block("x", key="m:aws")], "variables": {"r": {}}}
    for _ in range(depth):
        call = _call(content, expressions={"r": {"references": ["var.r"]}})
        content = {"module_calls": {"m": call}, "resources": [block("x")], "variables": {"r": {}}}
    config = {
        f"{'module.m.' * n}aws".replace("module.m.aws", "module.m:aws"): {
            **_PROVIDER,
            "module_address": ".".join(["module.m"] * n),
            "expressions": {"region": {"references": ["var.r"]}},
        }
        for n in range(depth)
    }
    entries = [_in_module(".".join(["module.m"] * (n % depth + 1)), f"x{n}") for n in range(size)]
    return plan_of(
        entries,
        configuration={"provider_config": config, "root_module": content},
        variables={"r": {"value": "eu-central-1"}},
    )


def long_names(size: int) -> bytes:
    """A few objects with names, keys and modules that are as long as all others are many."""
    name, key = "b" * size, 'a"].["' * size
    module = f'module.{"m" * size}["k"]'
    entries = [
        bucket(name),
        {**bucket("k"), "address": f"aws_s3_bucket.k[{json.dumps(key)}]", "index": key},
        _in_module(module),
        bucket("all", target=f"{ARN}{name}", policy=f'{{"Resource": "{ARN}{name}"}}'),
    ]
    calls = {"m" * size: _call(_CONTENT, for_each_expression={"references": ["var.k"]})}
    blocks = [block(name), block("k", f"aws_s3_bucket.{name}.id", for_each_expression={}), block("all")]
    return plan_of(entries, {"resources": blocks, "module_calls": calls, "variables": {"k": {}}})


DEEPEST_VALUE: Final = 150
"""Plans are not read with values of more than 200 levels."""


def deep_values(size: int) -> bytes:
    """Values, marks, expressions and variables with much inside of each other."""
    value: Json = "x"
    written: Json = {"references": ["var.v"]}
    mark: Json = True
    for level in range(min(DEEPEST_VALUE, size)):
        value = {"a": value} if level % 2 else [value]
        written = {"a": written} if level % 2 else [written]
        mark = {"a": mark} if level % 2 else [mark]
    many_of_them = [value] * max(1, size // 100)
    entry = bucket("b", deep=many_of_them)
    change = {**entry["change"], "after_unknown": {"deep": [mark] * len(many_of_them)}, "after_sensitive": {"x": mark}}
    root = {"resources": [{**block("b"), "expressions": {"deep": written}}], "variables": {"v": {"default": value}}}
    return plan_of([{**entry, "change": change}], root, variables={"v": {"value": many_of_them}})


def large_variable(size: int) -> bytes:
    """A variable with many keys, of which each resource takes its own."""
    keys = [f"k{n}" for n in range(size)]
    blocks = [block(f"b{n}", f'var.v["{key}"].name', f'var.v["{key}"]', "var.v") for n, key in enumerate(keys)]
    value = {key: {"name": key, "region": "eu-central-1"} for key in keys}
    root = {"resources": blocks, "variables": {"v": {}}}
    return plan_of([bucket(f"b{n}") for n in range(size)], root, variables={"v": {"value": value}})


def states_of_others(size: int) -> bytes:
    """Data sources of the states of other stacks, each read by a resource."""
    entries = []
    blocks = []
    for n in range(size):
        config = {"backend": "s3", "config": {"bucket": "b", "key": f"k{n}", "region": "eu-central-1"}}
        entry = resource_change(f"terraform_remote_state.s{n}", config)
        read = {**entry["change"], "actions": ["read"], "after_unknown": {"outputs": True}}
        provider = "terraform.io/builtin/terraform"
        address = f"data.terraform_remote_state.s{n}"
        entries.append({**entry, "address": address, "mode": "data", "change": read, "provider_name": provider})
        entries.append(bucket(f"b{n}"))
        blocks.append({**block(f"s{n}", kind="terraform_remote_state"), "mode": "data"})
        blocks.append(block(f"b{n}", f"{address}.outputs.id", f"{address}.outputs", address))
    return plan_of(entries, {"resources": blocks})


def imported(size: int) -> bytes:
    """Objects that are imported, and run programs."""
    entries = [bucket(f"b{n}") for n in range(size)]
    changes = [{**e, "change": {**e["change"], "importing": {"id": f"i{n}"}}} for n, e in enumerate(entries)]
    runs = [{"type": "local-exec", "expressions": {"command": {"constant_value": "x"}}}]
    return plan_of(changes, {"resources": [block(f"b{n}", provisioners=runs) for n in range(size)]})


def modules_of_a_state(size: int) -> bytes:
    """A state with many modules, some inside of each other, with objects that no change is planned for."""
    modules = []
    for n in range(size):
        resource = {**block("x"), "address": f"module.m{n}.aws_s3_bucket.x", "values": {"arn": f"{ARN}{n}"}}
        del resource["expressions"], resource["provider_config_key"]
        modules.append({"address": f"module.m{n}", "resources": [resource]})
    inner: Json = {"address": "module.d" + ".module.d" * 99}
    for depth in range(99, 0, -1):
        inner = {"address": "module.d" + ".module.d" * (depth - 1), "child_modules": [inner]}
    state = {"format_version": "1.0", "values": {"root_module": {"child_modules": [*modules, inner]}}}
    return plan_of([bucket("b")], {"resources": [block("b")]}, prior_state=state)


def in_other_words(size: int) -> bytes:
    """A plan with much of a log around it."""
    return b"Refreshing state... {\n" * size + many(1) + b"\nApply { [ complete\n" * size


def written_twice(size: int) -> bytes:
    """A plan with a key that stands there many times."""
    return many(2).replace(b'"format_version"', b'"x": 1, ' * size + b'"format_version"', 1)


def attached_rules(size: int) -> bytes:
    """A security group with a rule in an object of its own each, and machines that are in the group."""
    group = resource_change("aws_security_group.g", {"name": "g2", "id": "sg-1"}, {"name": "g", "id": "sg-1"})
    rules = [
        resource_change(
            f"aws_vpc_security_group_ingress_rule.r{n}",
            {
                "security_group_id": "sg-1",
                "cidr_ipv4": f"10.{n // 250 % 250}.{n % 250}.0/24",
                "ip_protocol": "tcp",
                "from_port": n,
                "to_port": n,
            },
        )
        for n in range(size)
    ]
    machines = [
        resource_change(
            f"aws_instance.i{n}", {"vpc_security_group_ids": ["sg-1"]}, {"vpc_security_group_ids": ["sg-1"], "ami": "a"}
        )
        for n in range(size)
    ]
    reads = [f"aws_security_group.g.{attribute}" for attribute in ("id",)]
    blocks = [
        block("g", kind="aws_security_group"),
        *(
            {
                **block(f"r{n}", kind="aws_vpc_security_group_ingress_rule"),
                "expressions": {"security_group_id": {"references": reads}},
            }
            for n in range(size)
        ),
        *(
            {**block(f"i{n}", kind="aws_instance"), "expressions": {"vpc_security_group_ids": {"references": reads}}}
            for n in range(size)
        ),
    ]
    return plan_of([group, *rules, *machines], {"resources": blocks})


PLANS: Final[Mapping[str, Callable[[int], bytes]]] = {
    make.__name__.replace("_", " "): make
    for make in (
        many,
        all_created,
        all_destroyed,
        chain,
        read_by_all,
        reads_all,
        waits_for_all,
        instances,
        keyed,
        modules,
        modules_in_a_row,
        modules_over_keys_in_a_row,
        module_over_many_keys,
        deep_modules,
        providers,
        providers_handed_on,
        outputs,
        data_sources,
        documents_of_one_policy,
        deposed,
        drifted,
        moved,
        renamed_keys,
        shifted,
        checked,
        one_identifier,
        named_in_values,
        prefixes,
        secrets,
        recorded,
        nested_blocks,
        replaced_because,
        regions,
        unknown_types,
        actions,
        left_alone,
        ladder,
        variables_through_modules,
        whole_modules,
        provider_region_from_far,
        long_names,
        deep_values,
        large_variable,
        states_of_others,
        imported,
        modules_of_a_state,
        in_other_words,
        written_twice,
        attached_rules,
    )
}
