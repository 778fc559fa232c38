"""Reports made by hand, to be shown in every form."""

from functools import cache

from handmade import instance, plan
from scopegate.analyze import Knowledge, Options, analyze, default_knowledge
from scopegate.plan.actions import Action
from scopegate.plan.model import Instance
from scopegate.verdict.report import Report

AWS = "registry.terraform.io/hashicorp/aws"


@cache
def knowledge() -> Knowledge:
    return default_knowledge()


def report(*instances: Instance, **options: object) -> Report:
    return analyze(plan(*instances), knowledge(), Options(**options)).report  # type: ignore[arg-type]


def queue(address: str, region: str, action: Action = Action.UPDATE) -> Instance:
    before, after = {"region": region, "delay_seconds": 0}, {"region": region, "delay_seconds": 5}
    return instance(address, action, before, None if action is Action.DELETE else after, provider_name=AWS)


def table(address: str, region: str, replica: str) -> Instance:
    """A table that gains a replica in another region."""
    before = {"region": region, "name": "t", "replica": []}
    after = {"region": region, "name": "t", "replica": [{"region_name": replica}]}
    return instance(address, Action.UPDATE, before, after, provider_name=AWS)


def moved(address: str, old: str, new: str) -> Instance:
    """A queue that is made anew in another region."""
    action, before, after = Action.DELETE_THEN_CREATE, {"region": old}, {"region": new}
    return instance(address, action, before, after, provider_name=AWS)


def queues(count: int, regions: tuple[str, ...] = ("eu-central-1", "us-east-1", "cn-north-1")) -> list[Instance]:
    return [queue(f'module.m[{n % 50}].aws_sqs_queue.q["{n}"]', regions[n % len(regions)]) for n in range(count)]


@cache
def destroyed_in_china() -> Report:
    """What is shown of it needs every part of a report: beyond, signals, rollback, gaps."""
    return report(
        queue("aws_sqs_queue.gone", "cn-north-1", Action.DELETE),
        queue("aws_sqs_queue.changed", "eu-central-1"),
        table("aws_dynamodb_table.orders", "eu-central-1", "us-east-1"),
        instance("acme_thing.unknown", Action.UPDATE, {"a": 1}, {"a": 2}, provider_name="example.com/acme/acme"),
    )
