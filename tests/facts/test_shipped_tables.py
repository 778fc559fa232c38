"""The shipped tables hold together and cover what they promise."""

import re
from pathlib import Path

import pytest

import scopegate_rules
from scopegate.errors import FactsError
from scopegate.facts.check import check_facts, problems
from scopegate.facts.facts import Facts
from scopegate.facts.load import load_facts
from scopegate.facts.model import TypeScope
from scopegate.facts.rows import COLUMNS, OWN_ONLY, TYPE_TABLES
from scopegate.facts.table import TableFile

FACTS = Path(scopegate_rules.__file__).parent / "facts"


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts()


def test_every_reference_of_the_shipped_tables_is_answered(facts: Facts) -> None:
    assert problems(facts) == ()


def test_a_check_of_all_tables_names_what_is_wrong() -> None:
    broken = Facts([TableFile("accounts.csv", "id,name,environment,provider,partition\n12,X,prod,aws,\n")])
    with pytest.raises(FactsError, match=r"^accounts.csv:2: '12' is no AWS account id"):
        check_facts(broken)


def test_every_shipped_file_is_a_table_and_every_table_is_shipped() -> None:
    assert {path.stem for path in FACTS.glob("*.csv")} == set(COLUMNS) - OWN_ONLY


def test_every_source_is_used(facts: Facts) -> None:
    used = {
        word
        for name in COLUMNS
        if "source" in COLUMNS[name]
        for row in facts.table(name).all_rows()
        for word in row.words("source")
    }
    assert set(facts.sources) == used


@pytest.mark.parametrize("table", ["types_aws", "types_azurerm", "types_azuread", "types_google"])
def test_every_type_of_the_big_providers_has_a_service_and_a_scope(facts: Facts, table: str) -> None:
    unknown = [
        row.text("type") for row in facts.table(table).all_rows() if row.text("scope") == TypeScope.UNKNOWN.value
    ]
    assert unknown == []


def test_what_cannot_be_computed_is_said_so(facts: Facts) -> None:
    unknown = {
        row.text("type")
        for table in TYPE_TABLES
        for row in facts.table(table).all_rows()
        if row.text("scope") == TypeScope.UNKNOWN.value
    }
    assert unknown == {"data.external", "data.local_command"}


def test_a_zonal_type_names_its_zone_and_a_regional_one_of_google_its_region(facts: Facts) -> None:
    """All but a Bigtable instance, which is where the zones of its clusters are."""
    rows = list(facts.table("types_google").all_rows())
    without = [
        row.text("type")
        for row in rows
        if row.text("scope") in ("zonal", "regional", "location") and not (row.words("zone") or row.words("region"))
    ]
    assert without == []


def test_parents_lead_to_a_place(facts: Facts) -> None:
    """No type inherits from itself through its parents without a way out."""
    parents = {
        row.text("type"): [parent for _, parent in row.pairs("parents")]
        for table in TYPE_TABLES
        for row in facts.table(table).all_rows()
        if row.text("scope") == TypeScope.INHERITS.value
    }
    circles = [name for name in parents if _returns(name, parents)]
    assert circles == []


def _returns(start: str, parents: dict[str, list[str]]) -> bool:
    seen, waiting = set[str](), list(parents[start])
    while waiting:
        name = waiting.pop()
        if name == start and len(parents[start]) == 1:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(parents.get(name, ()))
    return False


def test_each_region_of_aws_fits_the_pattern_of_its_partition_only(facts: Facts) -> None:
    patterns = {name: re.compile(found.region_regex or "$.") for name, found in facts.partitions("aws").items()}
    fitting = {
        region.id: [name for name, pattern in patterns.items() if pattern.search(region.id)]
        for region in facts.regions("aws").values()
    }
    assert fitting == {region.id: [region.partition] for region in facts.regions("aws").values()}


@pytest.mark.parametrize(
    ("cloud", "host", "captured"),
    [
        ("aws", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", {"acct": "123456789012", "region": "cn-north-1"}),
        ("aws", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", {"acct": "123456789012", "region": "eu-west-1"}),
        ("aws", "shop.abc.eu-central-1.rds.amazonaws.com", {"region": "eu-central-1"}),
        ("aws", "shop.abc.rds.cn-north-1.amazonaws.com.cn", {"region": "cn-north-1"}),
        ("aws", "my-lb-1.eu-west-3.elb.amazonaws.com", {"region": "eu-west-3"}),
        ("aws", "com.amazonaws.us-gov-west-1.s3", {"region": "us-gov-west-1", "service": "s3"}),
        ("azure", "shop.westeurope.cloudapp.azure.com", {"region": "westeurope"}),
        ("google", "europe-west1-docker.pkg.dev", {"region": "europe-west1"}),
    ],
)
def test_host_names_give_their_region_away(facts: Facts, cloud: str, host: str, captured: dict[str, str]) -> None:
    found = next((match for row in facts.hosts(cloud) if (match := re.search(row.pattern, host))), None)
    assert found is not None
    assert {name: value for name, value in found.groupdict().items() if value} == captured
