"""Who depends on whom across plans, worked out by hand on plans written as JSON."""

from collections.abc import Sequence
from typing import Any

import pytest

from scopegate.analyze import Options, Planned, analyze_together, default_knowledge
from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.policy.model import Context
from scopegate.reach.model import How
from together.stacks import ACCOUNT, plan, queue

KNOWLEDGE = default_knowledge()
READS = "data.terraform_remote_state"


def state(name: str, config: dict[str, Any] | None = None, index: object = None) -> dict[str, Any]:
    """Return a data source that reads the state ``s3://states/NAME``, as the prior state holds it."""
    key = "" if index is None else f'["{index}"]'
    return {
        "address": f"{READS}.{name}{key}",
        "mode": "data",
        "type": "terraform_remote_state",
        "name": name,
        **({} if index is None else {"index": index}),
        "provider_name": "terraform.io/builtin/terraform",
        "values": {"backend": "s3", "config": config or {"bucket": "states", "key": name}},
        "sensitive_values": {},
    }


def block(address: str, **references: Sequence[str]) -> dict[str, Any]:
    """Return the configuration of a block, by what each argument refers to."""
    mode, kind, name = ["managed", *address.split(".")] if address.count(".") == 1 else address.split(".")
    expressions = {argument: {"references": list(texts)} for argument, texts in references.items()}
    return {"address": address, "mode": mode, "type": kind, "name": name, "expressions": expressions}


def stack(
    name: str,
    *changes: Any,
    blocks: Sequence[Any] = (),
    states: Sequence[Any] = (),
    outputs: dict[str, Sequence[str]] | None = None,
    changed: dict[str, Any] | None = None,
) -> Planned:
    """Return the plan of a stack whose state is ``s3://states/NAME``."""
    root = {
        "resources": list(blocks),
        "outputs": {n: {"expression": {"references": list(texts)}} for n, texts in (outputs or {}).items()},
    }
    sections = {
        "configuration": {"root_module": root},
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": list(states)}}},
        "output_changes": changed or {},
    }
    judged = plan(f"{name}/plan.json", *changes, **sections)
    return Planned(judged, Context(backend=f"s3://states/{name}"))


def edges(*plans: Planned) -> set[tuple[str, str, str, str]]:
    """Return the edges between plans: dependent, dependency, kind, and the argument that reads."""
    analysis = analyze_together(plans, KNOWLEDGE, Options())
    instances = analysis.change.plan.instances
    found = (edge for p in range(len(instances)) for edge in analysis.graph.dependencies_of(p))
    return {
        (instances[e.dependent].full_address, instances[e.dependency].full_address, e.link.kind.value, e.link.attribute)
        for e in found
        if instances[e.dependent].stack != instances[e.dependency].stack
    }


def affected(*plans: Planned) -> dict[str, str]:
    report = analyze_together(plans, KNOWLEDGE, Options()).report
    return {resource.address: resource.why for resource in report.resources if resource.how is How.AFFECTED}


def topic(name: str, **values: object) -> dict[str, Any]:
    """Return a topic that stays as it is."""
    made: dict[str, Any] = queue(name, "eu-central-1", ("no-op",), f"aws_sns_topic.{name}")
    values = {"arn": f"arn:aws:sns:eu-central-1:{ACCOUNT}:{name}", **values}
    made["change"] |= {"before": values, "after": values}
    return made


BASE = stack(
    "base",
    queue("orders", "eu-central-1"),
    blocks=[block("aws_sqs_queue.orders")],
    outputs={"queue": ["aws_sqs_queue.orders.arn", "aws_sqs_queue.orders"], "other": []},
)


def test_an_output_is_passed_through() -> None:
    reader = stack(
        "app",
        topic("t"),
        blocks=[
            block("aws_sns_topic.t", policy=[f"{READS}.base.outputs.queue", f"{READS}.base.outputs", f"{READS}.base"])
        ],
        states=[state("base")],
    )
    assert edges(BASE, reader) == {("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", "reference", "policy")}


def test_who_waits_for_a_reader_reads_nothing_of_the_output() -> None:
    reads = [f"{READS}.base.outputs.queue", f"{READS}.base.outputs", f"{READS}.base"]
    waiting = {**block("aws_sns_topic.u"), "depends_on": ["aws_sns_topic.t"]}
    blocks = [block("aws_sns_topic.t", policy=reads), waiting]
    reader = stack("app", topic("t"), topic("u"), blocks=blocks, states=[state("base")])
    assert edges(BASE, reader) == {("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", "reference", "policy")}


def test_another_output_is_not() -> None:
    reader = stack(
        "app",
        topic("t"),
        blocks=[
            block("aws_sns_topic.t", policy=[f"{READS}.base.outputs.other", f"{READS}.base.outputs", f"{READS}.base"])
        ],
        states=[state("base")],
    )
    assert edges(BASE, reader) == set()


def test_all_outputs_are_where_the_whole_is_read() -> None:
    reader = stack(
        "app",
        topic("t"),
        blocks=[block("aws_sns_topic.t", policy=[f"{READS}.base.outputs", f"{READS}.base"])],
        states=[state("base")],
    )
    assert edges(BASE, reader) == {("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", "reference", "policy")}


WHOLE = [f"{READS}.base"]


def told(*plans: Planned) -> list[tuple[str, str, Link]]:
    """Return the edges between managed resources of different plans, with all that each link says."""
    analysis = analyze_together(plans, KNOWLEDGE, Options())
    instances = analysis.change.plan.instances
    found = (edge for p in range(len(instances)) for edge in analysis.graph.dependencies_of(p))
    return [
        (instances[e.dependent].full_address, instances[e.dependency].full_address, e.link)
        for e in found
        if instances[e.dependent].stack != instances[e.dependency].stack
    ]


def reader_of(*reads: str, states: Sequence[Any] | None = None, **more: Any) -> Planned:
    """Return the plan of a topic whose policy reads these of the state of the base."""
    reading = {**block("aws_sns_topic.t", policy=reads), **more}
    return stack("app", topic("t"), blocks=[reading], states=states or [state("base")])


def test_who_reads_the_data_source_as_a_whole_reads_all_outputs_and_who_reads_its_settings_none() -> None:
    pair = "app: aws_sns_topic.t", "base: aws_sqs_queue.orders"
    assert edges(BASE, reader_of(*WHOLE)) == {(*pair, "reference", "policy")}
    assert edges(BASE, reader_of(f"{READS}.base.config.bucket", f"{READS}.base.config", *WHOLE)) == set()
    assert edges(BASE, reader_of(f"{READS}.base.outputs.gone", f"{READS}.base.outputs", *WHOLE)) == set()


def test_an_edge_through_an_output_is_of_the_kind_that_reads_it_or_that_the_output_itself_has() -> None:
    reads = [f"{READS}.base.outputs.queue", f"{READS}.base.outputs", *WHOLE]
    repeated = stack(
        "app",
        {**topic("t"), "address": "aws_sns_topic.t[0]", "index": 0},
        blocks=[{**block("aws_sns_topic.t"), "count_expression": {"references": reads}}],
        states=[state("base")],
    )
    assert {kind for _, _, kind, _ in edges(BASE, repeated)} == {"repetition"}
    # output "queue" { value = module.m[var.key].queue }: Terraform waits for all of the module
    inside = {"resources": [block("aws_sqs_queue.orders")]}
    root = {
        "module_calls": {"m": {"module": inside}},
        "outputs": {"queue": {"expression": {"references": ["module.m"]}}},
    }
    orders = {
        **queue("orders", "eu-central-1"),
        "address": "module.m.aws_sqs_queue.orders",
        "module_address": "module.m",
    }
    whole = Planned(plan("base/plan.json", orders, configuration={"root_module": root}), BASE.context)
    assert edges(whole, reader_of(*reads)) == {
        ("app: aws_sns_topic.t", "base: module.m.aws_sqs_queue.orders", "depends_on", "policy")
    }


def test_an_edge_through_an_output_says_its_way_and_whether_all_instances_are_meant() -> None:
    reads = [f"{READS}.base.outputs.queue", f"{READS}.base.outputs", *WHOLE]
    way = (f"{READS}.base.outputs.queue", "base: output.queue")
    one = Link(EdgeKind.REFERENCE, "policy", "base: aws_sqs_queue.orders.arn", "arn", Match.ONE, way)
    assert told(BASE, reader_of(*reads)) == [("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", one)]
    several = stack(
        "base",
        *counted([("no-op",), ("no-op",)]),
        blocks=[block("aws_sqs_queue.orders")],
        outputs={"queue": ["aws_sqs_queue.orders"]},
    )
    every = Link(EdgeKind.REFERENCE, "policy", "base: aws_sqs_queue.orders", "", Match.ALL, way)
    assert told(several, reader_of(*reads)) == [
        ("app: aws_sns_topic.t", f"base: aws_sqs_queue.orders[{number}]", every) for number in (0, 1)
    ]


def test_an_output_of_states_that_are_read_by_key_is_passed_through_once() -> None:
    states = [state("base", index="a"), state("base", index="b")]
    way = (f"{READS}.base", "base: output.queue")
    link = Link(EdgeKind.REFERENCE, "policy", "base: aws_sqs_queue.orders.arn", "arn", Match.ALL, way)
    reader = reader_of(*WHOLE, states=states)
    for plans in ((BASE, reader), (reader, BASE)):
        assert told(*plans) == [("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", link)]


def test_an_output_that_hands_on_states_that_are_read_by_key_is_passed_through_as_well() -> None:
    middle = stack(
        "middle",
        topic("m"),
        blocks=[block("aws_sns_topic.m", policy=WHOLE)],
        states=[state("base", index="a"), state("base", index="b")],
        outputs={"q": WHOLE},
    )
    reads = [f"{READS}.middle.outputs.q", f"{READS}.middle.outputs"]
    last = stack("app", topic("t"), blocks=[block("aws_sns_topic.t", policy=reads)], states=[state("middle")])
    expected = ("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", "reference", "policy")
    assert expected in edges(middle, BASE, last)
    assert expected in edges(BASE, middle, last)


def test_an_output_that_hands_on_another_stacks_is_passed_through_as_well() -> None:
    middle = stack(
        "middle",
        blocks=[],
        states=[state("base")],
        outputs={"q": [f"{READS}.base.outputs.queue", f"{READS}.base.outputs", f"{READS}.base"]},
    )
    reader = stack(
        "app",
        topic("t"),
        blocks=[block("aws_sns_topic.t", policy=[f"{READS}.middle.outputs.q", f"{READS}.middle.outputs"])],
        states=[state("middle")],
    )
    found = edges(BASE, middle, reader)
    assert ("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", "reference", "policy") in found
    assert {edge[1] for edge in found} == {"base: aws_sqs_queue.orders", f"middle: {READS}.base"}


def test_two_stacks_that_hand_each_other_their_outputs_end() -> None:
    def mirror(name: str, other: str) -> Planned:
        reads = [f"{READS}.{other}.outputs.x", f"{READS}.{other}.outputs", f"{READS}.{other}"]
        return stack(
            name,
            topic("t"),
            blocks=[block("aws_sns_topic.t", policy=reads)],
            states=[state(other)],
            outputs={"x": reads},
        )

    found = edges(mirror("a", "b"), mirror("b", "a"))
    assert {(dependent, dependency) for dependent, dependency, _, _ in found} == {
        ("a: aws_sns_topic.t", f"b: {READS}.a"),
        ("b: aws_sns_topic.t", f"a: {READS}.b"),
    }


def test_a_state_that_nobody_here_keeps_links_nothing() -> None:
    reader = stack(
        "app",
        topic("t"),
        blocks=[block("aws_sns_topic.t", policy=[f"{READS}.base.outputs.queue", f"{READS}.base.outputs"])],
        states=[state("base", {"bucket": "others", "key": "base"})],
    )
    assert edges(BASE, reader) == set()


@pytest.mark.parametrize(
    ("before", "after", "unknown", "reached"),
    [
        ({"cidr": "a", "zone": "a"}, {"cidr": "b", "zone": "a"}, False, True),
        ({"cidr": "a", "zone": "a"}, {"cidr": "a", "zone": "b"}, False, False),
        ({"cidr": "a", "zone": "a"}, {"zone": "a"}, {"cidr": True}, True),
        ({"cidr": "a"}, None, True, True),
    ],
)
def test_an_output_that_changes_with_no_resource_behind_it_is_news_to_who_reads_that_part(
    before: object, after: object, unknown: object, reached: bool
) -> None:
    net = {"actions": ["update"], "before": before, "after": after, "after_unknown": unknown}
    reads = [f"{READS}.base.outputs.net.cidr", f"{READS}.base.outputs.net", f"{READS}.base.outputs"]
    reader = stack("app", topic("t"), blocks=[block("aws_sns_topic.t", policy=reads)], states=[state("base")])
    found = affected(stack("base", outputs={"net": []}, changed={"net": net}), reader)
    why = f"reads outputs.net.cidr of app: {READS}.base, which changes"
    assert found == ({"app: aws_sns_topic.t": why} if reached else {})


ORDERS = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:orders"


def written(name: str, text: str) -> Planned:
    holder = block("aws_sns_topic.t")
    holder["expressions"] = {"policy": {"constant_value": text}}
    return stack(name, topic("t", policy=text), blocks=[holder])


def test_an_identifier_that_is_written_out_links_its_one_owner_elsewhere() -> None:
    assert edges(BASE, written("app", f"to {ORDERS}")) == {
        ("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", EdgeKind.VALUE.value, "policy")
    }


def test_an_identifier_that_two_other_plans_own_links_nothing() -> None:
    twin = stack("twin", queue("orders", "eu-central-1"), blocks=[block("aws_sqs_queue.orders")])
    assert edges(BASE, twin, written("app", ORDERS)) == set()


def test_an_identifier_that_the_own_plan_owns_links_nothing_elsewhere() -> None:
    holder = block("aws_sns_topic.t")
    holder["expressions"] = {"policy": {"constant_value": ORDERS}}
    own = stack(
        "app",
        topic("t", policy=ORDERS),
        queue("orders", "eu-central-1"),
        blocks=[holder, block("aws_sqs_queue.orders")],
    )
    assert edges(BASE, own) == set()


def test_what_an_output_explains_is_no_value_edge_too() -> None:
    reads = [f"{READS}.base.outputs.queue", f"{READS}.base.outputs", f"{READS}.base"]
    reader = stack(
        "app", topic("t", policy=ORDERS), blocks=[block("aws_sns_topic.t", policy=reads)], states=[state("base")]
    )
    assert {kind for _, _, kind, _ in edges(BASE, reader)} == {"reference"}


def test_what_an_output_explains_is_no_value_edge_of_any_instance_that_reads_it() -> None:
    reads = [f"{READS}.base.outputs.queue", f"{READS}.base.outputs", *WHOLE]
    topics = [{**topic("t", policy=ORDERS), "address": f"aws_sns_topic.t[{n}]", "index": n} for n in (0, 1)]
    reader = stack("app", *topics, blocks=[block("aws_sns_topic.t", policy=reads)], states=[state("base")])
    for plans in ((BASE, reader), (reader, BASE)):
        assert edges(*plans) == {
            (f"app: aws_sns_topic.t[{number}]", "base: aws_sqs_queue.orders", "reference", "policy")
            for number in (0, 1)
        }


def test_what_an_output_only_waits_for_is_no_explanation_of_a_value() -> None:
    """The output hands on an empty module, which waits for the queue: that tells nobody the ARN of it."""
    call = {"module": {}, "depends_on": ["aws_sqs_queue.orders"]}
    root = {
        "resources": [block("aws_sqs_queue.orders")],
        "module_calls": {"m": call},
        "outputs": {"ready": {"expression": {"references": ["module.m"]}}},
    }
    orders = queue("orders", "eu-central-1")
    base = Planned(
        plan("base/plan.json", orders, configuration={"root_module": root}), Context(backend="s3://states/base")
    )
    holder = block("aws_sns_topic.t", tags=[f"{READS}.base.outputs.ready", f"{READS}.base.outputs", f"{READS}.base"])
    holder["expressions"]["policy"] = {"constant_value": ORDERS}
    reader = stack("app", topic("t", policy=ORDERS), blocks=[holder], states=[state("base")])
    assert edges(base, reader) == {
        ("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", "depends_on", "tags"),
        ("app: aws_sns_topic.t", "base: aws_sqs_queue.orders", "value", "policy"),
    }


def kept(address: str, **values: object) -> dict[str, Any]:
    """Return an object that stays as it is, with these values and no other."""
    made = {**topic("t"), "address": address, "type": address.partition(".")[0], "name": address.rpartition(".")[2]}
    return {**made, "change": {**made["change"], "before": values, "after": values}}


@pytest.mark.parametrize(
    ("owner", "attribute", "holder", "argument", "text", "is_told"),
    [
        ("aws_vpc", "id", "aws_route", "vpc", "vpc-0a1b2c3d4e5f60718", True),
        ("aws_route53_zone", "id", "aws_record", "place", "Z0123456789ABCDEFGHIJ", True),
        ("aws_dynamodb_table", "name", "aws_lambda", "table_name", "shop-orders", True),
        # the argument says nothing of what it names, or names another kind
        ("aws_dynamodb_table", "name", "aws_lambda", "title", "shop-orders", False),
        ("aws_sqs_queue", "name", "aws_lambda", "table_name", "shop-orders", False),
        # the attribute is no name
        ("aws_dynamodb_table", "endpoint", "aws_lambda", "table_name", "shop-orders", False),
        # the holder is a table itself, and says its own name
        ("aws_dynamodb_table", "name", "aws_dynamodb_table", "table_name", "shop-orders", False),
        # neither an identifier nor a name
        ("aws_dynamodb_table", "name", "aws_lambda", "table_name", "orders of the shop", False),
    ],
)
def test_an_identifier_of_any_shape_and_a_name_of_its_kind_link_their_owner_elsewhere(
    owner: str, attribute: str, holder: str, argument: str, text: str, is_told: bool
) -> None:
    reading = {**block(f"{holder}.h"), "expressions": {argument: {"constant_value": ["another-one", text]}}}
    base = stack("base", kept(f"{owner}.o", **{attribute: text}), blocks=[block(f"{owner}.o")])
    app = stack("app", kept(f"{holder}.h", **{argument: text}), blocks=[reading])
    assert edges(base, app) == ({(f"app: {holder}.h", f"base: {owner}.o", "value", argument)} if is_told else set())


def test_a_computed_value_in_an_argument_of_constants_links_nothing_elsewhere() -> None:
    vpc = "vpc-0a1b2c3d4e5f60718"
    configured = {"interface": [{"label": {"constant_value": "the-first-one"}}]}
    app = stack(
        "app",
        kept("aws_instance.i", interface=[{"label": "the-first-one", "vpc_id": vpc}]),
        blocks=[{**block("aws_instance.i"), "expressions": configured}],
    )
    base = stack("base", kept("aws_vpc.v", id=vpc), blocks=[block("aws_vpc.v")])
    assert edges(base, app) == set()


def test_an_identifier_that_only_the_own_plan_owns_is_looked_for_nowhere_else() -> None:
    holder = {**block("aws_sns_topic.t"), "depends_on": ["aws_sqs_queue.orders"]}
    holder["expressions"] = {"policy": {"constant_value": ORDERS}}
    app = stack(
        "app",
        topic("t", policy=ORDERS),
        queue("orders", "eu-central-1"),
        blocks=[holder, block("aws_sqs_queue.orders")],
    )
    other = stack("other", kept("aws_vpc.v", id="vpc-0a1b2c3d4e5f60718"), blocks=[block("aws_vpc.v")])
    graph = analyze_together([app, other], KNOWLEDGE, Options()).graph
    assert [edge.link.kind for edge in graph.dependencies_of(0)] == [EdgeKind.DEPENDS_ON]


ALARMS = f"arn:aws:sns:eu-central-1:{ACCOUNT}:alarms"


def part(address: str, **values: object) -> dict[str, Any]:
    """Return an object that stays as it is and goes by the ARN of the alarms."""
    made = {**topic("t", **{"arn": ALARMS, **values}), "address": address}
    rest = address.removeprefix("module.m.")
    kind, name = rest.split(".")
    return {**made, "type": kind, "name": name, **({"module_address": "module.m"} if address != rest else {})}


@pytest.mark.parametrize(
    ("owner", "root", "is_told"),
    [
        # the policy of a topic goes by the ARN of its topic: it reads it, or waits for all of the module it is in
        (
            "aws_sns_topic.t",
            {
                "resources": [
                    block("aws_sns_topic.t"),
                    block("aws_sns_topic_policy.p", arn=["aws_sns_topic.t.arn", "aws_sns_topic.t"]),
                ]
            },
            True,
        ),
        (
            "module.m.aws_sns_topic.t",
            {
                "resources": [{**block("aws_sns_topic_policy.p"), "depends_on": ["module.m"]}],
                "module_calls": {"m": {"module": {"resources": [block("aws_sns_topic.t")]}}},
            },
            True,
        ),
        ("aws_sns_topic.t", {"resources": [block("aws_sns_topic.t"), block("aws_sns_topic_policy.p")]}, False),
    ],
)
def test_what_goes_by_the_identifier_of_its_parent_does_not_own_it_in_another_plan_either(
    owner: str, root: dict[str, Any], is_told: bool
) -> None:
    changes = part(owner), part("aws_sns_topic_policy.p")
    both = Planned(
        plan("parts/plan.json", *changes, configuration={"root_module": root}), Context(backend="s3://parts")
    )
    found = edges(both, written("app", ALARMS))
    assert found == ({("app: aws_sns_topic.t", f"parts: {owner}", "value", "policy")} if is_told else set())


def test_a_common_word_links_nothing() -> None:
    assert edges(BASE, written("app", "orders"), written("web", "eu-central-1")) == set()


def counted(actions: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    """Return the changes of the queues ``aws_sqs_queue.orders[0]`` and so on."""
    made = [queue(f"orders-{number}", "eu-central-1", some) for number, some in enumerate(actions)]
    return [{**one, "address": f"{one['address']}[{number}]", "index": number} for number, one in enumerate(made)]


def test_a_data_source_waits_for_no_instance_of_a_block_of_the_same_address_in_another_plan() -> None:
    second = block("data.aws_sqs_queue.second", name=["aws_sqs_queue.orders[1].name", "aws_sqs_queue.orders[1]"])
    read = {**state("x"), "address": "data.aws_sqs_queue.second", "type": "aws_sqs_queue", "name": "second"}
    reading = topic("t")
    blocks = [
        block("aws_sqs_queue.orders"),
        second,
        block("aws_sns_topic.t", policy=["data.aws_sqs_queue.second.arn", "data.aws_sqs_queue.second"]),
    ]
    states = [{**read, "values": {}}]
    quiet = stack("app", *counted([("no-op",), ("no-op",)]), reading, blocks=blocks, states=states)
    changed = stack("base", *counted([("update",), ("no-op",)]), reading, blocks=blocks, states=states)
    # Terraform reads the data source of the changed plan at apply, for it names the block; nothing of the other.
    assert set(affected(changed, quiet)) == {"base: aws_sns_topic.t"}
