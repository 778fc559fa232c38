"""Do the tables hold together: every row readable, every key once, every reference to another table answered.

The shipped tables are checked by the tests and by ``scopegate facts check``; a start checks the user's own rows only.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final

from scopegate.errors import FactsError
from scopegate.facts import rows
from scopegate.facts.facts import Facts
from scopegate.facts.model import TypeScope
from scopegate.facts.table import Row, second_row

HOST_GROUPS: Final = frozenset({"acct", "bucket", "project", "region", "region2", "region3", "service"})
"""What a host name pattern may capture: an account, a bucket, a region in full or as its short code."""

_SHOWN: Final = 20
_BELONGING: Final = frozenset({TypeScope.INHERITS, TypeScope.LOCATION, TypeScope.REGIONAL})

Check = Callable[[Facts, Row], Iterator[str]]


def check_facts(facts: Facts, names: Collection[str] | None = None) -> None:
    """Raise FactsError with a line for each problem of the named files, of all files without names."""
    found = problems(facts, names)
    if not found:
        return
    rest = f"\n… and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    raise FactsError("\n".join(found[:_SHOWN]) + rest)


def problems(facts: Facts, names: Collection[str] | None = None) -> tuple[str, ...]:
    """Return what is wrong with the rows of the named files, one line each with file and line, in table order."""
    found = (line for table in _CHECKS for line in _table_problems(facts, table, names))
    return tuple(dict.fromkeys(found))


def _table_problems(facts: Facts, table: str, names: Collection[str] | None) -> Iterator[str]:
    if names is not None and table in rows.OWN_NAMES:
        return
    seen: dict[tuple[str, ...], str] = {}
    try:
        for row in facts.table(table).all_rows():
            key = tuple(row.cells[column].lower() for column in rows.KEYS[table])
            first = seen.setdefault(key, row.where)
            if names is None or _file(row) in names:
                if first != row.where:
                    yield second_row(row.where, " ".join(key), first)
                yield from _row_problems(facts, table, row)
    except FactsError as error:
        yield str(error)


def _row_problems(facts: Facts, table: str, row: Row) -> Iterator[str]:
    try:
        for problem in _CHECKS[table](facts, row):
            yield f"{row.where}: {problem}"
        yield from _source_problems(facts, row)
    except FactsError as error:
        yield str(error)


def _source_problems(facts: Facts, row: Row) -> Iterator[str]:
    for cell in row.cells.values():
        if cell.startswith("judge:"):
            yield f"{row.where}: still to be judged ({cell.removeprefix('judge:').strip()})"
    if "source" in row.cells and row.where.startswith("scopegate_rules/"):
        yield from (
            f"{row.where}: source {word!r} is not in sources.csv"
            for word in row.words("source")
            if word not in facts.sources
        )


def _account(_: Facts, row: Row) -> Iterator[str]:
    account = rows.account(row)
    if account.provider == "aws" and not re.fullmatch(r"\d{12}", account.id):
        yield f"{account.id!r} is no AWS account id: it has 12 digits; a spreadsheet may have eaten its leading zeros"


def _arn_service(_: Facts, row: Row) -> Iterator[str]:
    row.text("service")
    row.flag("region")
    yield from ()


def _carrier(facts: Facts, row: Row) -> Iterator[str]:
    yield from _unknown_type(facts, rows.carrier(row).type)


def _condition(facts: Facts, row: Row) -> Iterator[str]:
    condition = rows.condition(row)
    yield from _unknown_type(facts, row.text("type"))
    yield from _unknown_control_plane(facts, condition.control_plane)
    if condition.scope is None and condition.effect is None:
        yield "a condition changes a scope or an effect; this one changes nothing"


def _control_plane(facts: Facts, row: Row) -> Iterator[str]:
    region = facts.region("aws", row.text("region"))
    if region is None:
        yield f"region {row.text('region')!r} is not in regions.csv"
    elif region.partition != row.text("partition"):
        yield f"region {region.id!r} is in partition {region.partition!r}, not in {row.text('partition')!r}"


def _cross_region(facts: Facts, row: Row) -> Iterator[str]:
    yield from _unknown_type(facts, rows.cross_region(row).type)


def _force_new(facts: Facts, row: Row) -> Iterator[str]:
    facts.force_new_paths(row.text("type"))
    yield from _unknown_type(facts, row.text("type"))


def _host(_: Facts, row: Row) -> Iterator[str]:
    pattern = _compiled(rows.host_pattern(row).pattern)
    if pattern is None:
        yield f"{row.text('pattern')!r} is no regular expression"
    elif strange := set(pattern.groupindex) - HOST_GROUPS:
        yield f"the pattern captures {min(strange)!r}, not one of {', '.join(sorted(HOST_GROUPS))}"


def _inert(facts: Facts, row: Row) -> Iterator[str]:
    words = (*row.words("attributes"), *row.words("mentions"))
    if not words:
        yield "a row says which attributes carry nothing; this one names none"
    if row.text("provider") not in facts.providers:
        yield f"provider {row.text('provider')!r} is not in providers.csv"


def _jurisdiction(facts: Facts, row: Row) -> Iterator[str]:
    for country in rows.jurisdiction(row).countries:
        others = [found.id for found in facts.jurisdictions.values() if country in found.countries]
        if len(others) > 1:
            yield f"country {country!r} is in {' and '.join(others)}; a country has one jurisdiction"


def _multi_region(facts: Facts, row: Row) -> Iterator[str]:
    if row.text("id") != row.text("id").lower():
        yield f"{row.text('id')!r} must be written in lower case, as it is looked up"
    facts.multi_region(row.text("cloud"), row.text("id"))


def _partition(facts: Facts, row: Row) -> Iterator[str]:
    partition = rows.partition(row)
    if partition.jurisdiction and partition.jurisdiction not in facts.jurisdictions:
        yield f"jurisdiction {partition.jurisdiction!r} is not in jurisdictions.csv"
    if partition.home_region and not facts.region(partition.cloud, partition.home_region):
        yield f"home region {partition.home_region!r} is not in regions.csv"
    if partition.region_regex and _compiled(partition.region_regex) is None:
        yield f"{partition.region_regex!r} is no regular expression"


def _argument(facts: Facts, row: Row) -> Iterator[str]:
    argument = rows.provider_argument(row)
    if facts.provider(argument.provider) is None:
        yield f"provider {argument.provider!r} is not in providers.csv"


def _provider(facts: Facts, row: Row) -> Iterator[str]:
    provider = rows.provider(row)
    yield from (f"alias {alias!r} is a provider of its own" for alias in provider.aliases if alias in facts.providers)
    if (
        provider.default_scope in (TypeScope.REGIONAL, TypeScope.LOCATION, TypeScope.ZONAL)
        and provider.layer == "local"
    ):
        yield "a local provider has no regions"


def _recomputed(facts: Facts, row: Row) -> Iterator[str]:
    row.text("attributes")
    row.words("attributes")
    yield from _unknown_type(facts, row.text("type"))


def _region(facts: Facts, row: Row) -> Iterator[str]:
    region = facts.regions(row.text("cloud"))[row.text("id")]
    if region.paired_region and not facts.region(region.cloud, region.paired_region):
        yield f"paired region {region.paired_region!r} is not in regions.csv"
    fitting = [
        p.id for p in facts.partitions(region.cloud).values() if p.region_regex and re.search(p.region_regex, region.id)
    ]
    if fitting not in ([], [region.partition]):
        yield f"the name fits the pattern of {', '.join(fitting)}, but the partition is {region.partition!r}"
    if region.code and facts.region_of_code(region.cloud, region.code) != region:
        yield f"code {region.code!r} is that of another region"


def _satellite(facts: Facts, row: Row) -> Iterator[str]:
    satellite = rows.satellite(row)
    yield from _unknown_type(facts, satellite.type)
    for _, parent in satellite.parents + satellite.quiet_parents:
        yield from _unknown_type(facts, parent)
    if both := set(satellite.parents) & set(satellite.quiet_parents):
        yield f"parent {'>'.join(min(both))!r} is among the quiet ones too"
    if not satellite.parents + satellite.quiet_parents:
        yield "a satellite is a part of something; this one has no parents"


def _source(_: Facts, row: Row) -> Iterator[str]:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", rows.source(row).read_on):
        yield "read_on must be a day like 2026-11-22"


def _stateful(facts: Facts, row: Row) -> Iterator[str]:
    yield from _unknown_type(facts, rows.stateful(row).type)


def _type(facts: Facts, row: Row) -> Iterator[str]:
    name = row.text("type").removeprefix("data.")
    if provider_of(facts, name) is None:
        yield f"no provider of type {name!r} is in providers.csv; add a row for {name.partition('_')[0]!r}"
        return
    yield from _unknown_type(facts, row.text("type"))
    found = rows.resource_type(row, ())
    yield from _unknown_control_plane(facts, found.control_plane)
    for _, parent in found.parents:
        yield from _unknown_type(facts, parent)
    # A global object of Google is in no region, and in the project of what it belongs to.
    in_project = found.scope is TypeScope.GLOBAL and name.startswith("google_")
    if found.parents and found.scope not in _BELONGING and not in_project:
        yield f"parents are for types that may take their place from them, the scope is {found.scope.value!r}"


def provider_of(facts: Facts, type: str) -> str | None:  # noqa: A002
    """Return the provider family a type name belongs to: its first word, as Terraform takes it."""
    found = facts.provider(type.partition("_")[0])
    return found.name if found else None


def _unknown_type(facts: Facts, name: str) -> Iterator[str]:
    managed = name.removeprefix("data.")
    provider = provider_of(facts, managed)
    if provider is None or facts.resource_type(provider, managed, data=name != managed) is None:
        yield f"type {name!r} is in no types table"


def _unknown_control_plane(facts: Facts, key: str | None) -> Iterator[str]:
    if key and key not in facts.table("control_planes").lines:
        yield f"control plane {key!r} is not in control_planes.csv"


def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _file(row: Row) -> str:
    return row.where.rpartition(":")[0]


_CHECKS: Final[dict[str, Check]] = {
    "sources": _source,
    "jurisdictions": _jurisdiction,
    "partitions": _partition,
    "regions": _region,
    "multi_regions": _multi_region,
    "providers": _provider,
    "provider_arguments": _argument,
    "control_planes": _control_plane,
    **dict.fromkeys(rows.TYPE_TABLES, _type),
    "types": _type,
    "conditions": _condition,
    "cross_region": _cross_region,
    "stateful": _stateful,
    "inert": _inert,
    **dict.fromkeys(rows.FORCE_NEW_TABLES, _force_new),
    "force_new": _force_new,
    "recomputed": _recomputed,
    "satellites": _satellite,
    "carriers": _carrier,
    "hosts": _host,
    "arn_services": _arn_service,
    "accounts": _account,
}
