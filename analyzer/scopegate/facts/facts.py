"""The fact tables as questions: what is this type, whose region is this, under which law."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeVar

from scopegate.errors import FactsError
from scopegate.facts import rows
from scopegate.facts.model import (
    Account,
    Carrier,
    CrossRegion,
    HostPattern,
    Jurisdiction,
    Partition,
    ProviderArgument,
    ProviderFacts,
    Region,
    ResourceType,
    Satellite,
    Source,
    Stateful,
)
from scopegate.facts.table import Row, Table, TableFile, index, index_shipped, single
from scopegate.regular_file import read_shipped

F = TypeVar("F")

_STAMPED: Final = ("aws", "azurerm", "google")
"""The providers whose version stands in the version of the facts: those whose types are all in the tables."""


class Facts:
    """All fact tables, each read when the first question needs it, over the shipped rows and the user's own."""

    def __init__(self, own: Sequence[TableFile] = ()) -> None:
        self._own = tuple(own)
        self._tables: dict[str, Table] = {}
        self._families: dict[str, ProviderFacts | None] = {}
        self._types: dict[tuple[str | None, str], ResourceType | None] = {}
        self._regions: dict[str, Mapping[str, Region]] = {}
        self._partitions: dict[str, Mapping[str, Partition]] = {}
        self._multi_regions: dict[tuple[str, str, str | None], Region | None] = {}
        self._control_planes: dict[tuple[str, str], str | None] = {}
        self._cross_region: dict[str, tuple[CrossRegion, ...]] = {}
        self._stateful: dict[str, Stateful | None] = {}
        self._satellites: dict[str, Satellite | None] = {}
        self._force_new: dict[str, frozenset[tuple[str, ...]] | None] = {}
        self._recomputed: dict[str, frozenset[str]] = {}
        self._words: dict[tuple[str, str], frozenset[str]] = {}
        self._services: dict[str, Mapping[str, frozenset[str]]] = {}

    @cached_property
    def version(self) -> str:
        """The day the sources were last read and the provider releases the types come from; own tables by digest."""
        read_on = max(source.read_on for source in self.sources.values())
        stamps = [f"{name} {facts.version}" for name in _STAMPED if (facts := self.provider(name))]
        return " ".join([read_on, *stamps, *([f"own {_digest(self._own)}"] if self._own else [])])

    def resource_type(self, provider: str, type: str, *, data: bool) -> ResourceType | None:  # noqa: A002
        """Return what is known about a managed type or data source of a provider, None where it is in no table."""
        facts = self.provider(provider)
        if facts is None:
            return None
        key = (facts.types_table, f"data.{type}" if data else type)
        if key not in self._types:
            self._types[key] = self._read_type(facts, key[1])
        return self._types[key]

    def provider(self, name: str) -> ProviderFacts | None:
        """Return the provider family by its own type name or an alias of it (``google-beta`` is ``google``)."""
        if name not in self._families:
            row = single(self.table("providers").rows(name))
            self._families[name] = rows.provider(row) if row else self._aliased(name)
        return self._families[name]

    def _aliased(self, name: str) -> ProviderFacts | None:
        return self.provider(self._aliases[name]) if name in self._aliases else None

    @cached_property
    def providers(self) -> Mapping[str, ProviderFacts]:
        """Every provider family by its name."""
        return self._keyed("providers", rows.provider)

    def provider_arguments(self, name: str) -> tuple[ProviderArgument, ...]:
        """Return the arguments of a provider block that decide where its changes go or what a destroy does."""
        family = self.provider(name)
        found = self.table("provider_arguments").rows(family.name if family else name)
        return tuple(map(rows.provider_argument, found))

    def infer_service(self, provider: str, type: str) -> str | None:  # noqa: A002
        """Return the service of the known types that share the longest prefix of whole words with a type.

        Where those types are of several services, the name of the provider as a whole; None for an unknown provider.
        A type of awscc is named after its service: awscc_s3_bucket is AWS::S3::Bucket (hashicorp/awscc documentation).
        """
        facts = self.provider(provider)
        if facts is None:
            return None
        words = type.split("_")
        if facts.name == "awscc" and len(words) > 1:
            return self.arn_service(words[1]) or facts.service
        prefixes = self._services_by_prefix(facts)
        candidates = ("_".join(words[:length]) for length in range(len(words), 1, -1))
        services = next((prefixes[prefix] for prefix in candidates if prefix in prefixes), frozenset[str]())
        return next(iter(services)) if len(services) == 1 else facts.service

    def region(self, cloud: str, id: str) -> Region | None:  # noqa: A002
        """Return a region by its id."""
        return self.regions(cloud).get(id)

    def regions(self, cloud: str) -> Mapping[str, Region]:
        """Return the regions of a cloud by their ids; empty for a cloud without a region table."""
        if cloud not in self._regions:
            found = (rows.region(row, self._jurisdiction_of) for row in self.table("regions").rows(cloud))
            self._regions[cloud] = MappingProxyType({region.id: region for region in found})
        return self._regions[cloud]

    def region_of_code(self, cloud: str, code: str) -> Region | None:
        """Return the region of a short code, as in AWS zone ids (``use1`` of ``use1-az4``)."""
        return next((region for region in self.regions(cloud).values() if region.code == code), None)

    def multi_region(self, cloud: str, id: str, service: str | None = None) -> Region | None:  # noqa: A002
        """Return a multi-region with its members and all their jurisdictions, by its id in lower case.

        Services give one id different members (``eur7`` is London and Frankfurt in Cloud Storage, Milan and Frankfurt
        in Spanner): without a service, or for one that has no row, the members of all of them are returned.
        """
        key = (cloud, id.lower(), service)
        if key not in self._multi_regions:
            self._multi_regions[key] = self._read_multi_region(*key)
        return self._multi_regions[key]

    def partition(self, cloud: str, id: str) -> Partition | None:  # noqa: A002
        """Return a partition by its id."""
        return self.partitions(cloud).get(id)

    def partitions(self, cloud: str) -> Mapping[str, Partition]:
        """Return the partitions of a cloud by their ids."""
        if cloud not in self._partitions:
            found = (rows.partition(row) for row in self.table("partitions").rows(cloud))
            self._partitions[cloud] = MappingProxyType({partition.id: partition for partition in found})
        return self._partitions[cloud]

    def partition_of_region(self, cloud: str, region_id: str) -> Partition | None:
        """Return the partition of a region: that of its row, else the one whose pattern its name fits.

        So a region newer than the tables still has its partition, though no country and no jurisdiction.
        """
        if self.region(cloud, region_id):
            return self.partition_of_listed_region(cloud, region_id)
        fitting = (
            p for p in self.partitions(cloud).values() if p.region_regex and re.search(p.region_regex, region_id)
        )
        return next(fitting, None)

    def partition_of_listed_region(self, cloud: str, region_id: str) -> Partition | None:
        """Return the partition of a region that has a row: no pattern of a partition is compiled for that."""
        region = self.region(cloud, region_id)
        return self.partition(cloud, region.partition) if region else None

    def jurisdiction(self, id: str) -> Jurisdiction | None:  # noqa: A002
        """Return a jurisdiction by its id."""
        return self.jurisdictions.get(id)

    @cached_property
    def jurisdictions(self) -> Mapping[str, Jurisdiction]:
        """Every jurisdiction by its id."""
        return self._keyed("jurisdictions", rows.jurisdiction)

    def cross_region(self, type: str) -> tuple[CrossRegion, ...]:  # noqa: A002
        """Return the attributes of a managed type that name another region, account or the like."""
        if type not in self._cross_region:
            self._cross_region[type] = tuple(map(rows.cross_region, self.table("cross_region").rows(type)))
        return self._cross_region[type]

    def stateful(self, type: str) -> Stateful | None:  # noqa: A002
        """Return what is lost when an instance of a managed type is destroyed, None where nothing is known to be."""
        if type not in self._stateful:
            row = single(self.table("stateful").rows(type))
            self._stateful[type] = rows.stateful(row) if row else None
        return self._stateful[type]

    def inert(self, type: str) -> frozenset[str]:  # noqa: A002
        """Return the attributes that carry nothing to anybody else: tags, labels, descriptions, timeouts."""
        return self._of_provider("attributes", type)

    def mentions(self, type: str) -> frozenset[str]:  # noqa: A002
        """Return the arguments that name others without reading their content: the documents of policies."""
        return self._of_provider("mentions", type)

    def force_new(self, type: str) -> frozenset[tuple[str, ...]] | None:  # noqa: A002
        """Return the paths of the arguments whose change replaces an instance: ``("root_block_device", "encrypted")``.

        None where that is not known; empty where it is known that none does.
        """
        if type not in self._force_new:
            paths = self.force_new_paths(type)
            self._force_new[type] = None if paths is None else frozenset(tuple(path.split(".")) for path in paths)
        return self._force_new[type]

    def force_new_paths(self, type: str) -> tuple[str, ...] | None:  # noqa: A002
        """Return the same as they are written in the table: ``root_block_device.encrypted``."""
        table = f"force_new_{_first_word(type)}"
        row = single(self.table(table if table in rows.FORCE_NEW_TABLES else "force_new_other").rows(type))
        return row.words("arguments") if row else None

    def recomputed(self, type: str) -> frozenset[str]:  # noqa: A002
        """Return the attributes that an update in place may compute anew: the version of a launch template."""
        if type not in self._recomputed:
            row = single(self.table("recomputed").rows(type))
            self._recomputed[type] = frozenset(row.words("attributes")) if row else frozenset()
        return self._recomputed[type]

    def satellite(self, type: str) -> Satellite | None:  # noqa: A002
        """Return what a managed type is a part of, None where it is an object of its own."""
        if type not in self._satellites:
            row = single(self.table("satellites").rows(type))
            self._satellites[type] = rows.satellite(row) if row else None
        return self._satellites[type]

    def is_carrier(self, type: str) -> bool:  # noqa: A002
        """Return whether holders of a reference to an instance of a type read its content at run time."""
        return type in self.table("carriers").lines

    def carrier(self, type: str) -> Carrier | None:  # noqa: A002
        """Return what the holders of an instance of a type read of it, None where they read nothing."""
        row = single(self.table("carriers").rows(type))
        return rows.carrier(row) if row else None

    def control_plane(self, key: str, partition: str) -> str | None:
        """Return the region a global service of a partition is managed in (``iam`` in ``aws-cn``: ``cn-north-1``)."""
        place = (key, partition)
        if place not in self._control_planes:
            planes = self.table("control_planes").rows(key)
            row = single(tuple(row for row in planes if row.cells["partition"] == partition))
            self._control_planes[place] = row.text("region") if row else None
        return self._control_planes[place]

    def hosts(self, cloud: str) -> tuple[HostPattern, ...]:
        """Return the host name patterns of a cloud, in the order they are to be tried."""
        return tuple(map(rows.host_pattern, self.table("hosts").rows(cloud)))

    def arn_service(self, name: str) -> str | None:
        """Return the service of an ARN's third part (``elasticloadbalancing``)."""
        row = single(self.table("arn_services").rows(name))
        return row.text("service") if row else None

    @cached_property
    def arn_without_region(self) -> frozenset[str]:
        """The ARN services whose ARNs have no region in them."""
        return frozenset(row.text("name") for row in self.table("arn_services").all_rows() if not row.flag("region"))

    def account(self, id: str) -> Account | None:  # noqa: A002
        """Return the user's own account, subscription or project by its id; ids of Azure differ in case at will."""
        return self.accounts.get(id.lower())

    @cached_property
    def accounts(self) -> Mapping[str, Account]:
        """The user's own accounts by their ids in lower case."""
        return MappingProxyType({key.lower(): fact for key, fact in self._keyed("accounts", rows.account).items()})

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Where the rows come from, by the word in their source columns."""
        return self._keyed("sources", rows.source)

    def table(self, name: str) -> Table:
        """Return the rows of a table as they stand in the files.

        The user's own types are in every types table, and their replacements in every table of these.
        """
        if name not in self._tables:
            own_name = rows.OWN_NAMES.get(name, name)
            own = tuple(file for file in self._own if table_name(file.name) == own_name)
            columns, ours = rows.COLUMNS[name], shipped(name)
            self._tables[name] = index(columns, (*ours, *own)) if own or not ours else index_shipped(columns, *ours)
        return self._tables[name]

    def _keyed(self, table: str, read: Callable[[Row], F]) -> Mapping[str, F]:
        """Return every row of a table by its first column."""
        found = self.table(table)
        keyed = {key: single(found.rows(key)) for key in found.lines}
        return MappingProxyType({key: read(row) for key, row in keyed.items() if row})

    def _of_provider(self, column: str, type: str) -> frozenset[str]:  # noqa: A002
        """Return the words that inert.csv has for the provider of a type, empty where it has no row."""
        key = (column, _first_word(type))
        if key not in self._words:
            row = single(self.table("inert").rows(key[1]))
            self._words[key] = frozenset(row.words(column)) if row else frozenset()
        return self._words[key]

    @cached_property
    def _aliases(self) -> dict[str, str]:
        return {alias: facts.name for facts in self.providers.values() for alias in facts.aliases}

    def _types_table(self, facts: ProviderFacts) -> Table:
        return self.table(facts.types_table or "types")

    def _read_type(self, facts: ProviderFacts, key: str) -> ResourceType | None:
        row = single(self._types_table(facts).rows(key))
        if row is None:
            return None
        conditions = tuple(map(rows.condition, self.table("conditions").rows(key)))
        return rows.resource_type(row, conditions)

    def _services_by_prefix(self, facts: ProviderFacts) -> Mapping[str, frozenset[str]]:
        """Return the services of the known types under each prefix of two words and more."""
        name = facts.types_table or "types"
        if name not in self._services:
            services: dict[str, set[str]] = {}
            for row in self._types_table(facts).all_rows():
                for prefix in _prefixes(row.text("type").removeprefix("data.")):
                    services.setdefault(prefix, set()).add(row.text("service"))
            self._services[name] = {prefix: frozenset(found) for prefix, found in services.items()}
        return self._services[name]

    @cached_property
    def _jurisdiction_of_country(self) -> dict[str, str]:
        return {country: found.id for found in self.jurisdictions.values() for country in found.countries}

    def _jurisdiction_of(self, row: Row) -> str:
        """Return the jurisdiction of a region: its partition's, which overrides that of its country."""
        partition = self.partition(row.text("cloud"), row.text("partition"))
        if partition is None:
            raise FactsError(
                f"{row.where}: partition {row.text('partition')!r} is not in partitions.csv; add a row for it"
            )
        found = partition.jurisdiction or self._jurisdiction_of_country.get(row.text("country"))
        if found is None:
            raise FactsError(
                f"{row.where}: no jurisdiction has country {row.text('country')!r}, so no law is known for the region; "
                "add the country to a row of jurisdictions.csv"
            )
        return found

    def _read_multi_region(self, cloud: str, name: str, service: str | None) -> Region | None:
        found = [row for row in self.table("multi_regions").rows(cloud) if row.cells["id"] == name]
        chosen = [row for row in found if row.cells["service"] == service] or found
        return self._unfold(cloud, chosen) if chosen else None

    def _unfold(self, cloud: str, found: Sequence[Row]) -> Region:
        """Return the region over all members of the rows of one multi-region."""
        members = tuple(dict.fromkeys(member for row in found for member in row.words("members")))
        regions = [self._member(cloud, member, found[0]) for member in members]
        return Region(
            cloud=cloud,
            id=found[0].text("id"),
            name=" / ".join(dict.fromkeys(row.text("name") for row in found)),
            partition=regions[0].partition,
            country="|".join(sorted({region.country for region in regions})),
            jurisdictions=frozenset[str]().union(*(region.jurisdictions for region in regions)),
            members=members,
            note=found[0].optional("note"),
            source=found[0].text("source"),
        )

    def _member(self, cloud: str, member: str, row: Row) -> Region:
        region = self.region(cloud, member)
        if region is None:
            raise FactsError(f"{row.where}: member {member!r} is no region of {cloud} in regions.csv; add a row for it")
        return region


def table_name(path: str) -> str:
    """Return the table a CSV file holds rows of: its name without folder and extension."""
    return path.rpartition("/")[2].removesuffix(".csv")


def shipped(name: str) -> tuple[TableFile, ...]:
    """Return the shipped file of a table; no file for the tables only a user has (accounts, types, force_new)."""
    if name in rows.OWN_ONLY:
        return ()
    return (TableFile(f"scopegate_rules/facts/{name}.csv", read_shipped("facts", f"{name}.csv").decode()),)


def _first_word(type: str) -> str:  # noqa: A002
    """Return the provider that Terraform takes a type to be of, by the name of its family (aws, google)."""
    return type.partition("_")[0]


def _digest(own: Sequence[TableFile]) -> str:
    from hashlib import sha256

    return sha256("\0".join(file.text for file in own).encode()).hexdigest()[:12]


def _prefixes(type: str) -> list[str]:  # noqa: A002
    words = type.split("_")
    return ["_".join(words[:length]) for length in range(2, len(words) + 1)]
