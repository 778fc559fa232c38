"""What is known about one word, and from where: the answer of ``scopegate facts show``."""

from collections.abc import Iterator

from scopegate.errors import UsageError
from scopegate.facts.check import provider_of
from scopegate.facts.facts import Facts
from scopegate.facts.model import (
    CrossRegion,
    Jurisdiction,
    Partition,
    ProviderArgument,
    ProviderFacts,
    Region,
    ResourceType,
    Stateful,
)

Lines = Iterator[tuple[str, str]]


def describe(facts: Facts, word: str) -> str:
    """Return what the tables hold about a type, region, multi-region, partition, jurisdiction or provider.

    One block for each meaning of the word (``us-east-1`` is a region of two clouds), with its source. Raises UsageError
    where it means nothing.
    """
    blocks = [_block(title, lines) for title, lines in _meanings(facts, word)]
    if not blocks:
        raise UsageError(
            f"nothing is known about {word!r}; give a resource type (aws_vpc, data.aws_vpc), a region, a partition, "
            "a jurisdiction or a provider as Terraform writes it"
        )
    return "\n".join(blocks)


def _meanings(facts: Facts, word: str) -> Iterator[tuple[str, Lines]]:
    yield from _type_meanings(facts, word)
    if provider := facts.provider(word):
        yield f"provider {provider.name}", _provider(facts, provider)
    for cloud in facts.table("partitions").lines:
        yield from _place_meanings(facts, cloud, word)
    if jurisdiction := facts.jurisdiction(word):
        yield f"jurisdiction {word}", _jurisdiction(facts, jurisdiction)


def _type_meanings(facts: Facts, word: str) -> Iterator[tuple[str, Lines]]:
    name = word.removeprefix("data.")
    provider = provider_of(facts, name) if "_" in name else None
    if provider is None:
        return
    for data in (True,) if name != word else (False, True):
        if found := facts.resource_type(provider, name, data=data):
            yield f"{'data source' if data else 'resource type'} {name}", _type(facts, found)
            return
    yield f"resource type {name}", _unmapped(facts, provider, name)


def _place_meanings(facts: Facts, cloud: str, word: str) -> Iterator[tuple[str, Lines]]:
    if region := facts.region(cloud, word):
        yield f"region {word} of {cloud}", _region(facts, region)
    elif fitting := facts.partition_of_region(cloud, word):
        yield f"region {word} of {cloud}", _new_region(fitting)
    if multi := facts.multi_region(cloud, word):
        yield f"multi-region {multi.id} of {cloud}", _region(facts, multi)
    if partition := facts.partition(cloud, word):
        yield f"partition {word} of {cloud}", _partition(facts, partition)


def _type(facts: Facts, found: ResourceType) -> Lines:
    yield "service", found.service
    yield "scope", found.scope.value
    yield "region", ", ".join(f"attribute {name}" for name in found.region_attributes)
    yield "zone", ", ".join(f"attribute {name}" for name in found.zone_attributes)
    yield "account", ", ".join(f"attribute {name}" for name in found.account_attributes)
    yield "place of", ", ".join(f"{parent} in {attribute}" for attribute, parent in found.parents)
    yield "effect", found.effect or ""
    for condition in found.conditions:
        changes = ", ".join(filter(None, (condition.scope and condition.scope.value, condition.effect, condition.note)))
        yield "when", f"{condition.attribute} = {condition.value}: {changes}"
    yield "managed from", found.control_plane or ""
    yield from (("also names", _crossing(crossing)) for crossing in facts.cross_region(found.type))
    yield from _flow(facts, found.type)
    if stateful := facts.stateful(found.type):
        yield from _stateful(stateful)
    yield "note", found.note or ""
    yield from _sources(facts, found.source)


def _crossing(crossing: CrossRegion) -> str:
    note = f"; {crossing.note}" if crossing.note else ""
    return f"{crossing.path} ({crossing.kind}: {crossing.value}{note})"


def _flow(facts: Facts, type: str) -> Lines:  # noqa: A002
    if satellite := facts.satellite(type):
        yield "part of", ", ".join(f"{parent} in {argument}" for argument, parent in satellite.parents)
        yield (
            "also part of",
            ", ".join(f"{parent} in {argument}, unnoticed" for argument, parent in satellite.quiet_parents),
        )
        yield "hands on", ", ".join(f"what {argument} names" for argument in sorted(satellite.bears))
    if carrier := facts.carrier(type):
        yield "carries", f"{carrier.content}, to whoever refers to it"
    yield "replaced by", ", ".join(facts.force_new_paths(type) or ())
    yield "recomputed", ", ".join(sorted(facts.recomputed(type)))


def _stateful(stateful: Stateful) -> Lines:
    yield "holds", stateful.holds
    yield "lost", f"{stateful.lost}; way back: {stateful.way_back_note or stateful.way_back}"
    yield "protected by", ", ".join(stateful.protected_by)
    yield "dangerous", ", ".join(stateful.dangerous)


def _unmapped(facts: Facts, provider: str, name: str) -> Lines:
    yield "service", f"{facts.infer_service(provider, name)} (inferred from the name)"
    yield "note", "in no table: its scope is not known"


def _provider(facts: Facts, provider: ProviderFacts) -> Lines:
    yield "service", provider.service
    yield "cloud", provider.cloud
    yield "layer", provider.layer
    yield "scope", f"{provider.default_scope.value}, where a type has no row"
    yield "region", ", ".join((*provider.region_attributes, *(f"provider {name}" for name in provider.config_region)))
    yield (
        "account",
        ", ".join((*provider.account_attributes, *(f"provider {name}" for name in provider.config_account))),
    )
    yield "also named", ", ".join(provider.aliases)
    yield "release", provider.version or ""
    yield from (("argument", _argument(argument)) for argument in facts.provider_arguments(provider.name))
    yield "note", provider.note or ""
    yield from _sources(facts, provider.source)


def _argument(argument: ProviderArgument) -> str:
    parts = (
        argument.carries,
        f"default {argument.default}" if argument.default else "",
        f"else {' or '.join(argument.environment)}" if argument.environment else "",
        f"else {argument.otherwise}" if argument.otherwise else "",
    )
    return f"{argument.argument}: {', '.join(filter(None, parts))}"


def _region(facts: Facts, region: Region) -> Lines:
    yield "name", region.name
    yield "partition", region.partition
    yield "country", region.country.replace("|", ", ")
    yield "jurisdictions", ", ".join(sorted(region.jurisdictions))
    yield "paired with", region.paired_region or ""
    yield "regions", ", ".join(region.members)
    yield "operator", region.operator or ""
    yield "code", region.code or ""
    yield "note", region.note or ""
    yield from _sources(facts, region.source)


def _new_region(partition: Partition) -> Lines:
    yield "partition", f"{partition.id}, by the pattern of its region names"
    yield "jurisdictions", partition.jurisdiction or "not known"
    yield "note", "in no table: newer than the facts, or misspelt"


def _partition(facts: Facts, partition: Partition) -> Lines:
    yield "name", partition.name
    yield "operator", partition.operator or ""
    yield "jurisdiction", partition.jurisdiction or "that of each region"
    yield "home region", partition.home_region or ""
    yield "regions like", partition.region_regex or ""
    yield "host names", ", ".join(partition.dns_suffixes)
    yield from _sources(facts, partition.source)


def _jurisdiction(facts: Facts, jurisdiction: Jurisdiction) -> Lines:
    yield "name", jurisdiction.name
    yield "countries", ", ".join(sorted(jurisdiction.countries)) or "none: only a partition leads here"
    yield "strict", "yes" if jurisdiction.strict else "no"
    yield "regimes", ", ".join(jurisdiction.regimes)
    yield "transfer", jurisdiction.transfer
    yield from _sources(facts, jurisdiction.source)


def _sources(facts: Facts, words: str) -> Lines:
    for word in words.split("|"):
        source = facts.sources.get(word)
        yield "source", f"{source.name} {source.version} ({source.licence}, read {source.read_on})" if source else word


def _block(title: str, lines: Lines) -> str:
    return f"{title}\n" + "".join(f"  {name:<14}{text}\n" for name, text in lines if text)
