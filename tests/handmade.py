"""Plans, graphs and placements made by hand, small enough to check on paper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from scopegate.facts.model import Satellite
from scopegate.graph.edges import EdgeKind, Link, Match
from scopegate.graph.graph import DependencyGraph
from scopegate.place.placement import AlsoReaches, Known, Placement, Unknown
from scopegate.plan.actions import Action
from scopegate.plan.address import parse_resource_address
from scopegate.plan.configuration import Configuration, Module
from scopegate.plan.model import Instance, Plan


def raw(values: object) -> msgspec.Raw:
    """Return ``values`` as an undecoded value section."""
    return msgspec.Raw(msgspec.json.encode(values))


def instance(
    address: str,
    action: Action = Action.NO_OP,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    unknown: Mapping[str, object] | None = None,
    **fields: object,
) -> Instance:
    """Return one resource instance; ``fields`` are further fields of ``Instance``."""
    parsed = parse_resource_address(address)
    return Instance(
        address=address,
        module=parsed.module,
        mode=parsed.mode,
        type=parsed.type,
        name=parsed.name,
        key=parsed.key,
        action=action,
        before=raw(before),
        after=raw(after),
        after_unknown=raw(unknown or {}),
        **fields,  # type: ignore[arg-type]
    )


def plan(*instances: Instance) -> Plan:
    """Return a plan of these instances, without a configuration."""
    return Plan(
        path="plan.json",
        sha256="0" * 64,
        format_version="1.2",
        terraform_version="1.11.4",
        instances=instances,
        configuration=Configuration({(): Module(())}, {}, {}, present=False),
    )


def link(attribute: str = "subnet_id", reads: str = "id", kind: EdgeKind = EdgeKind.REFERENCE) -> Link:
    """Return an edge label."""
    return Link(kind, attribute, f"x.{reads}", reads, Match.ONE)


def graph(size: int, edges: Iterable[tuple[int, int] | tuple[int, int, Link]]) -> DependencyGraph:
    """Return a graph of ``size`` instances; an edge is (dependent, dependency), with a label or without."""
    links: list[Link] = []
    dependents: list[list[int]] = [[] for _ in range(size)]
    dependencies: list[list[int]] = [[] for _ in range(size)]
    for edge in edges:
        links.append(edge[2] if len(edge) > 2 else link())
        dependents[edge[1]] += [edge[0], len(links) - 1]
        dependencies[edge[0]] += [edge[1], len(links) - 1]
    return DependencyGraph(size, links, dependents, dependencies)


def placement(
    region: str | None = "eu-central-1",
    *,
    partition: str | None = "aws",
    account: str | None = None,
    jurisdictions: Sequence[str] | None = ("EU",),
    service: str = "Amazon VPC",
    located: bool = True,
    provider: str = "aws",
    also: tuple[AlsoReaches, ...] = (),
) -> Placement:
    """Return a placement; None stands for an unknown value."""
    return Placement(
        provider=provider,
        located=located,
        partition=_answer(partition),
        region=_answer(region),
        account=_answer(account),
        environment=Unknown("no accounts table"),
        service=Known(service, "type"),
        jurisdictions=Unknown("no region") if jurisdictions is None else Known(frozenset(jurisdictions), "region"),
        also_reaches=also,
    )


def _answer(value: str | None) -> Known[str] | Unknown:
    return Unknown("not in the plan") if value is None else Known(value, "attribute")


@dataclass(frozen=True)
class HandmadeFacts:
    """A handful of AWS facts, as the provider's documentation states them."""

    carriers: frozenset[str] = frozenset(
        {
            "aws_security_group",
            "aws_route_table",
            "aws_subnet",
            "aws_iam_role",
            "aws_iam_policy",
            "aws_route53_zone",
        }
    )
    replaced: dict[str, frozenset[str]] = field(
        default_factory=lambda: {
            "aws_subnet": frozenset({"vpc_id", "cidr_block"}),
            "aws_instance": frozenset({"subnet_id", "root_block_device.kms_key_id"}),
            "aws_security_group": frozenset({"vpc_id", "name"}),
            "aws_lb": frozenset({"name"}),
            "aws_launch_template": frozenset({"name"}),
        }
    )
    satellites: tuple[Satellite, ...] = (
        Satellite("aws_route53_record", (), frozenset(), quiet_parents=(("zone_id", "aws_route53_zone"),)),
        Satellite("aws_vpc_security_group_ingress_rule", (("security_group_id", "aws_security_group"),), frozenset()),
        Satellite("aws_route", (("route_table_id", "aws_route_table"),), frozenset()),
        Satellite("aws_route_table_association", (("subnet_id", "aws_subnet"),), frozenset({"route_table_id"})),
        Satellite("aws_iam_role_policy_attachment", (("role", "aws_iam_role"),), frozenset({"policy_arn"})),
    )

    def inert(self, type: str) -> frozenset[str]:  # noqa: A002, ARG002
        return frozenset({"tags", "tags_all", "description", "timeouts"})

    def mentions(self, type: str) -> frozenset[str]:  # noqa: A002, ARG002
        return frozenset({"policy"})

    def is_carrier(self, type: str) -> bool:  # noqa: A002
        return type in self.carriers

    def satellite(self, type: str) -> Satellite | None:  # noqa: A002
        return next((satellite for satellite in self.satellites if satellite.type == type), None)

    def force_new(self, type: str) -> frozenset[tuple[str, ...]] | None:  # noqa: A002
        paths = self.replaced.get(type)
        return None if paths is None else frozenset(tuple(path.split(".")) for path in paths)

    def recomputed(self, type: str) -> frozenset[str]:  # noqa: A002
        return frozenset({"latest_version"} if type == "aws_launch_template" else ())


FACTS = HandmadeFacts()
