"""What the configuration of a provider says about where, and for whom, its resources are.

From Terraform 1.2 on, ``provider_config_key`` of a block names the configuration it really uses. Before, a block of a
child module had ``label:aws``, the last label of its own module, whatever was passed in (hashicorp/terraform,
internal/command/jsonconfig/config.go; ``findSourceProviderKey`` came with 1.2.0). So for those, and for resources whose
block is gone, the configurations that may be meant are collected, and only what all of them agree on is known.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from scopegate.facts.facts import Facts
from scopegate.place.family import Family
from scopegate.place.hosts import Hosts, host_of, is_local
from scopegate.place.identifiers import Arn, aws_account, azure_subscription, google_project_id, owner_id, parse_arn
from scopegate.place.location import Location, Locations
from scopegate.place.placement import Cause, Known, Unknown
from scopegate.place.values import ConfigurationValues, Found, Missing
from scopegate.plan.address import ModulePath
from scopegate.plan.configuration import Block, ProviderConfig
from scopegate.plan.model import Plan

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProviderPlace:
    """What the provider configuration of a resource says.

    ``keys`` are the configurations that may be meant; resources under the same ones speak for each other. ``certain``
    is False where they were found by elimination. ``zone`` is set where the configuration names one (Google),
    ``partition`` and ``account`` where it mentions them.
    """

    keys: tuple[str, ...]
    region: Known[Location] | Unknown
    zone: Known[Location] | None = None
    partition: Known[str] | Unknown | None = None
    account: Known[str] | Unknown | None = None
    cloud: str = ""
    """The cloud that the region is of: for a cluster's provider the one the cluster runs in."""
    certain: bool = True


class Providers:
    """Finds and reads the provider configuration of each block; each distinct one is read once."""

    def __init__(self, plan: Plan, facts: Facts, locations: Locations) -> None:
        self._configuration = plan.configuration
        self._facts = facts
        self._locations = locations
        self._hosts = Hosts(facts, locations)
        self._values = ConfigurationValues(plan)
        self._memo: dict[tuple[ModulePath | None, str, str], ProviderPlace] = {}
        self._single: dict[str, ProviderPlace] = {}

    def of(self, block: Block | None, family: Family) -> ProviderPlace:
        """Return what is known of the provider configuration of a block; None is a block that is gone."""
        module = block.address.module if block else None
        key = block.provider_config_key if block else ""
        known = self._memo.get((module, key, family.name))
        if known is None:
            known = self._memo[module, key, family.name] = self._find(module, key, family)
        return known

    def _find(self, module: ModulePath | None, key: str, family: Family) -> ProviderPlace:
        if not self._configuration.present:
            return _unread(family, "the plan came without its configuration", Cause.NO_CONFIGURATION)
        exact = None if module is None else self._exact(module, key)
        if exact is not None:
            return self._read(exact, family)
        candidates = self._visible_in(module, family)
        if not candidates:
            return _no_block(key or family.name, family)
        places = [self._read(candidate, family) for candidate in candidates]
        names_default = module is not None and "." not in key
        if all(candidate.alias for candidate in candidates) and (names_default or module is None):
            # The default configuration needs no block, so it may be that one as well.
            places.append(_no_block(family.name, family))
        return self._agreed(places, family, gone=module is None)

    def _agreed(self, places: Sequence[ProviderPlace], family: Family, *, gone: bool) -> ProviderPlace:
        """Return what all of several configurations that may be meant say alike."""
        first = places[0]
        if len(places) == 1:
            how = "the only one left" if gone else "the only one it can be"
            region = _labelled(first.region, how) if isinstance(first.region, Known) else first.region
            return replace(first, region=region, zone=_labelled(first.zone, how) if first.zone else None, certain=False)
        which = "its block is gone" if gone else "Terraform before 1.2 does not say which one was passed to the module"
        many = f"{len(places)} {family.name} configurations may be meant ({which})"
        regions = _same([place.region for place in places], f"{many} and they differ in region{way_out(family)}")
        partitions = [self._partition_of(place, family) for place in places]
        return ProviderPlace(
            keys=tuple(dict.fromkeys(key for place in places for key in place.keys)),
            certain=False,
            region=regions or _no_block(family.name, family).region,
            partition=_same(partitions, f"{many} and they differ in partition"),
            account=_same([place.account for place in places], f"{many} and they differ in account"),
            cloud=first.cloud,
        )

    def _partition_of(self, place: ProviderPlace, family: Family) -> Known[str] | Unknown | None:
        if isinstance(place.region, Known):
            found = self._facts.partition_of_region(family.cloud, place.region.value.region)
            if found is not None:
                return Known(found.id, place.region.evidence)
        return place.partition

    def _exact(self, module: ModulePath, key: str) -> ProviderConfig | None:
        """Return the configuration that ``key`` names in either of its two meanings, or None where it names none."""
        found = self._configuration.providers.get(key)
        if found is not None or not module:
            return found
        local = key.rpartition(":")[2]
        prefix = ".".join(f"module.{name}" for name in module)
        own = self._configuration.providers.get(f"{prefix}:{local}")
        # Without arguments it is a proxy for what the caller passes, not a configuration.
        return own if own is not None and own.expressions else None

    def _visible_in(self, module: ModulePath | None, family: Family) -> tuple[ProviderConfig, ...]:
        """Return the configurations of a family that a module may inherit or be passed: those of its ancestors."""
        return tuple(
            config
            for config in self._configuration.providers.values()
            if self._is_of(config, family)
            and (not config.module or config.expressions)
            and (module is None or (len(config.module) < len(module) and module[: len(config.module)] == config.module))
        )

    def _is_of(self, config: ProviderConfig, family: Family) -> bool:
        name = config.full_name.rpartition("/")[2] or config.name
        known = self._facts.provider(name)
        return (known.name if known else name) == family.name

    def _read(self, config: ProviderConfig, family: Family) -> ProviderPlace:
        place = self._single.get(config.key)
        if place is None:
            place = self._single[config.key] = self._read_config(config, family)
        return place

    def _read_config(self, config: ProviderConfig, family: Family) -> ProviderPlace:
        reader = _ConfigReader(config, family, self._facts, self._locations, self._hosts, self._values)
        cloud, region = reader.region()
        return ProviderPlace((config.key,), region, reader.zone(), reader.partition(), reader.account(), cloud)


def _unread(family: Family, why: str, cause: Cause) -> ProviderPlace:
    region = Unknown(f"{why}, so its region is not known{way_out(family)}", cause=cause)
    return ProviderPlace((), region, certain=False)


def _no_block(key: str, family: Family) -> ProviderPlace:
    reason = f"the plan has no block for provider {key}, so {_ENVIRONMENT}{way_out(family)}"
    return ProviderPlace((key,), Unknown(reason, cause=Cause.ENVIRONMENT))


_ENVIRONMENT: Final = "its region comes from the environment of whoever runs it"


def way_out(family: Family, argument: str = "region") -> str:
    """Return the end of a sentence that says how the caller can supply a region."""
    if family.cloud == "azure":
        return f"; state one with --default-region {family.name}=REGION"
    return f"; set {argument} in the provider block or state it with --default-region {family.name}=REGION"


def _labelled(place: Known[T], how: str) -> Known[T]:
    return Known(place.value, f"{place.evidence} ({how})")


def _same(answers: Sequence[Known[T] | Unknown | None], reason: str) -> Known[T] | Unknown | None:
    """Return what several answers agree on; None where none of them says anything."""
    first = answers[0]
    if all(answer is None for answer in answers):
        return None
    if isinstance(first, Known) and all(isinstance(item, Known) and item.value == first.value for item in answers):
        return Known(first.value, f"every provider configuration that may be meant: {first.evidence}")
    named = {_text(item.value) for item in answers if isinstance(item, Known)}
    causes = {item.cause for item in answers if isinstance(item, Unknown)}
    if not named and len(causes) == 1 and isinstance(first, Unknown):
        return first
    return Unknown(reason, tuple(sorted(named)), Cause.SEVERAL_PROVIDERS)


def _text(value: object) -> str:
    return value.region if isinstance(value, Location) else str(value)


@dataclass(frozen=True, slots=True)
class _ConfigReader:
    config: ProviderConfig
    family: Family
    facts: Facts
    locations: Locations
    hosts: Hosts
    values: ConfigurationValues

    @property
    def label(self) -> str:
        return f"provider {self.config.key}"

    def argument(self, *path: str) -> Found | Missing | None:
        expression = self.config.at(*path)
        if expression is None:
            return None
        found = self.values.of(expression, self.config.module)
        return None if isinstance(found, Found) and found.value in (None, "") else found

    def text(self, *path: str) -> tuple[str, str] | None:
        """Return a string argument and the evidence for it."""
        found = self.argument(*path)
        if isinstance(found, Found) and isinstance(found.value, str):
            return found.value, self.evidence(path, found)
        return None

    def evidence(self, path: Sequence[str], found: Found) -> str:
        return " = ".join([f"{self.label}: {'.'.join(path)}", *found.trail])

    def region(self) -> tuple[str, Known[Location] | Unknown]:
        """Return the region and the cloud it is of."""
        arguments = self.family.facts.config_region if self.family.facts else ("region",)
        obstacle: Unknown | None = None
        for argument in arguments:
            found = self.argument(*argument.split("."))
            if isinstance(found, Found):
                if (named := self._place(found.value)) is not None:
                    cloud, place = named
                    return cloud, Known(place, self.evidence([argument], found) + self._emulator())
                obstacle = Unknown(f"{self.evidence([argument], found)} does not look like a region", cause=Cause.SHAPE)
            elif isinstance(found, Missing):
                reason = f"{self.label}: {argument} {found.reason}{way_out(self.family, argument)}"
                obstacle = obstacle or Unknown(reason, cause=found.cause)
        return self.family.cloud, obstacle or self._not_named()

    def zone(self) -> Known[Location] | None:
        named = self.text("zone") if self.family.cloud == "google" else None
        place = self.locations.read(self.family.cloud, named[0]) if named else None
        return Known(place, named[1]) if named and place and place.zone else None

    def _not_named(self) -> Unknown:
        reason = f"{self.label} names no region, so {_ENVIRONMENT}{way_out(self.family)}"
        return Unknown(reason, cause=Cause.ENVIRONMENT)

    def _place(self, value: object) -> tuple[str, Location] | None:
        """Return the place a value names, and in which cloud: the endpoint of a cluster is in the cluster's."""
        if not isinstance(value, str):
            return None
        if self.family.facts is not None and self.family.facts.layer == "cluster":
            arn, host = parse_arn(value), self.hosts.place_of(value)
            if arn is not None:
                place = self.locations.read("aws", arn.region)
                return ("aws", place) if place else None
            if host is not None:
                return host.cloud, Location(host.region)
        place = self.locations.read(self.family.cloud, value)
        return (self.family.cloud, place) if place else None

    def _emulator(self) -> str:
        endpoints = [found.value for found in self._endpoints() if isinstance(found, Found)]
        local = bool(endpoints) and all(is_local(endpoint) for endpoint in endpoints)
        return " (endpoints are a local emulator, so this region is a name only)" if local else ""

    def _endpoints(self) -> Iterator[Found | Missing]:
        for expression in self.config.expressions:
            if expression.path[0] == "endpoints" or expression.path[-1].endswith("_custom_endpoint"):
                yield self.values.of(expression, self.config.module)

    def partition(self) -> Known[str] | Unknown | None:
        match self.family.cloud:
            case "aws":
                return self._aws_partition()
            case "azure":
                return self._named_partition(("environment",), _AZURE_ENVIRONMENTS) or self._host_partition(
                    "metadata_host"
                )
            case "google":
                return self._named_partition(("universe_domain",), {})
            case _:
                return None

    def _aws_partition(self) -> Known[str] | Unknown | None:
        for role, evidence in self._roles():
            return Known(role.partition, evidence)
        for expression in self.config.expressions:
            named = self.text(*expression.path) if expression.path[0] == "endpoints" else None
            if named and (partition := self._partition_of_host(named[0])):
                return Known(partition, named[1])
        return None

    def _named_partition(self, path: tuple[str, ...], spellings: Mapping[str, str]) -> Known[str] | Unknown | None:
        found = self.argument(*path)
        if isinstance(found, Missing):
            return Unknown(f"{self.label}: {'.'.join(path)} {found.reason}", cause=found.cause)
        if found is None or not isinstance(found.value, str):
            return None
        name = spellings.get(found.value.lower(), found.value.lower())
        if self.facts.partition(self.family.cloud, name):
            return Known(name, self.evidence(path, found))
        return Unknown(f"{self.label}: {'.'.join(path)} is no cloud that the tables know", cause=Cause.UNMAPPED)

    def _host_partition(self, argument: str) -> Known[str] | Unknown | None:
        named = self.text(argument)
        partition = self._partition_of_host(named[0]) if named else None
        if named is None:
            return None
        if partition is None:
            return Unknown(f"{self.label}: {argument} is no cloud that the tables know", cause=Cause.UNMAPPED)
        return Known(partition, named[1])

    def _partition_of_host(self, url: str) -> str | None:
        host = host_of(url)
        # aws and aws-us-gov share amazonaws.com, so that suffix proves neither.
        owners = [
            partition.id
            for partition in self.facts.partitions(self.family.cloud).values()
            for suffix in partition.dns_suffixes
            if host == suffix or host.endswith(f".{suffix}")
        ]
        return owners[0] if len(owners) == 1 else None

    def account(self) -> Known[str] | Unknown | None:
        match self.family.cloud:
            case "aws":
                return self._aws_account()
            case "azure":
                return self._named_account(("subscription_id",), azure_subscription)
            case "google":
                return self._named_account(("project",), google_project_id)
            case _:
                return next(self._other_accounts(), None)

    def _aws_account(self) -> Known[str] | Unknown | None:
        claims: dict[str, str] = {}
        for role, evidence in self._roles():
            claims.setdefault(role.account, evidence)
        allowed = self.argument("allowed_account_ids")
        accounts = allowed.value if isinstance(allowed, Found) and isinstance(allowed.value, list) else []
        if isinstance(allowed, Found) and isinstance(allowed.value, str):
            accounts = [allowed.value]  # [var.account] is listed as a reference to var.account
        if isinstance(allowed, Found) and len(accounts) == 1 and (account := aws_account(accounts[0])):
            claims.setdefault(account, self.evidence(("allowed_account_ids",), allowed))
        if len(claims) > 1:
            reason = f"{self.label} assumes a role in one account and allows only another"
            return Unknown(reason, tuple(sorted(claims)), Cause.CONTRADICTION)
        return next((Known(account, evidence) for account, evidence in claims.items()), None)

    def _roles(self) -> Iterator[tuple[Arn, str]]:
        """Yield the role the provider ends up with: roles may be chained, and the last one acts."""
        for block in ("assume_role", "assume_role_with_web_identity"):
            chain = [expression for expression in self.config.expressions if expression.path == (block, "role_arn")]
            found = self.values.of(chain[-1], self.config.module) if chain else None
            if isinstance(found, Found) and (arn := parse_arn(found.value)) and arn.account:
                yield arn, self.evidence((block, "role_arn"), found)
                return

    def _named_account(
        self, path: tuple[str, ...], read: Callable[[object], str | None]
    ) -> Known[str] | Unknown | None:
        found = self.argument(*path)
        if isinstance(found, Missing):
            return Unknown(f"{self.label}: {'.'.join(path)} {found.reason}", cause=found.cause)
        if found is None:
            return None
        account = read(found.value)
        if account is None:
            return Unknown(f"{self.evidence(path, found)} does not look like an account", cause=Cause.SHAPE)
        return Known(account, self.evidence(path, found))

    def _other_accounts(self) -> Iterator[Known[str]]:
        for argument in self.family.facts.config_account if self.family.facts else ():
            named = self.text(*argument.split("."))
            if named and owner_id(named[0]):
                yield Known(named[0], named[1])


_AZURE_ENVIRONMENTS: Final = {"usgov": "usgovernment", "usgovernmentl4": "usgovernment", "azurecloud": "public"}
