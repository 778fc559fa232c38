"""What the configuration of a provider says about where, and for whom, its resources are.

From Terraform 1.2 on, ``provider_config_key`` of a block names the configuration it really uses. Before, a block of a
child module had ``label:aws``, the last label of its own module, whatever was passed in (hashicorp/terraform,
internal/command/jsonconfig/config.go; ``findSourceProviderKey`` came with 1.2.0). So for those, and for resources whose
block is gone, the configurations that may be meant are collected, and only what all of them agree on is known.
"""

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from scopegate.facts.facts import Facts
from scopegate.place.family import Family
from scopegate.place.hosts import Hosts
from scopegate.place.location import Location, Locations
from scopegate.place.placement import Cause, Known, Unknown
from scopegate.place.provider_config import ENVIRONMENT, ConfigReader, ProviderPlace, way_out
from scopegate.place.values import ConfigurationValues
from scopegate.plan.address import ModulePath
from scopegate.plan.configuration import Block, ProviderConfig
from scopegate.plan.model import Plan
from scopegate.source.model import Sources

T = TypeVar("T")


class Providers:
    """Finds and reads the provider configuration of each block; each distinct one is read once."""

    def __init__(self, plan: Plan, facts: Facts, locations: Locations, sources: Sources | None = None) -> None:
        self._configuration = plan.configuration
        self._facts = facts
        self._locations = locations
        self._hosts = Hosts(facts, locations)
        self.values = ConfigurationValues(plan, sources)
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
        exact = self._exact(module, key)
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

    def _exact(self, module: ModulePath | None, key: str) -> ProviderConfig | None:
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
        reader = ConfigReader(config, family, self._facts, self._locations, self._hosts, self.values)
        cloud, region = reader.region()
        return ProviderPlace((config.key,), region, reader.zone(), reader.partition(), reader.account(), cloud)


def _unread(family: Family, why: str, cause: Cause) -> ProviderPlace:
    region = Unknown(f"{why}, so its region is not known{way_out(family)}", cause=cause)
    return ProviderPlace((), region, certain=False)


def _no_block(key: str, family: Family) -> ProviderPlace:
    reason = f"the plan has no block for provider {key}, so {ENVIRONMENT}{way_out(family)}"
    return ProviderPlace((key,), Unknown(reason, cause=Cause.ENVIRONMENT))


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
