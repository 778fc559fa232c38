"""Reading one provider configuration: which region, partition and account it names, and how.

Its arguments are constants, or expressions that are followed as far as the plan tells.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from scopegate.facts.facts import Facts
from scopegate.place.family import Family
from scopegate.place.hosts import Hosts, host_of, is_local
from scopegate.place.identifiers import Arn, aws_account, azure_subscription, google_project_id, owner_id, parse_arn
from scopegate.place.location import Location, Locations
from scopegate.place.placement import Cause, Known, Unknown
from scopegate.place.values import ConfigurationValues, Found, Missing
from scopegate.plan.configuration import ProviderConfig

ENVIRONMENT: Final = "its region comes from the environment of whoever runs it"


class ProviderPlace(Struct, frozen=True):
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


def way_out(family: Family, argument: str = "region") -> str:
    """Return the end of a sentence that says how the caller can supply a region."""
    if family.cloud == "azure":
        return f"; state one with --default-region {family.name}=REGION"
    return f"; set {argument} in the provider block or state it with --default-region {family.name}=REGION"


class ConfigReader(Struct, frozen=True):
    """One provider configuration and what is needed to follow its arguments."""

    config: ProviderConfig
    family: Family
    facts: Facts
    locations: Locations
    hosts: Hosts
    values: ConfigurationValues

    @property
    def label(self) -> str:
        """How evidence names the configuration."""
        return f"provider {self.config.key}"

    @property
    def block(self) -> str:
        """How the files of the configuration name the block."""
        return f"provider.{self.config.name}" + (f".{self.config.alias}" if self.config.alias else "")

    def argument(self, *path: str) -> Found | Missing | None:
        """Return what an argument comes to; None where it is not set, null or empty."""
        expression = self.config.at(*path)
        if expression is None:
            return None
        found = self.values.of(expression, self.config.module, self.block)
        return None if isinstance(found, Found) and found.value in (None, "") else found

    def text(self, *path: str) -> tuple[str, str] | None:
        """Return a string argument and the evidence for it."""
        found = self.argument(*path)
        if isinstance(found, Found) and isinstance(found.value, str):
            return found.value, self.evidence(path, found)
        return None

    def evidence(self, path: Sequence[str], found: Found) -> str:
        """Return how a value was found: the argument, and the names it came through."""
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
        """Return the zone that a Google provider works in where nothing else is said."""
        named = self.text("zone") if self.family.cloud == "google" else None
        place = self.locations.read(self.family.cloud, named[0]) if named else None
        return Known(place, named[1]) if named and place and place.zone else None

    def _not_named(self) -> Unknown:
        reason = f"{self.label} names no region, so {ENVIRONMENT}{way_out(self.family)}"
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
                yield self.values.of(expression, self.config.module, self.block)

    def partition(self) -> Known[str] | Unknown | None:
        """Return the partition that a role, endpoints, an environment or a universe name; None where nothing does."""
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
        """Return the account, subscription or project it acts in; None where it mentions none."""
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
            found = self.values.of(chain[-1], self.config.module, self.block) if chain else None
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
